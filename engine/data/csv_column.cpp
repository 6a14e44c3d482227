// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/data/csv_column.h"

#include "engine/data/csv_missing_words.h"
#include "engine/data/csv_spelling.h"
#include "engine/data/csv_words.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <map>
#include <unordered_map>
#include <unordered_set>
#include <utility>

namespace leyden {
namespace {

/// A whole number written with digits alone, and above what every double up to it can hold.
bool is_huge(const CsvTable& table, std::string_view cell, double number)
{
    constexpr auto largest_exact = 9007199254740992.0; // 2^53
    if (std::abs(number) < largest_exact)
        return false;
    const auto plain = table.reader().plain(cell).value_or(std::string());
    return plain.find_first_not_of("+-0123456789") == std::string::npos
        && (std::abs(number) > largest_exact || NumberKey::of(plain).digits != "9007199254740992");
}

/// A number as tables write it usually, which this one does not.
bool is_usual_number(std::string_view cell)
{
    auto number = 0.0;
    return read_cell(cell, number) == CsvCell::Number;
}

/// Cells that may be numbers or the names of categories, by what is written beside the number.
class DoubtfulNumbers
{
public:
    void add(int64_t row, const std::string& beside, std::string_view number)
    {
        constexpr size_t most = 100; // kinds; house numbers with streets have one each
        if (kinds_.size() >= most && !kinds_.contains(beside))
            return;
        auto& kind = kinds_[beside];
        if (kind.count++ == 0)
            kind.first = row;
        kind.has_fraction
            = kind.has_fraction || number.find_first_of(".,") != std::string_view::npos;
        if (kind.distinct.size() <= size_t(most_csv_classes))
            kind.distinct.insert(number);
    }

    /// Adds up those that are numbers; the first row of others that are most of `texts`.
    int64_t numbers(bool has_numbers) const
    {
        int64_t sum = 0;
        for (const auto& [beside, kind] : kinds_)
            if (is_number(beside, kind, has_numbers))
                sum += kind.count;
        return sum;
    }
    int64_t first_of_most(int64_t texts) const
    {
        for (const auto& [beside, kind] : kinds_)
            if (kind.count * 2 > texts && kind.distinct.size() > 2)
                return kind.first;
        return -1;
    }

    static constexpr auto bound = "<";

private:
    struct Kind
    {
        int64_t count = 0;
        int64_t first = -1;
        bool has_fraction = false;
        std::unordered_set<std::string_view> distinct;
    };

    static bool is_number(const std::string& beside, const Kind& kind, bool has_numbers)
    {
        return kind.distinct.size() > size_t(most_csv_classes)
            || (kind.has_fraction && kind.distinct.size() > 2) || (beside == bound && has_numbers);
    }

    std::map<std::string, Kind> kinds_;
};

/// "1.2M" and "350K" are alike.
std::string beside_number(const NumberWithText& found)
{
    constexpr std::string_view scales = "KkMmBb";
    return std::string(found.text.size() == 1 && scales.find(found.text) != std::string_view::npos
            ? "K"
            : found.text);
}

/// What the texts of a column seem to be.
struct TextKinds
{
    int64_t texts = 0;
    int64_t spelled = 0;
    int64_t marks = 0;
    int64_t dates = 0;
    int64_t first_date = -1;
    DoubtfulNumbers doubtful;
};

TextKinds kinds_of_texts(const CsvTable& table, size_t column, const CsvColumn& values)
{
    TextKinds kinds;
    for (int64_t row = 0; row < table.rows(); ++row) {
        if (values.cells[size_t(row)] != CsvCell::Text)
            continue;
        const auto cell = table.cell(row, column);
        ++kinds.texts;
        if (is_usual_number(cell)) { // "2.5" where decimal is a comma
            ++kinds.spelled;
        } else if (const auto number = spelled_number(cell)) {
            if (number->is_bound)
                kinds.doubtful.add(row, DoubtfulNumbers::bound, cell);
            else
                ++kinds.spelled;
        } else if (is_missing_mark(cell)) {
            ++kinds.marks;
        } else if (reads_like_date(cell) || reads_like_time(cell)) {
            if (kinds.dates++ == 0)
                kinds.first_date = row;
        } else if (const auto counted = number_with_text(cell)) {
            kinds.doubtful.add(row, beside_number(*counted), counted->number);
        }
    }
    return kinds;
}

/// Whether the texts are True and False in any spelling, and nothing else; notes whether one is
/// spelled in two ways.
bool are_booleans(const CsvTable& table, size_t column, CsvColumn& values)
{
    std::string_view spellings[2]; // of False and True
    auto is_mixed = false;
    for (int64_t row = 0; row < table.rows(); ++row) {
        if (values.cells[size_t(row)] != CsvCell::Text)
            continue;
        const auto cell = table.cell(row, column);
        const auto value = read_boolean(cell);
        if (!value)
            return false;
        auto& spelling = spellings[*value];
        is_mixed = is_mixed || (!spelling.empty() && spelling != cell);
        spelling = cell;
    }
    values.is_mixed_boolean = is_mixed;
    return true;
}

/// Whether a column writes booleans as 0 and 1 in some rows, and as words in others.
bool mixes_booleans(const CsvTable& table, size_t column, const CsvColumn& values)
{
    for (int64_t row = 0; row < table.rows(); ++row) {
        const auto kind = values.cells[size_t(row)];
        const auto number = values.numbers[size_t(row)];
        if (kind == CsvCell::Missing || (kind == CsvCell::Number && (number == 0 || number == 1)))
            continue;
        const auto cell = table.cell(row, column);
        if (kind != CsvCell::Text || !(boolean_word(cell) || is_missing_mark(cell)))
            return false;
    }
    return true;
}

/// Whether all texts are numbers, bounds among them.
bool are_spelled(const CsvTable& table, size_t column, const CsvColumn& values)
{
    for (int64_t row = 0; row < table.rows(); ++row)
        if (values.cells[size_t(row)] == CsvCell::Text && !spelled_number(table.cell(row, column)))
            return false;
    return true;
}

/// Looks closer at a column that seems to hold texts.
void read_texts(const CsvTable& table, size_t column, int64_t numbers, CsvColumn& result)
{
    if (numbers == 0 && are_booleans(table, column, result))
        return;
    if (numbers > 0 && mixes_booleans(table, column, result)) {
        result.type = CsvColumn::Type::Mixed;
        return;
    }
    const auto kinds = kinds_of_texts(table, column, result);
    const auto spelled = kinds.spelled + kinds.doubtful.numbers(numbers + kinds.spelled > 0);
    const auto others = kinds.texts - spelled - kinds.marks;
    if (numbers + spelled > others) {
        result.type = CsvColumn::Type::Mixed;
        result.is_spelled = kinds.marks == 0;
    } else if (kinds.dates * 2 > kinds.texts - kinds.marks + numbers) {
        result.first_date = kinds.first_date;
    } else {
        result.first_counted = kinds.doubtful.first_of_most(kinds.texts - kinds.marks + numbers);
    }
}

/// "1,107" alone could be either; a column that also holds "3,14" has decimal commas.
bool has_decimal_commas(const CsvTable& table, size_t column)
{
    for (int64_t row = 0; row < table.rows(); ++row)
        if (const auto number = spelled_number(table.cell(row, column)))
            if (number->has_decimal_comma)
                return true;
    return false;
}

/// What a number that is written as text needs: `thousands commas; set thousands = ","`.
std::string spelling_advice(
    const CsvTable& table, size_t column, std::string_view cell, const NumberSpelling& number)
{
    const bool has_commas = number.is_ambiguous && has_decimal_commas(table, column);
    auto plain = number.plain;
    if (has_commas) {
        plain = trimmed_cell(cell);
        plain[plain.find(',')] = '.';
    } else if (number.is_ambiguous && number.is_plain_enough) {
        auto fraction = std::string(trimmed_cell(cell));
        fraction[fraction.find(',')] = '.';
        return "thousands commas or a decimal comma; set thousands = \",\" if it is " + plain
            + ", or decimal = \",\" if it is " + fraction;
    }
    std::string text = has_commas ? "a decimal comma" : number.style;
    std::string options;
    const auto set = [&options](const char* option, char sign) {
        options += (options.empty() ? "" : " and ") + std::string(option) + " = "
            + shown_cell({&sign, 1});
    };
    const auto& format = table.format();
    const auto decimal = has_commas || number.has_decimal_comma ? ','
        : number.has_decimal_point                              ? '.'
                                                                : format.decimal;
    if (decimal != format.decimal)
        set("decimal", decimal);
    if (format.decimal == ',')
        std::replace(plain.begin(), plain.end(), '.', ',');
    if (number.thousands != '\0' && !has_commas && number.thousands != format.thousands)
        set("thousands", number.thousands);
    if (number.is_plain_enough && !options.empty())
        return text + "; set " + options + ", or write it as " + plain
            + " and the rest of the file alike";
    return text + "; write it as " + plain + ", and the rest of the column alike";
}

/// Whether another row has the same text behind its number: a unit rather than a slip.
bool is_repeated_text(const CsvTable& table, size_t column, int64_t row, std::string_view text)
{
    for (int64_t other = 0; other < table.rows(); ++other)
        if (const auto found = number_with_text(table.cell(other, column));
            other != row && found && found->text == text)
            return true;
    return false;
}

} // namespace

CsvCell read_cell(std::string_view cell, double& number)
{
    static const CsvCellReader usual;
    return usual.read(cell, number);
}

CsvColumn read_column(const CsvTable& table, size_t column)
{
    CsvColumn result;
    const auto rows = table.rows();
    result.cells.resize(size_t(rows));
    result.numbers.assign(size_t(rows), std::numeric_limits<double>::quiet_NaN());
    int64_t number_count = 0;
    int64_t text_count = 0;
    auto is_whole = true;
    for (int64_t row = 0; row < rows; ++row) {
        double number = 0.0;
        const auto text = table.cell(row, column);
        const auto cell = table.reader().read(text, number);
        result.cells[size_t(row)] = cell;
        switch (cell) {
        case CsvCell::Missing:
            ++result.missing;
            continue;
        case CsvCell::Number:
            ++number_count;
            result.numbers[size_t(row)] = number;
            is_whole = is_whole && number == std::floor(number);
            if (result.first_huge < 0 && is_huge(table, text, number))
                result.first_huge = row;
            continue;
        case CsvCell::Infinite:
            ++number_count;
            break;
        case CsvCell::Text:
            ++text_count;
            break;
        }
        if (result.first_bad < 0)
            result.first_bad = row;
    }
    if (text_count > 0)
        result.type = number_count > text_count ? CsvColumn::Type::Mixed : CsvColumn::Type::Text;
    if (result.type == CsvColumn::Type::Text)
        read_texts(table, column, number_count, result);
    else if (result.type == CsvColumn::Type::Mixed)
        result.is_spelled = are_spelled(table, column, result);
    result.is_whole = result.type == CsvColumn::Type::Number && is_whole && number_count > 0
        && result.first_bad < 0;
    return result;
}

std::string no_number_problem(const CsvTable& table, size_t column, int64_t row, bool is_target)
{
    const auto cell = table.cell(row, column);
    auto text = table.place(row, column) + ": " + shown_cell(cell);
    const std::string way_out = is_target
        ? "set task = \"classification\" to take each text as a class"
        : "leave the column out with `features`";
    if (is_usual_number(cell))
        return text + " is not written as decimal = " + shown_cell({&table.format().decimal, 1})
            + " says; write it alike, or set decimal " + "to what the file uses, or " + way_out;
    if (const auto number = spelled_number(cell)) {
        if (number->is_bound)
            return text + " reads like a number with " + number->style
                + ", which is no single number; write the number to learn from, for instance "
                + number->plain + ", or " + way_out;
        return text + " reads like a number written with "
            + spelling_advice(table, column, cell, *number) + ", or " + way_out;
    }
    if (const auto word = boolean_word(cell))
        return text + " stands in a column of numbers; write " + shown_cell(cell) + " as "
            + (word->value ? "1" : "0") + " there, or the whole column in words, or "
            + "leave the column out with `features`";
    if (const auto counted = number_with_text(cell);
        counted && is_repeated_text(table, column, row, counted->text))
        return text + " reads like a number followed by " + shown_cell(counted->text)
            + "; write the number alone, in one unit in the whole column, or " + way_out;
    text += " stands in a column of numbers; ";
    const auto words = find_missing_words(table);
    const bool is_word = std::any_of(words.begin(), words.end(),
        [&](const CsvMissingWord& found) { return found.word == trimmed_cell(cell); });
    if (is_word)
        return text + "if it marks a missing value, set na_values = " + na_values_text(table, words)
            + " (and see the option missing), else correct it, or leave the column out with "
              "`features`";
    return text + "correct it, empty it, or leave the column out with `features`";
}

std::string_view category_of(const CsvColumn& column, std::string_view cell)
{
    if (!column.is_mixed_boolean)
        return cell;
    const auto value = read_boolean(cell);
    return value ? boolean_text(*value) : cell;
}

std::string shortest_text(double number)
{
    char text[32];
    if (number == std::floor(number) && std::abs(number) < 1e15)
        return std::to_string(int64_t(number));
    const auto result = std::to_chars(text, text + sizeof text, number);
    return {text, result.ptr};
}

int64_t count_distinct(std::span<const double> numbers, int64_t limit)
{
    std::unordered_set<double> seen;
    for (const auto number : numbers) {
        if (!std::isnan(number))
            seen.insert(number);
        if (int64_t(seen.size()) > limit)
            break;
    }
    return int64_t(seen.size());
}

std::vector<CsvClass> count_classes(
    const CsvTable& table, size_t column, const CsvColumn& values, std::span<const int64_t> rows)
{
    std::unordered_map<std::string_view, int64_t> texts; // as written
    for (const auto row : rows)
        if (values.cells[size_t(row)] != CsvCell::Missing)
            ++texts[category_of(values, table.cell(row, column))];
    std::vector<CsvClass> classes;
    if (values.type != CsvColumn::Type::Number) {
        const std::map<std::string_view, int64_t> sorted(texts.begin(), texts.end());
        for (const auto& [text, count] : sorted)
            classes.push_back({std::string(text), count});
        return classes;
    }
    std::map<NumberKey, CsvClass> by_value;
    std::map<NumberKey, double> repeated; // written in several ways
    for (const auto& [text, count] : texts) {
        const auto name = trimmed_cell(text);
        auto key = NumberKey::of(table.reader().plain(name).value_or(std::string(name)));
        auto& found = by_value[key];
        if (found.rows > 0 && found.name != name) {
            auto number = 0.0;
            table.reader().read(name, number);
            repeated.emplace(std::move(key), number);
        }
        // Of several the shortest one, whatever order they come in.
        if (found.rows == 0
            || std::pair(name.size(), name)
                < std::pair(found.name.size(), std::string_view(found.name)))
            found.name = name;
        found.rows += count;
    }
    for (const auto& [key, number] : repeated)
        if (auto short_name = shortest_text(number);
            NumberKey::of(short_name).text() == key.text()) {
            std::replace(short_name.begin(), short_name.end(), '.', table.format().decimal);
            by_value[key].name = std::move(short_name);
        }
    for (auto& [key, found] : by_value)
        classes.push_back(std::move(found));
    return classes;
}

} // namespace leyden
