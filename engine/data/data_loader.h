// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/export.h"
#include "engine/core/state_tree.h"
#include "engine/data/sampler.h"

#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace leyden {

/// What a step receives: a tensor, or nested lists, tuples and dicts of tensors.
/// The shipped data modules give a tuple (inputs [N, ...], targets [N] or [N, 1]).
using Batch = StateTree;

/// The size of what has no size known before its end, of an IterableDataset and of its loader; where
/// Lightning has float("inf").
inline constexpr int64_t unknown_size = std::numeric_limits<int64_t>::max();

/// Samples that can be fetched by index. get_batch may be called from several threads at once and
/// must not touch the default random generator. In worker threads large tensor operations would
/// each start an OpenMP pool of their own; small ones and plain copies do not.
class LEYDEN_API Dataset
{
public:
    virtual ~Dataset() = default;
    virtual int64_t size() const = 0;
    virtual Batch get_batch(std::span<const int64_t> indices) const = 0;
    /// One row, for a loader with a collate_fn. Default: get_batch of that row without its first
    /// dimension.
    virtual Batch get_sample(int64_t index) const;
};

/// Makes a batch of samples (of Dataset::get_sample). Called in worker threads.
using CollateFunction = std::function<Batch(std::vector<Batch> samples)>;

/// Stacks the samples' tensors and makes tensors of their numbers, inside tuples, lists and dicts
/// too. Throws DataError where the samples differ in their form.
/// Source: torch.utils.data.default_collate of PyTorch 2.13.
LEYDEN_API Batch default_collate(const std::vector<Batch>& samples);

/// Rows of tensors in memory: batch i of (t0, t1, ...) is the tuple (t0[rows], t1[rows], ...),
/// always a copy, so that a step may change its batch in place.
///
/// Throws: DataError where the tensors' first dimensions differ (constructor).
class LEYDEN_API TensorDataset final : public Dataset
{
public:
    explicit TensorDataset(std::vector<at::Tensor> tensors); ///< all with the same first dimension
    int64_t size() const override;
    Batch get_batch(std::span<const int64_t> indices) const override;

private:
    std::vector<at::Tensor> tensors_;
};

class BatchWorkers;

struct DataLoaderOptions
{
    int64_t batch_size = 1;
    bool shuffle = false;
    bool drop_last = false;
    int64_t num_workers = 0; ///< threads that fetch ahead; the order of batches never changes
    bool pin_memory = false; ///< batches in page-locked memory, which a GPU copies from without
                             ///< waiting; without CUDA: no change
    std::shared_ptr<const Sampler> sampler{}; ///< which rows in which order, in place of shuffle
    CollateFunction collate_fn{};             ///< none: Dataset::get_batch makes the batch
};

/// One pass over a loader.
///
/// Draws: one 64-bit number from the default generator when it is made (the base seed), and one
/// more
///        when the first batch of a shuffling loader is fetched (the seed of the private generator
///        whose randperm gives the order), as PyTorch's DataLoader does.
///        A sampler draws what it draws at that moment.
/// State: base seed, order's seed (of a sampler the order itself), batches taken; DataLoader::resume() continues from it and draws
///        nothing that was drawn already.
class LEYDEN_API BatchIterator
{
public:
    virtual ~BatchIterator() = default; ///< at any time; does not wait for workers
    /// False at the end. Where fetching throws, so does next(), at that batch's place; the position
    /// stays, and the next call tries the same batch again.
    virtual bool next(Batch& batch) = 0;
    /// Rows of the data set that the batch taken last was made of; empty where they are not known.
    virtual std::vector<int64_t> last_indices() const { return {}; }
    virtual StateTree state_dict() const = 0;
};

/// Serves a Dataset in batches; the counterpart of torch.utils.data.DataLoader. Of an IterableDataset,
/// whose header says how, the batches come in the order of its samples.
///
/// Worker threads start with the first pass, stay from pass to pass and fetch up to two batches
/// each ahead. What is delivered, and what is drawn, never depends on their number.
///
/// Throws: what Dataset::get_batch throws, from next(), also when a worker thread met it;
///         MisconfigurationError for bad options, DataError for shuffling nothing (constructor);
///         CheckpointError for a position that is not one of this loader (resume).
/// Source: torch.utils.data (DataLoader, RandomSampler, BatchSampler) of PyTorch 2.13.
/// Differs: with workers PyTorch draws the order's seed when the iterator is made; here always with
///          the first batch.
class LEYDEN_API DataLoader
{
public:
    DataLoader(std::shared_ptr<const Dataset> dataset, DataLoaderOptions options);
    ~DataLoader();
    DataLoader(const DataLoader&) = delete;
    DataLoader& operator=(const DataLoader&) = delete;

    int64_t size() const; ///< batches of one pass; unknown_size of an IterableDataset
    const DataLoaderOptions& options() const { return options_; }
    const Dataset& dataset() const { return *dataset_; }

    std::unique_ptr<BatchIterator> iterate();     ///< one at a time per loader
    std::shared_ptr<DataLoader> in_order() const; ///< over the same data, never shuffled
    std::unique_ptr<BatchIterator> resume(
        const StateTree& position); ///< of BatchIterator::state_dict

private:
    std::shared_ptr<const Dataset> dataset_;
    DataLoaderOptions options_;
    std::shared_ptr<BatchWorkers> workers_; ///< shared with the iterator, which may live longer
};

} // namespace leyden
