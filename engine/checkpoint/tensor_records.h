// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/checkpoint/pickle.h"
#include "engine/checkpoint/zip_archive.h"
#include "engine/core/state_tree.h"

#include <ATen/core/Tensor.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace leyden {

/// The storages of a checkpoint that is being written. Meet every tensor once with add(), then ask
/// for their descriptions, then write the records (or copy them, to be written later).
class TensorRecords
{
public:
    /// All tensors of a tree, in the order of the file. Throws CheckpointError naming the entry
    /// that cannot be written.
    void add(const StateTree& state);
    PickleTensor describe(const at::Tensor& tensor) const;
    void write(ZipWriter& archive, const std::string& folder) const;

    /// The used part of each storage into a buffer on the CPU; one that fits is used again.
    void copy_to(std::vector<at::Tensor>& buffers) const;
    /// What the tensor is among those buffers.
    at::Tensor in(const std::vector<at::Tensor>& buffers, const at::Tensor& tensor) const;

private:
    void add(const StateTree& state, const std::string& name);
    void add(const at::Tensor& tensor);

    /// The part of a storage, in elements, that the tensors use.
    struct Record
    {
        at::Tensor example; ///< keeps the storage alive
        int64_t first = 0;
        int64_t end = 0;
        size_t key = 0;
    };
    using StorageId = std::pair<const void*, at::ScalarType>;

    static StorageId id_of(const at::Tensor& tensor);

    std::map<StorageId, Record> records_;
    std::vector<const Record*> in_order_; ///< by key; std::map's elements stay where they are
};

/// Makes the tensors of a checkpoint that is being read; each storage is read once, to where it
/// stays. Ask for all tensors first, then read what they hold.
class TensorLoader
{
public:
    TensorLoader(const ZipReader& archive, std::string folder);

    /// Has no values before read(). Throws CheckpointError where the description does not fit the
    /// record.
    at::Tensor make(const PickleTensor& description);
    /// Large ones on several threads. Throws CheckpointError for the first record whose checksum is
    /// wrong; FileError.
    void read();

private:
    const at::Tensor& storage_bytes(const std::string& key);

    const ZipReader& archive_;
    std::string folder_;
    std::map<std::string, at::Tensor> storages_; ///< uint8, 1-dim
    std::vector<std::pair<const ZipReader::Record*, char*>> unread_;
};

} // namespace leyden
