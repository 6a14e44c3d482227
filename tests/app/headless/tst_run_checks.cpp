// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/app/headless/leyden_program.h"
#include "tests/support/test_program.h"

#include <QDir>
#include <QFileInfo>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

namespace tst_run_checks {
using leyden::test::LeydenInNewFolder;
using leyden::test::LeydenProgram;
using leyden::test::words;

/// What is wrong from the start is found before the first batch, by `check` and by `fit` alike.
/// iris-linear has 120 training rows in 8 batches, and 30 for validation.
class TestRunChecks final : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init() { QVERIFY(m_leyden.renew()); }

    void refusesBeforeTheRunHasAFolder_data()
    {
        QTest::addColumn<QStringList>("arguments");
        QTest::addColumn<QByteArray>("words");
        const auto row = [](const char* name, const QStringList& arguments, const char* text) {
            QTest::newRow(name) << arguments << QByteArray(text);
        };
        row("a mistyped monitor", callback("EarlyStopping", "\"monitor\": \"val_los\""),
            "/trainer/callbacks/0/init_args/monitor: EarlyStopping watches 'val_los', which "
            "nothing "
            "logs; logged are train_loss, val_loss, val_acc; did you mean \"val_loss\"?");
        row("another separator", callback("ModelCheckpoint", "\"monitor\": \"val/loss\""),
            "ModelCheckpoint watches 'val/loss', which nothing logs");
        row("a metric of tests", callback("ModelCheckpoint", "\"monitor\": \"test_acc\""),
            "'test_acc'");
        row("a rate that nothing logs", callback("EarlyStopping", "\"monitor\": \"lr-SGD\""),
            "'lr-SGD'");
        row("a monitor of a scheduler",
            words("--lr_scheduler={\"class_path\":\"ReduceLROnPlateau\",\"monitor\":\"val_lss\"}"),
            "/lr_scheduler/monitor: lr_scheduler ReduceLROnPlateau watches 'val_lss'");
        row("a plateau without validation",
            words("--lr_scheduler={\"class_path\":\"ReduceLROnPlateau\",\"monitor\":\"val_loss\"} "
                  "--data.init_args.val_fraction=0"),
            "which only validation gives, and none runs: there is no validation data");
        row("a stop without validation data",
            callback("EarlyStopping", "\"monitor\": \"val_loss\"")
                + words("--data.init_args.val_fraction=0"),
            "which only validation gives, and none runs: there is no validation data");
        row("a stop with validation switched off",
            callback("EarlyStopping", "\"monitor\": \"val_loss\"")
                + words("--trainer.limit_val_batches=0"),
            "none runs: limit_val_batches = 0");
        row("a stop before the first validation",
            callback(
                "EarlyStopping", "\"monitor\": \"val_loss\", \"check_on_train_epoch_end\": true")
                + words("--trainer.check_val_every_n_epoch=2 --trainer.max_epochs=4"),
            "/trainer/callbacks/0/init_args/check_on_train_epoch_end: ");
        row("an open brace", callback("ModelCheckpoint", "\"filename\": \"a{epoch\""),
            "/trainer/callbacks/0/init_args/filename: ModelCheckpoint: filename = 'a{epoch': a '{' "
            "is not closed");
        row("a format of whole numbers",
            callback("ModelCheckpoint", "\"filename\": \"{val_loss:d}\""),
            "the format ':d' cannot write val_loss, a number with a fraction");
        row("no format at all", callback("ModelCheckpoint", "\"filename\": \"{val_loss:.2q}\""),
            "the format ':.2q' cannot write val_loss");
        row("a field without a name", callback("ModelCheckpoint", "\"filename\": \"x{}\""),
            "a field has no name");
        row("too few steps",
            words("--lr_scheduler={\"class_path\":\"OneCycleLR\",\"init_args\":{\"max_lr\":0.1,"
                  "\"total_steps\":12},\"interval\":\"step\"} --trainer.max_epochs=2"),
            "/lr_scheduler/init_args/total_steps: OneCycleLR: total_steps = 12, but the run takes "
            "16 steps of it (2 epochs of 8 batches); set total_steps = 16");
        row("too few steps with accumulation",
            words("--lr_scheduler={\"class_path\":\"OneCycleLR\",\"init_args\":{\"max_lr\":0.1,"
                  "\"total_steps\":5},\"interval\":\"step\"} --trainer.max_epochs=2 "
                  "--trainer.accumulate_grad_batches=3"),
            "the run takes 6 steps of it (2 epochs of 8 batches, 3 to an optimizer step)");
        row("a cycle without its momentum",
            words("--lr_scheduler={\"class_path\":\"OneCycleLR\",\"init_args\":{\"max_lr\":0.1,"
                  "\"total_steps\":50},\"interval\":\"step\"} --optimizer=Adagrad"),
            "/lr_scheduler");
        row("too few steps of one scheduler of several",
            words("--lr_scheduler={\"class_path\":\"ChainedScheduler\",\"init_args\":{"
                  "\"schedulers\":[{\"class_path\":\"ConstantLR\"},{\"class_path\":"
                  "\"OneCycleLR\",\"init_args\":{\"max_lr\":0.1,\"total_steps\":3}}]},"
                  "\"interval\":\"step\"}"),
            "/lr_scheduler/init_args: ChainedScheduler: the last step of its OneCycleLR = 3, but "
            "the run takes 8 steps of it");
        row("too few steps in its turn",
            words("--lr_scheduler={\"class_path\":\"SequentialLR\",\"init_args\":{\"milestones\":"
                  "[4],\"schedulers\":[{\"class_path\":\"ConstantLR\"},{\"class_path\":"
                  "\"OneCycleLR\",\"init_args\":{\"max_lr\":0.1,\"total_steps\":3}}]},"
                  "\"interval\":\"step\"}"),
            "SequentialLR: the last step of its OneCycleLR = 7, but the run takes 8");
        row("rates without a logger",
            list("{\"class_path\": \"LearningRateMonitor\"}") + words("--trainer.logger=false"),
            "/trainer/callbacks/0/init_args: LearningRateMonitor needs a logger");
        row("device stats without a logger",
            list("{\"class_path\": \"DeviceStatsMonitor\"}") + words("--trainer.logger=false"),
            "DeviceStatsMonitor needs a logger, and logger = false");
        row("two callbacks that are the same",
            list("{\"class_path\": \"ModelCheckpoint\"}, {\"class_path\": \"ModelCheckpoint\"}"),
            "two callbacks have the same state key ModelCheckpoint{");
        row("averages from a share of no end",
            callback("StochasticWeightAveraging", "\"swa_lrs\": 0.1, \"swa_epoch_start\": 0.5")
                + words("--trainer.max_epochs=-1 --trainer.max_steps=16"),
            "swa_epoch_start is a share of max_epochs, and max_epochs = -1");
        row("averages with too many rates",
            callback("StochasticWeightAveraging", "\"swa_lrs\": [0.1, 0.2]"),
            "swa_lrs has 2 rates, and the optimizer has 1 parameter groups");
        row("averages at a rate beyond float32",
            callback("StochasticWeightAveraging", "\"swa_lrs\": 1e39"),
            "/trainer/callbacks/0/init_args/swa_lrs: found 1e+39, expected a number > 0 and <= "
            "3.4");
        row("averages at rates beyond float32",
            callback("StochasticWeightAveraging", "\"swa_lrs\": [1e39]"),
            "/trainer/callbacks/0/init_args/swa_lrs/0: found 1e+39, expected a number > 0 and <= "
            "3.4");
        row("a stop before the first validation by steps",
            callback("EarlyStopping", "\"monitor\": \"val_loss\"") + words("--trainer.max_steps=3"),
            "none runs: max_steps = 3 ends the run before its first validation, which comes after "
            "8 "
            "batches");
        row("a file name that is too long",
            callback(
                "ModelCheckpoint", ("\"filename\": \"" + QByteArray(300, 'x') + "\"").constData()),
            "the file's name would have 300 bytes, and 240 are possible");
        row("a control character in a file name",
            callback("ModelCheckpoint", "\"filename\": \"{epoch:c}\""),
            "a control character cannot be part of a file's name");
        row("the name of the averaged weights",
            callback("ModelCheckpoint", "\"filename\": \"averaged\""),
            "averaged.ckpt is the file of averaged weights; choose another name");
        row("more batches than an epoch has", words("--trainer.val_check_interval=1000"),
            "/trainer/val_check_interval: val_check_interval = 1000: an epoch has only 8 training "
            "batches");
        row("a share that is no batch", words("--trainer.limit_val_batches=0.01"),
            "/trainer/limit_val_batches: limit_val_batches = 0.01: that is no batch");
    }
    void refusesBeforeTheRunHasAFolder()
    {
        QFETCH(const QStringList, arguments);
        QFETCH(const QByteArray, words);
        for (const auto* verb : {"check", "fit"}) {
            const auto result = run(verb, arguments);
            QVERIFY2(result.exitCode == 2, result.errors.constData());
            QVERIFY2(result.errors.contains(words), result.errors.constData());
            QVERIFY(QDir(m_leyden.folder).isEmpty());
        }
    }

    void warnsOfWhatMayNotBeMeant_data()
    {
        QTest::addColumn<QStringList>("arguments");
        QTest::addColumn<QByteArray>("words");
        const auto row = [](const char* name, const QStringList& arguments, const char* text) {
            QTest::newRow(name) << arguments << QByteArray(text);
        };
        row("no validation data", words("--data.init_args.val_fraction=0"),
            "there is no validation data, so no validation runs");
        row("validation after the end",
            words("--trainer.check_val_every_n_epoch=null --trainer.val_check_interval=100"),
            "no validation runs: val_check_interval = 100, and the run has 8 training batches");
        row("validation in a later epoch", words("--trainer.check_val_every_n_epoch=2"),
            "no validation runs: check_val_every_n_epoch = 2");
        row("best without validation",
            callback("ModelCheckpoint", "\"monitor\": \"val_loss\"")
                + words("--trainer.limit_val_batches=0"),
            "ModelCheckpoint watches 'val_loss', which only validation gives");
        row("a stop that is not strict",
            callback("EarlyStopping", "\"monitor\": \"val_los\", \"strict\": false"),
            "did you mean \"val_loss\"?");
        row("a cycle by epochs",
            words("--lr_scheduler={\"class_path\":\"OneCycleLR\",\"init_args\":{\"max_lr\":0.1,"
                  "\"total_steps\":1}}"),
            "OneCycleLR is stepped once an epoch, since interval = \"epoch\"");
        row("a cycle that is not ended",
            words("--lr_scheduler={\"class_path\":\"OneCycleLR\",\"init_args\":{\"max_lr\":0.1,"
                  "\"total_steps\":24},\"interval\":\"step\"}"),
            "total_steps = 24, of which the run takes 8");
        row("more steps than the run may take",
            words("--lr_scheduler={\"class_path\":\"OneCycleLR\",\"init_args\":{\"max_lr\":0.1,"
                  "\"total_steps\":4},\"interval\":\"step\"} --trainer.max_steps=3 "
                  "--trainer.max_epochs=1"),
            "of which the run takes 3 (one epoch of 8 batches, max_steps = 3)");
        row("averages that are never begun",
            callback("StochasticWeightAveraging", "\"swa_lrs\": 0.1, \"swa_epoch_start\": 9"),
            "swa_epoch_start = 9, and the run ends before that epoch (max_epochs = 1)");
        row("averages beside a checkpoint that saves nothing",
            list(
                "{\"class_path\": \"StochasticWeightAveraging\", \"init_args\": {\"swa_lrs\": 0.1, "
                "\"swa_epoch_start\": 0.5}}, {\"class_path\": \"ModelCheckpoint\", "
                "\"init_args\": {\"save_top_k\": 0}}"),
            "StochasticWeightAveraging: the averaged weights are saved in no file, since no "
            "ModelCheckpoint saves any; set save_top_k = 1 or save_last = true of one");
        row("averages without checkpoints",
            list("{\"class_path\": \"EMAWeightAveraging\"}")
                + words("--trainer.enable_checkpointing=false"),
            "EMAWeightAveraging: the averaged weights are saved in no file, since "
            "enable_checkpointing = false; remove that setting");
        row("a save that is never due", callback("ModelCheckpoint", "\"every_n_train_steps\": 25"),
            "ModelCheckpoint will write no checkpoint: every_n_train_steps = 25, and the run has 8 "
            "optimizer steps");
        row("a name in a file name", callback("ModelCheckpoint", "\"filename\": \"{val_los:.2f}\""),
            "nothing logs val_los, so 0 is written for it");
    }
    void warnsOfWhatMayNotBeMeant()
    {
        QFETCH(const QStringList, arguments);
        QFETCH(const QByteArray, words);
        for (const auto* verb : {"check", "fit"}) {
            const auto result = run(verb, arguments);
            QVERIFY2(result.exitCode == 0, result.errors.constData());
            QVERIFY2(result.errors.count(words) == 1, result.errors.constData());
        }
    }

    void takesWhatIsRight_data()
    {
        QTest::addColumn<QStringList>("arguments");
        QTest::newRow("rates") << list("{\"class_path\": \"LearningRateMonitor\"}, "
                                       "{\"class_path\": \"ModelCheckpoint\", \"init_args\": "
                                       "{\"monitor\": \"lr-SGD\"}}");
        QTest::newRow("thresholds that are never reached") << callback("EarlyStopping",
            "\"monitor\": \"val_loss\", \"stopping_threshold\": \"-Infinity\", "
            "\"divergence_threshold\": \"Infinity\"");
        QTest::newRow("the step") << callback("ModelCheckpoint", "\"monitor\": \"step\"");
        QTest::newRow("training alone") << callback("EarlyStopping", "\"monitor\": \"train_loss\"")
                + words("--data.init_args.val_fraction=0");
        QTest::newRow("as many steps")
            << words("--lr_scheduler={\"class_path\":\"OneCycleLR\",\"init_args\":{\"max_lr\":0.1,"
                     "\"total_steps\":8},\"interval\":\"step\"}");
        QTest::newRow("an interval that nobody asks for") // of rows that are not there
            << words("--data.init_args.val_fraction=0 --trainer.val_check_interval=1000");
        QTest::newRow("Python's formats")
            << callback("ModelCheckpoint", "\"filename\": \"{epoch:x}-{step:,}-{val_loss:>9.2e}\"");
    }
    void takesWhatIsRight()
    {
        QFETCH(const QStringList, arguments);
        for (const auto* verb : {"check", "fit"}) {
            const auto result = run(verb, arguments);
            QVERIFY2(result.exitCode == 0, result.errors.constData());
            QVERIFY2(!result.errors.contains("watches"), result.errors.constData());
        }
    }

    void endsAtTheStartWhereCheckpointsCannotBeWritten_data()
    {
        QTest::addColumn<QString>("name");
        QTest::addColumn<QString>("folder");
        for (const auto* name : {"ModelCheckpoint", "OnExceptionCheckpoint"})
            for (const auto* folder : {"/proc/x", "/proc/x/deep", "notes.txt", "notes.txt/below"})
                QTest::addRow("%s in %s", name, folder)
                    << QString::fromLatin1(name) << QString::fromLatin1(folder);
    }
    void endsAtTheStartWhereCheckpointsCannotBeWritten()
    {
        QFETCH(const QString, name);
        QFETCH(const QString, folder);
        QVERIFY(m_leyden.write(QStringLiteral("notes.txt"), "mine"));
        const auto result = run("fit",
            callback(name.toLatin1().constData(),
                ("\"dirpath\": \"" + folder.toLatin1() + "\"").constData()));
        QCOMPARE(result.exitCode, 3);
        const auto shown = folder.startsWith(u'/') ? folder : m_leyden.filePath(folder);
        QVERIFY2(result.lastError().contains(
                     QStringLiteral("%1: dirpath = '%2': cannot ").arg(name, shown).toUtf8()),
            result.errors.constData());
        QVERIFY2(!result.errors.contains("val_loss="), result.errors.constData());
        QCOMPARE(m_leyden.read(QStringLiteral("notes.txt")), QByteArray("mine"));
    }

    void leavesNoFolderForAnErrorThatDidNotCome()
    {
        const auto result
            = run("fit", callback("OnExceptionCheckpoint", "\"dirpath\": \"left/deep\""));
        QVERIFY2(result.exitCode == 0, result.errors.constData());
        QVERIFY(!QFileInfo::exists(m_leyden.filePath(QStringLiteral("left"))));
    }

    // Validation is due in the second epoch only, and the scheduler waits for its value.
    void aPlateauWaitsForItsFirstValue()
    {
        const auto result = run("fit",
            words("--lr_scheduler={\"class_path\":\"ReduceLROnPlateau\",\"monitor\":\"val_loss\"} "
                  "--trainer.check_val_every_n_epoch=2 --trainer.max_epochs=4"));
        QVERIFY2(result.exitCode == 0, result.errors.constData());
        QVERIFY2(!result.errors.contains("warning"), result.errors.constData());
    }

    void checkIsAsLoudForPrograms()
    {
        const auto result = run("check", words("--json --data.init_args.val_fraction=0"));
        QCOMPARE(result.exitCode, 0);
        const auto warnings = QJsonDocument::fromJson(result.output)
                                  .object()
                                  .value(QLatin1String("warnings"))
                                  .toArray();
        QCOMPARE(warnings.size(), 1);
        QVERIFY(warnings.first().toString().contains(QLatin1String("no validation data")));
    }

    void saysThatTheRunHasNoLimit()
    {
        QVERIFY(m_leyden.write(QStringLiteral("d.csv"), "a,y\n1,p\n2,q\n3,p\n4,q\n5,p\n6,q\n"));
        QVERIFY(m_leyden.write(QStringLiteral("c.json"),
            R"({"model": "MLP", "optimizer": "SGD", "data": {"class_path": "CSVData",
                "init_args": {"path": "d.csv", "target": "y", "val_fraction": 0.5}}})"));
        const auto open = m_leyden.run(words("check --config c.json"));
        QCOMPARE(open.exitCode, 0);
        QVERIFY2(open.errors.contains(
                     "no max_epochs, max_steps or max_time is set, so the run has 1000 epochs"),
            open.errors.constData());
        const auto limited = m_leyden.run(words("check --config c.json --trainer.max_epochs=1000"));
        QVERIFY2(!limited.errors.contains("1000 epochs"), limited.errors.constData());
        QVERIFY2(limited.output.endsWith("config is valid\n"), limited.output.constData());
    }

    // What the library refuses in the middle of a run ---------------------------------------------
    void namesTheSchedulerThatGrewTooFar()
    {
        const auto result = run("fit",
            words("--lr_scheduler={\"class_path\":\"ExponentialLR\",\"init_args\":{\"gamma\":1e10},"
                  "\"interval\":\"step\"} --optimizer.init_args.lr=1.0"));
        QVERIFY2(result.exitCode == 1, result.errors.constData());
        QVERIFY2(result.lastError().contains("SGD: the learning rate is 1e+40 at step 4 by "
                                             "lr_scheduler ExponentialLR"),
            result.errors.constData());
    }

    void namesTheStepThatCannotBeTaken() // Adam divides the rate by 1 - beta1
    {
        const auto result = run("fit", words("--optimizer=Adam --optimizer.init_args.lr=3e38"));
        QVERIFY2(result.exitCode == 1, result.errors.constData());
        QVERIFY2(result.lastError().contains("Adam: step 0"), result.errors.constData());
        QVERIFY2(result.lastError().contains("lr = 3e+38"), result.errors.constData());
    }

    void refusesARateBeyondFloat32_data()
    {
        QTest::addColumn<QStringList>("arguments");
        for (const auto* optimizer : {"SGD", "AdamW", "RMSprop", "Rprop", "LBFGS"})
            QTest::newRow(optimizer)
                << QStringList{QStringLiteral("--optimizer=") + QLatin1String(optimizer),
                       QStringLiteral("--optimizer.init_args.lr=1e39")};
    }
    void refusesARateBeyondFloat32()
    {
        QFETCH(const QStringList, arguments);
        const auto result = run("fit", arguments);
        QCOMPARE(result.exitCode, 2);
        QVERIFY2(result.errors.contains("/optimizer/init_args/lr: found 1e+39, expected a number "
                                        "from 0 to 3.402823"),
            result.errors.constData());
    }

private:
    static QStringList list(const char* callbacks)
    {
        return {QStringLiteral("--trainer.callbacks=[%1]").arg(QLatin1String(callbacks))};
    }
    static QStringList callback(const char* name, const char* options)
    {
        const auto text
            = QByteArray("{\"class_path\": \"") + name + "\", \"init_args\": {" + options + "}}";
        return list(text.constData());
    }
    LeydenProgram::Result run(const char* verb, const QStringList& arguments) const
    {
        QStringList all{QLatin1String(verb), QStringLiteral("--preset"),
            QStringLiteral("iris-linear"), QStringLiteral("--trainer.max_epochs=1")};
        if (arguments.filter(QStringLiteral("--trainer.callbacks")).isEmpty())
            all += QStringLiteral("--trainer.callbacks=[]");
        return m_leyden.run(all + arguments);
    }

    LeydenInNewFolder m_leyden;
};
LEYDEN_TEST(TestRunChecks)
} // namespace tst_run_checks

#include "tst_run_checks.moc"
