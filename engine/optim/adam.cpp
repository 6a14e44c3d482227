// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/optim/adam.h"

#include "engine/config/check_options.h"
#include "engine/core/errors.h"
#include "engine/optim/describe_update.h"
#include "engine/optim/fused_lists.h"
#include "engine/optim/update.h"

#include <ATen/ops/_foreach_add.h>
#include <ATen/ops/_foreach_addcdiv.h>
#include <ATen/ops/_foreach_addcmul.h>
#include <ATen/ops/_foreach_div.h>
#include <ATen/ops/_foreach_lerp.h>
#include <ATen/ops/_foreach_maximum.h>
#include <ATen/ops/_foreach_mul.h>
#include <ATen/ops/_foreach_neg.h>
#include <ATen/ops/_foreach_sqrt.h>
#include <ATen/ops/_fused_adam.h>
#include <ATen/ops/_fused_adamw.h>
#include <ATen/ops/add.h>
#include <ATen/ops/full.h>
#include <ATen/ops/maximum.h>
#include <ATen/ops/neg.h>
#include <ATen/ops/sqrt.h>
#include <ATen/ops/zeros_like.h>

#include <cmath>

namespace leyden {

namespace {

using FusedKernel = void(at::TensorList, at::TensorList, at::TensorList, at::TensorList,
    at::TensorList, at::TensorList, double, double, double, double, double, bool, bool,
    const std::optional<at::Tensor>&, const std::optional<at::Tensor>&);

template <class Options> void describe_adam(OptionTable<Options>& table)
{
    describe_lr(table);
    describe_betas(table);
    describe_eps(table);
    describe_weight_decay(table);
    table.add("amsgrad", &Options::amsgrad, "Divide by the largest mean square seen so far")
        .advanced();
    describe_decoupled_decay(table);
    describe_update(table);
}

template <class Options>
ParamGroup adam_group(std::vector<at::Tensor> params, const Options& options, bool decoupled)
{
    check_options(options);
    return {std::move(params), options.lr,
        StateTree::dict({
            {"betas", StateTree::tuple({options.betas[0], options.betas[1]})},
            {"eps", options.eps},
            {"weight_decay", as_written(options.weight_decay)},
            {"amsgrad", options.amsgrad},
            {"maximize", options.maximize},
            {"foreach", optional_flag(options.foreach)},
            {"capturable", options.capturable},
            {"differentiable", options.differentiable},
            {"fused", optional_flag(options.fused)},
            {"decoupled_weight_decay", decoupled},
        })};
}

} // namespace

void describe(OptionTable<AdamOptions>& table)
{
    describe_adam(table);
}

void describe(OptionTable<AdamWOptions>& table)
{
    describe_adam(table);
}

Adam::Adam(std::vector<at::Tensor> params, const AdamOptions& options)
    : Adam(std::vector{group(std::move(params), options)})
{
}

Adam::Adam(std::vector<ParamGroup> groups) : Optimizer(std::move(groups))
{
    size_t count = 0;
    for (const auto& group : param_groups()) {
        count += group.params.size();
        for (const auto& param : group.params)
            if (param.is_complex())
                throw MisconfigurationError(
                    "Adam: complex parameters are not supported; use SGD for them");
    }
    states_.resize(count);
}

ParamGroup Adam::group(std::vector<at::Tensor> params, const AdamOptions& options)
{
    return adam_group(std::move(params), options, options.decoupled_weight_decay);
}

void Adam::begin(ParamState& state, const at::Tensor& param, bool amsgrad)
{
    if (!state.exp_avg.defined()) {
        state.exp_avg = at::zeros_like(param);
        state.exp_avg_sq = at::zeros_like(param);
    }
    if (amsgrad && !state.max_exp_avg_sq.defined())
        state.max_exp_avg_sq = at::zeros_like(param);
}

void Adam::update(ParamGroup& group, size_t first_index)
{
    if (is_fused(group))
        return update_fused(group, first_index);
    if (is_foreach(group))
        return update_foreach(group, first_index);
    const auto lr = group.lr;
    const auto [beta1, beta2] = pair(group, "betas");
    const auto eps = number(group, "eps");
    const auto weight_decay = number(group, "weight_decay");
    const auto amsgrad = flag(group, "amsgrad");
    const auto maximize = flag(group, "maximize");
    const auto decoupled = flag(group, "decoupled_weight_decay");

    const DirectKernels direct;
    for (size_t i = 0; i < group.params.size(); ++i) {
        const auto& param = group.params[i];
        if (!param.grad().defined())
            continue;
        if (param.grad().is_sparse())
            throw MisconfigurationError("Adam: a gradient is sparse; use SGD for that parameter");
        auto& state = states_[first_index + i];
        begin(state, param, amsgrad);

        auto grad = maximize ? at::neg(param.grad()) : param.grad();
        state.step += 1;
        if (weight_decay != 0) {
            if (decoupled)
                scale_(param, 1 - lr * weight_decay);
            else
                grad = at::add(grad, param, weight_decay);
        }
        state.exp_avg.lerp_(grad, 1 - beta1);
        scale_(state.exp_avg_sq, beta2).addcmul_(grad, grad, 1 - beta2);

        const double step = state.step;
        const auto step_size = lr / (1 - std::pow(beta1, step));
        const auto bias_correction2_sqrt = std::pow(1 - std::pow(beta2, step), 0.5);
        if (amsgrad)
            at::maximum_out(state.max_exp_avg_sq, state.max_exp_avg_sq, state.exp_avg_sq);
        const auto denom = at::sqrt(amsgrad ? state.max_exp_avg_sq : state.exp_avg_sq);
        denom.div_(bias_correction2_sqrt).add_(eps);
        param.addcdiv_(state.exp_avg, denom, -step_size);
        mark_written(param);
    }
}

void Adam::update_foreach(const ParamGroup& group, size_t first_index)
{
    const auto [beta1, beta2] = pair(group, "betas");
    const auto weight_decay = number(group, "weight_decay");
    const auto amsgrad = flag(group, "amsgrad");
    const DirectKernels direct;
    for (const auto& list : foreach_lists(group, "Adam")) {
        std::vector<at::Tensor> params, grads, exp_avgs, exp_avg_sqs, max_exp_avg_sqs;
        std::vector<at::Scalar> rates, roots;
        for (const auto i : list) {
            const auto& param = group.params[i];
            auto& state = states_[first_index + i];
            begin(state, param, amsgrad);
            state.step += 1;
            params.push_back(param);
            grads.push_back(param.grad());
            exp_avgs.push_back(state.exp_avg);
            exp_avg_sqs.push_back(state.exp_avg_sq);
            if (amsgrad)
                max_exp_avg_sqs.push_back(state.max_exp_avg_sq);
            rates.emplace_back(-(group.lr / (1 - std::pow(beta1, double(state.step)))));
            roots.emplace_back(std::pow(1 - std::pow(beta2, double(state.step)), 0.5));
        }
        if (flag(group, "maximize"))
            grads = at::_foreach_neg(grads);
        if (weight_decay != 0 && flag(group, "decoupled_weight_decay"))
            at::_foreach_mul_(params, 1 - group.lr * weight_decay);
        else if (weight_decay != 0)
            grads = at::_foreach_add(grads, params, weight_decay);
        at::_foreach_lerp_(exp_avgs, grads, 1 - beta1);
        at::_foreach_mul_(exp_avg_sqs, beta2);
        at::_foreach_addcmul_(exp_avg_sqs, grads, grads, 1 - beta2);
        if (amsgrad)
            at::_foreach_maximum_(max_exp_avg_sqs, exp_avg_sqs);
        const auto denoms = at::_foreach_sqrt(amsgrad ? max_exp_avg_sqs : exp_avg_sqs);
        at::_foreach_div_(denoms, roots);
        at::_foreach_add_(denoms, number(group, "eps"));
        at::_foreach_addcdiv_(params, exp_avgs, denoms, rates);
        for (const auto& param : params)
            mark_written(param);
    }
}

void Adam::update_fused(const ParamGroup& group, size_t first_index)
{
    const auto [beta1, beta2] = pair(group, "betas");
    const auto amsgrad = flag(group, "amsgrad");
    const auto kernel = flag(group, "decoupled_weight_decay")
        ? static_cast<FusedKernel*>(at::_fused_adamw_)
        : static_cast<FusedKernel*>(at::_fused_adam_);
    const DirectKernels direct;
    for (const auto& list : fused_lists(group, "Adam")) {
        std::vector<at::Tensor> params, grads, exp_avgs, exp_avg_sqs, max_exp_avg_sqs, steps;
        for (const auto i : list) {
            const auto& param = group.params[i];
            auto& state = states_[first_index + i];
            begin(state, param, amsgrad);
            state.step += 1;
            params.push_back(param);
            grads.push_back(fused_gradient(param));
            exp_avgs.push_back(state.exp_avg);
            exp_avg_sqs.push_back(state.exp_avg_sq);
            if (amsgrad)
                max_exp_avg_sqs.push_back(state.max_exp_avg_sq);
            steps.push_back(at::full({}, state.step, param.options().dtype(at::kFloat)));
        }
        kernel(params, grads, exp_avgs, exp_avg_sqs, max_exp_avg_sqs, steps, group.lr, beta1, beta2,
            number(group, "weight_decay"), number(group, "eps"), amsgrad, flag(group, "maximize"),
            grad_scale(), found_inf());
        if (is_overflown())
            for (const auto i : list)
                states_[first_index + i].step -= 1;
        for (const auto& param : params)
            mark_written(param);
    }
}

StateTree Adam::param_state(size_t index) const
{
    const auto& state = states_[index];
    if (!state.exp_avg.defined())
        return {};
    auto saved = StateTree::dict({
        {"step", at::full({}, state.step, at::kFloat)},
        {"exp_avg", state.exp_avg},
        {"exp_avg_sq", state.exp_avg_sq},
    });
    if (state.max_exp_avg_sq.defined())
        saved.set("max_exp_avg_sq", state.max_exp_avg_sq);
    return saved;
}

void Adam::load_param_state(size_t index, const at::Tensor& param, const StateTree& state)
{
    ParamState next;
    if (state.size() > 0) {
        const auto& step = state.at("step"); // a number in files of PyTorch 1
        next.step = step.is_tensor() ? step.tensor().item<float>() : float(step.to_double());
        next.exp_avg = loaded(index, param, state.at("exp_avg"));
        next.exp_avg_sq = loaded(index, param, state.at("exp_avg_sq"));
        if (const auto* maximum = state.find("max_exp_avg_sq"))
            next.max_exp_avg_sq = loaded(index, param, *maximum);
    }
    states_[index] = std::move(next);
}

AdamW::AdamW(std::vector<at::Tensor> params, const AdamWOptions& options)
    : AdamW(std::vector{group(std::move(params), options)})
{
}

AdamW::AdamW(std::vector<ParamGroup> groups) : Adam(std::move(groups)) { }

ParamGroup AdamW::group(std::vector<at::Tensor> params, const AdamWOptions& options)
{
    return adam_group(std::move(params), options, /*decoupled=*/true);
}

void AdamW::update(ParamGroup& group, size_t first_index)
{
    group.options.set("decoupled_weight_decay", true); // whatever a loaded state says
    Adam::update(group, first_index);
}

} // namespace leyden
