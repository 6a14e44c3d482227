// SPDX-License-Identifier: GPL-3.0-or-later
// The Trainer's part that steps optimizers, automatic and by hand.
#include "engine/trainer/trainer.h"

#include "engine/callbacks/callback.h"
#include "engine/core/errors.h"
#include "engine/core/lightning_module.h"
#include "engine/core/number_text.h"
#include "engine/optim/largest_lr.h"
#include "engine/optim/no_optimizer.h"
#include "engine/strategies/strategy.h"
#include "engine/trainer/call.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <stdexcept>
#include <string_view>
#include <utility>

namespace leyden {

void Trainer::setup_optimizers()
{
    auto setup = call_module(*this, Hook::ConfigureOptimizers,
        [](LightningModule& m) { return m.configure_optimizers(); });
    is_automatic_ = module_->automatic_optimization;
    if (is_automatic_ && setup.optimizers.size() > 1)
        throw MisconfigurationError(fmt::format(
            "configure_optimizers gave {} optimizers; automatic optimization takes one: set "
            "automatic_optimization = false and step them in training_step, or give one",
            setup.optimizers.size()));
    if (std::find(setup.optimizers.begin(), setup.optimizers.end(), nullptr)
        != setup.optimizers.end())
        throw MisconfigurationError(
            "configure_optimizers gave an optimizer that is null; leave it out");
    if (setup.optimizers.empty()) {
        warn("configure_optimizers gave no optimizer: the run goes on, and no parameter changes");
        setup.optimizers.push_back(std::make_shared<NoOptimizer>());
    }
    for (const auto& config : setup.lr_schedulers) {
        if (!config.scheduler)
            throw MisconfigurationError(
                "configure_optimizers gave a scheduler config without a scheduler");
        const auto is_its_optimizer = [&](const std::shared_ptr<Optimizer>& optimizer) {
            return optimizer.get() == &config.scheduler->optimizer();
        };
        if (std::none_of(setup.optimizers.begin(), setup.optimizers.end(), is_its_optimizer))
            throw MisconfigurationError(
                fmt::format("lr_scheduler {} belongs to an optimizer that configure_optimizers "
                            "did not give; give that one too",
                    config.scheduler->name()));
        if (!is_automatic_) {
            if (!config.monitor.empty())
                warn(fmt::format("lr_scheduler {}: monitor = '{}' is ignored, since under manual "
                                 "optimization training_step steps the scheduler",
                    config.scheduler->name(), config.monitor));
            continue;
        }
        if (config.interval != "epoch" && config.interval != "step")
            throw MisconfigurationError(fmt::format(
                "lr_scheduler interval = '{}': expected epoch or step", config.interval));
        if (config.frequency < 1)
            throw MisconfigurationError(fmt::format(
                "lr_scheduler frequency = {}: expected a number >= 1", config.frequency));
        if (config.scheduler->needs_metric() && config.monitor.empty())
            throw MisconfigurationError(
                fmt::format("lr_scheduler {} needs monitor", config.scheduler->name()));
    }
    optimizers_ = std::move(setup.optimizers);
    schedulers_ = std::move(setup.lr_schedulers);
    lightning_optimizers_.clear();
    for (const auto& optimizer : optimizers_)
        lightning_optimizers_.emplace_back(*this, optimizer);
}

namespace {

/// The schedules that move an optimizer's rate, for messages.
std::string mover_of(const Optimizer& optimizer, const std::vector<LRSchedulerConfig>& schedulers)
{
    std::vector<std::string> names;
    for (const auto& config : schedulers)
        if (&config.scheduler->optimizer() == &optimizer)
            names.push_back(config.scheduler->name());
    return names.empty() ? "" : fmt::format(" by lr_scheduler {}", fmt::join(names, ", "));
}

/// Why the optimizer cannot take this step; "" where its rates are such as the parameters hold.
std::string rate_problem(const Optimizer& optimizer,
    const std::vector<LRSchedulerConfig>& schedulers, int64_t step, const char* reason)
{
    for (const auto& group : optimizer.param_groups()) {
        const bool is_double
            = !group.params.empty() && group.params.front().scalar_type() == at::kDouble;
        const auto largest = is_double ? std::numeric_limits<double>::max() : largest_lr;
        if (std::abs(group.lr) > largest)
            return fmt::format("{}: the learning rate is {} at step {}{}; the parameters hold "
                               "numbers up to {:.4g}: lower the rate, or let it grow less",
                optimizer.name(), python_repr(group.lr), step, mover_of(optimizer, schedulers),
                largest);
    }
    if (!reason)
        return {};
    std::vector<std::string> rates;
    for (const auto& group : optimizer.param_groups())
        rates.push_back(python_repr(group.lr));
    return fmt::format(
        "{}: step {} computes with a number that the parameters cannot hold (lr = "
        "{}{}; LibTorch says: {}); lower lr, weight_decay, or what else is very large",
        optimizer.name(), step, fmt::join(rates, ", "), mover_of(optimizer, schedulers), reason);
}

} // namespace

void Trainer::check_optimization() const
{
    if (module_->automatic_optimization)
        return;
    if (plan_.live.gradient_clip_val)
        throw MisconfigurationError(fmt::format(
            "gradient_clip_val = {}: manual optimization clips by hand; unset it, and call "
            "clip_gradients(optimizer, {}) in training_step",
            *plan_.live.gradient_clip_val, *plan_.live.gradient_clip_val));
    if (plan_.live.accumulate_grad_batches != 1)
        throw MisconfigurationError(fmt::format(
            "accumulate_grad_batches = {}: manual optimization accumulates by hand; set it to 1, "
            "and step the optimizer in every {}th training_step",
            plan_.live.accumulate_grad_batches, plan_.live.accumulate_grad_batches));
}

void Trainer::run_backward(const at::Tensor& loss)
{
    static const BackwardOptions plain;
    run_backward(loss, plain);
}

void Trainer::run_backward(const at::Tensor& loss, const BackwardOptions& options)
{
    const bool turned_bad = non_finite_watch_.is_first(loss);
    const auto scaled = strategy_->precision().pre_backward(loss);
    call_callbacks(*this, Hook::OnBeforeBackward,
        [&](Callback& c) { c.on_before_backward(*this, *module_, scaled); });
    call_module(
        *this, Hook::OnBeforeBackward, [&](LightningModule& m) { m.on_before_backward(scaled); });
    call_module(*this, Hook::Backward,
        [&](LightningModule& m) { strategy_->backward(m, scaled, options); });
    call_both(*this, Hook::OnAfterBackward, &Callback::on_after_backward,
        &LightningModule::on_after_backward);
    if (turned_bad)
        non_finite_watch_.report(*this);
}

at::Tensor Trainer::step_optimizer(Optimizer& optimizer, const Closure& closure)
{
    static const Closure nothing = [] { return at::Tensor(); }; // by hand the gradients are there
                                                                // already
    if (const auto problem = rate_problem(optimizer, schedulers_, global_step(), nullptr);
        !problem.empty())
        throw Error(problem);
    const auto before_step = [&] {
        call_callbacks(*this, Hook::OnBeforeOptimizerStep,
            [&](Callback& c) { c.on_before_optimizer_step(*this, *module_, optimizer); });
        call_module(*this, Hook::OnBeforeOptimizerStep,
            [&](LightningModule& m) { m.on_before_optimizer_step(optimizer); });
        if (!is_automatic_)
            return; // clipped by hand
        call_module(*this, Hook::ConfigureGradientClipping, [&](LightningModule& m) {
            m.configure_gradient_clipping(
                optimizer, plan_.live.gradient_clip_val, plan_.gradient_clip_algorithm);
        });
    };
    try {
        return strategy_->optimizer_step(
            optimizer, lightning_module(), closure ? closure : nothing, before_step);
    } catch (const std::runtime_error& error) { // of c10::checked_convert
        const std::string_view text(error.what());
        if (text.find("without overflow") == std::string_view::npos
            || text.find("cannot be converted to type") == std::string_view::npos)
            throw;
        throw Error(rate_problem(optimizer, schedulers_, global_step(), error.what()));
    }
}

} // namespace leyden
