// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/config/json.h"
#include "engine/core/export.h"
#include "engine/data/csv_data_options.h"
#include "engine/data/csv_format.h"
#include "engine/data/csv_missing_words.h"
#include "engine/data/csv_preview.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace leyden {

/// Why it is better not to learn from a column.
enum class CsvLeftOut {
    No,
    NoName,
    RepeatedName,
    Empty,
    NotNumbers,  ///< numbers and texts, or numbers that are written as texts
    ManyTexts,   ///< more than CSVData takes as categories
    NamesRows,   ///< another text in each row
    NamesMost,   ///< a text of its own in most rows
    Dates,       ///< or times, each of which would be a category
    NumbersRows, ///< counts them up and is no year, or a number for each and a name such as "id"
    Lacking      ///< so many values that dropping rows without them leaves too few
};
LEYDEN_API std::string text_of(CsvLeftOut why); ///< "numbers the rows"; "" for No

/// What is known of a table before anybody guesses; "auto" and null: guess it.
struct CsvGuessRequest
{
    std::string path;
    std::string sep = "auto";
    std::string decimal = "auto";
    std::optional<std::string> thousands = "auto";
    std::string encoding = "auto";
    std::optional<std::vector<std::string>> na_values{};
    std::string target{}; ///< "": guess it
};

/// What a stranger would make of a table.
struct LEYDEN_API CsvGuess
{
    CsvPreview preview;
    CsvFormat format;                  ///< na_values with the words below
    std::string comma_number;          ///< the first number with a decimal comma; "": there is none
    std::vector<CsvMissingWord> words; ///< that are proposed for missing values
    std::vector<CsvLeftOut> left_out;  ///< of each column, whatever the target is
    std::vector<std::vector<bool>> lacks; ///< by column: rows without a value; empty: none

    std::string target;
    std::string target_reason; ///< "the last column"
    bool is_classification = true;
    std::vector<std::string> features; ///< in the file's order; what numbers rows if all else fails
    std::vector<std::string> lacking;  ///< columns that are no features of this target: Lacking
    MissingValues missing = MissingValues::Error;

    int64_t used_rows() const; ///< that `missing` leaves
};

/// Reads the table and guesses all of it; `shown_rows` are kept in the preview.
/// Throws: DataError as read_csv does, and for a table that nothing can be learned from: of one
///         column, or of fewer than 10 rows.
LEYDEN_API CsvGuess guess_csv(const CsvGuessRequest& request, int64_t shown_rows = 0);

/// Guesses anew what follows from the target: task, features, and what to do where values are
/// missing.
LEYDEN_API void choose_csv_target(CsvGuess& guess, const std::string& target);

/// What missing values call for with these features.
LEYDEN_API MissingValues missing_for(
    const CsvGuess& guess, const std::string& target, const std::vector<std::string>& features);

/// The options of CSVData that say what was guessed; those that CSVData finds by itself and that
/// are as usual are left to it.
LEYDEN_API CSVDataOptions csv_options(const CsvGuess& guess, const std::string& path);

/// A run config: an MLP with Adam, and epochs and batches that fit the number of rows. The run is
/// named after the file.
LEYDEN_API Json csv_run_config(const CsvGuess& guess, const std::string& path);

/// Each guess in a line: `target: "price", the last column`.
LEYDEN_API std::vector<std::string> csv_guess_lines(const CsvGuess& guess);

} // namespace leyden
