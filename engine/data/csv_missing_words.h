// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/export.h"
#include "engine/data/csv_table.h"

#include <cstdint>
#include <string>
#include <vector>

namespace leyden {

/// A text that most likely marks missing values, beside those that are known as such.
struct CsvMissingWord
{
    std::string word;
    std::string column; ///< the first that holds it
    int64_t cells = 0;  ///< of all columns
};

/// The texts of a table that most likely mark missing values: in a column of numbers what is known
/// as a mark ("-", "null"), and a text without digits that comes up again ("closed"), if there are
/// at most three such; in a column of texts what is hardly ever a text of its own ("N/A"). Sorted by
/// column, then as they come.
LEYDEN_API std::vector<CsvMissingWord> find_missing_words(const CsvTable& table);

/// `["", "NA", "NaN", "k.A."]`: the option na_values with these words, as JSON.
std::string na_values_text(const CsvTable& table, const std::vector<CsvMissingWord>& words);

} // namespace leyden
