// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/data/csv_notes.h"

#include "engine/config/nearest_name.h"
#include "engine/data/csv_spelling.h"

#include <algorithm>
#include <cmath>
#include <string_view>
#include <unordered_map>

namespace leyden {
namespace {

using Warn = std::function<void(const std::string&)>;

/// Without spaces at the ends, and with one where there are more; a no-break space is one as well.
std::string without_spare_spaces(std::string_view text)
{
    std::string result;
    for (size_t i = 0; i < text.size(); ++i) {
        const bool is_wide = text.substr(i, 2) == "\xC2\xA0";
        if (!is_wide && text[i] != ' ' && text[i] != '\t')
            result += text[i];
        else if (!result.empty() && result.back() != ' ')
            result += ' ';
        i += is_wide ? 1 : 0;
    }
    if (result.ends_with(' '))
        result.pop_back();
    return result;
}

/// Warns once a column of texts that most likely are one.
void note_twins(const std::string& column, const std::vector<std::string>& texts, const Warn& warn)
{
    std::unordered_map<std::string, const std::string*> seen;
    const std::string* twins[2] = {};
    int64_t pairs = 0;
    for (const auto& text : texts) {
        const auto plain = without_spare_spaces(text);
        // Single letters may well mean two things in two cases.
        const auto [first, is_new]
            = seen.emplace(plain.size() > 1 ? lower_case(plain) : plain, &text);
        if (!is_new && pairs++ == 0) {
            twins[0] = first->second;
            twins[1] = &text;
        }
    }
    if (pairs == 0)
        return;
    const bool by_spaces = without_spare_spaces(*twins[0]) == without_spare_spaces(*twins[1]);
    warn(column + ": " + shown_cell(*twins[0]) + " and " + shown_cell(*twins[1])
        + " are told apart, but differ only in " + (by_spaces ? "spaces" : "upper and lower case")
        + (pairs > 1 ? ", as " + std::to_string(pairs - 1) + " more do" : std::string())
        + "; write them alike if they mean the same");
}

void note_missing_marks(
    const std::string& column, const std::vector<std::string>& texts, const Warn& warn)
{
    const auto found = std::find_if(texts.begin(), texts.end(),
        [](const std::string& text) { return is_missing_mark(text, true); });
    if (found != texts.end())
        warn(column + ": " + shown_cell(*found)
            + " is taken as a text like others; if it marks a missing value, empty those cells "
              "(and see the option missing)");
}

bool are_about_as_many(size_t texts, int64_t rows)
{
    constexpr int64_t fewest = 10; // rows; of fewer nothing can be told
    return rows >= fewest && int64_t(texts) * 2 > rows;
}

void note_texts(const CsvTable& table, const CsvSource& source, const CsvFeature& feature,
    int64_t train_rows, const Warn& warn)
{
    const auto column = column_place(table, source.column);
    if (const auto row = source.values.first_date; row >= 0)
        warn(column + " holds dates such as " + shown_cell(table.cell(row, source.column))
            + "; each is taken as a category of its own, so a new date tells the model nothing; "
              "write numbers instead (days, month, year), or leave the column out with `features`");
    else if (are_about_as_many(feature.categories.size(), train_rows))
        warn(column + " holds " + std::to_string(feature.categories.size()) + " different texts in "
            + std::to_string(train_rows)
            + " training rows, and each is taken as a category of its own; leave names and "
              "identifiers out with `features`");
    note_twins(column, feature.categories, warn);
    note_missing_marks(column, feature.categories, warn);
}

void note_huge(const CsvTable& table, const CsvSource& source, const Warn& warn)
{
    if (const auto row = source.values.first_huge; row >= 0)
        warn(table.place(row, source.column) + ": " + shown_cell(table.cell(row, source.column))
            + " is above 2^53, where numbers are rounded and neighbours become equal; if these are "
              "identifiers rather than quantities, leave the column out with `features`");
}

/// "7" and "007" are one class, which identifiers may not be meant to be.
void note_leading_zeros(
    const CsvTable& table, const CsvSource& target, const CsvSplit& split, const Warn& warn)
{
    const auto has_zeros = [](std::string_view cell) {
        cell = trimmed_cell(cell);
        return cell.size() > 1 && cell[0] == '0' && cell[1] >= '0' && cell[1] <= '9';
    };
    std::unordered_map<std::string, std::string_view> padded; // by value
    for (const auto row : split.rows)
        if (const auto cell = table.cell(row, target.column); has_zeros(cell))
            padded.emplace(NumberKey::of(cell).text(), cell);
    if (padded.empty())
        return;
    for (const auto row : split.rows) {
        const auto cell = table.cell(row, target.column);
        const auto found = padded.find(NumberKey::of(cell).text());
        if (found == padded.end() || trimmed_cell(found->second) == trimmed_cell(cell))
            continue;
        warn(column_place(table, target.column) + ": " + shown_cell(found->second) + " and "
            + shown_cell(cell)
            + " are the same number, and so the same class; write them differently, for "
              "instance with a letter in front, if they are not");
        return;
    }
}

void note_target(const CSVDataOptions& options, const CsvTable& table, const CsvSource& target,
    const CsvEncoding& encoding, const CsvSplit& split, const Warn& warn)
{
    const auto column = column_place(table, target.column);
    if (encoding.task == Task::Classification) {
        if (are_about_as_many(encoding.classes.size(), int64_t(split.rows.size())))
            warn(column + " holds " + std::to_string(encoding.classes.size())
                + " different classes in " + std::to_string(split.rows.size())
                + " rows, so most of them come up once; a class has to come up more often to be "
                  "learned: is this the column to predict?");
        if (encoding.has_number_classes) {
            note_leading_zeros(table, target, split, warn);
        } else {
            note_twins(column, encoding.classes, warn);
            note_missing_marks(column, encoding.classes, warn);
        }
        return;
    }
    note_huge(table, target, warn);
    constexpr auto largest = 1.8e19; // whose square a float32 can hold
    for (const auto row :
        options.standardize_target ? std::span<const int64_t>() : split.train_rows())
        if (std::abs(target.values.numbers[size_t(row)]) > largest) {
            warn(table.place(row, target.column) + ": the square of "
                + shown_cell(table.cell(row, target.column))
                + " is beyond float32, so a mean squared error becomes infinite; set "
                  "standardize_target = true, or give the column in a larger unit");
            return;
        }
}

} // namespace

void note_encoding(const CSVDataOptions& options, const CsvTable& table,
    const std::vector<CsvSource>& features, const CsvSource& target, const CsvEncoding& encoding,
    const CsvSplit& split, const Warn& warn)
{
    for (size_t i = 0; i < features.size(); ++i) {
        if (encoding.features[i].is_text)
            note_texts(table, features[i], encoding.features[i], split.train, warn);
        else
            note_huge(table, features[i], warn);
    }
    note_target(options, table, target, encoding, split, warn);
}

} // namespace leyden
