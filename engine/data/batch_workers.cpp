// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/data/batch_workers.h"

#include <utility>

namespace leyden {

BatchWorkers::BatchWorkers(int64_t count) : depth_(2 * size_t(count)) // PyTorch's prefetch_factor
{
    threads_.reserve(size_t(count));
    for (int64_t i = 0; i < count; ++i)
        threads_.emplace_back([this](const std::stop_token& stop) { run(stop); });
}

std::shared_ptr<BatchWorkers::Pass> BatchWorkers::begin(Fetch fetch, int64_t first, int64_t end)
{
    auto pass = std::make_shared<Pass>();
    pass->fetch = std::move(fetch);
    pass->end = end;
    pass->next_fetch = first;
    pass->next_take = first;
    pass->ring.resize(depth_);
    {
        const std::lock_guard lock(mutex_);
        pass_ = pass;
    }
    work_.notify_all();
    done_.notify_all(); // an earlier pass that waits: it is on its own now
    return pass;
}

Batch BatchWorkers::take(const std::shared_ptr<Pass>& pass)
{
    std::unique_lock lock(mutex_);
    auto& slot = pass->ring[size_t(pass->next_take) % depth_];
    // A pass that was replaced by a newer one may have a batch in some worker's hands still; that
    // worker throws it away (see run).
    const auto has_workers = pass_ == pass && !pass->is_retry;
    if (has_workers)
        done_.wait(lock, [&] { return slot.is_ready || pass_ != pass; });

    auto result = std::exchange(slot, {});
    if (!result.is_ready) {
        const auto batch_idx = pass->next_take;
        lock.unlock();
        result.batch = pass->fetch(batch_idx);
        lock.lock();
        slot = {}; // a worker may have brought the same batch meanwhile
    } else if (result.error) {
        pass->is_retry = true;
        std::rethrow_exception(result.error);
    }
    pass->is_retry = false;
    ++pass->next_take;
    lock.unlock();
    work_.notify_one();
    return std::move(result.batch);
}

void BatchWorkers::finish(const std::shared_ptr<Pass>& pass)
{
    const std::lock_guard lock(mutex_);
    if (pass_ == pass)
        pass_.reset();
}

bool BatchWorkers::has_work() const
{
    return pass_ && pass_->next_fetch < pass_->end
        && pass_->next_fetch < pass_->next_take + int64_t(depth_);
}

void BatchWorkers::run(const std::stop_token& stop)
{
    std::unique_lock lock(mutex_);
    while (work_.wait(lock, stop, [this] { return has_work(); }) && !stop.stop_requested()) {
        auto pass = pass_;
        const auto batch_idx = pass->next_fetch++;
        lock.unlock();

        Pass::Slot slot;
        slot.is_ready = true;
        try {
            slot.batch = pass->fetch(batch_idx);
        } catch (...) {
            slot.error = std::current_exception();
        }

        lock.lock();
        if (batch_idx >= pass->next_take) // else its own iterator has fetched it meanwhile
            pass->ring[size_t(batch_idx) % depth_] = std::move(slot);
        const auto is_awaited = batch_idx == pass->next_take;
        lock.unlock();
        if (is_awaited)
            done_.notify_all();
        slot = {};    // what it holds may be large or slow to free:
        pass.reset(); // never under the lock
        lock.lock();
    }
}

} // namespace leyden
