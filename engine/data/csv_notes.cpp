// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/data/csv_notes.h"

#include "engine/config/nearest_name.h"
#include "engine/data/csv_spelling.h"
#include "engine/data/csv_words.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <string_view>
#include <unordered_map>

namespace leyden {
namespace {

using Warn = std::function<void(const std::string&)>;

constexpr auto largest_square = 1.8e19; // whose square a float32 can hold

/// Bytes of a space at the start of `text`: those of Unicode and what shows as nothing as well.
size_t space_length(std::string_view text)
{
    constexpr std::array<std::string_view, 12> wide{"\xC2\xA0", "\xE2\x80\x87", "\xE2\x80\x89",
        "\xE2\x80\x8A", "\xE2\x80\x8B", "\xE2\x80\x8C", "\xE2\x80\x8D", "\xE2\x80\x8E",
        "\xE2\x80\xAF", "\xE2\x81\xA0", "\xE3\x80\x80", "\xEF\xBB\xBF"};
    if (text.front() == ' ' || (text.front() >= '\t' && text.front() <= '\r'))
        return 1;
    const auto found = static_cast<unsigned char>(text.front()) < 0xC2
        ? wide.end()
        : std::find_if(
              wide.begin(), wide.end(),
              [&](std::string_view space) { return text.starts_with(space); });
    return found == wide.end() ? 0 : found->size();
}

/// Without spaces at the ends, and with one where there are more.
std::string without_spare_spaces(std::string_view text)
{
    std::string result;
    for (size_t i = 0; i < text.size();) {
        const auto length = space_length(text.substr(i));
        if (length == 0)
            result += text[i];
        else if (!result.empty() && result.back() != ' ')
            result += ' ';
        i += std::max<size_t>(length, 1);
    }
    if (result.ends_with(' '))
        result.pop_back();
    return result;
}

/// In lower case, the letters of Latin-1 too.
std::string folded(const std::string& text)
{
    auto result = lower_case(text);
    for (size_t i = 0; i + 1 < result.size(); ++i) {
        const auto last = static_cast<unsigned char>(result[i + 1]);
        if (result[i] == '\xC3' && last >= 0x80 && last <= 0x9E && last != 0x97)
            result[i + 1] = char(last + 0x20);
    }
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
        const auto [first, is_new] = seen.emplace(plain.size() > 1 ? folded(plain) : plain, &text);
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
            + " is taken as a text like others; if it marks a missing value, add it to na_values "
              "(and see the option missing)");
}

/// "True" and "yes" in one column most likely mean the same.
void note_booleans(
    const std::string& column, const std::vector<std::string>& texts, const Warn& warn)
{
    const std::string* first = nullptr;
    auto pair = -1;
    for (const auto& text : texts) {
        const auto word = boolean_word(text);
        if (!word)
            return;
        if (first && word->pair != pair) {
            warn(column + ": " + shown_cell(*first) + " and " + shown_cell(text)
                + " are told apart; write them alike if they mean the same");
            return;
        }
        first = &text;
        pair = word->pair;
    }
}

void note_dates(const CsvTable& table, const CsvSource& source, const Warn& warn)
{
    const auto cell = table.cell(source.values.first_date, source.column);
    const auto* const kind = reads_like_time(cell) ? "time" : "date";
    warn(column_place(table, source.column) + " holds " + kind + "s such as " + shown_cell(cell)
        + "; each is taken as a category of its own, so a new " + kind
        + " tells the model nothing; write numbers instead ("
        + (reads_like_time(cell) ? "minutes, seconds" : "days, month, year")
        + "), or leave the column out with `features`");
}

void note_counted(const CsvTable& table, const CsvSource& source, const Warn& warn)
{
    if (const auto row = source.values.first_counted; row >= 0)
        warn(table.place(row, source.column) + ": " + shown_cell(table.cell(row, source.column))
            + " is taken as the name of a category; if its number matters, write the number alone, "
              "in the whole column");
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
    if (source.values.first_date >= 0)
        note_dates(table, source, warn);
    else if (are_about_as_many(feature.categories.size(), train_rows))
        warn(column + " holds " + std::to_string(feature.categories.size()) + " different texts in "
            + std::to_string(train_rows)
            + " training rows, and each is taken as a category of its own; leave names and "
              "identifiers out with `features`");
    note_counted(table, source, warn);
    note_twins(column, feature.categories, warn);
    note_booleans(column, feature.categories, warn);
    note_missing_marks(column, feature.categories, warn);
}

void note_huge(const CsvTable& table, const CsvSource& source, const Warn& warn)
{
    if (const auto row = source.values.first_huge; row >= 0)
        warn(table.place(row, source.column) + ": " + shown_cell(table.cell(row, source.column))
            + " is above 2^53, where numbers are rounded and neighbours become equal; if these are "
              "identifiers rather than quantities, leave the column out with `features`");
}

bool has_leading_zero(std::string_view cell)
{
    cell = trimmed_cell(cell);
    return cell.size() > 1 && cell[0] == '0' && cell[1] >= '0' && cell[1] <= '9';
}

/// "01234" is a code rather than a quantity.
void note_codes(
    const CsvTable& table, const CsvSource& source, const CsvRows& rows, const Warn& warn)
{
    constexpr size_t shortest = 4; // "05" may be a month
    const auto found = std::find_if(rows.begin(), rows.end(), [&](int64_t row) {
        const auto cell = trimmed_cell(table.cell(row, source.column));
        return cell.size() >= shortest && has_leading_zero(cell)
            && cell.find_first_not_of("0123456789") == std::string_view::npos;
    });
    if (source.values.is_whole && found != rows.end())
        warn(table.place(*found, source.column) + ": "
            + shown_cell(table.cell(*found, source.column))
            + " begins with 0 as codes do, and is taken as the number "
            + shortest_text(source.values.numbers[size_t(*found)])
            + "; if these are codes rather than quantities, write a letter in front, or leave the "
              "column out with `features`");
}

/// A mean in most rows is hardly what the column was made for.
void note_filled(
    const CsvTable& table, const CsvSource& source, const CsvSplit& split, const Warn& warn)
{
    const auto rows = split.train_rows();
    const auto missing = std::count_if(
        rows.begin(), rows.end(), [&](int64_t row) { return source.is_missing(row); });
    if (missing * 2 > int64_t(rows.size()))
        warn(column_place(table, source.column) + " lacks " + std::to_string(missing) + " of "
            + std::to_string(rows.size())
            + " values in the training rows, which missing = \"mean\" fills in; leave the column "
              "out with `features` if they mean something else");
}

/// Numbers whose squares a float32 cannot hold, in a column that is not scaled.
void note_large(
    const CsvTable& table, const CsvSource& source, const CsvSplit& split, const Warn& warn)
{
    for (const auto row : split.train_rows())
        if (std::abs(source.values.numbers[size_t(row)]) > largest_square) {
            warn(table.place(row, source.column) + ": the square of "
                + shown_cell(table.cell(row, source.column))
                + " is beyond float32, so that gradients become infinite; set standardize = true, "
                  "or give the column in a larger unit");
            return;
        }
}

std::string value_key(const CsvTable& table, std::string_view cell)
{
    return NumberKey::of(table.reader().plain(cell).value_or(std::string(cell))).text();
}

/// "7" and "007" are one class, which identifiers may not be meant to be.
void note_leading_zeros(
    const CsvTable& table, const CsvSource& target, const CsvSplit& split, const Warn& warn)
{
    std::unordered_map<std::string, std::string_view> padded; // by value
    for (const auto row : split.rows)
        if (const auto cell = table.cell(row, target.column); has_leading_zero(cell))
            padded.emplace(value_key(table, cell), cell);
    if (padded.empty())
        return;
    for (const auto row : split.rows) {
        const auto cell = table.cell(row, target.column);
        const auto found = padded.find(value_key(table, cell));
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
            note_counted(table, target, warn);
            note_twins(column, encoding.classes, warn);
            note_booleans(column, encoding.classes, warn);
            note_missing_marks(column, encoding.classes, warn);
        }
        return;
    }
    note_huge(table, target, warn);
    const auto train = split.train_rows();
    const auto first = train.empty() ? 0.0 : target.values.numbers[size_t(train.front())];
    const bool are_exact = target.values.first_huge < 0;
    if (are_exact && train.size() > 1 && std::all_of(train.begin(), train.end(), [&](int64_t row) {
            return target.values.numbers[size_t(row)] == first;
        }))
        warn(column + " holds " + shortest_text(first)
            + " in all training rows, so there is nothing to learn: is this the column to "
              "predict?");
    for (const auto row :
        options.standardize_target ? std::span<const int64_t>() : split.train_rows())
        if (std::abs(target.values.numbers[size_t(row)]) > largest_square) {
            warn(table.place(row, target.column) + ": the square of "
                + shown_cell(table.cell(row, target.column))
                + " is beyond float32, so a mean squared error becomes infinite; set "
                  "standardize_target = true, or give the column in a larger unit");
            return;
        }
}

bool holds_its_name(const CsvTable& table, size_t column)
{
    for (int64_t row = 0; row < table.rows(); ++row)
        if (trimmed_cell(table.cell(row, column)) == table.columns()[column])
            return true;
    return false;
}

/// Where a file has no line of names, its first row is taken for one. Whole numbers that grow may be
/// names: years and positions.
void note_header(const CsvTable& table, const std::vector<size_t>& numbers,
    const std::vector<size_t>& texts, const Warn& warn)
{
    auto are_whole_and_grow = true;
    auto before = -std::numeric_limits<double>::infinity();
    for (const auto column : numbers) {
        auto number = 0.0;
        if (table.reader().read(table.columns()[column], number) != CsvCell::Number)
            return;
        are_whole_and_grow = are_whole_and_grow && number == std::floor(number) && number > before;
        before = number;
    }
    if (numbers.empty() ? !std::all_of(texts.begin(), texts.end(),
                              [&](size_t column) { return holds_its_name(table, column); })
                        : are_whole_and_grow)
        return;
    const auto& shown = numbers.empty() ? texts : numbers;
    warn(table.name() + ": the first line names the columns, but reads like a row of values ("
        + shown_cell(table.columns()[shown.front()])
        + (shown.size() > 1 ? ", " + shown_cell(table.columns()[shown[1]]) : std::string())
        + "); if it is one, put a line of names above it");
}

} // namespace

void note_encoding(const CSVDataOptions& options, const CsvTable& table,
    const std::vector<CsvSource>& features, const CsvSource& target, const CsvEncoding& encoding,
    const CsvSplit& split, const Warn& warn)
{
    std::vector<size_t> numbers;
    std::vector<size_t> texts;
    const auto add = [&](const CsvSource& source) {
        (source.values.type == CsvColumn::Type::Number ? numbers : texts).push_back(source.column);
    };
    std::for_each(features.begin(), features.end(), add);
    add(target);
    std::sort(numbers.begin(), numbers.end());
    std::sort(texts.begin(), texts.end());
    note_header(table, numbers, texts, warn);
    for (size_t i = 0; i < features.size(); ++i) {
        const auto& source = features[i];
        if (encoding.features[i].is_text) {
            note_texts(table, source, encoding.features[i], split.train, warn);
            continue;
        }
        note_huge(table, source, warn);
        note_codes(table, source, split.rows, warn);
        note_filled(table, source, split, warn);
        if (!options.standardize)
            note_large(table, source, split, warn);
    }
    note_target(options, table, target, encoding, split, warn);
}

} // namespace leyden
