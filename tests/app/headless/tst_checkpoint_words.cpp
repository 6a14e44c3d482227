// SPDX-License-Identifier: GPL-3.0-or-later
// What a run writes as checkpoints, and what last, best and averaged take of it.
#include "engine/checkpoint/checkpoint_file.h"
#include "engine/core/file_system.h"
#include "tests/app/headless/leyden_program.h"
#include "tests/support/test_program.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

namespace tst_checkpoint_words {
using leyden::test::LeydenInNewFolder;
using leyden::test::LeydenProgram;
using leyden::test::words;

class TestCheckpointWords final : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init() { QVERIFY(m_leyden.renew()); }

    void linksLastNeverToItself_data()
    {
        QTest::addColumn<int>("topK");
        QTest::newRow("top 1") << 1;
        QTest::newRow("top 2") << 2;
    }
    void linksLastNeverToItself()
    {
        QFETCH(const int, topK);
        const auto callback
            = QStringLiteral("[{\"class_path\":\"ModelCheckpoint\",\"init_args\":{\"monitor\":"
                             "\"val_loss\",\"mode\":\"max\",\"save_last\":\"link\","
                             "\"save_top_k\":%1}}]")
                  .arg(topK);
        fit(5, callback, QStringLiteral("--run_dir r"));
        for (const int epochs : {8, 11}) {
            const auto resumed
                = fit(epochs, callback, QStringLiteral("--run_dir r --ckpt_path last"));
            QVERIFY2(resumed.exitCode == 0, resumed.errors.constData());
            const auto last = read(QStringLiteral("r/checkpoints/last.ckpt"));
            QCOMPARE(last.at("global_step").to_int(), int64_t(epochs) * 8); // the newest state
        }
    }

    void saysThatLastHoldsWeightsOnly()
    {
        const auto callback = QStringLiteral(
            "[{\"class_path\":\"ModelCheckpoint\",\"init_args\":{\"save_weights_only\":true,"
            "\"save_last\":true}}]");
        fit(2, callback, QStringLiteral("--run_dir r"));
        const auto resumed = fit(3, callback, QStringLiteral("--run_dir r --ckpt_path last"));
        QCOMPARE(resumed.exitCode, 3);
        QVERIFY2(resumed.lastError().contains("holds weights only"), resumed.lastError());
        QVERIFY2(resumed.lastError().contains("ckpt_restore = [\"weights\"]"), resumed.lastError());
        const auto named = run(
            QStringLiteral("fit --preset iris-linear --quiet --trainer.max_epochs=1 --ckpt_path "
                           "r/checkpoints/last.ckpt --ckpt_restore=[\"weights\"] --run_dir n"));
        QVERIFY2(named.exitCode == 0, named.errors.constData());
        QCOMPARE(run(QStringLiteral("validate --preset iris-linear --run_dir r --ckpt_path last"))
                     .exitCode,
            0);
    }

    void writesTheAveragedWeightsIntoAFileOfTheirOwn_data()
    {
        QTest::addColumn<QString>("checkpoint");
        QTest::newRow("save_last") << QStringLiteral("{\"save_last\":true}");
        QTest::newRow("monitor") << QStringLiteral("{\"monitor\":\"val_loss\"}");
        QTest::newRow("last alone") << QStringLiteral("{\"save_top_k\":0,\"save_last\":true}");
    }
    void writesTheAveragedWeightsIntoAFileOfTheirOwn()
    {
        QFETCH(const QString, checkpoint);
        const auto callbacks
            = QStringLiteral("[{\"class_path\":\"StochasticWeightAveraging\",\"init_args\":{"
                             "\"swa_lrs\":0.01,\"swa_epoch_start\":0.4}},{\"class_path\":"
                             "\"ModelCheckpoint\",\"init_args\":%1}]")
                  .arg(checkpoint);
        const auto trained = run(QStringLiteral("fit --preset iris-linear --trainer.max_epochs=10 "
                                                "--run_dir r --trainer.callbacks=")
            + callbacks);
        QVERIFY2(trained.exitCode == 0, trained.errors.constData());
        QVERIFY2((trained.errors + trained.output).contains("averaged.ckpt': --ckpt_path averaged"),
            (trained.errors + trained.output).constData());
        const auto averaged = read(QStringLiteral("r/checkpoints/averaged.ckpt"));
        const auto resumable = read(newest(QStringLiteral("r/checkpoints")));
        const auto& state
            = resumable.at("callbacks").at("StochasticWeightAveraging").at("average_model_state");
        QVERIFY(state.size() > 0);
        bool differs = false;
        for (const auto& [key, tensor] : state.entries()) {
            const auto& name = std::get<std::string>(key);
            QVERIFY(averaged.at("state_dict").at(name).tensor().equal(tensor.tensor()));
            differs
                = differs || !resumable.at("state_dict").at(name).tensor().equal(tensor.tensor());
        }
        QVERIFY(differs); // the files to resume from hold the weights in training
        for (const char* verb :
            {"validate", "test --data.init_args.test_fraction=0.2", "predict"}) {
            const auto used = run(QString::fromLatin1(verb)
                + QStringLiteral(" --preset iris-linear --run_dir r --ckpt_path averaged"));
            QVERIFY2(used.exitCode == 0, used.errors.constData());
            QVERIFY2(
                (used.errors + used.output).contains("averaged.ckpt"), used.errors.constData());
        }
        const auto exported = run(QStringLiteral(
            "export --ckpt_path averaged --run_dir r --format safetensors --output w.safetensors"));
        QVERIFY2(exported.exitCode == 0, exported.errors.constData());
        QCOMPARE(
            run(QStringLiteral("export --ckpt_path averaged --format state_dict --output w.pt"))
                .exitCode,
            0);
        // `last` is the state to go on from, also for an evaluation.
        const auto last = run(QStringLiteral("validate --preset iris-linear --run_dir r "
                                             "--ckpt_path last"));
        QVERIFY2(!(last.errors + last.output).contains("averaged.ckpt"), last.errors.constData());
    }

    void writesTheAveragedWeightsAgainWhereTheyWereLost_data()
    {
        QTest::addColumn<QString>("more");
        QTest::newRow("plain") << QString();
        QTest::newRow("batch norm") << QStringLiteral(
            " --model.init_args.batch_norm=true --model.init_args.hidden_sizes=[4]");
    }
    void writesTheAveragedWeightsAgainWhereTheyWereLost()
    {
        QFETCH(const QString, more);
        const auto command
            = QStringLiteral("fit --preset iris-linear --trainer.max_epochs=6 --run_dir r "
                             "--trainer.callbacks=[{\"class_path\":\"StochasticWeightAveraging\","
                             "\"init_args\":{\"swa_lrs\":0.01,\"swa_epoch_start\":0.4}},"
                             "{\"class_path\":\"ModelCheckpoint\",\"init_args\":"
                             "{\"save_last\":true}}]")
            + more;
        const auto trained = run(command);
        QVERIFY2(trained.exitCode == 0, trained.errors.constData());
        const auto file = QStringLiteral("r/checkpoints/averaged.ckpt");
        const auto before = read(file).at("state_dict");
        QVERIFY(QFile::remove(m_leyden.filePath(file)));
        const auto resumed = run(command + QStringLiteral(" --ckpt_path last"));
        QVERIFY2(resumed.exitCode == 0, resumed.errors.constData());
        QVERIFY2(resumed.errors.contains("reached"), resumed.errors.constData());
        QVERIFY2(QFile::exists(m_leyden.filePath(file)), resumed.errors.constData());
        const auto after = read(file).at("state_dict");
        QCOMPARE(after.size(), before.size());
        for (const auto& [key, tensor] : before.entries())
            QVERIFY(after.at(std::get<std::string>(key)).tensor().equal(tensor.tensor()));
        const auto again = run(command + QStringLiteral(" --ckpt_path last"));
        QVERIFY2(again.exitCode == 0, again.errors.constData());
        QVERIFY2(!again.errors.contains("averaged weights are in"), again.errors.constData());
    }

    void takesTheFirstOfTwoForTheBest()
    {
        const auto both = QStringLiteral(
            "[{\"class_path\":\"ModelCheckpoint\",\"init_args\":{\"monitor\":\"val_loss\","
            "\"filename\":\"a-{epoch}\"}},{\"class_path\":\"ModelCheckpoint\",\"init_args\":"
            "{\"monitor\":\"val_acc\",\"mode\":\"max\",\"filename\":\"b-{epoch}\"}}]");
        fit(3, both, QStringLiteral("--run_dir r"));
        const auto best
            = run(QStringLiteral("validate --preset iris-linear --run_dir r --ckpt_path best"));
        QVERIFY2(best.exitCode == 0, best.errors.constData());
        const auto said = best.errors + best.output;
        QVERIFY2(
            said.contains("the run has 2 ModelCheckpoints; the first one's best is taken"), said);
        QVERIFY2(said.contains("a-epoch="), said);
    }

    void namesTheSettingThatLeftNothing_data()
    {
        QTest::addColumn<QString>("setting");
        QTest::addColumn<QByteArray>("said");
        QTest::newRow("no checkpointing")
            << QStringLiteral("--trainer.enable_checkpointing=false --trainer.callbacks=[]")
            << QByteArray("enable_checkpointing = false");
        QTest::newRow("top 0") << QStringLiteral(
            "--trainer.callbacks=[{\"class_path\":\"ModelCheckpoint\",\"init_args\":{"
            "\"save_top_k\":0,\"save_last\":true}}]")
                               << QByteArray("save_top_k = 0 of ModelCheckpoint");
    }
    void namesTheSettingThatLeftNothing()
    {
        QFETCH(const QString, setting);
        QFETCH(const QByteArray, said);
        QCOMPARE(run(QStringLiteral("fit --preset iris-linear --quiet --trainer.max_epochs=1 "
                                    "--run_dir r ")
                     + setting)
                     .exitCode,
            0);
        const auto best
            = run(QStringLiteral("validate --preset iris-linear --run_dir r --ckpt_path best"));
        QCOMPARE(best.exitCode, 3);
        QVERIFY2(best.lastError().contains(said), best.lastError());
    }

    void saysThatAnOlderRunIsUsed()
    {
        const auto fitted = [this](const char* settings) {
            return run(QStringLiteral("fit --preset iris-linear --quiet --trainer.max_epochs=1 ")
                + QLatin1String(settings))
                .exitCode;
        };
        const auto validated = [this] {
            const auto result
                = run(QStringLiteral("validate --preset iris-linear --ckpt_path best"));
            return result.exitCode == 0 ? result.errors : "failed: " + result.errors;
        };
        QCOMPARE(fitted(""), 0);
        QVERIFY2(!validated().contains("older run"), validated());
        QCOMPARE(fitted("--trainer.enable_checkpointing=false --trainer.callbacks=[]"), 0);
        const auto text = validated();
        QVERIFY2(
            text.contains("has no such checkpoint, because of enable_checkpointing = false"), text);
        QVERIFY2(
            text.contains("version_0/checkpoints/epoch=0-step=8.ckpt', of an older run, is used"),
            text);
    }

    void writesLastAtTheEndWhereNothingElseIsKept()
    {
        fit(2,
            QStringLiteral("[{\"class_path\":\"ModelCheckpoint\",\"init_args\":{\"save_top_k\":0,"
                           "\"save_last\":true}}]"),
            QStringLiteral("--run_dir r"));
        QCOMPARE(read(QStringLiteral("r/checkpoints/last.ckpt")).at("epoch").to_int(), int64_t(2));
    }

    void goesOnWithAnotherSchedule_data()
    {
        QTest::addColumn<QString>("before");
        QTest::addColumn<QString>("after");
        const auto steps = QStringLiteral(
            "--lr_scheduler={\"class_path\":\"StepLR\",\"init_args\":{\"step_size\":1}}");
        const auto none = QStringLiteral("--lr_scheduler=null");
        QTest::newRow("added") << none << steps;
        QTest::newRow("dropped") << steps << none;
    }
    void goesOnWithAnotherSchedule()
    {
        QFETCH(const QString, before);
        QFETCH(const QString, after);
        fit(2, last(), QStringLiteral("--run_dir r ") + before);
        const auto resumed
            = run(QStringLiteral("fit --preset iris-linear --trainer.max_epochs=4 --run_dir r "
                                 "--ckpt_path last ")
                + after + QStringLiteral(" --trainer.callbacks=") + last());
        QVERIFY2(resumed.exitCode == 0, resumed.errors.constData());
        QVERIFY2((resumed.errors + resumed.output).contains("lr_schedulers, this run has"),
            resumed.errors.constData());
        QCOMPARE(read(QStringLiteral("r/checkpoints/last.ckpt")).at("global_step").to_int(),
            int64_t(32));
    }

    void writesIntoTheWorkingFolder()
    {
        fit(1,
            QStringLiteral(
                "[{\"class_path\":\"ModelCheckpoint\",\"init_args\":{\"dirpath\":\"\"}}]"),
            QStringLiteral("--run_dir r"));
        QVERIFY(QFile::exists(m_leyden.filePath(QStringLiteral("epoch=0-step=8.ckpt"))));
    }

    void keepsSlashesOfMetricsOutOfFileNames()
    {
        const auto result
            = run(QStringLiteral("fit --preset iris-linear --trainer.max_epochs=3 --run_dir r "
                                 "--lr_scheduler={\"class_path\":\"StepLR\",\"init_args\":{"
                                 "\"step_size\":1},\"name\":\"opt/lr\"} --trainer.callbacks=["
                                 "{\"class_path\":\"LearningRateMonitor\"},{\"class_path\":"
                                 "\"ModelCheckpoint\",\"init_args\":{\"monitor\":\"val_loss\","
                                 "\"filename\":\"{epoch}/m-{opt/lr:.4f}\"}}]"));
        QVERIFY2(result.exitCode == 0, result.errors.constData());
        const QDir checkpoints(m_leyden.filePath(QStringLiteral("r/checkpoints")));
        // The template's own "/" makes a folder, which goes with its file.
        const auto folders = checkpoints.entryList(QDir::Dirs | QDir::NoDotAndDotDot);
        QCOMPARE(folders.size(), 1);
        const auto files = QDir(checkpoints.filePath(folders.front())).entryList(QDir::Files);
        QCOMPARE(files.size(), 1);
        QVERIFY2(files.front().startsWith(QLatin1String("m-opt_lr=")), qPrintable(files.front()));
    }

    void saysThatNothingIsSaved_data()
    {
        QTest::addColumn<QString>("options");
        QTest::addColumn<bool>("isKnown"); // at the start
        QTest::newRow("validation never comes")
            << QStringLiteral("--trainer.val_check_interval=100 "
                              "--trainer.check_val_every_n_epoch=null "
                              "--trainer.callbacks=[{\"class_path\":\"ModelCheckpoint\","
                              "\"init_args\":{\"monitor\":\"val_loss\"}}]")
            << true;
        QTest::newRow("more epochs than there are") << QStringLiteral(
            "--trainer.callbacks=[{\"class_path\":\"ModelCheckpoint\",\"init_args\":{"
            "\"every_n_epochs\":5}}]") << true;
        QTest::newRow("more steps than there are") << QStringLiteral(
            "--trainer.callbacks=[{\"class_path\":\"ModelCheckpoint\",\"init_args\":{"
            "\"every_n_train_steps\":50}}]") << true;
        QTest::newRow("no time for it") << QStringLiteral(
            "--trainer.callbacks=[{\"class_path\":\"ModelCheckpoint\",\"init_args\":{"
            "\"train_time_interval\":\"01:00:00:00\"}}]")
                                        << false;
    }
    void saysThatNothingIsSaved()
    {
        QFETCH(const QString, options);
        QFETCH(const bool, isKnown);
        const auto result
            = run(QStringLiteral("fit --preset iris-linear --trainer.max_epochs=3 --run_dir r ")
                + options);
        QCOMPARE(result.exitCode, 0);
        const auto said = result.errors + result.output;
        QCOMPARE(said.contains("ModelCheckpoint will write no checkpoint: "), isKnown);
        QVERIFY2(said.contains("no checkpoint was written"), said.constData());
        QVERIFY(!QFile::exists(m_leyden.filePath(QStringLiteral("r/checkpoints"))));
    }

    void saysNothingWhereSomethingIsSaved()
    {
        for (const auto* options :
            {"{}", "{\"every_n_epochs\":3}", "{\"every_n_train_steps\":24}", "{\"save_top_k\":0}",
                "{\"monitor\":\"step\",\"mode\":\"max\",\"save_top_k\":2,"
                "\"every_n_train_steps\":4}"}) {
            const auto result
                = run(QStringLiteral("fit --preset iris-linear --trainer.max_epochs=3 "
                                     "--trainer.callbacks=[{\"class_path\":\"ModelCheckpoint\","
                                     "\"init_args\":%1}]")
                        .arg(QString::fromLatin1(options)));
            QCOMPARE(result.exitCode, 0);
            const auto said = result.errors + result.output;
            QVERIFY2(!said.contains("no checkpoint"), said.constData());
        }
    }

    void ranksByStepsAndEpochs()
    {
        fit(2,
            QStringLiteral(
                "[{\"class_path\":\"ModelCheckpoint\",\"init_args\":{\"monitor\":\"step\","
                "\"mode\":\"max\",\"save_top_k\":2,\"every_n_train_steps\":2,"
                "\"filename\":\"{step}\"}}]"),
            QStringLiteral("--run_dir r"));
        QCOMPARE(QDir(m_leyden.filePath(QStringLiteral("r/checkpoints"))).entryList(QDir::Files),
            QStringList({QStringLiteral("step=14.ckpt"), QStringLiteral("step=16.ckpt")}));
    }

    void goesOnByItselfFromWhatAnErrorLeft()
    {
        const auto callbacks = QStringLiteral(
            "--trainer.callbacks=[{\"class_path\":\"OnExceptionCheckpoint\",\"init_args\":{"
            "\"dirpath\":\"left\"}}]");
        const auto command
            = QStringLiteral("fit --preset iris-linear --trainer.max_epochs=4 ") + callbacks;
        const auto first = run(command);
        QCOMPARE(first.exitCode, 0);
        QVERIFY2((first.errors + first.output).contains("the run starts afresh"),
            first.errors.constData());
        fit(2, last(), QStringLiteral("--run_dir r"));
        QVERIFY(QDir(m_leyden.folder).mkpath(QStringLiteral("left")));
        QVERIFY(QFile::copy(m_leyden.filePath(QStringLiteral("r/checkpoints/last.ckpt")),
            m_leyden.filePath(QStringLiteral("left/on_exception.ckpt"))));
        const auto second = run(command + QStringLiteral(" --run_dir again --trace t.jsonl"));
        QVERIFY2(second.exitCode == 0, second.errors.constData());
        QVERIFY2((second.errors + second.output).contains("which OnExceptionCheckpoint wrote"),
            second.errors.constData());
        QFile json(m_leyden.filePath(QStringLiteral("again/run.json")));
        QVERIFY(json.open(QIODevice::ReadOnly));
        const auto facts = QJsonDocument::fromJson(json.readAll()).object();
        QCOMPARE(facts[QStringLiteral("global_step")].toInt(), 32);
        QVERIFY(facts[QStringLiteral("parent")].toString().endsWith(
            QLatin1String("left/on_exception.ckpt")));
        QVERIFY(!QFile::exists(m_leyden.filePath(QStringLiteral("left/on_exception.ckpt"))));
    }

private:
    static QString last()
    {
        return QStringLiteral(
            "[{\"class_path\":\"ModelCheckpoint\",\"init_args\":{\"save_last\":true}}]");
    }
    LeydenProgram::Result run(const QString& line) const
    {
        return m_leyden.run(line.split(u' ', Qt::SkipEmptyParts), 300000);
    }
    LeydenProgram::Result fit(int epochs, const QString& callbacks, const QString& more) const
    {
        return run(QStringLiteral("fit --preset iris-linear --quiet --trainer.max_epochs=%1 "
                                  "--trainer.callbacks=%2 %3")
                .arg(epochs)
                .arg(callbacks, more));
    }
    leyden::StateTree read(const QString& file) const
    {
        return leyden::load_checkpoint_file(leyden::FileSystem::local(),
            (QFileInfo(file).isAbsolute() ? file : m_leyden.filePath(file)).toStdString());
    }
    /// Of those to resume from.
    QString newest(const QString& folder) const
    {
        const QDir checkpoints(m_leyden.filePath(folder));
        for (const auto& entry : checkpoints.entryInfoList(QDir::Files, QDir::Time))
            if (entry.fileName() != QLatin1String("averaged.ckpt"))
                return entry.absoluteFilePath();
        return {};
    }

    LeydenInNewFolder m_leyden;
};
LEYDEN_TEST(TestCheckpointWords)
} // namespace tst_checkpoint_words

#include "tst_checkpoint_words.moc"
