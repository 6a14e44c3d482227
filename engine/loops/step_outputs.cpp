// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/loops/step_outputs.h"

#include "engine/core/errors.h"
#include "engine/core/nested.h"

namespace leyden {

void fill_outputs(StateTree& outputs, const at::Tensor& loss, const StateTree& extra)
{
    if (!extra.is_none() && !extra.is_dict())
        throw MisconfigurationError("training_step: StepOutput::extra is no dict; make it one with "
                                    "StateTree::dict({{name, value}, ...})");
    auto& entries = outputs.entries();
    entries.resize(loss.defined() ? 1 : 0);
    if (loss.defined()) {
        entries.front().first = "loss";
        entries.front().second = loss.variable_data(); // detached, without the dispatcher's cost
    }
    if (!extra.is_dict())
        return;
    for (const auto& [key, value] : extra.entries())
        entries.emplace_back(
            key, map_tensors(value, [](const at::Tensor& tensor) { return tensor.detach(); }));
}

} // namespace leyden
