// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/data/csv_rows.h"

#include "engine/core/errors.h"
#include "engine/data/csv_spelling.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/ops/randperm.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace leyden {
namespace {

bool is_empty_row(const CsvTable& table, int64_t row)
{
    for (size_t column = 0; column < table.columns().size(); ++column)
        if (!trimmed_cell(table.cell(row, column)).empty())
            return false;
    return true;
}

[[noreturn]] void refuse_missing(
    const CSVDataOptions& options, const CsvTable& table, int64_t row, size_t column)
{
    if (is_empty_row(table, row))
        throw DataError(table.name() + ", line " + std::to_string(table.line(row))
            + ": the row holds no value at all; remove the line, or set missing = \"drop\"");
    if (options.missing == MissingValues::Error)
        throw DataError(table.place(row, column)
            + ": the value is missing; fill it in, or set missing = \"drop\" or \"mean\"");
    throw DataError(table.place(row, column)
        + ": the target is missing, and no mean can stand for it; set missing = \"drop\" "
          "or remove the row");
}

/// `missing = "drop" leaves out 40 of 120 rows, which lack "country" (38 rows), "age" (3 rows)`.
std::string dropped_rows(const CsvTable& table, const CsvRows& kept,
    const std::vector<std::pair<size_t, int64_t>>& lacking)
{
    const auto count
        = [](int64_t rows) { return std::to_string(rows) + (rows == 1 ? " row" : " rows"); };
    auto text = table.name() + ": missing = \"drop\" leaves out "
        + std::to_string(table.rows() - int64_t(kept.size())) + " of " + count(table.rows())
        + ", which lack ";
    constexpr size_t most = 10;
    for (size_t i = 0; i < std::min(lacking.size(), most); ++i)
        text += (i > 0 ? ", \"" : "\"") + table.columns()[lacking[i].first] + "\" ("
            + count(lacking[i].second) + ")";
    if (lacking.size() > most)
        text += " and " + std::to_string(lacking.size() - most) + " columns more";
    return text;
}

} // namespace

CsvRows usable_rows(const CSVDataOptions& options, const CsvTable& table,
    const std::vector<CsvSource>& features, const CsvSource* target,
    const std::function<void(const std::string&)>& warn)
{
    std::vector<const CsvSource*> needed;
    if (target && target->values.missing > 0)
        needed.push_back(target);
    if (options.missing != MissingValues::Mean)
        for (const auto& source : features)
            if (source.values.missing > 0)
                needed.push_back(&source);
    std::vector<int64_t> lacking(needed.size());
    CsvRows rows;
    for (int64_t row = 0; row < table.rows(); ++row) {
        bool is_kept = true;
        for (size_t i = 0; i < needed.size(); ++i) {
            if (!needed[i]->is_missing(row))
                continue;
            if (options.missing != MissingValues::Drop)
                refuse_missing(options, table, row, needed[i]->column);
            is_kept = false;
            ++lacking[i];
        }
        if (is_kept)
            rows.push_back(row);
    }
    if (rows.empty())
        throw DataError(table.name()
            + ": every row lacks a value, so missing = \"drop\" leaves none; "
              "leave the emptiest columns out with `features`");
    if (int64_t(rows.size()) < table.rows()) {
        std::vector<std::pair<size_t, int64_t>> columns;
        for (size_t i = 0; i < needed.size(); ++i)
            columns.emplace_back(needed[i]->column, lacking[i]);
        std::stable_sort(columns.begin(), columns.end(),
            [](const auto& one, const auto& other) { return one.second > other.second; });
        warn(dropped_rows(table, rows, columns));
    }
    return rows;
}

CsvSplit split_rows(const CSVDataOptions& options, const std::string& file, CsvRows rows)
{
    const auto count = int64_t(rows.size());
    const auto val_rows = options.val_rows.value_or(0);
    const auto test_rows = options.test_rows.value_or(0);
    if (val_rows >= count || test_rows >= count || val_rows + test_rows >= count)
        throw DataError(file + ": " + std::to_string(count)
            + " rows leave none for training after val_rows = " + std::to_string(val_rows)
            + " and test_rows = " + std::to_string(test_rows) + "; lower them");
    CsvSplit split{std::move(rows), count - val_rows - test_rows, val_rows, test_rows};
    const auto val_fraction = options.val_fraction.value_or(options.val_rows ? 0.0 : 0.2);
    const auto test_fraction = options.test_fraction.value_or(0.0);
    if (val_fraction == 0.0 && test_fraction == 0.0)
        return split;

    const auto drawn = split.train;
    auto generator = at::make_generator<at::CPUGeneratorImpl>(uint64_t(options.split_seed));
    const auto order = at::randperm(drawn, generator, at::kLong);
    const CsvRows before(split.rows.begin(), split.rows.begin() + drawn);
    for (int64_t i = 0; i < drawn; ++i)
        split.rows[size_t(i)] = before[size_t(order.const_data_ptr<int64_t>()[i])];
    const auto drawn_val = int64_t(std::floor(double(drawn) * val_fraction));
    const auto drawn_test = int64_t(std::floor(double(drawn) * test_fraction));
    split.val += drawn_val;
    split.test += drawn_test;
    split.train -= drawn_val + drawn_test;
    return split;
}

} // namespace leyden
