// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/optim/decay_lr_options.h"
#include "engine/optim/described_lr_scheduler.h"

namespace leyden {

// Schedulers that multiply the present rate by a factor that depends on the step alone.
// Throws: MisconfigurationError for bad options.
// Source: PyTorch 2.13, torch/optim/lr_scheduler.py; the recurrences, closed forms for restart().

/// Multiplies every rate by gamma at each milestone.
/// Differs: the milestones are saved as a dict of counts; PyTorch's Counter is read too.
class LEYDEN_API MultiStepLR final : public DescribedLRScheduler<MultiStepLROptions>
{
public:
    MultiStepLR(Optimizer& optimizer, const MultiStepLROptions& options);
    std::string name() const override { return "MultiStepLR"; }

protected:
    std::vector<double> next_lr() const override;
    std::vector<double> closed_form_lr() const override;
    StateTree settings() const override;
    void load_settings(const StateTree& state) override;
};

/// Keeps every rate at factor of itself for total_iters steps.
class LEYDEN_API ConstantLR final : public DescribedLRScheduler<ConstantLROptions>
{
public:
    ConstantLR(Optimizer& optimizer, const ConstantLROptions& options = {});
    std::string name() const override { return "ConstantLR"; }

protected:
    std::vector<double> next_lr() const override;
    std::vector<double> closed_form_lr() const override;
};

/// Moves every rate in equal steps from start_factor to end_factor of itself.
class LEYDEN_API LinearLR final : public DescribedLRScheduler<LinearLROptions>
{
public:
    LinearLR(Optimizer& optimizer, const LinearLROptions& options = {});
    std::string name() const override { return "LinearLR"; }

protected:
    std::vector<double> next_lr() const override;
    std::vector<double> closed_form_lr() const override;
};

/// Multiplies every rate by gamma at each step.
class LEYDEN_API ExponentialLR final : public DescribedLRScheduler<ExponentialLROptions>
{
public:
    ExponentialLR(Optimizer& optimizer, const ExponentialLROptions& options);
    std::string name() const override { return "ExponentialLR"; }

protected:
    std::vector<double> next_lr() const override;
    std::vector<double> closed_form_lr() const override;
};

/// Lowers every rate to 0 along a power of the share of total_iters that is left.
class LEYDEN_API PolynomialLR final : public DescribedLRScheduler<PolynomialLROptions>
{
public:
    PolynomialLR(Optimizer& optimizer, const PolynomialLROptions& options = {});
    std::string name() const override { return "PolynomialLR"; }

protected:
    std::vector<double> next_lr() const override;
    std::vector<double> closed_form_lr() const override;
};

} // namespace leyden
