// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/callbacks/base_finetuning.h"

#include "engine/callbacks/module_tensors.h"
#include "engine/core/errors.h"
#include "engine/core/lightning_module.h"
#include "engine/trainer/trainer.h"

#include <ATen/ops/equal.h>
#include <torch/nn/modules/batchnorm.h>

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <set>

namespace leyden {
namespace {

using torch::nn::Module;

/// A group's rate and options, with the names of its parameters.
StateTree named_group(const ParamGroup& group, const std::map<const void*, std::string>& names)
{
    auto named = StateTree::dict({{"lr", group.lr}});
    for (const auto& [key, value] : group.options.entries())
        named.set(std::get<std::string>(key), value);
    auto params = StateTree::list();
    for (const auto& param : group.params) {
        const auto name = names.find(param.unsafeGetTensorImpl());
        if (name == names.end())
            throw MisconfigurationError("the optimizer has a parameter that the model has not; "
                                        "make it from the model's own");
        params.push_back(name->second);
    }
    named.set("params", std::move(params));
    return named;
}

ParamGroup group_from(
    const StateTree& named, const torch::OrderedDict<std::string, at::Tensor>& parameters)
{
    ParamGroup group{.params = {}, .lr = named.at("lr").to_double(), .options = StateTree::dict()};
    for (const auto& [key, value] : named.entries()) {
        const auto& option = std::get<std::string>(key);
        if (option != "lr" && option != "params")
            group.options.set(option, value);
    }
    for (const auto& name : named.at("params").items()) {
        const auto* parameter = parameters.find(name.to_string());
        if (!parameter)
            throw CheckpointError(fmt::format(
                "the checkpoint's optimizer has a parameter '{}', which this model has not; use "
                "the config it was trained with",
                name.to_string()));
        group.params.push_back(*parameter);
    }
    return group;
}

/// A batch norm that leaves its running statistics and its count alone. C++ has no other switch for
/// that: without track_running_stats it would not use them in evaluation either.
template <class Norm> void stop_statistics(Norm& norm)
{
    norm.options.momentum(0.0);
    norm.num_batches_tracked = at::Tensor(); // the buffer itself stays registered
}

template <class Norm> void go_on_with_statistics(Norm& norm, std::optional<double> momentum)
{
    norm.options.momentum(momentum);
    const auto buffers = norm.named_buffers(/*recurse=*/false);
    if (const auto* count = buffers.find("num_batches_tracked"))
        norm.num_batches_tracked = *count;
}

} // namespace

BaseFinetuning::Modules BaseFinetuning::flatten_modules(Module& module)
{
    Modules all{&module};
    for (const auto& below : module.modules(/*include_self=*/false)) {
        if (std::find(all.begin(), all.end(), below.get()) == all.end())
            all.push_back(below.get());
    }
    std::erase_if(all, [](const Module* one) {
        return !one->children().empty() && one->parameters(false).empty();
    });
    return all;
}

BaseFinetuning::Parameters BaseFinetuning::filter_params(
    Module& module, bool train_bn, bool requires_grad)
{
    Parameters found;
    for (auto* one : flatten_modules(module)) {
        if (!train_bn && is_batch_norm(*one))
            continue;
        for (const auto& param : one->parameters(/*recurse=*/false))
            if (param.requires_grad() == requires_grad)
                found.push_back(param);
    }
    return found;
}

void BaseFinetuning::make_trainable(Module& module)
{
    for (auto* one : flatten_modules(module)) {
        if (const auto frozen = frozen_norms_.find(one); frozen != frozen_norms_.end()) {
            visit_batch_norm(
                *one, [&](auto& norm) { go_on_with_statistics(norm, frozen->second); });
            frozen_norms_.erase(frozen);
        }
        for (auto& param : one->parameters(/*recurse=*/false))
            param.set_requires_grad(true);
    }
}

void BaseFinetuning::freeze_module(Module& module)
{
    if (!frozen_norms_.contains(&module)) {
        visit_batch_norm(module, [&](auto& norm) {
            frozen_norms_.emplace(&module, norm.options.momentum());
            stop_statistics(norm);
        });
    }
    for (auto& param : module.parameters(/*recurse=*/false))
        param.set_requires_grad(false);
}

void BaseFinetuning::freeze(Module& module, bool train_bn)
{
    for (auto* one : flatten_modules(module)) {
        if (train_bn && is_batch_norm(*one))
            make_trainable(*one);
        else
            freeze_module(*one);
    }
}

BaseFinetuning::Parameters BaseFinetuning::filter_on_optimizer(
    const Optimizer& optimizer, const Parameters& params) const
{
    Parameters kept;
    for (const auto& param : params) {
        bool is_known = false;
        for (const auto& group : optimizer.param_groups())
            for (const auto& known : group.params) // by value, as Lightning compares
                is_known = is_known || at::equal(known, param);
        if (!is_known)
            kept.push_back(param);
    }
    if (kept.size() != params.size() && trainer_)
        trainer_->warn(
            fmt::format("{}: {} of {} parameters to be unfrozen are in a group of the optimizer "
                        "already and are left "
                        "out; give configure_optimizers those alone that require gradients",
                name(), params.size() - kept.size(), params.size()));
    return kept;
}

void BaseFinetuning::unfreeze_and_add_param_group(Module& module, Optimizer& optimizer,
    std::optional<double> lr, double initial_denom_lr, bool train_bn)
{
    unfreeze_and_add_param_group(Modules{&module}, optimizer, lr, initial_denom_lr, train_bn);
}

void BaseFinetuning::unfreeze_and_add_param_group(const Modules& modules, Optimizer& optimizer,
    std::optional<double> lr, double initial_denom_lr, bool train_bn)
{
    Parameters all;
    for (auto* module : modules) {
        make_trainable(*module);
        for (auto& param : filter_params(*module, train_bn, true))
            all.push_back(std::move(param));
    }
    const auto rate = lr ? *lr : optimizer.param_groups().front().lr / initial_denom_lr;
    auto params = filter_on_optimizer(optimizer, all);
    if (!params.empty())
        optimizer.add_param_group(
            {.params = std::move(params), .lr = rate, .options = StateTree::dict()});
}

void BaseFinetuning::setup(Trainer& trainer, LightningModule& module, TrainerFn)
{
    trainer_ = &trainer;
    module_ = &module;
    freeze_before_training(module);
}

void BaseFinetuning::on_fit_start(Trainer&, LightningModule& module)
{
    if (std::exchange(is_restarting_, false))
        restore_groups(module);
    if (frozen_.is_dict())
        restore_frozen(module);
    frozen_ = {};
}

void BaseFinetuning::restore_groups(LightningModule& module)
{
    const auto parameters = module.named_parameters();
    auto& optimizers = trainer_->optimizers();
    for (size_t i = 0; i < optimizers.size(); ++i) {
        const auto* named = metadata_.find(int64_t(i));
        if (!named)
            continue;
        std::vector<ParamGroup> groups;
        for (const auto& group : named->items())
            groups.push_back(group_from(group, parameters));
        for (auto& group : groups)
            for (auto& param : group.params)
                param.set_requires_grad(true);
        optimizers[i]->set_param_groups(std::move(groups));
    }
}

void BaseFinetuning::restore_frozen(LightningModule& module)
{
    std::set<std::string> names;
    for (const auto& name : frozen_.at("parameters").items())
        names.insert(name.to_string());
    for (auto& parameter : module.named_parameters())
        parameter.value().set_requires_grad(!names.contains(parameter.key()));
    names.clear();
    for (const auto& name : frozen_.at("norms").items())
        names.insert(name.to_string());
    for (const auto& below : module.named_modules({}, /*include_self=*/false)) {
        const auto frozen = frozen_norms_.find(below.value().get());
        if (frozen == frozen_norms_.end() || names.contains(below.key()))
            continue;
        visit_batch_norm(
            *below.value(), [&](auto& norm) { go_on_with_statistics(norm, frozen->second); });
        frozen_norms_.erase(frozen);
    }
}

void BaseFinetuning::on_train_epoch_start(Trainer& trainer, LightningModule& module)
{
    auto& optimizers = trainer.optimizers();
    for (size_t i = 0; i < optimizers.size(); ++i) {
        const auto before = optimizers[i]->param_groups().size();
        finetune_function(module, trainer.current_epoch(), *optimizers[i]);
        store(module, int64_t(i), *optimizers[i], before);
    }
}

void BaseFinetuning::store(
    LightningModule& module, int64_t index, const Optimizer& optimizer, size_t groups_before)
{
    std::map<const void*, std::string> names;
    for (const auto& parameter : module.named_parameters())
        names.emplace(parameter.value().unsafeGetTensorImpl(), parameter.key());
    const auto& groups = optimizer.param_groups();
    const auto* known = metadata_.find(index);
    if (known && groups.size() == groups_before)
        return;
    auto named = known ? *known : StateTree::list();
    for (size_t i = known ? groups_before : 0; i < groups.size(); ++i)
        named.push_back(named_group(groups[i], names));
    metadata_.set(index, std::move(named));
}

StateTree BaseFinetuning::state_dict() const
{
    return StateTree::dict({{"internal_optimizer_metadata", metadata_}});
}

void BaseFinetuning::load_state_dict(const StateTree& state)
{
    is_restarting_ = true;
    const auto* metadata = state.find("internal_optimizer_metadata");
    metadata_ = metadata ? *metadata : state; // older files have it alone
}

StateTree BaseFinetuning::resume_state() const
{
    if (!module_)
        return {};
    auto parameters = StateTree::list();
    for (const auto& parameter : module_->named_parameters())
        if (!parameter.value().requires_grad())
            parameters.push_back(parameter.key());
    auto norms = StateTree::list();
    for (const auto& below : module_->named_modules({}, /*include_self=*/false))
        if (frozen_norms_.contains(below.value().get()))
            norms.push_back(below.key());
    return StateTree::dict({{"parameters", std::move(parameters)}, {"norms", std::move(norms)}});
}

void BaseFinetuning::load_resume_state(const StateTree& state)
{
    frozen_ = state;
}

} // namespace leyden
