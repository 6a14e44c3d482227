// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/data/csv_guess.h"

#include "engine/config/nearest_name.h"
#include "engine/core/errors.h"
#include "engine/data/csv_auto_format.h"
#include "engine/data/csv_encoding.h"

#include <algorithm>
#include <array>
#include <utility>

namespace leyden {
namespace {

using Type = CsvColumnPreview::Type;

constexpr int64_t fewest_rows = 10; // below, a validation part of 0.2 is empty or shows nothing

/// "PassengerId", "Kunden-Nr", "id": what identifiers are called.
bool is_identifier_name(const std::string& name)
{
    constexpr std::array<std::string_view, 14> words{"id", "ids", "idx", "index", "row", "rownames",
        "rownum", "rowid", "nr", "no", "num", "key", "uuid", "guid"};
    std::vector<std::string> parts(1);
    for (size_t i = 0; i < name.size(); ++i) {
        const auto c = name[i];
        const bool is_upper = c >= 'A' && c <= 'Z';
        const bool is_letter = is_upper || (c >= 'a' && c <= 'z') || (c & 0x80) != 0;
        const bool follows_lower = i > 0 && name[i - 1] >= 'a' && name[i - 1] <= 'z';
        if ((!is_letter || (is_upper && follows_lower)) && !parts.back().empty())
            parts.emplace_back();
        if (is_letter)
            parts.back() += c;
    }
    if (parts.size() > 1 && parts.back().empty())
        parts.pop_back();
    const auto is_word = [&](const std::string& part) {
        return std::find(words.begin(), words.end(), lower_case(part)) != words.end();
    };
    return is_word(parts.front()) || is_word(parts.back())
        || lower_case(name).starts_with("unnamed:");
}

CsvLeftOut why_left_out(const CsvColumnPreview& column, int64_t rows)
{
    constexpr int64_t few_rows = 20;
    if (column.name.empty())
        return CsvLeftOut::NoName;
    if (!column.name_problem.empty())
        return CsvLeftOut::RepeatedName;
    const auto filled = rows - column.missing;
    const auto is_unique
        = column.distinct == filled || column.distinct > int64_t(max_csv_categories);
    switch (column.type) {
    case Type::Empty:
        return CsvLeftOut::Empty;
    case Type::Mixed:
        return CsvLeftOut::NotNumbers;
    case Type::Text:
        if (column.is_date && column.distinct > most_csv_classes)
            return CsvLeftOut::Dates;
        if (column.distinct > int64_t(max_csv_categories))
            return CsvLeftOut::ManyTexts;
        if (rows <= few_rows)
            return CsvLeftOut::No;
        return is_unique                   ? CsvLeftOut::NamesRows
            : column.distinct * 2 > filled ? CsvLeftOut::NamesMost
                                           : CsvLeftOut::No;
    case Type::Number:
        break;
    }
    constexpr auto first_year = 1000.0;
    constexpr auto last_year = 2200.0;
    const bool are_years = column.min >= first_year && column.max <= last_year; // as series have
    const bool has_identifier_name = is_identifier_name(column.name);
    const bool is_identifier = (column.counts_up && (!are_years || has_identifier_name))
        || (is_unique && (column.is_huge || has_identifier_name));
    return column.is_whole && is_identifier ? CsvLeftOut::NumbersRows : CsvLeftOut::No;
}

size_t place_of(const CsvGuess& guess, const std::string& column)
{
    const auto& columns = guess.preview.columns;
    return size_t(std::find_if(columns.begin(), columns.end(), [&](const auto& one) {
        return one.name == column;
    }) - columns.begin());
}

bool lacks_values(const CsvGuess& guess, const std::string& column)
{
    const auto place = place_of(guess, column);
    return place < guess.lacks.size() && !guess.lacks[place].empty();
}

/// Rows that have a value in all of these columns.
int64_t whole_rows(const CsvGuess& guess, const std::vector<std::string>& columns)
{
    std::vector<const std::vector<bool>*> lacks;
    for (const auto& column : columns)
        if (lacks_values(guess, column))
            lacks.push_back(&guess.lacks[place_of(guess, column)]);
    int64_t whole = 0;
    for (int64_t row = 0; row < guess.preview.row_count; ++row)
        whole += std::none_of(lacks.begin(), lacks.end(),
                     [&](const auto* column) { return (*column)[size_t(row)]; })
            ? 1
            : 0;
    return whole;
}

/// Where rows without a target go, those without a feature go too: leaves out the emptiest features
/// until most rows stay.
void spare_rows(CsvGuess& guess)
{
    const auto with_target = whole_rows(guess, {guess.target});
    auto columns = guess.features;
    columns.push_back(guess.target);
    while (whole_rows(guess, columns) * 5 < with_target * 4) {
        const auto emptiest = std::max_element(guess.features.begin(), guess.features.end(),
            [&](const std::string& one, const std::string& other) {
                const auto& all = guess.preview.columns;
                return all[place_of(guess, one)].missing < all[place_of(guess, other)].missing;
            });
        if (emptiest == guess.features.end() || !lacks_values(guess, *emptiest))
            return;
        guess.lacking.push_back(*emptiest);
        guess.features.erase(emptiest);
        columns = guess.features;
        columns.push_back(guess.target);
    }
}

/// The guess of guess_target(), if it can be learned; else the last column that can.
CsvTargetGuess usable_target(const CsvGuess& guess)
{
    auto found = guess_target(guess.preview);
    const auto place = place_of(guess, found.target);
    if (place == guess.left_out.size())
        return found;
    const auto varies = [&](size_t column) { return guess.preview.columns[column].distinct > 1; };
    const auto why = guess.left_out[place];
    const bool is_named = found.reason.find("name") != std::string::npos; // an identifier's may be
    if (varies(place)
        && (why == CsvLeftOut::No
            || (is_named && why != CsvLeftOut::Empty && why != CsvLeftOut::NotNumbers)))
        return found;
    for (auto column = guess.left_out.size(); column-- > 0;)
        if (guess.left_out[column] == CsvLeftOut::No && varies(column))
            return {
                guess.preview.columns[column].name, {}, "the last column that can be predicted"};
    return found;
}

CSVDataOptions reading_options(const CsvGuessRequest& request)
{
    CSVDataOptions options;
    options.path = request.path;
    options.sep = request.sep;
    options.decimal = request.decimal;
    options.thousands = request.thousands;
    options.encoding = request.encoding;
    if (request.na_values)
        options.na_values = *request.na_values;
    return options;
}

void refuse_useless(const CsvTable& table)
{
    if (table.columns().size() < 2)
        throw DataError(table.name()
            + " has a single column; to learn from it, it needs a target and at least one column "
              "to predict it from"
            + (table.separators_in_header().empty()
                    ? ""
                    : "; its header holds " + table.separators_in_header()
                        + ", which may be meant to separate columns: name that sign by sep in a "
                          "config, or save the table with commas"));
    if (table.rows() < fewest_rows)
        throw DataError(table.name() + " has " + std::to_string(table.rows())
            + (table.rows() == 1 ? " row" : " rows") + "; to train and validate, give it at least "
            + std::to_string(fewest_rows));
}

std::string first_comma_number(const CsvTable& table)
{
    auto number = 0.0;
    for (int64_t row = 0; table.format().decimal == ',' && row < table.rows(); ++row)
        for (size_t column = 0; column < table.columns().size(); ++column)
            if (const auto cell = table.cell(row, column); cell.find(',') != std::string_view::npos
                && table.reader().read(cell, number) == CsvCell::Number)
                return std::string(cell);
    return {};
}

} // namespace

std::string text_of(CsvLeftOut why)
{
    switch (why) {
    case CsvLeftOut::No:
        break;
    case CsvLeftOut::NoName:
        return "has no name";
    case CsvLeftOut::RepeatedName:
        return "shares its name with another column";
    case CsvLeftOut::Empty:
        return "has no values";
    case CsvLeftOut::NotNumbers:
        return "mixes numbers and text, or writes numbers as text";
    case CsvLeftOut::ManyTexts:
        return "has over 1,000 different texts";
    case CsvLeftOut::NamesRows:
        return "names each row";
    case CsvLeftOut::NamesMost:
        return "has a text of its own in most rows";
    case CsvLeftOut::Dates:
        return "holds dates or times";
    case CsvLeftOut::NumbersRows:
        return "numbers the rows";
    case CsvLeftOut::Lacking:
        return "lacks values, and rows without a target are dropped with those that lack one";
    }
    return {};
}

CsvGuess guess_csv(const CsvGuessRequest& request, int64_t shown_rows)
{
    auto table = read_csv(reading_options(request));
    refuse_useless(table);
    CsvGuess guess;
    if (!request.na_values) {
        guess.words = find_missing_words(table);
        auto values = table.format().na_values;
        for (const auto& found : guess.words)
            values.push_back(found.word);
        table.set_na_values(std::move(values));
    }
    guess.format = table.format();
    guess.comma_number = first_comma_number(table);
    guess.preview = csv_preview(table, shown_rows);
    const CsvCellReader& reader = table.reader();
    for (size_t column = 0; column < table.columns().size(); ++column) {
        const auto& one = guess.preview.columns[column];
        guess.left_out.push_back(why_left_out(one, table.rows()));
        auto& lacks = guess.lacks.emplace_back();
        for (int64_t row = 0; one.missing > 0 && row < table.rows(); ++row)
            lacks.push_back(reader.is_missing(table.cell(row, column)));
    }
    const auto target = request.target.empty() ? usable_target(guess)
                                               : CsvTargetGuess{request.target, {}, "as given"};
    guess.target_reason = target.reason;
    if (!request.target.empty() && !table.find(request.target)) {
        std::string names;
        for (const auto& name : table.columns())
            names += (names.empty() ? "\"" : ", \"") + name + "\"";
        throw MisconfigurationError("target \"" + request.target + "\": " + table.name()
            + " has no such column" + did_you_mean(request.target, table.columns())
            + "; its columns are " + names);
    }
    choose_csv_target(guess, target.target);
    return guess;
}

int64_t CsvGuess::used_rows() const
{
    auto columns = features;
    columns.push_back(target);
    return missing == MissingValues::Drop ? whole_rows(*this, columns) : preview.row_count;
}

void choose_csv_target(CsvGuess& guess, const std::string& target)
{
    guess.target = target;
    guess.features.clear();
    guess.lacking.clear();
    const auto& columns = guess.preview.columns;
    for (size_t i = 0; i < columns.size(); ++i)
        if (guess.left_out[i] == CsvLeftOut::No && columns[i].name != target)
            guess.features.push_back(columns[i].name);
    for (size_t i = 0; guess.features.empty() && i < columns.size(); ++i)
        if (guess.left_out[i] == CsvLeftOut::NumbersRows && columns[i].name != target)
            guess.features.push_back(columns[i].name); // there is nothing better
    const auto place = place_of(guess, target);
    guess.is_classification = place < columns.size()
        && (columns[place].type == Type::Text
            || ((columns[place].is_whole || columns[place].is_spelled)
                && columns[place].distinct <= most_csv_classes));
    if (lacks_values(guess, target))
        spare_rows(guess);
    guess.missing = missing_for(guess, target, guess.features);
}

MissingValues missing_for(
    const CsvGuess& guess, const std::string& target, const std::vector<std::string>& features)
{
    if (lacks_values(guess, target)) // a mean can stand for a feature, never for a target
        return MissingValues::Drop;
    const bool is_any_lacking = std::any_of(features.begin(), features.end(),
        [&](const std::string& feature) { return lacks_values(guess, feature); });
    return is_any_lacking ? MissingValues::Mean : MissingValues::Error;
}

} // namespace leyden
