// SPDX-License-Identifier: GPL-3.0-or-later
// The Trainer's part that has to do with its list of callbacks. Source: PyTorch Lightning 2.6,
// trainer/connectors/callback_connector.py.
#include "engine/trainer/trainer.h"

#include "engine/callbacks/callback.h"
#include "engine/callbacks/model_checkpoint.h"
#include "engine/callbacks/model_summary.h"
#include "engine/callbacks/timer.h"
#include "engine/core/errors.h"
#include "engine/core/lightning_module.h"
#include "engine/trainer/call.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <memory>
#include <vector>

namespace leyden {
namespace {

bool is_checkpoint(const std::unique_ptr<Callback>& callback)
{
    return callback->is_checkpoint();
}

template <class Kind> bool has_callback(const std::vector<std::unique_ptr<Callback>>& callbacks)
{
    return std::any_of(callbacks.begin(), callbacks.end(),
        [](const auto& callback) { return dynamic_cast<const Kind*>(callback.get()) != nullptr; });
}

} // namespace

void Trainer::attach_callbacks(const TrainerOptions& options)
{
    const bool has_checkpoint = std::any_of(callbacks_.begin(), callbacks_.end(), is_checkpoint);
    if (has_checkpoint && !plan_.enable_checkpointing)
        throw MisconfigurationError("enable_checkpointing = false, but there is a ModelCheckpoint "
                                    "among the callbacks; remove one of them");
    if (!has_checkpoint && plan_.enable_checkpointing)
        callbacks_.push_back(std::make_unique<ModelCheckpoint>(ModelCheckpointOptions{}));
    const bool has_timer = has_callback<Timer>(callbacks_);
    if (plan_.max_time && has_timer)
        message(MessageEvent::Level::Info,
            "max_time is ignored: there is a Timer among the callbacks already");
    else if (plan_.max_time)
        callbacks_.push_back(std::make_unique<Timer>(*plan_.max_time));
    if (plan_.enable_model_summary && !has_callback<ModelSummary>(callbacks_))
        callbacks_.push_back(std::make_unique<ModelSummary>());
    if (!options.max_epochs && plan_.max_steps == -1 && plan_.fast_dev_run == 0
        && has_callback<Timer>(callbacks_))
        plan_.live.max_epochs = -1; // the time is the limit
    reorder_callbacks();
    for (size_t i = 0; i < callbacks_.size(); ++i) {
        for (size_t j = i + 1; j < callbacks_.size(); ++j) {
            if (!callbacks_[i]->state_dict().is_none()
                && callbacks_[i]->state_key() == callbacks_[j]->state_key())
                throw MisconfigurationError(
                    fmt::format("two callbacks have the same state key {}; give them other "
                                "arguments or remove one",
                        callbacks_[i]->state_key()));
        }
    }
}

void Trainer::reorder_callbacks()
{
    const auto first_checkpoint = std::stable_partition(
        callbacks_.begin(), callbacks_.end(), [](const auto& c) { return !is_checkpoint(c); });
    std::stable_partition(
        callbacks_.begin(), first_checkpoint, [](const auto& c) { return c->is_tuner(); });
}

void Trainer::attach_model_callbacks()
{
    auto given = call_module(*this, Hook::ConfigureCallbacks,
        [](LightningModule& m) { return m.configure_callbacks(); });
    if (given.empty())
        return;
    if (std::find(given.begin(), given.end(), nullptr) != given.end())
        throw MisconfigurationError(
            "configure_callbacks gave a callback that is null; leave it out");
    const auto is_replaced = [&](const std::unique_ptr<Callback>& callback) {
        return std::any_of(
            given.begin(), given.end(), [&](const auto& own) { return own->replaces(*callback); });
    };
    for (const auto& callback : callbacks_) {
        if (is_replaced(callback))
            message(MessageEvent::Level::Info,
                fmt::format("the model's {} replaces that of the Trainer", callback->name()));
    }
    std::erase_if(callbacks_, is_replaced);
    for (auto& callback : given)
        callbacks_.push_back(std::move(callback));
    reorder_callbacks();
}

} // namespace leyden
