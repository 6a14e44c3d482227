// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/callbacks/checkpoint_name.h"
#include "engine/callbacks/early_stopping.h"
#include "engine/callbacks/model_checkpoint.h"
#include "engine/checkpoint/checkpoint_file.h"
#include "engine/core/errors.h"
#include "engine/core/number_text.h"
#include "engine/loggers/csv_logger.h"
#include "tests/support/faulty_file_system.h"
#include "tests/support/scripted_run.h"
#include "tests/support/test_program.h"

#include <QTemporaryDir>
#include <QTest>

#include <cmath>
#include <future>
#include <limits>

Q_DECLARE_METATYPE(leyden::ModelCheckpointOptions)
Q_DECLARE_METATYPE(leyden::EarlyStoppingOptions)

namespace tst_checkpoint_callback {
using namespace leyden;
using namespace leyden::test;
namespace fs = std::filesystem;

namespace {
constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

struct More
{
    double interval = 1.0; ///< val_check_interval
    FileSystem* files = nullptr;
    std::function<void(Trainer&, int64_t)> on_epoch_start{}; ///< with its number
    std::function<void(const Callback&)> at_the_end{};
    fs::path checkpoint{}; ///< to resume from
};

/// A fit of 4 batches an epoch whose val_loss in epoch i is values[i]; returns the epochs that ran.
int64_t fit_with_values(const std::vector<double>& values, std::unique_ptr<Callback> callback,
    const fs::path& folder, const More& more = {})
{
    ScriptedModel model;
    int64_t batches = 0;
    model.on_training_step = [&](ScriptedModel& m, int64_t idx) {
        if (idx == 0 && more.on_epoch_start)
            more.on_epoch_start(*m.trainer(), batches / 4);
        ++batches;
    };
    size_t validation = 0;
    model.on_validation_step = [&](ScriptedModel& m, int64_t) {
        m.log("val_loss", values.at(std::min(validation, values.size() - 1)));
    };
    MemoryData data(4, 1);
    EventList events;
    TrainerParts parts;
    parts.run_dir = folder;
    parts.observer = &events;
    parts.files = more.files;
    const auto& watched = *callback;
    parts.callbacks.push_back(std::move(callback));
    events.then = [&](const RunEvent& event) {
        if (const auto* row = std::get_if<RowEvent>(&event)) {
            for (const auto& value : row->values)
                validation += value.first == "val_loss";
        }
    };
    TrainerOptions options;
    options.max_epochs = int64_t(values.size());
    options.num_sanity_val_steps = 0;
    options.val_check_interval = more.interval;
    options.enable_model_summary = false;
    Trainer trainer(options, std::move(parts));
    trainer.fit(model, data, more.checkpoint);
    if (more.at_the_end)
        more.at_the_end(watched);
    return trainer.current_epoch();
}

} // namespace

/// EarlyStopping, ModelCheckpoint, names and the CSV file, against what Lightning was seen to do.
class TestCheckpointCallback final : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void stopsInTheEpochThatLightningStopsIn_data()
    {
        QTest::addColumn<QList<double>>("losses");
        QTest::addColumn<EarlyStoppingOptions>("options");
        QTest::addColumn<int>("stoppedEpoch");
        const auto patience = [](int64_t value) {
            EarlyStoppingOptions options;
            options.monitor = "val_loss";
            options.patience = value;
            return options;
        };
        auto threshold = patience(3);
        threshold.stopping_threshold = 2.9;
        auto divergence = patience(3);
        divergence.divergence_threshold = 15.9;
        QTest::newRow("patience 3") << QList<double>{6, 5, 5, 5, 5, 5} << patience(3) << 4;
        QTest::newRow("patience 1") << QList<double>{6, 5, 4, 4, 3, 3} << patience(1) << 3;
        QTest::newRow("worse counts too") << QList<double>{6, 5, 6, 5, 5, 5} << patience(3) << 4;
        QTest::newRow("threshold") << QList<double>{9, 8, 7, 6, 5, 6, 4, 3, 2, 1} << threshold << 8;
        QTest::newRow("divergence") << QList<double>{9, 4, 2, 16, 32, 64} << divergence << 3;
        QTest::newRow("NaN") << QList<double>{9, 8, not_a_number, 7, 6} << patience(3) << 2;
    }

    void stopsInTheEpochThatLightningStopsIn()
    {
        QFETCH(const QList<double>, losses);
        QFETCH(const EarlyStoppingOptions, options);
        QFETCH(const int, stoppedEpoch);
        const auto epochs = fit_with_values({losses.begin(), losses.end()},
            std::make_unique<EarlyStopping>(options), freshFolder());
        QCOMPARE(epochs, int64_t(stoppedEpoch) + 1);
    }

    void refusesAMetricThatNobodyLogs()
    {
        EarlyStoppingOptions options;
        options.monitor = "val_los";
        try {
            fit_with_values({1, 2}, std::make_unique<EarlyStopping>(options), freshFolder());
            QFAIL("no error");
        } catch (const MisconfigurationError& error) {
            QVERIFY2(std::string(error.what()).find("val_loss") != std::string::npos, error.what());
        }
    }

    void keepsTheFilesThatLightningKeeps_data()
    {
        QTest::addColumn<QList<double>>("losses");
        QTest::addColumn<ModelCheckpointOptions>("options");
        QTest::addColumn<double>("interval");
        QTest::addColumn<QStringList>("files");
        const auto make = [](auto change) {
            ModelCheckpointOptions options;
            change(options);
            return options;
        };
        const auto files
            = [](const char* text) { return QString::fromLatin1(text).split(QLatin1Char(' ')); };
        QTest::newRow("default") << QList<double>{3, 2, 1} << make([](auto&) { }) << 1.0
                                 << files("epoch=2-step=12.ckpt");
        QTest::newRow("every 3 steps")
            << QList<double>{3, 2, 1}
            << make([](auto& o) { o.every_n_train_steps = 3, o.save_top_k = -1; }) << 1.0
            << files("epoch=0-step=3.ckpt epoch=1-step=6.ckpt epoch=2-step=12.ckpt "
                     "epoch=2-step=9.ckpt");
        QTest::newRow("every 2 epochs") << QList<double>{5, 4, 3, 2, 1} << make([](auto& o) {
            o.every_n_epochs = 2, o.save_top_k = -1;
        }) << 1.0 << files("epoch=1-step=8.ckpt epoch=3-step=16.ckpt");
        QTest::newRow("best of min")
            << QList<double>{5, 4, 6, 3, 7} << make([](auto& o) { o.monitor = "val_loss"; }) << 1.0
            << files("epoch=3-step=16.ckpt");
        QTest::newRow("two best of max") << QList<double>{5, 4, 6, 3, 7} << make([](auto& o) {
            o.monitor = "val_loss", o.mode = MonitorMode::Max, o.save_top_k = 2;
        }) << 1.0 << files("epoch=2-step=12.ckpt epoch=4-step=20.ckpt");
        QTest::newRow("NaN fills a free slot")
            << QList<double>{5, not_a_number, 4}
            << make([](auto& o) { o.monitor = "val_loss", o.save_top_k = 2; }) << 1.0
            << files("epoch=0-step=4.ckpt epoch=2-step=12.ckpt");
        QTest::newRow("each validation")
            << QList<double>{5, 4} << make([](auto& o) { o.save_top_k = -1; }) << 0.5
            << files("epoch=0-step=2.ckpt epoch=0-step=4.ckpt epoch=1-step=6.ckpt "
                     "epoch=1-step=8.ckpt");
        QTest::newRow("same name") << QList<double>{5, 4} << make([](auto& o) {
            o.monitor = "val_loss", o.filename = "x", o.save_top_k = 2;
        }) << 1.0 << files("x-v1.ckpt x.ckpt");
        QTest::newRow("last is the newest") << QList<double>{1, 2, 3} << make([](auto& o) {
            o.monitor = "val_loss", o.save_last = true;
        }) << 1.0 << files("epoch=0-step=4.ckpt last.ckpt");
    }

    void keepsTheFilesThatLightningKeeps()
    {
        QFETCH(const QList<double>, losses);
        QFETCH(const ModelCheckpointOptions, options);
        QFETCH(const double, interval);
        QFETCH(const QStringList, files);
        const auto folder = freshFolder();
        fit_with_values({losses.begin(), losses.end()}, std::make_unique<ModelCheckpoint>(options),
            folder, {.interval = interval});
        QCOMPARE(filesIn(folder / "checkpoints"), files);
    }

    /// A write fails; what the state and the folder hold afterwards is the same, whether that was
    /// known before the next save or only after it.
    void forgetsWhatCouldNotBeWritten_data()
    {
        QTest::addColumn<QList<double>>("losses");
        QTest::addColumn<int>("failing");
        QTest::addColumn<bool>("isKnownLate");
        QTest::addColumn<QStringList>("files");
        QTest::addColumn<QString>("best");
        const auto files
            = [](const char* text) { return QString::fromLatin1(text).split(QLatin1Char(' ')); };
        for (const bool late : {false, true}) {
            const auto row = [late](const char* name) {
                return QString::fromLatin1(name) + QLatin1String(late ? ", known late" : "");
            };
            QTest::newRow(qPrintable(row("one of a row")))
                << QList<double>{6, 5, 4, 3, 2, 1} << 3 << late
                << files("epoch=4-step=20.ckpt epoch=5-step=24.ckpt") << "epoch=5-step=24.ckpt";
            QTest::newRow(qPrintable(row("the next replaces it")))
                << QList<double>{5, 10, 7, 6, 9} << 2 << late
                << files("epoch=0-step=4.ckpt epoch=3-step=16.ckpt") << "epoch=0-step=4.ckpt";
            QTest::newRow(qPrintable(row("the best")))
                << QList<double>{5, 4, 1, 6, 7} << 2 << late
                << files("epoch=0-step=4.ckpt epoch=1-step=8.ckpt") << "epoch=1-step=8.ckpt";
        }
        QTest::newRow("its place is taken up again")
            << QList<double>{5, 10, 7, 8, 9} << 2 << false
            << files("epoch=0-step=4.ckpt epoch=3-step=16.ckpt") << "epoch=0-step=4.ckpt";
    }

    void forgetsWhatCouldNotBeWritten()
    {
        QFETCH(const QList<double>, losses);
        QFETCH(const int, failing);
        QFETCH(const bool, isKnownLate);
        QFETCH(const QStringList, files);
        QFETCH(const QString, best);
        const auto folder = freshFolder();
        FaultyFileSystem disk;
        std::promise<void> go; // the disk answers
        auto may_go = go.get_future();
        disk.before_write = [&](const fs::path& file) {
            if (file.filename().string().starts_with("epoch=" + std::to_string(failing))) {
                may_go.wait();
                throw FileError("cannot write '" + file.string() + "': the disk is gone");
            }
        };
        ModelCheckpointOptions options;
        options.monitor = "val_loss";
        options.save_top_k = 2;
        StateTree kept;
        More more;
        more.files = &disk;
        more.on_epoch_start = [&](Trainer& trainer, int64_t epoch) {
            if (epoch == failing + (isKnownLate ? 2 : 0))
                go.set_value();
            if (epoch == failing + 1 && !isKnownLate)
                trainer.wait_for_checkpoints();
        };
        more.at_the_end = [&](const Callback& callback) { kept = callback.state_dict(); };
        fit_with_values({losses.begin(), losses.end()}, std::make_unique<ModelCheckpoint>(options),
            folder, more);
        QCOMPARE(filesIn(folder / "checkpoints"), files);
        QStringList named;
        for (const auto& [path, score] : kept.at("best_k_models").entries())
            named << QString::fromStdString(
                fs::path(std::get<std::string>(path)).filename().string());
        named.sort();
        QCOMPARE(named, files);
        QCOMPARE(QString::fromStdString(
                     fs::path(kept.at("best_model_path").to_string()).filename().string()),
            best);
    }

    /// lightning-trainer.md, section 5.1: a monitor that gets worse from the first epoch on.
    // The strings are those of Lightning's ModelCheckpoint.state_key.
    void findsItsStateByTheInterval_data()
    {
        QTest::addColumn<QByteArray>("field");
        QTest::addColumn<double>("value");
        QTest::addColumn<QByteArray>("interval");
        QTest::newRow("a day") << QByteArray("days") << 1.0
                               << QByteArray("datetime.timedelta(days=1)");
        QTest::newRow("nothing") << QByteArray("seconds") << 0.0
                                 << QByteArray("datetime.timedelta(0)");
        QTest::newRow("a second and a half") << QByteArray(
            "seconds") << 1.5 << QByteArray("datetime.timedelta(seconds=1, microseconds=500000)");
        QTest::newRow("a day and a half")
            << QByteArray("days") << 1.5 << QByteArray("datetime.timedelta(days=1, seconds=43200)");
    }
    void findsItsStateByTheInterval()
    {
        QFETCH(const QByteArray, field);
        QFETCH(const double, value);
        QFETCH(const QByteArray, interval);
        const auto key
            = "ModelCheckpoint{'monitor': None, 'mode': 'min', 'every_n_train_steps': 0, "
              "'every_n_epochs': 0, 'train_time_interval': "
            + interval.toStdString() + "}";
        QTemporaryDir folder;
        const fs::path place = folder.path().toStdString();
        ModelCheckpointOptions options{.dirpath = place.string()};
        options.train_time_interval = std::map<std::string, double>{{field.toStdString(), value}};
        const auto file = place / "saved.ckpt";

        // Written: under Lightning's key.
        ScriptedModel model;
        MemoryData data(4, 1);
        TrainerParts parts;
        parts.callbacks.push_back(std::make_unique<ModelCheckpoint>(options));
        auto run = bare_options(place);
        run.enable_checkpointing = true;
        run.max_epochs = 1;
        Trainer trainer(run, std::move(parts));
        trainer.fit(model, data);
        auto saved = trainer.dump_checkpoint();
        QVERIFY2(saved.at("callbacks").contains(key), key.c_str());

        // Read: what a file of Lightning's has under that key.
        auto state = saved.at("callbacks").at(key);
        state.set("best_model_path", (place / "best of Lightning.ckpt").string());
        saved.set("callbacks", StateTree::dict({{key, state}}));
        save_checkpoint_file(FileSystem::local(), file, saved);
        std::string best;
        More more{.at_the_end = [&](const Callback& callback) {
            best = dynamic_cast<const ModelCheckpoint&>(callback).best_model_path();
        }};
        more.checkpoint = file;
        fit_with_values({1.0}, std::make_unique<ModelCheckpoint>(options), place, more);
        QCOMPARE(best, (place / "best of Lightning.ckpt").string());
    }

    void leavesLastStaleWhereThatIsWanted_data()
    {
        QTest::addColumn<int>("top_k");
        QTest::addColumn<bool>("refresh");
        QTest::addColumn<int>("step");
        QTest::newRow("newest") << 2 << true << 16;
        QTest::newRow("as Lightning, the best two") << 2 << false << 8;
        QTest::newRow("as Lightning, the best one") << 1 << false << 4;
        QTest::newRow("as Lightning, none of the best") << 0 << false << 16; // once, at the end
    }

    void leavesLastStaleWhereThatIsWanted()
    {
        QFETCH(const int, top_k);
        QFETCH(const bool, refresh);
        QFETCH(const int, step);
        const auto folder = freshFolder();
        ModelCheckpointOptions options;
        options.monitor = "val_loss";
        options.save_last = true;
        options.save_top_k = top_k;
        options.always_refresh_last = refresh;
        fit_with_values({1, 2, 3, 4}, std::make_unique<ModelCheckpoint>(options), folder);
        const auto last
            = load_checkpoint_file(FileSystem::local(), folder / "checkpoints" / "last.ckpt");
        QCOMPARE(last.at("global_step").to_int(), int64_t(step));
    }

    /// A kill after the best file and before `last`, in the middle of a fit and at its very end.
    void writesTheLastThatAKillKeptBack_data()
    {
        QTest::addColumn<QList<double>>("losses");
        QTest::newRow("trained on") << QList<double>{3, 2, 4};
        QTest::newRow("nothing left to train") << QList<double>{3, 2};
    }

    void writesTheLastThatAKillKeptBack()
    {
        QFETCH(const QList<double>, losses);
        const auto folder = freshFolder();
        ModelCheckpointOptions options;
        options.monitor = "val_loss";
        options.save_last = true;
        fit_with_values({3, 2}, std::make_unique<ModelCheckpoint>(options), folder);
        const auto best = folder / "checkpoints" / "epoch=1-step=8.ckpt";
        const auto last = folder / "checkpoints" / "last.ckpt";
        fs::remove(last);
        More more;
        more.checkpoint = best;
        fit_with_values({losses.begin(), losses.end()}, std::make_unique<ModelCheckpoint>(options),
            folder, more);
        const auto written = load_checkpoint_file(FileSystem::local(), last);
        QCOMPARE(written.at("global_step").to_int(), 4 * int64_t(losses.size()));
    }

    void removesWhatAKillLeftBehind()
    {
        const auto folder = freshFolder();
        const auto left = folder / "checkpoints" / "epoch=0-step=4.ckpt";
        ModelCheckpointOptions options;
        options.monitor = "val_loss";
        fit_with_values({3, 2}, std::make_unique<ModelCheckpoint>(options), folder);
        const auto resumed = folder / "checkpoints" / "epoch=1-step=8.ckpt";
        QVERIFY(fs::exists(resumed) && !fs::exists(left));
        fs::copy_file(resumed, left); // as though it had been killed before the removal
        fs::last_write_time(left, fs::last_write_time(resumed) - std::chrono::seconds(5));
        More more;
        more.checkpoint = resumed;
        fit_with_values({3, 2, 4}, std::make_unique<ModelCheckpoint>(options), folder, more);
        QCOMPARE(
            filesIn(folder / "checkpoints"), QStringList{QStringLiteral("epoch=1-step=8.ckpt")});
    }

    void formatsNamesAsPythonDoes_data()
    {
        QTest::addColumn<QString>("pattern");
        QTest::addColumn<bool>("autoInsert");
        QTest::addColumn<QString>("name");
        QTest::newRow("inserted") << "m-{epoch:02d}-{val_loss:.3f}" << true
                                  << "m-epoch=02-val_loss=1.725";
        QTest::newRow("bare") << "{epoch:03d}_{step}_{val_loss:.2f}" << false << "002_4_1.73";
        QTest::newRow("unknown") << "{nope}-{nope:.2f}" << true << "nope=0-nope=0.00";
        QTest::newRow("shortest") << "{val_loss}" << true << "val_loss=1.725000023841858";
        QTest::newRow("bases") << "{epoch:x}-{epoch:#b}-{epoch:n}" << false << "2-0b10-2";
        QTest::newRow("thousands") << "{step:,}-{step:08_}" << false << "4-0_000_004";
        QTest::newRow("general") << "{val_loss:n}-{val_loss:.3}-{val_loss:G}" << false
                                 << "1.725-1.73-1.725";
        QTest::newRow("share") << "{val_loss:+.1%}" << true << "val_loss=+172.5%";
        QTest::newRow("aligned") << "{epoch:*^5}|{step:<3}|{val_loss:=+7.1f}" << false
                                 << "**2**|4  |+   1.7";
        QTest::newRow("braces") << "a}}b{epoch}" << false << "a}b2";
        QTest::newRow("names that begin alike") << "{val}{val_loss:.0f}" << false << "02";
        QTest::newRow("twice") << "{epoch}{epoch}" << true << "epoch=2epoch=2";
        QTest::newRow("a dot") << "{a.b}" << true << "a.b=0";
        QTest::newRow("a slash") << "x/{val/acc:.1f}" << true << "x/val_acc=0.0";
        QTest::newRow("a format of another field") << "{step:{epoch}}" << false << " 4";
    }

    void formatsNamesAsPythonDoes()
    {
        QFETCH(const QString, pattern);
        QFETCH(const bool, autoInsert);
        QFETCH(const QString, name);
        const std::vector<NameValue> values{
            {"epoch", 2, true}, {"step", 4, true}, {"val_loss", double(1.725f), false}};
        QCOMPARE(QString::fromStdString(
                     format_checkpoint_name(pattern.toStdString(), values, autoInsert)),
            name);
    }

    void refusesTemplatesThatPythonRefuses_data()
    {
        QTest::addColumn<QString>("pattern");
        for (const auto* pattern : {"{}", "{:d}", "{{epoch}}", "{epoch[0]}", "a{epoch", "a}", "{",
                 "{val_loss:d}", "{val_loss:x}", "{epoch:.2d}", "{epoch:s}", "{epoch:.2q}",
                 "{val_loss:,n}", "{epoch:,x}", "{5}", "{epoch:{}"})
            QTest::newRow(pattern) << QString::fromLatin1(pattern);
    }
    void refusesTemplatesThatPythonRefuses()
    {
        QFETCH(const QString, pattern);
        const std::vector<NameValue> values{
            {"epoch", 2, true}, {"step", 4, true}, {"val_loss", double(1.725f), false}};
        for (const bool inserts : {true, false})
            QVERIFY_EXCEPTION_THROWN(format_checkpoint_name(pattern.toStdString(), values, inserts),
                MisconfigurationError);
    }

    void writesNumbersAsPythonDoes_data()
    {
        QTest::addColumn<double>("value");
        QTest::addColumn<QString>("text");
        QTest::newRow("whole") << 2.0 << "2.0";
        QTest::newRow("float32 widened") << double(2.365279f) << "2.365278959274292";
        QTest::newRow("small") << 1e-5 << "1e-05";
        QTest::newRow("last fixed small") << 1e-4 << "0.0001";
        QTest::newRow("last fixed large") << 1e15 << "1000000000000000.0";
        QTest::newRow("large") << 1e16 << "1e+16";
        QTest::newRow("nan") << not_a_number << "nan";
        QTest::newRow("infinity") << -HUGE_VAL << "-inf";
    }

    void writesNumbersAsPythonDoes()
    {
        QFETCH(const double, value);
        QFETCH(const QString, text);
        QCOMPARE(QString::fromStdString(python_repr(value)), text);
    }

    void writesTheCsvFileOfLightning()
    {
        const auto folder = freshFolder();
        CSVLogger logger({});
        logger.open(FileSystem::local(), {}, folder);
        const auto row = [&](int64_t step, std::vector<std::pair<std::string, double>> values) {
            MetricRow made;
            made.step = step;
            for (auto& [name, value] : values)
                made.values.push_back({name, value, false});
            made.values.push_back({"epoch", 0, true});
            logger.log_metrics(made);
            logger.save();
        };
        row(1, {{"train_loss", double(2.365279f)}});
        row(3, {{"val_loss", double(2.0638015f)}, {"val_acc", 0.296875}});
        QCOMPARE(QString::fromStdString(FileSystem::local().read(folder / "metrics.csv")),
            QStringLiteral("epoch,step,train_loss,val_acc,val_loss\r\n0,1,2.365278959274292,,\r\n0,"
                           "3,,0.296875,2.0638015270233154\r\n"));
        logger.resume_at(1); // the second row moves aside
        QCOMPARE(QString::fromStdString(FileSystem::local().read(folder / "metrics.csv")),
            QStringLiteral("epoch,step,train_loss\r\n0,1,2.365278959274292\r\n"));
        QVERIFY(fs::exists(folder / "metrics.csv.0.old"));
    }

    void weighsBatchesByTheirSize()
    {
        ScriptedModel model;
        model.on_validation_step = [](ScriptedModel& m, int64_t idx) {
            static constexpr std::array<int64_t, 3> sizes{4, 4, 2};
            m.log("val_loss", double(idx + 1),
                {.on_step = {}, .on_epoch = {}, .batch_size = sizes.at(size_t(idx))});
        };
        MemoryData data(1, 3);
        TrainerOptions options;
        options.max_epochs = 1;
        options.logger = false;
        options.enable_checkpointing = false;
        options.enable_model_summary = false;
        Trainer trainer(options);
        trainer.fit(model, data);
        QCOMPARE(float(*trainer.callback_metrics().find("val_loss")), 1.8f);
    }

    void refusesToLogWhereLightningRefuses()
    {
        ScriptedModel model;
        model.on_training_step = [](ScriptedModel& m, int64_t) {
            m.log("x", 1.0, {.on_step = false, .on_epoch = false, .batch_size = {}});
        };
        MemoryData data(1, 1);
        TrainerOptions options;
        options.logger = false;
        options.enable_checkpointing = false;
        options.enable_model_summary = false;
        Trainer trainer(options);
        QVERIFY_EXCEPTION_THROWN(trainer.fit(model, data), MisconfigurationError);
    }

private:
    static QStringList filesIn(const fs::path& folder)
    {
        QStringList found;
        for (const auto& entry : fs::directory_iterator(folder))
            found << QString::fromStdString(entry.path().filename().string());
        found.sort();
        return found;
    }
    fs::path freshFolder()
    {
        return fs::path(m_folder.path().toStdString()) / std::to_string(m_count++);
    }

    QTemporaryDir m_folder;
    int m_count = 0;
};
LEYDEN_TEST(TestCheckpointCallback)
} // namespace tst_checkpoint_callback

#include "tst_checkpoint_callback.moc"
