// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/app/headless/leyden_program.h"
#include "tests/support/test_program.h"

#include <QDir>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

namespace tst_paths_and_words {
using leyden::test::LeydenInNewFolder;
using leyden::test::words;

/// How a value of the command line or of a config is meant: "~", URLs, words for switches.
class TestPathsAndWords final : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init() { QVERIFY(m_leyden.renew()); }

    // "~" ------------------------------------------------------------------------------------------
    void writesIntoTheHomeFolder_data()
    {
        QTest::addColumn<QString>("arguments");
        QTest::addColumn<QString>("file");
        QTest::newRow("dirpath") << callback("ModelCheckpoint", "\"dirpath\": \"~/ck\"")
                                 << QStringLiteral("ck/epoch=0-step=8.ckpt");
        QTest::newRow("default_root_dir")
            << QStringLiteral("--trainer.logger=true --trainer.default_root_dir=~/root")
            << QStringLiteral("root/lightning_logs/version_0/metrics.csv");
        QTest::newRow("save_dir") << QStringLiteral("--trainer.logger.0.init_args.save_dir=~/logs")
                                  << QStringLiteral("logs/iris-linear/version_0/metrics.csv");
        QTest::newRow("the home folder itself")
            << QStringLiteral("--trainer.logger.0.init_args.save_dir=~")
            << QStringLiteral("iris-linear/version_0/metrics.csv");
        QTest::newRow("run_dir") << QStringLiteral("--run_dir=~/run")
                                 << QStringLiteral("run/run.json");
        QTest::newRow("trace") << QStringLiteral("--trace=~/t.jsonl") << QStringLiteral("t.jsonl");
        QTest::newRow("profiler") << QStringLiteral(
            "--trainer.profiler='{\"class_path\": \"SimpleProfiler\", "
            "\"init_args\": {\"dirpath\": \"~/times\"}}'")
                                  << QStringLiteral("times/fit.txt");
        QTest::newRow("a local URL")
            << callback("ModelCheckpoint", "\"dirpath\": \"file://$HOME/ck\"")
            << QStringLiteral("ck/epoch=0-step=8.ckpt");
    }
    void writesIntoTheHomeFolder()
    {
        QFETCH(const QString, arguments);
        QFETCH(const QString, file);
        const auto result = m_leyden.shell(
            QStringLiteral("mkdir home; HOME=\"$PWD/home\"; export HOME; \"$LEYDEN\" fit --preset "
                           "iris-linear --trainer.max_epochs=1 ")
            + arguments);
        QVERIFY2(result.exitCode == 0, result.errors.constData());
        QVERIFY2(QFile::exists(m_leyden.filePath(QStringLiteral("home/") + file)),
            result.errors.constData());
        QVERIFY(!QFile::exists(m_leyden.filePath(QStringLiteral("~"))));
    }

    /// A pipe has no folder, so the data's path is one of the working directory.
    void readsAConfigFromAPipe_data()
    {
        QTest::addColumn<QString>("call");
        QTest::newRow("a pipe") << QStringLiteral(
            "cat c.yaml | \"$LEYDEN\" check --config /dev/stdin");
        QTest::newRow("a file as standard input")
            << QStringLiteral("\"$LEYDEN\" check --config /dev/stdin < c.yaml");
        QTest::newRow("a named pipe") << QStringLiteral(
            "mkdir p; mkfifo p/c; cat c.yaml > p/c & \"$LEYDEN\" check --config p/c");
    }
    void readsAConfigFromAPipe()
    {
        QFETCH(const QString, call);
        const auto result = m_leyden.shell(
            QStringLiteral("printf 'a,y\\n1,p\\n2,q\\n3,p\\n4,q\\n5,p\\n6,q\\n' > d.csv; "
                           "echo 'model: MLP\noptimizer: SGD\n"
                           "data: {class_path: CSVData, init_args: {path: d.csv, target: y}}\n"
                           "trainer: {max_epochs: 1}' > c.yaml; ")
            + call);
        QVERIFY2(result.exitCode == 0, result.errors.constData());
    }

    void readsFromTheHomeFolder()
    {
        const auto result = m_leyden.shell(QStringLiteral(
            "mkdir home; HOME=\"$PWD/home\"; export HOME; cd home; "
            "printf 'a,y\\n1,p\\n2,q\\n3,p\\n4,q\\n5,p\\n6,q\\n' > d.csv; "
            "echo '{\"model\": \"MLP\", \"optimizer\": \"SGD\", \"data\": {\"class_path\": "
            "\"CSVData\", \"init_args\": {\"path\": \"~/d.csv\", \"target\": \"y\"}}, "
            "\"trainer\": {\"max_epochs\": 1}}' > c.json; cd ..; "
            "\"$LEYDEN\" fit --config=~/c.json --run_dir=~/run && "
            "\"$LEYDEN\" check --config=~/c.json --data.init_args.path=~/d.csv && "
            "\"$LEYDEN\" validate --config=~/c.json "
            "--ckpt_path=~/run/checkpoints/epoch=0-step=1.ckpt && "
            "\"$LEYDEN\" inspect '~/run/checkpoints/epoch=0-step=1.ckpt' && "
            "\"$LEYDEN\" export --ckpt_path=~/run/checkpoints/epoch=0-step=1.ckpt "
            "--format safetensors --output=~/w.safetensors && "
            "\"$LEYDEN\" import '~/w.safetensors' --output=~/w.pt && test -f home/w.pt && "
            "\"$LEYDEN\" predict --config=~/c.json --run_dir=~/run --ckpt_path last && "
            "test -f home/run/predictions.csv && ! test -e predictions.csv"));
        QVERIFY2(result.exitCode == 0, result.errors.constData());
    }
    void refusesToReadFromAUrl()
    {
        const auto result
            = m_leyden.run(words("fit --preset iris-linear --ckpt_path s3://b/x.ckpt"));
        QCOMPARE(result.exitCode, 2);
        QVERIFY2(
            result.errors.contains("expected a file on this machine; nothing is read from a URL"),
            result.errors.constData());
    }

    // URLs -----------------------------------------------------------------------------------------
    void refusesUrls_data()
    {
        QTest::addColumn<QString>("arguments");
        QTest::newRow("dirpath") << callback("ModelCheckpoint", "\"dirpath\": \"s3://bucket/x\"");
        QTest::newRow("dirpath of a link")
            << callback("ModelCheckpoint", "\"dirpath\": \"memory://x\", \"save_last\": \"link\"");
        QTest::newRow("OnExceptionCheckpoint")
            << callback("OnExceptionCheckpoint", "\"dirpath\": \"gs://bucket\"");
        QTest::newRow("default_root_dir")
            << QStringLiteral("--trainer.default_root_dir=hdfs://host/x");
        QTest::newRow("save_dir") << QStringLiteral(
            "--trainer.logger.0.init_args.save_dir=https://host/x");
        QTest::newRow("run_dir") << QStringLiteral("--run_dir=s3://bucket/run");
        QTest::newRow("trace") << QStringLiteral("--trace s3://bucket/t.jsonl");
    }
    void refusesUrls()
    {
        QFETCH(const QString, arguments);
        const auto result = m_leyden.shell(
            QStringLiteral("\"$LEYDEN\" fit --preset iris-linear --trainer.max_epochs=1 ")
            + arguments);
        QVERIFY2(result.exitCode == 2, result.errors.constData());
        QVERIFY2(
            result.errors.contains("expected a path on this machine; nothing is written to a URL"),
            result.errors.constData());
        QVERIFY(QDir(m_leyden.folder).isEmpty());
    }

    // Words ----------------------------------------------------------------------------------------
    void takesYamlsWordsForSwitches_data()
    {
        QTest::addColumn<QString>("word");
        QTest::addColumn<bool>("value");
        for (const auto* on : {"True", "true", "TRUE", "yes", "Yes", "on", "ON"})
            QTest::newRow(on) << QString::fromLatin1(on) << true;
        for (const auto* off : {"False", "false", "no", "No", "NO", "off"})
            QTest::newRow(off) << QString::fromLatin1(off) << false;
    }
    void takesYamlsWordsForSwitches()
    {
        QFETCH(const QString, word);
        QFETCH(const bool, value);
        auto arguments = words("fit --preset iris-linear --print_config")
            + QStringList{QStringLiteral("--trainer.callbacks.1.init_args.save_last=") + word,
                QStringLiteral("--trainer.fast_dev_run=") + word,
                QStringLiteral("--model.init_args.batch_norm"), word};
        const bool isJson = word == QLatin1String("true") || word == QLatin1String("false");
        if (!isJson)
            arguments += QStringLiteral("--data.init_args.target=") + word;
        const auto result = m_leyden.run(arguments);
        QVERIFY2(result.exitCode == 0, result.errors.constData());
        const auto config = QJsonDocument::fromJson(result.output).object();
        const auto trainer = config[QStringLiteral("trainer")];
        QCOMPARE(trainer[QStringLiteral("callbacks")][1][QStringLiteral("init_args")]
                        [QStringLiteral("save_last")],
            QJsonValue(value));
        QCOMPARE(trainer[QStringLiteral("fast_dev_run")], QJsonValue(value));
        QCOMPARE(config[QStringLiteral("model")][QStringLiteral("init_args")]
                       [QStringLiteral("batch_norm")],
            QJsonValue(value));
        if (!isJson)
            QCOMPARE(config[QStringLiteral("data")][QStringLiteral("init_args")]
                           [QStringLiteral("target")],
                QJsonValue(word)); // a column's name stays text
    }

    void refusesOtherWordsForSwitches_data()
    {
        QTest::addColumn<QString>("word");
        for (const auto* word : {"tRUE", "y", "maybe", "yess"})
            QTest::newRow(word) << QString::fromLatin1(word);
    }
    void refusesOtherWordsForSwitches()
    {
        QFETCH(const QString, word);
        const auto result = m_leyden.run(words("check --preset iris-linear")
            + QStringList{QStringLiteral("--trainer.callbacks.1.init_args.save_last=") + word,
                QStringLiteral("--trainer.detect_anomaly=") + word});
        QCOMPARE(result.exitCode, 2);
        QVERIFY2(result.errors.contains("/trainer/callbacks/1/init_args/save_last: found"),
            result.errors.constData());
        QVERIFY2(
            result.errors.contains("/trainer/detect_anomaly: found"), result.errors.constData());
    }

    void advisesNoStrategyThatIsRefused()
    {
        const auto result
            = m_leyden.run(words("check --preset iris-linear --trainer.strategy=adp"));
        QCOMPARE(result.exitCode, 2);
        QVERIFY2(!result.errors.contains("did you mean"), result.errors.constData());
        QVERIFY2(result.errors.contains("\"ddp\" is not available yet"), result.errors.constData());
        const auto near = m_leyden.run(words("check --preset iris-linear --trainer.strategy=aut"));
        QVERIFY2(near.errors.contains("did you mean \"auto\"?"), near.errors.constData());
    }

    // predict --------------------------------------------------------------------------------------
    void predictsIntoTheFolderThatItNames()
    {
        const auto monitor
            = words("--trainer.callbacks=[{\"class_path\":\"ThroughputMonitor\",\"init_args\":"
                    "{\"window_size\":2}}] --trainer.log_every_n_steps=1");
        const auto fit = words("fit --preset iris-linear --trainer.max_epochs=1 --quiet "
                               "--run_dir first");
        QCOMPARE(m_leyden.run(fit).exitCode, 0);
        const auto result = m_leyden.run(words("predict --preset iris-linear --run_dir rr "
                                               "--ckpt_path first/checkpoints/epoch=0-step=8.ckpt")
            + monitor);
        QVERIFY2(result.exitCode == 0, result.errors.constData());
        QVERIFY2(result.errors.contains("run folder: rr"), result.errors.constData());
        QVERIFY2(
            result.errors.contains("predictions: rr/predictions.csv"), result.errors.constData());
        QVERIFY(QFile::exists(m_leyden.filePath(QStringLiteral("rr/run.json"))));
        QVERIFY(QFile::exists(m_leyden.filePath(QStringLiteral("rr/predictions.csv"))));
        QVERIFY2(m_leyden.read(QStringLiteral("rr/metrics.csv")).contains("predict/batches"),
            m_leyden.read(QStringLiteral("rr/metrics.csv")).constData());
        QVERIFY(!QFile::exists(m_leyden.filePath(QStringLiteral("predictions.csv"))));
    }

    void writesPredictionsAsTorchDoes()
    {
        QCOMPARE(
            m_leyden.run(words("fit --preset iris-linear --trainer.max_epochs=1 --quiet")).exitCode,
            0);
        const auto result = m_leyden.run(
            words("predict --preset iris-linear --ckpt_path best "
                  "--trainer.callbacks=[{\"class_path\":\"PredictionWriter\",\"init_args\":"
                  "{\"output_dir\":\"out\",\"write_interval\":\"batch_and_epoch\"}}]"));
        QVERIFY2(result.exitCode == 0, result.errors.constData());
        const QDir out(m_leyden.filePath(QStringLiteral("out")));
        QCOMPARE(out.entryList(QDir::Files),
            QStringList({QStringLiteral("batch_indices.pt"), QStringLiteral("predictions.pt")}));
        QCOMPARE(QDir(out.filePath(QStringLiteral("0"))).entryList(QDir::Files).size(), 10); // 150
    }

    // Several ModelPruning -------------------------------------------------------------------------
    void aSecondPruningTakesOfWhatTheFirstLeft()
    {
        const auto result = m_leyden.run(
            words("fit --preset digits-mlp --trainer.max_epochs=1 "
                  "--model.init_args.hidden_sizes=[16] "
                  "--trainer.callbacks=[{\"class_path\":\"ModelPruning\",\"init_args\":"
                  "{\"pruning_fn\":\"l1_unstructured\",\"amount\":0.5,\"parameter_names\":"
                  "[\"weight\"],\"verbose\":1}},{\"class_path\":\"ModelPruning\",\"init_args\":"
                  "{\"pruning_fn\":\"l1_unstructured\",\"amount\":0.25,\"parameter_names\":"
                  "[\"weight\"],\"verbose\":1}}]"));
        QVERIFY2(result.exitCode == 0, result.errors.constData());
        QVERIFY2(
            result.errors.contains("0 (0.00%) -> 592 (50.00%) of 1184"), result.errors.constData());
        QVERIFY2(result.errors.contains("592 (50.00%) -> 740 (62.50%) of 1184"), // as Lightning
            result.errors.constData());
    }

private:
    static QString callback(const char* name, const char* options)
    {
        return QStringLiteral("--trainer.callbacks=\"[{\\\"class_path\\\": \\\"%1\\\", "
                              "\\\"init_args\\\": {%2}}]\"")
            .arg(QLatin1String(name),
                QString::fromLatin1(options).replace(u'"', QStringLiteral("\\\"")));
    }

    LeydenInNewFolder m_leyden;
};
LEYDEN_TEST(TestPathsAndWords)
} // namespace tst_paths_and_words

#include "tst_paths_and_words.moc"
