// SPDX-License-Identifier: GPL-3.0-or-later
// Fits with the callbacks that a config can name, against those that
// tests/lightning/record_callbacks.py recorded of PyTorch Lightning: rows, checkpoints' parts,
// weights and hooks, bit for bit where this CPU rounds as the recorded one. And the same fits
// interrupted at every point and resumed, against those that never stopped.
#include "tests/support/callback_case.h"
#include "tests/support/recorded_cpu.h"
#include "tests/support/test_program.h"

#include <QDir>
#include <QFile>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

#include <ATen/Context.h>

namespace tst_recorded_callbacks {
using leyden::Json;
using namespace leyden::test;

namespace {

struct Reference
{
    QByteArray origin; ///< "recorded" or "live"
    QString callback;
    bool is_bitwise = false;
    Json cases;
};

void readReferences(
    const QString& folder, const QByteArray& origin, std::vector<Reference>& references)
{
    const QDir dir(folder);
    for (const auto& name : dir.entryList({QStringLiteral("*.json")}, QDir::Files)) {
        QFile file(dir.filePath(name));
        if (!file.open(QIODevice::ReadOnly))
            qFatal("%s: cannot be read", qPrintable(file.fileName()));
        auto document = Json::parse(file.readAll().toStdString());
        const bool isBitwise
            = origin == "live" || leyden::test::is_recorded_on_such_a_cpu(document);
        references.push_back({origin, name.chopped(5), isBitwise, std::move(document.at("cases"))});
    }
}

} // namespace

class TestRecordedCallbacks final : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase()
    {
        readReferences(
            QStringLiteral(LEYDEN_SOURCE_DIR "/tests/data/callbacks"), "recorded", m_references);
        QVERIFY2(!m_references.empty(), "there are no recorded callbacks");
        const auto python = qEnvironmentVariable("LEYDEN_REFERENCE_PYTHON");
        if (python.isEmpty())
            return;
        QTemporaryDir folder;
        QCOMPARE(QProcess::execute(python,
                     {QStringLiteral(LEYDEN_SOURCE_DIR "/tests/lightning/record_callbacks.py"),
                         QStringLiteral("--output"), folder.path()}),
            0);
        readReferences(folder.path(), "live", m_references);
    }

    void givesLightningsNumbers_data() { addRows(true); }

    void givesLightningsNumbers()
    {
        QFETCH(const int, reference);
        QFETCH(const int, index);
        const auto& [origin, callback, isBitwise, cases] = m_references[size_t(reference)];
        const auto& recorded = cases[size_t(index)];
        QTemporaryDir folder;
        CaseOptions options;
        options.folder = folder.path().toStdString();
        const auto run = run_case(recorded, std::move(options));
        const auto tolerance
            = isBitwise ? Tolerance() : tolerance_of(at::kFloat, Computed::InSteps);
        QCOMPARE(difference_from_lightning(run, recorded, tolerance), QByteArray());
        if (recorded.contains("error"))
            QVERIFY2(run.error.find("c10") == std::string::npos
                    && run.error.find('\n') == std::string::npos,
                run.error.c_str());
        ++m_agreed[isBitwise];
    }

    void goesOnAsIfItHadNotStopped_data() { addRows(false); }

    void goesOnAsIfItHadNotStopped()
    {
        QFETCH(const int, reference);
        QFETCH(const int, index);
        const auto& recorded = m_references[size_t(reference)].cases[size_t(index)];
        QTemporaryDir folder;
        QCOMPARE(difference_when_resumed(recorded, folder.path().toStdString(), &m_resumed),
            QByteArray());
    }

    void cleanupTestCase()
    {
        qInfo("agreed with Lightning: %d fits bit for bit, %d to a tolerance; %d resumed fits "
              "equal those "
              "that did not stop",
            m_agreed[1], m_agreed[0], m_resumed);
    }

private:
    void addRows(bool withErrors) const
    {
        QTest::addColumn<int>("reference");
        QTest::addColumn<int>("index");
        for (size_t i = 0; i < m_references.size(); ++i) {
            const auto& [origin, callback, isBitwise, cases] = m_references[i];
            for (size_t j = 0; j < cases.size(); ++j) {
                if (!withErrors && (cases[j].contains("error") || origin == "live"))
                    continue;
                if (!withErrors && callback == QLatin1String("throughput_monitor"))
                    continue; // a resumed run measures its speed anew
                if (withErrors && callback == QLatin1String("early_stopping")
                    && cases[j].at("name") == "min_epochs")
                    continue; // Differs: a stop below the minimum is taken back
                const auto name = origin + ": " + callback.toUtf8() + ": "
                    + QByteArray::fromStdString(cases[j].at("name").get<std::string>());
                QTest::newRow(name.constData()) << int(i) << int(j);
            }
        }
    }

    std::vector<Reference> m_references;
    int m_agreed[2] = {};
    int m_resumed = 0;
};
LEYDEN_TEST(TestRecordedCallbacks)
} // namespace tst_recorded_callbacks

#include "tst_recorded_callbacks.moc"
