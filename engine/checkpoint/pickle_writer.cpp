// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/pickle.h"
#include "engine/checkpoint/pickle_opcodes.h"

#include "engine/core/errors.h"
#include "engine/core/utf8.h"

#include <cstring>
#include <limits>

namespace leyden {
namespace {
class PickleWriter
{
public:
    std::string take() { return std::move(bytes_); }

    void write_document(const PickleValue& value)
    {
        op(PickleOp::Proto);
        bytes_ += '\2';
        write_value(value, 0);
        op(PickleOp::Stop);
    }

private:
    void op(PickleOp code) { bytes_ += static_cast<char>(code); }

    template <typename Value> void raw(Value value)
    {
        char field[sizeof(Value)];
        std::memcpy(field, &value, sizeof(Value));
        bytes_.append(field, sizeof(Value));
    }

    void global(const char* module, std::string_view name)
    {
        op(PickleOp::Global);
        bytes_ += module;
        bytes_ += '\n';
        bytes_ += name;
        bytes_ += '\n';
    }

    void write(std::monostate, int) { op(PickleOp::None); }
    void write(bool value, int) { op(value ? PickleOp::NewTrue : PickleOp::NewFalse); }

    void write(int64_t value, int = 0)
    {
        if (value >= 0 && value <= 0xff) {
            op(PickleOp::BinInt1);
            raw(static_cast<uint8_t>(value));
        } else if (value >= std::numeric_limits<int32_t>::min()
            && value <= std::numeric_limits<int32_t>::max()) {
            op(PickleOp::BinInt);
            raw(static_cast<int32_t>(value));
        } else {
            op(PickleOp::Long1);
            bytes_ += '\x08';
            raw(value);
        }
    }

    void write(double value, int)
    {
        op(PickleOp::BinFloat);
        uint64_t bits = 0;
        std::memcpy(&bits, &value, sizeof bits);
        raw(__builtin_bswap64(bits)); // the one field of a pickle that is big-endian
    }

    void write(const std::string& text, int = 0)
    {
        if (!is_utf8(text))
            throw CheckpointError("a text in the state is not UTF-8");
        if (text.size() > std::numeric_limits<uint32_t>::max())
            throw CheckpointError("a text in the state has more than 4 GiB");
        op(PickleOp::BinUnicode);
        raw(static_cast<uint32_t>(text.size()));
        bytes_ += text;
    }

    void write(const PickleValue::List& list, int depth)
    {
        if (list.is_tuple) {
            op(PickleOp::Mark);
            for (const PickleValue& item : list.items)
                write_value(item, depth + 1);
            op(PickleOp::Tuple);
            return;
        }
        op(PickleOp::EmptyList);
        op(PickleOp::Mark);
        for (const PickleValue& item : list.items)
            write_value(item, depth + 1);
        op(PickleOp::Appends);
    }

    void write(const PickleValue::Dict& dict, int depth)
    {
        if (dict.is_ordered_dict)
            write_empty_ordered_dict();
        else
            op(PickleOp::EmptyDict);
        op(PickleOp::Mark);
        for (const auto& [key, value] : dict.entries) {
            std::visit([this](const auto& k) { write(k); }, key);
            write_value(value, depth + 1);
        }
        op(PickleOp::SetItems);
    }

    /// torch._utils._rebuild_tensor_v2(storage, offset, size, stride, requires_grad, no hooks)
    void write(const PickleTensor& tensor, int)
    {
        global("torch._utils", "_rebuild_tensor_v2");
        op(PickleOp::Mark);
        op(PickleOp::Mark);
        write(std::string("storage"));
        global("torch", tensor.storage_type + "Storage");
        write(tensor.storage_key);
        write(std::string("cpu"));
        write(tensor.storage_numel);
        op(PickleOp::Tuple);
        op(PickleOp::BinPersId);
        write(tensor.offset);
        for (const auto* numbers : {&tensor.sizes, &tensor.strides}) {
            op(PickleOp::Mark);
            for (const int64_t number : *numbers)
                write(number);
            op(PickleOp::Tuple);
        }
        write(tensor.requires_grad, 0);
        write_empty_ordered_dict();
        op(PickleOp::Tuple);
        op(PickleOp::Reduce);
    }

    void write_empty_ordered_dict()
    {
        global("collections", "OrderedDict");
        op(PickleOp::EmptyTuple);
        op(PickleOp::Reduce);
    }

    void write_value(const PickleValue& value, int depth)
    {
        if (depth > max_pickle_depth)
            throw CheckpointError("the state is nested more than 100 deep");
        std::visit([this, depth](const auto& plain) { write(plain, depth); }, value.value);
    }

    std::string bytes_;
};
} // namespace

std::string write_pickle(const PickleValue& value)
{
    PickleWriter writer;
    writer.write_document(value);
    return writer.take();
}

} // namespace leyden
