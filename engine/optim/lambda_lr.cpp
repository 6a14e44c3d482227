// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/optim/lambda_lr.h"

#include "engine/config/check_options.h"
#include "engine/optim/describe_schedule.h"
#include "engine/optim/per_group.h"
#include "engine/optim/rate_expression.h"

#include <algorithm>
#include <utility>

namespace leyden {

void describe(OptionTable<LambdaLROptions>& table)
{
    using T = LambdaLROptions;
    table.add("lr_lambda", &T::lr_lambda, "Factor of the first rate, as a formula of epoch")
        .required()
        .details("Python's arithmetic, e.g. \"0.95 ** epoch\" or \"1 if epoch < 10 else 0.1\"; "
                 "epoch counts the scheduler's steps. A list has one formula a parameter group.")
        .check([](const Json& value) -> std::string {
            try {
                for (const auto& text : value.is_array() ? value : Json::array({value}))
                    RateExpression(text.get<std::string>());
            } catch (const MisconfigurationError& error) {
                return error.what();
            }
            return {};
        });
    describe_last_epoch(table);
}

LambdaLR::LambdaLR(Optimizer& optimizer, const LambdaLROptions& options)
    : ChainableLRScheduler(optimizer)
{
    check_options(options);
    for (const auto& text : per_group("lr_lambda", optimizer, options.lr_lambda))
        lambdas_.emplace_back(
            [formula = RateExpression(text)](int64_t epoch) { return formula(double(epoch)); });
    initial_step();
}

LambdaLR::LambdaLR(Optimizer& optimizer, const Function& lr_lambda)
    : LambdaLR(optimizer, std::vector<Function>(optimizer.param_groups().size(), lr_lambda))
{
}

LambdaLR::LambdaLR(Optimizer& optimizer, std::vector<Function> lr_lambdas)
    : ChainableLRScheduler(optimizer), lambdas_(std::move(lr_lambdas))
{
    if (std::any_of(lambdas_.begin(), lambdas_.end(), [](const auto& one) { return !one; }))
        throw MisconfigurationError("LambdaLR: a function is empty; give one");
    if (lambdas_.size() != optimizer.param_groups().size())
        throw MisconfigurationError("LambdaLR: " + std::to_string(lambdas_.size())
            + " functions for " + std::to_string(optimizer.param_groups().size())
            + " parameter groups; give one a group, or one for all");
    initial_step();
}

std::vector<double> LambdaLR::next_lr() const
{
    auto lrs = base_lrs();
    LEYDEN_ASSERT(lrs.size() == lambdas_.size());
    for (size_t i = 0; i < lrs.size(); ++i)
        lrs[i] *= lambdas_[i](last_epoch());
    return lrs;
}

StateTree LambdaLR::state_dict() const
{
    auto state = ChainableLRScheduler::state_dict();
    state.set("lr_lambdas", StateTree::list(std::vector<StateTree>(lambdas_.size())));
    return state;
}

} // namespace leyden
