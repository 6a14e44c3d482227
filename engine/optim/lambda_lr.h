// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/optim/chainable_lr_scheduler.h"
#include "engine/optim/lambda_lr_options.h"

#include <functional>
#include <vector>

namespace leyden {

/// Sets every group's rate to its first one times a formula or function of the step.
///
/// Throws: MisconfigurationError for a formula that cannot be read or is not finite at a step, and
///         for a function that is empty or a number of them that is not that of the groups.
/// State:  as PyTorch's for functions: without them.
/// Source: PyTorch 2.13, torch/optim/lr_scheduler.py.
class LEYDEN_API LambdaLR final : public ChainableLRScheduler
{
public:
    using Function = std::function<double(int64_t epoch)>; ///< factor of the first rate

    LambdaLR(Optimizer& optimizer, const LambdaLROptions& options);
    LambdaLR(Optimizer& optimizer, const Function& lr_lambda);        ///< of all groups
    LambdaLR(Optimizer& optimizer, std::vector<Function> lr_lambdas); ///< one a group
    std::string name() const override { return "LambdaLR"; }
    StateTree state_dict() const override;

protected:
    std::vector<double> next_lr() const override;
    StateTree settings() const override { return StateTree::dict(); }
    void load_settings(const StateTree&) override { }

private:
    std::vector<Function> lambdas_; // one a group
};

} // namespace leyden
