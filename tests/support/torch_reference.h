// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/config/json.h"
#include "engine/core/state_tree.h"
#include "tests/support/recorded_cpu.h"

#include <ATen/core/Tensor.h>
#include <ATen/ops/allclose.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/tensor.h>
#include <nlohmann/json.hpp>

#include <QByteArray>
#include <QDir>
#include <QFile>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

#include <cmath>
#include <cstring>
#include <vector>

namespace leyden::test {

/// What a recording script wrote: beside the tests and, where LEYDEN_REFERENCE_PYTHON names an
/// interpreter with PyTorch, now.
struct TorchReference
{
    QByteArray origin;       ///< "recorded" or "live"
    bool is_bitwise = false; ///< live, or recorded with this CPU's kernels
    Json cases;

    /// For numbers of these cases: of Trainers and optimizers they are computed in steps.
    Tolerance tolerance(Computed computed, at::ScalarType dtype = at::kFloat) const
    {
        return is_bitwise ? Tolerance() : tolerance_of(dtype, computed);
    }
};

inline TorchReference read_reference(const QString& file, const char* origin, bool is_live)
{
    QFile opened(file);
    if (!opened.open(QIODevice::ReadOnly))
        qFatal("%s: cannot be read", qPrintable(file));
    auto document = Json::parse(opened.readAll().toStdString());
    const auto is_bitwise = is_live || is_recorded_on_such_a_cpu(document);
    qInfo("%s: compared %s", origin,
        is_bitwise ? "bit for bit" : "to a tolerance (another kind of CPU)");
    return {origin, is_bitwise, std::move(document.at("cases"))};
}

/// FOLDER/NAME.json of tests/data, written by tests/lightning/SCRIPT.
inline std::vector<TorchReference> torch_references(const QString& name,
    const QString& folder_name = QStringLiteral("optim"),
    const QString& script_name = QStringLiteral("record_optimizers.py"))
{
    const auto source = QStringLiteral(LEYDEN_SOURCE_DIR "/tests/");
    std::vector<TorchReference> references;
    references.push_back(read_reference(
        source + QStringLiteral("data/%1/%2.json").arg(folder_name, name), "recorded", false));
    if (const auto python = qEnvironmentVariable("LEYDEN_REFERENCE_PYTHON"); !python.isEmpty()) {
        const QTemporaryDir folder;
        const auto script = source + QStringLiteral("lightning/") + script_name;
        if (QProcess::execute(python, {script, QStringLiteral("--output"), folder.path(), name}))
            qFatal("%s failed", qPrintable(script));
        references.push_back(
            read_reference(folder.filePath(QStringLiteral("%1.json").arg(name)), "live", true));
    }
    return references;
}

/// One data row a case, named "recorded: SGD plain"; columns reference and index.
inline void add_reference_rows(const std::vector<TorchReference>& references)
{
    QTest::addColumn<int>("reference");
    QTest::addColumn<int>("index");
    for (size_t i = 0; i < references.size(); ++i)
        for (size_t j = 0; j < references[i].cases.size(); ++j)
            QTest::newRow((references[i].origin + ": "
                + references[i].cases[j].at("name").get<std::string>().c_str())
                    .constData())
                << int(i) << int(j);
}

/// A state without tensors as the recorder writes it: tuples as lists, infinities as text.
inline Json to_json(const StateTree& value)
{
    if (value.is_none())
        return nullptr;
    if (value.is_bool())
        return value.to_bool();
    if (value.is_int())
        return value.to_int();
    if (value.is_string())
        return value.to_string();
    if (value.is_double()) {
        if (std::isinf(value.to_double()))
            return value.to_double() > 0 ? "Infinity" : "-Infinity";
        return value.to_double();
    }
    if (value.is_dict()) {
        auto object = Json::object();
        for (const auto& [key, item] : value.entries()) {
            const auto* name = std::get_if<std::string>(&key);
            object[name ? *name : std::to_string(std::get<int64_t>(key))] = to_json(item);
        }
        return object;
    }
    auto list = Json::array();
    for (const auto& item : value.items())
        list.push_back(to_json(item));
    return list;
}

/// The recorder's pattern().
inline at::Tensor pattern(
    const std::vector<int64_t>& shape, int64_t a, int64_t b, int64_t scale = 1000)
{
    int64_t count = 1;
    for (const auto size : shape)
        count *= size;
    std::vector<double> values;
    for (int64_t i = 0; i < count; ++i)
        values.push_back(double((i * a + b) % (2 * scale + 1) - scale) / double(scale));
    return at::tensor(values, at::kDouble).to(at::kFloat).reshape(shape);
}

/// What is wrong with a tensor whose float32 bytes were recorded; "" if nothing.
inline QByteArray difference(const at::Tensor& tensor, const Json& hex, const Tolerance& tolerance)
{
    const auto bytes = QByteArray::fromHex(QByteArray::fromStdString(hex.get<std::string>()));
    if (tensor.scalar_type() != at::kFloat)
        return "not float32";
    if (bytes.size() != tensor.numel() * int64_t(sizeof(float)))
        return "another number of elements";
    auto expected = at::empty(tensor.sizes(), at::kFloat);
    std::memcpy(expected.mutable_data_ptr(), bytes.constData(), size_t(bytes.size()));
    const auto found = tensor.detach().contiguous();
    if (std::memcmp(found.const_data_ptr(), bytes.constData(), size_t(bytes.size())) == 0)
        return {};
    auto [relative, absolute, is_of_largest] = tolerance;
    if (is_of_largest && found.numel() > 0) {
        absolute += relative * expected.abs().nan_to_num(0, 0, 0).max().item<double>();
        relative = 0;
    }
    if (!tolerance.is_bitwise()
        && at::allclose(found, expected, relative, absolute, /*equal_nan=*/true))
        return {};
    const auto largest = found.sub(expected).abs().max().item<double>();
    return "differs by up to " + QByteArray::number(largest);
}

} // namespace leyden::test

/// Fails the test where the tensor is not what was recorded.
#define COMPARE_RECORDED(tensor, hex, tolerance)                                                   \
    QCOMPARE(leyden::test::difference(tensor, hex, tolerance), QByteArray())
