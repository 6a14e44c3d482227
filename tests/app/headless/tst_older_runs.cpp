// SPDX-License-Identifier: GPL-3.0-or-later
// Run folders, checkpoints and configs of older versions open, and resume to where an uncut run ended.
#include "engine/checkpoint/checkpoint_file.h"
#include "engine/config/json.h"
#include "engine/core/file_system.h"
#include "tests/app/headless/leyden_program.h"
#include "tests/support/recorded_cpu.h"
#include "tests/support/test_program.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/allclose.h>
#include <nlohmann/json.hpp>

#include <QDir>
#include <QDirIterator>
#include <QFileInfo>
#include <QTest>

namespace tst_older_runs {
using leyden::StateTree;
using leyden::test::Computed;
using leyden::test::LeydenInNewFolder;
using leyden::test::Tolerance;

namespace {
const auto recorded = QStringLiteral(LEYDEN_SOURCE_DIR "/tests/data/version_0.1");

QString copied(const QString& from, const QString& to)
{
    QDirIterator it(from, QDir::Files, QDirIterator::Subdirectories);
    while (it.hasNext()) {
        const auto file = it.next();
        const auto target = to + file.mid(from.size());
        if (!QDir().mkpath(QFileInfo(target).path()) || !QFile::copy(file, target))
            qFatal("%s: cannot be copied", qPrintable(file));
    }
    return to;
}

QByteArray read(const QString& file)
{
    QFile in(file);
    return in.open(QIODevice::ReadOnly) ? in.readAll() : QByteArray();
}
} // namespace

class TestOlderRuns final : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase()
    {
        m_isSuchACpu = leyden::test::is_recorded_on_such_a_cpu(
            leyden::Json::parse(read(recorded + QStringLiteral("/head.json")).toStdString()));
    }
    void init() { QVERIFY(m_leyden.renew()); }

    void resumesAsThoughItHadNotBeenCutOff_data()
    {
        QTest::addColumn<QString>("name");
        for (const auto& name : QDir(recorded).entryList(QDir::Dirs | QDir::NoDotAndDotDot))
            QTest::newRow(qPrintable(name)) << name;
    }
    void resumesAsThoughItHadNotBeenCutOff()
    {
        QFETCH(const QString, name);
        const auto place = recorded + u'/' + name;
        const auto folder
            = copied(place + QStringLiteral("/cut"), m_leyden.filePath(QStringLiteral("run")));
        const auto resumed = m_leyden.run({QStringLiteral("fit"), QStringLiteral("--config"),
            place + QStringLiteral("/config.json"), QStringLiteral("--run_dir"), folder,
            QStringLiteral("--ckpt_path"), QStringLiteral("last"), QStringLiteral("--quiet")});
        QVERIFY2(resumed.exitCode == 0, resumed.errors.constData());
        if (m_isSuchACpu)
            QCOMPARE(read(folder + QStringLiteral("/metrics.csv")),
                read(place + QStringLiteral("/whole.csv")));
        const auto found = load(folder + QStringLiteral("/checkpoints/last.ckpt"));
        const auto expected = load(place + QStringLiteral("/whole.ckpt"));
        QCOMPARE(found.at("global_step").to_int(), expected.at("global_step").to_int());
        compare(found.at("state_dict"), expected.at("state_dict"), "state_dict");
        compare(found.at("optimizer_states"), expected.at("optimizer_states"), "optimizer_states");
        QVERIFY(m_tensors > 0);
    }

    void opensTheirFolders_data() { resumesAsThoughItHadNotBeenCutOff_data(); }
    void opensTheirFolders()
    {
        QFETCH(const QString, name);
        const auto place = recorded + u'/' + name;
        const auto folder
            = copied(place + QStringLiteral("/cut"), m_leyden.filePath(QStringLiteral("run")));
        for (const char* verb : {"validate", "predict"}) {
            const auto evaluated = m_leyden.run({QString::fromLatin1(verb),
                QStringLiteral("--config"), place + QStringLiteral("/config.json"),
                QStringLiteral("--run_dir"), folder, QStringLiteral("--ckpt_path"),
                folder + QStringLiteral("/checkpoints/last.ckpt")});
            QVERIFY2(evaluated.exitCode == 0, evaluated.errors.constData());
        }
        const auto inspected = m_leyden.run(
            {QStringLiteral("inspect"), folder + QStringLiteral("/checkpoints/last.ckpt")});
        QVERIFY2(inspected.exitCode == 0, inspected.errors.constData());
    }

private:
    static StateTree load(const QString& file)
    {
        return leyden::load_checkpoint_file(leyden::FileSystem::local(), file.toStdString());
    }

    /// Bit for bit where the recording machine rounds as this one, else as far as rounding goes.
    void compare(const StateTree& found, const StateTree& expected, const std::string& place)
    {
        QCOMPARE(found.is_tensor(), expected.is_tensor());
        if (expected.is_tensor()) {
            const auto ours = found.tensor();
            const auto theirs = expected.tensor();
            QVERIFY2(
                ours.dtype() == theirs.dtype() && ours.sizes() == theirs.sizes(), place.c_str());
            const auto far = leyden::test::tolerance_of(ours.scalar_type(), Computed::InSteps);
            QVERIFY2(m_isSuchACpu
                    ? ours.equal(theirs)
                    : at::allclose(ours, theirs, far.relative, far.absolute, /*equal_nan=*/true),
                place.c_str());
            ++m_tensors;
        }
        if (!expected.is_dict() && !expected.is_list())
            return;
        QCOMPARE(found.size(), expected.size());
        for (size_t i = 0; i < expected.size(); ++i)
            if (expected.is_list())
                compare(found.items()[i], expected.items()[i], place + "/" + std::to_string(i));
            else
                compare(found.entries()[i].second, expected.entries()[i].second,
                    place + "/" + std::to_string(i));
    }

    LeydenInNewFolder m_leyden;
    bool m_isSuchACpu = false;
    int m_tensors = 0;
};

LEYDEN_TEST(TestOlderRuns)
} // namespace tst_older_runs

#include "tst_older_runs.moc"
