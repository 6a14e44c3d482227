// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/app/headless/leyden_program.h"
#include "tests/support/test_program.h"

#include <QDir>
#include <QStandardPaths>
#include <QTest>

#include <algorithm>

#include <unistd.h>

namespace tst_bad_input {
using leyden::test::LeydenInNewFolder;
using leyden::test::LeydenProgram;
using leyden::test::words;

/// What a new user does wrong: each gives the exit code of the contract and one plain sentence.
class TestBadInput final : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init() { QVERIFY(m_leyden.renew()); }

    void refusesConfig_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QByteArray>("words");
        const auto good = config("d.csv", "");
        QTest::newRow("unknown key") << QByteArray(good).replace("\"max_epochs\"", "\"max_epoch\"")
                                     << QByteArray("did you mean \"max_epochs\"");
        QTest::newRow("wrong type")
            << QByteArray(good).replace("\"max_epochs\": 1", "\"max_epochs\": \"many\"")
            << QByteArray("/trainer/max_epochs");
        QTest::newRow("out of range")
            << QByteArray(good).replace("\"max_epochs\": 1", "\"accumulate_grad_batches\": 0")
            << QByteArray("/trainer/accumulate_grad_batches");
        QTest::newRow("clash") << config("d.csv", ", \"val_rows\": 2, \"val_fraction\": 0.5")
                               << QByteArray("val_");
        QTest::newRow("not available yet") << QByteArray(good).replace("\"max_epochs\": 1",
            "\"num_nodes\": 2") << QByteArray("not available yet");
        QTest::newRow("truncated") << good.left(good.size() / 2) << QByteArray("not valid JSON");
        QTest::newRow("empty") << QByteArray() << QByteArray("empty");
        QTest::newRow("garbage") << QByteArray(100 << 20, '\xd5') << QByteArray("16 MiB");
        QTest::newRow("deep nesting") << QByteArray(100000, '[') << QByteArray("64 levels");
        QTest::newRow("no model") << QByteArray("{}") << QByteArray("/model");
        QTest::newRow("a zero byte in a key") << QByteArray(good).replace("\"max_epochs\"",
            "\"max\\u0000epochs\"") << QByteArray("/trainer/max\\u0000epochs: unknown option");
        QTest::newRow("a layer that no memory holds")
            << QByteArray(good).replace("\"MLP\"",
                   "{\"class_path\": \"MLP\", \"init_args\": {\"hidden_sizes\": "
                   "[4611686018427387904, 4611686018427387904]}}")
            << QByteArray("/model/init_args/hidden_sizes/0: found 4611686018427387904");
        QTest::newRow("more workers than any machine runs")
            << config("d.csv", ", \"num_workers\": 10000")
            << QByteArray("/data/init_args/num_workers: found 10000, expected a whole number from "
                          "0 to 256");
    }

    void refusesConfig()
    {
        QFETCH(const QByteArray, text);
        QFETCH(const QByteArray, words);
        QVERIFY(m_leyden.write(QStringLiteral("d.csv"), "a,y\n1,0\n2,1\n3,0\n4,1\n5,0\n"));
        QVERIFY(m_leyden.write(QStringLiteral("c.json"), text));
        checkRefused({QStringLiteral("fit"), QStringLiteral("--config"), QStringLiteral("c.json")},
            2, words);
    }

    void refusesData_data()
    {
        QTest::addColumn<QByteArray>("csv");
        QTest::addColumn<QByteArray>("arguments");
        QTest::addColumn<QByteArray>("words");
        QTest::newRow("no rows") << QByteArray("a,y\n") << QByteArray() << QByteArray("no rows");
        QTest::newRow("target not there")
            << QByteArray("a,b\n1,2\n3,4\n") << QByteArray() << QByteArray("no column \"y\"");
        QTest::newRow("text in a column of numbers")
            << QByteArray("a,y\n1,0\nx,1\n3,0\n4,1\n") << QByteArray()
            << QByteArray("line 3, column \"a\"");
        QTest::newRow("ragged") << QByteArray("a,y\n1,0\n2\n") << QByteArray()
                                << QByteArray("line 3");
        QTest::newRow("not UTF-8")
            << QByteArray("a,y\n1,\x81\n") << QByteArray() << QByteArray("UTF-8");
        QTest::newRow("not the encoding that is named")
            << QByteArray("a,y\n1,\xff\n") << QByteArray(", \"encoding\": \"utf-8\"")
            << QByteArray("line 2: byte 255 is not UTF-8 text; set encoding");
        QTest::newRow("NaN") << QByteArray("a,y\n1,0\nNaN,1\n3,0\n4,1\n") << QByteArray()
                             << QByteArray("missing");
        QTest::newRow("one class")
            << QByteArray("a,y\n1,0\n2,0\n3,0\n") << QByteArray() << QByteArray("only the class");
        QTest::newRow("target written with thousands commas")
            << QByteArray("a,y\n1,\"1,107\"\n2,\"1,114\"\n3,\"1,121\"\n") << QByteArray()
            << QByteArray("\"1,107\" reads like a number written with thousands commas");
        QTest::newRow("target of dates")
            << QByteArray("a,y\n1,2024-01-05\n2,2024-01-06\n3,2024-01-07\n") << QByteArray()
            << QByteArray("reads like a date");
        QTest::newRow("beyond float32")
            << QByteArray("a,y\n1,0.5\n2,1e39\n3,2.5\n4,1.5\n5,0.5\n") << QByteArray()
            << QByteArray("line 3, column \"y\": \"1e39\"");
        QTest::newRow("separated by colons")
            << QByteArray("a:y\n1:0\n2:1\n") << QByteArray()
            << QByteArray("set sep to the sign between its columns");
        QTest::newRow("workbook") << QByteArray("PK\3\4\x14\0\0\0xl/workbook.xml", 23)
                                  << QByteArray() << QByteArray("is an Excel workbook");
        QTest::newRow("fewer rows than val_rows")
            << QByteArray("a,y\n1,0\n2,1\n3,0\n") << QByteArray(", \"val_rows\": 10")
            << QByteArray("val_rows");
    }

    void refusesData()
    {
        QFETCH(const QByteArray, csv);
        QFETCH(const QByteArray, arguments);
        QFETCH(const QByteArray, words);
        QVERIFY(m_leyden.write(QStringLiteral("d.csv"), csv));
        QVERIFY(m_leyden.write(QStringLiteral("c.json"), config("d.csv", arguments)));
        checkRefused({QStringLiteral("fit"), QStringLiteral("--config"), QStringLiteral("c.json")},
            3, words);
    }

    void refusesABatchOfOneRowWithBatchNorm_data()
    {
        QTest::addColumn<int>("rows"); // four of five train
        QTest::addColumn<QByteArray>("arguments");
        QTest::addColumn<QByteArray>("words"); // empty: it trains
        QTest::newRow("the last one")
            << 25 << QByteArray(", \"batch_size\": 19")
            << QByteArray(
                   "/data/init_args/batch_size: the last training batch has one row (20 rows "
                   "in batches of 19), which batch norm cannot use; set drop_last = true, or "
                   "another batch_size");
        QTest::newRow("each one") << 25 << QByteArray(", \"batch_size\": 1")
                                  << QByteArray("each training batch has one row");
        QTest::newRow("dropped") << 25 << QByteArray(", \"batch_size\": 19, \"drop_last\": true")
                                 << QByteArray();
        QTest::newRow("two rows") << 25 << QByteArray(", \"batch_size\": 18") << QByteArray();
        QTest::newRow("one row to validate")
            << 25 << QByteArray(", \"batch_size\": 4") << QByteArray();
    }

    void refusesABatchOfOneRowWithBatchNorm()
    {
        QFETCH(const int, rows);
        QFETCH(const QByteArray, arguments);
        QFETCH(const QByteArray, words);
        QByteArray csv = "a,y\n";
        for (int i = 0; i < rows; ++i)
            csv += QByteArray::number(i) + (i % 2 ? ",p\n" : ",q\n");
        QVERIFY(m_leyden.write(QStringLiteral("d.csv"), csv));
        QVERIFY(m_leyden.write(QStringLiteral("c.json"), config("d.csv", arguments)));
        for (const auto* verb : {"check", "fit"}) {
            const QStringList command{QString::fromLatin1(verb), QStringLiteral("--config=c.json"),
                QStringLiteral("--model.init_args.batch_norm=true")};
            if (!words.isEmpty()) {
                checkRefused(command, 2, words);
                QCOMPARE(QDir(m_leyden.folder).entryList(QDir::AllEntries | QDir::NoDotAndDotDot),
                    QStringList({QStringLiteral("c.json"), QStringLiteral("d.csv")}));
                continue;
            }
            const auto result = m_leyden.run(command);
            QVERIFY2(result.exitCode == 0, result.errors.constData());
        }
        if (words.isEmpty())
            return;
        if (arguments.endsWith("1"))
            return;
        // What ends before the batch comes up is not refused; nor is a finder, which tries sizes.
        for (const auto* option : {"--trainer.limit_train_batches=1", "--trainer.max_steps=1"}) {
            const auto result = m_leyden.run({QStringLiteral("fit"),
                QStringLiteral("--config=c.json"),
                QStringLiteral("--model.init_args.batch_norm=true"), QString::fromLatin1(option)});
            QVERIFY2(result.exitCode == 0, result.errors.constData());
        }
        const auto tuned = m_leyden.run({QStringLiteral("tune"), QStringLiteral("batch_size"),
            QStringLiteral("--config=c.json"), QStringLiteral("--model.init_args.batch_norm=true"),
            QStringLiteral("--max_trials=2")});
        QVERIFY2(tuned.exitCode == 0, tuned.errors.constData());
    }

    void predictsWithoutTheTarget()
    {
        QByteArray csv = "a,y\n";
        for (int i = 0; i < 12; ++i)
            csv += QByteArray::number(i) + ".5,1344900117571260417\n-" + QByteArray::number(i)
                + ".5,1344900117571260418\n";
        QVERIFY(m_leyden.write(QStringLiteral("d.csv"), csv));
        QVERIFY(m_leyden.write(QStringLiteral("c.json"), config("d.csv", "")));
        const auto fitted = m_leyden.run({QStringLiteral("fit"), QStringLiteral("--config=c.json"),
            QStringLiteral("--trainer.max_epochs=20"),
            QStringLiteral("--optimizer.init_args.lr=0.5"), QStringLiteral("--run_dir=a"),
            QStringLiteral("--quiet")});
        QVERIFY2(fitted.exitCode == 0, fitted.errors.constData());
        const auto files
            = QDir(m_leyden.filePath(QStringLiteral("a/checkpoints"))).entryList(QDir::Files);
        QVERIFY(!files.isEmpty());
        const auto verb = [&](const char* name) {
            return QStringList{QString::fromLatin1(name), QStringLiteral("--config=c.json"),
                QStringLiteral("--data.init_args.path=new.csv"),
                QStringLiteral("--ckpt_path=a/checkpoints/") + files.first()};
        };
        QByteArray first;
        for (const auto* text :
            {"a,y\n9.5,1344900117571260417\n-9.5,1344900117571260418\n", "a\n9.5\n-9.5\n",
                "a,y\n9.5,\n-9.5,\n", "a,y\n9.5,?\n-9.5,?\n", "y,a\nnobody,9.5\n,-9.5\n"}) {
            QVERIFY(m_leyden.write(QStringLiteral("new.csv"), text));
            const auto predicted = m_leyden.run(verb("predict"));
            QVERIFY2(predicted.exitCode == 0, predicted.errors.constData());
            const auto csvText = m_leyden.read(QStringLiteral("predictions.csv"));
            if (first.isEmpty())
                first = csvText;
            QCOMPARE(csvText, first);
        }
        const auto lines = first.split('\n');
        QCOMPARE(
            lines[0], QByteArray("row,predicted_y,p_1344900117571260417,p_1344900117571260418"));
        QVERIFY(lines[1].startsWith("1,1344900117571260417,"));
        QVERIFY(lines[2].startsWith("2,1344900117571260418,"));
        QVERIFY(m_leyden.write(QStringLiteral("new.csv"), "y,a\nnobody,9.5\nnobody,-9.5\n"));
        for (const auto* name : {"validate", "test", "fit"}) // which need the answers
            checkRefused(
                verb(name), 3, "class \"nobody\" is none of those the model was trained on");
    }

    void refusesFiles_data()
    {
        QTest::addColumn<QStringList>("arguments");
        QTest::addColumn<int>("exitCode");
        QTest::addColumn<QByteArray>("words");
        const QStringList fit{
            QStringLiteral("fit"), QStringLiteral("--preset"), QStringLiteral("iris-linear")};
        QTest::newRow("config missing") << QStringList{QStringLiteral("fit"),
            QStringLiteral("--config"), QStringLiteral("no.json")}
                                        << 3 << QByteArray("no.json");
        QTest::newRow("config is a folder")
            << QStringList{QStringLiteral("fit"), QStringLiteral("--config"), QStringLiteral(".")}
            << 3 << QByteArray("folder");
        QTest::newRow("data missing")
            << fit + QStringList{QStringLiteral("--data.init_args.path=no.csv")} << 3
            << QByteArray("no.csv");
        QTest::newRow("checkpoint missing")
            << fit + QStringList{QStringLiteral("--ckpt_path=no.ckpt")} << 3
            << QByteArray("no.ckpt");
        QTest::newRow("checkpoint is garbage")
            << fit + QStringList{QStringLiteral("--ckpt_path=garbage.ckpt")} << 3
            << QByteArray("garbage.ckpt");
        QTest::newRow("no such preset") << QStringList{QStringLiteral("fit"),
            QStringLiteral("--preset"), QStringLiteral("irsi")}
                                        << 2 << QByteArray("iris-linear");
        QTest::newRow("no config")
            << QStringList{QStringLiteral("fit")} << 2 << QByteArray("--preset");
        QTest::newRow("no such option")
            << fit + QStringList{QStringLiteral("--trainer.max_epoch=1")} << 2
            << QByteArray("max_epochs");
        QTest::newRow("option without a value")
            << fit + QStringList{QStringLiteral("--trainer.max_epochs")} << 2
            << QByteArray("max_epochs");
        QTest::newRow("no such verb") << QStringList{QStringLiteral("frobnicate")} << 2
                                      << QByteArray("'frobnicate' is not a verb; there are fit, ");
        QTest::newRow("option before the verb")
            << QStringList{QStringLiteral("--trainer.max_epochs=1")} + fit << 2
            << QByteArray("'--trainer.max_epochs=1' is before 'fit'");
        QTest::newRow("word before the verb")
            << QStringList{QStringLiteral("foo"), QStringLiteral("--nonsense")} + fit << 2
            << QByteArray("'foo' is before 'fit'");
        QTest::newRow("word before the finder") << words("tune foo lr_find --preset iris-linear")
                                                << 2 << QByteArray("'foo' is before 'lr_find'");
        QTest::newRow("two verbs") << fit + QStringList{QStringLiteral("check")} << 2
                                   << QByteArray("'check': expected an option");
        QTest::newRow("checkpoint of a preset missing")
            << fit + QStringList{QStringLiteral("--ckpt_path"), QStringLiteral("nope.ckpt")} << 3
            << QByteArray("FOLDER/nope.ckpt'");
        QTest::newRow("no checkpoint yet") << QStringList{QStringLiteral("test"),
            QStringLiteral("--preset"), QStringLiteral("iris-linear"),
            QStringLiteral("--ckpt_path"), QStringLiteral("best")}
                                           << 3 << QByteArray("no checkpoint");
    }

    void refusesFiles()
    {
        QFETCH(const QStringList, arguments);
        QFETCH(const int, exitCode);
        QFETCH(const QByteArray, words);
        QVERIFY(m_leyden.write(QStringLiteral("garbage.ckpt"), QByteArray(1000, 'x')));
        checkRefused(
            arguments, exitCode, QByteArray(words).replace("FOLDER", m_leyden.folder.toUtf8()));
    }

    void refusesWeightsOfAnotherModel()
    {
        const QStringList fit{QStringLiteral("fit"), QStringLiteral("--preset"),
            QStringLiteral("iris-linear"), QStringLiteral("--trainer.max_epochs=1"),
            QStringLiteral("--quiet")};
        QCOMPARE(m_leyden.run(fit + QStringList{QStringLiteral("--run_dir=a")}).exitCode, 0);
        const auto files
            = QDir(m_leyden.filePath(QStringLiteral("a/checkpoints"))).entryList(QDir::Files);
        QVERIFY(!files.isEmpty());
        checkRefused(fit
                + QStringList{QStringLiteral("--model.init_args.hidden_sizes=[3]"),
                    QStringLiteral("--ckpt_path=a/checkpoints/") + files.first()},
            3, "do not fit this model");
    }

    void refusesAFolderThatCannotBeWritten()
    {
        if (geteuid() == 0 && QStandardPaths::findExecutable(QStringLiteral("setpriv")).isEmpty())
            QSKIP("root may write anywhere, and there is no setpriv to take that right away");
        QVERIFY(QDir(m_leyden.folder).mkdir(QStringLiteral("closed")));
        QFile::setPermissions(
            m_leyden.filePath(QStringLiteral("closed")), QFile::ReadOwner | QFile::ExeOwner);
        QFile::setPermissions(m_leyden.folder,
            QFile::ReadOwner | QFile::ExeOwner | QFile::ReadOther | QFile::ExeOther);
        QProcess process;
        process.setWorkingDirectory(m_leyden.folder);
        QStringList command{LeydenProgram::path(), QStringLiteral("fit"),
            QStringLiteral("--preset"), QStringLiteral("iris-linear"),
            QStringLiteral("--run_dir=closed/run")};
        if (geteuid() == 0)
            command = words("setpriv --bounding-set -dac_override,-dac_read_search --inh-caps -all")
                + command;
        process.start(command.takeFirst(), command);
        QVERIFY(process.waitForFinished(60000));
        const auto errors = process.readAllStandardError();
        QVERIFY2(process.exitCode() == 3, errors.constData());
        QVERIFY2(errors.contains("closed"), errors.constData());
        QFile::setPermissions(m_leyden.filePath(QStringLiteral("closed")),
            QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
        QFile::setPermissions(
            m_leyden.folder, QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
    }

    void refusesAWorkingFolderThatIsGone()
    {
        const auto result = m_leyden.shell(QStringLiteral(
            "mkdir gone; cd gone; rmdir ../gone; \"$LEYDEN\" fit --preset iris-linear"));
        QCOMPARE(result.exitCode, 3);
        QCOMPARE(result.errors,
            QByteArray("error: the working folder is gone; change into one that is there\n"));
    }

    void goesOnWhenTheDiskFillsUp()
    {
        QVERIFY(QDir(m_leyden.folder).mkdir(QStringLiteral("small")));
        const auto small = m_leyden.filePath(QStringLiteral("small"));
        if (QProcess::execute(QStringLiteral("mount"),
                {QStringLiteral("-t"), QStringLiteral("tmpfs"), QStringLiteral("-o"),
                    QStringLiteral("size=256k"), QStringLiteral("tmpfs"), small})
            != 0)
            QSKIP("a small tmpfs cannot be mounted here");
        const auto result = m_leyden.run(
            {QStringLiteral("fit"), QStringLiteral("--preset"), QStringLiteral("digits-mlp"),
                QStringLiteral("--trainer.max_epochs=3"), QStringLiteral("--run_dir=small/run")});
        QProcess::execute(QStringLiteral("umount"), {small});
        // A checkpoint of this model has 450 KB: none fits, training goes on, and the end says so.
        QVERIFY(result.hasEnded);
        QVERIFY2(result.exitCode == 1, result.errors.constData());
        QVERIFY2(result.errors.contains("training goes on"), result.errors.constData());
        QVERIFY2(result.errors.contains("max_epochs = 3 reached"), result.errors.constData());
        QVERIFY2(result.lastError().contains("checkpoint could not be written"),
            result.errors.constData());
    }

private:
    static QByteArray config(const QByteArray& csv, const QByteArray& dataArguments)
    {
        QByteArray text = "{'model': 'MLP', 'data': {'class_path': 'CSVData', 'init_args': "
                          "{'path': 'CSV', 'target': 'y'MORE}}, "
                          "'optimizer': 'SGD', 'trainer': {'max_epochs': 1}}";
        text.replace('\'', '"');
        return text.replace("\"CSV\"", "\"" + csv + "\"").replace("MORE", dataArguments);
    }

    void checkRefused(const QStringList& arguments, int exitCode, const QByteArray& words)
    {
        const auto result = m_leyden.run(arguments, 20000);
        QVERIFY2(result.hasEnded, result.errors.constData());
        QVERIFY2(result.exitCode == exitCode, result.errors.constData());
        QVERIFY2(result.errors.startsWith("error: "), result.errors.constData());
        QVERIFY2(result.errors.contains(words), result.errors.constData());
        const auto lines = result.errors.trimmed().split('\n');
        const auto begins = [](const QByteArray& line) { return line.startsWith("error: "); };
        QVERIFY2(std::count_if(lines.begin(), lines.end(), begins) == 1, result.errors.constData());
        for (const auto& line : lines) {
            QVERIFY2(isSentence(line), result.errors.constData());
            for (const auto* bare : {"what():", "terminate called", ".cpp:", "json.exception",
                     "c10::", "std::", "LibTorch: ", "_M_", "filesystem error",
                     "Exception raised from"})
                QVERIFY2(!line.contains(bare), result.errors.constData());
        }
    }

    /// Some words for a person, on a line of readable length: a bare "error: /model" or "Resource
    /// temporarily unavailable" is none.
    static bool isSentence(const QByteArray& line)
    {
        const auto isControl = [](char c) { return static_cast<unsigned char>(c) < 0x20; };
        auto text = line;
        text.replace("error: ", "");
        return text.simplified().count(' ') >= 3 && line.size() < 1000
            && std::none_of(line.begin(), line.end(), isControl)
            && (text.contains(": ") || text.contains("; ") || text.contains(", "));
    }

    LeydenInNewFolder m_leyden;
};
LEYDEN_TEST(TestBadInput)
} // namespace tst_bad_input

#include "tst_bad_input.moc"
