// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/data/csv_missing_words.h"

#include "engine/core/number_text.h"
#include "engine/data/csv_column.h"
#include "engine/data/csv_spelling.h"
#include "engine/data/csv_words.h"

#include <algorithm>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace leyden {
namespace {

/// The distinct texts of a column, as they come, with their cells.
using CountedTexts = std::vector<std::pair<std::string_view, int64_t>>;

CountedTexts texts_of(const CsvTable& table, size_t column, const CsvColumn& values)
{
    CountedTexts texts;
    std::unordered_map<std::string_view, size_t> places;
    for (int64_t row = 0; row < table.rows(); ++row) {
        if (values.cells[size_t(row)] != CsvCell::Text)
            continue;
        const auto cell = trimmed_cell(table.cell(row, column));
        const auto [place, is_new] = places.emplace(cell, texts.size());
        if (is_new)
            texts.emplace_back(cell, 0);
        ++texts[place->second].second;
    }
    return texts;
}

bool may_mark(std::string_view text, int64_t cells)
{
    constexpr size_t longest = 20;
    return cells > 1 && !text.empty() && text.size() <= longest
        && text.find_first_of("0123456789") == std::string_view::npos && !boolean_word(text);
}

CountedTexts words_of_column(const CsvTable& table, size_t column)
{
    const auto values = read_column(table, column);
    if (values.type == CsvColumn::Type::Number)
        return {};
    const auto texts = texts_of(table, column, values);
    auto numbers = int64_t(std::count(values.cells.begin(), values.cells.end(), CsvCell::Number));
    int64_t others = 0;
    CountedTexts marks;
    CountedTexts certain;
    CountedTexts repeated;
    for (const auto& [text, cells] : texts) {
        if (is_missing_mark(text)) {
            marks.emplace_back(text, cells);
            if (is_missing_mark(text, true))
                certain.emplace_back(text, cells);
        } else if (spelled_number(text)) {
            numbers += cells;
        } else {
            others += cells;
            if (may_mark(text, cells))
                repeated.emplace_back(text, cells);
        }
    }
    if (numbers <= others)
        return certain;
    constexpr size_t most = 3;
    if (repeated.size() <= most)
        marks.insert(marks.end(), repeated.begin(), repeated.end());
    return marks;
}

} // namespace

std::vector<CsvMissingWord> find_missing_words(const CsvTable& table)
{
    std::vector<CsvMissingWord> words;
    for (size_t column = 0; column < table.columns().size(); ++column)
        for (const auto& [text, cells] : words_of_column(table, column)) {
            const auto found = std::find_if(words.begin(), words.end(),
                [&, word = text](const CsvMissingWord& known) { return known.word == word; });
            if (found != words.end())
                found->cells += cells;
            else
                words.push_back({std::string(text), table.columns()[column], cells});
        }
    return words;
}

std::string na_values_text(const CsvTable& table, const std::vector<CsvMissingWord>& words)
{
    std::string text = "[";
    for (const auto& value : table.format().na_values)
        text += (text.size() > 1 ? ", " : "") + json_quoted(value);
    for (const auto& found : words)
        text += (text.size() > 1 ? ", " : "") + json_quoted(found.word);
    return text + "]";
}

} // namespace leyden
