// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/recorded_cpu.h"

#include <ATen/Context.h>
#include <ATen/TensorOperators.h>
#include <ATen/Version.h>
#include <ATen/ops/conv2d.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/log_softmax.h>
#include <ATen/ops/tensor.h>
#include <nlohmann/json.hpp>

#include <QByteArray>
#include <QCryptographicHash>
#include <QFile>

#include <string>
#include <utility>
#include <vector>

namespace leyden::test {
namespace {

std::string digest(const at::Tensor& tensor)
{
    const auto values = tensor.contiguous();
    const auto bytes = QByteArray::fromRawData(
        static_cast<const char*>(values.const_data_ptr()), qsizetype(values.nbytes()));
    return QCryptographicHash::hash(bytes, QCryptographicHash::Sha256).toHex().toStdString();
}

/// record_cpu_kernels.py's operations().
std::vector<std::pair<std::string, at::Tensor>> operations(const at::Tensor& x)
{
    const auto positive = x.abs() + 0.5;
    return {{"sqrt", positive.sqrt()}, {"rsqrt", positive.rsqrt()}, {"exp", x.exp()},
        {"log", positive.log()}, {"tanh", x.tanh()}, {"sin", x.sin()}, {"erf", x.erf()},
        {"sigmoid", x.sigmoid()}, {"log_softmax", at::log_softmax(x, 1)}, {"sum", x.sum(1)},
        {"matmul", x.matmul(x)},
        {"matmul of few rows",
            x.slice(0, 0, 3).slice(1, 0, 33).matmul(x.slice(0, 0, 33).slice(1, 0, 7))},
        {"outer product", x.slice(1, 0, 1).matmul(x.slice(0, 0, 1))},
        {"linear", at::linear(x.slice(0, 0, 16), x, x[0])},
        {"convolution",
            at::conv2d(x.reshape({4, 4, 16, 16}),
                x.flatten().slice(0, 0, 288).reshape({8, 4, 3, 3}), x[1].slice(0, 0, 8))}};
}

bool has_recorded_kernels()
{
    QFile file(QStringLiteral(LEYDEN_SOURCE_DIR "/tests/data/cpu_kernels.json"));
    if (!file.open(QIODevice::ReadOnly))
        qFatal("%s: cannot be read", qPrintable(file.fileName()));
    const auto recorded = Json::parse(file.readAll().toStdString()).at("kernels");
    std::vector<double> numbers;
    for (int i = 0; i < 64 * 64; ++i)
        numbers.push_back(double((i * 37 + 11) % 2001 - 1000) / 1000.0);
    const auto x = at::tensor(numbers, at::kDouble).reshape({64, 64});
    bool is_alike = true;
    for (const auto& [dtype, type] :
        {std::pair("float32", at::kFloat), std::pair("float64", at::kDouble),
            std::pair("bfloat16", at::kBFloat16), std::pair("float16", at::kHalf)}) {
        for (const auto& [name, value] : operations(x.to(type))) {
            const auto key = name + ", " + dtype;
            if (recorded.at(key) == digest(value))
                continue;
            is_alike = false;
            qInfo("this CPU rounds another way than the one recorded on: %s", key.c_str());
        }
    }
    return is_alike;
}

} // namespace

bool is_recorded_on_such_a_cpu(const Json& head)
{
    static const auto rounds_alike = has_recorded_kernels(); // said once a program
    return rounds_alike && head.at("cpu_capability") == at::get_cpu_capability();
}

Tolerance tolerance_of(at::ScalarType dtype, Computed computed)
{
    const auto once = dtype == at::kDouble ? Tolerance{1e-7, 1e-7}
        : dtype == at::kBFloat16           ? Tolerance{1.6e-2, 1e-5}
        : dtype == at::kHalf               ? Tolerance{1e-3, 1e-5}
                                           : Tolerance{1.3e-6, 1e-5};
    if (computed == Computed::Once)
        return once;
    auto in_steps = once.times(10);
    in_steps.is_of_largest = true;
    return in_steps;
}

} // namespace leyden::test
