// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/data/csv_auto_format.h"

#include "engine/core/errors.h"
#include "engine/data/csv_file.h"
#include "engine/data/csv_spelling.h"
#include "engine/data/csv_words.h"
#include "engine/data/text_encoding.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace leyden {
namespace {

constexpr size_t sample_bytes = size_t(64) << 10;

/// The records of a text where `separator` separates fields.
struct Records
{
    std::vector<size_t> fields; ///< of each
    size_t end = 0;             ///< of the last whole one
};

Records records_of(std::string_view text, char separator)
{
    Records records;
    size_t fields = 1;
    auto is_quoted = false;
    auto is_blank = true;    // the record so far
    auto is_at_start = true; // of a field
    for (size_t i = 0; i < text.size(); ++i) {
        const auto c = text[i];
        if (is_quoted) {
            if (c == '"' && i + 1 < text.size() && text[i + 1] == '"')
                ++i;
            else if (c == '"')
                is_quoted = false;
        } else if (c == '\n' || c == '\r') {
            if (!is_blank)
                records.fields.push_back(fields);
            fields = 1;
            is_blank = is_at_start = true;
            records.end = i + 1;
        } else {
            is_quoted = c == '"' && is_at_start;
            is_at_start = c == separator;
            fields += c == separator ? 1 : 0;
            is_blank = is_blank && (c == ' ' || (c == '\t' && separator != '\t'));
        }
    }
    return records;
}

/// What is looked at: the first 64 KiB, with a line end where that is all of the text.
std::string sample_of(std::string_view text)
{
    auto sample = std::string(text.substr(0, sample_bytes));
    if (text.size() <= sample_bytes && !sample.ends_with('\n'))
        sample += '\n';
    return sample;
}

/// How well a separator fits.
struct Fit
{
    size_t columns = 0; ///< of the header
    size_t rows = 0;    ///< with as many fields
    bool is_exact = false;
};

Fit fit_of(std::string_view text, char separator)
{
    const auto counts = records_of(text, separator).fields;
    if (counts.empty())
        return {};
    const auto columns = counts.front();
    const auto rows = size_t(std::count(counts.begin() + 1, counts.end(), columns));
    return {columns, rows, columns > 1 && rows + 1 == counts.size()};
}

/// What numbers and texts of a column, or of all that hold numbers, show of the format.
struct Signs
{
    int64_t numbers = 0;
    int64_t texts = 0;
    int64_t points = 0;        ///< decimal ones beyond doubt
    int64_t commas = 0;        ///< likewise
    int64_t either_points = 0; ///< "1.234": decimal point or thousands
    int64_t either_commas = 0; ///< "1,234"
    int64_t point_groups = 0;  ///< thousands beyond doubt
    int64_t comma_groups = 0;
    int64_t space_groups = 0;
    int64_t quote_groups = 0;

    void add(const Signs& other)
    {
        points += other.points;
        commas += other.commas;
        either_points += other.either_points;
        either_commas += other.either_commas;
        point_groups += other.point_groups;
        comma_groups += other.comma_groups;
        space_groups += other.space_groups;
        quote_groups += other.quote_groups;
    }
};

/// "1.234": as many digits as a group of thousands behind the point.
bool may_be_thousands(std::string_view number)
{
    const auto first = number.find_first_of("0123456789");
    const auto point = number.find('.');
    return point != std::string_view::npos && number.size() - point == 4 && point > first
        && point - first <= 3 && number[first] != '0'
        && number.find_first_not_of("0123456789", point + 1) == std::string_view::npos;
}

void add_cell(std::string_view cell, Signs& signs)
{
    static const CsvCellReader plain;
    auto number = 0.0;
    const auto kind = plain.read(cell, number);
    if (kind == CsvCell::Missing)
        return;
    if (kind != CsvCell::Text) {
        ++signs.numbers;
        const auto text = trimmed_cell(cell);
        if (text.find('.') != std::string_view::npos)
            ++(may_be_thousands(text) ? signs.either_points : signs.points);
        return;
    }
    const auto spelled = spelled_number(cell);
    if (!spelled) {
        signs.texts += is_missing_mark(cell) ? 0 : 1;
        return;
    }
    ++signs.numbers;
    signs.either_commas += spelled->is_ambiguous ? 1 : 0;
    signs.commas += spelled->has_decimal_comma ? 1 : 0;
    signs.points += spelled->has_decimal_point ? 1 : 0;
    switch (spelled->is_ambiguous ? '\0' : spelled->thousands) {
    case '.':
        ++signs.point_groups;
        break;
    case ',':
        ++signs.comma_groups;
        break;
    case ' ':
        ++signs.space_groups;
        break;
    case '\'':
        ++signs.quote_groups;
        break;
    default:
        break;
    }
}

/// Of the columns that hold more numbers than texts.
Signs signs_of(const CsvTable& table)
{
    Signs sum;
    for (size_t column = 0; column < table.columns().size(); ++column) {
        Signs signs;
        for (int64_t row = 0; row < table.rows(); ++row)
            add_cell(table.cell(row, column), signs);
        if (signs.numbers > signs.texts)
            sum.add(signs);
    }
    return sum;
}

char find_decimal(const Signs& signs)
{
    const auto has_points = signs.points > 0 || signs.comma_groups > 0;
    const auto has_commas = signs.commas > 0 || signs.point_groups > 0;
    return has_commas && !has_points ? ',' : '.';
}

char find_thousands(const Signs& signs, char decimal)
{
    if (signs.space_groups > 0)
        return ' ';
    if (signs.quote_groups > 0)
        return '\'';
    if (decimal == ',')
        return signs.point_groups + signs.either_points > 0 && signs.points == 0 ? '.' : '\0';
    if (signs.commas > 0)
        return '\0'; // some are decimal
    const bool has_points = signs.points > 0 || signs.either_points > 0;
    return signs.comma_groups > 0 || (signs.either_commas > 0 && has_points) ? ',' : '\0';
}

} // namespace

std::string option_text(char separator)
{
    return separator == '\0' ? std::string() : std::string(1, separator);
}

char find_separator(std::string_view text)
{
    if (text.starts_with("\xEF\xBB\xBF"))
        text.remove_prefix(3);
    if (const auto noted = excel_separator(text))
        return *noted;
    const auto sample = sample_of(text);
    auto best = ',';
    auto best_fit = fit_of(sample, best);
    for (const auto candidate : {';', '\t', '|'}) {
        const auto fit = fit_of(sample, candidate);
        if (fit.columns < 2)
            continue;
        // Where two split every row, the comma is within names and numbers: "Area, m2;Price" above
        // "12,5;3".
        const bool is_better = fit.is_exact
            ? best == ',' || !best_fit.is_exact || fit.columns > best_fit.columns
            : best_fit.columns < 2
                || (!best_fit.is_exact && best != ',' && fit.rows > best_fit.rows);
        if (is_better) {
            best = candidate;
            best_fit = fit;
        }
    }
    return best;
}

void find_number_format(const CsvTable& table, const CSVDataOptions& options, CsvFormat& format)
{
    if (options.decimal != "auto")
        format.decimal = options.decimal.front();
    if (options.thousands != "auto")
        format.thousands
            = options.thousands && !options.thousands->empty() ? options.thousands->front() : '\0';
    if (options.decimal != "auto" && options.thousands != "auto")
        return;
    const auto signs = signs_of(table);
    if (options.decimal == "auto")
        format.decimal = format.thousands == ',' && options.thousands != "auto" ? '.'
            : format.thousands == '.' && options.thousands != "auto"            ? ','
                                                                     : find_decimal(signs);
    if (options.thousands == "auto")
        format.thousands = find_thousands(signs, format.decimal);
}

CsvTable read_csv(const CSVDataOptions& options, const CsvFormat* trained)
{
    constexpr auto max_bytes = CsvReaderOptions().max_bytes;
    const std::filesystem::path file(options.path);
    auto bytes = read_csv_file(file, max_bytes);
    CsvFormat format;
    format.na_values = options.na_values;
    format.encoding = options.encoding != "auto"
        ? options.encoding
        : find_encoding({bytes.data(), std::min(bytes.size(), sample_bytes)});
    const bool is_of_one_byte = format.encoding == "latin-1" || format.encoding == "cp1252";
    const bool is_doubtful = options.encoding != "auto" && is_of_one_byte
        && is_wide_utf8({bytes.data(), bytes.size()});
    bytes = to_utf8(std::move(bytes), format.encoding, file.string());
    const std::string_view text(bytes.data(), bytes.size());
    format.separator = options.sep != "auto" ? separator_of(options.sep) : find_separator(text);
    if (trained && options.decimal == "auto" && options.thousands == "auto") {
        format.decimal = trained->decimal;
        format.thousands = trained->thousands;
    } else {
        try {
            const auto sample = sample_of(text);
            const auto whole = records_of(sample, format.separator).end;
            find_number_format(CsvTable::parse(std::string_view(sample).substr(0, whole),
                                   file.string(), {.format = format}),
                options, format);
        } catch (const DataError&) { // told below, of the whole text
        }
    }
    auto table
        = CsvTable::from_bytes(std::move(bytes), file.string(), {.format = std::move(format)});
    if (is_doubtful)
        table.set_doubt(file.string() + ": reads like UTF-8, but encoding is \"" + options.encoding
            + "\", so that other letters than those of the file may be read; set it to \"utf-8\" "
              "or "
              "\"auto\" if names and texts look wrong");
    return table;
}

} // namespace leyden
