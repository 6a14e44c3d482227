// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/data/stream_iterator.h"

#include "engine/core/errors.h"
#include "engine/core/generators.h"
#include "engine/core/nested.h"

#include <ATen/Context.h>
#include <c10/util/Exception.h>

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <new>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

namespace leyden {
namespace {

constexpr size_t batches_ahead = 2; // PyTorch's prefetch_factor

/// Where one stream of a pass is.
struct StreamPlace
{
    int64_t batches_taken = 0;
    StateTree state; ///< the stream's own; None: it keeps none

    StateTree to_state() const
    {
        return StateTree::dict({{"batches_taken", batches_taken}, {"state", state}});
    }
    static StreamPlace of(const StateTree& saved)
    {
        return {saved.at("batches_taken").to_int(), saved.at("state")};
    }
};

/// The batches of one stream, one after the other, in one thread.
class BatchReader
{
public:
    BatchReader(std::shared_ptr<const IterableDataset> dataset, DataLoaderOptions options,
        WorkerInfo info, StreamPlace place)
        : dataset_(std::move(dataset))
        , options_(std::move(options))
        , info_(info)
        , place_(std::move(place))
    {
    }

    /// False at the end. Where the stream throws, the samples read so far are kept for the next call.
    bool next(Batch& batch)
    {
        open();
        const auto batch_size = size_t(options_.batch_size);
        while (samples_.size() < batch_size && read()) { }
        if (samples_.empty() || (options_.drop_last && samples_.size() < batch_size))
            return false;
        batch = named("the batch made of its samples", [&] {
            return options_.collate_fn ? options_.collate_fn(samples_) : default_collate(samples_);
        });
        samples_.clear();
        if (options_.pin_memory && at::globalContext().hasCUDA())
            batch = map_tensors(
                std::move(batch), [](const at::Tensor& tensor) { return tensor.pin_memory(); });
        ++place_.batches_taken;
        place_.state = named("state_dict", [&] { return stream_->state_dict().deep_copy(); });
        return true;
    }

    const StreamPlace& place() const { return place_; } ///< after the batch given last

private:
    void open()
    {
        if (stream_)
            return;
        // What the saved run drew here is in the generator's saved state already.
        std::optional<GeneratorGuard> generators;
        if (place_.batches_taken > 0 && options_.num_workers == 0)
            generators.emplace();
        auto stream = named("iterate", [&] { return dataset_->iterate(info_); });
        if (!stream)
            throw DataError(dataset_->name() + ": iterate() gave null; return a SampleStream");
        stream_ = std::move(stream);
        if (!place_.state.is_none())
            named("load_state_dict", [&] { stream_->load_state_dict(place_.state); });
        else
            skip();
    }

    /// The samples that the run before was given.
    void skip()
    {
        const auto wanted = place_.batches_taken * options_.batch_size;
        while (samples_read_ < wanted && read())
            samples_.clear();
        const auto whole = samples_read_ / options_.batch_size;
        const bool has_part = samples_read_ % options_.batch_size != 0 && !options_.drop_last;
        if (whole + (has_part ? 1 : 0) < place_.batches_taken)
            throw CheckpointError(
                fmt::format("The checkpoint is from after batch {} of a pass over {}, but the "
                            "stream ended after "
                            "{} samples: resume with the data and the batch size of the saved run.",
                    place_.batches_taken, dataset_->name(), samples_read_));
    }

    bool read()
    {
        if (has_ended_)
            return false;
        Batch sample;
        has_ended_ = !named(nullptr, [&] { return stream_->next(sample); });
        if (has_ended_)
            return false;
        samples_.push_back(std::move(sample));
        ++samples_read_;
        return true;
    }

    /// `what` failed; null: the sample to come.
    template <class Work> auto named(const char* what, Work&& work) const -> decltype(work())
    {
        try {
            return work();
        } catch (const std::bad_alloc&) {
            throw;
        } catch (const c10::OutOfMemoryError&) {
            throw; // a search for the batch size looks for it
        } catch (const c10::Error& error) {
            refuse(what, error.what_without_backtrace());
        } catch (const std::exception& error) {
            refuse(what, error.what());
        }
    }

    [[noreturn]] void refuse(const char* what, const char* why) const
    {
        const auto place = what ? std::string(what) : fmt::format("sample {}", samples_read_);
        const auto worker = options_.num_workers > 0 ? fmt::format(", worker {}", info_.id) : "";
        throw DataError(fmt::format("{}{}, {}: {}", dataset_->name(), worker, place, why));
    }

    std::shared_ptr<const IterableDataset> dataset_;
    DataLoaderOptions options_;
    WorkerInfo info_;
    StreamPlace place_;
    std::unique_ptr<SampleStream> stream_; ///< null before the first batch
    std::vector<Batch> samples_;           ///< of the batch to come
    int64_t samples_read_ = 0;             ///< of this stream; not those before a loaded state
    bool has_ended_ = false;
};

/// A batch, an error or the end.
struct Delivery
{
    std::optional<Batch> batch; ///< unset: the end, or an error
    StreamPlace place;
    std::exception_ptr error;
};

/// A thread that reads one stream a few batches ahead. Its end waits for the sample it is reading.
class StreamThread
{
public:
    explicit StreamThread(BatchReader reader)
        : reader_(std::move(reader)), thread_([this](const std::stop_token& stop) { run(stop); })
    {
    }

    /// Waits. An error or the end stays: it is given again by later calls.
    Delivery take()
    {
        std::unique_lock lock(mutex_);
        news_.wait(lock, [this] { return !ready_.empty(); });
        if (!ready_.front().batch)
            return ready_.front();
        auto delivery = std::move(ready_.front());
        ready_.pop_front();
        lock.unlock();
        news_.notify_all();
        return delivery;
    }

private:
    void run(const std::stop_token& stop)
    {
        for (bool is_last = false; !is_last && !stop.stop_requested();) {
            Delivery delivery;
            try {
                Batch batch;
                if (reader_.next(batch))
                    delivery.batch = std::move(batch);
            } catch (...) {
                delivery.error = std::current_exception();
            }
            delivery.place = reader_.place();
            is_last = !delivery.batch;
            std::unique_lock lock(mutex_);
            if (!is_last
                && !news_.wait(lock, stop, [this] { return ready_.size() < batches_ahead; }))
                return;
            ready_.push_back(std::move(delivery));
            lock.unlock();
            news_.notify_all();
        }
    }

    BatchReader reader_;
    std::mutex mutex_;
    std::condition_variable_any news_;
    std::deque<Delivery> ready_;
    std::jthread thread_; // last: joined before what it uses goes
};

class StreamIterator final : public BatchIterator
{
public:
    StreamIterator(std::shared_ptr<const IterableDataset> dataset, const DataLoaderOptions& options,
        int64_t base_seed, const StateTree& position)
        : base_seed_(base_seed), places_(size_t(std::max<int64_t>(options.num_workers, 1)))
    {
        if (position.is_dict())
            load(position, dataset->name());
        for (size_t i = 0; i < places_.size(); ++i) {
            const WorkerInfo info{
                int64_t(i), int64_t(places_.size()), int64_t(uint64_t(base_seed) + uint64_t(i))};
            BatchReader reader(dataset, options, info, places_[i]);
            if (options.num_workers > 0)
                threads_.push_back(std::make_unique<StreamThread>(std::move(reader)));
            else
                reader_.emplace(std::move(reader));
        }
        has_ended_.assign(places_.size(), false);
    }

    bool next(Batch& batch) override
    {
        batch = {}; // the allocator hands the same, warm memory out again
        for (size_t tried = 0; tried < places_.size(); ++tried) {
            const auto i = (next_stream_ + tried) % places_.size();
            if (has_ended_[i])
                continue;
            auto delivery = take(i);
            if (delivery.error)
                std::rethrow_exception(delivery.error);
            if (!delivery.batch) {
                has_ended_[i] = true;
                continue;
            }
            batch = std::move(*delivery.batch);
            previous_stream_ = i;
            previous_state_ = std::move(places_[i].state);
            places_[i] = std::move(delivery.place);
            ++batches_taken_;
            next_stream_ = (i + 1) % places_.size();
            return true;
        }
        return false;
    }

    StateTree state_dict() const override
    {
        auto streams = StateTree::list();
        for (const auto& place : places_)
            streams.push_back(place.to_state());
        return StateTree::dict({
            {"base_seed", base_seed_},
            {"order_seed", StateTree()},
            {"batches_taken", batches_taken_},
            {"streams", std::move(streams)},
            {"next_stream", int64_t(next_stream_)},
            {"previous_stream", int64_t(previous_stream_)},
            {"previous_state", previous_state_},
        });
    }

private:
    Delivery take(size_t i)
    {
        if (!threads_.empty())
            return threads_[i]->take();
        Delivery delivery;
        Batch batch;
        if (reader_->next(batch))
            delivery.batch = std::move(batch);
        delivery.place = reader_->place();
        return delivery;
    }

    void load(const StateTree& position, const std::string& name)
    {
        if (!position.contains("streams"))
            throw CheckpointError("The checkpoint is from a run whose data had rows, and " + name
                + " is an IterableDataset: resume with the data of the saved run.");
        const auto& streams = position.at("streams");
        if (streams.size() != places_.size())
            throw CheckpointError(fmt::format(
                "The checkpoint is from the middle of a pass that {} streams read, and this loader "
                "has {}: resume with the num_workers of the saved run.",
                streams.size(), places_.size()));
        int64_t given = 0;
        for (size_t i = 0; i < places_.size(); ++i) {
            places_[i] = StreamPlace::of(streams[i]);
            given += places_[i].batches_taken;
        }
        next_stream_ = size_t(position.at("next_stream").to_int()) % places_.size();
        batches_taken_ = position.at("batches_taken").to_int();
        if (batches_taken_ == given)
            return;
        // The last batch was fetched, but is to be trained once more (position_after).
        const auto last = size_t(position.at("previous_stream").to_int()) % places_.size();
        if (batches_taken_ != given - 1 || places_[last].batches_taken < 1)
            throw CheckpointError("The checkpoint's position in the training data is damaged: its "
                                  "streams gave another number of batches than the pass.");
        --places_[last].batches_taken;
        places_[last].state = position.at("previous_state");
        next_stream_ = last;
    }

    int64_t base_seed_;
    std::vector<StreamPlace> places_; ///< of the batches delivered; one a stream
    int64_t batches_taken_ = 0;
    size_t next_stream_ = 0;
    size_t previous_stream_ = 0; ///< that gave the last batch
    StateTree previous_state_;   ///< before that batch
    std::vector<bool> has_ended_;
    std::optional<BatchReader> reader_;                  ///< without workers
    std::vector<std::unique_ptr<StreamThread>> threads_; ///< one a worker
};

} // namespace

std::unique_ptr<BatchIterator> stream_iterator(std::shared_ptr<const IterableDataset> dataset,
    const DataLoaderOptions& options, int64_t base_seed, const StateTree& position)
{
    return std::make_unique<StreamIterator>(std::move(dataset), options, base_seed, position);
}

} // namespace leyden
