// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/state_text.h"

#include <QByteArrayList>

#include <torch/types.h>

#include <algorithm>
#include <cstring>

namespace leyden::test {
namespace {
QByteArray dtypeName(at::ScalarType dtype)
{
    switch (dtype) {
    case at::kHalf:
        return "float16";
    case at::kFloat:
        return "float32";
    case at::kDouble:
        return "float64";
    case at::kChar:
        return "int8";
    case at::kByte:
        return "uint8";
    case at::kShort:
        return "int16";
    case at::kInt:
        return "int32";
    case at::kLong:
        return "int64";
    case at::kComplexFloat:
        return "complex64";
    default:
        return QByteArray(c10::toString(dtype)).toLower();
    }
}

QByteArray listText(at::IntArrayRef numbers)
{
    QByteArrayList parts;
    for (const int64_t number : numbers)
        parts += QByteArray::number(qint64(number));
    return '[' + parts.join(", ") + ']';
}

QByteArray tensorText(const at::Tensor& tensor)
{
    const at::Tensor bytes = tensor.detach().contiguous();
    return "Tensor:" + dtypeName(tensor.scalar_type()) + ':' + listText(tensor.sizes()) + ':'
        + listText(tensor.strides()) + ':' + (tensor.requires_grad() ? "1" : "0") + ':'
        + QByteArray(static_cast<const char*>(bytes.const_data_ptr()), int(bytes.nbytes())).toHex();
}

QByteArray doubleText(double value)
{
    QByteArray bytes(8, '\0');
    std::memcpy(bytes.data(), &value, 8);
    std::reverse(bytes.begin(), bytes.end());
    return "float:" + bytes.toHex();
}

QByteArray keyText(const StateTree::Key& key)
{
    if (const auto* text = std::get_if<std::string>(&key))
        return "str:" + QByteArray::fromStdString(*text);
    return "int:" + QByteArray::number(qint64(std::get<int64_t>(key)));
}
} // namespace

QByteArray stateText(const StateTree& state)
{
    if (state.is_none())
        return "None";
    if (state.is_bool())
        return state.to_bool() ? "bool:1" : "bool:0";
    if (state.is_int())
        return "int:" + QByteArray::number(qint64(state.to_int()));
    if (state.is_double())
        return doubleText(state.to_double());
    if (state.is_string())
        return "str:" + QByteArray::fromStdString(state.to_string());
    if (state.is_tensor())
        return tensorText(state.tensor());
    QByteArrayList parts;
    if (state.is_list()) {
        for (const StateTree& item : state.items())
            parts += stateText(item);
        return QByteArray(state.type_name()) + '[' + parts.join(", ") + ']';
    }
    for (const auto& [key, value] : state.entries())
        parts += keyText(key) + " = " + stateText(value);
    return QByteArray(state.type_name()) + '{' + parts.join(", ") + '}';
}

} // namespace leyden::test
