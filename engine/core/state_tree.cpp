// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/core/state_tree.h"

#include "engine/core/errors.h"
#include "engine/core/overloaded.h"

#include <algorithm>
#include <map>
#include <tuple>

namespace leyden {
namespace {
[[noreturn]] void wrong_type(const char* expected, const StateTree& found)
{
    throw CheckpointError("expected " + std::string(expected) + " but found " + found.type_name()
        + "; the state does not fit what is asked of it");
}

// The accessors below differ in the alternative they read and in its name, nothing else.
template <typename Value, typename Variant>
auto& get_or_throw(Variant& value, const char* expected, const StateTree& tree)
{
    auto* found = std::get_if<Value>(&value);
    if (found == nullptr)
        wrong_type(expected, tree);
    return *found;
}

template <typename Entries, typename Key> auto find_entry(Entries& entries, const Key& key)
{
    using Stored = std::conditional_t<std::is_same_v<Key, int64_t>, int64_t, std::string>;
    return std::find_if(entries.begin(), entries.end(), [&key](const StateTree::Entry& entry) {
        const auto* stored = std::get_if<Stored>(&entry.first);
        return stored != nullptr && *stored == key;
    });
}

template <typename Key> const StateTree* find_value(const StateTree& tree, const Key& key)
{
    if (!tree.is_dict())
        return nullptr;
    const auto found = find_entry(tree.entries(), key);
    return found == tree.entries().end() ? nullptr : &found->second;
}

template <typename Key> void set_value(StateTree& tree, const Key& key, StateTree value)
{
    if (tree.is_none())
        tree = StateTree::dict();
    auto& entries = tree.entries();
    const auto found = find_entry(entries, key);
    if (found != entries.end()) {
        found->second = std::move(value);
    } else if constexpr (std::is_same_v<Key, int64_t>) {
        entries.emplace_back(key, std::move(value));
    } else {
        entries.emplace_back(std::string(key), std::move(value));
    }
}

// What two tensors must share to be one: tied weights stay one tensor in a snapshot.
using TensorIdentity
    = std::tuple<const void*, at::ScalarType, std::vector<int64_t>, std::vector<int64_t>>;
using CloneMemo = std::map<TensorIdentity, at::Tensor>;

at::Tensor clone_of(const at::Tensor& tensor, CloneMemo& clones)
{
    if (!tensor.defined())
        return tensor;
    if (tensor.layout() != at::kStrided || tensor.numel() == 0)
        return tensor.detach().clone();
    at::Tensor& clone = clones[{tensor.const_data_ptr(), tensor.scalar_type(), tensor.sizes().vec(),
        tensor.strides().vec()}];
    if (!clone.defined())
        clone = tensor.detach().clone();
    return clone;
}
} // namespace

StateTree::StateTree(bool value) : value_(value) { }
StateTree::StateTree(int value) : value_(int64_t{value}) { }
StateTree::StateTree(int64_t value) : value_(value) { }
StateTree::StateTree(double value) : value_(value) { }
StateTree::StateTree(const char* value) : value_(std::string(value)) { }
StateTree::StateTree(std::string value) : value_(std::move(value)) { }
StateTree::StateTree(std::string_view value) : value_(std::string(value)) { }
StateTree::StateTree(at::Tensor value) : value_(std::move(value)) { }
StateTree::StateTree(List value) : value_(std::move(value)) { }
StateTree::StateTree(Dict value) : value_(std::move(value)) { }

StateTree StateTree::list(std::vector<StateTree> items)
{
    return List{std::move(items), false};
}

StateTree StateTree::tuple(std::vector<StateTree> items)
{
    return List{std::move(items), true};
}

StateTree StateTree::dict(std::initializer_list<Entry> entries)
{
    StateTree result = Dict{};
    for (const auto& [key, value] : entries)
        std::visit([&](const auto& k) { result.set(k, value); }, key);
    return result;
}

StateTree StateTree::ordered_dict()
{
    return Dict{{}, true};
}

bool StateTree::is_none() const
{
    return std::holds_alternative<std::monostate>(value_);
}
bool StateTree::is_bool() const
{
    return std::holds_alternative<bool>(value_);
}
bool StateTree::is_int() const
{
    return std::holds_alternative<int64_t>(value_);
}
bool StateTree::is_double() const
{
    return std::holds_alternative<double>(value_);
}
bool StateTree::is_string() const
{
    return std::holds_alternative<std::string>(value_);
}
bool StateTree::is_tensor() const
{
    return std::holds_alternative<at::Tensor>(value_);
}
bool StateTree::is_list() const
{
    return std::holds_alternative<List>(value_);
}
bool StateTree::is_dict() const
{
    return std::holds_alternative<Dict>(value_);
}

const char* StateTree::type_name() const
{
    return std::visit(
        Overloaded{
            [](std::monostate) { return "None"; },
            [](bool) { return "bool"; },
            [](int64_t) { return "int"; },
            [](double) { return "float"; },
            [](const std::string&) { return "str"; },
            [](const at::Tensor&) { return "Tensor"; },
            [](const List& list) { return list.is_tuple ? "tuple" : "list"; },
            [](const Dict& dict) { return dict.is_ordered_dict ? "OrderedDict" : "dict"; },
        },
        value_);
}

bool StateTree::to_bool() const
{
    return get_or_throw<bool>(value_, "a bool", *this);
}

int64_t StateTree::to_int() const
{
    return get_or_throw<int64_t>(value_, "an int", *this);
}

double StateTree::to_double() const
{
    if (const auto* whole = std::get_if<int64_t>(&value_))
        return static_cast<double>(*whole);
    return get_or_throw<double>(value_, "a float", *this);
}

const std::string& StateTree::to_string() const
{
    return get_or_throw<std::string>(value_, "a str", *this);
}

const at::Tensor& StateTree::tensor() const
{
    return get_or_throw<at::Tensor>(value_, "a Tensor", *this);
}

const StateTree::List& StateTree::as_list() const
{
    return get_or_throw<List>(value_, "a list or tuple", *this);
}

const StateTree::Dict& StateTree::as_dict() const
{
    return get_or_throw<Dict>(value_, "a dict", *this);
}

const std::vector<StateTree>& StateTree::items() const
{
    return as_list().items;
}

std::vector<StateTree>& StateTree::items()
{
    return get_or_throw<List>(value_, "a list or tuple", *this).items;
}

const std::vector<StateTree::Entry>& StateTree::entries() const
{
    return as_dict().entries;
}

std::vector<StateTree::Entry>& StateTree::entries()
{
    return get_or_throw<Dict>(value_, "a dict", *this).entries;
}

size_t StateTree::size() const
{
    if (is_none())
        return 0;
    if (const auto* list = std::get_if<List>(&value_))
        return list->items.size();
    return get_or_throw<Dict>(value_, "a list, tuple or dict", *this).entries.size();
}

const StateTree* StateTree::find(std::string_view key) const
{
    return find_value(*this, key);
}

const StateTree* StateTree::find(int64_t key) const
{
    return find_value(*this, key);
}

const StateTree& StateTree::at(std::string_view key) const
{
    as_dict();
    if (const StateTree* value = find(key))
        return *value;
    throw CheckpointError("the state has no entry '" + std::string(key) + "'");
}

const StateTree& StateTree::at(int64_t key) const
{
    as_dict();
    if (const StateTree* value = find(key))
        return *value;
    throw CheckpointError("the state has no entry " + std::to_string(key));
}

const StateTree& StateTree::operator[](size_t index) const
{
    const auto& list = as_list();
    if (index >= list.items.size())
        throw CheckpointError("index " + std::to_string(index) + " is out of range for a "
            + type_name() + " of " + std::to_string(list.items.size())
            + (list.items.size() == 1 ? " item" : " items"));
    return list.items[index];
}

void StateTree::set(std::string_view key, StateTree value)
{
    set_value(*this, key, std::move(value));
}

void StateTree::set(int64_t key, StateTree value)
{
    set_value(*this, key, std::move(value));
}

void StateTree::erase(std::string_view key)
{
    auto& own = entries();
    const auto found = find_entry(own, key);
    if (found != own.end())
        own.erase(found);
}

void StateTree::push_back(StateTree value)
{
    if (is_none())
        value_ = List{};
    items().push_back(std::move(value));
}

StateTree StateTree::with_tensors(const std::function<at::Tensor(const at::Tensor&)>& map) const
{
    if (is_tensor())
        return map(tensor());
    if (const auto* list = std::get_if<List>(&value_)) {
        List copy{{}, list->is_tuple};
        copy.items.reserve(list->items.size());
        for (const StateTree& item : list->items)
            copy.items.push_back(item.with_tensors(map));
        return copy;
    }
    if (const auto* dict = std::get_if<Dict>(&value_)) {
        Dict copy{{}, dict->is_ordered_dict};
        copy.entries.reserve(dict->entries.size());
        for (const auto& [key, value] : dict->entries)
            copy.entries.emplace_back(key, value.with_tensors(map));
        return copy;
    }
    return *this;
}

StateTree StateTree::deep_copy() const
{
    CloneMemo clones;
    return with_tensors([&clones](const at::Tensor& tensor) { return clone_of(tensor, clones); });
}

} // namespace leyden
