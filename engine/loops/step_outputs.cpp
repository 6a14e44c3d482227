// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/loops/step_outputs.h"

#include "engine/core/errors.h"
#include "engine/core/nested.h"

#include <string>
#include <variant>

namespace leyden {
namespace {

/// Makes the loss that was given out after the batch before into this one, where nobody kept it or
/// gave it a gradient;
/// false: a new one is needed, which is a quarter of what the Trainer adds to a small step.
bool reuse_loss(const StateTree::Entry& before, const at::Tensor& loss)
{
    const auto* key = std::get_if<std::string>(&before.first);
    if (!key || *key != "loss" || !before.second.is_tensor())
        return false;
    const auto& tensor = before.second.tensor();
    auto* impl = tensor.unsafeGetTensorImpl();
    if (!tensor.defined() || tensor.use_count() != 1 || impl->autograd_meta()
        || !impl->has_compatible_shallow_copy_type(loss.key_set()))
        return false;
    impl->shallow_copy_from(loss.getIntrusivePtr());
    return true;
}

} // namespace

void fill_outputs(StateTree& outputs, const at::Tensor& loss, const StateTree& extra)
{
    if (!extra.is_none() && !extra.is_dict())
        throw MisconfigurationError("training_step: StepOutput::extra is no dict; make it one with "
                                    "StateTree::dict({{name, value}, ...})");
    auto& entries = outputs.entries();
    entries.resize(loss.defined() ? 1 : 0);
    if (loss.defined() && !reuse_loss(entries.front(), loss)) {
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
