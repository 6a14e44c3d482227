// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/pickle.h"
#include "engine/checkpoint/pickle_opcodes.h"

#include "engine/core/errors.h"
#include "engine/core/utf8.h"

#include <algorithm>
#include <cstring>
#include <map>
#include <optional>
#include <unordered_map>

namespace leyden {
namespace {
constexpr size_t max_pickle_size = size_t{32} << 20;

/// Index into the machine's nodes. Values refer to each other by it, for a pickle may fill a list
/// after others have got hold of it.
using NodeId = uint32_t;

struct Sequence
{
    std::vector<NodeId> items;
    bool is_tuple = false;
};
struct Mapping
{
    std::vector<std::pair<NodeId, NodeId>> entries;
    bool is_ordered_dict = false;
};
enum class Builder { Counter, OrderedDict, Size, Tensor, Parameter };
struct StorageType
{
    std::string_view name; ///< without "Storage"
};
struct Storage
{
    std::string_view type;
    std::string_view key;
    int64_t numel;
};
/// Index into the machine's tensors: they would make every node three times as large.
struct TensorId
{
    uint32_t index;
};
// Text stays in the input until the value it belongs to is built.
using Node = std::variant<std::monostate, bool, int64_t, double, std::string_view, Sequence,
    Mapping, TensorId, Builder, StorageType, Storage>;

[[noreturn]] void malformed(const std::string& what)
{
    throw CheckpointError("its description of the values is malformed (" + what + ")");
}

Node resolve_global(std::string_view module, std::string_view name)
{
    const std::string full = std::string(module) + "." + std::string(name);
    static const std::map<std::string, Builder> builders = {
        {"collections.Counter", Builder::Counter},
        {"collections.OrderedDict", Builder::OrderedDict},
        {"torch.Size", Builder::Size},
        {"torch._utils._rebuild_tensor_v2", Builder::Tensor},
        {"torch._utils._rebuild_parameter", Builder::Parameter},
    };
    if (const auto found = builders.find(full); found != builders.end())
        return found->second;
    constexpr std::string_view suffix = "Storage";
    if (module == "torch" && name.size() > suffix.size()
        && name.substr(name.size() - suffix.size()) == suffix)
        return StorageType{name.substr(0, name.size() - suffix.size())};
    if (module.starts_with("pytorch_lightning.") || module.starts_with("lightning."))
        throw CheckpointError("it names the class '" + (is_utf8(full) ? full : "?")
            + "', as checkpoints of Lightning before 1.5 do; load it once with Lightning 2 and "
              "save "
              "it anew, without classes");
    throw CheckpointError("Leyden refuses to build '" + (is_utf8(full) ? full : "?")
        + "': a checkpoint is data; save plain values and tensors only");
}

/// Turns the machine's graph of nodes into a tree of values. What is referred to twice is copied,
/// so the size of the result is limited: a small file could ask for any amount otherwise.
class TreeBuilder
{
public:
    TreeBuilder(
        const std::vector<Node>& nodes, const std::vector<PickleTensor>& tensors, size_t input_size)
        : nodes_(nodes)
        , tensors_(tensors)
        , values_left_(4096 + 2 * input_size)
        , text_left_((size_t{1} << 20) + 16 * input_size)
    {
    }

    PickleValue build(NodeId id, int depth = 0)
    {
        if (depth > max_pickle_depth)
            throw CheckpointError("its values are nested more than 100 deep");
        spend(values_left_, 1);
        return std::visit([&](const auto& node) { return convert(node, depth); }, nodes_[id]);
    }

private:
    static void spend(size_t& budget, size_t amount)
    {
        if (amount > budget)
            throw CheckpointError(
                "its values refer to each other more often than any real ones do");
        budget -= amount;
    }

    PickleValue convert(std::monostate, int) { return {}; }
    PickleValue convert(bool value, int) { return {value}; }
    PickleValue convert(int64_t value, int) { return {value}; }
    PickleValue convert(double value, int) { return {value}; }
    PickleValue convert(std::string_view text, int)
    {
        spend(text_left_, text.size());
        return {std::string(text)};
    }
    PickleValue convert(TensorId tensor, int)
    {
        const PickleTensor& found = tensors_[tensor.index];
        spend(values_left_, found.sizes.size() + found.strides.size());
        return {found};
    }

    PickleValue convert(const Sequence& sequence, int depth)
    {
        PickleValue::List list{{}, sequence.is_tuple};
        for (const NodeId item : sequence.items)
            list.items.push_back(build(item, depth + 1));
        return {std::move(list)};
    }

    PickleValue convert(const Mapping& mapping, int depth)
    {
        PickleValue::Dict dict{{}, mapping.is_ordered_dict};
        std::map<PickleValue::Key, size_t> positions;
        for (const auto& [key_id, value_id] : mapping.entries) {
            PickleValue::Key key = build_key(key_id);
            PickleValue value = build(value_id, depth + 1);
            const auto [found, is_new] = positions.emplace(key, dict.entries.size());
            if (is_new)
                dict.entries.emplace_back(std::move(key), std::move(value));
            else // as in Python, a key set again keeps its place
                dict.entries[found->second].second = std::move(value);
        }
        return {std::move(dict)};
    }

    template <typename Other> PickleValue convert(const Other&, int)
    {
        malformed("a value that stands for no data");
    }

    PickleValue::Key build_key(NodeId id)
    {
        spend(values_left_, 1);
        if (const auto* text = std::get_if<std::string_view>(&nodes_[id])) {
            spend(text_left_, text->size());
            return std::string(*text);
        }
        if (const auto* number = std::get_if<int64_t>(&nodes_[id]))
            return *number;
        throw CheckpointError("a dict in it has a key that is neither a str nor an int");
    }

    const std::vector<Node>& nodes_;
    const std::vector<PickleTensor>& tensors_;
    size_t values_left_;
    size_t text_left_;
};

/// Python's pickle machine: a stack, marks in it, and a memo of what was seen before.
class PickleMachine
{
public:
    explicit PickleMachine(std::string_view bytes) : bytes_(bytes) { }

    PickleValue run()
    {
        const size_t size = bytes_.size();
        sizes_left_ = 4096 + size;
        if (size > max_pickle_size)
            throw CheckpointError("its description of the values has more than 32 MiB");
        // These three are the same wherever they occur, so they cost no memory each time.
        nodes_.emplace_back(std::monostate{});
        nodes_.emplace_back(false);
        nodes_.emplace_back(true);
        while (step()) { }
        if (stack_.size() != 1 || !marks_.empty())
            malformed("it ends with more or less than one value");
        return TreeBuilder(nodes_, tensors_, size).build(stack_.front());
    }

private:
    static constexpr NodeId none_id = 0;
    static constexpr NodeId false_id = 1;
    static constexpr NodeId true_id = 2;
    static constexpr size_t max_dimensions = 64; // LibTorch's own limit
    static constexpr size_t max_name_size = 64;  // of a storage's key and type

    std::string_view take(uint64_t count)
    {
        if (count > bytes_.size())
            malformed("it ends early");
        const auto taken = bytes_.substr(0, count);
        bytes_.remove_prefix(count);
        return taken;
    }

    template <typename Value> Value number()
    {
        Value value = 0;
        std::memcpy(&value, take(sizeof(Value)).data(), sizeof(Value));
        return value;
    }

    std::string_view line()
    {
        const size_t end = bytes_.find('\n');
        if (end == std::string_view::npos)
            malformed("it ends early");
        const auto text = take(end);
        take(1);
        return text;
    }

    std::string_view text(uint64_t size)
    {
        const auto found = take(size);
        if (!is_utf8(found))
            malformed("text that is not UTF-8");
        return found;
    }

    int64_t long_number()
    {
        const auto digits = take(number<uint8_t>());
        if (digits.size() > sizeof(int64_t))
            throw CheckpointError("it holds a whole number of more than 64 bits");
        const bool is_negative = !digits.empty() && (digits.back() & 0x80) != 0;
        int64_t value = is_negative ? -1 : 0;
        std::memcpy(&value, digits.data(), digits.size());
        return value;
    }

    double big_endian_double()
    {
        const uint64_t bits = __builtin_bswap64(number<uint64_t>());
        double value = 0;
        std::memcpy(&value, &bits, sizeof value);
        return value;
    }

    size_t floor() const { return marks_.empty() ? 0 : marks_.back(); }

    void push_id(NodeId id) { stack_.push_back(id); }

    void push(Node node)
    {
        push_id(static_cast<NodeId>(nodes_.size()));
        nodes_.push_back(std::move(node));
    }

    void push_tensor(PickleTensor tensor)
    {
        const size_t sizes = tensor.sizes.size() + tensor.strides.size() + 1;
        if (sizes > sizes_left_)
            malformed("more tensors than it can describe");
        sizes_left_ -= sizes;
        push(TensorId{static_cast<uint32_t>(tensors_.size())});
        tensors_.push_back(std::move(tensor));
    }

    NodeId top() const
    {
        if (stack_.size() <= floor())
            malformed("it takes a value that is not there");
        return stack_.back();
    }

    NodeId pop()
    {
        const NodeId id = top();
        stack_.pop_back();
        return id;
    }

    /// Everything above the last mark, and the mark.
    std::vector<NodeId> pop_mark()
    {
        if (marks_.empty())
            malformed("it takes values that were not marked");
        const auto first = stack_.begin() + static_cast<std::ptrdiff_t>(marks_.back());
        std::vector<NodeId> items(first, stack_.end());
        stack_.erase(first, stack_.end());
        marks_.pop_back();
        return items;
    }

    void push_tuple(size_t count)
    {
        std::vector<NodeId> items(count);
        for (size_t i = count; i-- > 0;)
            items[i] = pop();
        push(Sequence{std::move(items), true});
    }

    template <typename Wanted> Wanted& get(NodeId id, const char* what)
    {
        auto* found = std::get_if<Wanted>(&nodes_[id]);
        if (found == nullptr)
            malformed(what);
        return *found;
    }

    const std::vector<NodeId>& tuple_items(NodeId id, size_t most)
    {
        const auto& sequence = get<Sequence>(id, "a tuple is missing");
        if (!sequence.is_tuple)
            malformed("a tuple is missing");
        if (sequence.items.size() > most)
            malformed("a tuple is too long");
        return sequence.items;
    }

    std::vector<int64_t> numbers(NodeId id)
    {
        std::vector<int64_t> result;
        for (const NodeId item : tuple_items(id, max_dimensions))
            result.push_back(get<int64_t>(item, "a size is no number"));
        return result;
    }

    void append(const std::vector<NodeId>& items)
    {
        auto& list = get<Sequence>(top(), "it appends to something that is no list");
        if (list.is_tuple)
            malformed("it appends to a tuple");
        list.items.insert(list.items.end(), items.begin(), items.end());
    }

    void set_items(const std::vector<NodeId>& items)
    {
        auto& dict = get<Mapping>(top(), "it sets an entry of something that is no dict");
        if (items.size() % 2 != 0)
            malformed("a key without a value");
        for (size_t i = 0; i < items.size(); i += 2)
            dict.entries.emplace_back(items[i], items[i + 1]);
    }

    void recall(uint32_t index)
    {
        const auto found = memo_.find(index);
        if (found == memo_.end())
            malformed("it recalls a value that it never kept");
        push_id(found->second);
    }

    /// ('storage', torch.FloatStorage, key, location, numel)
    void load_storage()
    {
        const auto items = tuple_items(pop(), 6);
        if (items.size() < 5 || get<std::string_view>(items[0], "no storage") != "storage")
            malformed("an unknown kind of record");
        const auto type = get<StorageType>(items[1], "a storage without its type").name;
        const auto key = get<std::string_view>(items[2], "a storage without its key");
        if (type.size() > max_name_size || key.size() > max_name_size)
            malformed("a storage with a long name");
        push(Storage{type, key, get<int64_t>(items[4], "a storage without its size")});
    }

    void reduce()
    {
        const auto arguments = tuple_items(pop(), 7); // a copy: building a value moves the nodes
        switch (get<Builder>(pop(), "it calls something that is no function")) {
        case Builder::Counter: // MultiStepLR's milestones
            if (arguments.size() != 1)
                malformed("a Counter without its counts");
            get<Mapping>(arguments[0], "a Counter of no dict");
            push_id(arguments[0]); // a dict to us
            break;
        case Builder::OrderedDict:
            if (!arguments.empty())
                malformed("an OrderedDict with arguments");
            push(Mapping{{}, true});
            break;
        case Builder::Size:
            if (arguments.size() != 1)
                malformed("a torch.Size without its numbers");
            numbers(arguments[0]);
            push_id(arguments[0]); // a tuple to us
            break;
        case Builder::Tensor:
            push_tensor(tensor(arguments));
            break;
        case Builder::Parameter: {
            if (arguments.size() < 2)
                malformed("a parameter without its tensor");
            PickleTensor parameter
                = tensors_[get<TensorId>(arguments[0], "a parameter without its tensor").index];
            parameter.requires_grad = get<bool>(arguments[1], "a parameter without requires_grad");
            push_tensor(std::move(parameter));
            break;
        }
        }
    }

    /// (storage, offset, size, stride, requires_grad, hooks[, metadata])
    PickleTensor tensor(const std::vector<NodeId>& arguments)
    {
        if (arguments.size() < 6)
            malformed("a tensor without its description");
        const auto& storage = get<Storage>(arguments[0], "a tensor without its storage");
        if (arguments.size() > 6 && arguments[6] != none_id
            && !get<Mapping>(arguments[6], "unknown metadata of a tensor").entries.empty())
            throw CheckpointError("it holds a conjugated or negated view of a tensor");
        return {std::string(storage.key), std::string(storage.type), storage.numel,
            get<int64_t>(arguments[1], "a tensor without its offset"), numbers(arguments[2]),
            numbers(arguments[3]), get<bool>(arguments[4], "a tensor without requires_grad")};
    }

    void build()
    {
        pop(); // the attributes
        if (!get<Mapping>(top(), "it sets attributes of a plain value").is_ordered_dict)
            malformed("it sets attributes of a dict");
    }

    void stack_global()
    {
        const auto name = get<std::string_view>(pop(), "a global without its name");
        const auto module = get<std::string_view>(pop(), "a global without its module");
        push(resolve_global(module, name));
    }

    void check_protocol()
    {
        if (const int protocol = number<uint8_t>(); protocol < 2 || protocol > 5)
            malformed("pickle protocol " + std::to_string(protocol));
    }

    /// One instruction; false after the last.
    bool step()
    {
        const auto op = static_cast<PickleOp>(number<uint8_t>());
        switch (op) {
        case PickleOp::Proto:
            check_protocol();
            break;
        case PickleOp::Frame:
            take(8);
            break;
        case PickleOp::Stop:
            return false;
        case PickleOp::Mark:
            marks_.push_back(stack_.size());
            break;
        case PickleOp::Pop:
            pop();
            break;
        case PickleOp::None:
            push_id(none_id);
            break;
        case PickleOp::NewTrue:
            push_id(true_id);
            break;
        case PickleOp::NewFalse:
            push_id(false_id);
            break;
        case PickleOp::BinInt:
            push(int64_t{number<int32_t>()});
            break;
        case PickleOp::BinInt1:
            push(int64_t{number<uint8_t>()});
            break;
        case PickleOp::BinInt2:
            push(int64_t{number<uint16_t>()});
            break;
        case PickleOp::Long1:
            push(long_number());
            break;
        case PickleOp::BinFloat:
            push(big_endian_double());
            break;
        case PickleOp::ShortBinUnicode:
            push(text(number<uint8_t>()));
            break;
        case PickleOp::BinUnicode:
            push(text(number<uint32_t>()));
            break;
        case PickleOp::BinUnicode8:
            push(text(number<uint64_t>()));
            break;
        case PickleOp::EmptyList:
            push(Sequence{});
            break;
        case PickleOp::Append:
            append({pop()});
            break;
        case PickleOp::Appends:
            append(pop_mark());
            break;
        case PickleOp::EmptyTuple:
            push_tuple(0);
            break;
        case PickleOp::Tuple1:
            push_tuple(1);
            break;
        case PickleOp::Tuple2:
            push_tuple(2);
            break;
        case PickleOp::Tuple3:
            push_tuple(3);
            break;
        case PickleOp::Tuple:
            push(Sequence{pop_mark(), true});
            break;
        case PickleOp::EmptyDict:
            push(Mapping{});
            break;
        case PickleOp::SetItem: {
            const NodeId value = pop();
            const NodeId key = pop();
            set_items({key, value});
            break;
        }
        case PickleOp::SetItems:
            set_items(pop_mark());
            break;
        case PickleOp::BinGet:
            recall(number<uint8_t>());
            break;
        case PickleOp::LongBinGet:
            recall(number<uint32_t>());
            break;
        case PickleOp::BinPut:
            memo_[number<uint8_t>()] = top();
            break;
        case PickleOp::LongBinPut:
            memo_[number<uint32_t>()] = top();
            break;
        case PickleOp::Memoize:
            memo_[static_cast<uint32_t>(memo_.size())] = top();
            break;
        case PickleOp::Global: {
            const auto module = line();
            push(resolve_global(module, line()));
            break;
        }
        case PickleOp::StackGlobal:
            stack_global();
            break;
        case PickleOp::BinPersId:
            load_storage();
            break;
        case PickleOp::Reduce:
            reduce();
            break;
        case PickleOp::Build:
            build();
            break;
        default:
            malformed(
                "instruction " + std::to_string(int(op)) + ", which plain data does not need");
        }
        return true;
    }

    std::string_view bytes_;
    std::vector<Node> nodes_;
    std::vector<PickleTensor> tensors_;
    size_t sizes_left_
        = 0; ///< sizes and strides that the tensors may yet have: memory follows the input
    std::vector<NodeId> stack_;
    std::vector<size_t> marks_;
    std::unordered_map<uint32_t, NodeId> memo_;
};
} // namespace

PickleValue read_pickle(std::string_view bytes)
{
    return PickleMachine(bytes).run();
}

} // namespace leyden
