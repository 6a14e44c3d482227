// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/callbacks/callback.h"
#include "engine/callbacks/weight_averaging_options.h"
#include "engine/core/export.h"

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace leyden {

/// Keeps an average of the weights beside the training, validates with it, and ends with it.
///
/// Updates: after a batch in which an optimizer stepped, and at the end of an epoch, where
///          should_update() says so. The first update copies; later ones give average_fn(average,
///          weights, updates so far), by default the mean of all.
/// Swaps:   around every validation, the sanity check included, so that it sees the average. At the
///          end of the training the average is copied into the model.
/// Files:   state_dict is the average, current_model_state the weights in training, averaging_state
///          the number of updates. State: latest_update_step.
/// Throws:  MisconfigurationError for bad options (constructor).
/// Source:  PyTorch Lightning 2.6, callbacks/weight_averaging.py; PyTorch 2.13, optim/swa_utils.py,
///          AveragedModel.
/// Differs: without `device` the average lies where the model trains.
class LEYDEN_API WeightAveraging : public Callback
{
public:
    /// average and weights [any shape and dtype], updates so far (> 0) -> the new average.
    using AverageFn = std::function<at::Tensor(const at::Tensor&, const at::Tensor&, int64_t)>;

    explicit WeightAveraging(WeightAveragingOptions options = {}, AverageFn average_fn = {});

    /// Whether to update now: after optimizer step step_idx (from 0), or at the end of epoch
    /// epoch_idx.
    virtual bool should_update(
        std::optional<int64_t> step_idx, std::optional<int64_t> epoch_idx) const;

    std::string name() const override { return "WeightAveraging"; }
    std::optional<std::vector<std::string>> logged_names(const RunFacts&) const override
    {
        return no_names();
    }
    void check_run(const RunFacts& facts, RunProblems& problems) const override;
    void setup(Trainer& trainer, LightningModule& module, TrainerFn fn) override;
    void on_train_batch_end(Trainer& trainer, LightningModule& module, const StateTree& outputs,
        const Batch& batch, int64_t batch_idx) override;
    void on_train_epoch_end(Trainer& trainer, LightningModule& module) override;
    void on_train_end(Trainer& trainer, LightningModule& module) override;
    void on_validation_epoch_start(Trainer& trainer, LightningModule& module) override;
    void on_validation_epoch_end(Trainer& trainer, LightningModule& module) override;
    void on_save_checkpoint(
        Trainer& trainer, LightningModule& module, StateTree& checkpoint) override;
    void on_load_checkpoint(
        Trainer& trainer, LightningModule& module, const StateTree& checkpoint) override;
    StateTree state_dict() const override;
    void load_state_dict(const StateTree& state) override;

    /// Name -> tensor of the averaged model; None outside fit.
    const StateTree& average() const { return average_; }
    int64_t n_averaged() const { return n_averaged_; }

private:
    void update(LightningModule& module);
    void swap(LightningModule& module);

    WeightAveragingOptions options_;
    AverageFn average_fn_;
    StateTree average_;
    int64_t n_averaged_ = 0;
    int64_t latest_update_step_ = 0;
    int64_t latest_update_epoch_ = -1;
    bool is_swapped_ = false; ///< the model has the average, and the average the model's weights
};

/// An exponential moving average: decay * average + (1 - decay) * weights.
///
/// Updates: after every update_every_n_steps-th optimizer step from update_starting_at_step on, and
///          at the end of epochs from update_starting_at_epoch on, where that is set.
/// Source:  PyTorch Lightning 2.6, callbacks/weight_averaging.py.
class LEYDEN_API EMAWeightAveraging final : public WeightAveraging
{
public:
    explicit EMAWeightAveraging(const EMAWeightAveragingOptions& options = {});

    std::string name() const override { return "EMAWeightAveraging"; }
    bool replaces(const Callback& other) const override;
    bool should_update(
        std::optional<int64_t> step_idx, std::optional<int64_t> epoch_idx) const override;

private:
    EMAWeightAveragingOptions options_;
};

} // namespace leyden
