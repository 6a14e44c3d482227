// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/callbacks/backbone_finetuning.h"

#include "engine/config/check_options.h"
#include "engine/config/nearest_name.h"
#include "engine/core/errors.h"
#include "engine/core/lightning_module.h"
#include "engine/core/number_text.h"
#include "engine/optim/rate_expression.h"
#include "engine/trainer/run_checks.h"
#include "engine/trainer/trainer.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace leyden {
namespace {

std::vector<std::string> names_of(const BackboneFinetuningOptions& options)
{
    if (const auto* name = std::get_if<std::string>(&options.backbone))
        return {*name};
    return std::get<std::vector<std::string>>(options.backbone);
}

/// Why these are no submodules; "" where they are.
std::string unknown_name(const LightningModule& module, const std::vector<std::string>& names)
{
    const auto modules = module.named_modules({}, /*include_self=*/false);
    for (const auto& name : names) {
        if (modules.find(name))
            continue;
        auto known = modules.keys();
        const auto near = did_you_mean(name, known);
        constexpr size_t most = 20;
        const auto more = known.size() > most ? ", ..." : "";
        known.resize(std::min(known.size(), most));
        return fmt::format(
            "BackboneFinetuning: backbone = '{}': {} has no such submodule; it has {}{}{}", name,
            module.name(), fmt::join(known, ", "), more, near);
    }
    return {};
}

BaseFinetuning::Modules backbone_of(
    const LightningModule& module, const BackboneFinetuningOptions& options)
{
    const auto names = names_of(options);
    if (const auto problem = unknown_name(module, names); !problem.empty())
        throw MisconfigurationError(problem);
    const auto modules = module.named_modules({}, /*include_self=*/false);
    BaseFinetuning::Modules found;
    for (const auto& name : names)
        found.push_back(modules.find(name)->get());
    return found;
}

} // namespace

void describe(OptionTable<BackboneFinetuningOptions>& table)
{
    using Options = BackboneFinetuningOptions;
    table
        .add("backbone", &Options::backbone,
            "Submodule that is frozen at first, by name, or a list of them")
        .not_empty()
        .details("leyden check lists the layers, e.g. \"net.0\". What is below a layer belongs to "
                 "it.");
    table
        .add("unfreeze_backbone_at_epoch", &Options::unfreeze_backbone_at_epoch,
            "Epoch, from 0, from which the backbone trains too")
        .at_least(0);
    table
        .add("lambda_func", &Options::lambda_func,
            "Factor of the backbone's rate in each later epoch, as a formula of epoch")
        .details("Python's arithmetic, e.g. \"1.5\" or \"2 if epoch < 20 else 1\".")
        .check([](const Json& value) -> std::string {
            try {
                RateExpression(value.get<std::string>());
            } catch (const MisconfigurationError& error) {
                return error.what();
            }
            return {};
        });
    table
        .add("backbone_initial_ratio_lr", &Options::backbone_initial_ratio_lr,
            "The backbone's first rate, as a share of the first group's")
        .at_least(0);
    table
        .add("backbone_initial_lr", &Options::backbone_initial_lr,
            "The backbone's first rate; unset: by backbone_initial_ratio_lr")
        .at_least(0);
    table.add("should_align", &Options::should_align,
        "Keep the backbone's rate at the first group's at most");
    table
        .add("initial_denom_lr", &Options::initial_denom_lr,
            "Divisor of the rate of a group that is added without one")
        .above(0)
        .advanced();
    table.add("train_bn", &Options::train_bn, "Add the backbone's batch norms to the optimizer too")
        .advanced();
    table.add("verbose", &Options::verbose, "Write a line with the rates in each epoch").advanced();
    table.add("rounding", &Options::rounding, "Decimals of the rates in these lines")
        .at_least(0)
        .at_most(17)
        .advanced()
        .depends_on("verbose");
}

BackboneFinetuning::BackboneFinetuning(
    BackboneFinetuningOptions options, LambdaFunction lambda_func)
    : options_(std::move(options)), lambda_func_(std::move(lambda_func))
{
    check_options(options_);
    if (!lambda_func_)
        lambda_func_ = [formula = RateExpression(options_.lambda_func)](
                           int64_t epoch) { return formula(double(epoch)); };
}

void BackboneFinetuning::freeze_before_training(LightningModule& module)
{
    for (auto* part : backbone_of(module, options_))
        freeze(*part);
}

void BackboneFinetuning::check_run(const RunFacts& facts, RunProblems& problems) const
{
    if (auto problem = unknown_name(*facts.module, names_of(options_)); !problem.empty())
        problems.error("backbone", std::move(problem));
}

void BackboneFinetuning::tell_rates(double current, double backbone) const
{
    const auto rounded = [this](double rate) {
        const auto scale = std::pow(10.0, double(options_.rounding));
        return python_repr(std::round(rate * scale) / scale);
    };
    if (options_.verbose && trainer())
        trainer()->message(MessageEvent::Level::Info,
            fmt::format(
                "learning rate {}, of the backbone {}", rounded(current), rounded(backbone)));
}

void BackboneFinetuning::finetune_function(
    LightningModule& module, int64_t epoch, Optimizer& optimizer)
{
    if (epoch < options_.unfreeze_backbone_at_epoch)
        return;
    const auto current = optimizer.param_groups().front().lr;
    if (epoch == options_.unfreeze_backbone_at_epoch) {
        const auto first
            = options_.backbone_initial_lr.value_or(current * options_.backbone_initial_ratio_lr);
        previous_backbone_lr_ = first;
        unfreeze_and_add_param_group(backbone_of(module, options_), optimizer, first,
            options_.initial_denom_lr, options_.train_bn);
        tell_rates(current, first);
        return;
    }
    if (!previous_backbone_lr_)
        throw MisconfigurationError(fmt::format(
            "BackboneFinetuning: this run begins in epoch {}, after "
            "unfreeze_backbone_at_epoch = {}; resume from a checkpoint that was saved with this "
            "callback, or set a later epoch",
            epoch, options_.unfreeze_backbone_at_epoch));
    auto next = lambda_func_(epoch + 1) * *previous_backbone_lr_;
    if (options_.should_align && next > current)
        next = current;
    optimizer.param_groups().back().lr = next;
    previous_backbone_lr_ = next;
    tell_rates(current, next);
}

StateTree BackboneFinetuning::state_dict() const
{
    auto state = BaseFinetuning::state_dict();
    state.set("previous_backbone_lr",
        previous_backbone_lr_ ? StateTree(*previous_backbone_lr_) : StateTree());
    return state;
}

void BackboneFinetuning::load_state_dict(const StateTree& state)
{
    const auto& rate = state.at("previous_backbone_lr");
    previous_backbone_lr_ = rate.is_none() ? std::nullopt : std::optional(rate.to_double());
    BaseFinetuning::load_state_dict(state);
}

} // namespace leyden
