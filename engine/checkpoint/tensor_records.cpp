// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/tensor_records.h"

#include "engine/core/errors.h"

#include <ATen/ops/empty.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstring>
#include <exception>
#include <system_error>
#include <thread>

namespace leyden {
namespace {
struct StorageName
{
    const char* name;
    at::ScalarType dtype;
};
constexpr std::array storage_names = {
    StorageName{"Float", at::kFloat},
    StorageName{"Double", at::kDouble},
    StorageName{"Half", at::kHalf},
    StorageName{"BFloat16", at::kBFloat16},
    StorageName{"Long", at::kLong},
    StorageName{"Int", at::kInt},
    StorageName{"Short", at::kShort},
    StorageName{"Char", at::kChar},
    StorageName{"Byte", at::kByte},
    StorageName{"Bool", at::kBool},
    StorageName{"ComplexFloat", at::kComplexFloat},
    StorageName{"ComplexDouble", at::kComplexDouble},
};

const char* storage_name(at::ScalarType dtype)
{
    for (const StorageName& entry : storage_names) {
        if (entry.dtype == dtype)
            return entry.name;
    }
    throw CheckpointError("its dtype " + std::string(c10::toString(dtype)) + " cannot be stored");
}

at::ScalarType storage_dtype(const std::string& name)
{
    for (const StorageName& entry : storage_names) {
        if (name == entry.name)
            return entry.dtype;
    }
    throw CheckpointError("it holds a tensor of the unknown type '" + name + "'");
}

/// Adds or multiplies numbers that come from outside.
int64_t checked_add(int64_t a, int64_t b)
{
    int64_t sum = 0;
    if (__builtin_add_overflow(a, b, &sum))
        throw CheckpointError("it holds a tensor of impossible size");
    return sum;
}

int64_t checked_multiply(int64_t a, int64_t b)
{
    int64_t product = 0;
    if (__builtin_mul_overflow(a, b, &product))
        throw CheckpointError("it holds a tensor of impossible size");
    return product;
}

/// Elements of the storage up to the last one that the tensor reaches.
int64_t used_end(const PickleTensor& tensor)
{
    if (tensor.sizes.size() != tensor.strides.size() || tensor.offset < 0
        || tensor.storage_numel < 0)
        throw CheckpointError("it holds a tensor of impossible shape");
    int64_t last = tensor.offset;
    int64_t numel = 1;
    int64_t numel_without_zeros = 1; // LibTorch multiplies in any order
    for (size_t i = 0; i < tensor.sizes.size(); ++i) {
        const int64_t size = tensor.sizes[i];
        const int64_t stride = tensor.strides[i];
        if (size < 0 || stride < 0)
            throw CheckpointError("it holds a tensor of impossible shape");
        last = checked_add(last, checked_multiply(std::max<int64_t>(size, 1) - 1, stride));
        numel *= size != 0 ? 1 : 0;
        numel_without_zeros = checked_multiply(numel_without_zeros, std::max<int64_t>(size, 1));
    }
    // An expanded tensor repeats elements; one that repeats them without end is an attack on
    // memory.
    constexpr int64_t most_repeated = int64_t{1} << 24;
    if (numel != 0 && numel_without_zeros > std::max(tensor.storage_numel, most_repeated))
        throw CheckpointError("it holds a tensor of impossible size");
    return numel == 0 ? tensor.offset : checked_add(last, 1);
}

std::string key_text(const StateTree::Key& key)
{
    if (const auto* text = std::get_if<std::string>(&key))
        return *text;
    return std::to_string(std::get<int64_t>(key));
}

/// A 1-dim window into a tensor's storage.
at::Tensor window(const at::Tensor& tensor, int64_t first, int64_t count)
{
    return at::empty({0}, tensor.options().requires_grad(false))
        .set_(tensor.storage(), first, {count}, {1});
}
} // namespace

TensorRecords::StorageId TensorRecords::id_of(const at::Tensor& tensor)
{
    return {tensor.storage().unsafeGetStorageImpl(), tensor.scalar_type()};
}

void TensorRecords::add(const StateTree& state)
{
    add(state, {});
}

void TensorRecords::add(const StateTree& state, const std::string& name)
{
    if (state.is_tensor()) {
        try {
            add(state.tensor());
        } catch (const CheckpointError& error) {
            throw CheckpointError("the entry '" + name + "' cannot be written: " + error.what());
        }
    } else if (state.is_list()) {
        size_t index = 0;
        for (const StateTree& item : state.items())
            add(item, name + "[" + std::to_string(index++) + "]");
    } else if (state.is_dict()) {
        for (const auto& [key, value] : state.entries())
            add(value, name.empty() ? key_text(key) : name + "." + key_text(key));
    }
}

void TensorRecords::add(const at::Tensor& tensor)
{
    if (!tensor.defined())
        throw CheckpointError("it is an undefined tensor");
    storage_name(tensor.scalar_type());
    if (tensor.layout() != at::kStrided || !tensor.has_storage() || tensor.is_meta())
        throw CheckpointError("it is a sparse, meta or opaque tensor; make it a dense one first");
    if (tensor.is_conj() || tensor.is_neg())
        throw CheckpointError(
            "it is a conjugated or negated view; make it a tensor of its own first");

    const auto [found, is_new] = records_.try_emplace(id_of(tensor));
    Record& record = found->second;
    if (is_new) {
        record
            = {tensor.detach(), tensor.storage_offset(), tensor.storage_offset(), in_order_.size()};
        in_order_.push_back(&record);
    }
    if (tensor.numel() == 0)
        return;
    int64_t end = tensor.storage_offset() + 1;
    for (int64_t dim = 0; dim < tensor.dim(); ++dim)
        end += (tensor.size(dim) - 1) * tensor.stride(dim);
    const bool is_empty = record.first == record.end;
    record.first
        = is_empty ? tensor.storage_offset() : std::min(record.first, tensor.storage_offset());
    record.end = is_empty ? end : std::max(record.end, end);
}

PickleTensor TensorRecords::describe(const at::Tensor& tensor) const
{
    const Record& record = records_.at(id_of(tensor));
    // An empty tensor may lie outside of the part that is written.
    const int64_t offset = tensor.numel() == 0 ? 0 : tensor.storage_offset() - record.first;
    return {std::to_string(record.key), storage_name(tensor.scalar_type()),
        record.end - record.first, offset, tensor.sizes().vec(), tensor.strides().vec(),
        tensor.requires_grad()};
}

void TensorRecords::write(ZipWriter& archive, const std::string& folder) const
{
    for (const Record* record : in_order_) {
        const at::Tensor bytes
            = window(record->example, record->first, record->end - record->first).cpu();
        archive.add(folder + std::to_string(record->key),
            {static_cast<const char*>(bytes.const_data_ptr()), bytes.nbytes()});
    }
}

void TensorRecords::copy_to(std::vector<at::Tensor>& buffers) const
{
    buffers.resize(in_order_.size());
    for (size_t i = 0; i < in_order_.size(); ++i) {
        const Record& record = *in_order_[i];
        const at::Tensor part = window(record.example, record.first, record.end - record.first);
        at::Tensor& buffer = buffers[i];
        if (!buffer.defined() || buffer.scalar_type() != part.scalar_type()
            || buffer.numel() != part.numel())
            buffer = at::empty({part.numel()}, part.options().device(at::kCPU));
        if (part.is_cpu() && part.numel() > 0)
            std::memcpy(buffer.mutable_data_ptr(), part.const_data_ptr(), part.nbytes());
        else
            buffer.copy_(part);
    }
}

at::Tensor TensorRecords::in(const std::vector<at::Tensor>& buffers, const at::Tensor& tensor) const
{
    const Record& record = records_.at(id_of(tensor));
    const at::Tensor& buffer = buffers[record.key];
    const int64_t offset = tensor.numel() == 0 ? 0 : tensor.storage_offset() - record.first;
    at::Tensor copy = at::empty({0}, buffer.options())
                          .set_(buffer.storage(), offset, tensor.sizes(), tensor.strides());
    return copy.requires_grad_(tensor.requires_grad());
}

TensorLoader::TensorLoader(const ZipReader& archive, std::string folder)
    : archive_(archive), folder_(std::move(folder))
{
}

const at::Tensor& TensorLoader::storage_bytes(const std::string& key)
{
    at::Tensor& bytes = storages_[key];
    if (!bytes.defined()) {
        const auto& record = archive_.at(folder_ + key);
        bytes = at::empty({static_cast<int64_t>(record.size)}, at::kByte);
        if (record.size > 0)
            unread_.emplace_back(&record, static_cast<char*>(bytes.mutable_data_ptr()));
    }
    return bytes;
}

at::Tensor TensorLoader::make(const PickleTensor& description)
{
    const at::ScalarType dtype = storage_dtype(description.storage_type);
    const int64_t item_size = static_cast<int64_t>(c10::elementSize(dtype));
    const int64_t end = used_end(description);
    const at::Tensor& bytes = storage_bytes(description.storage_key);
    if (description.storage_numel > bytes.numel() / item_size || end > description.storage_numel)
        throw CheckpointError("it holds a tensor that reaches past the end of its data");
    at::Tensor tensor
        = at::empty({0}, dtype)
              .set_(bytes.storage(), description.offset, description.sizes, description.strides);
    if (description.requires_grad && (c10::isFloatingType(dtype) || c10::isComplexType(dtype)))
        tensor.requires_grad_(true);
    return tensor;
}

void TensorLoader::read()
{
    uint64_t size = 0;
    for (const auto& [record, to] : unread_)
        size += record->size;
    std::vector<std::exception_ptr> errors(unread_.size());
    std::atomic<size_t> next = 0;
    const auto work = [&] {
        for (size_t i = next++; i < unread_.size(); i = next++) {
            try {
                archive_.read(*unread_[i].first, unread_[i].second);
            } catch (...) {
                errors[i] = std::current_exception();
                next = unread_.size();
            }
        }
    };
    constexpr uint64_t size_for_a_thread = uint64_t{8} << 20;
    constexpr unsigned most_threads = 4;
    const uint64_t threads = std::min<uint64_t>({std::max(std::thread::hardware_concurrency(), 1U),
        most_threads, size / size_for_a_thread + 1});
    {
        std::vector<std::jthread> helpers;
        try {
            for (uint64_t i = 1; i < threads; ++i)
                helpers.emplace_back(work);
        } catch (const std::system_error&) { // no further thread: these do it
        }
        work();
    }
    unread_.clear();
    for (const auto& error : errors) {
        if (error)
            std::rethrow_exception(error);
    }
}

} // namespace leyden
