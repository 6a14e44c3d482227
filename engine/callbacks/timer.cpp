// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/callbacks/timer.h"

#include "engine/trainer/trainer.h"

namespace leyden {

void Timer::check(Trainer& trainer)
{
    elapsed_ = before_ + (is_training_ ? trainer.active_seconds() : 0.0);
    if (elapsed_ < std::chrono::duration<double>(duration_).count() || trainer.should_stop)
        return;
    trainer.should_stop = true;
    trainer.message(MessageEvent::Level::Info, "max_time is used up; training stops");
}

void Timer::on_fit_start(Trainer& trainer, LightningModule&)
{
    is_training_ = false;
    check(trainer);
}

void Timer::on_train_start(Trainer&, LightningModule&)
{
    is_training_ = true;
}

void Timer::on_train_batch_end(Trainer& trainer, LightningModule&, const StateTree&, const Batch&, int64_t)
{
    check(trainer);
}

StateTree Timer::state_dict() const
{
    return StateTree::dict({{"time_elapsed", StateTree::dict({{"train", elapsed_}, {"sanity_check", 0.0}, {"validate", 0.0},
                                                 {"test", 0.0}, {"predict", 0.0}})}});
}

void Timer::load_state_dict(const StateTree& state)
{
    before_ = elapsed_ = state.at("time_elapsed").at("train").to_double();
}

} // namespace leyden
