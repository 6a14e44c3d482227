// SPDX-License-Identifier: GPL-3.0-or-later
// The files that ModelCheckpoint leaves behind, against those of PyTorch Lightning: names, to the
// last digit where this CPU rounds as the recorded one, and the steps that each holds.
#include "engine/checkpoint/checkpoint_file.h"
#include "engine/config/json.h"
#include "engine/core/file_system.h"
#include "engine/core/state_tree.h"
#include "tests/engine/parity/file_names.h"
#include "tests/engine/parity/run_program.h"
#include "tests/support/recorded_cpu.h"
#include "tests/support/test_program.h"

#include <nlohmann/json.hpp>

#include <QDir>
#include <QDirIterator>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include <map>
#include <string>

namespace tst_checkpoint_names {
using leyden::Json;
using namespace leyden::test;

namespace {

constexpr int timeoutMs = 60'000;

Json recordedDocument()
{
    QFile file(
        QStringLiteral(LEYDEN_SOURCE_DIR "/tests/data/checkpoint_names/model_checkpoint.json"));
    if (!file.open(QIODevice::ReadOnly))
        qFatal("%s: cannot be read", qPrintable(file.fileName()));
    return Json::parse(file.readAll().toStdString());
}

bool isLast(const std::string& name)
{
    return name.find("/last") != std::string::npos;
}

using Files = std::map<std::string, Json>; // in the order of names

/// Optimizer steps that each checkpoint holds; null for an empty file. Lightning's `last` may be an
/// older state than the newest one, ours is not: its steps are not compared.
Files filesBelow(const QString& folder)
{
    Files files;
    for (QDirIterator entries(
             folder, {QStringLiteral("*.ckpt")}, QDir::Files, QDirIterator::Subdirectories);
        entries.hasNext();) {
        const auto path = entries.next();
        const auto name = QDir(folder).relativeFilePath(path).toStdString();
        Json steps;
        if (entries.fileInfo().size() > 0) {
            const auto checkpoint
                = leyden::load_checkpoint_file(leyden::FileSystem::local(), path.toStdString());
            steps = isLast(name) ? Json("newest") : Json(checkpoint.at("global_step").to_int());
        }
        files[name] = std::move(steps);
    }
    return files;
}

/// "checkpoints/epoch=1-val_loss=0.2.ckpt, steps 8"
QStringList linesOf(const Files& files)
{
    QStringList lines;
    for (const auto& [name, steps] : files)
        lines << QString::fromStdString(name + ", steps " + steps.dump());
    return lines;
}

} // namespace

class TestCheckpointNames final : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void areLightnings_data()
    {
        QTest::addColumn<int>("index");
        for (size_t i = 0; i < m_cases.size(); ++i)
            QTest::newRow(m_cases[i].at("name").get<std::string>().c_str()) << int(i);
    }

    void areLightnings()
    {
        QFETCH(const int, index);
        const auto& recorded = m_cases[size_t(index)];
        const QTemporaryDir folder;
        QVERIFY(QDir(folder.path()).mkpath(QStringLiteral("run/checkpoints")));
        for (const auto& name : recorded.at("before")) {
            QFile file(folder.filePath(QStringLiteral("run/checkpoints/")
                + QString::fromStdString(name.get<std::string>())));
            QVERIFY(file.open(QIODevice::WriteOnly));
        }
        QFile config(folder.filePath(QStringLiteral("config.json")));
        QVERIFY(config.open(QIODevice::WriteOnly));
        config.write(QByteArray::fromStdString(recorded.at("config").dump()));
        config.close();
        const auto run = leyden::test::runProgram(QStringLiteral(LEYDEN_BINARY_DIR "/bin/leyden"),
            {QStringLiteral("fit"), QStringLiteral("--config=config.json"),
                QStringLiteral("--run_dir=run"), QStringLiteral("--quiet")},
            folder.path(), timeoutMs);
        QVERIFY(run.hasEnded);
        if (recorded.contains("refused")) {
            QVERIFY2(run.exitCode != 0, "Lightning refuses this, and here it ran");
            ++m_agreed;
            return;
        }
        QVERIFY2(run.exitCode == 0, qPrintable(run.output));
        Files expected;
        for (const auto& [name, steps] : recorded.at("files").items())
            expected[name] = isLast(name) && !steps.is_null() ? Json("newest") : steps;
        const auto found = filesBelow(folder.filePath(QStringLiteral("run")));
        QCOMPARE(nameDifference(linesOf(found), linesOf(expected), m_tolerance), QString());
        ++m_agreed;
    }

    void areOneApartFromDigitsOfMetrics_data()
    {
        QTest::addColumn<QString>("found");
        QTest::addColumn<QString>("expected");
        QTest::addColumn<bool>("isSame");
        const auto row = [](const char* found, const char* expected, bool isSame) {
            QTest::addRow("%s for %s", found, expected)
                << QString::fromLatin1(found) << QString::fromLatin1(expected) << isSame;
        };
        row("loss=0.2236657291650772", "loss=0.2236657142639160", true);
        row("loss=0.2246657291650772", "loss=0.2236657142639160", false);
        row("loss=0.33", "loss=0.34", true);
        row("loss=0.33", "loss=0.35", false);
        row("loss=2.2e-01", "loss=2.3e-01", true);
        row("loss=2.2e-01", "loss=2.2e-02", false);
        row("loss=+000.224", "loss=+000.225", true);
        row("acc=0.9_loss=0.3", "loss=0.9_acc=0.3", false);
        row("loss=0.33-v1", "loss=0.33", false);
        row("epoch=2-loss=0.33", "epoch=3-loss=0.34", true); // nearly a tie
        row("epoch=2-loss=0.33", "epoch=3-loss=0.44", false);
        row("epoch=2", "epoch=3", false);
        row("epoch=2, steps 12", "epoch=2, steps 16", false);
    }

    void areOneApartFromDigitsOfMetrics()
    {
        QFETCH(const QString, found);
        QFETCH(const QString, expected);
        QFETCH(const bool, isSame);
        const auto tolerance = tolerance_of(at::kFloat, Computed::InSteps);
        QCOMPARE(isSameName(found, expected, tolerance), isSame);
        QVERIFY(!isSameName(found, expected, Tolerance()));
        QVERIFY(isSameName(expected, expected, Tolerance()));
    }

    void eachNameIsUsedOnce()
    {
        const auto tolerance = tolerance_of(at::kFloat, Computed::InSteps);
        const QStringList two{QStringLiteral("a=0.20"), QStringLiteral("a=0.21")};
        const QStringList one{QStringLiteral("a=0.21")};
        QCOMPARE(namesFor(two, two, tolerance), two);
        QVERIFY(nameDifference(two, two, tolerance).isEmpty());
        QVERIFY(!nameDifference(one, two, tolerance).isEmpty());
        QVERIFY(!nameDifference(two, one, tolerance).isEmpty());
    }

    void cleanupTestCase()
    {
        qInfo("file names agreed: %d of %zu configs, with those that are refused", m_agreed,
            m_cases.size());
    }

private:
    const Json m_document = recordedDocument();
    const Json m_cases = m_document.at("cases");
    const Tolerance m_tolerance = is_recorded_on_such_a_cpu(m_document)
        ? Tolerance()
        : tolerance_of(at::kFloat, Computed::InSteps);
    int m_agreed = 0;
};
LEYDEN_TEST(TestCheckpointNames)
} // namespace tst_checkpoint_names

#include "tst_checkpoint_names.moc"
