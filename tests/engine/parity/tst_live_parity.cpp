// SPDX-License-Identifier: GPL-3.0-or-later
// Randomly drawn configs and a preset, run by leyden and by PyTorch Lightning on this machine: the
// numbers have to agree bit for bit, and every hook has to come in the same order.
#include "tests/engine/parity/run_program.h"
#include "tests/support/test_program.h"

#include <ATen/Context.h>

#include <QFile>
#include <QTemporaryDir>
#include <QTest>

namespace tst_live_parity {
namespace {

constexpr int timeoutMs = 1'100'000;
const QString sourceDir = QStringLiteral(LEYDEN_SOURCE_DIR);

} // namespace

class TestLiveParity final : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase()
    {
        m_python = qEnvironmentVariable("LEYDEN_REFERENCE_PYTHON");
        if (m_python.isEmpty())
            QSKIP("LEYDEN_REFERENCE_PYTHON names no Python with PyTorch Lightning");
    }

    void agreesWithLightning_data()
    {
        QTest::addColumn<QStringList>("chosen");
        const auto seed = leyden::test::seedOfDraws();
        QTest::newRow("drawn configs") << QStringList{
            QStringLiteral("--seed"), seed, QStringLiteral("--count"), QStringLiteral("20")};
        QTest::newRow("drawn configs on a GPU")
            << QStringList{QStringLiteral("--seed"), seed, QStringLiteral("--count"),
                   QStringLiteral("20"), QStringLiteral("--accelerator"), QStringLiteral("cuda")};
        QTest::newRow("digits-mlp")
            << QStringList{QStringLiteral("--config"), QStringLiteral("digits-mlp.json")};
    }

    void agreesWithLightning()
    {
        QFETCH(const QStringList, chosen);
        if (chosen.contains(QStringLiteral("cuda")) && !at::globalContext().hasCUDA())
            QSKIP("needs a CUDA device");
        const auto arguments
            = QStringList{sourceDir + QStringLiteral("/tests/lightning/differential.py"),
                  QStringLiteral("--leyden"), QStringLiteral(LEYDEN_BINARY_DIR "/bin/leyden")}
            + chosen;
        QTemporaryDir folder;
        QVERIFY(writePreset(folder.filePath(QStringLiteral("digits-mlp.json"))));
        const auto result = leyden::test::runProgram(m_python, arguments, folder.path(), timeoutMs);
        const auto report
            = result.output + QStringLiteral("again: %1 %2").arg(m_python, arguments.join(u' '));
        qInfo().noquote() << report;
        QVERIFY2(result.hasEnded && result.exitCode == 0, qPrintable(report));
    }

    /// Fits that one of the two begins and the other ends.
    void goesOnWithCheckpointsOfTheOther()
    {
        QTemporaryDir folder;
        const auto result = leyden::test::runProgram(m_python,
            {sourceDir + QStringLiteral("/tests/lightning/round_trip.py"),
                QStringLiteral("--leyden"), QStringLiteral(LEYDEN_BINARY_DIR "/bin/leyden")},
            folder.path(), timeoutMs);
        qInfo().noquote() << result.output;
        QVERIFY2(result.hasEnded && result.exitCode == 0, qPrintable(result.output));
    }

private:
    /// The preset, but for last.ckpt: ours is always the newest, Lightning's is that of the last
    /// best.
    static bool writePreset(const QString& path)
    {
        QFile preset(sourceDir + QStringLiteral("/presets/digits-mlp.json"));
        QFile copy(path);
        if (!preset.open(QIODevice::ReadOnly) || !copy.open(QIODevice::WriteOnly))
            return false;
        auto text = preset.readAll();
        const auto length = text.size();
        text.replace(", \"save_last\": true", "");
        return text.size() < length && copy.write(text) == text.size();
    }

    QString m_python;
};
LEYDEN_TEST(TestLiveParity)
} // namespace tst_live_parity

#include "tst_live_parity.moc"
