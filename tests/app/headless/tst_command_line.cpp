// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/app/headless/leyden_program.h"
#include "tests/support/test_program.h"

#include <QDir>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

namespace tst_command_line {
using leyden::test::LeydenInNewFolder;
using leyden::test::words;

/// The verbs, as a user calls them.
class TestCommandLine final : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init() { QVERIFY(m_leyden.renew()); }

    void everyPresetPassesCheck_data()
    {
        QTest::addColumn<QString>("name");
        const auto files = QDir(QStringLiteral(LEYDEN_SOURCE_DIR "/presets"))
                               .entryList({QStringLiteral("*.json")});
        for (const auto& file : files) {
            if (file != QLatin1String("index.json"))
                QTest::newRow(qPrintable(file)) << file.chopped(5);
        }
    }

    void everyPresetPassesCheck()
    {
        QFETCH(const QString, name);
        const auto result = m_leyden.run(
            {QStringLiteral("check"), QStringLiteral("--preset"), name, QStringLiteral("--json")});
        QVERIFY2(result.exitCode == 0, result.errors.constData());
        const auto report = QJsonDocument::fromJson(result.output).object();
        QVERIFY(report[QStringLiteral("parameters")].toInt() > 0);
        QVERIFY(report[QStringLiteral("data")][QStringLiteral("train_rows")].toInt() > 100);
        const auto list = QJsonDocument::fromJson(
            m_leyden.run({QStringLiteral("presets"), QStringLiteral("--json")}).output)
                              .array();
        const bool isListed = std::any_of(list.begin(), list.end(),
            [&](const auto& entry) { return entry[QStringLiteral("name")].toString() == name; });
        QVERIFY(isListed);
    }

    void writesARunFolder()
    {
        QCOMPARE(m_leyden.run(irisFit()).exitCode, 0);
        QCOMPARE(m_leyden.run(irisFit()).exitCode, 0);
        const QDir runs(m_leyden.filePath(QStringLiteral("runs/iris-linear")));
        QCOMPARE(runs.entryList(QDir::Dirs | QDir::NoDotAndDotDot),
            QStringList({QStringLiteral("version_0"), QStringLiteral("version_1")}));
        const auto place = QStringLiteral("runs/iris-linear/version_0/");
        for (const auto* file :
            {"config.json", "metrics.csv", "hparams.yaml", "run.json", "events.jsonl", "log.txt"})
            QVERIFY2(QFile::exists(m_leyden.filePath(place + QLatin1String(file))), file);
        const auto run
            = QJsonDocument::fromJson(m_leyden.read(place + QStringLiteral("run.json"))).object();
        QCOMPARE(run[QStringLiteral("state")].toString(), QStringLiteral("finished"));
        QCOMPARE(run[QStringLiteral("exit_code")].toInt(-1), 0);
        QCOMPARE(run[QStringLiteral("schema")].toInt(), 1);
        QVERIFY(run[QStringLiteral("metrics")][QStringLiteral("val_loss")].isDouble());
        QVERIFY(m_leyden.read(place + QStringLiteral("metrics.csv")).startsWith("epoch,step,"));
        // The config that was written gives the same run.
        QCOMPARE(m_leyden
                     .run({QStringLiteral("fit"), QStringLiteral("--config"),
                         place + QStringLiteral("config.json"), QStringLiteral("--run_dir=again")})
                     .exitCode,
            0);
        QCOMPARE(m_leyden.read(QStringLiteral("again/metrics.csv")),
            m_leyden.read(place + QStringLiteral("metrics.csv")));
    }

    void printsAConfigThatGivesTheSameRun()
    {
        const auto printed
            = m_leyden.run(irisFit() + QStringList{QStringLiteral("--print_config")});
        QCOMPARE(printed.exitCode, 0);
        QVERIFY(!QDir(m_leyden.filePath(QStringLiteral("runs"))).exists());
        QVERIFY(m_leyden.write(QStringLiteral("printed.json"), printed.output));
        QCOMPARE(m_leyden.run(irisFit() + QStringList{QStringLiteral("--run_dir=a")}).exitCode, 0);
        QCOMPARE(m_leyden
                     .run({QStringLiteral("fit"), QStringLiteral("--config"),
                         QStringLiteral("printed.json"), QStringLiteral("--run_dir=b")})
                     .exitCode,
            0);
        QVERIFY(!m_leyden.read(QStringLiteral("a/metrics.csv")).isEmpty());
        QCOMPARE(m_leyden.read(QStringLiteral("a/metrics.csv")),
            m_leyden.read(QStringLiteral("b/metrics.csv")));
    }

    void refusesARunDirThatHoldsARun()
    {
        const auto fit = irisFit() + QStringList{QStringLiteral("--run_dir=a")};
        QCOMPARE(m_leyden.run(fit).exitCode, 0);
        const auto second = m_leyden.run(fit);
        QCOMPARE(second.exitCode, 2);
        QVERIFY2(second.errors.contains("--ckpt_path last"), second.errors.constData());
        QCOMPARE(m_leyden
                     .run(fit
                         + QStringList{QStringLiteral("--ckpt_path=last"),
                             QStringLiteral("--trainer.max_epochs=4")})
                     .exitCode,
            0);
        QCOMPARE(m_leyden
                     .run(irisFit()
                         + QStringList{QStringLiteral("--trainer.max_epochs=4"),
                             QStringLiteral("--run_dir=whole")})
                     .exitCode,
            0);
        QCOMPARE(m_leyden.read(QStringLiteral("a/metrics.csv")),
            m_leyden.read(QStringLiteral("whole/metrics.csv")));
    }

    void startsAfreshWhereThereIsNoCheckpoint()
    {
        const auto result = m_leyden.run(irisFit(false)
            + QStringList{QStringLiteral("--run_dir=a"), QStringLiteral("--ckpt_path=last")});
        QVERIFY2(result.exitCode == 0, result.errors.constData());
        QVERIFY2(result.errors.contains("starts afresh"), result.errors.constData());
    }

    void evaluatesTheBestCheckpoint()
    {
        QCOMPARE(m_leyden.run(irisFit()).exitCode, 0);
        const auto validated = m_leyden.run({QStringLiteral("validate"), QStringLiteral("--preset"),
            QStringLiteral("iris-linear"), QStringLiteral("--ckpt_path"), QStringLiteral("best")});
        QVERIFY2(validated.exitCode == 0, validated.errors.constData());
        QVERIFY(validated.output.contains("Validate metric"));
        QVERIFY(validated.output.contains("val_acc"));
        const auto predicted = m_leyden.run({QStringLiteral("predict"), QStringLiteral("--preset"),
            QStringLiteral("iris-linear"), QStringLiteral("--ckpt_path"), QStringLiteral("best"),
            QStringLiteral("--output=p.csv")});
        QVERIFY2(predicted.exitCode == 0, predicted.errors.constData());
        // a header and 150 flowers
        QCOMPARE(m_leyden.read(QStringLiteral("p.csv")).count('\n'), 151);
    }

    void numbersPredictionsAsTheFileDoes()
    {
        QVERIFY(m_leyden.write(
            QStringLiteral("gaps.csv"), "x,y\n1,a\n,b\n2,a\n3,b\n,a\n4,b\n5,a\n6,b\n"));
        QByteArray config
            = "{'model': 'MLP', 'data': {'class_path': 'CSVData', 'init_args': {'path': "
              "'gaps.csv', 'target': 'y', "
              "'missing': 'drop'}}, 'optimizer': 'SGD', 'trainer': {'max_epochs': 1}}";
        QVERIFY(m_leyden.write(QStringLiteral("c.json"), config.replace('\'', '"')));
        const auto predicted
            = m_leyden.run({QStringLiteral("predict"), QStringLiteral("--config=c.json")});
        QVERIFY2(predicted.exitCode == 0, predicted.errors.constData());
        QVERIFY2(predicted.errors.contains("random first weights"), predicted.errors.constData());
        QList<QByteArray> numbers;
        for (const auto& line : m_leyden.read(QStringLiteral("predictions.csv")).split('\n'))
            numbers << line.split(',').first();
        QCOMPARE(numbers, QList<QByteArray>({"row", "1", "3", "4", "6", "7", "8", ""}));
    }

    void inspectsACheckpoint()
    {
        QCOMPARE(m_leyden.run(irisFit() + QStringList{QStringLiteral("--run_dir=a")}).exitCode, 0);
        const auto file = QDir(m_leyden.filePath(QStringLiteral("a/checkpoints")))
                              .entryList(QDir::Files)
                              .first();
        const auto result = m_leyden.run({QStringLiteral("inspect"),
            QStringLiteral("a/checkpoints/") + file, QStringLiteral("--json")});
        QVERIFY2(result.exitCode == 0, result.errors.constData());
        const auto tree = QJsonDocument::fromJson(result.output).object();
        QVERIFY(
            tree[QStringLiteral("state_dict")].toObject().contains(QStringLiteral("net.0.weight")));
        QVERIFY(tree[QStringLiteral("global_step")].toInt() > 0);
    }

    void saysWhereTwoCheckpointsDiffer()
    {
        const auto file = [this](const QString& run) {
            const QDir folder(m_leyden.filePath(run + QStringLiteral("/checkpoints")));
            return folder.filePath(folder.entryList(QDir::Files).first());
        };
        for (const auto* run : {"a", "again"})
            QCOMPARE(
                m_leyden
                    .run(irisFit() + QStringList{QStringLiteral("--run_dir=") + QLatin1String(run)})
                    .exitCode,
                0);
        QCOMPARE(m_leyden
                     .run(irisFit()
                         + QStringList{QStringLiteral("--run_dir=b"),
                             QStringLiteral("--optimizer.init_args.lr=0.5")})
                     .exitCode,
            0);
        const auto compare = [&](const QString& other, const QStringList& more = {}) {
            return m_leyden.run(
                QStringList{QStringLiteral("inspect"), file(QStringLiteral("a")), other} + more);
        };
        const auto first = file(QStringLiteral("a"));
        QCOMPARE(compare(first).output, QByteArray("the two hold the same\n"));

        const auto again = QJsonDocument::fromJson(
            compare(file(QStringLiteral("again")), {QStringLiteral("--json")}).output)
                               .array();
        for (const auto& each : again) { // only what names the folder and the time
            const auto place = each.toObject()[QStringLiteral("place")].toString();
            QVERIFY2(!place.startsWith(QLatin1String("state_dict"))
                    && !place.startsWith(QLatin1String("optimizer_states")),
                qPrintable(place));
        }

        const auto other = compare(file(QStringLiteral("b")));
        QVERIFY2(other.exitCode == 0, other.errors.constData());
        QVERIFY2(other.output.contains("optimizer_states/0/param_groups/0/lr\n"),
            other.output.constData());
        QVERIFY2(other.output.contains("state_dict/net.0.weight\n"), other.output.constData());
        QVERIFY2(other.output.contains(" of 12 elements differ, by "), other.output.constData());

        const auto weights = m_leyden.filePath(QStringLiteral("a.safetensors"));
        QCOMPARE(
            m_leyden
                .run({QStringLiteral("export"), QStringLiteral("--ckpt_path"), first,
                    QStringLiteral("--format=safetensors"), QStringLiteral("--output"), weights})
                .exitCode,
            0);
        const auto against = compare(weights).output;
        QVERIFY2(against.contains("global_step\n") && against.contains("(not there)"),
            against.constData());
        QVERIFY2(!against.contains("state_dict/"), against.constData());
        QVERIFY(m_leyden.run({QStringLiteral("inspect"), first, QStringLiteral("nowhere.ckpt")})
                    .exitCode
            != 0);
    }

    void tellsPlainLinesWhereThereIsNoTerminal()
    {
        const auto loud = m_leyden.run(
            {QStringLiteral("fit"), QStringLiteral("--preset"), QStringLiteral("iris-linear"),
                QStringLiteral("--trainer.max_epochs=2"), QStringLiteral("--run_dir=a")});
        QCOMPARE(loud.exitCode, 0);
        QVERIFY(!loud.errors.contains('\r') && !loud.errors.contains('\x1b'));
        QVERIFY(loud.errors.contains("val_loss="));
        QVERIFY(loud.errors.contains("Total params"));
        QVERIFY(loud.output.isEmpty());
        const auto quiet = m_leyden.run(irisFit()
            + QStringList{
                QStringLiteral("--trainer.log_every_n_steps=1"), QStringLiteral("--run_dir=b")});
        QVERIFY2(quiet.errors.isEmpty(), quiet.errors.constData());
    }

    void listsWhatAConfigCanName_data()
    {
        QTest::addColumn<QString>("what");
        QTest::addColumn<QString>("name");
        QTest::newRow("models") << QStringLiteral("models") << QStringLiteral("MLP");
        QTest::newRow("data") << QStringLiteral("data") << QStringLiteral("CSVData");
        QTest::newRow("optimizers") << QStringLiteral("optimizers") << QStringLiteral("AdamW");
        QTest::newRow("lr_schedulers")
            << QStringLiteral("lr_schedulers") << QStringLiteral("CosineAnnealingLR");
        QTest::newRow("callbacks")
            << QStringLiteral("callbacks") << QStringLiteral("EarlyStopping");
        QTest::newRow("precisions") << QStringLiteral("precisions") << QStringLiteral("bf16-mixed");
        QTest::newRow("loggers") << QStringLiteral("loggers") << QStringLiteral("CSVLogger");
        QTest::newRow("strategies")
            << QStringLiteral("strategies") << QStringLiteral("single_device");
    }

    void listsWhatAConfigCanName()
    {
        QFETCH(const QString, what);
        QFETCH(const QString, name);
        QVERIFY(m_leyden.run({QStringLiteral("list"), what}).output.contains(name.toUtf8()));
        const auto list = QJsonDocument::fromJson(
            m_leyden.run({QStringLiteral("list"), what, QStringLiteral("--json")}).output);
        QVERIFY(list.isArray() && !list.array().isEmpty());
    }

    void helps()
    {
        const auto help = m_leyden.run({QStringLiteral("--help")});
        QCOMPARE(help.exitCode, 0);
        QVERIFY2(help.errors.isEmpty(), help.errors.constData());
        for (const auto* verb : {"fit", "validate", "test", "predict", "check", "tune", "inspect",
                 "export", "import", "schema", "list", "presets"})
            QVERIFY2(
                help.output.contains("\n  " + QByteArray(verb) + "  "), help.output.constData());
        QVERIFY2(help.output.contains("Validate a config and say what would run"),
            help.output.constData());

        const auto fit = m_leyden.run(words("fit --help"));
        QCOMPARE(fit.exitCode, 0);
        for (const auto* option : {"--config", "--preset", "--run_dir", "--trace", "--print_config",
                 "--quiet", "--verbose", "--no_color"})
            QVERIFY2(
                fit.output.contains("\n  " + QByteArray(option) + " "), fit.output.constData());
        QVERIFY2(fit.output.contains("\n  --trainer.max_epochs (a whole number"),
            fit.output.constData());
        QVERIFY2(fit.output.contains("\n  --trainer.gradient_clip_val ("), fit.output.constData());
        // not what one sets first
        QVERIFY2(!fit.output.contains("--trainer.detect_anomaly"), fit.output.constData());
        QVERIFY2(fit.output.contains("'leyden list trainer'"), fit.output.constData());
        QVERIFY2(fit.output.contains("--ckpt_path last"), fit.output.constData());
        // these take no dotted names
        for (const auto* verb : {"inspect", "schema", "list", "presets"})
            QVERIFY2(!m_leyden.run({QLatin1String(verb), QStringLiteral("--help")})
                         .output.contains("dotted"),
                verb);
    }

    void listsTheOptionsOfTheTrainer()
    {
        const auto text = m_leyden.run(words("list trainer"));
        QCOMPARE(text.exitCode, 0);
        const auto list
            = QJsonDocument::fromJson(m_leyden.run(words("list trainer --json")).output).array();
        QVERIFY(list.size() > 40);
        for (const auto& option : list) {
            const auto name = option.toObject()[QStringLiteral("name")].toString();
            QVERIFY2(text.output.contains("\n  " + name.toUtf8() + " ("), qPrintable(name));
        }
        QVERIFY2(text.output.contains("\n  detect_anomaly ("), text.output.constData());
    }

    void saysThatStandardOutputIsFull_data()
    {
        QTest::addColumn<QString>("call");
        for (const auto* call :
            {"--help", "fit --help", "--version", "schema", "presets", "list optimizers",
                "check --preset iris-linear", "fit --preset iris-linear --print_config"})
            QTest::newRow(call) << QString::fromLatin1(call);
    }

    void saysThatStandardOutputIsFull()
    {
        QFETCH(const QString, call);
        const auto result = m_leyden.shell(QStringLiteral("\"$LEYDEN\" %1 > /dev/full").arg(call));
        QCOMPARE(result.exitCode, 3);
        QCOMPARE(result.errors,
            QByteArray("error: standard output cannot be written: No space left on device\n"));
    }

    void tellsWhatItNoticedInTheData()
    {
        // "c" stands in the validation rows alone.
        QVERIFY(m_leyden.write(QStringLiteral("d.csv"),
            "x,t,y\n1,a,0\n2,b,1\n3,a,0\n4,b,1\n5,a,0\n6,b,1\n7,c,1\n8,a,0\n"));
        QVERIFY(m_leyden.write(QStringLiteral("c.json"),
            QByteArray("{'model': 'MLP', 'data': {'class_path': 'CSVData', 'init_args': {'path': "
                       "'d.csv', 'target': 'y', "
                       "'val_rows': 2}}, 'optimizer': 'SGD', 'trainer': {'max_epochs': 1}}")
                .replace('\'', '"')));
        const QByteArray noticed
            = "line 8, column \"t\": \"c\" does not occur in the training rows";
        const auto check = m_leyden.run(words("check --config c.json --json"));
        QCOMPARE(check.exitCode, 0);
        const auto report = QJsonDocument::fromJson(check.output);
        QVERIFY2(report.isObject(), check.output.constData());
        QCOMPARE(report[QStringLiteral("warnings")].toArray().size(), 1);
        QVERIFY2(report[QStringLiteral("warnings")][0].toString().toUtf8().contains(noticed),
            check.output.constData());
        QVERIFY2(check.errors.startsWith("warning: ") && check.errors.contains(noticed),
            check.errors.constData());

        const auto tune
            = m_leyden.run(words("tune batch_size --config c.json --max_trials=2 --json"));
        QVERIFY2(tune.exitCode == 0, tune.errors.constData());
        QVERIFY2(QJsonDocument::fromJson(tune.output).isObject(), tune.output.constData());
        QVERIFY2(tune.errors.contains(noticed), tune.errors.constData());

        const auto fit = m_leyden.run(
            words("fit --config c.json --run_dir run --trainer.log_every_n_steps=1"));
        QVERIFY2(fit.exitCode == 0, fit.errors.constData());
        QVERIFY2(fit.output.isEmpty(), fit.output.constData());
        QCOMPARE(fit.errors.count(noticed), 1);
        const auto run = QJsonDocument::fromJson(m_leyden.read(QStringLiteral("run/run.json")));
        QCOMPARE(run[QStringLiteral("warnings")].toArray().size(), 1);
        QVERIFY(run[QStringLiteral("warnings")][0].toString().toUtf8().contains(noticed));
        QCOMPARE(m_leyden.read(QStringLiteral("run/log.txt")).count(noticed), 1);
    }

    void looksForThePathsOfAValueInTheWorkingFolder()
    {
        QVERIFY(m_leyden.write(QStringLiteral("ok.csv"), "x,y\n1,0\n2,1\n3,0\n4,1\n5,0\n6,1\n"));
        const auto result = m_leyden.run({QStringLiteral("check"),
            QStringLiteral("--preset=iris-linear"),
            QStringLiteral(
                "--data={'class_path': 'CSVData', 'init_args': {'path': 'ok.csv', 'target': 'y'}}")
                .replace(u'\'', u'"')});
        QVERIFY2(result.exitCode == 0, result.errors.constData());
    }

private:
    static QStringList irisFit(bool quiet = true)
    {
        QStringList arguments{QStringLiteral("fit"), QStringLiteral("--preset"),
            QStringLiteral("iris-linear"), QStringLiteral("--trainer.max_epochs=2"),
            QStringLiteral("--trainer.log_every_n_steps=5")};
        if (quiet)
            arguments << QStringLiteral("--quiet");
        return arguments;
    }

    LeydenInNewFolder m_leyden;
};
LEYDEN_TEST(TestCommandLine)
} // namespace tst_command_line

#include "tst_command_line.moc"
