// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/data_module.h"
#include "engine/core/export.h"
#include "engine/tuner/batch_size_finder.h"
#include "engine/tuner/learning_rate_finder_options.h"
#include "engine/tuner/lr_suggestion.h"
#include "engine/tuner/threads_finder.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace leyden {

class LightningModule;
class Trainer;

/// A search for a learning rate, and what it suggests.
struct LRFinder
{
    LRCurve curve;
    LearningRateFinderOptions options;

    std::optional<double> suggestion() const { return suggested_lr(curve, options.suggestion); }
};

struct LEYDEN_API BatchSizeSearch
{
    std::optional<int64_t> batch_size; ///< unset: fast_dev_run leaves the search out
    std::vector<BatchSizeFinder::Trial> trials;

    /// The largest size that was tried and fits; a search may end with one that it did not try.
    std::optional<int64_t> largest_fit() const;
};

struct ThreadsSearch
{
    std::vector<ThreadsTrial> trials; ///< none: fast_dev_run, or nothing to train
    double cpu_wait_share = 0.0;      ///< of the trials' time in which no core was free

    std::optional<int64_t> suggestion() const { return suggested_threads(trials); }
};

/// Finds settings of a run before it is made. The module, the random generators and the Trainer's
/// counters are what they were afterwards; only the attribute that was looked for is set
/// (update_attr, batch_arg_name).
///
/// Throws:  MisconfigurationError where the Trainer has the same finder among its callbacks, and
///          what the finders throw.
/// Source:  PyTorch Lightning 2.6, tuner/tuning.py.
class LEYDEN_API Tuner
{
public:
    explicit Tuner(Trainer& trainer) : trainer_(trainer) { }

    LRFinder lr_find(LightningModule& module, LightningDataModule& data,
        const LearningRateFinderOptions& options = {});
    BatchSizeSearch scale_batch_size(LightningModule& module, LightningDataModule& data,
        const BatchSizeFinderOptions& options = {}, TrainerFn method = TrainerFn::Fit);
    /// Differs: Lightning has no such search. LibTorch's thread count is not set either.
    ThreadsSearch find_threads(LightningModule& module, LightningDataModule& data,
        const ThreadsFinderOptions& options = {});

private:
    void refuse_second(const char* callback) const;

    Trainer& trainer_;
};

} // namespace leyden
