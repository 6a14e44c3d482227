// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/callbacks/callback.h"
#include "engine/callbacks/gradient_accumulation_scheduler_options.h"
#include "engine/core/export.h"

#include <cstdint>
#include <map>
#include <string>

namespace leyden {

/// Changes how many batches an optimizer step takes, by the epoch.
///
/// Runs:    where an epoch starts; the factor is that of the largest key up to the epoch, 1 before
///          the first.
/// Throws:  MisconfigurationError for a schedule that is empty or has other numbers (constructor),
///          and with manual optimization or an accumulate_grad_batches of the trainer's own
///          (on_train_start).
/// Source:  PyTorch Lightning 2.6, callbacks/gradient_accumulation_scheduler.py.
/// Differs: a run resumed in the middle of an epoch goes on with that epoch's factor.
class LEYDEN_API GradientAccumulationScheduler final : public Callback
{
public:
    explicit GradientAccumulationScheduler(const GradientAccumulationSchedulerOptions& options);
    explicit GradientAccumulationScheduler(std::map<int64_t, int64_t> scheduling);

    std::string name() const override { return "GradientAccumulationScheduler"; }
    std::optional<std::vector<std::string>> logged_names(const RunFacts&) const override
    {
        return no_names();
    }
    void on_train_start(Trainer& trainer, LightningModule& module) override;
    void on_train_epoch_start(Trainer& trainer, LightningModule& module) override;

    int64_t get_accumulate_grad_batches(int64_t epoch) const;

private:
    void set_factor(Trainer& trainer);

    std::map<int64_t, int64_t> scheduling_;
    int64_t factor_ = 1; ///< what this callback set last
};

} // namespace leyden
