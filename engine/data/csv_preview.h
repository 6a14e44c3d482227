// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/export.h"
#include "engine/data/csv_data_options.h"
#include "engine/data/csv_table.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace leyden {

/// What a column of a CSV file seems to hold.
struct CsvColumnPreview
{
    enum class Type { Number, Text, Mixed, Empty };

    std::string name;
    /// Mixed: mostly numbers, and some text, or numbers written as text; CSVData refuses both.
    Type type = Type::Number;
    bool is_date = false;     ///< text, most of it dates or times
    bool is_huge = false;     ///< a whole number is above what doubles can tell apart
    bool counts_up = false;   ///< each value is 1 above that of the row before
    bool is_spelled = false;  ///< Mixed, but all texts are numbers that are written as text
    std::string spelled;      ///< Mixed: the first cell that is no number, as written; else ""
    int64_t spelled_line = 0; ///< of the file, where it is
    std::string name_problem; ///< it has no name, or shares it, so that it cannot be used; else ""
    bool is_whole = false;    ///< numbers, all of them whole
    int64_t missing = 0;      ///< cells
    int64_t distinct = 0;     ///< values besides missing ones; counted up to 1001
    double min = 0.0;         ///< of the finite numbers; 0 where there is none
    double max = 0.0;
    /// Rows of each class, sorted as CSVData sorts classes: of text or whole numbers with at most
    /// 20 distinct values; else empty.
    std::vector<std::pair<std::string, int64_t>> class_counts;
};

/// A CSV file at a glance. Plain values, no tensors.
struct CsvPreview
{
    std::vector<CsvColumnPreview> columns;
    std::vector<std::vector<std::string>> rows; ///< the first ones, as written
    int64_t row_count = 0;
};

/// Reads the whole file and keeps its first `rows`. Throws DataError as CsvTable does.
LEYDEN_API CsvPreview csv_preview(const std::filesystem::path& file, int64_t rows);
/// The file that the options name, written as they say.
LEYDEN_API CsvPreview csv_preview(const CSVDataOptions& options, int64_t rows);
LEYDEN_API CsvPreview csv_preview(const CsvTable& table, int64_t rows);

struct CsvTargetGuess
{
    std::string target;
    std::string task;   ///< "classification" or "regression", by CSVData's rule
    std::string reason; ///< "by its name", "the last column"
};

/// The column that a stranger would predict: one called target, label, class or species in any
/// case; else y, if it stands first or last; else the last column.
LEYDEN_API CsvTargetGuess guess_target(const CsvPreview& preview);

} // namespace leyden
