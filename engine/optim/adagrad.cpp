// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/optim/adagrad.h"

#include "engine/config/check_options.h"
#include "engine/optim/describe_update.h"
#include "engine/optim/fused_lists.h"
#include "engine/optim/update.h"

#include <ATen/ops/_foreach_add.h>
#include <ATen/ops/_foreach_addcdiv.h>
#include <ATen/ops/_foreach_addcmul.h>
#include <ATen/ops/_foreach_div.h>
#include <ATen/ops/_foreach_lerp.h>
#include <ATen/ops/_foreach_mul.h>
#include <ATen/ops/_foreach_sqrt.h>
#include <ATen/ops/_fused_adagrad.h>
#include <ATen/ops/add.h>
#include <ATen/ops/addcmul.h>
#include <ATen/ops/full_like.h>
#include <ATen/ops/sqrt.h>
#include <ATen/ops/zeros_like.h>

namespace leyden {

void describe(OptionTable<AdagradOptions>& table)
{
    using T = AdagradOptions;
    describe_lr(table);
    table.add("lr_decay", &T::lr_decay, "How fast the rate falls with the steps").at_least(0);
    describe_weight_decay(table);
    table
        .add("initial_accumulator_value", &T::initial_accumulator_value,
            "What the sums of squares begin with")
        .at_least(0)
        .advanced();
    describe_eps(table);
    describe_update(table);
}

void describe(OptionTable<AdadeltaOptions>& table)
{
    using T = AdadeltaOptions;
    describe_lr(table);
    table.add("rho", &T::rho, "Decay of the running means of squares").at_least(0).at_most(1);
    describe_eps(table);
    describe_weight_decay(table);
    describe_update(table);
}

void describe(OptionTable<RMSpropOptions>& table)
{
    using T = RMSpropOptions;
    describe_lr(table);
    table.add("alpha", &T::alpha, "Decay of the running mean of squares").at_least(0);
    describe_eps(table);
    describe_weight_decay(table);
    table.add("momentum", &T::momentum, "Share of the last update that goes on").at_least(0);
    table.add("centered", &T::centered, "Divide by the deviation, not by the mean square");
    describe_update(table);
}

Adagrad::Adagrad(std::vector<at::Tensor> params, const AdagradOptions& options)
    : Adagrad(std::vector{group(std::move(params), options)})
{
}

Adagrad::Adagrad(std::vector<ParamGroup> groups) : BufferedOptimizer(std::move(groups))
{
    size_t index = 0;
    for (const auto& group : param_groups())
        for (const auto& param : group.params)
            begin(group, param, {}, state_of(index++));
}

ParamGroup Adagrad::group(std::vector<at::Tensor> params, const AdagradOptions& options)
{
    check_options(options);
    return {std::move(params), options.lr,
        StateTree::dict({
            {"lr_decay", as_written(options.lr_decay)},
            {"eps", options.eps},
            {"weight_decay", as_written(options.weight_decay)},
            {"initial_accumulator_value", as_written(options.initial_accumulator_value)},
            {"foreach", optional_flag(options.foreach)},
            {"maximize", options.maximize},
            {"differentiable", options.differentiable},
            {"fused", optional_flag(options.fused)},
        })};
}

void Adagrad::update(ParamGroup& group, size_t first_index)
{
    if (!is_fused(group))
        return BufferedOptimizer::update(group, first_index);
    const DirectKernels direct;
    for (const auto& indices : fused_lists(group, "Adagrad")) {
        std::vector<at::Tensor> params, grads, sums, steps;
        for (const auto i : indices) {
            auto& state = state_of(first_index + i);
            if (state.size() == 0)
                begin(group, group.params[i], {}, state);
            count_step(state);
            params.push_back(group.params[i]);
            grads.push_back(fused_gradient(group.params[i]));
            sums.push_back(state.at("sum").tensor());
            steps.push_back(state.at("step").tensor().to(group.params[i].device()));
        }
        at::_fused_adagrad_(params, grads, sums, steps, group.lr, number(group, "lr_decay"),
            number(group, "weight_decay"), number(group, "eps"), flag(group, "maximize"),
            grad_scale(), found_inf());
        if (is_overflown())
            for (const auto i : indices)
                state_of(first_index + i).at("step").tensor().sub_(1);
        for (const auto& param : params)
            mark_written(param);
    }
}

void Adagrad::begin(
    const ParamGroup& group, const at::Tensor& param, const at::Tensor&, StateTree& state)
{
    state.set("step", scalar_state(0));
    state.set("sum", at::full_like(param.detach(), number(group, "initial_accumulator_value")));
}

void Adagrad::update_param(
    const ParamGroup& group, const at::Tensor& param, at::Tensor grad, StateTree& state)
{
    const auto weight_decay = number(group, "weight_decay");
    const auto& sum = state.at("sum").tensor();

    const auto step = count_step(state);
    if (weight_decay != 0)
        grad = at::add(grad, param, weight_decay);
    const auto lr = group.lr / (1 + (step - 1) * number(group, "lr_decay"));
    sum.addcmul_(grad, grad, 1);
    param.addcdiv_(grad, at::sqrt(sum).add_(number(group, "eps")), -lr);
}

void Adagrad::update_list(const ParamGroup& group, ForeachList& list)
{
    const auto lr_decay = number(group, "lr_decay");
    const auto sums = list.tensors("sum");

    list.add_to_grads(number(group, "weight_decay"));
    at::_foreach_addcmul_(sums, list.grads, list.grads, 1);
    const auto root = at::_foreach_sqrt(sums);
    at::_foreach_add_(root, number(group, "eps"));
    const auto rates
        = list.by_step([&](double step) { return -group.lr / (1 + (step - 1) * lr_decay); });
    at::_foreach_addcdiv_(list.params, at::_foreach_mul(list.grads, rates), root);
}

Adadelta::Adadelta(std::vector<at::Tensor> params, const AdadeltaOptions& options)
    : Adadelta(std::vector{group(std::move(params), options)})
{
}

Adadelta::Adadelta(std::vector<ParamGroup> groups) : BufferedOptimizer(std::move(groups)) { }

ParamGroup Adadelta::group(std::vector<at::Tensor> params, const AdadeltaOptions& options)
{
    check_options(options);
    return {std::move(params), options.lr,
        StateTree::dict({
            {"rho", options.rho},
            {"eps", options.eps},
            {"weight_decay", as_written(options.weight_decay)},
            {"maximize", options.maximize},
            {"capturable", options.capturable},
            {"foreach", optional_flag(options.foreach)},
            {"differentiable", options.differentiable},
        })};
}

void Adadelta::begin(
    const ParamGroup&, const at::Tensor& param, const at::Tensor&, StateTree& state)
{
    state.set("step", scalar_state(0));
    state.set("square_avg", at::zeros_like(param));
    state.set("acc_delta", at::zeros_like(param));
}

void Adadelta::update_param(
    const ParamGroup& group, const at::Tensor& param, at::Tensor grad, StateTree& state)
{
    const auto rho = number(group, "rho");
    const auto eps = number(group, "eps");
    const auto weight_decay = number(group, "weight_decay");
    const auto& square_avg = state.at("square_avg").tensor();
    const auto& acc_delta = state.at("acc_delta").tensor();

    count_step(state);
    if (weight_decay != 0)
        grad = at::add(grad, param, weight_decay);
    scale_(square_avg, rho).addcmul_(grad, grad, 1 - rho);
    const auto std = at::add(square_avg, eps).sqrt_();
    const auto delta = at::add(acc_delta, eps).sqrt_();
    delta.div_(std).mul_(grad);
    scale_(acc_delta, rho).addcmul_(delta, delta, 1 - rho);
    param.add_(delta, -group.lr);
}

void Adadelta::update_list(const ParamGroup& group, ForeachList& list)
{
    const auto rho = number(group, "rho");
    const auto eps = number(group, "eps");
    const auto square_avgs = list.tensors("square_avg");
    const auto acc_deltas = list.tensors("acc_delta");

    list.add_to_grads(number(group, "weight_decay"));
    at::_foreach_mul_(square_avgs, rho);
    at::_foreach_addcmul_(square_avgs, list.grads, list.grads, 1 - rho);
    const auto roots = at::_foreach_add(square_avgs, eps);
    at::_foreach_sqrt_(roots);
    const auto deltas = at::_foreach_add(acc_deltas, eps);
    at::_foreach_sqrt_(deltas);
    at::_foreach_div_(deltas, roots);
    at::_foreach_mul_(deltas, list.grads);
    at::_foreach_mul_(acc_deltas, rho);
    at::_foreach_addcmul_(acc_deltas, deltas, deltas, 1 - rho);
    at::_foreach_add_(list.params, deltas, -group.lr);
}

RMSprop::RMSprop(std::vector<at::Tensor> params, const RMSpropOptions& options)
    : RMSprop(std::vector{group(std::move(params), options)})
{
}

RMSprop::RMSprop(std::vector<ParamGroup> groups) : BufferedOptimizer(std::move(groups)) { }

ParamGroup RMSprop::group(std::vector<at::Tensor> params, const RMSpropOptions& options)
{
    check_options(options);
    return {std::move(params), options.lr,
        StateTree::dict({
            {"momentum", as_written(options.momentum)},
            {"alpha", options.alpha},
            {"eps", options.eps},
            {"centered", options.centered},
            {"weight_decay", as_written(options.weight_decay)},
            {"capturable", options.capturable},
            {"foreach", optional_flag(options.foreach)},
            {"maximize", options.maximize},
            {"differentiable", options.differentiable},
        })};
}

void RMSprop::begin(
    const ParamGroup& group, const at::Tensor& param, const at::Tensor&, StateTree& state)
{
    state.set("step", scalar_state(0));
    state.set("square_avg", at::zeros_like(param));
    if (number(group, "momentum") > 0)
        state.set("momentum_buffer", at::zeros_like(param));
    if (flag(group, "centered"))
        state.set("grad_avg", at::zeros_like(param));
}

void RMSprop::update_param(
    const ParamGroup& group, const at::Tensor& param, at::Tensor grad, StateTree& state)
{
    const auto momentum = number(group, "momentum");
    const auto centered = flag(group, "centered");
    const auto alpha = number(group, "alpha");
    const auto weight_decay = number(group, "weight_decay");
    const auto& square_avg = state.at("square_avg").tensor();

    count_step(state);
    if (weight_decay != 0)
        grad = at::add(grad, param, weight_decay);
    scale_(square_avg, alpha).addcmul_(grad, grad, 1 - alpha);
    at::Tensor avg;
    if (centered) {
        const auto& grad_avg = state.at("grad_avg").tensor();
        grad_avg.lerp_(grad, 1 - alpha);
        avg = at::addcmul(square_avg, grad_avg, grad_avg, -1).sqrt_();
    } else {
        avg = at::sqrt(square_avg);
    }
    avg.add_(number(group, "eps"));
    if (momentum > 0) {
        const auto& buffer = state.at("momentum_buffer").tensor();
        scale_(buffer, momentum).addcdiv_(grad, avg);
        param.add_(buffer, -group.lr);
    } else {
        param.addcdiv_(grad, avg, -group.lr);
    }
}

void RMSprop::update_list(const ParamGroup& group, ForeachList& list)
{
    const auto momentum = number(group, "momentum");
    const auto alpha = number(group, "alpha");
    const auto square_avgs = list.tensors("square_avg");

    list.add_to_grads(number(group, "weight_decay"));
    at::_foreach_mul_(square_avgs, alpha);
    at::_foreach_addcmul_(square_avgs, list.grads, list.grads, 1 - alpha);
    std::vector<at::Tensor> avgs;
    if (flag(group, "centered")) {
        const auto grad_avgs = list.tensors("grad_avg");
        at::_foreach_lerp_(grad_avgs, list.grads, 1 - alpha);
        avgs = at::_foreach_addcmul(square_avgs, grad_avgs, grad_avgs, -1);
        at::_foreach_sqrt_(avgs);
    } else {
        avgs = at::_foreach_sqrt(square_avgs);
    }
    at::_foreach_add_(avgs, number(group, "eps"));
    if (momentum > 0) {
        const auto buffers = list.tensors("momentum_buffer");
        at::_foreach_mul_(buffers, momentum);
        at::_foreach_addcdiv_(buffers, list.grads, avgs);
        at::_foreach_add_(list.params, buffers, -group.lr);
    } else {
        at::_foreach_addcdiv_(list.params, list.grads, avgs, -group.lr);
    }
}

} // namespace leyden
