// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/config/option_table.h"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

namespace leyden {

/// Source: PyTorch Lightning 2.6, loggers/csv_logs.py.
struct CSVLoggerOptions
{
    std::string save_dir = ".";
    std::string name = "lightning_logs"; ///< "" leaves the level out
    /// unset: one above the highest there
    std::optional<std::variant<int64_t, std::string>> version{};
    std::string prefix{}; ///< joined to every name with "-"
    int64_t flush_logs_every_n_steps = 100;
};

void describe(OptionTable<CSVLoggerOptions>& table);

} // namespace leyden
