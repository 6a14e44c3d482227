// SPDX-License-Identifier: GPL-3.0-or-later
// Values of Trainer arguments that Lightning takes though one might expect a refusal (specification
// 1.2): `leyden fit` takes them too, and makes the calls that
// tests/lightning/record_accepted_values.py recorded. Not among them is accumulate_grad_batches =
// 1.5: Lightning takes it for a window of one and of two batches in turn, which nobody can mean,
// and says nothing; it is refused with a sentence.
#include "tests/app/headless/leyden_program.h"
#include "tests/support/test_program.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTemporaryDir>
#include <QTest>

namespace tst_accepted_values {
using leyden::test::LeydenProgram;

namespace {

QJsonArray recordedCases()
{
    QFile file(QStringLiteral(LEYDEN_SOURCE_DIR "/tests/data/accepted_values.json"));
    return file.open(QIODevice::ReadOnly)
        ? QJsonDocument::fromJson(file.readAll()).object().value(QLatin1String("cases")).toArray()
        : QJsonArray();
}

/// How often each call stands in a trace, and logged rows under "log".
QJsonObject callsOf(const QByteArray& trace)
{
    QJsonObject calls;
    for (const auto& line : trace.split('\n')) {
        const auto event = QJsonDocument::fromJson(line).object();
        const auto call = event.contains(QLatin1String("log"))
            ? QStringLiteral("log")
            : event.value(QLatin1String("call")).toString();
        if (!call.isEmpty())
            calls[call] = calls.value(call).toInt() + 1;
    }
    return calls;
}

} // namespace

class TestAcceptedValues final : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void runsAsLightningDoes_data()
    {
        QTest::addColumn<QJsonObject>("recorded");
        const auto cases = recordedCases();
        QVERIFY2(!cases.isEmpty(), "no recorded cases");
        for (const auto& one : cases)
            QTest::newRow(qPrintable(one.toObject().value(QLatin1String("name")).toString()))
                << one.toObject();
    }

    void runsAsLightningDoes()
    {
        QFETCH(const QJsonObject, recorded);
        QTemporaryDir folder;
        const LeydenProgram leyden{folder.path()};
        QVERIFY(leyden.write(QStringLiteral("c.json"), configText(recorded)));
        const auto result = leyden.run({QStringLiteral("fit"), QStringLiteral("--config"),
            QStringLiteral("c.json"), QStringLiteral("--run_dir"), QStringLiteral("run"),
            QStringLiteral("--trace"), QStringLiteral("t.jsonl")});
        QVERIFY2(result.hasEnded && result.exitCode == 0, result.errors.constData());
        const auto calls = callsOf(leyden.read(QStringLiteral("t.jsonl")));
        const auto text = [](const QJsonObject& object) {
            return QJsonDocument(object).toJson(QJsonDocument::Compact);
        };
        QCOMPARE(text(calls), text(recorded.value(QLatin1String("calls")).toObject()));
    }

private:
    /// QJson writes 2.0 as 2, which is another value here: the Trainer's arguments go as they were
    /// recorded.
    static QByteArray configText(const QJsonObject& recorded)
    {
        auto config = recorded.value(QLatin1String("config")).toObject();
        config[QLatin1String("trainer")] = QStringLiteral("TRAINER");
        auto arguments = recorded.value(QLatin1String("trainer")).toString().toUtf8();
        return QJsonDocument(config).toJson().replace("\"TRAINER\"", arguments);
    }
};
LEYDEN_TEST(TestAcceptedValues)
} // namespace tst_accepted_values

#include "tst_accepted_values.moc"
