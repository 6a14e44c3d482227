// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/data_module.h"
#include "engine/core/state_tree.h"
#include "engine/data/csv_column.h"
#include "engine/data/csv_table.h"

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace leyden {

/// How one feature column becomes numbers.
struct CsvFeature
{
    std::string name;
    bool is_text = false;
    std::vector<std::string> categories; ///< text: one column each, sorted
    double fill = 0.0;                   ///< number: stands for a missing value
    double mean = 0.0;                   ///< number: value = (cell - mean) / deviation
    double deviation = 1.0;

    bool operator==(const CsvFeature&) const = default;
};

/// All that is fitted on a table's training rows, and is enough to encode another table alike.
struct CsvEncoding
{
    std::string target;
    Task task = Task::Classification;
    std::vector<CsvFeature> features;
    std::vector<std::string> classes; ///< in the order of their indices
    bool has_number_classes = false;  ///< told apart by exact value ("1" and "1.0" are one)
    char decimal = '.';               ///< of the table, and so of the names of such classes
    char thousands = '\0';
    double target_mean = 0.0;
    double target_deviation = 1.0;

    int64_t width() const;                          ///< columns after encoding
    std::vector<std::string> feature_names() const; ///< "age", "sex=male"
    StateTree state_dict() const;
    static CsvEncoding from_state(const StateTree& state); ///< throws CheckpointError

    bool operator==(const CsvEncoding&) const = default;
};

/// A column of the table with what was read from it.
struct CsvSource
{
    size_t column = 0;
    CsvColumn values;

    bool is_missing(int64_t row) const { return values.cells[size_t(row)] == CsvCell::Missing; }
};

/// Most categories that a text column may have; more are names or dates rather than categories.
inline constexpr size_t max_csv_categories = 1000;

/// Fits categories, fill, mean and deviation of one feature on the training rows, in their order.
/// Throws: DataError for too many categories, no value at all in a column of numbers, or numbers
///         that cannot be scaled.
CsvFeature fit_feature(const CsvTable& table, const CsvSource& source,
    std::span<const int64_t> train_rows, bool standardize);

/// `FILE: column "age"`: how messages name a column.
std::string column_place(const CsvTable& table, size_t column);

/// Mean and deviation (divisor n; 1 where all are equal) of the numbers at `rows`, summed in that
/// order. `rows` holds at least one. Throws: DataError, which begins with `column`, where they are
/// too large or too close together for doubles.
std::pair<double, double> mean_and_deviation(
    const std::string& column, const std::vector<double>& numbers, std::span<const int64_t> rows);

/// [rows, width] float32. A category unknown to the encoding becomes all zeros and is handed to
/// `warn`, once a column. Throws: DataError for a number that is beyond float32 when scaled.
at::Tensor encode_features(const CsvTable& table, const CsvEncoding& encoding,
    const std::vector<CsvSource>& sources, std::span<const int64_t> rows,
    const std::function<void(const std::string&)>& warn);

/// Classification [rows] int64, regression [rows, 1] float32. Throws: DataError for an unknown
/// class, a number that is beyond float32, or numbers that are all 0 in float32.
at::Tensor encode_target(const CsvTable& table, const CsvEncoding& encoding,
    const CsvSource& source, std::span<const int64_t> rows);

/// What stands for the target where it is not known: -1, or not-a-number.
at::Tensor unknown_target(const CsvEncoding& encoding, int64_t rows);

} // namespace leyden
