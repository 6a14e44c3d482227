// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/optim/lbfgs.h"

#include "engine/config/check_options.h"
#include "engine/core/errors.h"
#include "engine/optim/largest_lr.h"
#include "engine/optim/strong_wolfe.h"
#include "engine/optim/update.h"

#include <ATen/ops/cat.h>
#include <ATen/ops/mul.h>
#include <ATen/ops/zeros.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <cmath>

namespace leyden {

namespace {

TensorNumber to_number(const StateTree& value)
{
    return value.is_tensor() ? TensorNumber(value.tensor()) : TensorNumber(value.to_double());
}

/// Python begins with the whole numbers t = 0 and H_diag = 1, and a file shows them so where they
/// stay.
StateTree to_state(const TensorNumber& value, int64_t first)
{
    if (value.is_tensor())
        return value.tensor();
    return value.to_double() == double(first) ? StateTree(first) : StateTree(value.to_double());
}

std::vector<at::Tensor> tensors_of(const StateTree& list)
{
    std::vector<at::Tensor> tensors;
    for (const auto& item : list.items())
        tensors.push_back(item.tensor());
    return tensors;
}

StateTree list_of(const std::vector<at::Tensor>& tensors)
{
    return StateTree::list({tensors.begin(), tensors.end()});
}

at::Tensor times(const at::Tensor& tensor, const TensorNumber& factor)
{
    return factor.is_tensor() ? tensor.mul(factor.tensor()) : tensor.mul(factor.to_double());
}

} // namespace

void describe(OptionTable<LBFGSOptions>& table)
{
    using T = LBFGSOptions;
    table.add("lr", &T::lr, "Learning rate").at_least(0).at_most(largest_lr);
    table.add("max_iter", &T::max_iter, "Most iterations of a step").at_least(1);
    table.add("max_eval", &T::max_eval, "Most evaluations of a step; null: 5/4 of max_iter")
        .at_least(1);
    table.add("tolerance_grad", &T::tolerance_grad, "Largest gradient that ends a step").advanced();
    table.add("tolerance_change", &T::tolerance_change, "Smallest change that does not end a step")
        .advanced();
    table.add("history_size", &T::history_size, "Steps that the curvature is estimated from")
        .at_least(1);
    table.add("line_search_fn", &T::line_search_fn, "How the length of an iteration is found")
        .choices({{"strong_wolfe", LineSearch::StrongWolfe}});
}

/// What a step() keeps between its iterations.
struct LBFGS::Iteration
{
    at::Tensor direction; // Python's d
    TensorNumber step;    // t
    std::vector<at::Tensor> old_dirs;
    std::vector<at::Tensor> old_stps;
    std::vector<at::Tensor> ro;
    TensorNumber H_diag = 1.0;
    at::Tensor previous_gradient;
    double previous_loss = 0;

    double loss = 0;
    at::Tensor gradient;
    int64_t evaluations = 1;
    bool is_flat = false;
};

LBFGS::LBFGS(std::vector<at::Tensor> params, const LBFGSOptions& options)
    : Optimizer(std::vector{group(std::move(params), options)})
{
    for (const auto& param : this->params())
        if (param.is_complex())
            throw MisconfigurationError(
                "LBFGS: complex parameters are not supported; use SGD for them");
}

ParamGroup LBFGS::group(std::vector<at::Tensor> params, const LBFGSOptions& options)
{
    check_options(options);
    return {std::move(params), options.lr,
        StateTree::dict({
            {"max_iter", options.max_iter},
            {"max_eval", options.max_eval.value_or(options.max_iter * 5 / 4)},
            {"tolerance_grad", options.tolerance_grad},
            {"tolerance_change", options.tolerance_change},
            {"history_size", options.history_size},
            {"line_search_fn", options.line_search_fn ? StateTree("strong_wolfe") : StateTree()},
        })};
}

at::Tensor LBFGS::flat_gradient() const
{
    std::vector<at::Tensor> views;
    for (const auto& param : params()) {
        const auto& grad = param.grad();
        if (!grad.defined())
            views.push_back(at::zeros({param.numel()}, param.options()));
        else
            views.push_back((grad.is_sparse() ? grad.to_dense() : grad).reshape({-1}));
    }
    return at::cat(views);
}

LBFGS::Evaluation LBFGS::evaluate(const Closure& closure)
{
    Evaluation found;
    {
        const c10::AutoGradMode with_gradients(true);
        found.loss = closure();
    }
    if (!found.loss.defined())
        throw MisconfigurationError(
            "LBFGS: a training step gave no loss, which this optimizer needs "
            "at every evaluation; use another one");
    found.value = found.loss.item<double>();
    found.gradient = flat_gradient();
    return found;
}

void LBFGS::add_to_params(const TensorNumber& step, const at::Tensor& direction)
{
    int64_t offset = 0;
    for (const auto& param : params()) {
        param.add_(
            direction.slice(0, offset, offset + param.numel()).view_as(param), step.to_double());
        offset += param.numel();
    }
}

void LBFGS::remember_curvature(Iteration& now)
{
    const auto y = now.gradient.sub(now.previous_gradient);
    const auto s = times(now.direction, now.step);
    const auto ys = y.dot(s);
    if (!ys.gt(1e-10).item<bool>())
        return;
    if (int64_t(now.old_dirs.size()) == param_groups()[0].options.at("history_size").to_int())
        for (auto* list : {&now.old_dirs, &now.old_stps, &now.ro})
            list->erase(list->begin());
    now.old_dirs.push_back(y);
    now.old_stps.push_back(s);
    now.ro.push_back(ys.reciprocal());
    now.H_diag = ys.div(y.dot(y));
}

/// The gradient through the inverse of the estimated curvature, by two loops over the history.
void LBFGS::choose_direction(Iteration& now)
{
    if (!state_.contains("al"))
        state_.set("al",
            StateTree::list(std::vector<StateTree>(
                size_t(param_groups()[0].options.at("history_size").to_int()))));
    auto al = state_.at("al").items();
    const auto count = now.old_dirs.size();
    al.resize(std::max(al.size(), count)); // a file may be of another history_size
    auto q = now.gradient.neg();
    for (size_t i = count; i-- > 0;) {
        const auto share = now.old_stps[i].dot(q).mul(now.ro[i]);
        al.at(i) = share;
        q.add_(now.old_dirs[i], -share.item<double>());
    }
    now.direction = times(q, now.H_diag);
    for (size_t i = 0; i < count; ++i) {
        const auto be = now.old_dirs[i].dot(now.direction).mul(now.ro[i]);
        now.direction.add_(now.old_stps[i], al[i].tensor().sub(be).item<double>());
    }
    state_.set("al", StateTree::list(std::move(al)));
}

void LBFGS::move(Iteration& now, const Closure& closure, bool is_last)
{
    const auto& options = param_groups()[0].options;
    const auto tolerance_grad = options.at("tolerance_grad").to_double();
    int64_t evaluations = 0;
    if (options.at("line_search_fn").is_none()) {
        add_to_params(now.step, now.direction);
        if (!is_last) {
            auto found = evaluate(closure);
            now.loss = found.value;
            now.gradient = std::move(found.gradient);
            now.is_flat = now.gradient.abs().max().le(tolerance_grad).item<bool>();
            evaluations = 1;
        }
    } else {
        std::vector<at::Tensor> before;
        for (const auto& param : params())
            before.push_back(param.clone());
        const auto objective = [&](const TensorNumber& step) {
            add_to_params(step, now.direction);
            auto found = evaluate(closure);
            for (size_t i = 0; i < before.size(); ++i)
                params()[i].copy_(before[i]);
            return std::pair(found.value, std::move(found.gradient));
        };
        const LinePoint start{0.0, now.loss, now.gradient, now.gradient.dot(now.direction)};
        auto found = strong_wolfe(objective, start, now.step, now.direction, 1e-9,
            options.at("max_eval").to_int() - now.evaluations);
        now.loss = found.loss;
        now.gradient = std::move(found.gradient);
        now.step = found.step;
        evaluations = found.evaluations;
        add_to_params(now.step, now.direction);
        now.is_flat = now.gradient.abs().max().le(tolerance_grad).item<bool>();
    }
    now.evaluations += evaluations;
    state_.set("func_evals", state_.at("func_evals").to_int() + evaluations);
}

at::Tensor LBFGS::step(const Closure& closure)
{
    if (!closure)
        throw MisconfigurationError(
            "LBFGS: a step needs a closure, since it evaluates several times");
    const c10::NoGradGuard no_grad;
    const auto& group = param_groups().front();
    const auto max_iter = group.options.at("max_iter").to_int();
    const auto max_eval = group.options.at("max_eval").to_int();
    const auto tolerance_change = number(group, "tolerance_change");
    if (!state_.contains("n_iter")) {
        state_.set("func_evals", int64_t(0));
        state_.set("n_iter", int64_t(0));
    }

    auto first = evaluate(closure);
    state_.set("func_evals", state_.at("func_evals").to_int() + 1);
    if (first.gradient.abs().max().le(number(group, "tolerance_grad")).item<bool>())
        return first.loss;

    Iteration now;
    if (const auto* direction = state_.find("d")) {
        now.direction = direction->tensor();
        now.step = to_number(state_.at("t"));
        now.old_dirs = tensors_of(state_.at("old_dirs"));
        now.old_stps = tensors_of(state_.at("old_stps"));
        now.ro = tensors_of(state_.at("ro"));
        now.H_diag = to_number(state_.at("H_diag"));
        now.previous_gradient = state_.at("prev_flat_grad").tensor();
    }
    now.loss = first.value;
    now.gradient = first.gradient;
    for (int64_t iteration = 1; iteration <= max_iter; ++iteration) {
        const auto total = state_.at("n_iter").to_int() + 1;
        state_.set("n_iter", total);
        if (total == 1) {
            now.direction = now.gradient.neg();
        } else {
            remember_curvature(now);
            choose_direction(now);
        }
        now.previous_gradient = now.gradient.clone();
        now.previous_loss = now.loss;
        now.step = total == 1
            ? min(1.0, TensorNumber(1.0) / TensorNumber(now.gradient.abs().sum())) * group.lr
            : TensorNumber(group.lr);
        if (TensorNumber(-tolerance_change) < TensorNumber(now.gradient.dot(now.direction)))
            break;
        move(now, closure, iteration == max_iter);
        if (now.evaluations >= max_eval || now.is_flat
            || times(now.direction, now.step).abs().max().le(tolerance_change).item<bool>()
            || std::abs(now.loss - now.previous_loss) < tolerance_change)
            break;
    }
    state_.set("d", now.direction);
    state_.set("t", to_state(now.step, 0));
    state_.set("old_dirs", list_of(now.old_dirs));
    state_.set("old_stps", list_of(now.old_stps));
    state_.set("ro", list_of(now.ro));
    state_.set("H_diag", to_state(now.H_diag, 1));
    state_.set("prev_flat_grad", now.previous_gradient);
    state_.set("prev_loss", now.previous_loss);
    return first.loss;
}

void LBFGS::update(ParamGroup&, size_t)
{
    LEYDEN_ASSERT(!"step() does all");
}

void LBFGS::resize_states(size_t)
{
    if (param_groups().size() != 1)
        throw MisconfigurationError(
            "LBFGS: takes all parameters as one group; give it no second one");
}

StateTree LBFGS::param_state(size_t index) const
{
    return index == 0 ? state_ : StateTree();
}

void LBFGS::load_param_state(size_t index, const at::Tensor& param, const StateTree& state)
{
    if (index != 0)
        return;
    int64_t count = 0;
    for (const auto& each : params())
        count += each.numel();
    const auto own = [&](const StateTree& value) -> StateTree {
        if (!value.is_tensor())
            return value;
        if (value.tensor().dim() > 0 && value.tensor().numel() != count)
            throw CheckpointError("LBFGS: the saved state is for "
                + std::to_string(value.tensor().numel()) + " numbers, the model has "
                + std::to_string(count));
        return value.tensor().detach().to(param.options(), /*non_blocking=*/false, /*copy=*/true);
    };
    auto next = StateTree::dict();
    if (state.size() > 0)
        for (const auto& [key, value] : state.entries()) {
            auto copy = own(value);
            if (value.is_list()) {
                std::vector<StateTree> items;
                for (const auto& item : value.items())
                    items.push_back(own(item));
                copy = StateTree::list(std::move(items));
            }
            next.set(std::get<std::string>(key), std::move(copy));
        }
    state_ = std::move(next);
}

} // namespace leyden
