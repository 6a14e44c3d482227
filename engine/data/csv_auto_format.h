// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/export.h"
#include "engine/data/csv_data_options.h"
#include "engine/data/csv_format.h"
#include "engine/data/csv_table.h"

#include <string_view>

namespace leyden {

/// Reads the table that the options name. What they leave to "auto" is found once, in the first
/// 64 KiB of the text, and holds for all of it: a later row that is written otherwise is an error
/// of the table or of its column, never read in another way. table.format() says what was found.
///
/// Encoding:  find_encoding().
/// Separator: of comma, semicolon, tab and vertical bar the one that splits each row into as many
///            fields as the header, at least two; comma before others. What Excel writes in a first
///            line "sep=;" holds.
/// Numbers:   the columns that seem to hold numbers decide together. A decimal comma takes a cell
///            that can be nothing else ("3,14", "1.234,5") and none with a decimal point. Thousands
///            separators take a cell that shows them beyond doubt: "1,107" may be either, and is
///            taken for thousands only where other numbers of the file have a decimal point.
/// trained:   the format of the table that a model was trained on; null: none. Its decimal and
///            thousands separators are used where the options say "auto", for "1.234" would be
///            another number in another format.
/// Throws:    DataError as CsvTable does.
LEYDEN_API CsvTable read_csv(const CSVDataOptions& options, const CsvFormat* trained = nullptr);

/// The separator of a text's rows; ',' where it cannot be told.
LEYDEN_API char find_separator(std::string_view text);

/// Sets decimal and thousands by the cells of a table, where the options say "auto".
LEYDEN_API void find_number_format(
    const CsvTable& table, const CSVDataOptions& options, CsvFormat& format);

/// As CSVDataOptions write it: a separator in an option, "" for none.
LEYDEN_API std::string option_text(char separator);

} // namespace leyden
