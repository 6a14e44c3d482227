// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/export.h"

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace leyden {

/// The one value type for state: what modules, optimizers, schedulers, loops, callbacks, loaders
/// and generators give and take, and what a checkpoint holds. It mirrors the plain part of Python's
/// values: None, bool, int, float, str, Tensor, list, tuple, dict (ordered; keys str or int).
///
/// Copying is deep for containers and shares tensors' storage, as in Python.
/// Throws: CheckpointError from the typed accessors, naming the type that was found.
class LEYDEN_API StateTree
{
public:
    using Key = std::variant<std::string, int64_t>;
    using Entry = std::pair<Key, StateTree>;

    struct List
    {
        std::vector<StateTree> items;
        bool is_tuple = false; ///< written as a tuple (Adam's betas)
    };

    /// Insertion-ordered. Lookups are linear: state dicts are small or walked in order.
    struct Dict
    {
        std::vector<Entry> entries;
        bool is_ordered_dict
            = false; ///< written as collections.OrderedDict (a module's state_dict)
    };

    StateTree() = default; ///< None
    StateTree(std::nullptr_t) { }
    StateTree(bool value);
    StateTree(int value);
    StateTree(int64_t value);
    StateTree(double value);
    StateTree(const char* value);
    StateTree(std::string value);
    StateTree(std::string_view value);
    StateTree(at::Tensor value);
    StateTree(List value);
    StateTree(Dict value);

    static StateTree list(std::vector<StateTree> items = {});
    static StateTree tuple(std::vector<StateTree> items = {});
    static StateTree dict(std::initializer_list<Entry> entries = {});
    static StateTree ordered_dict();

    bool is_none() const;
    bool is_bool() const;
    bool is_int() const;
    bool is_double() const;
    bool is_string() const;
    bool is_tensor() const;
    bool is_list() const; ///< list or tuple
    bool is_dict() const;
    const char* type_name() const; ///< Python's name of the type, for messages

    bool to_bool() const;
    int64_t to_int() const;
    double to_double() const; ///< int counts too
    const std::string& to_string() const;
    const at::Tensor& tensor() const;
    const std::vector<StateTree>& items() const; ///< of a list or tuple
    std::vector<StateTree>& items();
    const std::vector<Entry>& entries() const; ///< of a dict
    std::vector<Entry>& entries();
    const Dict& as_dict() const;
    const List& as_list() const;

    size_t size() const; ///< of a list, tuple or dict; 0 for None

    const StateTree* find(std::string_view key) const; ///< null where absent or not a dict
    const StateTree* find(int64_t key) const;
    const StateTree& at(std::string_view key) const; ///< throws CheckpointError naming the key
    const StateTree& at(int64_t key) const;
    bool contains(std::string_view key) const { return find(key) != nullptr; }
    void set(std::string_view key, StateTree value); ///< replaces or appends; None becomes a dict
    void set(int64_t key, StateTree value);
    void erase(std::string_view key);
    void push_back(StateTree value); ///< None becomes a list

    /// Of a list or tuple. Throws CheckpointError naming index and size where there is none.
    const StateTree& operator[](size_t index) const;

    /// The same tree with each tensor replaced by what `map` makes of it.
    StateTree with_tensors(const std::function<at::Tensor(const at::Tensor&)>& map) const;

    /// The same tree with every tensor cloned (detached): a snapshot that later steps cannot
    /// change. Tensors that are the same piece of memory (tied weights) stay one.
    StateTree deep_copy() const;

private:
    std::variant<std::monostate, bool, int64_t, double, std::string, at::Tensor, List, Dict> value_;
};

} // namespace leyden
