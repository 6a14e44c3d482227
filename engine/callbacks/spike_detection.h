// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/callbacks/callback.h"
#include "engine/callbacks/spike_detection_options.h"
#include "engine/core/errors.h"
#include "engine/core/export.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

namespace leyden {

/// A loss that left the path of the losses before it; ends the run.
class LEYDEN_API TrainingSpikeError final : public Error
{
public:
    TrainingSpikeError(int64_t batch_idx, const std::string& text)
        : Error(text), batch_idx_(batch_idx)
    {
    }
    ~TrainingSpikeError() override;
    int64_t batch_idx() const noexcept { return batch_idx_; }

private:
    int64_t batch_idx_;
};

/// Ends the run when the loss of a batch lies far off the mean of the losses before it, and writes
/// down which batches to leave out next time.
///
/// Spike:   not finite (finite_only), or worse than the last loss and both |loss - mean| >= atol
///          and
///          |loss - mean| >= |rtol * mean|, in float32; of a float64 loss in float64.
/// File:    skip_batches.json, a list: for every spike the batch before and its own, counted in
///          their epoch.
/// Loss:    [] floating, as on_train_batch_end gets it; read once a batch, which waits for the
///          device.
/// State:   as Lightning's: last_val, mode, warmup, atol, rtol, bad_batches, bad_batches_path,
///          running, mean.
/// Throws:  MisconfigurationError for bad options (constructor), TrainingSpikeError at a spike.
/// Source:  PyTorch Lightning 2.6, callbacks/spike.py, fabric/utilities/spike.py.
/// Differs: its state can be loaded; Lightning's cannot. The losses of the window go into our own
///          part of the file.
class LEYDEN_API SpikeDetection final : public Callback
{
public:
    explicit SpikeDetection(SpikeDetectionOptions options = {});

    std::string name() const override { return "SpikeDetection"; }
    std::optional<std::vector<std::string>> logged_names(const RunFacts&) const override
    {
        return no_names();
    }
    void on_train_batch_end(Trainer& trainer, LightningModule& module, const StateTree& outputs,
        const Batch& batch, int64_t batch_idx) override;
    StateTree state_dict() const override;
    void load_state_dict(const StateTree& state) override;
    StateTree resume_state() const override;
    void load_resume_state(const StateTree& state) override;

    const std::vector<int64_t>& bad_batches() const { return bad_batches_; }

private:
    bool is_spike(double loss, bool is_float64) const;
    float running_mean() const; ///< not a number before the first loss
    void handle_spike(Trainer& trainer, double loss, int64_t batch_idx);

    SpikeDetectionOptions options_;
    std::optional<std::filesystem::path> file_;
    double last_val_ = 0;
    std::vector<float> window_;  ///< losses, in the places of their turn
    std::vector<float> weights_; ///< 1 where the place has a loss that is a number
    int64_t seen_ = 0;
    std::vector<int64_t> bad_batches_;
};

} // namespace leyden
