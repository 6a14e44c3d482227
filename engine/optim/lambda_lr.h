// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/optim/chainable_lr_scheduler.h"
#include "engine/optim/lambda_lr_options.h"
#include "engine/optim/rate_expression.h"

namespace leyden {

/// Sets every group's rate to its first one times a formula of the step.
///
/// Throws: MisconfigurationError for a formula that cannot be read or is not finite at a step.
/// State:  as PyTorch's for functions: without the formulas, which the config holds.
/// Source: PyTorch 2.13, torch/optim/lr_scheduler.py.
class LEYDEN_API LambdaLR final : public ChainableLRScheduler
{
public:
    LambdaLR(Optimizer& optimizer, const LambdaLROptions& options);
    std::string name() const override { return "LambdaLR"; }
    StateTree state_dict() const override;

protected:
    std::vector<double> next_lr() const override;
    StateTree settings() const override { return StateTree::dict(); }
    void load_settings(const StateTree&) override { }

private:
    std::vector<RateExpression> lambdas_; // one a group
};

} // namespace leyden
