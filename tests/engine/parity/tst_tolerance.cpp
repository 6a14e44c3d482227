// SPDX-License-Identifier: GPL-3.0-or-later
// How near recorded numbers have to be where a CPU rounds another way.
#include "tests/support/recorded_cpu.h"
#include "tests/support/test_program.h"
#include "tests/support/torch_reference.h"

#include <QTest>

#include <limits>

namespace tst_tolerance {
using namespace leyden::test;
using leyden::Json;

namespace {

constexpr auto nan = std::numeric_limits<double>::quiet_NaN();

Json hexOf(const at::Tensor& tensor)
{
    return QByteArray(static_cast<const char*>(tensor.const_data_ptr()), qsizetype(tensor.nbytes()))
        .toHex()
        .toStdString();
}

bool isAlike(const at::Tensor& found, const at::Tensor& recorded, const Tolerance& tolerance)
{
    return difference(found, hexOf(recorded), tolerance).isEmpty();
}

} // namespace

class TestTolerance final : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void isAssertClosesForTheDtype_data()
    {
        QTest::addColumn<int>("dtype");
        QTest::addColumn<double>("allowed"); // from 1: absolute and relative together
        QTest::newRow("float32") << int(at::kFloat) << 1.13e-5;
        QTest::newRow("float64") << int(at::kDouble) << 2e-7;
        QTest::newRow("bfloat16") << int(at::kBFloat16) << 1.601e-2;
        QTest::newRow("float16") << int(at::kHalf) << 1.01e-3;
    }

    void isAssertClosesForTheDtype()
    {
        QFETCH(const int, dtype);
        QFETCH(const double, allowed);
        const auto once = tolerance_of(at::ScalarType(dtype), Computed::Once);
        QVERIFY(once.accepts(1 + 0.99 * allowed, 1));
        QVERIFY(!once.accepts(1 + 1.01 * allowed, 1));
        QVERIFY(!once.is_bitwise());
        const auto in_steps = tolerance_of(at::ScalarType(dtype), Computed::InSteps);
        QVERIFY(in_steps.accepts(1 + 9.9 * allowed, 1));
        QVERIFY(!in_steps.accepts(1 + 10.1 * allowed, 1));
    }

    void isOfTheLargestElementAfterSteps()
    {
        const auto recorded = at::tensor({0.001, 100.0}, at::kFloat);
        const auto off = [&](double by) { return at::tensor({0.001 + by, 100.0}, at::kFloat); };
        const auto once = tolerance_of(at::kFloat, Computed::Once);
        const auto in_steps = tolerance_of(at::kFloat, Computed::InSteps);
        QVERIFY(isAlike(off(1e-3), recorded, in_steps));
        QVERIFY(!isAlike(off(2e-3), recorded, in_steps));
        QVERIFY(isAlike(off(9e-6), recorded, once));
        QVERIFY(!isAlike(off(1e-4), recorded, once));
    }

    void isToTheLastBitOnSuchACpu()
    {
        const auto recorded = at::tensor({0.0, 1.0}, at::kFloat);
        QVERIFY(isAlike(recorded, recorded, Tolerance()));
        QVERIFY(!isAlike(at::tensor({-0.0, 1.0}, at::kFloat), recorded, Tolerance()));
        QVERIFY(!isAlike(at::tensor({0.0, 1.0000001}, at::kFloat), recorded, Tolerance()));
        QVERIFY(!Tolerance().accepts(1.0000001, 1));
    }

    void takesNoNumberThatIsNotFinite()
    {
        const auto recorded = at::tensor({0.0, 1.0}, at::kFloat);
        for (const auto& tolerance : {any_number, tolerance_of(at::kHalf, Computed::InSteps)}) {
            QVERIFY(!tolerance.accepts(nan, 1));
            QVERIFY(!isAlike(at::tensor({0.0, nan}, at::kFloat), recorded, tolerance));
        }
        QVERIFY(isAlike(at::tensor({-7.0, 1e9}, at::kFloat), recorded, any_number));
        QVERIFY(!isAlike(at::tensor({0.0}, at::kFloat), recorded, any_number));
    }
};
LEYDEN_TEST(TestTolerance)
} // namespace tst_tolerance

#include "tst_tolerance.moc"
