// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/export.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace leyden {

/// A tensor as a checkpoint's pickle describes it: a window into a storage record. Counts are in
/// elements. Nothing is checked against the storage here.
struct PickleTensor
{
    std::string storage_key;  ///< of the record "data/<key>"
    std::string storage_type; ///< PyTorch's name without "Storage": "Float", "Long", "BFloat16" ...
    int64_t storage_numel = 0;
    int64_t offset = 0;
    std::vector<int64_t> sizes;
    std::vector<int64_t> strides;
    bool requires_grad = false;

    friend bool operator==(const PickleTensor&, const PickleTensor&) = default;
};

/// The plain values that a checkpoint's pickle may hold. Torch-free twin of StateTree.
struct PickleValue
{
    using Key = std::variant<std::string, int64_t>;

    struct List
    {
        std::vector<PickleValue> items;
        bool is_tuple = false;
    };
    struct Dict
    {
        std::vector<std::pair<Key, PickleValue>> entries;
        bool is_ordered_dict = false;
    };

    /// monostate is None.
    std::variant<std::monostate, bool, int64_t, double, std::string, List, Dict, PickleTensor>
        value;
};

/// Reads what torch.save writes (protocols 2 to 5) as data: the only globals built are OrderedDict,
/// Counter (a dict), torch.Size (a tuple) and tensors; any other is refused by its name, and
/// nothing is ever called. Attributes set on an OrderedDict (a state_dict's `_metadata`) are
/// dropped.
///
/// Limits: 32 MiB of pickle, values nested 100 deep, whole numbers of 64 bits, keys str or int.
///         Memory stays in proportion to the input however often it refers back to itself.
/// Throws: CheckpointError saying what is wrong.
/// Source: CPython, Lib/pickletools.py; PyTorch, torch/_weights_only_unpickler.py.
LEYDEN_API PickleValue read_pickle(std::string_view bytes);

/// Protocol 2, as torch.save writes it; torch.load(weights_only=True) reads it.
/// Throws: CheckpointError for text that is not UTF-8 and for values nested more than 100 deep.
LEYDEN_API std::string write_pickle(const PickleValue& value);

inline constexpr int max_pickle_depth = 100;

} // namespace leyden
