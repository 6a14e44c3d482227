// SPDX-License-Identifier: GPL-3.0-or-later
// `leyden tune`: what it prints, and that it leaves nothing behind.
#include "tests/app/headless/leyden_program.h"
#include "tests/support/test_program.h"

#include <QDir>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTemporaryDir>
#include <QTest>

namespace tst_tune {
using leyden::test::LeydenProgram;
using leyden::test::words;

class TestTune final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void findsARate()
    {
        QTemporaryDir folder;
        const LeydenProgram leyden{folder.path()};
        const auto json = leyden.run(words("tune lr_find --preset iris-linear --json "
                                           "--num_training_steps 40 --trainer.max_epochs=50"));
        QCOMPARE(json.exitCode, 0);
        const auto found = QJsonDocument::fromJson(json.output).object();
        QCOMPARE(found.value(QLatin1String("lr")).toArray().size(),
            found.value(QLatin1String("loss")).toArray().size());
        QVERIFY(found.value(QLatin1String("lr")).toArray().size() > 10);
        QCOMPARE(found.value(QLatin1String("lr")).toArray().at(0).toDouble(), 1e-8);
        const auto suggestions = found.value(QLatin1String("suggestions")).toObject();
        QCOMPARE(suggestions.keys(), words("lightning minimum steepest valley"));
        QCOMPARE(found.value(QLatin1String("suggestion")),
            suggestions.value(QLatin1String("lightning")));

        const auto table = leyden.run(
            words("tune lr_find --preset iris-linear --num_training_steps 40 "
                  "--trainer.max_epochs=50 --suggestion valley "
                  "--trainer.profiler=SimpleProfiler --trainer.profiler.init_args.dirpath=times"));
        QCOMPARE(table.exitCode, 0);
        QVERIFY2(table.output.contains("> valley"), table.output.constData());
        QVERIFY(table.output.contains("use it: --optimizer.init_args.lr="));
        QVERIFY(QDir(folder.path()).isEmpty()); // nothing is written
    }

    // The same rates by the same seed, wherever they are asked for.
    void isReproducible()
    {
        QTemporaryDir folder;
        const LeydenProgram leyden{folder.path()};
        const auto arguments = words("tune lr_find --preset iris-linear --json "
                                     "--num_training_steps 20 --trainer.max_epochs=50");
        const auto first = leyden.run(arguments);
        QCOMPARE(first.exitCode, 0);
        QCOMPARE(leyden.run(arguments).output, first.output);
    }

    void findsABatchSize()
    {
        QTemporaryDir folder;
        const LeydenProgram leyden{folder.path()};
        const auto json = leyden.run(
            words("tune batch_size --preset iris-linear --json --max_val 32 --mode power"));
        QCOMPARE(json.exitCode, 0);
        const auto found = QJsonDocument::fromJson(json.output).object();
        QCOMPARE(found.value(QLatin1String("batch_size")).toInt(), 32);
        QCOMPARE(found.value(QLatin1String("trials")).toArray().size(), 4); // 2, 4, 8, 16
        const auto table = leyden.run(words("tune batch_size --preset iris-linear --max_trials 3"));
        QCOMPARE(table.exitCode, 0);
        QVERIFY2(table.output.contains("use it: --data.init_args.batch_size=8"),
            table.output.constData());
        QVERIFY(QDir(folder.path()).isEmpty());
    }

    // Lightning's power search doubles once more than it tries.
    void saysWhereTheSizeWasNotTried()
    {
        QTemporaryDir folder;
        const LeydenProgram leyden{folder.path()};
        const auto table
            = leyden.run(words("tune batch_size --preset digits-mlp --mode power --max_val 100"));
        QCOMPARE(table.exitCode, 0);
        // as Lightning's
        QVERIFY2(table.output.contains("batch_size=128"), table.output.constData());
        QVERIFY2(table.output.contains("128 itself was not tried and is above max_val = 100"),
            table.output.constData());
        QVERIFY2(table.output.contains("tried and fits: 64"), table.output.constData());
        const auto json = leyden.run(
            words("tune batch_size --preset digits-mlp --mode power --max_val 100 --json"));
        QCOMPARE(QJsonDocument::fromJson(json.output)
                     .object()
                     .value(QLatin1String("largest_fit"))
                     .toInt(),
            64);
        const auto tried = leyden.run(words("tune batch_size --preset iris-linear --max_trials 3"));
        QVERIFY2(!tried.output.contains("not tried"), tried.output.constData());
    }

    void findsAThreadCount()
    {
        QTemporaryDir folder;
        const LeydenProgram leyden{folder.path()};
        const auto json = leyden.run(
            words("tune threads --preset iris-linear --json --max_threads 3 --rounds 1 "
                  "--trial_seconds 0.01"));
        QCOMPARE(json.exitCode, 0);
        const auto found = QJsonDocument::fromJson(json.output).object();
        const auto trials = found.value(QLatin1String("trials")).toArray();
        QList<int> counts;
        for (const auto& trial : trials) {
            counts += trial.toObject().value(QLatin1String("threads")).toInt();
            QVERIFY(trial.toObject().value(QLatin1String("seconds_per_batch")).toDouble() > 0.0);
        }
        QCOMPARE(counts, (QList<int>{1, 2, 3}));
        QVERIFY(counts.contains(found.value(QLatin1String("suggestion")).toInt()));
        const auto table = leyden.run(
            words("tune threads --preset iris-linear --max_threads 1 --trial_seconds 0.01"));
        QCOMPARE(table.exitCode, 0);
        QVERIFY2(table.output.contains("use it: --num_threads=1"), table.output.constData());
        QVERIFY(QDir(folder.path()).isEmpty());
    }

    void advisesNothingWhereNothingWasTried_data()
    {
        QTest::addColumn<QStringList>("arguments");
        QTest::addColumn<QByteArray>("word");
        const auto row = [](const char* arguments, const char* word) {
            QTest::newRow(arguments) << words(arguments) << QByteArray(word);
        };
        row("tune batch_size --preset iris-linear --trainer.fast_dev_run=true", "fast_dev_run");
        row("tune lr_find --preset iris-linear --trainer.fast_dev_run=true", "fast_dev_run");
        row("tune lr_find --preset iris-linear --trainer.limit_train_batches=0",
            "limit_train_batches");
        row("tune threads --preset iris-linear --trainer.fast_dev_run=true", "fast_dev_run");
        row("tune threads --preset iris-linear --trainer.limit_train_batches=0",
            "limit_train_batches");
    }
    void advisesNothingWhereNothingWasTried()
    {
        QFETCH(const QStringList, arguments);
        QFETCH(const QByteArray, word);
        QTemporaryDir folder;
        const LeydenProgram leyden{folder.path()};
        const auto result = leyden.run(arguments);
        QCOMPARE(result.exitCode, 0);
        QVERIFY2(result.output.contains("nothing was tried: " + word), result.output.constData());
        QVERIFY2(!result.output.contains("use it"), result.output.constData());
        QVERIFY2(!result.output.contains("num_training_steps"), result.output.constData());
        const auto json
            = QJsonDocument::fromJson(leyden.run(arguments + words("--json")).output).object();
        QVERIFY(
            json.value(arguments[1] == QLatin1String("batch_size") ? QLatin1String("batch_size")
                                                                   : QLatin1String("suggestion"))
                .isNull());
    }

    void refusesWhatIsWrong_data()
    {
        QTest::addColumn<QStringList>("arguments");
        QTest::addColumn<QByteArray>("word");
        const auto row = [](const char* name, const char* arguments, const char* word) {
            QTest::newRow(name) << words(arguments) << QByteArray(word);
        };
        row("no search", "tune", "a verb is missing; there are lr_find, batch_size, threads");
        row("another search", "tune lr", "'lr' is not a verb");
        row("no config", "tune lr_find", "--config");
        row("a bad mode", "tune lr_find --preset iris-linear --mode fast", "mode");
        row("a bad rate", "tune lr_find --preset iris-linear --min_lr 0", "min_lr");
        row("no trials at all", "tune batch_size --preset iris-linear --max_trials=-1",
            "max_trials");
        row("a bad count", "tune batch_size --preset iris-linear --max_trials none", "max_trials");
        row("no threads at all", "tune threads --preset iris-linear --max_threads 0",
            "max_threads");
        row("no such attribute", "tune batch_size --preset iris-linear --batch_arg_name rows",
            "rows");
        row("a bad option of the config", "tune lr_find --preset iris-linear --trainer.max_epoch=3",
            "max_epochs");
    }
    void refusesWhatIsWrong()
    {
        QFETCH(const QStringList, arguments);
        QFETCH(const QByteArray, word);
        QTemporaryDir folder;
        const auto result = LeydenProgram{folder.path()}.run(arguments);
        QCOMPARE(result.exitCode, 2);
        QVERIFY2(result.errors.contains(word), result.errors.constData());
    }

    void helpNamesEveryOption()
    {
        QTemporaryDir folder;
        const auto help = LeydenProgram{folder.path()}.run(words("tune lr_find --help"));
        QCOMPARE(help.exitCode, 0);
        for (const auto* option : {"--min_lr", "--max_lr", "--num_training_steps", "--mode",
                 "--early_stop_threshold", "--suggestion", "--json"})
            QVERIFY2(help.output.contains(option), option);
    }
};
LEYDEN_TEST(TestTune)
} // namespace tst_tune

#include "tst_tune.moc"
