// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/export.h"
#include "engine/data/csv_table.h"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace leyden {

/// What one cell holds in a table of the usual format (CsvCellReader).
LEYDEN_API CsvCell read_cell(std::string_view cell, double& number);

/// A column, read once. Number: no cell holds other text (an empty column counts as Number). Mixed:
/// more than half of the cells that are not missing are numbers, and some are not; or most of its
/// texts read like numbers once thousands separators, a decimal comma, a unit, a currency or
/// percent sign are taken off, not counting those that mark a missing value ("N/A", "null"); or it
/// holds 0, 1 and words for booleans. What may be a number or the name of a category ("<5",
/// "4 doors") is a number where over 20 different ones or decimals are alike, or other cells are
/// numbers.
struct CsvColumn
{
    enum class Type { Number, Text, Mixed };

    Type type = Type::Number;
    std::vector<CsvCell> cells;
    std::vector<double> numbers; ///< NaN where the cell is not a finite number
    int64_t missing = 0;         ///< cells
    int64_t first_bad = -1;  ///< row of the first cell that is no finite number where one belongs
    bool is_whole = false;   ///< numbers, all of them whole, at least one
    int64_t first_huge = -1; ///< row of the first whole number above 2^53, which doubles round
    bool is_spelled = false; ///< Mixed, but all texts are numbers that are written as text
    int64_t first_date = -1; ///< Text, most of it dates or times: row of the first one
    int64_t first_counted = -1;    ///< Text, most of it few numbers with one text: row of the first
    bool is_mixed_boolean = false; ///< Text, of True and False in more than one spelling each
};

LEYDEN_API CsvColumn read_column(const CsvTable& table, size_t column);

/// Why the cell of a column of numbers is none, and what to do, for a message: `"1,107" reads like
/// a number written with thousands commas; ...`.
std::string no_number_problem(
    const CsvTable& table, size_t column, int64_t row, bool is_target = false);

/// The text that a cell of a text column stands for: its own, or True or False where the column
/// spells them in several ways.
std::string_view category_of(const CsvColumn& column, std::string_view cell);

/// A number as the shortest text that reads back equal: 3, 0.5.
LEYDEN_API std::string shortest_text(double number);

/// How many distinct numbers there are besides NaN; stops counting at `limit` + 1.
LEYDEN_API int64_t count_distinct(std::span<const double> numbers, int64_t limit);

/// Whole numbers with at most so many distinct values are classes, where nobody says otherwise.
inline constexpr int64_t most_csv_classes = 20;

/// A class of a target column, or a value of any column.
struct CsvClass
{
    std::string name;
    int64_t rows = 0;

    bool operator==(const CsvClass&) const = default;
};

/// The distinct values of a column at `rows`, sorted: numbers by value, else by text. Missing cells
/// are none. Numbers are told apart by their exact decimal value, and are named as the file writes
/// them, or shortest where it writes one in several ways ("10" and "10.0").
LEYDEN_API std::vector<CsvClass> count_classes(
    const CsvTable& table, size_t column, const CsvColumn& values, std::span<const int64_t> rows);

} // namespace leyden
