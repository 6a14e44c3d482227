// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/optim/optimizer.h"

#include "engine/core/errors.h"
#include "engine/optim/fused_lists.h"

#include <ATen/ops/empty_like.h>
#include <c10/core/GradMode.h>
#include <c10/util/StringUtil.h>
#include <torch/csrc/autograd/variable.h>

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <array>
#include <optional>
#include <unordered_set>

namespace leyden {

namespace {

void refuse_undefined(const std::vector<ParamGroup>& groups)
{
    for (const auto& group : groups)
        for (const auto& param : group.params)
            if (!param.defined())
                throw MisconfigurationError(
                    "an optimizer was given a parameter that is not defined; "
                    "take the module's parameters()");
}

void drop_duplicates(std::vector<ParamGroup>& groups)
{
    std::unordered_set<const c10::TensorImpl*> seen;
    for (auto& group : groups)
        std::erase_if(group.params, [&](const at::Tensor& param) {
            return !seen.insert(param.unsafeGetTensorImpl()).second;
        });
}

/// Saved group -> ours: its rate and options; what it lacks (older files) stays as it is.
void load_options(ParamGroup& group, const StateTree& saved)
{
    auto options = StateTree::dict();
    for (const auto& [key, value] : saved.entries()) {
        const auto* name = std::get_if<std::string>(&key);
        if (!name || *name == "params")
            continue;
        if (*name == "lr")
            group.lr = value.is_tensor() ? value.tensor().item<double>() : value.to_double();
        else
            options.set(*name, value);
    }
    for (const auto& [key, value] : group.options.entries())
        if (const auto& name = std::get<std::string>(key); !options.contains(name))
            options.set(name, value);
    group.options = std::move(options);
}

/// Options by which PyTorch's optimizers can be told apart.
constexpr std::array telling_options = {"alpha", "amsgrad", "betas", "centered", "dampening",
    "etas", "history_size", "initial_accumulator_value", "lambd", "lr_decay", "momentum",
    "momentum_decay", "ns_steps", "rho", "step_sizes", "t0"};

/// A group of another optimizer lacks what this one steps by, as SGD's momentum, or has what this
/// one knows nothing of.
void refuse_other_optimizer(
    const std::string& name, const StateTree& options, const StateTree& saved)
{
    for (const std::string option : telling_options) {
        if (options.contains(option) == saved.contains(option))
            continue;
        throw CheckpointError(
            fmt::format("{}: the saved state is that of another optimizer (its groups {} \"{}\"); "
                        "use the one it was "
                        "trained with, or leave the optimizer out of ckpt_restore, with ckpt_path "
                        "naming the file",
                name, saved.contains(option) ? "have" : "lack", option));
    }
}

} // namespace

Optimizer::Optimizer(std::vector<ParamGroup> groups) : param_groups_(std::move(groups))
{
    refuse_undefined(param_groups_);
    drop_duplicates(param_groups_);
    bool is_empty = true;
    for (const auto& group : param_groups_)
        for (const auto& param : group.params) {
            is_empty = false;
            if (!param.is_leaf() && !param.retains_grad())
                throw MisconfigurationError("optimizer: a parameter is the result of an operation; "
                                            "only leaf tensors can be optimized");
        }
    if (is_empty)
        throw MisconfigurationError("optimizer: the list of parameters is empty; give it a module "
                                    "that has parameters");
    defaults_ = {{}, param_groups_.front().lr, param_groups_.front().options};
}

Optimizer::~Optimizer() = default;

void Optimizer::set_defaults(ParamGroup defaults)
{
    defaults.params.clear();
    defaults_ = std::move(defaults);
}

void Optimizer::add_param_group(ParamGroup group)
{
    size_t count = 0;
    for (const auto& known : param_groups_) {
        count += known.params.size();
        for (const auto& param : known.params)
            for (const auto& added : group.params)
                if (param.is_same(added))
                    throw MisconfigurationError(
                        name() + ": a parameter of the new group is in another group already");
    }
    for (const auto& [key, value] : defaults_.options.entries())
        if (const auto& option = std::get<std::string>(key); !group.options.contains(option))
            group.options.set(option, value);
    count += group.params.size();
    param_groups_.push_back(std::move(group));
    resize_states(count);
}

void Optimizer::set_param_groups(std::vector<ParamGroup> groups)
{
    size_t count = 0;
    for (const auto& group : groups)
        count += group.params.size();
    param_groups_ = std::move(groups);
    resize_states(count);
}

at::Tensor Optimizer::step(const Closure& closure)
{
    at::Tensor loss;
    if (closure) {
        std::optional<c10::AutoGradMode> with_gradients;
        if (!c10::GradMode::is_enabled()) // in a fit they are
            with_gradients.emplace(true);
        loss = closure();
    }
    const c10::NoGradGuard no_grad;
    size_t first_index = 0;
    for (auto& group : param_groups_) {
        update(group, first_index);
        first_index += group.params.size();
    }
    return loss;
}

bool Optimizer::unscales_itself() const
{
    return std::any_of(param_groups_.begin(), param_groups_.end(), is_fused);
}

void Optimizer::step_scaled(const at::Tensor& grad_scale, const at::Tensor& found_inf)
{
    if (grad_scale.defined())
        grad_scale_ = grad_scale;
    found_inf_ = found_inf;
    const auto forget = [this] {
        grad_scale_.reset();
        found_inf_.reset();
    };
    try {
        step();
    } catch (...) {
        forget();
        throw;
    }
    forget();
}

bool Optimizer::is_overflown() const
{
    return found_inf_ && found_inf_->item<float>() != 0;
}

void Optimizer::zero_grad()
{
    for (auto& group : param_groups_)
        for (auto& param : group.params)
            param.mutable_grad().reset();
}

StateTree Optimizer::state_dict() const
{
    auto states = StateTree::dict();
    auto groups = StateTree::list();
    size_t index = 0;
    for (const auto& group : param_groups_) {
        auto packed = StateTree::dict({{"lr", group.lr}});
        for (const auto& [key, value] : group.options.entries())
            packed.set(std::get<std::string>(key), value);
        auto indices = StateTree::list();
        for (size_t i = 0; i < group.params.size(); ++i, ++index) {
            indices.push_back(int64_t(index));
            if (auto state = param_state(index); state.size() > 0)
                states.set(int64_t(index), std::move(state));
        }
        packed.set("params", std::move(indices));
        groups.push_back(std::move(packed));
    }
    return StateTree::dict({{"state", std::move(states)}, {"param_groups", std::move(groups)}});
}

void Optimizer::load_state_dict(const StateTree& state)
{
    const auto& saved_groups = state.at("param_groups").items();
    if (saved_groups.size() != param_groups_.size())
        throw CheckpointError(
            fmt::format("{}: the saved state has {} parameter groups, the model's optimizer {}; "
                        "leave the optimizer out of ckpt_restore, with ckpt_path naming the file",
                name(), saved_groups.size(), param_groups_.size()));
    for (size_t i = 0; i < saved_groups.size(); ++i)
        if (const auto saved = saved_groups[i].at("params").size();
            saved != param_groups_[i].params.size())
            throw CheckpointError(
                fmt::format("{}: group {} of the saved state has {} parameters, the model's "
                            "optimizer {}; leave the optimizer out of ckpt_restore, with ckpt_path "
                            "naming the file",
                    name(), i, saved, param_groups_[i].params.size()));

    for (const auto& saved : saved_groups)
        refuse_other_optimizer(name(), defaults_.options, saved);

    const auto& states = state.at("state");
    size_t index = 0;
    for (size_t i = 0; i < saved_groups.size(); ++i) {
        auto& group = param_groups_[i];
        load_options(group, saved_groups[i]);
        for (size_t j = 0; j < group.params.size(); ++j, ++index) {
            const auto* saved = states.find(saved_groups[i].at("params")[j].to_int());
            load_param_state(index, group.params[j], saved ? *saved : StateTree());
        }
    }
}

at::Tensor Optimizer::loaded(size_t index, const at::Tensor& param, const StateTree& value) const
{
    const auto& tensor = value.tensor();
    if (tensor.sizes() != param.sizes())
        throw CheckpointError(c10::str(name(), ": the saved state of parameter ", index,
            " has shape ", tensor.sizes(), ", the parameter ", param.sizes()));
    return at::empty_like(param.detach()).copy_(tensor); // with the parameter's strides, which
                                                         // fused kernels need
}

} // namespace leyden
