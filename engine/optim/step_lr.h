// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/optim/described_lr_scheduler.h"
#include "engine/optim/step_lr_options.h"

namespace leyden {

/// Multiplies every group's rate by gamma once in step_size steps.
/// Throws: MisconfigurationError for bad options.
/// Source: PyTorch 2.13, torch/optim/lr_scheduler.py.
class LEYDEN_API StepLR final : public DescribedLRScheduler<StepLROptions>
{
public:
    StepLR(Optimizer& optimizer, const StepLROptions& options);
    std::string name() const override { return "StepLR"; }

protected:
    std::vector<double> next_lr() const override;
    std::vector<double> closed_form_lr() const override;
};

} // namespace leyden
