// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/tuner/threads_finder_options.h"
#include "engine/tuner/tuner_callback.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace leyden {

class TrialRun;

/// The speed that a number of threads gave.
struct ThreadsTrial
{
    int64_t threads = 0;
    double seconds_per_batch = 0.0; ///< median over the rounds
};

/// The fewest threads that are at most a twentieth slower than the fastest: what more of them gain
/// is noise, and other programs want the cores too. Unset where nothing was tried.
LEYDEN_API std::optional<int64_t> suggested_threads(const std::vector<ThreadsTrial>& trials);

/// 1, 2, 4, ... and `most` itself.
LEYDEN_API std::vector<int64_t> thread_counts(int64_t most);

/// Looks for the number of threads of an operation with which training is fastest: trains a
/// moment with each, in turns, so that what else the machine does meets all of them. Validation is
/// left out, and so is the first batch of each trial, which starts the threads.
///
/// State:   LibTorch's thread count, the module, the generators and the Trainer are what they were
///          afterwards.
/// Differs: Lightning has no such search. No callback of a config either: a count that depends on
///          the moment would change the last bits of a run.
class LEYDEN_API ThreadsFinder final : public TunerCallback
{
public:
    explicit ThreadsFinder(ThreadsFinderOptions options = {});

    std::string name() const override { return "ThreadsFinder"; }
    void find(Trainer& trainer, LightningModule& module) override;

    const std::vector<ThreadsTrial>& trials() const { return trials_; } ///< by rising count
    double cpu_wait_share() const { return cpu_wait_share_; } ///< of the trials' time, 0..1

private:
    void measure(Trainer& trainer);
    double seconds_per_batch(TrialRun& trial, int64_t threads) const;

    ThreadsFinderOptions options_;
    std::vector<ThreadsTrial> trials_;
    double cpu_wait_share_ = 0.0;
};

} // namespace leyden
