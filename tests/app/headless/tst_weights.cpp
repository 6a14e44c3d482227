// SPDX-License-Identifier: GPL-3.0-or-later
// `leyden export` and `leyden import`, and weights of other programs under --ckpt_path.
#include "engine/checkpoint/checkpoint_file.h"
#include "tests/app/headless/leyden_program.h"
#include "tests/support/test_program.h"

#include <QDir>
#include <QTemporaryDir>
#include <QTest>

#include <string>
#include <utility>

namespace tst_weights {
using leyden::test::LeydenProgram;
using leyden::test::words;

class TestWeights final : public QObject
{
    Q_OBJECT

private:
    /// Runs the script beside this test with the real readers; its errors, "" where all is well.
    QByteArray inPython(const QStringList& arguments) const
    {
        QProcess process;
        process.setWorkingDirectory(m_folder.path());
        process.start(m_python,
            QStringList{
                QStringLiteral(LEYDEN_SOURCE_DIR "/tests/app/headless/weights_elsewhere.py")}
                + arguments);
        if (!process.waitForFinished(120000))
            return "it did not end";
        const auto errors = process.readAllStandardError();
        return process.exitCode() == 0
            ? QByteArray()
            : errors + " exit code " + QByteArray::number(process.exitCode());
    }

    QTemporaryDir m_folder;
    LeydenProgram m_leyden;
    QString m_python;

private Q_SLOTS:
    void initTestCase()
    {
        m_python = qEnvironmentVariable("LEYDEN_REFERENCE_PYTHON");
        m_leyden.folder = m_folder.path();
        const auto fit
            = m_leyden.run(words("fit --preset iris-linear --run_dir run --trainer.max_epochs=2 "
                                 "--model.init_args.hidden_sizes=[8,5]"));
        QVERIFY2(fit.exitCode == 0, fit.errors.constData());
        const auto files = QDir(m_folder.filePath(QStringLiteral("run/checkpoints")))
                               .entryList({QStringLiteral("*.ckpt")});
        QVERIFY(!files.isEmpty());
        QVERIFY(QFile::copy(m_folder.filePath(QStringLiteral("run/checkpoints/")) + files.first(),
            m_folder.filePath(QStringLiteral("m.ckpt"))));
        for (const auto* format : {"safetensors", "state_dict", "torchscript"}) {
            const auto exported
                = m_leyden.run({QStringLiteral("export"), QStringLiteral("--ckpt_path"),
                    QStringLiteral("m.ckpt"), QStringLiteral("--format"), QLatin1String(format),
                    QStringLiteral("--output"), QStringLiteral("m.") + QLatin1String(format)});
            QVERIFY2(exported.exitCode == 0, exported.errors.constData());
            QVERIFY2(
                exported.errors.contains("6 tensors, 103 numbers"), exported.errors.constData());
        }
    }

    void otherProgramsReadThem()
    {
        if (m_python.isEmpty())
            QSKIP("LEYDEN_REFERENCE_PYTHON names no Python with torch and safetensors");
        QCOMPARE(inPython(words("compare m.ckpt m.safetensors m.state_dict m.torchscript")),
            QByteArray());
    }

    void theirWeightsBecomeOurs_data()
    {
        QTest::addColumn<QString>("file");
        QTest::newRow("of PyTorch") << QStringLiteral("theirs.pt");
        QTest::newRow("of safetensors") << QStringLiteral("theirs.safetensors");
    }

    void theirWeightsBecomeOurs()
    {
        if (m_python.isEmpty())
            QSKIP("LEYDEN_REFERENCE_PYTHON names no Python with torch and safetensors");
        QFETCH(const QString, file);
        QCOMPARE(inPython(words("make m.ckpt .")), QByteArray());
        QVERIFY(m_leyden.write(
            QStringLiteral("names.json"), "{\"backbone.layers.\": \"net.\", \"extra\": null}"));
        const auto imported = m_leyden.run(
            {QStringLiteral("import"), file, QStringLiteral("--map"), QStringLiteral("names.json"),
                QStringLiteral("--output"), QStringLiteral("imported.ckpt")});
        QVERIFY2(imported.exitCode == 0, imported.errors.constData());
        QCOMPARE(inPython(words("same m.ckpt imported.ckpt")), QByteArray());
    }

    /// A model of another layout, whose training goes on here.
    void theirTrainingGoesOn()
    {
        QVERIFY(m_leyden.write(QStringLiteral("away.json"), R"({"net.": "model."})"));
        QVERIFY(m_leyden.write(QStringLiteral("home.json"), R"({"model.": "net."})"));
        for (const auto* line : {"import m.ckpt --map away.json --output away.ckpt",
                 "import away.ckpt --map home.json --output home.ckpt"}) {
            const auto imported = m_leyden.run(words(line));
            QVERIFY2(imported.exitCode == 0, imported.errors.constData());
        }
        const auto same = m_leyden.run(words("inspect m.ckpt home.ckpt"));
        QVERIFY2(same.output.contains("the two hold the same"), same.output.constData());
        const auto fit = QStringLiteral("fit --preset iris-linear --trainer.max_epochs=3 "
                                        "--model.init_args.hidden_sizes=[8,5] --ckpt_path ");
        const auto refused = m_leyden.run(words(qPrintable(fit + QStringLiteral("away.ckpt"))));
        QVERIFY2(refused.exitCode == 3 && refused.errors.contains("unexpected model.0"),
            refused.errors.constData());
        const auto trained = m_leyden.run(words(qPrintable(fit + QStringLiteral("home.ckpt"))));
        QVERIFY2(trained.exitCode == 0, trained.errors.constData());
    }

    void inspectSurvivesAConfigWithoutEnd()
    {
        auto& files = leyden::FileSystem::local();
        auto state = leyden::load_checkpoint_file(
            files, m_folder.filePath(QStringLiteral("m.ckpt")).toStdString());
        auto own = state.at("leyden");
        own.set("config", "{\"a\": " + std::string(200000, '[') + std::string(200000, ']') + "}");
        state.set("leyden", std::move(own));
        leyden::save_checkpoint_file(
            files, m_folder.filePath(QStringLiteral("deep.ckpt")).toStdString(), state);
        const auto shown = m_leyden.run(words("inspect deep.ckpt"));
        QVERIFY2(
            shown.exitCode == 0 && shown.output.contains("config: \"{"), shown.errors.constData());
    }

    void exportsAModelWhoseTableIsGone()
    {
        QVERIFY(QFile::copy(QStringLiteral(LEYDEN_SOURCE_DIR "/resources/datasets/iris.csv"),
            m_folder.filePath(QStringLiteral("mine.csv"))));
        const auto fit
            = m_leyden.run(words("fit --preset iris-linear --run_dir moved --trainer.max_epochs=1 "
                                 "--data.init_args.path=mine.csv"));
        QVERIFY2(fit.exitCode == 0, fit.errors.constData());
        QVERIFY(QFile::remove(m_folder.filePath(QStringLiteral("mine.csv"))));
        const auto exported = m_leyden.run(words("export --ckpt_path moved/checkpoints/last.ckpt "
                                                 "--format torchscript --output moved.pt"));
        QVERIFY2(exported.exitCode == 0, exported.errors.constData());
        const auto refused
            = m_leyden.run(words("validate --ckpt_path moved/checkpoints/last.ckpt"));
        QVERIFY2(refused.exitCode == 3 && refused.errors.contains("mine.csv"),
            refused.errors.constData());
    }

    void inspectNamesWhatDiffersInTheConfig()
    {
        const auto fit
            = m_leyden.run(words("fit --preset iris-linear --run_dir other --trainer.max_epochs=2 "
                                 "--model.init_args.hidden_sizes=[8,5] "
                                 "--model.init_args.dropout=0.25"));
        QVERIFY2(fit.exitCode == 0, fit.errors.constData());
        const auto found = m_leyden.run(words("inspect m.ckpt other/checkpoints/last.ckpt")).output;
        QVERIFY2(found.contains("leyden/config/model/init_args/dropout\n  m.ckpt: 0.0\n  "
                                "other/checkpoints/last.ckpt: 0.25\n"),
            found.constData());
        const auto all = m_leyden.run(words("inspect m.ckpt")).output;
        QVERIFY2(
            all.contains("class_path: \"MLP\"") && !all.contains("config: \"{"), all.constData());
    }

    // A file with weights alone evaluates like the checkpoint that it came from.
    void weightsAloneEvaluate_data()
    {
        QTest::addColumn<QString>("file");
        QTest::newRow("state_dict") << QStringLiteral("m.state_dict");
        QTest::newRow("safetensors") << QStringLiteral("m.safetensors");
    }

    void weightsAloneEvaluate()
    {
        QFETCH(const QString, file);
        const auto validate = [&](const QString& weights) {
            return m_leyden.run(
                words("validate --preset iris-linear --quiet --model.init_args.hidden_sizes=[8,5] "
                      "--trainer.logger=false --ckpt_path")
                << weights);
        };
        const auto expected = validate(QStringLiteral("m.ckpt"));
        QVERIFY2(expected.exitCode == 0, expected.errors.constData());
        QVERIFY(expected.output.contains("val_loss"));
        const auto found = validate(file);
        QVERIFY2(found.exitCode == 0, found.errors.constData());
        QCOMPARE(found.output, expected.output);
        const auto fit = m_leyden.run(
            words("fit --preset iris-linear --model.init_args.hidden_sizes=[8,5] --ckpt_path")
            << file << QStringLiteral("--run_dir") << QStringLiteral("fit of ") + file);
        QCOMPARE(fit.exitCode, 3);
        QVERIFY2(fit.errors.contains("holds weights only"), fit.errors.constData());
    }

    // The checkpoint says itself of which data and model it is.
    void checkpointNeedsNoConfig()
    {
        const auto named
            = m_leyden.run(words("validate --preset iris-linear --quiet "
                                 "--model.init_args.hidden_sizes=[8,5] --ckpt_path m.ckpt"));
        QVERIFY2(named.exitCode == 0, named.errors.constData());
        const auto alone = m_leyden.run(words("validate --quiet --ckpt_path m.ckpt"));
        QVERIFY2(alone.exitCode == 0, alone.errors.constData());
        QVERIFY(alone.output.contains("val_loss"));
        QCOMPARE(alone.output, named.output);
        const auto weights = m_leyden.run(words("validate --quiet --ckpt_path m.safetensors"));
        QCOMPARE(weights.exitCode, 2);
        QVERIFY2(weights.errors.contains("'m.safetensors' does not say of which model"),
            weights.errors.constData());
        const auto nothing = m_leyden.run(words("validate --ckpt_path last"));
        QCOMPARE(nothing.exitCode, 2);
        QVERIFY2(nothing.errors.contains("--config FILE"), nothing.errors.constData());
    }

    void safetensorsComeBack() // without a reader of others too
    {
        const auto imported = m_leyden.run(words("import m.safetensors --output back.pt"));
        QVERIFY2(imported.exitCode == 0, imported.errors.constData());
        const auto again = m_leyden.run(
            words("export --ckpt_path back.pt --format safetensors --output again.safetensors"));
        QVERIFY2(again.exitCode == 0, again.errors.constData());
        QVERIFY(m_leyden.read(QStringLiteral("m.safetensors")).size() > 412);
        QCOMPARE(m_leyden.read(QStringLiteral("again.safetensors")),
            m_leyden.read(QStringLiteral("m.safetensors")));
    }

    void refusesWhatIsWrong_data()
    {
        QTest::addColumn<QStringList>("arguments");
        QTest::addColumn<QByteArray>("map");
        QTest::addColumn<int>("exitCode");
        QTest::addColumn<QByteArray>("word");
        const auto row = [](const char* name, const char* arguments, const char* map, int exitCode,
                             const char* word) {
            QTest::newRow(name) << words(arguments) << QByteArray(map) << exitCode
                                << QByteArray(word);
        };
        row("no such file", "export --ckpt_path none.ckpt --format safetensors --output x", "", 3,
            "none.ckpt");
        row("another format", "export --ckpt_path m.ckpt --format onnx --output x", "", 2,
            "torchscript");
        row("no such folder", "export --ckpt_path m.ckpt --format safetensors --output no/x", "", 2,
            "'no'");
        row("no checkpoint", "export --ckpt_path names.json --format safetensors --output x", "{}",
            3, "names.json");
        row("a script of plain weights",
            "export --ckpt_path m.state_dict --format torchscript --output x", "", 2,
            "of which model");
        row("an empty map", "import m.ckpt --map names.json --output x", "{}", 2,
            "--map 'names.json'");
        row("a broken map", "import m.ckpt --map names.json --output x", "{", 2,
            "--map 'names.json'");
        row("a number for a name", "import m.ckpt --map names.json --output x", "{\"net.\": 1}", 2,
            "expected a name");
        row("a rule that meets nothing", "import m.ckpt --map names.json --output x",
            "{\"nets.\": \"net.\"}", 2, "'nets.' meets no weight");
        row("one name twice", "import m.ckpt --map names.json --output x",
            "{\"net.0.weight\": \"net.0.bias\"}", 2, "'net.0.bias'");
    }

    void refusesWhatIsWrong()
    {
        QFETCH(const QStringList, arguments);
        QFETCH(const QByteArray, map);
        QFETCH(const int, exitCode);
        QFETCH(const QByteArray, word);
        QVERIFY(m_leyden.write(QStringLiteral("names.json"), map));
        const auto result = m_leyden.run(arguments);
        QCOMPARE(result.exitCode, exitCode);
        QVERIFY2(result.errors.contains(word), result.errors.constData());
        QCOMPARE(result.errors.trimmed().count('\n'), 0); // one sentence
        QVERIFY(!QFile::exists(m_folder.filePath(QStringLiteral("x"))));
    }
};

LEYDEN_TEST(TestWeights)
} // namespace tst_weights

#include "tst_weights.moc"
