// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/optim/muon.h"

#include "engine/config/check_options.h"
#include "engine/core/errors.h"
#include "engine/optim/describe_update.h"
#include "engine/optim/update.h"

#include <ATen/ops/addmm.h>
#include <ATen/ops/lerp.h>
#include <ATen/ops/linalg_vector_norm.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/zeros_like.h>
#include <c10/util/StringUtil.h>

#include <algorithm>
#include <cmath>

namespace leyden {

namespace {

/// The nearest orthogonal matrix, about: Newton and Schulz's iteration in bfloat16.
at::Tensor orthogonal(
    const at::Tensor& matrix, const StateTree& coefficients, int64_t steps, double eps)
{
    const bool is_tall = matrix.size(0) > matrix.size(1);
    auto result = matrix.to(at::kBFloat16);
    if (is_tall)
        result = result.t();
    result.div_(at::linalg_vector_norm(result, 2).clamp_min(eps));
    for (int64_t i = 0; i < steps; ++i) {
        const auto gram = at::matmul(result, result.t());
        const auto update
            = at::addmm(gram, gram, gram, coefficients[1].to_double(), coefficients[2].to_double());
        result = at::addmm(result, update, result, coefficients[0].to_double());
    }
    return is_tall ? result.t() : result;
}

double adjusted(double lr, const StateTree& method, const at::Tensor& param)
{
    const auto rows = double(param.size(0));
    const auto columns = double(param.size(1));
    if (!method.is_none() && method.to_string() == "match_rms_adamw")
        return lr * (0.2 * std::sqrt(std::max(rows, columns)));
    return lr * std::sqrt(std::max(1.0, rows / columns));
}

StateTree name_of(const std::optional<AdjustLr>& method)
{
    if (!method)
        return {};
    return *method == AdjustLr::Original ? "original" : "match_rms_adamw";
}

} // namespace

void describe(OptionTable<MuonOptions>& table)
{
    using T = MuonOptions;
    describe_lr(table);
    table.add("weight_decay", &T::weight_decay, "Pull of the parameters towards zero").at_least(0);
    table.add("momentum", &T::momentum, "Decay of the running mean of gradients").at_least(0);
    table.add("nesterov", &T::nesterov, "Look ahead along the momentum");
    table.add("ns_coefficients", &T::ns_coefficients, "Coefficients of the orthogonalization")
        .advanced();
    table.add("eps", &T::eps, "Smallest norm to divide by").advanced();
    table.add("ns_steps", &T::ns_steps, "Steps of the orthogonalization")
        .at_least(0)
        .at_most(99)
        .advanced();
    table
        .add("adjust_lr_fn", &T::adjust_lr_fn,
            "How the rate follows a matrix's shape; null: as original")
        .choices({{"original", AdjustLr::Original}, {"match_rms_adamw", AdjustLr::MatchRMSAdamW}})
        .advanced();
    describe_param_groups(table);
}

Muon::Muon(std::vector<at::Tensor> params, const MuonOptions& options)
    : Muon(std::vector{group(std::move(params), options)})
{
}

Muon::Muon(std::vector<ParamGroup> groups) : BufferedOptimizer(std::move(groups))
{
    for (const auto& group : param_groups())
        for (const auto& param : group.params)
            if (param.dim() != 2)
                throw MisconfigurationError(c10::str("Muon: a parameter has shape ", param.sizes(),
                    "; it only takes matrices, so use another optimizer for this model"));
}

ParamGroup Muon::group(std::vector<at::Tensor> params, const MuonOptions& options)
{
    check_options(options);
    return {std::move(params), options.lr,
        StateTree::dict({
            {"weight_decay", as_written(options.weight_decay)},
            {"momentum", as_written(options.momentum)},
            {"nesterov", options.nesterov},
            {"ns_coefficients",
                StateTree::tuple({options.ns_coefficients[0], options.ns_coefficients[1],
                    options.ns_coefficients[2]})},
            {"eps", options.eps},
            {"ns_steps", options.ns_steps},
            {"adjust_lr_fn", name_of(options.adjust_lr_fn)},
        })};
}

void Muon::begin(const ParamGroup&, const at::Tensor&, const at::Tensor& grad, StateTree& state)
{
    state.set("momentum_buffer", at::zeros_like(grad));
}

void Muon::update_param(
    const ParamGroup& group, const at::Tensor& param, at::Tensor grad, StateTree& state)
{
    const auto momentum = number(group, "momentum");
    const auto& buffer = state.at("momentum_buffer").tensor();
    buffer.lerp_(grad, 1 - momentum);
    auto update = flag(group, "nesterov") ? at::lerp(grad, buffer, momentum) : buffer;
    update = orthogonal(update, group.options.at("ns_coefficients"),
        group.options.at("ns_steps").to_int(), number(group, "eps"));
    scale_(param, 1 - group.lr * number(group, "weight_decay"));
    param.add_(update, -adjusted(group.lr, group.options.at("adjust_lr_fn"), param));
}

void Muon::update_list(const ParamGroup&, ForeachList&)
{
    LEYDEN_ASSERT(false);
}

} // namespace leyden
