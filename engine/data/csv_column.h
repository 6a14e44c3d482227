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

enum class CsvCell { Missing, Number, Infinite, Text };

/// What one cell holds; spaces around it are ignored. Missing: nothing, "NA", or "nan" in any case.
/// Infinite: "inf", "infinity" with any sign and case, or a number beyond double; else a decimal
/// number ("-1.5e3", "+2"), which is stored in `number`.
LEYDEN_API CsvCell read_cell(std::string_view cell, double& number);

/// A column, read once. Number: no cell holds other text (an empty column counts as Number). Mixed:
/// more than half of the cells that are not missing are numbers, and some are not.
struct CsvColumn
{
    enum class Type { Number, Text, Mixed };

    Type type = Type::Number;
    std::vector<CsvCell> cells;
    std::vector<double> numbers; ///< NaN where the cell is not a finite number
    int64_t missing = 0;         ///< cells
    int64_t first_bad = -1; ///< row of the first cell that is no finite number where one belongs
    bool is_whole = false;  ///< numbers, all of them whole, at least one
};

LEYDEN_API CsvColumn read_column(const CsvTable& table, size_t column);

/// A number as the shortest text that reads back equal: 3, 0.5.
LEYDEN_API std::string shortest_text(double number);

/// How many distinct numbers there are besides NaN; stops counting at `limit` + 1.
LEYDEN_API int64_t count_distinct(std::span<const double> numbers, int64_t limit);

} // namespace leyden
