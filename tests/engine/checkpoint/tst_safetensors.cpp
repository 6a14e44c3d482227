// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/checkpoint_file.h"
#include "engine/checkpoint/safetensors.h"
#include "engine/checkpoint/weights_file.h"
#include "engine/core/errors.h"
#include "tests/support/mutate.h"
#include "tests/support/test_program.h"

#include <ATen/ops/arange.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>

#include <QTest>

#include <random>
#include <string>

namespace tst_safetensors {
using namespace leyden;

class TestSafetensors final : public QObject
{
    Q_OBJECT

private:
    static std::string encoded(const StateTree& weights)
    {
        std::string bytes;
        encode_safetensors(weights, StateTree::dict({{"format", "pt"}}),
            [&](std::string_view piece) { bytes += piece; });
        return bytes;
    }

    static std::string file(std::string header, size_t data)
    {
        std::string bytes;
        for (int i = 0; i < 8; ++i)
            bytes.push_back(char((header.size() >> (8 * i)) & 0xFF));
        return bytes + header + std::string(data, 'x');
    }

private Q_SLOTS:
    void comesBack()
    {
        auto weights = StateTree::ordered_dict();
        weights.set("half", at::arange(6, at::kHalf).reshape({2, 3}));
        weights.set("transposed", at::arange(6, at::kDouble).reshape({2, 3}).t());
        weights.set("bf16", at::arange(3, at::kBFloat16));
        weights.set("scalar", at::tensor(2.5F));
        weights.set("steps", at::tensor(int64_t{1} << 40));
        weights.set("flags", at::ones({3}, at::kBool));
        weights.set("none", at::zeros({0, 4}));
        const auto back = decode_safetensors(encoded(weights));
        QCOMPARE(back.size(), weights.size());
        for (const auto& [key, value] : weights.entries()) {
            const auto& name = std::get<std::string>(key);
            const auto& tensor = back.at(name).tensor();
            QCOMPARE(tensor.scalar_type(), value.tensor().scalar_type());
            QVERIFY2(tensor.sizes() == value.tensor().sizes() && at::equal(tensor, value.tensor()),
                name.c_str());
        }
    }

    void refusesWhatItCannotWrite()
    {
        QVERIFY_THROWS_EXCEPTION(CheckpointError, encoded(StateTree::dict({{"a", 1}})));
        QVERIFY_THROWS_EXCEPTION(
            CheckpointError, encoded(StateTree::dict({{"__metadata__", at::ones({1})}})));
        QVERIFY_THROWS_EXCEPTION(
            CheckpointError, encoded(StateTree::dict({{"a", at::ones({1}, at::kComplexFloat)}})));
    }

    void refusesWhatIsDamaged_data()
    {
        QTest::addColumn<QByteArray>("header");
        QTest::addColumn<int>("data");
        QTest::addColumn<QByteArray>("word");
        const auto row = [](const char* name, const char* header, int data, const char* word) {
            QTest::newRow(name) << QByteArray(header) << data << QByteArray(word);
        };
        const auto tensor = [](const char* dtype, const char* shape, const char* offsets) {
            return QByteArray("{\"a\": {\"dtype\": \"") + dtype + "\", \"shape\": " + shape
                + ", \"data_offsets\": " + offsets + "}}";
        };
        row("no object", "[]", 0, "not a JSON object");
        row("broken", "{", 0, "damaged");
        row("no offsets", "{\"a\": {\"dtype\": \"F32\", \"shape\": []}}", 4, "lacks");
        row("unknown dtype", tensor("F7", "[1]", "[0, 4]"), 4, "F7");
        row("past the end", tensor("F32", "[2]", "[0, 8]"), 4, "past the end");
        row("backwards", tensor("F32", "[0]", "[4, 0]"), 4, "past the end");
        row("other size", tensor("F32", "[2]", "[0, 4]"), 4, "another size");
        row("negative", tensor("F32", "[-1]", "[0, 4]"), 4, "impossible shape");
        row("overflow", tensor("F32", "[4611686018427387904, 4]", "[0, 0]"), 0, "impossible shape");
        row("overflow beside a zero",
            tensor("F32", "[0, 4611686018427387904, 4611686018427387904]", "[0, 0]"), 0,
            "impossible shape");
        row("a gap", tensor("F32", "[1]", "[4, 8]"), 8, "does not start");
        row("bytes left", tensor("F32", "[1]", "[0, 4]"), 8, "belong to no tensor");
        row("twice", "{\"a\": {}, \"a\": {}}", 0, "twice");
    }

    void refusesWhatIsDamaged()
    {
        QFETCH(const QByteArray, header);
        QFETCH(const int, data);
        QFETCH(const QByteArray, word);
        QByteArray said;
        try {
            decode_safetensors(file(header.toStdString(), size_t(data)));
        } catch (const CheckpointError& error) {
            said = error.what();
        }
        QVERIFY2(said.contains(word), said.constData());
    }

    void survivesMutations()
    {
        auto weights = StateTree::ordered_dict();
        weights.set("net.0.weight", at::arange(12, at::kFloat).reshape({3, 4}));
        weights.set("net.0.bias", at::arange(3, at::kDouble));
        const auto whole = encoded(weights);
        std::mt19937 random(7);
        int refused = 0;
        constexpr int count = 5000;
        for (int i = 0; i < count; ++i) {
            try {
                decode_safetensors(test::mutated(whole, random));
            } catch (const CheckpointError&) {
                ++refused;
            }
        }
        QVERIFY(refused > count / 4); // and nothing but CheckpointError came
    }
};

LEYDEN_TEST(TestSafetensors)
} // namespace tst_safetensors

#include "tst_safetensors.moc"
