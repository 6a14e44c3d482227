// SPDX-License-Identifier: GPL-3.0-or-later
// Runs that ended before their last batch, by a limit, a callback or an error, and that go on.
#include "engine/callbacks/early_stopping.h"
#include "engine/callbacks/model_checkpoint.h"
#include "engine/callbacks/on_exception_checkpoint.h"
#include "engine/callbacks/throughput_monitor.h"
#include "engine/callbacks/timer.h"
#include "engine/checkpoint/checkpoint_file.h"
#include "engine/core/errors.h"
#include "engine/core/generators.h"
#include "engine/loggers/csv_logger.h"
#include "engine/loops/loader_position.h"
#include "engine/trainer/trainer.h"
#include "tests/engine/trainer/stopped_fit.h"
#include "tests/support/boring_model.h"
#include "tests/support/scripted_run.h"
#include "tests/support/steered_clock.h"
#include "tests/support/test_program.h"

#include <QTemporaryDir>
#include <QTest>

#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>

namespace tst_resume_stopped {
using namespace leyden;
using namespace leyden::test;
namespace fs = std::filesystem;

namespace {

/// The values of a column of metrics.csv, without empty ones.
QList<QByteArray> column(const fs::path& folder, const QByteArray& name)
{
    const auto lines = QByteArray::fromStdString(file_text(folder / "metrics.csv")).split('\n');
    const auto at = lines.front().trimmed().split(',').indexOf(name);
    QList<QByteArray> values;
    for (qsizetype i = 1; at >= 0 && i < lines.size(); ++i)
        if (const auto cells = lines[i].trimmed().split(','); at < cells.size())
            if (!cells[at].isEmpty())
                values.append(cells[at]);
    return values;
}

StateTree loader_at(int64_t taken)
{
    return StateTree::dict(
        {{"base_seed", int64_t(1)}, {"order_seed", int64_t(2)}, {"batches_taken", taken}});
}

StateTree loaders_at(const std::vector<std::pair<int64_t, bool>>& taken)
{
    auto list = StateTree::list();
    for (const auto& [batches, has_ended] : taken)
        list.push_back(
            StateTree::dict({{"position", loader_at(batches)}, {"has_ended", has_ended}}));
    return StateTree::dict({{"loaders", std::move(list)}});
}

} // namespace

class TestResumeStopped final : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void goesOnWhereMaxStepsCutTheEpoch_data()
    {
        QTest::addColumn<int>("steps");
        QTest::addColumn<int>("accumulate");
        QTest::newRow("in the first epoch") << 3 << 1;
        QTest::newRow("in the second epoch") << 12 << 1;
        QTest::newRow("at an epoch's end") << 16 << 1;
        QTest::newRow("with accumulation") << 5 << 3;
    }
    void goesOnWhereMaxStepsCutTheEpoch()
    {
        QFETCH(const int, steps);
        QFETCH(const int, accumulate);
        const auto fit = [&](const fs::path& folder, int64_t max_steps) {
            auto one = std::make_unique<Fit>(folder);
            one->options.max_epochs = -1;
            one->options.max_steps = max_steps;
            one->options.accumulate_grad_batches = accumulate;
            one->keep_last();
            return one;
        };
        const auto base = freshFolder();
        const auto whole = fit(base / "whole", 20);
        whole->run();
        const auto cut = fit(base / "cut", steps);
        cut->run();
        const auto resumed = fit(base / "cut", 20);
        resumed->from(*cut).run();
        QCOMPARE(cut->batches.size() + resumed->batches.size(), whole->batches.size());
        QVERIFY(resumed->batches.front() == whole->batches[cut->batches.size()]);
        QCOMPARE(resumed->steps, int64_t(20));
        QCOMPARE(resumed->epochs, whole->epochs);
        QVERIFY(resumed->weights.equal(whole->weights));
        QCOMPARE(
            file_text(base / "cut" / "metrics.csv"), file_text(base / "whole" / "metrics.csv"));
    }

    void endsAtOnceWhereMaxStepsStaysTheSame()
    {
        const auto base = freshFolder();
        const auto run = [&](const Fit* earlier) {
            auto fit = std::make_unique<Fit>(base / "run");
            fit->options.max_steps = 12;
            fit->keep_last();
            if (earlier)
                fit->from(*earlier);
            fit->run();
            return fit;
        };
        const auto first = run(nullptr);
        const auto rows = file_text(base / "run" / "metrics.csv");
        const auto second = run(first.get());
        const auto third = run(second.get());
        for (const auto* again : {second.get(), third.get()}) {
            QVERIFY(again->batches.empty());
            QCOMPARE(again->steps, int64_t(12));
            QCOMPARE(again->epochs, first->epochs);
            QCOMPARE(file_text(base / "run" / "metrics.csv"), rows);
            QVERIFY(!again->events.all<ProgressEvent>().empty()); // what run.json takes
            QCOMPARE(again->events.all<ProgressEvent>().back().global_step, int64_t(12));
            QCOMPARE(again->events.all<ProgressEvent>().back().epoch, first->epochs);
        }
    }

    void goesOnFromAFileOfTheRunsEnd()
    {
        const auto base = freshFolder();
        auto never = [] {
            ModelCheckpointOptions options; // due in no epoch: `last` is written at the end
            options.every_n_epochs = 10;
            options.save_last = true;
            return std::make_unique<ModelCheckpoint>(options);
        };
        const auto fit = [&](const fs::path& folder, int64_t steps, const Fit* earlier) {
            auto one = std::make_unique<Fit>(folder);
            one->options.max_steps = steps;
            one->callbacks.push_back(never());
            if (earlier)
                one->from(*earlier);
            one->run();
            return one;
        };
        const auto whole = fit(base / "whole", 20, nullptr);
        const auto cut = fit(base / "cut", 12, nullptr);
        const auto resumed = fit(base / "cut", 20, cut.get());
        QVERIFY(resumed->batches.front() == std::pair(int64_t(1), int64_t(4)));
        QVERIFY(resumed->weights.equal(whole->weights));
        QCOMPARE(
            file_text(base / "cut" / "metrics.csv"), file_text(base / "whole" / "metrics.csv"));
    }

    void decidesAnewAfterAStopWithinAnEpoch_data()
    {
        QTest::addColumn<int>("patience"); // -1: no EarlyStopping any more
        QTest::addColumn<int>("batches");  // that are still trained
        QTest::newRow("more patience") << 50 << 28;
        QTest::newRow("no EarlyStopping") << -1 << 28;
        QTest::newRow("as before") << 1 << 0; // the verdict stands
    }
    void decidesAnewAfterAStopWithinAnEpoch()
    {
        QFETCH(const int, patience);
        QFETCH(const int, batches);
        const auto base = freshFolder();
        Fit first(base / "run");
        first.options.val_check_interval = 0.25;
        first.values = {1, 2, 3, 4};
        first.watch(1).keep_last().run();
        QCOMPARE(first.batches.size(), size_t(4));
        Fit second(base / "run");
        second.options.val_check_interval = 0.25;
        second.values = {5, 6, 7, 8};
        if (patience >= 0)
            second.watch(patience);
        second.keep_last().from(first).run();
        QCOMPARE(second.batches.size(), size_t(batches));
        if (batches > 0)
            QVERIFY(second.batches.front() == std::pair(int64_t(0), int64_t(4)));
        else
            QVERIFY2(
                second.end().find("last.ckpt' already") != std::string::npos, second.end().c_str());
    }

    void saysHowToTrainNoMore()
    {
        const auto base = freshFolder();
        Fit first(base / "run");
        first.values = {1, 2, 3, 4};
        first.watch(1).keep_last().run();
        QCOMPARE(first.epochs, int64_t(2));
        Fit second(base / "run");
        second.values = {5, 6};
        second.watch(1).keep_last().from(first).run();
        QCOMPARE(second.epochs, int64_t(3)); // one more, as Lightning
        QCOMPARE(second.events.messages("set max_epochs = 2").size(), size_t(1));
        Fit third(base / "run");
        third.options.max_epochs = 2;
        third.values = {5, 6};
        third.watch(1).keep_last().from(first).run();
        QCOMPARE(third.failure, std::string());
    }

    void takesPatienceFromTheConfigAndTheCountFromTheCheckpoint()
    {
        const auto base = freshFolder();
        Fit first(base / "run");
        first.values = {1, 2, 3, 4};
        first.watch(2).keep_last().run();
        QCOMPARE(first.epochs, int64_t(3)); // 1 better, 2 and 3 not: a count of 2
        Fit second(base / "run");
        second.options.max_epochs = 20;
        second.values = {9, 9, 9, 9, 9, 9, 9, 9};
        second.watch(5).keep_last().from(first).run();
        QCOMPARE(second.epochs, int64_t(6)); // three more
    }

    void trainsNoFurtherStepWhenTheTimeIsUsedUp_data()
    {
        QTest::addColumn<bool>("byEpoch");
        QTest::addColumn<int>("saveEvery"); // steps; 0: epochs
        QTest::newRow("by step") << false << 0;
        QTest::newRow("by epoch") << true << 0;
        QTest::newRow("by step, saved within the epoch") << false << 1;
    }
    void trainsNoFurtherStepWhenTheTimeIsUsedUp()
    {
        QFETCH(const bool, byEpoch);
        QFETCH(const int, saveEvery);
        const auto base = freshFolder();
        SteeredClock clock;
        const auto run = [&](const Fit* earlier) {
            auto fit = std::make_unique<Fit>(base / "run");
            fit->options.max_epochs = -1;
            fit->clock = &clock;
            fit->on_batch = [&](int64_t, int64_t) { clock.advance(std::chrono::seconds(1)); };
            TimerOptions timer;
            timer.duration = std::string("00:00:00:12");
            timer.interval = byEpoch ? TimerInterval::Epoch : TimerInterval::Step;
            fit->callbacks.push_back(std::make_unique<Timer>(timer));
            fit->keep_last(saveEvery);
            if (earlier)
                fit->from(*earlier);
            fit->run();
            return fit;
        };
        const auto first = run(nullptr);
        QCOMPARE(first->steps, int64_t(byEpoch ? 16 : 12));
        for (int again = 0; again < 2; ++again) {
            const auto resumed = run(first.get());
            QVERIFY(resumed->batches.empty());
            QCOMPARE(resumed->steps, first->steps);
            QCOMPARE(resumed->epochs, first->epochs);
            QCOMPARE(resumed->end(), std::string("fit ended: the time of the Timer is used up"));
        }
    }

    void takesAStopBelowTheMinimumBack_data()
    {
        QTest::addColumn<QList<double>>("values");
        QTest::addColumn<int>("minEpochs");
        QTest::addColumn<int>("minSteps");
        QTest::addColumn<int>("steps");
        const QList<double> better{9, 9, 9, 8, 7, 6};
        const QList<double> worse{9, 9, 9, 9, 9, 9};
        QTest::newRow("better again, epochs") << better << 5 << 0 << 48;
        QTest::newRow("better again, steps") << better << 0 << 36 << 48;
        QTest::newRow("never better, epochs") << worse << 5 << 0 << 40;
        QTest::newRow("never better, steps") << worse << 0 << 36 << 36;
        QTest::newRow("better, then not") << QList<double>{9, 9, 9, 8, 8, 8} << 5 << 0 << 48;
    }
    void takesAStopBelowTheMinimumBack()
    {
        QFETCH(const QList<double>, values);
        QFETCH(const int, minEpochs);
        QFETCH(const int, minSteps);
        QFETCH(const int, steps);
        const auto configured = [&](const fs::path& folder) {
            auto fit = std::make_unique<Fit>(folder);
            fit->options.max_epochs = 6;
            if (minEpochs > 0)
                fit->options.min_epochs = minEpochs;
            if (minSteps > 0)
                fit->options.min_steps = minSteps;
            fit->watch(2);
            return fit;
        };
        const auto base = freshFolder();
        const auto fit = configured(base / "run");
        fit->values = {values.begin(), values.end()};
        fit->keep_last().run();
        QCOMPARE(fit->steps, int64_t(steps));

        // From a file of the time in which the stop was pending, too.
        const auto cut = configured(base / "cut");
        cut->values = fit->values;
        cut->options.max_epochs = 3;
        cut->options.min_epochs.reset();
        cut->options.min_steps = 40;
        cut->keep_last().run();
        QCOMPARE(cut->steps, int64_t(24));
        const auto resumed = configured(base / "cut");
        resumed->values.assign(values.begin() + 3, values.end());
        resumed->keep_last().from(*cut).run();
        QCOMPARE(resumed->steps, int64_t(steps));
    }

    void trainsTheBatchThatFailedOnceMore_data()
    {
        QTest::addColumn<int>("epoch");
        QTest::addColumn<int>("batch");
        QTest::addColumn<int>("accumulate");
        QTest::newRow("in an epoch") << 0 << 1 << 1;
        QTest::newRow("the first of all") << 0 << 0 << 1;
        QTest::newRow("the first of an epoch") << 1 << 0 << 1;
        QTest::newRow("the last of an epoch") << 1 << 7 << 1;
        QTest::newRow("in an accumulation window") << 1 << 4 << 3;
    }
    void trainsTheBatchThatFailedOnceMore()
    {
        QFETCH(const int, epoch);
        QFETCH(const int, batch);
        QFETCH(const int, accumulate);
        const auto base = freshFolder();
        const auto configured = [&](const fs::path& folder) {
            auto fit = std::make_unique<Fit>(folder);
            fit->options.max_epochs = 3;
            fit->options.accumulate_grad_batches = accumulate;
            fit->callbacks.push_back(std::make_unique<OnExceptionCheckpoint>(
                OnExceptionCheckpointOptions{.dirpath = (base / "left").string()}));
            return fit;
        };
        const auto whole = configured(base / "whole");
        whole->run();
        const auto failing = configured(base / "failing");
        failing->on_batch = [&](int64_t e, int64_t idx) {
            if (e == epoch && idx == batch)
                throw std::runtime_error("made up");
        };
        failing->run();
        QCOMPARE(failing->failure, std::string("made up"));
        const auto resumed = configured(base / "resumed");
        resumed->checkpoint = base / "left" / "on_exception.ckpt";
        resumed->run();
        QCOMPARE(resumed->failure, std::string());
        QVERIFY(resumed->batches.front() == std::pair(int64_t(epoch), int64_t(batch)));
        QCOMPARE(resumed->batches.size(), size_t(24 - epoch * 8 - batch));
        QCOMPARE(resumed->steps, whole->steps);
        QCOMPARE(resumed->epochs, int64_t(3));
        QVERIFY(resumed->weights.equal(whole->weights));
    }

    void countsThroughputOn()
    {
        const auto base = freshFolder();
        SteeredClock clock;
        const auto fit = [&](const fs::path& folder, int64_t steps, const Fit* earlier) {
            auto one = std::make_unique<Fit>(folder);
            one->options.max_epochs = -1;
            one->options.max_steps = steps;
            one->clock = &clock;
            one->on_batch = [&](int64_t, int64_t) { clock.advance(std::chrono::seconds(2)); };
            one->callbacks.push_back(
                std::make_unique<ThroughputMonitor>(ThroughputMonitorOptions{.window_size = 2}));
            one->keep_last();
            if (earlier)
                one->from(*earlier);
            one->run();
            return one;
        };
        fit(base / "whole", 12, nullptr);
        const auto cut = fit(base / "cut", 5, nullptr);
        clock.advance(std::chrono::hours(3)); // until somebody starts it again
        fit(base / "cut", 12, cut.get());
        for (const QByteArray name : {"train/batches", "train/samples", "train/time"}) {
            const auto whole = column(base / "whole", name);
            QCOMPARE(column(base / "cut", name), whole);
            QCOMPARE(whole.size(), 12);
            const double each = name == "train/batches" ? 1.0 : 2.0;
            for (int i = 0; i < whole.size(); ++i)
                QCOMPARE(whole[i].toDouble(), each * (i + 1));
        }
    }

    void resumesByItselfFromWhatAnErrorLeft()
    {
        const auto base = freshFolder();
        EventList events;
        const auto fit = [&](std::optional<int64_t> fails_at, const std::string& checkpoint = {}) {
            seed_everything(3);
            ScriptedModel model;
            model.on_training_step = [&](ScriptedModel& m, int64_t) {
                if (fails_at && m.trainer()->global_step() == *fails_at)
                    throw DataError("made up");
            };
            MemoryData data(8, 1);
            TrainerParts parts;
            parts.root = base;
            parts.observer = &events;
            parts.callbacks.push_back(std::make_unique<OnExceptionCheckpoint>(
                OnExceptionCheckpointOptions{.dirpath = "left"}));
            auto options = bare_options(base);
            options.max_epochs = 2;
            options.enable_checkpointing = true;
            Trainer trainer(options, std::move(parts));
            try {
                trainer.fit(model, data, checkpoint);
            } catch (const DataError&) {
            }
            return std::pair(trainer.global_step(), model.parameters()[0].detach().clone());
        };
        const auto file = base / "left" / "on_exception.ckpt";
        const auto whole = fit({});
        QCOMPARE(events.warnings("left/on_exception.ckpt' does not exist, so the run starts afresh")
                     .size(),
            size_t(1));
        QCOMPARE(events.warnings("resumes from").size(), size_t(0));
        QCOMPARE(fit(5).first, int64_t(5));
        QVERIFY(fs::exists(file));
        const auto resumed = fit({});
        QCOMPARE(events.warnings("the fit resumes from '" + file.string()).size(), size_t(1));
        QVERIFY(resumed.second.equal(whole.second));
        QVERIFY(!fs::exists(file)); // removed where a fit ends well

        // A file that the caller names is taken, and nothing is said of the other.
        fit(3);
        fs::copy_file(file, base / "named.ckpt");
        fit(9);
        const auto before = events.warnings().size();
        const auto named = fit(int64_t(3), (base / "named.ckpt").string());
        QCOMPARE(named.first, int64_t(3));
        QCOMPARE(events.warnings().size(), before);
    }

    void standsBeforeTheBatchThatWasFetched()
    {
        const auto taken = [](const StateTree& position, size_t loader) {
            return position.at("loaders")[loader].at("position").at("batches_taken").to_int();
        };
        QCOMPARE(position_after(loader_at(5), 4, CombinedMode::MaxSizeCycle)
                     .at("batches_taken")
                     .to_int(),
            int64_t(4));
        QCOMPARE(position_after(loader_at(4), 4, CombinedMode::MaxSizeCycle)
                     .at("batches_taken")
                     .to_int(),
            int64_t(4));
        // Of 9 and 3 batches, the seventh was fetched.
        const auto cycle
            = position_after(loaders_at({{7, false}, {1, true}}), 6, CombinedMode::MaxSizeCycle);
        QCOMPARE(taken(cycle, 0), int64_t(6));
        QCOMPARE(taken(cycle, 1), int64_t(0));
        const auto once
            = position_after(loaders_at({{7, false}, {3, false}}), 6, CombinedMode::MaxSize);
        QCOMPARE(taken(once, 0), int64_t(6));
        QCOMPARE(taken(once, 1), int64_t(3));
    }

    void endsCleanlyWhereMaxEpochsIsReached()
    {
        const auto base = freshFolder();
        Fit first(base / "first");
        first.options.max_epochs = 2;
        first.keep_last().run();
        Fit same(base / "same"); // the file was taken within the second epoch's end
        same.options.max_epochs = 1;
        same.from(first).run();
        QCOMPARE(same.failure, std::string());
        QVERIFY(same.batches.empty());
        QCOMPARE(same.end(), std::string("fit ended: max_epochs = 1 reached"));
        Fit fewer(base / "fewer");
        fewer.options.max_epochs = 0;
        fewer.from(first).run();
        QVERIFY2(fewer.failure.find("max_epochs = 0") != std::string::npos, fewer.failure.c_str());
    }

    void beginsANewFolderWithTheNextRow()
    {
        const auto base = freshFolder();
        Fit first(base / "first");
        first.options.max_epochs = 1;
        first.options.max_steps = 3;
        first.keep_last(1).run();
        Fit second(base / "second");
        second.options.max_epochs = 1;
        second.from(first).run();
        const auto lines
            = QByteArray::fromStdString(file_text(base / "second" / "metrics.csv")).split('\n');
        const auto column = lines[0].trimmed().split(',').indexOf("step");
        QVERIFY(column >= 0);
        QCOMPARE(
            lines[1].trimmed().split(',').value(column), QByteArray("3")); // 2 is the old run's
    }

private:
    fs::path freshFolder()
    {
        return fs::path(m_folder.path().toStdString()) / std::to_string(++m_folders);
    }

    QTemporaryDir m_folder;
    int m_folders = 0;
};
LEYDEN_TEST(TestResumeStopped)
} // namespace tst_resume_stopped

#include "tst_resume_stopped.moc"
