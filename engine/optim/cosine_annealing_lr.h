// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/optim/cosine_annealing_lr_options.h"
#include "engine/optim/described_lr_scheduler.h"

namespace leyden {

/// Lowers every group's rate along half a cosine to eta_min in T_max steps, then up again.
/// Throws: MisconfigurationError for bad options.
/// Source: PyTorch 2.13, torch/optim/lr_scheduler.py; the recurrence, not the closed form.
class LEYDEN_API CosineAnnealingLR final : public DescribedLRScheduler<CosineAnnealingLROptions>
{
public:
    CosineAnnealingLR(Optimizer& optimizer, const CosineAnnealingLROptions& options);
    std::string name() const override { return "CosineAnnealingLR"; }

protected:
    std::vector<double> next_lr() const override;
    std::vector<double> closed_form_lr() const override;
};

} // namespace leyden
