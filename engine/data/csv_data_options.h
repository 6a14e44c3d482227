// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/config/option_table.h"
#include "engine/core/export.h"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace leyden {

enum class CSVTask { Auto, Classification, Regression };
enum class MissingValues { Error, Drop, Mean };

/// Options of CSVData (contract.md section 2).
struct CSVDataOptions
{
    std::string path{};                                 ///< .csv or .csv.gz
    std::string target{};                               ///< name of a column
    std::optional<std::vector<std::string>> features{}; ///< unset: all columns but the target
    CSVTask task = CSVTask::Auto;
    int64_t batch_size = 32;
    bool shuffle = true;    ///< training rows only, anew each epoch
    bool drop_last = false; ///< training rows only
    int64_t num_workers = 0;
    std::optional<int64_t> val_rows{};     ///< from the end of the file, before the test rows
    std::optional<int64_t> test_rows{};    ///< from the end of the file
    std::optional<double> val_fraction{};  ///< unset: 0.2, or 0 with val_rows
    std::optional<double> test_fraction{}; ///< unset: 0
    int64_t split_seed = 0;
    bool standardize = true;
    bool standardize_target = false; ///< regression only
    MissingValues missing = MissingValues::Error;
    std::string sep = "auto";                      ///< one sign, "tab"
    std::string decimal = "auto";                  ///< "." or ","
    std::optional<std::string> thousands = "auto"; ///< one sign; unset: none
    std::string encoding = "auto";
    std::vector<std::string> na_values{"", "NA", "NaN"}; ///< "NaN" in any case
};

LEYDEN_API void describe(OptionTable<CSVDataOptions>& table);

/// Options that clash whatever the file holds: (option to change, message).
LEYDEN_API std::vector<std::pair<std::string, std::string>> clashes_of(
    const CSVDataOptions& options);

} // namespace leyden
