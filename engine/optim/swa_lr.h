// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/optim/anneal_strategy.h"
#include "engine/optim/chainable_lr_scheduler.h"

#include <cstdint>
#include <vector>

namespace leyden {

/// torch.optim.swa_utils.SWALR: moves each group's rate to a fixed one within some steps, then
/// keeps it.
///
/// Groups: get the option "swa_lr".
/// Throws: MisconfigurationError where there is another number of rates than of groups, or
///         anneal_epochs is below 0.
/// Source: PyTorch 2.13, torch/optim/swa_utils.py.
class LEYDEN_API SWALR final : public ChainableLRScheduler
{
public:
    SWALR(Optimizer& optimizer, const std::vector<double>& swa_lrs, int64_t anneal_epochs,
        AnnealStrategy annealing, int64_t last_epoch = -1);

    std::string name() const override { return "SWALR"; }

protected:
    std::vector<double> next_lr() const override;
    StateTree settings() const override;
    void load_settings(const StateTree& state) override;

private:
    double share(int64_t step) const; ///< how far the way to the fixed rate is done, 0 .. 1

    int64_t anneal_epochs_;
    AnnealStrategy annealing_;
};

} // namespace leyden
