// SPDX-License-Identifier: GPL-3.0-or-later
// What people do in the window each day, one thing after the other.
#include "run_steps.h"

#include "app/studio/preview/csv_dialog.h"
#include "app/studio/window/monitor_page.h"
#include "tests/support/widget_test.h"
#include "widgets/data/data_preview_panel.h"
#include "widgets/plots/chart_grid.h"
#include "widgets/plots/monitor_view.h"
#include "widgets/runs/runs_panel.h"

#include <QLabel>
#include <QLineEdit>
#include <QListView>
#include <QMenu>
#include <QMessageBox>
#include <QPushButton>
#include <QSignalSpy>
#include <QSlider>
#include <QToolButton>

namespace tst_everyday_ways {
using namespace leyden;
using namespace leyden::app;
using leyden::app::test::finishedRun;
using leyden::app::test::StudioWindow;
using leyden::app::test::type;

namespace {

QString notice(const StudioWindow& studio)
{
    const auto* bar = studio.find<QWidget>("noticeBar");
    return bar->isHidden() ? QString() : studio.find<QLabel>("noticeText")->text();
}

QString copiedTable(const StudioWindow& studio)
{
    const auto path = studio.path(QStringLiteral("flowers.csv"));
    QFile::copy(QStringLiteral(LEYDEN_SOURCE_DIR "/resources/datasets/iris.csv"), path);
    return path;
}

QMenu* menuOfFirstRun(const StudioWindow& studio, QWidget* parent)
{
    auto* runs = studio.window->findChild<ui::RunsPanel*>();
    const auto hasEnded = [&] {
        return runs->model()->rowCount() > 0 && !ui::isGoing(runs->model()->run(0).state);
    };
    if (!QTest::qWaitFor(hasEnded, 10000))
        return nullptr;
    runs->selectRun(runs->model()->run(0).folder);
    auto* menu = new QMenu(parent);
    runs->fillMenu(*menu);
    return menu;
}

} // namespace

class TestEverydayWays final : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void aConfigMadeFromATableIsNotLost()
    {
        StudioWindow studio;
        const auto table = copiedTable(studio);
        studio.window->openFile(table);
        auto* dialog = studio.find<CsvDialog>("csvDialog");
        auto* accept = dialog->findChild<QPushButton*>(QStringLiteral("csvAccept"));
        QTRY_VERIFY(accept->isEnabled());
        accept->click();
        QCOMPARE(studio.window->session().name(), QStringLiteral("flowers"));
        QVERIFY(studio.window->isWindowModified());
        QVERIFY(studio.window->openPreset(QStringLiteral("iris-linear")));
        QVERIFY(!studio.window->isWindowModified());
        studio.find<QPushButton>("bringBackConfig")->click();
        QCOMPARE(studio.window->session().name(), QStringLiteral("flowers"));
        QVERIFY(studio.window->session().isModified());

        studio.window->showView(MainWindow::StartView);
        const auto* recent = studio.find<QListView>("recentConfigs");
        QCOMPARE(recent->model()->index(0, 0).data().toString(), QStringLiteral("flowers.csv"));

        studio.window->close(); // and so it is the next time
        studio.open();
        studio.window->restoreLastConfig();
        QCOMPARE(studio.window->session().name(), QStringLiteral("flowers"));
        QVERIFY(studio.window->session().isModified());
    }

    void theOfferOfAConfigGoesWithStart()
    {
        StudioWindow studio;
        QVERIFY(studio.window->openPreset(QStringLiteral("digits-mlp")));
        studio.window->session().document().setValue(QStringLiteral("/trainer/max_epochs"), 7);
        QVERIFY(studio.window->openPreset(QStringLiteral("iris-linear")));
        QVERIFY(studio.find<QPushButton>("bringBackConfig")->isVisible());
        studio.start();
        QTRY_VERIFY_WITH_TIMEOUT(studio.controller().isActive(), 30000);
        QCOMPARE(notice(studio), QString());
        QTRY_VERIFY_WITH_TIMEOUT(studio.isIdle(), 60000);
        QCOMPARE(notice(studio), QString());
    }

    void aConfigThatIsSavedIsNotOfferedAgain()
    {
        StudioWindow studio;
        QVERIFY(studio.window->session()
                .openText("{\"model\": \"MLP\"}", QStringLiteral("made"), studio.folder.path())
                .isEmpty());
        QVERIFY(studio.window->session().isModified());
        studio.window->exportConfig(studio.path(QStringLiteral("made.json")));
        QVERIFY(!studio.window->session().isModified());
        QVERIFY(studio.window->openPreset(QStringLiteral("iris-linear")));
        QVERIFY(!studio.window->findChild<QPushButton*>(QStringLiteral("bringBackConfig")));
    }

    void aRunsConfigIsOpenedAgain()
    {
        StudioWindow studio;
        const auto folder = finishedRun(studio);
        QVERIFY(!folder.isEmpty());
        studio.window->openPreset(QStringLiteral("penguins-mlp"));
        auto* menu = menuOfFirstRun(studio, studio.window.get());
        QVERIFY(menu);
        menu->findChild<QAction*>(QStringLiteral("openRunConfig"))->trigger();
        auto& session = studio.window->session();
        QTRY_COMPARE_WITH_TIMEOUT(session.name(), QStringLiteral("iris-linear/version_0"), 10000);
        QVERIFY(studio.find<QAction>("viewConfigure")->isChecked());
        QVERIFY(!session.isModified());    // the run's folder keeps it
        QVERIFY(session.file().isEmpty()); // and Save does not write there
        QTRY_VERIFY(session.isValid());
        const auto data = session.document().value(QStringLiteral("/data/init_args/path"));
        QCOMPARE(QByteArray::fromStdString(data->get<std::string>()),
            QByteArray("datasets/iris.csv")); // as it was written, though its run knows it whole
        studio.start();                       // a run like it
        QTRY_VERIFY_WITH_TIMEOUT(studio.controller().isActive(), 30000);
        QTRY_VERIFY_WITH_TIMEOUT(studio.isIdle(), 60000);
        QVERIFY(studio.controller().folder() != folder);
        QFile first(folder + QStringLiteral("/metrics.csv"));
        QVERIFY(first.open(QIODevice::ReadOnly));
        QCOMPARE(studio.read(QStringLiteral("metrics.csv")), first.readAll());

        // The same from the inspector, which shows a run of the past.
        QVERIFY(studio.window->openPreset(QStringLiteral("penguins-mlp")));
        auto* runs = studio.window->findChild<ui::RunsPanel*>();
        runs->clearSelection();
        runs->selectRun(folder);
        auto* open = studio.find<QPushButton>("openShownConfig");
        QTRY_VERIFY(!open->isHidden());
        open->click();
        QTRY_COMPARE(session.name(), QStringLiteral("iris-linear/version_0"));
    }

    void theWindowLiesOnItsScreen()
    {
        StudioWindow studio;
        QVERIFY(!studio.window->isMaximized());
        studio.window.reset();
        const auto openFirstTimeOn = [&studio](const QRect& screen) {
            studio.window.reset();
            QFile::remove(studio.path(QStringLiteral("settings.ini")));
            studio.room = screen;
            studio.open();
        };
        openFirstTimeOn({0, 0, 1500, 700});
        QVERIFY(!studio.window->isMaximized());
        QVERIFY(studio.room.contains(studio.window->geometry()));
        openFirstTimeOn({0, 0, 1280, 800});
        QVERIFY(studio.window->isMaximized());
    }

    void theFormIsSearchedFromAnywhere()
    {
        StudioWindow studio;
        QVERIFY(studio.window->openPreset(QStringLiteral("digits-mlp")));
        studio.window->activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(studio.window.get()));
        studio.trigger("viewStart");
        studio.trigger("viewConfigure");
        QVERIFY(studio.find<QListView>("configPages")->hasFocus());
        studio.find<QToolButton>("statusProblems")->setFocus();
        QTest::keyClick(studio.window.get(), Qt::Key_F, Qt::ControlModifier);
        auto* search = studio.find<QLineEdit>("configSearch");
        QVERIFY(search->hasFocus());
        search->setText(QStringLiteral("batch_size"));
        QVERIFY(studio.window->openPreset(QStringLiteral("iris-linear")));
        QVERIFY(search->text().isEmpty());
    }

    void startGivesTheFocusToTheCharts()
    {
        StudioWindow studio;
        QVERIFY(studio.window->openPreset(QStringLiteral("digits-mlp")));
        type(studio.field("/data/init_args/batch_size"), QStringLiteral("4"));
        studio.window->activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(studio.window.get()));
        QTRY_VERIFY(studio.find<QAction>("startRun")->isEnabled());
        QTest::keyClick(studio.window.get(), Qt::Key_F5);
        QTRY_COMPARE_WITH_TIMEOUT(studio.controller().phase(), RunPhase::Running, 30000);
        const auto* monitor = studio.find<QWidget>("monitorPage");
        const auto* focus = studio.window->focusWidget();
        QVERIFY2(focus && monitor->isAncestorOf(focus),
            focus ? qPrintable(focus->objectName()) : "nothing");
        // A field that greys out at the end lets go of it.
        auto* lr = studio.find<QLineEdit>("steer:lr");
        lr->setFocus();
        studio.trigger("stopAfterStep");
        QTRY_VERIFY_WITH_TIMEOUT(studio.isIdle(), 60000);
        QVERIFY(!lr->isEnabled());
        focus = studio.window->focusWidget();
        QVERIFY2(focus && monitor->isAncestorOf(focus),
            focus ? qPrintable(focus->objectName()) : "nothing");
    }

    void aDeletedRunIsInTheTrash()
    {
        StudioWindow studio;
        const auto folder = finishedRun(studio);
        auto* menu = menuOfFirstRun(studio, studio.window.get());
        QVERIFY(menu);
        menu->findChild<QAction*>(QStringLiteral("deleteRun"))->trigger();
        auto* box = studio.find<QMessageBox>("deleteRunsQuestion");
        QVERIFY2(box->text().contains(QStringLiteral("trash")), qPrintable(box->text()));
        QVERIFY2(box->informativeText().startsWith(QStringLiteral("Its ")),
            qPrintable(box->informativeText())); // it is one run
        box->findChild<QPushButton*>(QStringLiteral("delete"))->click();
        QTRY_VERIFY_WITH_TIMEOUT(!QFile::exists(folder)
                || studio.window->findChild<QMessageBox*>(QStringLiteral("deleteForGoodQuestion")),
            10000);
        if (QFile::exists(folder)) { // this disk has no trash: it asks before it deletes
            studio.find<QMessageBox>("deleteForGoodQuestion")
                ->findChild<QPushButton*>(QStringLiteral("delete"))
                ->click();
            QTRY_VERIFY(!QFile::exists(folder));
        } else {
            QVERIFY(QFile::exists(
                studio.path(QStringLiteral("share/Trash/files/version_0/config.json"))));
        }
    }

    void aDataFileThatComesBackIsShown()
    {
        StudioWindow studio;
        const auto table = copiedTable(studio);
        QVERIFY(studio.window->openPreset(QStringLiteral("iris-linear")));
        type(studio.field("/data/init_args/path"), table);
        const auto* rows = studio.find<QAbstractItemView>("dataRowsView");
        QTRY_VERIFY_WITH_TIMEOUT(rows->isVisible(), 10000);
        QVERIFY(QFile::rename(table, table + QStringLiteral(".away")));
        QTRY_VERIFY_WITH_TIMEOUT(!rows->isVisible(), 10000);
        const auto* retry
            = studio.window->findChild<ui::DataPreviewPanel*>()->findChild<QPushButton*>(
                QStringLiteral("stateRetry"));
        QTRY_VERIFY_WITH_TIMEOUT(retry->isVisible(), 10000); // first it says that it reads
        QVERIFY(QFile::rename(table + QStringLiteral(".away"), table));
        QTRY_VERIFY_WITH_TIMEOUT(rows->isVisible(), 10000);
        QVERIFY(studio.find<QToolButton>("dataReload")->isVisible());
    }

    void aNameThatIsUnknownIsAProblemOfItsField()
    {
        StudioWindow studio;
        QVERIFY(studio.window->openPreset(QStringLiteral("digits-mlp")));
        auto* monitor
            = qobject_cast<QLineEdit*>(studio.field("/trainer/callbacks/0/init_args/monitor"));
        QVERIFY(monitor);
        auto* names
            = monitor->parentWidget()->findChild<QToolButton*>(QStringLiteral("names:monitor"));
        QTRY_VERIFY_WITH_TIMEOUT(names->isEnabled(), 30000);
        QVERIFY(studio.window->session()
                .document()
                .knownNames(QStringLiteral("metrics"))
                .contains(QStringLiteral("val_acc")));
        type(monitor, QStringLiteral("val_accuracy"));
        QTRY_VERIFY_WITH_TIMEOUT(!studio.find<QAction>("startRun")->isEnabled(), 30000);
        const auto* problem = studio.find<QLabel>("problem:/trainer/callbacks/0/init_args/monitor");
        QVERIFY(problem->text().contains(QStringLiteral("val_accuracy")));
        type(monitor, QStringLiteral("val_acc"));
        QTRY_VERIFY_WITH_TIMEOUT(studio.find<QAction>("startRun")->isEnabled(), 30000);
    }

    void smoothingIsRemembered()
    {
        StudioWindow studio;
        studio.find<ui::MonitorView>("monitorView")
            ->findChild<QSlider*>(QStringLiteral("smoothing"))
            ->setValue(33);
        studio.window->close();
        studio.open();
        QVERIFY(studio.find<ui::MonitorView>("monitorView")->settings().smoothing > 0.8);
        QVERIFY(studio.find<ui::MonitorView>("pastMonitorView")->settings().smoothing > 0.8);
    }

    void whatWasNotSavedIsNotOfferedOnceARunIsOn()
    {
        StudioWindow studio;
        QVERIFY(studio.window->openPreset(QStringLiteral("digits-mlp")));
        type(studio.field("/trainer/max_epochs"), QStringLiteral("3"));
        QVERIFY(studio.window->openPreset(QStringLiteral("iris-linear")));
        QVERIFY(!notice(studio).isEmpty());
        QCOMPARE(studio.find<QAction>("startRun")->text(), QStringLiteral("Start iris-linear"));
        studio.start();
        QTRY_VERIFY_WITH_TIMEOUT(studio.controller().isActive(), 30000);
        QCOMPARE(notice(studio), QString());
        QTRY_VERIFY_WITH_TIMEOUT(studio.isIdle(), 60000);
    }

    void helpIsAPage()
    {
        StudioWindow studio;
        studio.trigger("help");
        auto* help = studio.find<QDialog>("helpBox");
        QVERIFY(help->findChild<QWidget*>(QStringLiteral("helpText")));
        QVERIFY(help->windowTitle().contains(QStringLiteral("Help")));
        delete help;
        studio.trigger("shortcuts");
        help = studio.find<QDialog>("helpBox");
        QVERIFY(!help->windowTitle().isEmpty());
        QVERIFY(!studio.window->windowIcon().isNull());
    }
};

LEYDEN_WIDGET_TEST(TestEverydayWays)
} // namespace tst_everyday_ways

#include "tst_everyday_ways.moc"
