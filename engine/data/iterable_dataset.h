// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/export.h"
#include "engine/data/data_loader.h"

#include <cstdint>
#include <memory>
#include <span>
#include <string>

namespace leyden {

/// Which part of a pass a stream is to read; what torch.utils.data.get_worker_info gives.
struct WorkerInfo
{
    int64_t id = 0;
    int64_t num_workers = 1; ///< 1 also where the loader has no worker threads
    int64_t seed = 0;        ///< base seed of the pass + id; the same again after a resume
};

/// The samples of one pass over an IterableDataset, in order; a Python iterator.
class LEYDEN_API SampleStream
{
public:
    virtual ~SampleStream();
    /// The next sample; false at the end, and again whenever it is called after the end.
    virtual bool next(Batch& sample) = 0;
    /// Where the stream is, after the sample given last. None (the default): a resumed run reads the
    /// samples of the pass once more, from its beginning, and drops them.
    virtual StateTree state_dict() const { return {}; }
    /// Of a new stream, before its first sample; only where state_dict gave something.
    virtual void load_state_dict(const StateTree&) { }
};

/// Samples that come one after the other and whose number is not known: a log, a socket, a file that
/// is too large to be indexed. A DataLoader collates batch_size of them (default_collate, or its
/// collate_fn); it takes neither shuffle nor sampler.
///
/// With num_workers = 0 the loader's thread reads one stream. With n workers each of n threads reads
/// a stream of its own, and the loader takes a batch of each in turn, as PyTorch does: a stream that
/// ignores `info` gives every sample n times. A stream is used by one thread at a time, but iterate()
/// is called from several.
///
/// Resume: in the middle of an epoch a checkpoint holds the number of batches that each stream has
///         given and the stream's state_dict. Without one the samples are read again and dropped, so
///         that a pass must give the same samples each time: draw from a generator seeded with
///         info.seed, not from the default one.
/// Throws: DataError that names the data set where iterate(), next() or the collation throws.
/// Source: torch.utils.data.IterableDataset of PyTorch 2.13.
/// Differs: __len__ has no counterpart; worker threads share one data set, where PyTorch's processes
///          have copies.
class LEYDEN_API IterableDataset : public Dataset
{
public:
    /// A new pass from the first sample on.
    virtual std::unique_ptr<SampleStream> iterate(const WorkerInfo& info) const = 0;
    virtual std::string name() const; ///< in messages; default: the class

    int64_t size() const final;                                    ///< unknown_size
    Batch get_batch(std::span<const int64_t> indices) const final; ///< throws: it has no rows
    Batch get_sample(int64_t index) const final;                   ///< likewise
};

} // namespace leyden
