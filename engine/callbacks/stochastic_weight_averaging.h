// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/callbacks/callback.h"
#include "engine/callbacks/stochastic_weight_averaging_options.h"
#include "engine/core/export.h"

#include <ATen/core/Tensor.h>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace leyden {

class SWALR;

/// Averages the weights of the last epochs, at a constant rate (SWA, Izmailov et al. 2018).
///
/// Start:   in epoch max(swa_epoch_start - 1, 0); a share counts max_epochs. From there SWALR,
///          stepped by the epoch, takes the place of the run's scheduler.
/// Average: where an epoch starts, so that the weights of the last epoch are not in it; the running
///          mean, or what average_fn makes of it.
/// End:     the average is copied into the model. With batch norm one more epoch runs forward alone
///          and takes the statistics of the averaged model anew.
/// Files:   checkpoints/averaged.ckpt, written at the end of a fit that writes checkpoints: its
///          state_dict is the average. All others hold the weights in training. Where it is missing,
///          a resume of the run that is over writes it again.
/// State:   n_averaged, latest_update_epoch, scheduler_state, average_model_state, as Lightning's.
/// Throws:  MisconfigurationError for bad options (constructor), more than one optimizer or
///          scheduler, or a share without max_epochs (on_fit_start).
/// Source:  PyTorch Lightning 2.6, callbacks/stochastic_weight_avg.py.
/// Differs: a run resumed within an epoch goes on as if it had not stopped; there the scheduler of
///          Lightning misses a step, and the epoch of the statistics trains.
class LEYDEN_API StochasticWeightAveraging final : public Callback
{
public:
    /// averaged and model [any shape], weights that the average has -> the new average.
    using AverageFn = std::function<at::Tensor(const at::Tensor&, const at::Tensor&, int64_t)>;

    explicit StochasticWeightAveraging(
        StochasticWeightAveragingOptions options, AverageFn average_fn = {});

    std::string name() const override { return "StochasticWeightAveraging"; }
    void check_run(const RunFacts& facts, RunProblems& problems) const override;
    std::optional<std::vector<std::string>> logged_names(const RunFacts&) const override
    {
        return no_names();
    }
    void setup(Trainer& trainer, LightningModule& module, TrainerFn fn) override;
    void on_fit_start(Trainer& trainer, LightningModule& module) override;
    void on_train_start(Trainer& trainer, LightningModule& module) override;
    void on_train_epoch_start(Trainer& trainer, LightningModule& module) override;
    void on_train_epoch_end(Trainer& trainer, LightningModule& module) override;
    void on_train_end(Trainer& trainer, LightningModule& module) override;
    void on_fit_end(Trainer& trainer, LightningModule& module) override;
    StateTree state_dict() const override;
    void load_state_dict(const StateTree& state) override;
    StateTree resume_state() const override;
    void load_resume_state(const StateTree& state) override;

    /// known from on_fit_start on
    int64_t swa_start() const { return std::max<int64_t>(start_ - 1, 0); }
    int64_t swa_end() const; ///< last epoch that is averaged
    int64_t n_averaged() const { return n_averaged_; }

private:
    void begin_schedule(Trainer& trainer);
    void update(LightningModule& module);
    void transfer_weights(LightningModule& module) const;
    void begin_statistics(Trainer& trainer, LightningModule& module);

    StochasticWeightAveragingOptions options_;
    AverageFn average_fn_;
    int64_t start_ = 1;
    int64_t max_epochs_ = -1; ///< without the epoch of the statistics
    bool has_batch_norm_ = false;
    bool is_initialized_ = false;
    bool has_trained_ = false; ///< in this fit
    StateTree average_;        ///< state dict of the averaged model
    int64_t n_averaged_ = 0;
    int64_t latest_update_epoch_ = -1;
    std::shared_ptr<SWALR> scheduler_;
    StateTree scheduler_state_;                  ///< of a checkpoint
    StateTree gradients_;                        ///< likewise
    LightningModule* module_ = nullptr;          ///< of the run
    std::vector<std::optional<double>> momenta_; ///< of the batch norms, while their statistics are
                                                 ///< taken
    int64_t accumulate_before_ = 1;
};

} // namespace leyden
