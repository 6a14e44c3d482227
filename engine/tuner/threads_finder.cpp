// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/tuner/threads_finder.h"

#include "engine/config/check_options.h"
#include "engine/core/cpu_wait_meter.h"
#include "engine/core/spin_throttle.h"
#include "engine/trainer/trainer.h"
#include "engine/tuner/trial_run.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <chrono>
#include <limits>
#include <utility>

namespace leyden {
namespace {
using Seconds = std::chrono::duration<double>;
constexpr double worthwhile = 1.05; ///< how much slower fewer threads may be

/// Times the batches after the first, and ends the trial when there was time enough.
class BatchWatch final : public Callback
{
public:
    BatchWatch(double seconds, double& per_batch) : seconds_(seconds), per_batch_(per_batch) { }
    std::string name() const override { return "BatchWatch"; }
    void on_train_batch_end(
        Trainer& trainer, LightningModule&, const StateTree&, const Batch&, int64_t) override
    {
        const auto now = std::chrono::steady_clock::now();
        if (++batches_ == 1) {
            begin_ = now;
            return;
        }
        const double spent = Seconds(now - begin_).count();
        per_batch_ = spent / double(batches_ - 1);
        if (spent >= seconds_)
            trainer.should_stop = true;
    }

private:
    double seconds_;
    double& per_batch_;
    int64_t batches_ = 0;
    std::chrono::steady_clock::time_point begin_;
};

/// Puts LibTorch's thread count back.
class ThreadCountGuard
{
public:
    ThreadCountGuard() = default;
    ~ThreadCountGuard() { at::set_num_threads(before_); }
    ThreadCountGuard(const ThreadCountGuard&) = delete;
    ThreadCountGuard& operator=(const ThreadCountGuard&) = delete;

private:
    int before_ = at::get_num_threads();
};

double median(std::vector<double> values)
{
    const auto middle = values.begin() + std::ptrdiff_t(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
}

} // namespace

void describe(OptionTable<ThreadsFinderOptions>& table)
{
    using T = ThreadsFinderOptions;
    table
        .add("max_threads", &T::max_threads,
            "Most threads to try; unset: as many as there are cores")
        .at_least(1)
        .at_most(1024);
    table.add("rounds", &T::rounds, "How often each number of threads is tried").at_least(1);
    table.add("trial_seconds", &T::trial_seconds, "How long a trial trains, at least two batches")
        .above(0)
        .unit("seconds");
}

std::optional<int64_t> suggested_threads(const std::vector<ThreadsTrial>& trials)
{
    double fastest = std::numeric_limits<double>::infinity();
    for (const auto& trial : trials)
        fastest = std::min(fastest, trial.seconds_per_batch);
    std::optional<int64_t> fewest;
    for (const auto& trial : trials) {
        if (trial.seconds_per_batch <= worthwhile * fastest)
            fewest = std::min(fewest.value_or(trial.threads), trial.threads);
    }
    return fewest;
}

std::vector<int64_t> thread_counts(int64_t most)
{
    std::vector<int64_t> counts;
    for (int64_t count = 1; count < most; count *= 2)
        counts.push_back(count);
    counts.push_back(most);
    return counts;
}

ThreadsFinder::ThreadsFinder(ThreadsFinderOptions options) : options_(std::move(options))
{
    check_options(options_);
}

double ThreadsFinder::seconds_per_batch(TrialRun& trial, int64_t threads) const
{
    at::set_num_threads(int(threads));
    double seconds = 0.0;
    trial.train(std::make_unique<BatchWatch>(options_.trial_seconds, seconds));
    return seconds;
}

void ThreadsFinder::measure(Trainer& trainer)
{
    const auto counts = thread_counts(options_.max_threads.value_or(usable_cores()));
    std::vector<std::vector<double>> seconds(counts.size());
    const auto before = cpu_times();
    {
        const ThreadCountGuard guard;
        const SpinThrottle throttle(int(counts.back())); // the run's own may have had one thread
        TrialRun trial(trainer);
        for (int64_t round = 0; round < options_.rounds; ++round) {
            for (size_t i = 0; i < counts.size(); ++i)
                seconds[i].push_back(seconds_per_batch(trial, counts[i]));
        }
        trial.restore();
    }
    if (seconds.front().front() <= 0.0)
        return; // there was no batch
    for (size_t i = 0; i < counts.size(); ++i)
        trials_.push_back({counts[i], median(std::move(seconds[i]))});
    if (const auto after = cpu_times(); before && after && after->wall > before->wall)
        cpu_wait_share_
            = std::clamp((after->waited - before->waited) / (after->wall - before->wall), 0.0, 1.0);
}

void ThreadsFinder::find(Trainer& trainer, LightningModule&)
{
    trials_.clear();
    const auto& plan = trainer.plan();
    if (plan.fast_dev_run > 0)
        trainer.warn("ThreadsFinder: fast_dev_run leaves the search out");
    else if (!plan.limit_train_batches.is_zero())
        measure(trainer);
    if (exits)
        throw TunerExit();
}

} // namespace leyden
