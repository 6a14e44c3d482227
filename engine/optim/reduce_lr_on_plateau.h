// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/optim/lr_scheduler.h"
#include "engine/optim/reduce_lr_on_plateau_options.h"

namespace leyden {

/// Multiplies every rate by factor when a metric has not improved for more than patience steps.
///
/// Improves: with threshold t, Rel: Min value < best * (1 - t), Max value > best * (1 + t);
///           Abs: Min value < best - t, Max value > best + t. NaN never does.
/// Throws:   MisconfigurationError for bad options.
/// Source:   PyTorch 2.13, torch/optim/lr_scheduler.py.
class LEYDEN_API ReduceLROnPlateau final : public LRScheduler
{
public:
    ReduceLROnPlateau(Optimizer& optimizer, const ReduceLROnPlateauOptions& options = {});

    std::string name() const override { return "ReduceLROnPlateau"; }
    void step(std::optional<double> metric = {}) override; ///< the metric has to be given
    bool needs_metric() const override { return true; }
    StateTree state_dict() const override;
    void load_state_dict(const StateTree& state) override;
    std::vector<double> last_lr() const override { return last_lr_; }
    Optimizer& optimizer() const override { return optimizer_; }

private:
    bool is_better(double value) const;
    void reduce_lr();

    Optimizer& optimizer_;
    ReduceLROnPlateauOptions options_;
    std::vector<double> min_lrs_;
    std::vector<double> last_lr_;
    double best_;
    int64_t last_epoch_ = 0;
    int64_t cooldown_counter_ = 0;
    int64_t num_bad_epochs_ = 0;
};

} // namespace leyden
