// SPDX-License-Identifier: GPL-3.0-or-later
// What the window is put together from, each part alone.
#include "app/studio/inspector/inspector.h"
#include "app/studio/session/trash.h"
#include "app/studio/window/dock_fitter.h"
#include "app/studio/window/help_dialog.h"
#include "app/studio/window/notice_bar.h"
#include "app/studio/window/preview_tabs.h"
#include "app/studio/window/question.h"
#include "app/studio/window/reveal_folder.h"
#include "app/studio/window/studio_actions.h"
#include "app/studio/window/window_geometry.h"
#include "tests/support/widget_test.h"
#include "widgets/common/icon.h"
#include "widgets/common/theme.h"

#include <QClipboard>
#include <QDir>
#include <QDockWidget>
#include <QFile>
#include <QGuiApplication>
#include <QLabel>
#include <QMainWindow>
#include <QMenuBar>
#include <QMessageBox>
#include <QPushButton>
#include <QTabBar>
#include <QTemporaryDir>
#include <QTest>
#include <QTextBrowser>
#include <QToolButton>
#include <QVBoxLayout>

namespace tst_window_parts {
using namespace leyden;
using namespace leyden::app;

namespace {

/// A window with a dock at either side, as the studio has them.
struct Docked
{
    QMainWindow window;
    QDockWidget* left = new QDockWidget(&window);
    QDockWidget* right = new QDockWidget(&window);
    DockFitter* fitter = nullptr;

    Docked()
    {
        window.setCentralWidget(new QWidget);
        for (auto* dock : {left, right}) {
            dock->setWidget(new QWidget);
            dock->widget()->setMinimumWidth(40);
        }
        window.addDockWidget(Qt::LeftDockWidgetArea, left);
        window.addDockWidget(Qt::RightDockWidgetArea, right);
        fitter = new DockFitter(window, *left, *right, {345, 310});
        window.resize(1280, 700);
        window.show();
    }
};

/// The notices that are shown, from the top.
QStringList shownNotices(const NoticeBar& bar)
{
    QStringList texts;
    for (const auto* label : bar.findChildren<QLabel*>(QStringLiteral("noticeText")))
        if (label->isVisible())
            texts += label->text();
    return texts;
}

} // namespace

class TestWindowParts final : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void aWindowLiesOnItsScreen_data()
    {
        QTest::addColumn<QRect>("wanted");
        QTest::addColumn<QRect>("available");
        const QRect small(0, 0, 1280, 800);
        QTest::newRow("as large as the screen") << QRect(0, 0, 1280, 800) << small;
        QTest::newRow("of a larger screen") << QRect(2000, 900, 1800, 1200) << small;
        QTest::newRow("beyond the lower edge") << QRect(100, 500, 900, 600) << small;
        QTest::newRow("below a panel") << QRect(-20, -20, 900, 600) << QRect(60, 30, 1220, 770);
        QTest::newRow("of a second screen")
            << QRect(100, 100, 900, 600) << QRect(1920, 0, 1280, 1024);
    }

    void aWindowLiesOnItsScreen()
    {
        QFETCH(const QRect, wanted);
        QFETCH(const QRect, available);
        const auto fitted = fittedGeometry(wanted, available);
        const auto framed = fitted.adjusted(-frameElse, -frameTop, frameElse, frameElse);
        QVERIFY(available.contains(framed));
        QVERIFY(fitted.width() <= wanted.width() && fitted.height() <= wanted.height());
        QCOMPARE(fittedGeometry(fitted, available), fitted); // and stays there
    }

    void theRightDockGivesFirst()
    {
        const DockWidths wanted{345, 310};
        QCOMPARE(fittedWidths(wanted, 1280), wanted);
        const auto at1100 = fittedWidths(wanted, 1100);
        QCOMPARE(at1100.left, 345);
        QVERIFY(at1100.right < 310);
        const auto at1024 = fittedWidths(wanted, 1024);
        QVERIFY(at1024.left < 345 && at1024.left >= 260);
        QVERIFY(at1024.right >= 270);
        QCOMPARE(fittedWidths({345, 0}, 1024), (DockWidths{345, 0})); // the other one is not there
    }

    void allOfTheInspectorIsSeenAtItsNarrowest()
    {
        Inspector inspector;
        inspector.show();
        inspector.resize(inspector.minimumWidth(), 500);
        QVERIFY(inspector.minimumWidth() <= 300);
        const auto* steering = inspector.steering();
        const auto* set = steering->findChild<QPushButton*>(QStringLiteral("set:lr"));
        QTRY_VERIFY(set->mapTo(&inspector, set->rect().bottomRight()).x() < inspector.width());
    }

    void theWordsOfANoticeKeepTheirRoom()
    {
        QWidget window;
        auto* column = new QVBoxLayout(&window);
        auto* bar = new NoticeBar(&window);
        column->addWidget(bar);
        column->addStretch();
        QList<NoticeBar::Choice> choices;
        for (const auto* text : {"Resume", "Show its curves", "Don't offer again"})
            choices.append({QString::fromLatin1(text), QString::fromLatin1(text), [] { }});
        bar->add({ui::IconTone::Warning,
            QStringLiteral("long/version_1 ended unexpectedly at step 9,254. Resume continues from "
                           "step 9,880."),
            choices, {}, true});
        window.resize(bar->fontMetrics().averageCharWidth() * 60, 400);
        window.show();
        const auto* words = bar->findChild<QLabel*>(QStringLiteral("noticeText"));
        QTRY_VERIFY(words->width() > bar->fontMetrics().averageCharWidth() * 30);
        const auto* button = bar->findChild<QPushButton*>(QStringLiteral("Resume"));
        const auto placeOf = [&](const QWidget* each) { return each->mapTo(bar, QPoint()); };
        QTRY_VERIFY(placeOf(button).y() >= placeOf(words).y() + words->height());
        window.resize(bar->fontMetrics().averageCharWidth() * 160, 400);
        QTRY_VERIFY(placeOf(button).y() < placeOf(words).y() + words->height());
    }

    void anIconOfANoticeFollowsTheTheme()
    {
        NoticeBar bar;
        bar.add({ui::IconTone::Warning, QStringLiteral("a"), {}, {}, false});
        bar.show();
        const auto icon = [&bar] {
            for (const auto* label : bar.findChildren<QLabel*>())
                if (!label->pixmap(Qt::ReturnByValue).isNull())
                    return label->pixmap(Qt::ReturnByValue).toImage();
            return QImage();
        };
        ui::Theme theme;
        theme.setMode(ui::ThemeMode::Light);
        const auto light = icon();
        theme.setMode(ui::ThemeMode::Dark);
        QVERIFY(!light.isNull());
        QTRY_VERIFY(icon() != light);
    }

    void docksGrowBack()
    {
        Docked docked;
        QTRY_COMPARE(docked.left->width(), 345);
        QTRY_COMPARE(docked.right->width(), 310);
        docked.window.resize(700, 600);
        QTRY_VERIFY(docked.left->width() < 345);
        docked.window.resize(1400, 800);
        QTRY_COMPARE(docked.left->width(), 345);
        QTRY_COMPARE(docked.right->width(), 310);
        docked.right->hide();
        docked.window.resize(1300, 800);
        docked.right->show();
        QTRY_COMPARE(docked.right->width(), 310);
    }

    void looksAreFoldedInALowWindow()
    {
        PreviewTabs tabs;
        auto* content = new QWidget;
        tabs.addTab(content, QStringLiteral("Data"));
        tabs.resize(600, 300);
        tabs.show();
        auto* fold = tabs.findChild<QToolButton*>(QStringLiteral("foldLooks"));
        tabs.fitTo(900);
        QVERIFY(!tabs.isFolded());
        tabs.fitTo(700);
        QVERIFY(tabs.isFolded());
        QVERIFY(tabs.maximumHeight() < 60 && tabs.tabBar()->isVisible());
        QTest::mouseClick(tabs.tabBar(), Qt::LeftButton, {}, tabs.tabBar()->tabRect(0).center());
        QVERIFY(!tabs.isFolded());
        tabs.fitTo(690); // a hand chose
        QVERIFY(!tabs.isFolded());
        fold->click();
        QVERIFY(tabs.isFolded());
        tabs.fitTo(1000);
        QVERIFY(!tabs.isFolded());
    }

    void tabsOfANarrowInspectorAreIcons()
    {
        Inspector inspector;
        inspector.resize(420, 500);
        inspector.show();
        QCOMPARE(inspector.tabText(3), QStringLiteral("Command"));
        inspector.resize(272, 500);
        QTRY_COMPARE(inspector.tabText(3), QString());
        QVERIFY(!inspector.tabIcon(3).isNull());
        QCOMPARE(inspector.tabToolTip(3), QStringLiteral("Command"));
        QVERIFY(inspector.tabBar()->sizeHint().width() <= inspector.width()); // none is cut
        inspector.resize(420, 500);
        QTRY_COMPARE(inspector.tabText(3), QStringLiteral("Command"));
    }

    void startNamesWhatItStarts()
    {
        StudioActions actions(nullptr);
        QCOMPARE(actions.start->text(), QStringLiteral("Start"));
        actions.setConfigName(QStringLiteral("diamonds"));
        actions.update(RunPhase::Idle, false, {});
        QCOMPARE(actions.start->text(), QStringLiteral("Start diamonds"));
        QVERIFY(actions.start->toolTip().contains(QStringLiteral("diamonds")));
        actions.setConfigName(QStringLiteral("R&D ") + QString(60, QLatin1Char('x')));
        QVERIFY(actions.start->text().size() < 40);
        QVERIFY(actions.start->text().startsWith(QStringLiteral("Start R&&D x"))); // no mnemonic
        actions.setConfigName({});
        QCOMPARE(actions.start->text(), QStringLiteral("Start"));
    }

    void noticesLieOneBelowTheOther()
    {
        QWidget window;
        auto* bar = new NoticeBar(&window);
        auto* layout = new QVBoxLayout(&window);
        layout->addWidget(bar);
        layout->addStretch(1);
        window.resize(900, 3 * NoticeBar::heightOfOne);
        window.show();
        QString pressed;
        const auto add = [&](const QString& name) {
            bar->add({ui::IconTone::Warning, name + QStringLiteral(" %2"),
                {{name, name, [&pressed, name] { pressed += name; }}}, {}});
        };
        add(QStringLiteral("a"));
        add(QStringLiteral("b"));
        QCOMPARE(shownNotices(*bar), (QStringList{QStringLiteral("b %2"), QStringLiteral("a %2")}));
        add(QStringLiteral("c"));
        add(QStringLiteral("d"));
        QCOMPARE(shownNotices(*bar),
            (QStringList{QStringLiteral("d %2"), QStringLiteral("c %2"),
                QStringLiteral("b %2 (1 more below this one)")}));
        bar->findChild<QPushButton*>(QStringLiteral("c"))->click(); // answers the one it is in
        QCOMPARE(pressed, QStringLiteral("c"));
        QCOMPARE(shownNotices(*bar),
            (QStringList{QStringLiteral("d %2"), QStringLiteral("b %2"), QStringLiteral("a %2")}));
        window.resize(900, NoticeBar::heightOfOne);
        QTRY_COMPARE(
            shownNotices(*bar), QStringList{QStringLiteral("d %2 (2 more below this one)")});
        window.resize(900, 2 * NoticeBar::heightOfOne);
        QTRY_COMPARE(shownNotices(*bar).size(), 2);
        bar->findChildren<QToolButton*>(QStringLiteral("noticeClose")).at(1)->click();
        QCOMPARE(shownNotices(*bar), (QStringList{QStringLiteral("d %2"), QStringLiteral("a %2")}));
        bar->findChild<QToolButton*>(QStringLiteral("noticeClose"))->click();
        bar->findChild<QToolButton*>(QStringLiteral("noticeClose"))->click();
        QVERIFY(!bar->isVisible());
    }

    void helpHasPicturesThatAreThere()
    {
        const auto resources = QStringLiteral(LEYDEN_SOURCE_DIR "/resources");
        QWidget window;
        auto* dialog = HelpDialog::ofViews(resources, &window);
        auto* text = dialog->findChild<QTextBrowser*>(QStringLiteral("helpText"));
        const auto html = text->toHtml();
        static const QRegularExpression image(QStringLiteral("<img src=\"([^\"]+)\""));
        int pictures = 0;
        for (auto found = image.globalMatch(html); found.hasNext(); ++pictures) {
            const auto name = found.next().captured(1);
            QVERIFY2(!text->loadResource(QTextDocument::ImageResource, QUrl(name)).isNull(),
                qPrintable(name));
        }
        QVERIFY(pictures >= 3);
        QVERIFY(text->toPlainText().contains(QStringLiteral("Monitor")));
        delete dialog;

        dialog = HelpDialog::ofViews(QStringLiteral("/nowhere"), &window);
        QVERIFY(dialog->findChild<QTextBrowser*>(QStringLiteral("helpText"))
                ->toPlainText()
                .contains(QStringLiteral("studio.html")));
    }

    void shortcutsStandUnderTheNamesOfTheirMenus()
    {
        QMenuBar menus;
        auto* file = menus.addMenu(QStringLiteral("&File"));
        auto* open = file->addAction(QStringLiteral("&Open"));
        open->setShortcut(QKeySequence(QStringLiteral("Ctrl+O")));
        file->addAction(QStringLiteral("About")); // without a key
        auto* view = menus.addMenu(QStringLiteral("&View"));
        auto* dark = view->addMenu(QStringLiteral("Theme"))->addAction(QStringLiteral("Dark"));
        dark->setShortcut(QKeySequence(QStringLiteral("Ctrl+D")));
        menus.addMenu(QStringLiteral("Empty"));
        const auto groups = HelpDialog::shortcutsOf(menus);
        QCOMPARE(groups.size(), 2);
        QCOMPARE(groups[0].title, QStringLiteral("File"));
        QCOMPARE(groups[0].keys.size(), 1);
        QCOMPARE(groups[0].keys[0].first, QStringLiteral("Open"));
        QCOMPARE(groups[1].keys[0].first, QStringLiteral("Dark"));
        QWidget window;
        const auto* dialog = HelpDialog::ofShortcuts(menus,
            {{QStringLiteral("Charts"), {{QStringLiteral("Fit"), QStringLiteral("double-click")}}}},
            &window);
        const auto text
            = dialog->findChild<QTextBrowser*>(QStringLiteral("helpText"))->toPlainText();
        QVERIFY(text.indexOf(QStringLiteral("File")) < text.indexOf(QStringLiteral("Ctrl+O")));
        QVERIFY(text.indexOf(QStringLiteral("Charts")) < text.indexOf(QStringLiteral("Fit")));
    }

    void whatIsLostIsAskedForWithAWarning()
    {
        QWidget window;
        const auto* plain = ask(&window, QStringLiteral("plain"), QStringLiteral("Close?"), {}, {});
        const auto* loss
            = ask(&window, QStringLiteral("loss"), QStringLiteral("Delete?"), {}, {}, Stakes::Loss);
        QVERIFY(plain->iconPixmap().toImage() != loss->iconPixmap().toImage());
        const auto warning = ui::Icon::themed(QStringLiteral("warning"), ui::IconTone::Warning)
                                 .pixmap(QSize(32, 32), loss->devicePixelRatioF());
        QCOMPARE(loss->iconPixmap().toImage(), warning.toImage());
        QCOMPARE(loss->windowTitle(), QStringLiteral("Leyden")); // and not the program's file name
    }

    void aFileManagerThatIsMissingIsSaid()
    {
        QWidget window;
        revealFolder(
            &window, QStringLiteral("/some/run/version_0")); // the test's platform has none
        auto* box = window.findChild<QMessageBox*>(QStringLiteral("revealBox"));
        QVERIFY(box);
        QCOMPARE(box->informativeText(), QStringLiteral("/some/run/version_0"));
        box->findChild<QPushButton*>(QStringLiteral("copyPath"))->click();
        QCOMPARE(QGuiApplication::clipboard()->text(), QStringLiteral("/some/run/version_0"));
    }

    void theProgramHasAnIcon()
    {
        const auto icon = ui::Icon::application();
        for (const int size : {16, 48, 256}) {
            const auto image = icon.pixmap(QSize(size, size), 1.0).toImage();
            QCOMPARE(image.width(), size);
            QVERIFY(image.pixelColor(size / 2, size / 8).alpha() > 200);
        }
    }

    void whatCannotBeMovedIsTold()
    {
        QTemporaryDir folder;
        const auto run = folder.filePath(QStringLiteral("version_0"));
        QVERIFY(QDir().mkpath(run + QStringLiteral("/checkpoints")));
        QCOMPARE(deletedFailed({run}), QStringList());
        QVERIFY(!QFile::exists(run));
        QCOMPARE(movedToTrashFailed({run}), QStringList()); // gone already: nothing is left to do
    }
};

LEYDEN_WIDGET_TEST(TestWindowParts)
} // namespace tst_window_parts

#include "tst_window_parts.moc"
