// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/metrics/accumulated_metric.h"

#include "engine/core/errors.h"

#include <ATen/ops/cat.h>
#include <c10/core/GradMode.h>
#include <c10/util/StringUtil.h>

namespace leyden {

AccumulatedMetric::AccumulatedMetric(std::vector<Field> fields) : fields_(std::move(fields))
{
    reset();
}

void AccumulatedMetric::update(const at::Tensor& preds, const at::Tensor& target)
{
    const c10::NoGradGuard no_grad;
    auto batch = state_of(preds.detach(), target.detach());
    LEYDEN_ASSERT(batch.size() == fields_.size());
    for (size_t i = 0; i < fields_.size(); ++i) {
        auto& parts = parts_[i];
        if (fields_[i].keeps_dtype)
            batch[i] = batch[i].to(fields_[i].initial.scalar_type());
        if (fields_[i].join == Join::List)
            parts.push_back(batch[i]);
        else
            parts[0] = parts[0].to(batch[i].device()).add(batch[i]);
    }
    batch_ = std::move(batch);
}

at::Tensor AccumulatedMetric::compute() const
{
    const c10::NoGradGuard no_grad;
    State state;
    for (const auto& parts : parts_)
        state.push_back(parts.empty() ? at::Tensor()
                : parts.size() == 1   ? parts[0]
                                      : at::cat(parts));
    return value_of(state);
}

at::Tensor AccumulatedMetric::batch_value() const
{
    const c10::NoGradGuard no_grad;
    return value_of(batch_);
}

void AccumulatedMetric::reset()
{
    parts_.assign(fields_.size(), {});
    batch_.assign(fields_.size(), {});
    for (size_t i = 0; i < fields_.size(); ++i) {
        if (fields_[i].join == Join::Sum) {
            parts_[i] = {fields_[i].initial};
            batch_[i] = fields_[i].initial;
        }
    }
}

void AccumulatedMetric::convert(c10::ScalarType dtype)
{
    const auto converted = [dtype](at::Tensor& tensor) {
        if (tensor.defined() && tensor.is_floating_point())
            tensor = tensor.to(dtype);
    };
    for (size_t i = 0; i < fields_.size(); ++i) {
        converted(fields_[i].initial);
        converted(batch_[i]);
        for (auto& part : parts_[i])
            converted(part);
    }
}

StateTree AccumulatedMetric::state_dict() const
{
    auto state = StateTree::dict();
    for (size_t i = 0; i < fields_.size(); ++i) {
        if (fields_[i].join == Join::Sum)
            state.set(fields_[i].name, parts_[i][0]);
        else
            state.set(fields_[i].name, StateTree::list({parts_[i].begin(), parts_[i].end()}));
    }
    return state;
}

void AccumulatedMetric::load_state_dict(const StateTree& state)
{
    std::vector<std::vector<at::Tensor>> loaded(fields_.size());
    for (size_t i = 0; i < fields_.size(); ++i) {
        const auto& [name, join, initial, keeps_dtype] = fields_[i];
        const auto& saved = state.at(name);
        if (join == Join::List) {
            for (const auto& part : saved.items())
                loaded[i].push_back(part.tensor());
            continue;
        }
        const auto& tensor = saved.tensor();
        if (initial.dim() > 0 && tensor.sizes() != initial.sizes())
            throw CheckpointError(
                c10::str("the metric state '", name, "' has shape ", tensor.sizes(),
                    ", this metric's ", initial.sizes(), "; use the config it was saved with"));
        loaded[i].push_back(tensor);
    }
    reset();
    parts_ = std::move(loaded);
}

} // namespace leyden
