// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/data/data_loader.h"

#include "engine/core/errors.h"
#include "engine/core/nested.h"
#include "engine/data/batch_workers.h"
#include "engine/data/iterable_dataset.h"
#include "engine/data/stream_iterator.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Context.h>
#include <ATen/EmptyTensor.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/randperm.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/tensor.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

namespace leyden {
namespace {

int64_t draw()
{
    return at::empty({}, at::kLong).random_().item<int64_t>();
}

/// Copies rows of `row_bytes` each. By hand rather than index_select: no index tensor, no dispatch,
/// no OpenMP pool in worker threads.
void gather_rows(const char* source, char* target, int64_t row_bytes, std::span<const int64_t> rows)
{
    const auto is_consecutive = [rows] {
        for (size_t i = 1; i < rows.size(); ++i)
            if (rows[i] != rows[0] + int64_t(i))
                return false;
        return true;
    };
    if (rows.empty())
        return;
    if (is_consecutive()) {
        std::memcpy(target, source + rows[0] * row_bytes, rows.size() * size_t(row_bytes));
    } else if (row_bytes == 8) { // a column of targets: let the compiler see the size
        for (size_t i = 0; i < rows.size(); ++i)
            std::memcpy(target + 8 * i, source + 8 * rows[i], 8);
    } else {
        for (size_t i = 0; i < rows.size(); ++i)
            std::memcpy(
                target + int64_t(i) * row_bytes, source + rows[i] * row_bytes, size_t(row_bytes));
    }
}

at::Tensor select_rows(const at::Tensor& tensor, std::span<const int64_t> rows)
{
    if (!tensor.is_cpu()) {
        const auto index
            = at::from_blob(const_cast<int64_t*>(rows.data()), {int64_t(rows.size())}, at::kLong);
        return tensor.index_select(0, index.to(tensor.device()));
    }
    c10::DimVector shape(tensor.sizes());
    shape[0] = int64_t(rows.size());
    at::Tensor batch(at::detail::empty_cpu(shape, tensor.scalar_type()));
    const auto row_bytes = int64_t(tensor.nbytes()) / std::max<int64_t>(tensor.size(0), 1);
    gather_rows(static_cast<const char*>(tensor.const_data_ptr()),
        static_cast<char*>(batch.mutable_data_ptr()), row_bytes, rows);
    return batch;
}

int64_t batch_count(int64_t rows, const DataLoaderOptions& options)
{
    if (options.sampler)
        rows = options.sampler->size();
    if (rows == unknown_size)
        return unknown_size;
    const auto whole = rows / options.batch_size;
    return options.drop_last || rows % options.batch_size == 0 ? whole : whole + 1;
}

/// What one pass fetches: shared with the workers, never changed after its making.
struct PassPlan
{
    std::shared_ptr<const Dataset> dataset;
    at::Tensor order; ///< [N] int64, contiguous
    int64_t batch_size = 1;
    bool pins = false;
    CollateFunction collate_fn;

    Batch made_of(std::span<const int64_t> rows) const
    {
        if (!collate_fn)
            return dataset->get_batch(rows);
        std::vector<Batch> samples;
        for (const auto row : rows)
            samples.push_back(dataset->get_sample(row));
        return collate_fn(std::move(samples));
    }

    Batch fetch(int64_t batch_idx) const
    {
        const auto first = batch_idx * batch_size;
        const auto count = std::min(batch_size, order.numel() - first);
        auto batch = made_of({order.const_data_ptr<int64_t>() + first, size_t(count)});
        if (!pins)
            return batch;
        return map_tensors(
            std::move(batch), [](const at::Tensor& tensor) { return tensor.pin_memory(); });
    }
};

at::Tensor rows_of_sampler(const Sampler& sampler)
{
    const auto rows = sampler.indices();
    if (int64_t(rows.size()) != sampler.size())
        throw DataError("The sampler gave " + std::to_string(rows.size())
            + " rows for a pass, and its size() says " + std::to_string(sampler.size()) + ".");
    return at::tensor(rows, at::kLong);
}

class LoaderIterator final : public BatchIterator
{
public:
    LoaderIterator(std::shared_ptr<const Dataset> dataset, const DataLoaderOptions& options,
        std::shared_ptr<BatchWorkers> workers, int64_t base_seed, std::optional<int64_t> order_seed,
        int64_t batches_taken, at::Tensor order = {})
        : dataset_(std::move(dataset))
        , options_(options)
        , workers_(std::move(workers))
        , base_seed_(base_seed)
        , order_seed_(order_seed)
        , sampled_order_(std::move(order))
        , batches_taken_(batches_taken)
        , batch_count_(batch_count(dataset_->size(), options_))
    {
    }

    ~LoaderIterator() override
    {
        if (pass_)
            workers_->finish(pass_);
    }

    LoaderIterator(const LoaderIterator&) = delete;
    LoaderIterator& operator=(const LoaderIterator&) = delete;

    bool next(Batch& batch) override
    {
        if (!plan_)
            start();
        if (batches_taken_ >= batch_count_)
            return false;
        batch
            = {}; // before the new one is made: the allocator hands the same, warm memory out again
        batch = pass_ ? workers_->take(pass_) : plan_->fetch(batches_taken_);
        ++batches_taken_;
        return true;
    }

    std::vector<int64_t> last_indices() const override
    {
        if (!plan_ || batches_taken_ == 0)
            return {};
        const auto first = (batches_taken_ - 1) * plan_->batch_size;
        const auto* rows = plan_->order.const_data_ptr<int64_t>();
        return {rows + first, rows + std::min(first + plan_->batch_size, plan_->order.numel())};
    }

    StateTree state_dict() const override
    {
        auto state = StateTree::dict({
            {"base_seed", base_seed_},
            {"order_seed", order_seed_ ? StateTree(*order_seed_) : StateTree()},
            {"batches_taken", batches_taken_},
        });
        if (options_.sampler && plan_)
            state.set("order", plan_->order);
        return state;
    }

private:
    void start()
    {
        const auto rows = dataset_->size();
        auto plan = std::make_shared<PassPlan>();
        plan->dataset = dataset_;
        plan->batch_size = options_.batch_size;
        plan->pins = options_.pin_memory && at::globalContext().hasCUDA();
        plan->collate_fn = options_.collate_fn;
        if (options_.sampler) {
            plan->order
                = sampled_order_.defined() ? sampled_order_ : rows_of_sampler(*options_.sampler);
        } else if (options_.shuffle) {
            if (!order_seed_)
                order_seed_ = draw();
            auto generator = at::make_generator<at::CPUGeneratorImpl>(uint64_t(*order_seed_));
            plan->order = at::randperm(rows, generator, at::kLong);
        } else {
            plan->order = at::arange(rows, at::kLong);
        }
        plan_ = std::move(plan);
        if (workers_)
            pass_ = workers_->begin([p = plan_](int64_t batch_idx) { return p->fetch(batch_idx); },
                batches_taken_, batch_count_);
    }

    std::shared_ptr<const Dataset> dataset_;
    DataLoaderOptions options_;
    std::shared_ptr<BatchWorkers> workers_;
    int64_t base_seed_;
    std::optional<int64_t> order_seed_; ///< unset until the first batch of a shuffling loader
    at::Tensor sampled_order_;          ///< of a sampler, where a checkpoint had it
    int64_t batches_taken_;
    int64_t batch_count_;
    std::shared_ptr<const PassPlan> plan_;     ///< null before the first batch
    std::shared_ptr<BatchWorkers::Pass> pass_; ///< null without workers
};

std::shared_ptr<const IterableDataset> as_iterable(const std::shared_ptr<const Dataset>& dataset)
{
    return std::dynamic_pointer_cast<const IterableDataset>(dataset);
}

void start_workers(
    std::shared_ptr<BatchWorkers>& workers, const DataLoaderOptions& options, int64_t batches)
{
    const auto count = std::min(options.num_workers, batches); // one more would never find work
    if (count > 0 && !workers)
        workers = std::make_shared<BatchWorkers>(count);
}

} // namespace

Batch Dataset::get_sample(int64_t index) const
{
    return map_tensors(get_batch({&index, 1}),
        [](const at::Tensor& tensor) { return tensor.dim() == 0 ? tensor : tensor.select(0, 0); });
}

Batch default_collate(const std::vector<Batch>& samples)
{
    if (samples.empty())
        throw DataError("default_collate: there is no sample to make a batch of");
    const auto& first = samples.front();
    const auto part = [&](const auto& get) {
        std::vector<Batch> parts;
        for (const auto& sample : samples)
            parts.push_back(get(sample));
        return default_collate(parts);
    };
    for (const auto& sample : samples) {
        if (std::string_view(sample.type_name()) != first.type_name()
            || ((first.is_list() || first.is_dict()) && sample.size() != first.size()))
            throw DataError(std::string("default_collate: a sample is a ") + first.type_name()
                + ", another a " + sample.type_name()
                + " or of another size; give the loader a collate_fn");
    }
    if (first.is_tensor()) {
        std::vector<at::Tensor> tensors;
        for (const auto& sample : samples) {
            if (sample.tensor().sizes() != first.tensor().sizes())
                throw DataError("default_collate: the samples' tensors differ in their shape; give "
                                "the loader a collate_fn that pads them");
            tensors.push_back(sample.tensor());
        }
        return at::stack(tensors);
    }
    if (first.is_int() || first.is_bool() || first.is_double()) {
        std::vector<double> numbers;
        std::vector<int64_t> whole;
        for (const auto& sample : samples) {
            if (first.is_double())
                numbers.push_back(sample.to_double());
            else
                whole.push_back(first.is_bool() ? int64_t(sample.to_bool()) : sample.to_int());
        }
        return first.is_double() ? at::tensor(numbers, at::kDouble)
            : first.is_int()     ? at::tensor(whole, at::kLong)
                                 : at::tensor(whole, at::kLong).to(at::kBool);
    }
    if (first.is_list()) {
        std::vector<Batch> parts;
        for (size_t i = 0; i < first.size(); ++i)
            parts.push_back(part([i](const Batch& sample) { return sample[i]; }));
        return first.as_list().is_tuple ? StateTree::tuple(std::move(parts))
                                        : StateTree::list(std::move(parts));
    }
    if (first.is_dict()) {
        auto batch = StateTree::dict();
        for (const auto& [key, value] : first.entries()) {
            std::visit(
                [&](const auto& k) {
                    batch.set(k, part([&](const Batch& sample) { return sample.at(k); }));
                },
                key);
        }
        return batch;
    }
    return StateTree::list(samples); // text, None: as they are
}

TensorDataset::TensorDataset(std::vector<at::Tensor> tensors) : tensors_(std::move(tensors))
{
    if (tensors_.empty())
        throw DataError("A data set of tensors needs at least one tensor.");
    if (std::any_of(tensors_.begin(), tensors_.end(), [](const auto& t) { return !t.defined(); }))
        throw DataError("A data set of tensors takes no tensor that is not defined.");
    for (auto& tensor : tensors_) {
        if (tensor.dim() == 0 || tensor.size(0) != tensors_[0].size(0))
            throw DataError("The tensors of a data set must have the same number of rows, found "
                + (tensor.dim() == 0 ? std::string("a single number")
                                     : std::to_string(tensor.size(0)))
                + " beside " + std::to_string(tensors_[0].dim() == 0 ? 0 : tensors_[0].size(0))
                + ".");
        tensor = tensor.detach().contiguous();
    }
}

int64_t TensorDataset::size() const
{
    return tensors_[0].size(0);
}

Batch TensorDataset::get_batch(std::span<const int64_t> indices) const
{
    const auto rows = size();
    for (const auto index : indices) {
        if (index < 0 || index >= rows)
            throw DataError("row " + std::to_string(index) + " of a data set of "
                + std::to_string(rows) + " rows was asked for; the first is row 0");
    }
    std::vector<StateTree> parts;
    parts.reserve(tensors_.size());
    for (const auto& tensor : tensors_)
        parts.emplace_back(select_rows(tensor, indices));
    return StateTree::tuple(std::move(parts));
}

DataLoader::DataLoader(std::shared_ptr<const Dataset> dataset, DataLoaderOptions options)
    : dataset_(std::move(dataset)), options_(options)
{
    if (!dataset_)
        throw MisconfigurationError("DataLoader: the data set is null; give one");
    if (options_.batch_size < 1)
        throw MisconfigurationError("batch_size = " + std::to_string(options_.batch_size)
            + ": expected a whole number of at least 1");
    if (options_.num_workers < 0)
        throw MisconfigurationError("num_workers = " + std::to_string(options_.num_workers)
            + ": expected a whole number of at least 0");
    if (const auto stream = as_iterable(dataset_); stream && (options_.shuffle || options_.sampler))
        throw MisconfigurationError(std::string("DataLoader: ")
            + (options_.shuffle ? "shuffle = true" : "a sampler") + ", and " + stream->name()
            + " is an IterableDataset, whose samples come in its own order; leave it out and "
              "shuffle "
              "in iterate()");
    if (options_.shuffle && options_.sampler)
        throw MisconfigurationError(
            "DataLoader: shuffle and sampler both say the order of the rows; give one of them");
    if (options_.shuffle && dataset_->size() == 0)
        throw DataError("The data set has no rows, so there is nothing to shuffle.");
}

DataLoader::~DataLoader() = default;

int64_t DataLoader::size() const
{
    return batch_count(dataset_->size(), options_);
}

std::unique_ptr<BatchIterator> DataLoader::iterate()
{
    if (auto stream = as_iterable(dataset_))
        return stream_iterator(std::move(stream), options_, draw(), {});
    start_workers(workers_, options_, size());
    return std::make_unique<LoaderIterator>(dataset_, options_, workers_, draw(), std::nullopt, 0);
}

std::shared_ptr<DataLoader> DataLoader::in_order() const
{
    auto options = options_;
    options.shuffle = false;
    options.sampler.reset();
    return std::make_shared<DataLoader>(dataset_, options);
}

std::unique_ptr<BatchIterator> DataLoader::resume(const StateTree& position)
{
    const auto base_seed = position.at("base_seed").to_int();
    if (auto stream = as_iterable(dataset_))
        return stream_iterator(std::move(stream), options_, base_seed, position);
    if (position.contains("streams"))
        throw CheckpointError(
            "The checkpoint is from a run on an IterableDataset, and this data has "
            "rows: resume with the data of the saved run.");
    const auto& order_seed = position.at("order_seed");
    const auto batches_taken = position.at("batches_taken").to_int();
    if (batches_taken < 0 || batches_taken > size())
        throw CheckpointError("The checkpoint stands after batch " + std::to_string(batches_taken)
            + " of an epoch, but the data gives " + std::to_string(size())
            + " batches: resume with the data and the batch size of the saved run.");
    start_workers(workers_, options_, size());
    return std::make_unique<LoaderIterator>(dataset_, options_, workers_, base_seed,
        order_seed.is_none() ? std::nullopt : std::optional(order_seed.to_int()), batches_taken,
        position.contains("order") ? position.at("order").tensor() : at::Tensor());
}

} // namespace leyden
