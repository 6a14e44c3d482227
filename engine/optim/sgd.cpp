// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/optim/sgd.h"

#include "engine/config/check_options.h"
#include "engine/optim/describe_update.h"
#include "engine/optim/fused_lists.h"
#include "engine/optim/largest_lr.h"
#include "engine/optim/update.h"

#include <ATen/ops/_foreach_add.h>
#include <ATen/ops/_foreach_mul.h>
#include <ATen/ops/_foreach_neg.h>
#include <ATen/ops/_fused_sgd.h>
#include <ATen/ops/add.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/neg.h>

#include <algorithm>

namespace leyden {

void describe(OptionTable<SGDOptions>& table)
{
    using T = SGDOptions;
    table.add("lr", &T::lr, "Learning rate").at_least(0).at_most(largest_lr);
    table.add("momentum", &T::momentum, "Share of the last update that goes on").at_least(0);
    table.add("dampening", &T::dampening, "How much less of the gradient enters the momentum")
        .advanced()
        .depends_on("momentum");
    table.add("weight_decay", &T::weight_decay, "L2 penalty on the parameters").at_least(0);
    table.add("nesterov", &T::nesterov, "Look ahead along the momentum")
        .details("Needs momentum above 0 and dampening 0.")
        .depends_on("momentum");
    describe_update(table);
    table.check([](const T& options, OptionClashes& clashes) {
        if (options.nesterov && (options.momentum <= 0 || options.dampening != 0))
            clashes.add("nesterov", "needs momentum above 0 and dampening 0");
    });
}

SGD::SGD(std::vector<at::Tensor> params, const SGDOptions& options)
    : SGD(std::vector{group(std::move(params), options)})
{
}

SGD::SGD(std::vector<ParamGroup> groups) : Optimizer(std::move(groups))
{
    size_t count = 0;
    for (const auto& group : param_groups())
        count += group.params.size();
    momentum_buffers_.resize(count);
}

ParamGroup SGD::group(std::vector<at::Tensor> params, const SGDOptions& options)
{
    check_options(options);
    return {std::move(params), options.lr,
        StateTree::dict({
            {"momentum", as_written(options.momentum)},
            {"dampening", as_written(options.dampening)},
            {"weight_decay", as_written(options.weight_decay)},
            {"nesterov", options.nesterov},
            {"maximize", options.maximize},
            {"foreach", optional_flag(options.foreach)},
            {"differentiable", options.differentiable},
            {"fused", optional_flag(options.fused)},
        })};
}

void SGD::update(ParamGroup& group, size_t first_index)
{
    if (is_fused(group))
        return update_fused(group, first_index);
    if (is_foreach(group))
        return update_foreach(group, first_index);
    const auto lr = group.lr;
    const auto momentum = number(group, "momentum");
    const auto dampening = number(group, "dampening");
    const auto weight_decay = number(group, "weight_decay");
    const auto nesterov = flag(group, "nesterov");
    const auto maximize = flag(group, "maximize");

    const DirectKernels direct;
    for (size_t i = 0; i < group.params.size(); ++i) {
        const auto& param = group.params[i];
        if (!param.grad().defined())
            continue;
        auto grad = maximize ? at::neg(param.grad()) : param.grad();
        if (weight_decay != 0)
            grad = at::add(grad, param, weight_decay);
        if (momentum != 0) {
            auto& buffer = momentum_buffers_[first_index + i];
            if (!buffer.defined())
                buffer = grad.detach().clone();
            else
                scale_(buffer, momentum).add_(grad, 1 - dampening);
            grad = nesterov ? at::add(grad, buffer, momentum) : buffer;
        }
        param.add_(grad, -lr);
        mark_written(param);
    }
}

void SGD::update_foreach(const ParamGroup& group, size_t first_index)
{
    const auto momentum = number(group, "momentum");
    const auto dampening = number(group, "dampening");
    const DirectKernels direct;
    for (const auto& list : foreach_lists(group, "SGD")) {
        std::vector<at::Tensor> params, grads;
        for (const auto i : list) {
            params.push_back(group.params[i]);
            grads.push_back(group.params[i].grad());
        }
        if (flag(group, "maximize"))
            grads = at::_foreach_neg(grads);
        if (const auto weight_decay = number(group, "weight_decay"); weight_decay != 0)
            grads = at::_foreach_add(grads, params, weight_decay);
        if (momentum != 0) {
            const bool has_all = std::all_of(list.begin(), list.end(),
                [&](size_t i) { return momentum_buffers_[first_index + i].defined(); });
            std::vector<at::Tensor> buffers;
            for (size_t i = 0; i < list.size(); ++i) {
                auto& buffer = momentum_buffers_[first_index + list[i]];
                if (!buffer.defined())
                    buffer = grads[i].detach().clone();
                else if (!has_all)
                    scale_(buffer, momentum).add_(grads[i], 1 - dampening);
                buffers.push_back(buffer);
            }
            if (has_all) { // in 16 bits another rounding than one by one
                at::_foreach_mul_(buffers, momentum);
                at::_foreach_add_(buffers, grads, 1 - dampening);
            }
            grads = flag(group, "nesterov") ? at::_foreach_add(grads, buffers, momentum)
                                            : std::move(buffers);
        }
        at::_foreach_add_(params, grads, -group.lr);
        for (const auto& param : params)
            mark_written(param);
    }
}

void SGD::update_fused(const ParamGroup& group, size_t first_index)
{
    const auto momentum = number(group, "momentum");
    const DirectKernels direct;
    for (const auto& list : fused_lists(group, "SGD")) {
        std::vector<size_t> fresh, known; // a call takes either
        for (const auto i : list)
            (momentum != 0 && !momentum_buffers_[first_index + i].defined() ? fresh : known)
                .push_back(i);
        for (const auto* indices : {&fresh, &known}) {
            if (indices->empty())
                continue;
            const bool is_first_step = indices == &fresh;
            std::vector<at::Tensor> params, grads, buffers;
            for (const auto i : *indices) {
                params.push_back(group.params[i]);
                grads.push_back(fused_gradient(group.params[i]));
                auto& buffer = momentum_buffers_[first_index + i];
                if (is_first_step)
                    buffer = at::empty_like(grads.back());
                if (momentum != 0)
                    buffers.push_back(buffer);
            }
            at::_fused_sgd_(params, grads, buffers, number(group, "weight_decay"), momentum,
                group.lr, number(group, "dampening"), flag(group, "nesterov"),
                flag(group, "maximize"), is_first_step, grad_scale(), found_inf());
            if (is_first_step && is_overflown()) // the kernel left the new buffers as they were:
                                                 // empty
                for (const auto i : *indices)
                    momentum_buffers_[first_index + i] = at::Tensor();
            for (const auto& param : params)
                mark_written(param);
        }
    }
}

StateTree SGD::param_state(size_t index) const
{
    const auto& buffer = momentum_buffers_[index];
    return buffer.defined() ? StateTree::dict({{"momentum_buffer", buffer}}) : StateTree();
}

void SGD::load_param_state(size_t index, const at::Tensor& param, const StateTree& state)
{
    const auto* saved = state.find("momentum_buffer");
    momentum_buffers_[index]
        = saved && !saved->is_none() ? loaded(index, param, *saved) : at::Tensor();
}

} // namespace leyden
