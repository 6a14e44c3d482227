// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/data/csv_preview.h"

#include "engine/config/nearest_name.h"
#include "engine/data/csv_auto_format.h"
#include "engine/data/csv_column.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <string_view>

namespace leyden {
namespace {

using Type = CsvColumnPreview::Type;

constexpr size_t most_counted = 1001;

template <class Value> void add_value(std::map<Value, int64_t>& counts, const Value& value)
{
    const auto found = counts.find(value);
    if (found != counts.end())
        ++found->second;
    else if (counts.size() < most_counted)
        counts.emplace(value, 1);
}

void describe_texts(
    const CsvTable& table, size_t column, const CsvColumn& values, CsvColumnPreview& preview)
{
    std::map<std::string_view, int64_t> counts;
    for (int64_t row = 0; row < table.rows(); ++row)
        if (values.cells[size_t(row)] != CsvCell::Missing)
            add_value(counts, category_of(values, table.cell(row, column)));
    preview.distinct = int64_t(counts.size());
}

void describe_numbers(const CsvColumn& values, CsvColumnPreview& preview)
{
    std::map<double, int64_t> counts;
    auto has_number = false;
    for (const auto number : values.numbers) {
        if (std::isnan(number))
            continue;
        add_value(counts, number);
        preview.min = has_number ? std::min(preview.min, number) : number;
        preview.max = has_number ? std::max(preview.max, number) : number;
        has_number = true;
    }
    preview.distinct = int64_t(counts.size());
    preview.is_whole = values.is_whole;
    preview.is_huge = values.first_huge >= 0;
    const auto& numbers = values.numbers;
    preview.counts_up = values.is_whole && numbers.size() > 2
        && std::adjacent_find(numbers.begin(), numbers.end(),
               [](double one, double next) { return !(next == one + 1); })
            == numbers.end();
}

/// Of few texts or whole numbers.
void describe_classes(
    const CsvTable& table, size_t column, const CsvColumn& values, CsvColumnPreview& preview)
{
    std::vector<int64_t> rows(size_t(table.rows()));
    std::iota(rows.begin(), rows.end(), 0);
    const auto classes = count_classes(table, column, values, rows);
    preview.distinct
        = std::min(int64_t(classes.size()), int64_t(most_counted)); // exact for identifiers
    if (int64_t(classes.size()) <= most_csv_classes)
        for (const auto& found : classes)
            preview.class_counts.emplace_back(found.name, found.rows);
}

CsvColumnPreview describe_column(const CsvTable& table, size_t column)
{
    CsvColumnPreview preview;
    const auto values = read_column(table, column);
    preview.name = table.columns()[column];
    preview.missing = values.missing;
    if (values.missing == table.rows())
        preview.type = Type::Empty;
    else if (values.type != CsvColumn::Type::Number)
        preview.type = values.type == CsvColumn::Type::Text ? Type::Text : Type::Mixed;
    if (values.type == CsvColumn::Type::Number)
        describe_numbers(values, preview);
    else
        describe_texts(table, column, values, preview);
    if (preview.distinct <= most_csv_classes
        && (values.type == CsvColumn::Type::Text || values.is_whole))
        describe_classes(table, column, values, preview);
    preview.name_problem = table.name_problem(column);
    preview.is_date = values.first_date >= 0;
    preview.is_spelled = values.is_spelled;
    if (values.type == CsvColumn::Type::Mixed && values.first_bad >= 0) {
        preview.spelled = table.cell(values.first_bad, column);
        preview.spelled_line = table.line(values.first_bad);
    }
    return preview;
}

} // namespace

CsvPreview csv_preview(const std::filesystem::path& file, int64_t rows)
{
    CSVDataOptions options;
    options.path = file.string();
    return csv_preview(options, rows);
}

CsvPreview csv_preview(const CSVDataOptions& options, int64_t rows)
{
    return csv_preview(read_csv(options), rows);
}

CsvPreview csv_preview(const CsvTable& table, int64_t rows)
{
    CsvPreview preview;
    preview.row_count = table.rows();
    for (size_t column = 0; column < table.columns().size(); ++column)
        preview.columns.push_back(describe_column(table, column));
    for (int64_t row = 0; row < std::min(rows, table.rows()); ++row) {
        auto& cells = preview.rows.emplace_back();
        for (size_t column = 0; column < table.columns().size(); ++column)
            cells.emplace_back(table.cell(row, column));
    }
    return preview;
}

CsvTargetGuess guess_target(const CsvPreview& preview)
{
    std::vector<CsvColumnPreview> columns; // that can be told by their names
    for (const auto& column : preview.columns)
        if (column.name_problem.empty())
            columns.push_back(column);
    if (columns.empty())
        return {};
    const auto* target = &columns.back();
    std::string reason = "the last column";
    if (lower_case(columns.front().name) == "y") {
        target = &columns.front();
        reason = "the first column, by its name";
    }
    for (const auto* name : {"target", "label", "class", "species", "outcome", "response",
             "diagnosis", "survived", "price"}) {
        const auto found = std::find_if(columns.begin(), columns.end(),
            [name](const auto& column) { return lower_case(column.name) == name; });
        if (found != columns.end()) {
            target = &*found;
            reason = "by its name";
            break;
        }
    }
    const auto is_class
        = target->type == Type::Text || (target->is_whole && target->distinct <= most_csv_classes);
    return {target->name, is_class ? "classification" : "regression", reason};
}

} // namespace leyden
