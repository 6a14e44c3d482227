// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/data/combined_loader.h"
#include "engine/trainer/progress.h"
#include "engine/trainer/result_collection.h"
#include "engine/trainer/trainer.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace leyden {

enum class EvaluationKind { FitValidation, Validate, Test };

/// Validation and test: every loader in turn, or a combined one, without gradients.
///
/// Source: PyTorch Lightning 2.6, loops/evaluation_loop.py.
class EvaluationLoop
{
public:
    EvaluationLoop(Trainer& trainer, EvaluationKind kind);

    EvaluationResults run();
    void setup_data();
    bool is_set_up() const { return is_set_up_; }
    /// One a loader; of loaders that are combined one for all.
    const std::vector<CombinedLoader>& passes() const { return passes_; }
    int64_t max_batches() const; ///< over all passes; of the sanity check while it runs
    StateTree state_dict() const;
    void load_state_dict(const StateTree& state);
    void save_random_state(); ///< before a validation inside fit, for a checkpoint in its middle
    void release();

    Progress batch_progress;
    ResultCollection results{false};
    bool is_last_batch = false;
    bool has_run = false;
    StateTree random_state_before;

private:
    bool is_test() const { return kind_ == EvaluationKind::Test; }
    int64_t batches_of(size_t pass) const;
    bool should_reload() const;
    void run_pass(size_t pass);
    void evaluate(Batch batch, int64_t batch_idx, size_t pass);
    std::vector<std::pair<std::string, double>> collect_epoch();

    Trainer& trainer_;
    EvaluationKind kind_;
    std::vector<CombinedLoader> passes_;
    std::vector<int64_t> max_batches_;
    std::vector<int64_t> seen_batches_; ///< x of step rows, a pass; never reset in a run
    bool is_set_up_ = false;
    std::optional<int64_t> loaded_in_epoch_; ///< unset: that load does not count
};

} // namespace leyden
