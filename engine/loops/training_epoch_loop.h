// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/data/data_loader.h"
#include "engine/loops/automatic_optimization.h"
#include "engine/loops/evaluation_loop.h"
#include "engine/loops/manual_optimization.h"
#include "engine/trainer/progress.h"
#include "engine/trainer/result_collection.h"

#include <memory>

namespace leyden {

class FitLoop;
class ReadAhead;
class Trainer;

/// The batches of one epoch: optimization, schedulers, validation in between.
///
/// Source: PyTorch Lightning 2.6, loops/training_epoch_loop.py.
class TrainingEpochLoop
{
public:
    TrainingEpochLoop(Trainer& trainer, FitLoop& fit_loop);

    /// Runs the epoch's batches; `resumed` says where a checkpoint was taken inside this epoch.
    void run(LoopPhase resumed);
    /// The share of `batches done` that ends the epoch.
    bool num_ready_batches_reached() const;
    bool should_accumulate() const;
    bool should_check_val_epoch() const; ///< check_val_every_n_epoch
    void update_lr_schedulers(const char* interval, bool plateau);
    int64_t batch_idx() const { return batch_progress.current.ready - 1; }

    void start_iterator(); ///< a new pass over the training loader
    void resume_iterator(const StateTree& position);

    Progress batch_progress;
    Progress scheduler_progress;
    AutomaticOptimization automatic_optimization;
    ManualOptimization manual_optimization;
    EvaluationLoop val_loop;
    ResultCollection results{true};
    int64_t batches_that_stepped = 0;
    bool is_last_batch = false;
    bool stream_ended = false; ///< before the epoch had max_batches
    std::unique_ptr<BatchIterator> iterator;
    Batch batch; ///< the running one

private:
    bool done();
    bool advance(); ///< false: the rest of the epoch is skipped, or there is none
    void set_iterator(std::unique_ptr<BatchIterator> pass);
    void finish_batch(bool writes_row = true);
    void after_batch(LoopPhase resumed);
    bool should_check_val();
    bool waits_for_validation() const; ///< whether its metrics are still to come

    Trainer& trainer_;
    FitLoop& fit_loop_;
    const ReadAhead* ahead_ = nullptr; ///< `iterator` of a stream without limit
    bool told_minimum_ = false;
    friend class FitLoop;
};

} // namespace leyden
