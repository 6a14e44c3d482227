// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/tuner/batch_size_finder_options.h"
#include "engine/tuner/tuner_callback.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace leyden {

class TrialRun;

/// Looks for the largest batch size that fits into memory, before a fit or an evaluation begins:
/// runs a few batches of each size. Power doubles the size until memory runs out or the trials are
/// used up, and takes the last that went well; a binary search then halves the way between the two,
/// and takes `margin` off.
///
/// Size:     the attribute batch_arg_name of the module or of the data module, whose loaders are
///           asked for again. It never exceeds max_val, nor grows where it is the data's length
///           already.
/// Memory:   std::bad_alloc and LibTorch's out-of-memory errors, of the host and of devices; any
///           other error ends the run. Once the trials are over the run goes on with the size that
///           was found.
/// Throws:   MisconfigurationError for bad options (constructor), no such attribute (setup).
/// Differs:  a size that did not fit is never the result, also where it is the data's length; where
///           not even one row fits, that is an error. A run goes on with a size that was tried and
///           fits, or with its own where none was; Lightning's may be twice as large, and above
///           max_val. The Tuner gives Lightning's. A trial of predict has steps_per_trial batches
///           too, where Lightning's has all.
/// Source:   PyTorch Lightning 2.6, callbacks/batch_size_finder.py, tuner/batch_size_scaling.py.
class LEYDEN_API BatchSizeFinder final : public TunerCallback
{
public:
    explicit BatchSizeFinder(BatchSizeFinderOptions options = {});

    std::string name() const override { return "BatchSizeFinder"; }
    std::optional<std::vector<std::string>> logged_names(const RunFacts&) const override
    {
        return no_names();
    }
    void setup(Trainer& trainer, LightningModule& module, TrainerFn fn) override;
    void find(Trainer& trainer, LightningModule& module) override;

    struct Trial
    {
        int64_t batch_size = 0;
        bool fits = false;
    };
    std::optional<int64_t> optimal_batch_size() const { return found_; }
    const std::vector<Trial>& trials() const { return trials_; } ///< in the order they were made

private:
    bool attempt(TrialRun& trial, int64_t size);
    int64_t search(Trainer& trainer, TrialRun& trial);
    /// What is found, or the largest that fits where that was not tried; that is set.
    int64_t tried_size(Trainer& trainer, int64_t before) const;
    int64_t search_power(Trainer& trainer, TrialRun& trial, int64_t size);
    int64_t search_binary(Trainer& trainer, TrialRun& trial, int64_t size);
    /// The new size, or the old one where that is the data's length already.
    int64_t adjust(Trainer& trainer, TrialRun& trial, int64_t wanted, int64_t limit);
    int64_t size_of(const Trainer& trainer) const;
    void set_size(Trainer& trainer, int64_t size) const;

    BatchSizeFinderOptions options_;
    std::optional<int64_t> found_;
    std::vector<Trial> trials_;
};

} // namespace leyden
