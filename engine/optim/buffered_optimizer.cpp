// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/optim/buffered_optimizer.h"

#include "engine/core/errors.h"
#include "engine/optim/update.h"

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
        update_param(
            group, param, climbs ? at::neg(param.grad()) : param.grad(), states_[first_index + i]);
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
