// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/optim/swa_lr.h"

#include "engine/core/errors.h"
#include "engine/optim/optimizer.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cmath>
#include <numbers>

namespace leyden {
namespace {

Optimizer& with_swa_lrs(Optimizer& optimizer, const std::vector<double>& swa_lrs)
{
    auto& groups = optimizer.param_groups();
    if (swa_lrs.size() != groups.size())
        throw MisconfigurationError(fmt::format("swa_lrs has {} rates, the optimizer {} parameter "
                                                "groups; give one a group, or one number for all",
            swa_lrs.size(), groups.size()));
    for (size_t i = 0; i < groups.size(); ++i)
        groups[i].options.set("swa_lr", swa_lrs[i]);
    return optimizer;
}

} // namespace

SWALR::SWALR(Optimizer& optimizer, const std::vector<double>& swa_lrs, int64_t anneal_epochs,
    AnnealStrategy annealing, int64_t last_epoch)
    : ChainableLRScheduler(with_swa_lrs(optimizer, swa_lrs))
    , anneal_epochs_(anneal_epochs)
    , annealing_(annealing)
{
    if (anneal_epochs < 0)
        throw MisconfigurationError(
            fmt::format("annealing_epochs = {}: expected a whole number >= 0", anneal_epochs));
    set_last_epoch(last_epoch);
    initial_step();
}

double SWALR::share(int64_t step) const
{
    const auto t
        = std::clamp(double(step) / double(std::max<int64_t>(1, anneal_epochs_)), 0.0, 1.0);
    return annealing_ == AnnealStrategy::Cos ? (1 - std::cos(std::numbers::pi * t)) / 2 : t;
}

std::vector<double> SWALR::next_lr() const
{
    auto step = step_count() - 1;
    if (anneal_epochs_ == 0)
        step = std::max<int64_t>(1, step);
    const auto before = share(step - 1);
    const auto now = share(step);
    std::vector<double> lrs;
    for (const auto& group : optimizer().param_groups()) {
        const auto swa_lr = group.options.at("swa_lr").to_double();
        const auto first = before == 1 ? swa_lr : (group.lr - before * swa_lr) / (1 - before);
        lrs.push_back(swa_lr * now + first * (1 - now));
    }
    return lrs;
}

StateTree SWALR::settings() const
{
    return StateTree::dict(
        {{"_anneal_strategy", annealing_ == AnnealStrategy::Cos ? "cos" : "linear"},
            {"anneal_epochs", anneal_epochs_}});
}

void SWALR::load_settings(const StateTree& state)
{
    anneal_epochs_ = state.at("anneal_epochs").to_int();
    annealing_ = state.at("_anneal_strategy").to_string() == "linear" ? AnnealStrategy::Linear
                                                                      : AnnealStrategy::Cos;
}

} // namespace leyden
