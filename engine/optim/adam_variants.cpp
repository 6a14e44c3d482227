// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/optim/adam_variants.h"

#include "engine/config/check_options.h"
#include "engine/optim/describe_update.h"
#include "engine/optim/update.h"

#include <ATen/ops/abs.h>
#include <ATen/ops/add.h>
#include <ATen/ops/div.h>
#include <ATen/ops/maximum.h>
#include <ATen/ops/mul.h>
#include <ATen/ops/reciprocal.h>
#include <ATen/ops/sqrt.h>
#include <ATen/ops/zeros_like.h>

#include <cmath>

namespace leyden {

namespace {

template <class Options> void describe_variant(OptionTable<Options>& table)
{
    describe_lr(table);
    describe_betas(table);
    describe_eps(table);
    describe_weight_decay(table);
    if constexpr (requires { &Options::momentum_decay; })
        table
            .add("momentum_decay", &Options::momentum_decay,
                "How fast the momentum reaches its value")
            .at_least(0)
            .advanced();
    describe_decoupled_decay(table);
    describe_update(table);
}

/// Both kinds of weight decay.
void decay(const ParamGroup& group, const at::Tensor& param, at::Tensor& grad)
{
    const auto weight_decay = number(group, "weight_decay");
    if (weight_decay == 0)
        return;
    if (flag(group, "decoupled_weight_decay"))
        param.mul_(1 - group.lr * weight_decay);
    else
        grad = at::add(grad, param, weight_decay);
}

} // namespace

void describe(OptionTable<NAdamOptions>& table)
{
    describe_variant(table);
}

void describe(OptionTable<RAdamOptions>& table)
{
    describe_variant(table);
}

void describe(OptionTable<AdamaxOptions>& table)
{
    describe_variant(table);
}

NAdam::NAdam(std::vector<at::Tensor> params, const NAdamOptions& options)
    : NAdam(std::vector{group(std::move(params), options)})
{
}

NAdam::NAdam(std::vector<ParamGroup> groups) : BufferedOptimizer(std::move(groups)) { }

ParamGroup NAdam::group(std::vector<at::Tensor> params, const NAdamOptions& options)
{
    check_options(options);
    return {std::move(params), options.lr,
        StateTree::dict({
            {"betas", StateTree::tuple({options.betas[0], options.betas[1]})},
            {"eps", options.eps},
            {"weight_decay", options.weight_decay},
            {"momentum_decay", options.momentum_decay},
            {"decoupled_weight_decay", options.decoupled_weight_decay},
            {"maximize", options.maximize},
            {"foreach", optional_flag(options.foreach)},
            {"capturable", options.capturable},
            {"differentiable", options.differentiable},
        })};
}

void NAdam::update_param(
    const ParamGroup& group, const at::Tensor& param, at::Tensor grad, StateTree& state)
{
    if (state.size() == 0) {
        state.set("step", scalar_state(0));
        state.set("mu_product", scalar_state(1));
        state.set("exp_avg", at::zeros_like(param));
        state.set("exp_avg_sq", at::zeros_like(param));
    }
    const auto lr = group.lr;
    const auto [beta1, beta2] = pair(group, "betas");
    const auto momentum_decay = number(group, "momentum_decay");
    const auto& exp_avg = state.at("exp_avg").tensor();
    const auto& exp_avg_sq = state.at("exp_avg_sq").tensor();

    const auto step = count_step(state);
    const auto bias_correction2 = 1 - std::pow(beta2, step);
    decay(group, param, grad);
    const auto mu = beta1 * (1.0 - 0.5 * std::pow(0.96, step * momentum_decay));
    const auto mu_next = beta1 * (1.0 - 0.5 * std::pow(0.96, (step + 1) * momentum_decay));
    state.at("mu_product").tensor().mul_(mu);
    const auto mu_product = scalar_of(state, "mu_product");
    exp_avg.lerp_(grad, 1 - beta1);
    exp_avg_sq.mul_(beta2).addcmul_(grad, grad, 1 - beta2);
    const auto denom = at::div(exp_avg_sq, bias_correction2).sqrt_().add_(number(group, "eps"));
    param.addcdiv_(grad, denom, -lr * (1.0 - mu) / (1.0 - mu_product));
    param.addcdiv_(exp_avg, denom, (-lr * mu_next) / (1.0 - mu_product * mu_next));
}

RAdam::RAdam(std::vector<at::Tensor> params, const RAdamOptions& options)
    : RAdam(std::vector{group(std::move(params), options)})
{
}

RAdam::RAdam(std::vector<ParamGroup> groups) : BufferedOptimizer(std::move(groups)) { }

ParamGroup RAdam::group(std::vector<at::Tensor> params, const RAdamOptions& options)
{
    check_options(options);
    return {std::move(params), options.lr,
        StateTree::dict({
            {"betas", StateTree::tuple({options.betas[0], options.betas[1]})},
            {"eps", options.eps},
            {"weight_decay", options.weight_decay},
            {"maximize", options.maximize},
            {"foreach", optional_flag(options.foreach)},
            {"capturable", options.capturable},
            {"decoupled_weight_decay", options.decoupled_weight_decay},
            {"differentiable", options.differentiable},
        })};
}

void RAdam::update_param(
    const ParamGroup& group, const at::Tensor& param, at::Tensor grad, StateTree& state)
{
    if (state.size() == 0) {
        state.set("step", scalar_state(0));
        state.set("exp_avg", at::zeros_like(param));
        state.set("exp_avg_sq", at::zeros_like(param));
    }
    const auto [beta1, beta2] = pair(group, "betas");
    const auto& exp_avg = state.at("exp_avg").tensor();
    const auto& exp_avg_sq = state.at("exp_avg_sq").tensor();

    const auto step = count_step(state);
    decay(group, param, grad);
    exp_avg.lerp_(grad, 1 - beta1);
    exp_avg_sq.mul_(beta2).addcmul_(grad, grad, 1 - beta2);
    const auto bias_correction1 = 1 - std::pow(beta1, step);
    const auto bias_correction2 = 1 - std::pow(beta2, step);
    const auto change = at::div(exp_avg, bias_correction1).mul_(group.lr);

    // The length of the mean of squares that is known by now; from 5 on its variance is finite.
    const auto rho_inf = 2 / (1 - beta2) - 1;
    const auto rho_t = rho_inf - 2 * step * std::pow(beta2, step) / bias_correction2;
    if (rho_t > 5.0) {
        const auto rectification = std::pow(
            (rho_t - 4) * (rho_t - 2) * rho_inf / ((rho_inf - 4) * (rho_inf - 2) * rho_t), 0.5);
        const auto root = at::sqrt(exp_avg_sq).add_(number(group, "eps"));
        change.mul_(root.reciprocal_().mul_(std::pow(bias_correction2, 0.5))).mul_(rectification);
    }
    param.add_(change, -1.0);
}

Adamax::Adamax(std::vector<at::Tensor> params, const AdamaxOptions& options)
    : Adamax(std::vector{group(std::move(params), options)})
{
}

Adamax::Adamax(std::vector<ParamGroup> groups) : BufferedOptimizer(std::move(groups)) { }

ParamGroup Adamax::group(std::vector<at::Tensor> params, const AdamaxOptions& options)
{
    check_options(options);
    return {std::move(params), options.lr,
        StateTree::dict({
            {"betas", StateTree::tuple({options.betas[0], options.betas[1]})},
            {"eps", options.eps},
            {"weight_decay", options.weight_decay},
            {"foreach", optional_flag(options.foreach)},
            {"maximize", options.maximize},
            {"differentiable", options.differentiable},
            {"capturable", options.capturable},
        })};
}

void Adamax::update_param(
    const ParamGroup& group, const at::Tensor& param, at::Tensor grad, StateTree& state)
{
    if (state.size() == 0) {
        state.set("step", scalar_state(0));
        state.set("exp_avg", at::zeros_like(param));
        state.set("exp_inf", at::zeros_like(param));
    }
    const auto [beta1, beta2] = pair(group, "betas");
    const auto weight_decay = number(group, "weight_decay");
    const auto& exp_avg = state.at("exp_avg").tensor();
    auto exp_inf = state.at("exp_inf").tensor();

    const auto step = count_step(state);
    if (weight_decay != 0)
        grad = at::add(grad, param, weight_decay);
    exp_avg.lerp_(grad, 1 - beta1);
    exp_inf.mul_(beta2);
    at::maximum_out(exp_inf, exp_inf, at::abs(grad).add_(number(group, "eps")));
    param.addcdiv_(exp_avg, exp_inf, -(group.lr / (1 - std::pow(beta1, step))));
}

} // namespace leyden
