// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/callbacks/callback.h"
#include "engine/callbacks/cpu_usage.h"
#include "engine/callbacks/device_stats_monitor_options.h"
#include "engine/core/export.h"
#include "engine/loggers/logger.h"

#include <string>
#include <vector>

namespace leyden {

/// Logs how busy the device is, at the start and the end of every batch for which a training row is
/// due.
///
/// Names:  DeviceStatsMonitor.on_train_batch_start/cpu_percent, .../cpu_vm_percent,
///         .../cpu_swap_percent; on an accelerator what its allocator counts under PyTorch's names,
///         e.g. .../allocated_bytes.all.current. The same for validation and test.
/// Throws: MisconfigurationError where a fit has no logger, or the CPU's figures cannot be read
///         (setup).
/// Source: PyTorch Lightning 2.6, callbacks/device_stats_monitor.py; psutil's formulas.
class LEYDEN_API DeviceStatsMonitor final : public Callback
{
public:
    explicit DeviceStatsMonitor(DeviceStatsMonitorOptions options = {}) : options_(options) { }

    std::string name() const override { return "DeviceStatsMonitor"; }
    void check_run(const RunFacts& facts, RunProblems& problems) const override;
    std::optional<std::vector<std::string>> logged_names(const RunFacts&) const override
    {
        return no_names();
    }
    void setup(Trainer& trainer, LightningModule& module, TrainerFn fn) override;
    void on_train_batch_start(Trainer&, LightningModule&, const Batch&, int64_t) override;
    void on_train_batch_end(
        Trainer&, LightningModule&, const StateTree&, const Batch&, int64_t) override;
    void on_validation_batch_start(
        Trainer&, LightningModule&, const Batch&, int64_t, int64_t) override;
    void on_validation_batch_end(
        Trainer&, LightningModule&, const StateTree&, const Batch&, int64_t, int64_t) override;
    void on_test_batch_start(Trainer&, LightningModule&, const Batch&, int64_t, int64_t) override;
    void on_test_batch_end(
        Trainer&, LightningModule&, const StateTree&, const Batch&, int64_t, int64_t) override;

private:
    void log(Trainer& trainer, const char* moment);
    void add_cpu_stats(const std::string& prefix, std::vector<MetricRow::Value>& values);

    DeviceStatsMonitorOptions options_;
    CpuUsage usage_;
};

} // namespace leyden
