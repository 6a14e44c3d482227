// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/optim/buffered_optimizer.h"

#include "engine/core/errors.h"
#include "engine/optim/fused_lists.h"
#include "engine/optim/update.h"

#include <ATen/ops/_foreach_add.h>
#include <ATen/ops/_foreach_neg.h>
#include <ATen/ops/full.h>
#include <ATen/ops/neg.h>

namespace leyden {

at::Tensor scalar_state(double value)
{
    return at::full({}, value, at::kFloat);
}

double scalar_of(const StateTree& state, std::string_view key)
{
    return *state.at(key).tensor().const_data_ptr<float>();
}

double count_step(const StateTree& state)
{
    return *state.at("step").tensor().mutable_data_ptr<float>() += 1;
}

std::vector<at::Tensor> ForeachList::tensors(std::string_view key) const
{
    std::vector<at::Tensor> found;
    found.reserve(states.size());
    for (const auto* state : states)
        found.push_back(state->at(key).tensor());
    return found;
}

std::vector<at::Scalar> ForeachList::by_step(const std::function<double(double)>& f) const
{
    std::vector<at::Scalar> values;
    values.reserve(states.size());
    for (const auto* state : states)
        values.emplace_back(f(scalar_of(*state, "step")));
    return values;
}

void ForeachList::add_to_grads(double weight_decay)
{
    if (weight_decay != 0)
        grads = at::_foreach_add(grads, params, weight_decay);
}

BufferedOptimizer::BufferedOptimizer(std::vector<ParamGroup> groups) : Optimizer(std::move(groups))
{
    size_t count = 0;
    for (const auto& group : param_groups()) {
        count += group.params.size();
        for (const auto& param : group.params)
            if (param.is_complex())
                throw MisconfigurationError("optimizer: complex parameters are not supported by "
                                            "this one; use SGD for them");
    }
    states_.resize(count, StateTree::dict());
}

void BufferedOptimizer::update(ParamGroup& group, size_t first_index)
{
    if (is_foreach(group))
        return update_by_lists(group, first_index);
    const auto* maximize = group.options.find("maximize");
    const bool climbs = maximize && maximize->to_bool();
    const DirectKernels direct;
    for (size_t i = 0; i < group.params.size(); ++i) {
        const auto& param = group.params[i];
        if (!param.grad().defined())
            continue;
        if (param.grad().is_sparse())
            throw MisconfigurationError(
                name() + ": a gradient is sparse; use SGD for that parameter");
        auto grad = climbs ? at::neg(param.grad()) : param.grad();
        auto& state = states_[first_index + i];
        if (state.size() == 0)
            begin(group, param, grad, state);
        update_param(group, param, std::move(grad), state);
        mark_written(param);
    }
}

void BufferedOptimizer::update_by_lists(const ParamGroup& group, size_t first_index)
{
    const DirectKernels direct;
    for (const auto& indices : foreach_lists(group, name())) {
        ForeachList list;
        for (const auto i : indices) {
            const auto& param = group.params[i];
            auto& state = states_[first_index + i];
            if (state.size() == 0)
                begin(group, param, param.grad(), state);
            count_step(state);
            list.params.push_back(param);
            list.grads.push_back(param.grad());
            list.states.push_back(&state);
        }
        if (flag(group, "maximize"))
            list.grads = at::_foreach_neg(list.grads);
        update_list(group, list);
        for (const auto& param : list.params)
            mark_written(param);
    }
}

void BufferedOptimizer::load_param_state(
    size_t index, const at::Tensor& param, const StateTree& state)
{
    auto next = StateTree::dict();
    if (state.size() > 0)
        for (const auto& [key, value] : state.entries()) {
            const auto& name = std::get<std::string>(key);
            if (is_scalar(name)) // a number in files of PyTorch 1
                next.set(name,
                    scalar_state(
                        value.is_tensor() ? value.tensor().item<double>() : value.to_double()));
            else
                next.set(name, loaded(index, param, value));
        }
    states_[index] = std::move(next);
}

} // namespace leyden
