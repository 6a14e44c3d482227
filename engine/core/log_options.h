// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>

namespace leyden {

/// How an epoch's values become one. Anything else is a Metric: log the object.
enum class Reduce { Mean, Min, Max, Sum };

/// The arguments of LightningModule::log, with Lightning's names and defaults.
///
/// Differs: no enable_graph (values are always detached) and no metric_attribute (a metric's name
///          is that of LightningModule::register_metric). sync_dist and rank_zero_only change
///          nothing in a run of one process.
struct LogOptions
{
    bool prog_bar = false;
    std::optional<bool> logger{};   ///< unset: as true, but without a warning where no logger is
    std::optional<bool> on_step{};  ///< unset: by the hook it is called in
    std::optional<bool> on_epoch{}; ///< unset: by the hook it is called in
    Reduce reduce_fx = Reduce::Mean;
    bool sync_dist = false;
    bool add_dataloader_idx = true;
    std::optional<int64_t> batch_size{}; ///< unset: first dimension of the batch's first tensor
    bool rank_zero_only = false;
};

} // namespace leyden
