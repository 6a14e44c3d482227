// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/optim/chainable_lr_scheduler.h"
#include "engine/optim/cosine_annealing_warm_restarts_options.h"

namespace leyden {

/// Lowers every group's rate along half a cosine to eta_min, jumps back, and does so again.
/// Throws: MisconfigurationError for bad options.
/// Source: PyTorch 2.13, torch/optim/lr_scheduler.py.
class LEYDEN_API CosineAnnealingWarmRestarts final : public ChainableLRScheduler
{
public:
    CosineAnnealingWarmRestarts(
        Optimizer& optimizer, const CosineAnnealingWarmRestartsOptions& options);
    std::string name() const override { return "CosineAnnealingWarmRestarts"; }
    void step(std::optional<double> metric = {}) override;

protected:
    std::vector<double> next_lr() const override;
    StateTree settings() const override;
    void load_settings(const StateTree& state) override;

private:
    CosineAnnealingWarmRestartsOptions options_;
    int64_t T_i_;        // length of this cycle
    int64_t T_cur_ = -1; // steps since it began
};

} // namespace leyden
