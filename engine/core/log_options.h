// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>

namespace leyden {

enum class Reduce { Mean, Min, Max, Sum };

/// The arguments of LightningModule::log, with Lightning's names and defaults.
struct LogOptions
{
    bool prog_bar = false;
    bool logger = true;
    std::optional<bool> on_step;  ///< unset: by the hook it is called in
    std::optional<bool> on_epoch; ///< unset: by the hook it is called in
    Reduce reduce_fx = Reduce::Mean;
    bool sync_dist = false;
    bool add_dataloader_idx = true;
    std::optional<int64_t> batch_size; ///< unset: first dimension of the batch's first tensor
    bool rank_zero_only = false;
};

} // namespace leyden
