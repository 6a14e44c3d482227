// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/data/csv_data_options.h"
#include "engine/data/csv_encoding.h"

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace leyden {

using CsvRows = std::vector<int64_t>;

/// Rows of the file in the order train, validation, test.
struct CsvSplit
{
    CsvRows rows;
    int64_t train = 0;
    int64_t val = 0;
    int64_t test = 0;

    std::span<const int64_t> train_rows() const { return {rows.data(), size_t(train)}; }
};

/// The rows that are used, after the option `missing`. Those that are left out are told to `warn`,
/// with the columns that made it so. Without a target (null) only the features count.
/// Throws: DataError for a missing value where the option refuses it, or where no row is left.
CsvRows usable_rows(const CSVDataOptions& options, const CsvTable& table,
    const std::vector<CsvSource>& features, const CsvSource* target,
    const std::function<void(const std::string&)>& warn);

/// Throws: DataError where no row is left for training.
CsvSplit split_rows(const CSVDataOptions& options, const std::string& file, CsvRows rows);

} // namespace leyden
