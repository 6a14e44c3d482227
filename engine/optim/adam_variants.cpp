// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/optim/adam_variants.h"

#include "engine/config/check_options.h"
#include "engine/optim/describe_update.h"
#include "engine/optim/update.h"

#include <ATen/ops/_foreach_abs.h>
#include <ATen/ops/_foreach_add.h>
#include <ATen/ops/_foreach_addcdiv.h>
#include <ATen/ops/_foreach_addcmul.h>
#include <ATen/ops/_foreach_div.h>
#include <ATen/ops/_foreach_lerp.h>
#include <ATen/ops/_foreach_maximum.h>
#include <ATen/ops/_foreach_mul.h>
#include <ATen/ops/_foreach_reciprocal.h>
#include <ATen/ops/_foreach_sqrt.h>
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
        scale_(param, 1 - group.lr * weight_decay);
    else
        grad = at::add(grad, param, weight_decay);
}

/// NAdam's momentum at a step.
double mu_at(const ParamGroup& group, double step)
{
    return pair(group, "betas").first
        * (1.0 - 0.5 * std::pow(0.96, step * number(group, "momentum_decay")));
}

/// What RAdam scales by once the variance of the mean of squares is finite; 0 before.
double rectification_at(double beta2, double step)
{
    // The length of the mean of squares that is known by now.
    const auto rho_inf = 2 / (1 - beta2) - 1;
    const auto rho_t = rho_inf - 2 * step * std::pow(beta2, step) / (1 - std::pow(beta2, step));
    if (rho_t <= 5.0)
        return 0;
    return std::pow(
        (rho_t - 4) * (rho_t - 2) * rho_inf / ((rho_inf - 4) * (rho_inf - 2) * rho_t), 0.5);
}

void decay(const ParamGroup& group, ForeachList& list)
{
    const auto weight_decay = number(group, "weight_decay");
    if (weight_decay != 0 && flag(group, "decoupled_weight_decay"))
        at::_foreach_mul_(list.params, 1 - group.lr * weight_decay);
    else
        list.add_to_grads(weight_decay);
}

struct Moments
{
    std::vector<at::Tensor> exp_avgs;
    std::vector<at::Tensor> exp_avg_sqs;
};

/// Decays the weights, and takes the gradients into both means.
Moments update_moments(const ParamGroup& group, ForeachList& list)
{
    const auto [beta1, beta2] = pair(group, "betas");
    Moments moments{list.tensors("exp_avg"), list.tensors("exp_avg_sq")};
    decay(group, list);
    at::_foreach_lerp_(moments.exp_avgs, list.grads, 1 - beta1);
    at::_foreach_mul_(moments.exp_avg_sqs, beta2);
    at::_foreach_addcmul_(moments.exp_avg_sqs, list.grads, list.grads, 1 - beta2);
    return moments;
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
            {"weight_decay", as_written(options.weight_decay)},
            {"momentum_decay", options.momentum_decay},
            {"decoupled_weight_decay", options.decoupled_weight_decay},
            {"maximize", options.maximize},
            {"foreach", optional_flag(options.foreach)},
            {"capturable", options.capturable},
            {"differentiable", options.differentiable},
        })};
}

void NAdam::begin(const ParamGroup&, const at::Tensor& param, const at::Tensor&, StateTree& state)
{
    state.set("step", scalar_state(0));
    state.set("mu_product", scalar_state(1));
    state.set("exp_avg", at::zeros_like(param));
    state.set("exp_avg_sq", at::zeros_like(param));
}

void NAdam::update_param(
    const ParamGroup& group, const at::Tensor& param, at::Tensor grad, StateTree& state)
{
    const auto lr = group.lr;
    const auto [beta1, beta2] = pair(group, "betas");
    const auto& exp_avg = state.at("exp_avg").tensor();
    const auto& exp_avg_sq = state.at("exp_avg_sq").tensor();

    const auto step = count_step(state);
    const auto bias_correction2 = 1 - std::pow(beta2, step);
    decay(group, param, grad);
    const auto mu = mu_at(group, step);
    const auto mu_next = mu_at(group, step + 1);
    state.at("mu_product").tensor().mul_(mu);
    const auto mu_product = scalar_of(state, "mu_product");
    exp_avg.lerp_(grad, 1 - beta1);
    scale_(exp_avg_sq, beta2).addcmul_(grad, grad, 1 - beta2);
    const auto denom = at::div(exp_avg_sq, bias_correction2).sqrt_().add_(number(group, "eps"));
    param.addcdiv_(grad, denom, -lr * (1.0 - mu) / (1.0 - mu_product));
    param.addcdiv_(exp_avg, denom, (-lr * mu_next) / (1.0 - mu_product * mu_next));
}

void NAdam::update_list(const ParamGroup& group, ForeachList& list)
{
    const auto lr = group.lr;
    const auto beta2 = pair(group, "betas").second;
    const auto [exp_avgs, exp_avg_sqs] = update_moments(group, list);
    std::vector<at::Scalar> corrections, grad_rates, avg_rates;
    for (auto* state : list.states) {
        const auto step = scalar_of(*state, "step");
        const auto mu = mu_at(group, step);
        const auto mu_next = mu_at(group, step + 1);
        state->at("mu_product").tensor().mul_(mu);
        const auto mu_product = scalar_of(*state, "mu_product");
        corrections.emplace_back(std::pow(1 - std::pow(beta2, step), 0.5));
        grad_rates.emplace_back(-(lr * (1.0 - mu) / (1.0 - mu_product)));
        avg_rates.emplace_back(-(lr * mu_next / (1.0 - mu_product * mu_next)));
    }
    const auto denoms = at::_foreach_sqrt(exp_avg_sqs);
    at::_foreach_div_(denoms, corrections);
    at::_foreach_add_(denoms, number(group, "eps"));
    at::_foreach_addcdiv_(list.params, list.grads, denoms, grad_rates);
    at::_foreach_addcdiv_(list.params, exp_avgs, denoms, avg_rates);
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
            {"weight_decay", as_written(options.weight_decay)},
            {"maximize", options.maximize},
            {"foreach", optional_flag(options.foreach)},
            {"capturable", options.capturable},
            {"decoupled_weight_decay", options.decoupled_weight_decay},
            {"differentiable", options.differentiable},
        })};
}

void RAdam::begin(const ParamGroup&, const at::Tensor& param, const at::Tensor&, StateTree& state)
{
    state.set("step", scalar_state(0));
    state.set("exp_avg", at::zeros_like(param));
    state.set("exp_avg_sq", at::zeros_like(param));
}

void RAdam::update_param(
    const ParamGroup& group, const at::Tensor& param, at::Tensor grad, StateTree& state)
{
    const auto [beta1, beta2] = pair(group, "betas");
    const auto& exp_avg = state.at("exp_avg").tensor();
    const auto& exp_avg_sq = state.at("exp_avg_sq").tensor();

    const auto step = count_step(state);
    decay(group, param, grad);
    exp_avg.lerp_(grad, 1 - beta1);
    scale_(exp_avg_sq, beta2).addcmul_(grad, grad, 1 - beta2);
    const auto bias_correction1 = 1 - std::pow(beta1, step);
    const auto bias_correction2 = 1 - std::pow(beta2, step);
    const auto change = scale_(at::div(exp_avg, bias_correction1), group.lr);

    if (const auto rectification = rectification_at(beta2, step); rectification > 0) {
        const auto root = at::sqrt(exp_avg_sq).add_(number(group, "eps"));
        scale_(change.mul_(scale_(root.reciprocal_(), std::pow(bias_correction2, 0.5))),
            rectification);
    }
    param.add_(change, -1.0);
}

void RAdam::update_list(const ParamGroup& group, ForeachList& list)
{
    const auto lr = group.lr;
    const auto [beta1, beta2] = pair(group, "betas");
    const auto [exp_avgs, exp_avg_sqs] = update_moments(group, list);
    std::vector<at::Scalar> scaled, plain; // rates; one of a parameter's two is 0
    for (const auto* state : list.states) {
        const auto step = scalar_of(*state, "step");
        const auto rectification = rectification_at(beta2, step);
        const auto correction = 1 - std::pow(beta1, step);
        plain.emplace_back(-(lr * (rectification > 0 ? 0.0 : 1.0) / correction));
        scaled.emplace_back(
            -(std::pow(1 - std::pow(beta2, step), 0.5) * (lr * rectification / correction)));
    }
    const auto factors = at::_foreach_sqrt(exp_avg_sqs);
    at::_foreach_add_(factors, number(group, "eps"));
    at::_foreach_div_(factors, scaled); // by 0: infinite, and 0 after the reciprocal
    at::_foreach_reciprocal_(factors);
    at::_foreach_add_(factors, plain);
    at::_foreach_addcmul_(list.params, exp_avgs, factors);
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
            {"weight_decay", as_written(options.weight_decay)},
            {"foreach", optional_flag(options.foreach)},
            {"maximize", options.maximize},
            {"differentiable", options.differentiable},
            {"capturable", options.capturable},
        })};
}

void Adamax::begin(const ParamGroup&, const at::Tensor& param, const at::Tensor&, StateTree& state)
{
    state.set("step", scalar_state(0));
    state.set("exp_avg", at::zeros_like(param));
    state.set("exp_inf", at::zeros_like(param));
}

void Adamax::update_param(
    const ParamGroup& group, const at::Tensor& param, at::Tensor grad, StateTree& state)
{
    const auto [beta1, beta2] = pair(group, "betas");
    const auto weight_decay = number(group, "weight_decay");
    const auto& exp_avg = state.at("exp_avg").tensor();
    auto exp_inf = state.at("exp_inf").tensor();

    const auto step = count_step(state);
    if (weight_decay != 0)
        grad = at::add(grad, param, weight_decay);
    exp_avg.lerp_(grad, 1 - beta1);
    scale_(exp_inf, beta2);
    at::maximum_out(exp_inf, exp_inf, at::abs(grad).add_(number(group, "eps")));
    param.addcdiv_(exp_avg, exp_inf, -(group.lr / (1 - std::pow(beta1, step))));
}

void Adamax::update_list(const ParamGroup& group, ForeachList& list)
{
    const auto [beta1, beta2] = pair(group, "betas");
    const auto exp_avgs = list.tensors("exp_avg");
    const auto exp_infs = list.tensors("exp_inf");

    list.add_to_grads(number(group, "weight_decay"));
    at::_foreach_lerp_(exp_avgs, list.grads, 1 - beta1);
    at::_foreach_mul_(exp_infs, beta2);
    const auto sizes = at::_foreach_abs(list.grads);
    at::_foreach_add_(sizes, number(group, "eps"));
    at::_foreach_maximum_(exp_infs, sizes);
    const auto rates = list.by_step(
        [&, beta = beta1](double step) { return -(group.lr / (1 - std::pow(beta, step))); });
    at::_foreach_addcdiv_(list.params, exp_avgs, exp_infs, rates);
}

} // namespace leyden
