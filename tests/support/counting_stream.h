// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/data/iterable_dataset.h"

#include <ATen/ops/full.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

namespace leyden::test {

/// Counts: sample i is the tuple (x [4] of i / 100, y [1] of i).
class CountingStream final : public IterableDataset
{
public:
    struct Options
    {
        int64_t samples = 0;
        bool shares = false;       ///< worker w of n gives the samples w, w + n, ...
        bool keeps_state = false;  ///< has a state_dict
        int64_t scale_by_seed = 0; ///< x is multiplied by seed % this, where it is not 0
        bool begins_anew = true;   ///< false: one pass is all there is
        std::function<void(int64_t sample)> before{}; ///< each sample; in the thread that reads
    };
    explicit CountingStream(Options options) : options_(std::move(options)) { }

    std::unique_ptr<SampleStream> iterate(const WorkerInfo& info) const override
    {
        const std::lock_guard lock(mutex_);
        infos.push_back(info);
        const bool has_samples = options_.begins_anew || infos.size() == 1;
        return std::make_unique<Stream>(*this, info, has_samples ? options_.samples : 0);
    }
    std::string name() const override { return "CountingStream"; }

    mutable std::vector<WorkerInfo> infos; ///< of every pass; read it where no worker runs
    mutable std::atomic<int64_t> read = 0; ///< samples of all passes

private:
    class Stream final : public SampleStream
    {
    public:
        Stream(const CountingStream& all, const WorkerInfo& info, int64_t samples)
            : all_(all)
            , next_(all.options_.shares ? info.id : 0)
            , step_(all.options_.shares ? info.num_workers : 1)
            , samples_(samples)
            , scale_(
                  all.options_.scale_by_seed ? double(info.seed % all.options_.scale_by_seed) : 1.0)
        {
        }
        bool next(Batch& sample) override
        {
            if (next_ >= samples_)
                return false;
            if (all_.options_.before)
                all_.options_.before(next_);
            ++all_.read;
            sample = StateTree::tuple({at::full({4}, 0.01 * double(next_) * scale_, at::kFloat),
                at::full({1}, double(next_), at::kFloat)});
            next_ += step_;
            return true;
        }
        StateTree state_dict() const override
        {
            return all_.options_.keeps_state ? StateTree::dict({{"next", next_}}) : StateTree();
        }
        void load_state_dict(const StateTree& state) override { next_ = state.at("next").to_int(); }

    private:
        const CountingStream& all_;
        int64_t next_;
        int64_t step_;
        int64_t samples_;
        double scale_;
    };

    Options options_;
    mutable std::mutex mutex_;
};

} // namespace leyden::test
