// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/callbacks/callback.h"
#include "engine/core/clock.h"
#include "engine/core/export.h"

namespace leyden {

/// Ends training when its time is used up, tested after every batch; max_time of the Trainer adds it.
///
/// State: {"time_elapsed": {"train": seconds}}; on resume the stored time counts.
/// Source: PyTorch Lightning 2.6, callbacks/timer.py.
class LEYDEN_API Timer final : public Callback
{
public:
    explicit Timer(Clock::Duration duration) : duration_(duration) {}

    std::string name() const override { return "Timer"; }
    void on_fit_start(Trainer& trainer, LightningModule& module) override;
    void on_train_start(Trainer& trainer, LightningModule& module) override;
    void on_train_batch_end(Trainer& trainer, LightningModule& module, const StateTree& outputs,
        const Batch& batch, int64_t batch_idx) override;
    StateTree state_dict() const override;
    void load_state_dict(const StateTree& state) override;

private:
    void check(Trainer& trainer);

    Clock::Duration duration_;
    double before_ = 0.0;  ///< seconds of the runs that this one goes on from
    double elapsed_ = 0.0; ///< seconds in all, as of the last check
    bool is_training_ = false;
};

} // namespace leyden
