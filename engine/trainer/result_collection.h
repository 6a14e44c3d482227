// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/export.h"
#include "engine/core/log_options.h"
#include "engine/core/state_tree.h"
#include "engine/trainer/hook.h"
#include "engine/trainer/metric_dict.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace leyden {

class Metric;

/// One value that a hook logs: what was said about it, its last value, and its running reduction in
/// Lightning's arithmetic (float32 sums unless the value is float64).
struct ResultSlot
{
    // Said
    Hook hook = Hook::None;
    std::string name;
    bool on_step = false;
    bool on_epoch = false;
    bool prog_bar = false;
    bool logger = true;
    bool add_dataloader_idx = true;
    bool sync_dist = false;
    bool rank_zero_only = false;
    Reduce reduce = Reduce::Mean;
    int64_t dataloader_idx = -1; ///< -1: a single loader
    // Names: plain and forked, with the loader's suffix
    std::string plain_name;
    std::string step_name;
    std::string epoch_name;
    // Where the values go, resolved once
    size_t callback_plain = 0, callback_step = 0, callback_epoch = 0;
    size_t bar_step = 0, bar_epoch = 0;
    // Values
    Metric* metric = nullptr;
    std::string metric_attribute; ///< what the module registered the metric as
    LoggedValue step_value;
    LoggedValue sum; ///< reduction so far
    int64_t cumulated_batch_size = 0;
    bool has_step_value = false;
    bool has_reset = true;

    bool forked() const { return on_step && on_epoch; }
    void reset();
    void accumulate(const LoggedValue& value, int64_t batch_size);
    LoggedValue epoch_value() const;
    LoggedValue batch_value() const; ///< of a metric
};

/// All that one loop logs. Slots are found by the order in which they were made: the n-th log() of
/// a batch is nearly always the n-th of the batch before.
class LEYDEN_API ResultCollection
{
public:
    explicit ResultCollection(bool training) : training_(training) { }

    bool is_training() const { return training_; }
    /// The slot of (hook, name, loader), or null.
    ResultSlot* find(Hook hook, std::string_view name, int64_t dataloader_idx);
    /// A slot of (hook, name) whose name carries no loader, of another loader; or null.
    const ResultSlot* find_of_other_loader(
        Hook hook, std::string_view name, int64_t dataloader_idx) const;
    ResultSlot& add(ResultSlot slot);
    std::vector<std::unique_ptr<ResultSlot>>& slots() { return slots_; }
    const std::vector<std::unique_ptr<ResultSlot>>& slots() const { return slots_; }
    void reset();
    void reset_tensors_of(Hook hook);

    int64_t dataloader_idx = -1;
    const StateTree* batch = nullptr; ///< the running batch, for its size
    bool is_stale = false;            ///< epoch values were logged since the dictionaries were
                                      ///< updated
    int64_t batch_size = -1;          ///< of that batch once somebody asked; -1: not yet

    /// Metrics' states are in it, under their registered names.
    StateTree state_dict() const;
    using Metrics = std::vector<std::pair<std::string, Metric*>>;
    /// Throws CheckpointError where a metric of the state is not among `metrics`.
    void load_state_dict(const StateTree& state, const Metrics& metrics);

private:
    bool training_;
    size_t cursor_ = 0;
    std::vector<std::unique_ptr<ResultSlot>> slots_;
};

} // namespace leyden
