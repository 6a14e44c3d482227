// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/optim/lr_scheduler.h"
#include "engine/tuner/learning_rate_finder_options.h"

#include <vector>

namespace leyden {

/// Raises every group's rate from min_lr to max_lr over num_training_steps steps. As in Lightning
/// the first rate is min_lr itself and the one after it that of the second step of the range.
///
/// Source: PyTorch Lightning 2.6, tuner/lr_finder.py.
class RangeTestLR final : public LRScheduler
{
public:
    RangeTestLR(Optimizer& optimizer, const LearningRateFinderOptions& options);

    std::string name() const override { return "RangeTestLR"; }
    void step(std::optional<double> metric = {}) override;
    StateTree state_dict() const override;
    void load_state_dict(const StateTree& state) override;
    std::vector<double> last_lr() const override;
    Optimizer& optimizer() const override { return optimizer_; }

private:
    void set(double lr);

    Optimizer& optimizer_;
    LearningRateFinderOptions options_;
    int64_t last_epoch_ = 0;
    double lr_ = 0.0;
};

} // namespace leyden
