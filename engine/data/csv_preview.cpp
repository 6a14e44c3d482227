// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/data/csv_preview.h"

#include "engine/config/nearest_name.h"
#include "engine/data/csv_column.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <string_view>

namespace leyden {
namespace {

using Type = CsvColumnPreview::Type;

constexpr size_t most_classes = 20;
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
            add_value(counts, table.cell(row, column));
    preview.distinct = int64_t(counts.size());
    if (counts.size() <= most_classes && values.type == CsvColumn::Type::Text)
        preview.class_counts.assign(counts.begin(), counts.end());
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
    if (counts.size() <= most_classes && values.is_whole)
        for (const auto& [value, count] : counts)
            preview.class_counts.emplace_back(shortest_text(value), count);
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
    return preview;
}

} // namespace

CsvPreview csv_preview(const std::filesystem::path& file, int64_t rows)
{
    const auto table = CsvTable::read(file);
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
    const auto& columns = preview.columns;
    if (columns.empty())
        return {};
    const auto* target = &columns.back();
    if (lower_case(columns.front().name) == "y")
        target = &columns.front();
    for (const auto* name : {"target", "label", "class", "species"}) {
        const auto found = std::find_if(columns.begin(), columns.end(),
            [name](const auto& column) { return lower_case(column.name) == name; });
        if (found != columns.end()) {
            target = &*found;
            break;
        }
    }
    const auto is_class = target->type == Type::Text
        || (target->is_whole && target->distinct <= int64_t(most_classes));
    return {target->name, is_class ? "classification" : "regression"};
}

} // namespace leyden
