// SPDX-License-Identifier: GPL-3.0-or-later
// Grabs each view, empty, filled and failed, in both themes and two sizes, into a folder to look
// at.
#include "studio_window.h"

#include "app/headless/resources.h"
#include "app/studio/window/decimal_points.h"

#include <QAbstractItemView>
#include <QAction>
#include <QApplication>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QTabWidget>
#include <QToolButton>

#include <clocale>

using namespace leyden;
using namespace leyden::app;
using leyden::app::test::StudioWindow;

namespace {

void grab(const StudioWindow& studio, const QString& folder, const QString& name)
{
    QTest::qWait(900); // a look at the data, and charts that repaint once a second at least
    studio.window->grab().save(QStringLiteral("%1/%2.png").arg(folder, name));
}

void run(const StudioWindow& studio, const char* preset)
{
    studio.window->openPreset(QLatin1String(preset));
    studio.trigger("startRun");
    [[maybe_unused]] const bool hasEnded = QTest::qWaitFor([&] { return studio.isIdle(); }, 60000);
}

/// The pages that the option tables fill most.
void grabForms(const StudioWindow& studio, const QString& folder, const QString& suffix)
{
    studio.field("/trainer/precision");
    grab(studio, folder, QStringLiteral("configure-trainer") + suffix);
    auto list = Json::array();
    for (const auto* name : {"StochasticWeightAveraging", "ModelPruning", "Timer"})
        list.push_back({{"class_path", name}, {"init_args", Json::object()}});
    list[0]["init_args"]["swa_lrs"] = 0.01;
    list[1]["init_args"] = {{"pruning_fn", "l1_unstructured"}, {"amount", 0.3}};
    studio.window->session().document().setValue(QStringLiteral("/trainer/callbacks"), list);
    studio.window->session().check();
    studio.field("/trainer/callbacks");
    grab(studio, folder, QStringLiteral("configure-callbacks") + suffix);
    studio.window->session().document().resetAll();
}

void grabCheckpointDialogs(const StudioWindow& studio, const QString& folder, const QString& suffix)
{
    auto* view = studio.find<QAbstractItemView>("checkpointView");
    view->setCurrentIndex(view->model()->index(0, 0));
    studio.find<QPushButton>("branchCheckpoint")->click();
    auto* branch = studio.find<QWidget>("branchDialog");
    branch->grab().save(QStringLiteral("%1/branch-dialog%2.png").arg(folder, suffix));
    branch->close();
    studio.find<QAction>("showCheckpoint")->trigger();
    const auto contents
        = [&] { return studio.window->findChild<QWidget*>(QStringLiteral("textDialog")); };
    [[maybe_unused]] const bool isThere
        = QTest::qWaitFor([&] { return contents() && contents()->isVisible(); }, 10000);
    contents()->grab().save(QStringLiteral("%1/contents-dialog%2.png").arg(folder, suffix));
    contents()->close();
}

void grabAll(const QString& folder, const char* theme, const QSize& size)
{
    StudioWindow studio;
    studio.trigger(theme);
    studio.window->resize(size);
    const auto suffix = QStringLiteral("-%1-%2")
                            .arg(QString::fromLatin1(theme).mid(5).toLower())
                            .arg(size.width());
    studio.trigger("viewStart");
    grab(studio, folder, QStringLiteral("start-empty") + suffix);
    studio.trigger("viewConfigure");
    grab(studio, folder, QStringLiteral("configure-empty") + suffix);
    studio.trigger("viewMonitor");
    grab(studio, folder, QStringLiteral("monitor-empty") + suffix);
    QFile broken(studio.path(QStringLiteral("broken.json")));
    if (broken.open(QIODevice::WriteOnly))
        broken.write("{\"model\": MLP}");
    broken.close();
    studio.trigger("viewStart");
    studio.window->openFile(broken.fileName());
    grab(studio, folder, QStringLiteral("start-failed") + suffix);
    studio.find<QToolButton>("noticeClose")->click();

    studio.window->openPreset(QStringLiteral("digits-mlp"));
    const auto* data = studio.find<QWidget>("classCounts");
    [[maybe_unused]] bool isThere = QTest::qWaitFor([&] { return data->isVisible(); }, 10000);
    grab(studio, folder, QStringLiteral("configure") + suffix);
    studio.window->session().document().setValue(QStringLiteral("/trainer/max_epochs"), -7);
    studio.window->session().check();
    studio.field("/trainer/max_epochs");
    grab(studio, folder, QStringLiteral("configure-failed") + suffix);
    studio.window->session().document().setValue(QStringLiteral("/trainer/max_epochs"), 20);
    grabForms(studio, folder, suffix);

    studio.window->openFile(QString::fromStdString(headless::resource_folder().string())
        + QStringLiteral("/datasets/penguins.csv"));
    auto* dialog = studio.find<QWidget>("csvDialog");
    QTest::qWait(1500); // it reads
    dialog->grab().save(QStringLiteral("%1/csv-dialog%2.png").arg(folder, suffix));
    dialog->close();

    run(studio, "iris-linear");
    studio.window->openPreset(QStringLiteral("digits-mlp"));
    studio.window->session().document().setValue(QStringLiteral("/trainer/max_epochs"), 300);
    studio.window->session().document().setValue(
        QStringLiteral("/trainer/callbacks/0/init_args/patience"), 250);
    studio.trigger("startRun");
    isThere = QTest::qWaitFor([&] { return studio.controller().progress().epoch > 8; }, 30000);
    studio.controller().setOption(QStringLiteral("lr"), 5e-4);
    isThere = QTest::qWaitFor([&] { return studio.controller().progress().epoch > 14; }, 30000);
    grab(studio, folder, QStringLiteral("monitor") + suffix);
    studio.trigger("pauseRun");
    isThere
        = QTest::qWaitFor([&] { return studio.controller().phase() == RunPhase::Paused; }, 10000);
    const auto* tabs = studio.find<QTabWidget>("inspectorTabs");
    for (int tab = 1; tab < tabs->count(); ++tab) {
        const_cast<QTabWidget*>(tabs)->setCurrentIndex(tab);
        grab(studio, folder, QStringLiteral("inspector-%1").arg(tab) + suffix);
    }
    const_cast<QTabWidget*>(tabs)->setCurrentIndex(0);
    grabCheckpointDialogs(studio, folder, suffix);
    studio.trigger("stopDiscard");
    studio.find<QWidget>("discardQuestion")
        ->grab()
        .save(QStringLiteral("%1/question%2.png").arg(folder, suffix));
    studio.find<QPushButton>("cancel")->click();
    studio.trigger("viewStart");
    grab(studio, folder, QStringLiteral("start") + suffix);
    studio.trigger("stopAfterStep");
    isThere = QTest::qWaitFor([&] { return studio.isIdle(); }, 30000);
    studio.window->session().document().setValue(
        QStringLiteral("/data/init_args/path"), "/no/such/folder/table.csv");
    studio.window->session().check();
    studio.trigger("startRun");
    isThere = QTest::qWaitFor([&] { return studio.isIdle(); }, 30000);
    grab(studio, folder, QStringLiteral("monitor-failed") + suffix);
}

} // namespace

int main(int argc, char* argv[])
{
    QApplication application(argc, argv);
    useDecimalPoints();
    const auto folder = QString::fromLocal8Bit(argc > 1 ? argv[1] : "screenshots");
    QDir().mkpath(folder);
    for (const auto* theme : {"themeLight", "themeDark"})
        for (const QSize& size : {QSize(1280, 800), QSize(2560, 1440)})
            grabAll(folder, theme, size);
    return 0;
}
