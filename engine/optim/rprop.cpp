// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/optim/rprop.h"

#include "engine/config/check_options.h"
#include "engine/optim/describe_update.h"
#include "engine/optim/largest_lr.h"
#include "engine/optim/update.h"

#include <ATen/ops/_foreach_add.h>
#include <ATen/ops/_foreach_addcmul.h>
#include <ATen/ops/_foreach_copy.h>
#include <ATen/ops/_foreach_mul.h>
#include <ATen/ops/_foreach_sign.h>
#include <ATen/ops/_foreach_sub.h>
#include <ATen/ops/add.h>
#include <ATen/ops/full_like.h>
#include <ATen/ops/mul.h>
#include <ATen/ops/sub.h>
#include <ATen/ops/zeros_like.h>

#include <algorithm>
#include <cmath>

namespace leyden {

void describe(OptionTable<ASGDOptions>& table)
{
    using T = ASGDOptions;
    describe_lr(table);
    table.add("lambd", &T::lambd, "Pull of the parameters towards zero, and fall of the rate");
    table.add("alpha", &T::alpha, "Power of the fall of the rate");
    table.add("t0", &T::t0, "Step at which the averaging starts");
    describe_weight_decay(table);
    describe_update(table);
}

void describe(OptionTable<RpropOptions>& table)
{
    using T = RpropOptions;
    table.add("lr", &T::lr, "First size of the steps").at_least(0).at_most(largest_lr);
    table
        .add("etas", &T::etas, "Factors of a step's size where the sign turned and where it stayed")
        .each_above(0);
    table.add("step_sizes", &T::step_sizes, "Smallest and largest size of a step").advanced();
    describe_update(table);
    table.check([](const T& options, OptionClashes& clashes) {
        if (options.etas[0] >= 1 || options.etas[1] <= 1)
            clashes.add("etas", "expected one number below 1 and one above");
    });
}

ASGD::ASGD(std::vector<at::Tensor> params, const ASGDOptions& options)
    : ASGD(std::vector{group(std::move(params), options)})
{
}

ASGD::ASGD(std::vector<ParamGroup> groups) : BufferedOptimizer(std::move(groups)) { }

ParamGroup ASGD::group(std::vector<at::Tensor> params, const ASGDOptions& options)
{
    check_options(options);
    return {std::move(params), options.lr,
        StateTree::dict({
            {"lambd", options.lambd},
            {"alpha", options.alpha},
            {"t0", options.t0},
            {"weight_decay", as_written(options.weight_decay)},
            {"foreach", optional_flag(options.foreach)},
            {"maximize", options.maximize},
            {"differentiable", options.differentiable},
            {"capturable", options.capturable},
        })};
}

void ASGD::begin(
    const ParamGroup& group, const at::Tensor& param, const at::Tensor&, StateTree& state)
{
    state.set("step", scalar_state(0));
    state.set("eta", scalar_state(group.lr));
    state.set("mu", scalar_state(1));
    state.set("ax", at::zeros_like(param));
}

void ASGD::update_param(
    const ParamGroup& group, const at::Tensor& param, at::Tensor grad, StateTree& state)
{
    const auto lr = group.lr;
    const auto lambd = number(group, "lambd");
    const auto weight_decay = number(group, "weight_decay");
    const auto& ax = state.at("ax").tensor();
    const auto eta = scalar_of(state, "eta");
    const auto mu = scalar_of(state, "mu");

    const auto step = count_step(state);
    if (weight_decay != 0)
        grad = at::add(grad, param, weight_decay);
    scale_(param, 1 - lambd * eta);
    param.add_(grad, -eta);
    if (mu != 1)
        ax.add_(scale_(at::sub(param, ax), mu));
    else
        ax.copy_(param);
    state.at("eta").tensor().fill_(lr / std::pow(1 + lambd * lr * step, number(group, "alpha")));
    state.at("mu").tensor().fill_(1 / std::max(1.0, step - number(group, "t0")));
}

void ASGD::update_list(const ParamGroup& group, ForeachList& list)
{
    const auto lr = group.lr;
    const auto lambd = number(group, "lambd");
    const auto axs = list.tensors("ax");
    const auto mus = list.tensors("mu");
    const auto etas = list.tensors("eta");

    list.add_to_grads(number(group, "weight_decay"));
    const auto changes = at::_foreach_add(list.grads, list.params, lambd);
    at::_foreach_addcmul_(list.params, changes, etas, -1);
    at::_foreach_addcmul_(axs, at::_foreach_sub(list.params, axs), mus);
    for (auto* state : list.states) {
        const auto& step = state->at("step").tensor();
        // In float32, as PyTorch computes it of the step's tensor.
        const auto fall = at::mul(step, lambd * lr).add_(1).pow_(number(group, "alpha"));
        state->at("eta").tensor().copy_(fall.reciprocal_().mul_(lr));
        state->at("mu").tensor().fill_(
            1 / std::max(1.0, scalar_of(*state, "step") - number(group, "t0")));
    }
}

Rprop::Rprop(std::vector<at::Tensor> params, const RpropOptions& options)
    : Rprop(std::vector{group(std::move(params), options)})
{
}

Rprop::Rprop(std::vector<ParamGroup> groups) : BufferedOptimizer(std::move(groups)) { }

ParamGroup Rprop::group(std::vector<at::Tensor> params, const RpropOptions& options)
{
    check_options(options);
    return {std::move(params), options.lr,
        StateTree::dict({
            {"etas", StateTree::tuple({options.etas[0], options.etas[1]})},
            {"step_sizes",
                StateTree::tuple(
                    {as_written(options.step_sizes[0]), as_written(options.step_sizes[1])})},
            {"foreach", optional_flag(options.foreach)},
            {"maximize", options.maximize},
            {"differentiable", options.differentiable},
            {"capturable", options.capturable},
        })};
}

void Rprop::begin(
    const ParamGroup& group, const at::Tensor& param, const at::Tensor& grad, StateTree& state)
{
    state.set("step", scalar_state(0));
    state.set("prev", at::zeros_like(param));
    state.set("step_size", at::full_like(grad, group.lr));
}

void Rprop::update_param(
    const ParamGroup& group, const at::Tensor& param, at::Tensor grad, StateTree& state)
{
    const auto [etaminus, etaplus] = pair(group, "etas");
    const auto [smallest, largest] = pair(group, "step_sizes");
    const auto& prev = state.at("prev").tensor();
    const auto& step_size = state.at("step_size").tensor();

    count_step(state);
    const auto sign = at::mul(grad, prev).sign_();
    sign.masked_fill_(sign.gt(0), etaplus);
    sign.masked_fill_(sign.lt(0), etaminus);
    sign.masked_fill_(sign.eq(0), 1);
    step_size.mul_(sign).clamp_(smallest, largest);
    grad = grad.clone();
    grad.masked_fill_(sign.eq(etaminus), 0);
    param.addcmul_(grad.sign(), step_size, -1);
    prev.copy_(grad);
}

void Rprop::update_list(const ParamGroup& group, ForeachList& list)
{
    const auto [etaminus, etaplus] = pair(group, "etas");
    const auto [smallest, largest] = pair(group, "step_sizes");
    const auto prevs = list.tensors("prev");
    const auto step_sizes = list.tensors("step_size");

    const auto signs = at::_foreach_mul(list.grads, prevs);
    at::_foreach_copy_(prevs, list.grads);
    at::_foreach_sign_(signs);
    for (const auto& sign : signs) {
        sign.masked_fill_(sign.gt(0), etaplus);
        sign.masked_fill_(sign.lt(0), etaminus);
        sign.masked_fill_(sign.eq(0), 1);
    }
    at::_foreach_mul_(step_sizes, signs);
    std::vector<at::Tensor> directions;
    for (size_t i = 0; i < signs.size(); ++i) {
        step_sizes[i].clamp_(smallest, largest);
        prevs[i].masked_fill_(signs[i].eq(etaminus), 0);
        directions.push_back(prevs[i].sign());
    }
    at::_foreach_addcmul_(list.params, directions, step_sizes, -1);
}

} // namespace leyden
