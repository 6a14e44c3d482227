// SPDX-License-Identifier: GPL-3.0-or-later
// Runs that are resumed more than once, or under other options than they began with.
#include "engine/callbacks/on_exception_checkpoint.h"
#include "engine/optim/one_cycle_lr.h"
#include "tests/engine/trainer/stopped_fit.h"
#include "tests/support/test_program.h"

#include <QTemporaryDir>
#include <QTest>

#include <memory>
#include <stdexcept>

namespace tst_resume_again {
using namespace leyden;
using namespace leyden::test;
namespace fs = std::filesystem;

class TestResumeAgain final : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    // The second error comes before a batch of the second run is done.
    void failsTwiceAtTheSameBatch_data()
    {
        QTest::addColumn<int>("epoch");
        QTest::addColumn<int>("batch");
        QTest::newRow("within an epoch") << 1 << 3;
        QTest::newRow("first batch") << 1 << 0;
        QTest::newRow("last batch") << 1 << 7;
    }
    void failsTwiceAtTheSameBatch()
    {
        QFETCH(const int, epoch);
        QFETCH(const int, batch);
        const auto base = freshFolder();
        const auto file = base / "left" / "on_exception.ckpt";
        const auto run = [&](const char* name, bool fails, bool resumes) {
            auto fit = std::make_unique<Fit>(base / name);
            fit->options.max_epochs = 3;
            fit->values = {1.0};
            fit->callbacks.push_back(std::make_unique<OnExceptionCheckpoint>(
                OnExceptionCheckpointOptions{.dirpath = (base / "left").string()}));
            if (fails)
                fit->on_batch = [=](int64_t e, int64_t idx) {
                    if (e == epoch && idx == batch)
                        throw std::runtime_error("made up");
                };
            if (resumes)
                fit->checkpoint = file;
            fit->run();
            return fit;
        };
        const auto whole = run("whole", false, false);
        QCOMPARE(run("first", true, false)->failure, std::string("made up"));
        for (const char* again : {"second", "third"}) {
            const auto fit = run(again, true, true);
            QCOMPARE(fit->failure, std::string("made up"));
            QVERIFY(fit->batches.front() == std::pair(int64_t(epoch), int64_t(batch)));
        }
        const auto last = run("last", false, true);
        QCOMPARE(last->failure, std::string());
        QVERIFY(last->batches.front() == std::pair(int64_t(epoch), int64_t(batch)));
        QCOMPARE(last->steps, whole->steps);
        QVERIFY(last->weights.equal(whole->weights));
    }

    void trainsNothingWithoutBatches()
    {
        const auto base = freshFolder();
        Fit first(base / "first");
        first.options.max_steps = 12; // within the second epoch
        first.keep_last().run();
        Fit second(base / "second");
        second.options.limit_train_batches = 0;
        second.from(first).run();
        QCOMPARE(second.failure, std::string());
        QVERIFY(second.batches.empty());
        QCOMPARE(second.end(), std::string("fit ended: no training batches"));
        QCOMPARE(second.steps, int64_t(12));
    }

    void endsAnEpochThatHasMoreBatchesThanTheLimit()
    {
        const auto base = freshFolder();
        Fit first(base / "first");
        first.options.max_epochs = 2;
        first.options.max_steps = 12; // batch 3 of the second epoch
        first.keep_last().run();
        Fit second(base / "second");
        second.options.max_epochs = 2;
        second.options.limit_train_batches = 2;
        second.from(first).run();
        QCOMPARE(second.failure, std::string());
        QVERIFY(second.batches.empty());
        QCOMPARE(second.steps, int64_t(12));
        QCOMPARE(second.epochs, int64_t(2));
    }

    void decidesAnewByItsThresholds_data()
    {
        QTest::addColumn<QString>("before");
        QTest::addColumn<QString>("after");
        QTest::addColumn<int>("batches");
        QTest::addColumn<QString>("advice");
        QTest::newRow("threshold left out") << "stopping 0.6" << "" << 30 << "";
        QTest::newRow("threshold beyond reach") << "stopping 0.6" << "stopping 0.1" << 30 << "";
        QTest::newRow("threshold kept")
            << "stopping 0.6" << "stopping 0.6" << 0 << "change its stopping_threshold";
        QTest::newRow("divergence allowed") << "divergence 0.2" << "divergence 100" << 30 << "";
        QTest::newRow("divergence kept")
            << "divergence 0.2" << "divergence 0.3" << 0 << "change its divergence_threshold";
    }
    void decidesAnewByItsThresholds()
    {
        QFETCH(const QString, before);
        QFETCH(const QString, after);
        QFETCH(const int, batches);
        QFETCH(const QString, advice);
        const auto base = freshFolder();
        const auto fit = [&](const char* name, const QString& threshold) {
            auto one = std::make_unique<Fit>(base / name);
            one->options.val_check_interval = 0.25;
            one->values = {0.5};
            EarlyStoppingOptions stopping;
            stopping.monitor = "val_loss";
            stopping.patience = 100;
            const auto value = threshold.section(QLatin1Char(' '), 1).toDouble();
            if (threshold.startsWith(QLatin1String("stopping")))
                stopping.stopping_threshold = value;
            else if (threshold.startsWith(QLatin1String("divergence")))
                stopping.divergence_threshold = value;
            one->callbacks.push_back(std::make_unique<EarlyStopping>(stopping));
            one->keep_last();
            return one;
        };
        const auto first = fit("first", before);
        first->run();
        QCOMPARE(first->batches.size(), size_t(2));
        const auto second = fit("second", after);
        second->from(*first).run();
        QCOMPARE(second->failure, std::string());
        QCOMPARE(int(second->batches.size()), batches);
        if (!advice.isEmpty())
            QVERIFY2(second->end().find(advice.toStdString()) != std::string::npos,
                second->end().c_str());
    }

    void reloadsTheDataWhereTheWholeRunDoes_data()
    {
        QTest::addColumn<int>("epochs");
        QTest::newRow("epoch 1") << 1;
        QTest::newRow("epoch 2") << 2;
        QTest::newRow("epoch 3") << 3;
    }
    void reloadsTheDataWhereTheWholeRunDoes()
    {
        QFETCH(const int, epochs);
        const auto base = freshFolder();
        const auto fit = [&](const char* name, int64_t max_epochs) {
            auto one = std::make_unique<Fit>(base / name);
            one->options.max_epochs = max_epochs;
            one->options.reload_dataloaders_every_n_epochs = 2;
            one->keep_last();
            return one;
        };
        const auto whole = fit("whole", 6);
        whole->run();
        const auto first = fit("first", epochs);
        first->run();
        const auto second = fit("second", 6);
        second->from(*first).run();
        QCOMPARE(second->batches.size(), size_t(8 * (6 - epochs)));
        QVERIFY(second->weights.equal(whole->weights));
    }

    void namesAScheduleThatTheCheckpointEnds()
    {
        const auto base = freshFolder();
        const auto fit = [&](const char* name, int64_t epochs) {
            auto one = std::make_unique<Fit>(base / name);
            one->options.max_epochs = epochs;
            one->make_optimizers = [epochs](ScriptedModel& model) {
                OptimizerSetup setup;
                setup.optimizers.push_back(std::make_shared<SGD>(
                    model.parameters(), SGDOptions{.lr = 0.05, .momentum = 0.9}));
                setup.lr_schedulers.push_back(
                    {.scheduler = std::make_shared<OneCycleLR>(*setup.optimizers.front(),
                         OneCycleLROptions{.max_lr = 0.1, .total_steps = 8 * epochs}),
                        .interval = "step"});
                return setup;
            };
            one->keep_last();
            return one;
        };
        const auto first = fit("first", 2);
        first->run();
        QCOMPARE(first->failure, std::string());
        const auto longer = fit("longer", 4);
        longer->from(*first).run();
        QVERIFY(longer->batches.empty());
        QVERIFY2(longer->failure.find("OneCycleLR: the checkpoint's schedule") == 0,
            longer->failure.c_str());
        QVERIFY(
            longer->failure.find("ends after 16 steps, but the run takes 32") != std::string::npos);
    }

    void keepsWhatAnErrorLeftInATrial()
    {
        const auto base = freshFolder();
        const auto run = [&](bool fails, int64_t fast_dev_run) {
            Fit fit(base / "run");
            fit.options.fast_dev_run = fast_dev_run;
            fit.callbacks.push_back(std::make_unique<OnExceptionCheckpoint>(
                OnExceptionCheckpointOptions{.dirpath = (base / "left").string()}));
            if (fails)
                fit.on_batch = [](int64_t, int64_t idx) {
                    if (idx == 2)
                        throw std::runtime_error("made up");
                };
            fit.run();
        };
        const auto file = base / "left" / "on_exception.ckpt";
        run(true, 0);
        QVERIFY(fs::exists(file));
        run(false, 1);
        QVERIFY(fs::exists(file));
        run(false, 0);
        QVERIFY(!fs::exists(file));
    }

private:
    fs::path freshFolder()
    {
        return fs::path(m_folder.path().toStdString()) / std::to_string(++m_folders);
    }

    QTemporaryDir m_folder;
    int m_folders = 0;
};
LEYDEN_TEST(TestResumeAgain)
} // namespace tst_resume_again

#include "tst_resume_again.moc"
