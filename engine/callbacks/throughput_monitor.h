// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/callbacks/callback.h"
#include "engine/callbacks/throughput.h"
#include "engine/callbacks/throughput_monitor_options.h"
#include "engine/core/export.h"

#include <cstdint>
#include <functional>
#include <map>

namespace leyden {

/// Logs how fast batches, samples and floating-point operations go through, for training,
/// validation, test and prediction.
///
/// Names:   train/time, train/batches, train/samples, train/lengths (with length_fn), and once the
///          window is full train/device/batches_per_sec, .../samples_per_sec, .../items_per_sec,
///          .../flops_per_sec (with the module's flops_per_batch), .../mfu (with available_flops);
///          validate/, test/, predict/ likewise.
/// Rows:    when a training row is due. Time spent in validation is taken out of the clock of the
///          training.
/// Device:  an accelerator is waited for once a batch, as the time would mean little otherwise.
/// Throws:  MisconfigurationError for bad options (constructor), and where batch_size_fn or
///          length_fn give too little.
/// Source:  PyTorch Lightning 2.6, callbacks/throughput_monitor.py.
/// Differs: a resumed training counts on where its checkpoint was taken. batch_size_fn may be left out: the first dimension of the batch. available_flops is an
///          option.
class LEYDEN_API ThroughputMonitor final : public Callback
{
public:
    using CountFn = std::function<int64_t(const Batch& batch)>;

    explicit ThroughputMonitor(
        ThroughputMonitorOptions options = {}, CountFn batch_size_fn = {}, CountFn length_fn = {});

    std::string name() const override { return "ThroughputMonitor"; }
    void setup(Trainer&, LightningModule&, TrainerFn) override { resumed_ = {}; }
    StateTree resume_state() const override;
    void load_resume_state(const StateTree& state) override { resumed_ = state; }
    std::optional<std::vector<std::string>> logged_names(const RunFacts&) const override
    {
        return no_names();
    }
    void on_train_start(Trainer&, LightningModule&) override;
    void on_train_batch_end(
        Trainer&, LightningModule&, const StateTree&, const Batch&, int64_t) override;
    void on_validation_start(Trainer&, LightningModule&) override;
    void on_validation_batch_end(
        Trainer&, LightningModule&, const StateTree&, const Batch&, int64_t, int64_t) override;
    void on_validation_end(Trainer&, LightningModule&) override;
    void on_test_start(Trainer&, LightningModule&) override;
    void on_test_batch_end(
        Trainer&, LightningModule&, const StateTree&, const Batch&, int64_t, int64_t) override;
    void on_predict_start(Trainer&, LightningModule&) override;
    void on_predict_batch_end(
        Trainer&, LightningModule&, const StateTree&, const Batch&, int64_t, int64_t) override;

private:
    enum class Stage { Train, Validate, Test, Predict };
    struct Meter
    {
        Throughput throughput;
        double begin = 0.0; ///< seconds of the clock
        int64_t batches = 0;
        int64_t samples = 0;
        int64_t lengths = 0;
        double seconds = 0.0; ///< at the last batch
    };
    Meter& meter(Stage stage);
    void start(Trainer& trainer, Stage stage);
    void update(Trainer& trainer, const LightningModule& module, const Batch& batch, Stage stage);
    /// iter_num: the row's x; unset: that of training rows, with the epoch.
    void log(Trainer& trainer, Stage stage, std::optional<int64_t> iter_num);

    ThroughputMonitorOptions options_;
    CountFn batch_size_fn_;
    CountFn length_fn_;
    std::map<Stage, Meter> meters_;
    StateTree resumed_; ///< counts of the training that this one goes on from
    bool told_no_flops_ = false;
};

} // namespace leyden
