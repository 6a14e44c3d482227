// SPDX-License-Identifier: GPL-3.0-or-later
// What no other tool has (the studio's brief, section 1), item by item: tests called item<N>_...
// Those of 2, 4, 5, 6 are in tst_main_window, 20 in tst_window_habits, 7 in tst_metric_chart, 21 in
// tst_metric_chart and tst_monitor_view.
#include "programs.h"

#include "engine/config/option_help.h"
#include "engine/config/run_config.h"
#include "engine/core/factories.h"
#include "engine/data/csv_data.h"
#include "tests/support/made_up_component.h"
#include "tests/support/widget_test.h"
#include "widgets/plots/monitor_view.h"

#include <nlohmann/json.hpp>

#include <QDirIterator>
#include <QElapsedTimer>
#include <QLabel>
#include <QPushButton>
#include <QToolButton>

#include <atomic>
#include <thread>

namespace tst_studio_items {
using namespace leyden;
using namespace leyden::app;
using leyden::app::test::startStudio;
using leyden::app::test::StudioWindow;
using leyden::app::test::type;

namespace {

/// Time that the loaders have slept, and how often.
struct Naps
{
    std::atomic<int64_t> count{0};
    std::atomic<int64_t> nanoseconds{0};
    double meanSeconds() const { return 1e-9 * double(nanoseconds) / double(count); }
};
Naps naps;

struct SleepyOptions
{
    std::string path;
    std::string target;
    int64_t nap_ms = 0;
};

void describe(OptionTable<SleepyOptions>& table)
{
    table.add("path", &SleepyOptions::path, "File with the data").required().input_path();
    table.add("target", &SleepyOptions::target, "Column to predict").required();
    table.add("nap_ms", &SleepyOptions::nap_ms, "Sleep before each batch").at_least(0);
}

class SleepyDataset final : public Dataset
{
public:
    SleepyDataset(std::shared_ptr<DataLoader> loader, int64_t napMs)
        : m_loader(std::move(loader)), m_nap(napMs)
    {
    }
    int64_t size() const override { return m_loader->dataset().size(); }
    Batch get_batch(std::span<const int64_t> indices) const override
    {
        const auto start = std::chrono::steady_clock::now();
        std::this_thread::sleep_for(m_nap);
        naps.nanoseconds += (std::chrono::steady_clock::now() - start).count();
        ++naps.count;
        return m_loader->dataset().get_batch(indices);
    }

private:
    std::shared_ptr<DataLoader> m_loader;
    std::chrono::milliseconds m_nap;
};

/// CSVData whose training batches take their time.
class SleepyData final : public LightningDataModule
{
public:
    explicit SleepyData(const SleepyOptions& options)
        : m_csv({.path = options.path,
              .target = options.target,
              .features = {},
              .batch_size = 64,
              .val_rows = {},
              .test_rows = {},
              .val_fraction = {},
              .test_fraction = {}})
        , m_napMs(options.nap_ms)
    {
    }
    std::string name() const override { return "SleepyData"; }
    const DataSpec& spec() override { return m_csv.spec(); }
    void setup(TrainerFn fn) override { m_csv.setup(fn); }
    DataLoaders train_dataloader() override
    {
        const auto loader = m_csv.train_dataloader().front();
        return {std::make_shared<DataLoader>(
            std::make_shared<SleepyDataset>(loader, m_napMs), loader->options())};
    }

private:
    CSVData m_csv;
    int64_t m_napMs;
};

Registry sleepyRegistry()
{
    auto registry = builtin_registry();
    registry.add<SleepyOptions>(ComponentKind::Data, "SleepyData", "A slow CSVData",
        DataFactory(options_factory<DataFactory, SleepyOptions>(
            [](const SleepyOptions& options) { return std::make_shared<SleepyData>(options); })));
    return registry;
}

Registry madeUpRegistry()
{
    auto registry = builtin_registry();
    leyden::test::register_made_up_components(registry);
    return registry;
}

/// Opens a config; written with ' for ".
void open(const StudioWindow& studio, QByteArray json)
{
    const auto problem = studio.window->session().openText(
        json.replace('\'', '"'), QStringLiteral("made up"), studio.folder.path());
    QVERIFY2(problem.isEmpty(), qPrintable(problem));
}

const QByteArray madeUpConfig
    = "{'schema': 1, 'model': {'class_path': 'MadeUpModel', 'init_args': {'required_text': 'x'}},"
      "'data': {'class_path': 'MadeUpData'}, 'optimizer': {'class_path': 'MadeUpSGD'}}";
const QString initArgs = QStringLiteral("/model/init_args/");

QByteArray pointerOf(const QString& option)
{
    return (initArgs + option).toUtf8();
}

/// 160 rows for training in batches of 8; the sums over row 100, in the batch of step 12, overflow.
void writePoisonedTable(const QString& path)
{
    QFile file(path);
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write("a,b,y\n");
    for (int row = 0; row < 192; ++row) {
        const auto a = row == 100 ? QByteArray("3e38") : QByteArray::number((row * 7) % 11);
        const auto b = row == 100 ? a : QByteArray::number((row * 5) % 13);
        file.write(a + ',' + b + ',' + (row % 2 ? "up" : "down") + '\n');
    }
}

} // namespace

class TestStudioItems final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void item1_oneSchemaMakesFormFlagsJsonDocsTooltipUndoAndDiff()
    {
        StudioWindow studio(madeUpRegistry());
        open(studio, madeUpConfig);
        auto& document = studio.window->session().document();
        const auto* info = studio.registry.find(ComponentKind::Model, "MadeUpModel");
        QVERIFY(info && info->options.size() > 30);
        QVERIFY(!studio.field(pointerOf(QStringLiteral("future")).constData())->isEnabled());
        const auto docs = QString::fromStdString(component_help(*info));
        for (const auto& option : info->options) {
            const auto name = QString::fromStdString(option.name);
            const auto help = QString::fromStdString(option.help);
            auto* field = studio.field(pointerOf(name).constData()); // the form
            QVERIFY2(field->isVisible(), qPrintable(name));
            QCOMPARE(field->accessibleName(), name);
            const auto tip
                = studio.find<QWidget>(("row:" + pointerOf(name)).constData())->toolTip();
            QVERIFY2(tip.contains(help.toHtmlEscaped()) || tip.contains(help), qPrintable(tip));
            QVERIFY2(docs.contains(help), qPrintable(name)); // leyden list
        }

        // Typed into the form, it is in the JSON, in the diff, and undo takes it out of both.
        type(studio.field(pointerOf(QStringLiteral("rate")).constData()), QStringLiteral("0.125"));
        QCOMPARE(document.value(initArgs + QStringLiteral("rate"))->dump(), std::string("0.125"));
        auto* changes = studio.find<QAbstractItemView>("changesView")->model();
        QTRY_COMPARE(changes->rowCount(), 1);
        QVERIFY(changes->index(0, 0).data().toString().contains(QStringLiteral("rate")));
        document.undoStack()->undo();
        QVERIFY(!document.value(initArgs + QStringLiteral("rate")));
        QTRY_COMPARE(changes->rowCount(), 0);

        // The flag of the command says the same.
        auto json = document.config();
        QVERIFY(apply_overrides(json, {{"model.init_args.rate", "0.125"}}).empty());
        const auto parsed = parse_run_config(json, studio.registry, {});
        QCOMPARE(
            parsed.config.resolved.at("model").at("init_args").at("rate").get<double>(), 0.125);
    }

    void item1_aMadeUpComponentShowsItsErrorsAtItsFields_data()
    {
        QTest::addColumn<QString>("option");
        QTest::addColumn<QString>("wrong");
        QTest::addColumn<QString>("right");
        QTest::newRow("out of range") << "count" << "101" << "100";
        QTest::newRow("on the bound") << "rate" << "1" << "0.5";
        QTest::newRow("no number") << "count" << "many" << "5";
        QTest::newRow("pattern") << "time" << "soon" << "00:00:10:00";
        QTest::newRow("list") << "sizes" << "[4, 0]" << "[4, 1]";
        QTest::newRow("alternatives") << "amount" << "-1" << "0.5";
        QTest::newRow("clash of two") << "least" << "11" << "10";
    }

    void item1_aMadeUpComponentShowsItsErrorsAtItsFields()
    {
        QFETCH(const QString, option);
        QFETCH(const QString, wrong);
        QFETCH(const QString, right);
        StudioWindow studio(madeUpRegistry());
        open(studio, madeUpConfig);
        QTRY_VERIFY(studio.find<QAction>("startRun")->isEnabled());
        const auto pointer = pointerOf(option);
        type(studio.field(pointer.constData()), wrong);
        QTRY_VERIFY(!studio.find<QAction>("startRun")->isEnabled());
        auto* problem = studio.find<QLabel>(("problem:" + pointer).constData());
        QVERIFY(problem->isVisible() && problem->text().size() > 10);
        QVERIFY(studio.find<QToolButton>("statusProblems")->isEnabled());
        type(studio.field(pointer.constData()), right);
        QTRY_VERIFY(studio.find<QAction>("startRun")->isEnabled());
        QVERIFY(!problem->isVisible());
    }

    void item8_aLossThatTurnsNaNIsMarkedNamedAndTakenBack()
    {
        StudioWindow studio;
        writePoisonedTable(studio.path(QStringLiteral("poisoned.csv")));
        open(studio,
            "{'schema': 1, 'model': {'class_path': 'MLP', 'init_args': {'hidden_sizes': [256]}},"
            "'data': {'class_path': 'CSVData', 'init_args': {'path': 'poisoned.csv', 'target': 'y',"
            "'batch_size': 8, 'shuffle': false, 'standardize': false, 'val_rows': 32}},"
            "'optimizer': {'class_path': 'SGD', 'init_args': {'lr': 0.001}},"
            "'trainer': {'max_epochs': 2, 'log_every_n_steps': 1, 'callbacks': [{'class_path':"
            "'ModelCheckpoint', 'init_args': {'every_n_train_steps': 5, 'save_top_k': -1}}]}}");
        studio.start();
        QTRY_VERIFY_WITH_TIMEOUT(studio.isIdle() && !studio.controller().folder().isEmpty(), 60000);

        const auto* monitor = studio.find<ui::MonitorView>("monitorView");
        const auto* loss = monitor->store().series(QStringLiteral("train_loss"));
        QVERIFY(loss && !loss->nonFinite().empty());
        QCOMPARE(monitor->store().point(*loss, loss->nonFinite().front()).step, 12.0);
        const auto text = studio.find<QLabel>("noticeText")->text();
        QVERIFY2(text.contains(QStringLiteral("step 12")), qPrintable(text));
        QVERIFY2(text.contains(QStringLiteral("net.0.weight")), qPrintable(text));

        const auto* name = "reloadLastGood"; // its checkpoint may be told later than the loss
        const auto offers = [&](const char* words) {
            const auto* button = studio.window->findChild<QPushButton*>(QLatin1String(name));
            return button && button->text().contains(QLatin1String(words));
        };
        QTRY_VERIFY(offers("step 10"));
        studio.find<QPushButton>(name)->click(); // "Back to step 10, paused"
        QTRY_COMPARE_WITH_TIMEOUT(studio.controller().phase(), RunPhase::Paused, 30000);
        QTRY_VERIFY(studio.read(QStringLiteral("events.jsonl")).contains("\"pause\""));
        const auto rows = studio.read(QStringLiteral("metrics.csv")).trimmed().split('\n');
        QVERIFY2(!rows.last().contains("nan"), rows.last().constData()); // what was bad is cut
        QVERIFY(rows.size() > 10);
        QTRY_VERIFY(monitor->store().rowCount() >= 10); // the curves up to there, while it holds
        QVERIFY(monitor->store().series(QStringLiteral("train_loss"))->nonFinite().empty());
        studio.trigger("stopAfterStep");
        QTRY_VERIFY_WITH_TIMEOUT(studio.isIdle(), 30000);
    }

    void item8_theWayBackGoesWithItsCheckpoint()
    {
        StudioWindow studio;
        writePoisonedTable(studio.path(QStringLiteral("poisoned.csv")));
        open(studio,
            "{'schema': 1, 'model': {'class_path': 'MLP', 'init_args': {'hidden_sizes': [256]}},"
            "'data': {'class_path': 'CSVData', 'init_args': {'path': 'poisoned.csv', 'target': 'y',"
            "'batch_size': 8, 'shuffle': false, 'standardize': false, 'val_rows': 32}},"
            "'optimizer': {'class_path': 'SGD', 'init_args': {'lr': 0.001}},"
            "'trainer': {'max_epochs': 2, 'log_every_n_steps': 1, 'callbacks': [{'class_path':"
            "'ModelCheckpoint', 'init_args': {'every_n_train_steps': 5}}]}}");
        studio.start();
        QTRY_VERIFY_WITH_TIMEOUT(studio.isIdle() && !studio.controller().folder().isEmpty(), 60000);
        const auto text = studio.find<QLabel>("noticeText")->text();
        QVERIFY2(text.contains(QStringLiteral("step 12")), qPrintable(text));
        QTRY_VERIFY(!studio.window->findChild<QPushButton*>(QStringLiteral("reloadLastGood")));
    }

    void item9_aKilledStudioLosesLessThanASecond()
    {
        StudioWindow studio;
        QVERIFY(studio.window->openPreset(QStringLiteral("digits-mlp")));
        type(studio.field("/trainer/max_epochs"), QStringLiteral("1000"));
        type(studio.field("/data/init_args/batch_size"), QStringLiteral("8"));
        studio.window->session().document().setValue(
            QStringLiteral("/trainer/callbacks/0/init_args/patience"), 100000);
        const auto config = studio.path(QStringLiteral("long.json"));
        studio.window->exportConfig(config);
        studio.window.reset();

        QProcess process;
        startStudio(process, studio, config);
        const auto metrics = [&] {
            QDirIterator files(studio.path(QStringLiteral("runs")), {QStringLiteral("metrics.csv")},
                QDir::Files, QDirIterator::Subdirectories);
            if (!files.hasNext())
                return QByteArray();
            QFile file(files.next());
            return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
        };
        QElapsedTimer sinceGrowth;
        qsizetype size = 0;
        const auto grows = [&] {
            const auto now = metrics().size();
            if (now > size || !sinceGrowth.isValid())
                sinceGrowth.start();
            size = now;
            return size > 4000;
        };
        QVERIFY(QTest::qWaitFor(grows, 60000));
        for (int i = 0; i < 40; ++i) { // two seconds more
            QTest::qWait(50);
            grows();
        }
        process.kill();
        QVERIFY(process.waitForFinished());
        QVERIFY2(sinceGrowth.elapsed() < 1000, "what was logged reaches the disk within a second");
        const auto left = metrics();
        const auto rows = left.count('\n') - 1; // whole ones

        studio.open();
        QTRY_VERIFY(studio.find<QWidget>("noticeBar")->isVisible());
        QVERIFY(studio.find<QLabel>("noticeText")
                ->text()
                .contains(QStringLiteral("unexpectedly at step")));
        studio.find<QPushButton>("showCrashed")->click();
        const auto* past = studio.find<ui::MonitorView>("pastMonitorView");
        QTRY_COMPARE(past->store().rowCount(), rows); // the curves are intact
        studio.open();                                // it is offered until it was taken up
        QTRY_VERIFY(studio.window->findChild<QPushButton*>(QStringLiteral("resumeCrashed")));
        studio.find<QPushButton>("resumeCrashed")->click();
        QTRY_COMPARE_WITH_TIMEOUT(studio.controller().phase(), RunPhase::Running, 30000);
        studio.trigger("stopSaveAndStop");
        QTRY_VERIFY_WITH_TIMEOUT(studio.isIdle(), 60000);
        QVERIFY(studio.checkpoints().contains(QStringLiteral("stopped.ckpt")));
    }

    void item16_aSlowLoaderRaisesTheBadgeAsPredicted_data()
    {
        QTest::addColumn<int>("nap");
        QTest::newRow("slow") << 5;
        QTest::newRow("fast") << 0;
    }

    void item16_aSlowLoaderRaisesTheBadgeAsPredicted()
    {
        QFETCH(const int, nap);
        StudioWindow studio(sleepyRegistry());
        open(studio,
            "{'schema': 1, 'model': {'class_path': 'MLP', 'init_args': {'hidden_sizes': [256, "
            "256]}}, 'data': {'class_path': 'SleepyData', 'init_args': {'path': '"
                + QByteArray(LEYDEN_SOURCE_DIR "/resources/datasets/digits.csv")
                + "', 'target': 'digit', 'nap_ms': " + QByteArray::number(nap)
                + "}}, 'optimizer': {'class_path': 'SGD', 'init_args': {'lr': 0.01}},"
                  "'trainer': {'max_epochs': 100000, 'limit_val_batches': 0}}");
        RunProgress last;
        connect(&studio.controller(), &RunController::progressed, this,
            [&](const RunProgress& progress) { last = progress; });
        naps.count = 0;
        naps.nanoseconds = 0;
        studio.start();
        QTRY_VERIFY_WITH_TIMEOUT(
            last.isTraining && last.batchesPerSecond > 0.0 && last.globalStep > 100, 60000);
        const auto* badge = studio.find<QLabel>("statusDataWait");
        if (nap > 0) {
            // Measured over a second, and not known before; the speed is known earlier.
            QTRY_VERIFY_WITH_TIMEOUT(last.dataWaitShare > 0.0, 10000);
            const double predicted = naps.meanSeconds() * last.batchesPerSecond;
            QVERIFY2(std::abs(last.dataWaitShare - predicted) < 0.1,
                qPrintable(QStringLiteral("%1 for %2").arg(last.dataWaitShare).arg(predicted)));
            QTRY_VERIFY(badge->isVisible());
            QVERIFY(badge->text().contains(QStringLiteral("waits for data")));
            QVERIFY(badge->text().contains(QString::number(int(last.dataWaitShare * 100 + 0.5))));
        } else {
            QVERIFY2(last.dataWaitShare < 0.1, qPrintable(QString::number(last.dataWaitShare)));
            QVERIFY(!badge->isVisible());
        }
        studio.trigger("stopAfterStep");
        QTRY_VERIFY_WITH_TIMEOUT(studio.isIdle(), 60000);
    }
};

LEYDEN_WIDGET_TEST(TestStudioItems)
} // namespace tst_studio_items

#include "tst_studio_items.moc"
