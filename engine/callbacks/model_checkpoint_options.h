// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/callbacks/early_stopping_options.h"
#include "engine/config/option_table.h"
#include "engine/config/trainer_options.h"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

namespace leyden {

/// Source: PyTorch Lightning 2.6, callbacks/model_checkpoint.py.
struct ModelCheckpointOptions
{
    std::optional<std::string> dirpath{};  ///< unset: the run folder's checkpoints/
    std::optional<std::string> filename{}; ///< template; unset: "{epoch}-{step}"
    std::optional<std::string> monitor{};  ///< unset: the newest file replaces the one before
    bool verbose = false;
    std::optional<std::variant<bool, std::string>> save_last{}; ///< true, false or "link"
    bool always_refresh_last = true; ///< false: only beside a top-k file, as Lightning 2.6 does
    int64_t save_top_k = 1;          ///< -1: all, 0: none
    bool save_on_exception = false;
    bool save_weights_only = false;
    MonitorMode mode = MonitorMode::Min;
    bool auto_insert_metric_name = true;
    std::optional<int64_t> every_n_train_steps{}; ///< optimizer steps; 0: off
    std::optional<TimeText> train_time_interval{};
    std::optional<int64_t> every_n_epochs{}; ///< 0: off; all three unset: 1
    std::optional<bool> save_on_train_epoch_end{};
    bool enable_version_counter = true;
};

void describe(OptionTable<ModelCheckpointOptions>& table);

} // namespace leyden
