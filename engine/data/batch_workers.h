// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/data/data_loader.h"

#include <condition_variable>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace leyden {

/// Threads that fetch the batches of one pass ahead, into a bounded ring, delivered in order.
class BatchWorkers
{
public:
    using Fetch = std::function<Batch(int64_t batch_idx)>; ///< called from several threads at once

    /// One pass over the data: batches [first, end). Owned by its iterator; guarded by the pool's
    /// lock.
    class Pass
    {
        friend class BatchWorkers;
        struct Slot
        {
            bool is_ready = false;
            Batch batch;
            std::exception_ptr error;
        };

        Fetch fetch;
        int64_t end = 0;
        int64_t next_fetch = 0;
        int64_t next_take = 0;
        bool is_retry
            = false; ///< the batch to take has failed once: fetch it in the caller's thread
        std::vector<Slot> ring;
    };

    explicit BatchWorkers(int64_t count); ///< starts the threads
    BatchWorkers(const BatchWorkers&) = delete;
    BatchWorkers& operator=(const BatchWorkers&) = delete;

    /// Workers turn to this pass at once. One that began earlier is fetched by its own take() from
    /// now on.
    std::shared_ptr<Pass> begin(Fetch fetch, int64_t first, int64_t end);
    Batch take(
        const std::shared_ptr<Pass>& pass); ///< the next batch, or the exception met at its place
    void finish(
        const std::shared_ptr<Pass>& pass); ///< nothing more is fetched for it; does not wait

private:
    void run(const std::stop_token& stop);
    bool has_work() const;

    std::mutex mutex_;
    std::condition_variable_any work_;
    std::condition_variable done_;
    std::shared_ptr<Pass> pass_;
    size_t depth_;
    std::vector<std::jthread> threads_; // last: joined before what they use goes
};

} // namespace leyden
