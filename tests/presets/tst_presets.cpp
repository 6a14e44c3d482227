// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/config/run_config.h"
#include "engine/core/errors.h"
#include "engine/trainer/builtin_registry.h"
#include "tests/support/test_program.h"

#include <QDir>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

namespace tst_presets {
using namespace leyden;

namespace {

const QDir presetFolder(QStringLiteral(LEYDEN_SOURCE_DIR "/presets"));

QByteArray contentOf(const QString& path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

QStringList presetNames()
{
    QStringList names;
    for (const auto& file : presetFolder.entryList({QStringLiteral("*.json")}, QDir::Files)) {
        if (file != QLatin1String("index.json"))
            names += file.chopped(int(qstrlen(".json")));
    }
    return names;
}

/// The best value in a column of a metrics.csv; NaN where there is none.
double best(const QByteArray& csv, const QByteArray& column, bool isLarger)
{
    const auto lines = csv.trimmed().split('\n');
    const auto idx = lines.first().trimmed().split(',').indexOf(column);
    double found = qQNaN();
    for (qsizetype i = 1; idx >= 0 && i < lines.size(); ++i) {
        bool isNumber = false;
        const double value = lines[i].trimmed().split(',').value(idx).toDouble(&isNumber);
        if (isNumber && (qIsNaN(found) || (isLarger ? value > found : value < found)))
            found = value;
    }
    return found;
}

} // namespace

class TestPresets final : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void indexHasOneEntryForEachFile()
    {
        QStringList indexed;
        const auto index = QJsonDocument::fromJson(
            contentOf(presetFolder.filePath(QStringLiteral("index.json"))));
        for (const auto& value : index.array()) {
            const auto entry = value.toObject();
            for (const auto* key : {"name", "title", "summary", "data"})
                QVERIFY(!entry.value(QLatin1String(key)).toString().isEmpty());
            QVERIFY(entry.value(QLatin1String("seconds")).toDouble() > 0.0);
            indexed += entry.value(QLatin1String("name")).toString();
        }
        indexed.sort();
        QCOMPARE(indexed, presetNames());
    }

    void holdsARunConfigWithoutProblems_data() { rows(); }

    void holdsARunConfigWithoutProblems()
    {
        QFETCH(const QString, name);
        const auto file = presetFolder.filePath(name + QStringLiteral(".json"));
        RunConfig config;
        try {
            config = load_run_config(file.toStdString(), {}, builtin_registry(),
                {presetFolder.path().toStdString(), LEYDEN_SOURCE_DIR "/resources"});
        } catch (const Error& error) {
            QFAIL(error.what());
        }
        const auto document = QJsonDocument::fromJson(contentOf(file)).object();
        const auto logger = document.value(QLatin1String("trainer"))[QLatin1String("logger")][0];
        QCOMPARE(logger[QLatin1String("init_args")][QLatin1String("name")].toString(), name);
    }

    void trainsToTheQualityItPromises_data()
    {
        QTest::addColumn<QString>("name");
        QTest::addColumn<QByteArray>("metric");
        QTest::addColumn<double>("atLeast");
        QTest::addColumn<double>("atMost");
        QTest::addColumn<QStringList>("more");
        QTest::newRow("digits") << QStringLiteral("digits-mlp") << QByteArray("val_acc") << 0.95
                                << 1.0 << QStringList();
        QTest::newRow("iris") << QStringLiteral("iris-linear") << QByteArray("val_acc") << 0.9
                              << 1.0 << QStringList();
        QTest::newRow("penguins") << QStringLiteral("penguins-mlp") << QByteArray("val_acc") << 0.95
                                  << 1.0 << QStringList();
        // the target's own standard deviation is 77
        QTest::newRow("diabetes") << QStringLiteral("diabetes-regression") << QByteArray("val_rmse")
                                  << 40.0 << 60.0 << QStringList();
        // likewise 3989; the first two of its epochs are enough to see that it learns
        QTest::newRow("diamonds") << QStringLiteral("diamonds-mlp") << QByteArray("val_rmse")
                                  << 400.0 << 1000.0
                                  << QStringList{QStringLiteral("--trainer.max_epochs=2")};
    }

    void trainsToTheQualityItPromises()
    {
        QFETCH(const QString, name);
        QFETCH(const QByteArray, metric);
        QFETCH(const double, atLeast);
        QFETCH(const double, atMost);
        QFETCH(const QStringList, more);
        const QTemporaryDir folder;
        QProcess leyden;
        leyden.start(QStringLiteral(LEYDEN_BINARY_DIR "/bin/leyden"),
            QStringList{QStringLiteral("fit"), QStringLiteral("--preset"), name,
                QStringLiteral("--run_dir"), folder.filePath(QStringLiteral("run"))}
                + more);
        QVERIFY(leyden.waitForFinished(90'000));
        QVERIFY2(leyden.exitStatus() == QProcess::NormalExit && leyden.exitCode() == 0,
            leyden.readAllStandardError().constData());

        const double value = best(contentOf(folder.filePath(QStringLiteral("run/metrics.csv"))),
            metric, metric == "val_acc");
        QVERIFY2(value >= atLeast && value <= atMost, QByteArray::number(value).constData());
    }

private:
    static void rows()
    {
        QTest::addColumn<QString>("name");
        for (const auto& name : presetNames())
            QTest::newRow(qPrintable(name)) << name;
    }
};

LEYDEN_TEST(TestPresets)
} // namespace tst_presets

#include "tst_presets.moc"
