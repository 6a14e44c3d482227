// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/callbacks/callback.h"
#include "engine/callbacks/learning_rate_monitor_options.h"
#include "engine/callbacks/lr_names.h"
#include "engine/core/export.h"
#include "engine/loggers/logger.h"

#include <string>
#include <vector>

namespace leyden {

/// Logs the learning rate of every parameter group, and on request momentum and weight decay.
///
/// Rows:    before a batch when a training row is due (step), and where an epoch starts (epoch);
///          unset: each scheduler at its own interval. Optimizers without a scheduler stand in
///          both. The row has no epoch, its x is that of training rows.
/// Names:   lr-SGD; lr-SGD-1 for the second of a class; lr-SGD/pg1, or /name of the group, where
///          there are several groups; a scheduler's own name instead of lr-SGD; then -momentum
///          (betas[0] where the optimizer has betas, 0 where it has neither), -weight_decay.
/// Metrics: the numbers also stand in callback_metrics, as float32.
/// Throws:  MisconfigurationError where a run trains without a logger, for groups of one optimizer
///          with the same name, and for log_weight_decay with an optimizer that has none
///          (on_train_start).
/// Source:  PyTorch Lightning 2.6, callbacks/lr_monitor.py.
/// Differs: keeps no list of all rates that were logged.
class LEYDEN_API LearningRateMonitor final : public Callback
{
public:
    explicit LearningRateMonitor(LearningRateMonitorOptions options = {});

    std::string name() const override { return "LearningRateMonitor"; }
    std::optional<std::vector<std::string>> logged_names(const RunFacts& facts) const override;
    void check_run(const RunFacts& facts, RunProblems& problems) const override;
    void on_train_start(Trainer& trainer, LightningModule& module) override;
    void on_train_batch_start(
        Trainer& trainer, LightningModule& module, const Batch& batch, int64_t batch_idx) override;
    void on_train_epoch_start(Trainer& trainer, LightningModule& module) override;

private:
    void log(Trainer& trainer, LoggingInterval moment) const;
    void add_values(const NamedGroups& named, std::vector<MetricRow::Value>& values) const;
    void check_options(const std::vector<NamedGroups>& all, Trainer& trainer) const;

    LearningRateMonitorOptions options_;
};

} // namespace leyden
