// SPDX-License-Identifier: GPL-3.0-or-later
// bench_window first-frame | gaps | rows | cost ROUNDS. Prints one line of JSON; a display named
// offscreen will do.
#include "app/studio/bridge/event_batch.h"
#include "app/studio/bridge/event_queue.h"
#include "app/studio/window/decimal_points.h"
#include "app/studio/window/main_window.h"
#include "app/studio/window/status_strip.h"
#include "engine/trainer/builtin_registry.h"
#include "widgets/plots/monitor_view.h"

#include <QApplication>
#include <QElapsedTimer>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <unistd.h>

using namespace leyden;
using namespace leyden::app;

namespace {

/// Milliseconds since this process began; the kernel counts in ticks of 10 ms.
double processAgeMs()
{
    QFile file(QStringLiteral("/proc/self/stat"));
    if (!file.open(QIODevice::ReadOnly))
        return 0.0;
    const auto text = file.readAll();
    const auto fields = text.mid(text.lastIndexOf(')') + 2).split(' ');
    timespec now{};
    clock_gettime(CLOCK_BOOTTIME, &now);
    return double(now.tv_sec) * 1e3 + double(now.tv_nsec) / 1e6
        - fields.at(19).toDouble() * 1e3 / double(sysconf(_SC_CLK_TCK));
}

class FirstPaint final : public QObject
{
public:
    double atMs = 0.0;

protected:
    bool eventFilter(QObject* watched, QEvent* event) override
    {
        if (event->type() == QEvent::Paint && watched->isWidgetType() && atMs == 0.0)
            QTimer::singleShot(0, this, [this] { atMs = processAgeMs(); }); // once it is painted
        return false;
    }
};

void load(MainWindow& window, int epochs)
{
    window.openPreset(QStringLiteral("digits-mlp"));
    auto& document = window.session().document();
    document.setValue(QStringLiteral("/trainer/max_epochs"), epochs);
    document.setValue(QStringLiteral("/trainer/callbacks/0/init_args/patience"), 100000);
    document.setValue(QStringLiteral("/num_threads"), 1);
    window.session().check();
}

/// Steps a second from the first to the last progress of a run.
double speedOfRun(MainWindow& window)
{
    QElapsedTimer clock;
    double firstMs = 0.0, firstStep = -1.0, lastMs = 0.0, lastStep = 0.0;
    const auto connection = QObject::connect(&window.controller(), &RunController::progressed,
        &window, [&](const RunProgress& progress) {
            lastMs = double(clock.elapsed());
            lastStep = double(progress.globalStep);
            if (firstStep < 0.0) {
                firstMs = lastMs;
                firstStep = lastStep;
            }
        });
    clock.start();
    window.startRun();
    [[maybe_unused]] const bool hasEnded
        = QTest::qWaitFor([&] { return !window.controller().isActive(); }, 300000);
    QObject::disconnect(connection);
    return (lastStep - firstStep) / std::max(1.0, lastMs - firstMs) * 1e3;
}

void gaps(MainWindow& window)
{
    load(window, 300);
    QList<double> found;
    QElapsedTimer clock;
    QTimer pulse;
    pulse.setTimerType(Qt::PreciseTimer);
    QObject::connect(&pulse, &QTimer::timeout, &window, [&] {
        if (clock.isValid())
            found += double(clock.nsecsElapsed()) / 1e6;
        clock.start();
    });
    pulse.start(2);
    const double speed = speedOfRun(window);
    pulse.stop();
    std::sort(found.begin(), found.end());
    const auto at
        = [&](double share) { return found.at(qsizetype(share * double(found.size() - 1))); };
    std::printf(
        "{\"gap_p50_ms\": %.2f, \"gap_p95_ms\": %.2f, \"gap_p99_ms\": %.2f, \"gap_max_ms\": %.2f, "
        "\"steps_per_second\": %.0f}\n",
        at(0.5), at(0.95), at(0.99), found.last(), speed);
}

void cost(MainWindow& window, int rounds)
{
    load(window, 150);
    speedOfRun(window); // warm
    QList<double> open, hidden;
    for (int round = 0; round < rounds; ++round) {
        window.show();
        open += speedOfRun(window);
        window.hide();
        hidden += speedOfRun(window);
    }
    const auto list = [](const char* name, const QList<double>& values) {
        std::printf("\"%s\": [", name);
        for (qsizetype i = 0; i < values.size(); ++i)
            std::printf(i == 0 ? "%.1f" : ", %.1f", values[i]);
        std::printf("]");
    };
    std::printf("{");
    list("open", open); // steps a second, a pair a round
    std::printf(", ");
    list("hidden", hidden);
    std::printf("}\n");
}

/// Rows from the run's thread into the curves: queue, values, store, charts.
void rows()
{
    constexpr int count = 50000;
    ui::MonitorView monitor;
    monitor.resize(1000, 700);
    monitor.show();
    monitor.beginRun({QStringLiteral("rows"), {}});
    EventQueue queue([](bool) { });
    QElapsedTimer clock;
    clock.start();
    for (int i = 0; i < count; ++i) {
        queue.on_event(
            RowEvent{.values = {{"train_loss", 1.0 / (1 + i)}, {"lr", 1e-3}}, .step = i});
        if (i % 1000 == 999)
            monitor.appendRows(toBatch(queue.takeAll()).rows);
    }
    monitor.refresh();
    std::printf("{\"rows_per_second\": %.0f}\n", count / (double(clock.nsecsElapsed()) * 1e-9));
}

} // namespace

int main(int argc, char* argv[])
{
    QApplication application(argc, argv);
    useDecimalPoints();
    const auto what = QString::fromLocal8Bit(argc > 1 ? argv[1] : "gaps");
    FirstPaint paint;
    application.installEventFilter(&paint);
    const QTemporaryDir folder;
    const auto registry = builtin_registry();
    MainWindow window(registry,
        {folder.filePath(QStringLiteral("settings.ini")), folder.filePath(QStringLiteral("runs"))});
    window.openPreset(QStringLiteral("digits-mlp"));
    window.show();
    if (!QTest::qWaitFor([&] { return paint.atMs > 0.0; }, 20000))
        return 1;
    if (what == QLatin1String("first-frame"))
        std::printf("{\"first_frame_ms\": %.0f}\n", paint.atMs);
    else if (what == QLatin1String("rows"))
        rows();
    else if (what == QLatin1String("gaps"))
        gaps(window);
    else
        cost(window, argc > 2 ? std::max(1, std::atoi(argv[2])) : 5);
    return 0;
}
