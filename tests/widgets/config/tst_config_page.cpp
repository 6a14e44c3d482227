// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/widget_test.h"
#include "tests/widgets/config/sample_schema.h"
#include "widgets/common/theme.h"
#include "widgets/config/config_document.h"
#include "widgets/config/config_form.h"
#include "widgets/config/config_page.h"
#include "widgets/config/json_editor.h"
#include "widgets/config/json_view.h"
#include "widgets/config/problem_list.h"

#include <QAbstractItemModelTester>
#include <QAction>
#include <QDir>
#include <QDockWidget>
#include <QLabel>
#include <QLayout>
#include <QLineEdit>
#include <QListView>
#include <QMainWindow>
#include <QScrollArea>
#include <QScrollBar>
#include <QSplitter>
#include <QStackedWidget>
#include <QTest>
#include <QToolButton>

namespace tst_config_page {
using namespace leyden::ui;

class TestConfigPage final : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init()
    {
        m_page.reset();
        m_document = std::make_unique<ConfigDocument>(sampleSchema());
        m_document->load(sampleConfig());
        m_page = std::make_unique<ConfigPage>(*m_document);
        m_page->resize(1280, 800);
        m_page->show();
        QVERIFY(QTest::qWaitForWindowActive(m_page.get()));
    }

    void cleanup() { m_page.reset(); }

    void theJsonGivesTheFormRoom()
    {
        m_page->resize(938, 500); // in a window of 1024
        for (const auto* id : {"model", "trainer"}) {
            m_page->form()->showPage(QLatin1String(id));
            auto* page
                = m_page->findChild<QScrollArea*>(QStringLiteral("page:") + QLatin1String(id));
            QVERIFY(page);
            QTRY_COMPARE(page->horizontalScrollBar()->maximum(), 0);
            QVERIFY(m_page->jsonEditor()->isVisible());
        }
    }

    void aHandsSplitStays()
    {
        m_page->resize(938, 500);
        m_page->form()->showPage(QStringLiteral("trainer"));
        auto* splitter = m_page->findChild<QSplitter*>(QStringLiteral("configSplitter"));
        auto* page = m_page->findChild<QScrollArea*>(QStringLiteral("page:trainer"));
        QTRY_COMPARE(page->horizontalScrollBar()->maximum(), 0);
        auto* handle = splitter->handle(1);
        const QPoint at = handle->rect().center();
        QTest::mousePress(handle, Qt::LeftButton, {}, at);
        QTest::mouseMove(handle, at - QPoint(250, 0));
        QTest::mouseRelease(handle, Qt::LeftButton, {}, at);
        const auto narrow = splitter->sizes().first();
        QVERIFY(narrow < m_page->form()->neededWidth());
        m_page->form()->showPage(QStringLiteral("model"));
        m_page->form()->showPage(QStringLiteral("trainer"));
        QCoreApplication::processEvents();
        QCOMPARE(splitter->sizes().first(), narrow);
    }

    void searchFitsOnANarrowPage()
    {
        m_page->resize(10, 500); // as narrow as it gets
        QCoreApplication::processEvents();
        m_page->focusSearch();
        auto* search = m_page->findChild<QLineEdit*>(QStringLiteral("configSearch"));
        QVERIFY(search->isVisible() && search->hasFocus());
        m_page->resize(1280, 800);
        QTRY_COMPARE(search->width(), 260);
    }

    void formAndJsonFollowEachOther()
    {
        m_page->form()->showPage(QStringLiteral("trainer"));
        auto* line = m_page->findChild<QLineEdit*>(QStringLiteral("field:/trainer/max_epochs"));
        line->setFocus();
        line->selectAll();
        QTest::keyClicks(line, QStringLiteral("77"));
        QVERIFY(json().contains(QLatin1String("\"max_epochs\": 77")));

        auto* view = m_page->jsonEditor()->view();
        view->setFocus();
        view->setTextCursor(view->document()->find(QStringLiteral("77")));
        QTest::keyClicks(view, QStringLiteral("5"));
        QCOMPARE(line->text(), QStringLiteral("5"));
        QVERIFY(view->hasFocus());
    }

    void aClassTypedIntoTheJsonChangesTheForm()
    {
        m_page->form()->showPage(QStringLiteral("optimizer"));
        auto* view = m_page->jsonEditor()->view();
        view->setTextCursor(view->document()->find(QStringLiteral("AdamW")));
        QTest::keyClicks(view, QStringLiteral("SGD"));
        QVERIFY(
            m_page->findChild<QLineEdit*>(QStringLiteral("field:/optimizer/init_args/momentum")));
    }

    void undoActsOnBoth()
    {
        m_document->setValue(QStringLiteral("/trainer/max_epochs"), 3);
        QVERIFY(m_page->undoAction()->isEnabled());
        m_page->undoAction()->trigger();
        QVERIFY(json().contains(QLatin1String("\"max_epochs\": 10")));
        QVERIFY(m_page->redoAction()->isEnabled());
    }

    void problemsAreListedAndLeadToTheirField()
    {
        m_document->setProblems(
            {{QStringLiteral("/optimizer/init_args/lr"), QStringLiteral("no")}});
        auto* list = m_page->findChild<QListView*>(QStringLiteral("problems"));
        QTest::mouseClick(list->viewport(), Qt::LeftButton, {},
            list->visualRect(list->model()->index(0, 0)).center());
        QCOMPARE(m_page->form()->currentPage(), QStringLiteral("optimizer"));
        QVERIFY(m_page->findChild<QLineEdit*>(QStringLiteral("field:/optimizer/init_args/lr"))
                ->hasFocus());
        const auto text = m_page->jsonEditor()->view()->toPlainText();
        QVERIFY(text.mid(m_page->jsonEditor()->view()->textCursor().position())
                .startsWith(QLatin1String("\"lr\"")));
    }

    void aProblemMovesNothing()
    {
        const auto* strip = m_page->findChild<ProblemList*>(QStringLiteral("problemStrip"));
        const auto* title = strip->findChild<QLabel*>(QStringLiteral("problemsTitle"));
        auto* all = strip->findChild<QToolButton*>(QStringLiteral("allProblems"));
        const auto lay = [this] {
            m_page->layout()->activate();
            QCoreApplication::processEvents();
            return m_page->form()->geometry();
        };
        const auto before = lay();
        QCOMPARE(title->text(), QStringLiteral("No problems"));
        m_document->setProblems({{QStringLiteral("/optimizer/init_args/lr"), QStringLiteral("no")},
            {QStringLiteral("/trainer/max_epochs"), QStringLiteral("no")}});
        QCOMPARE(lay(), before);
        QCOMPARE(title->text(), QStringLiteral("2 problems"));
        const auto* list = m_page->findChild<QListView*>(QStringLiteral("problems"));
        QVERIFY(list->viewport()->rect().contains(
            list->visualRect(list->model()->index(0, 0)).center()));
        QVERIFY(!list->viewport()->rect().contains(
            list->visualRect(list->model()->index(1, 0)).center()));
        all->click(); // the rest of them
        lay();
        QVERIFY(list->viewport()->rect().contains(
            list->visualRect(list->model()->index(1, 0)).center()));
        all->click();
        m_document->setProblems({});
        QCOMPARE(lay(), before);
    }

    void problemsKeepTheModelsContract()
    {
        ProblemModel model;
        QAbstractItemModelTester tester(&model);
        model.setProblems(
            {{QStringLiteral("/a"), QStringLiteral("b")}, {{}, QStringLiteral("c")}}, {});
        QCOMPARE(model.rowCount(), 2);
        QCOMPARE(model.index(0).data().toString(), QStringLiteral("a: b"));
        QCOMPARE(model.index(0).data(Qt::ToolTipRole).toString(), QStringLiteral("a: b\n/a"));
        QCOMPARE(model.index(1).data().toString(), QStringLiteral("c"));
        model.setProblems({}, {});
        QCOMPARE(model.rowCount(), 0);
    }

    void searchCountsItsMatches()
    {
        QTest::keySequence(m_page.get(), QKeySequence::Find);
        auto* search = m_page->findChild<QLineEdit*>(QStringLiteral("configSearch"));
        QVERIFY(search->hasFocus());
        QTest::keyClicks(search, QStringLiteral("gradient_clip_val"));
        auto* matches = m_page->findChild<QLabel*>(QStringLiteral("configMatches"));
        QCOMPARE(matches->text(), QStringLiteral("1 match"));
        search->clear();
        QCOMPARE(matches->text(), QString());
    }

    void findsWhereverTheFocusIs()
    {
        QMainWindow window;
        auto* page = new ConfigPage(*m_document);
        auto* pages = new QStackedWidget;
        pages->addWidget(page);
        pages->addWidget(new QWidget);
        window.setCentralWidget(pages);
        auto* dock = new QDockWidget;
        auto* elsewhere = new QLineEdit;
        dock->setWidget(elsewhere);
        window.addDockWidget(Qt::LeftDockWidgetArea, dock);
        window.show();
        QVERIFY(QTest::qWaitForWindowActive(&window));
        auto* search = page->findChild<QLineEdit*>(QStringLiteral("configSearch"));
        elsewhere->setFocus();
        QTest::keySequence(elsewhere, QKeySequence::Find);
        QVERIFY(search->hasFocus());

        pages->setCurrentIndex(1); // where there is nothing to search
        elsewhere->setFocus();
        QTest::keySequence(elsewhere, QKeySequence::Find);
        QVERIFY(elsewhere->hasFocus());

        pages->setCurrentIndex(0);
        page->focusForm();
        QVERIFY(page->findChild<QListView*>(QStringLiteral("configPages"))->hasFocus());
        search->setFocus();
        page->focusForm(); // leaves a focus that is on the page
        QVERIFY(search->hasFocus());
    }

    void anotherConfigEndsTheSearch()
    {
        auto* search = m_page->findChild<QLineEdit*>(QStringLiteral("configSearch"));
        QTest::keyClicks(search, QStringLiteral("batch_size"));
        m_document->setValue(QStringLiteral("/trainer/max_epochs"), 3);
        QCOMPARE(search->text(), QStringLiteral("batch_size")); // an edit does not
        m_document->load(everyKindConfig());
        QCOMPARE(search->text(), QString());
        m_page->form()->showPage(QStringLiteral("trainer"));
        QVERIFY(m_page->findChild<QLineEdit*>(QStringLiteral("field:/trainer/max_epochs"))
                ->isVisible());
    }

    void resetAllTakesEverythingBack()
    {
        auto* reset = m_page->findChild<QAction*>(QStringLiteral("configResetAll"));
        QVERIFY(!reset->isEnabled());
        m_document->setValue(QStringLiteral("/trainer/max_epochs"), 3);
        m_document->setValue(QStringLiteral("/seed_everything"), 3);
        QCOMPARE(reset->text(), QStringLiteral("Reset all (2)"));
        reset->trigger();
        QVERIFY(m_document->changes().empty());
    }

    void remembersHowItWasLeft()
    {
        m_page->form()->showPage(QStringLiteral("callbacks"));
        m_page->form()->setShowsAll(true);
        m_page->findChild<QAction*>(QStringLiteral("configShowJson"))->setChecked(false);
        const auto state = m_page->saveState();
        ConfigPage other(*m_document);
        other.restoreState(state);
        QCOMPARE(other.form()->currentPage(), QStringLiteral("callbacks"));
        QVERIFY(other.form()->showsAll());
        QVERIFY(other.jsonEditor()->isHidden());
        other.restoreState("nonsense"); // changes nothing
        QCOMPARE(other.form()->currentPage(), QStringLiteral("callbacks"));
    }

    /// With LEYDEN_SCREENSHOTS=folder the pictures are kept, to be looked at.
    void paintsInBothThemes_data()
    {
        QTest::addColumn<ThemeMode>("mode");
        QTest::newRow("light") << ThemeMode::Light;
        QTest::newRow("dark") << ThemeMode::Dark;
    }

    void paintsInBothThemes()
    {
        QFETCH(const ThemeMode, mode);
        Theme theme;
        theme.setMode(mode);
        m_document->load(sampleConfig());
        const QDir folder(qEnvironmentVariable("LEYDEN_SCREENSHOTS"));
        const auto keep = [&](const QString& name) {
            for (int i = 0; i < 4; ++i) // layouts inside layouts
                QCoreApplication::processEvents();
            const auto image = m_page->grab().toImage();
            const auto ground = image.pixelColor(image.width() / 2, 4);
            QVERIFY((ground.lightness() < 128) == theme.isDark());
            if (qEnvironmentVariableIsSet("LEYDEN_SCREENSHOTS"))
                QVERIFY(image.save(folder.filePath(QStringLiteral("%1-%2.png")
                        .arg(name, QString::fromLatin1(QTest::currentDataTag())))));
        };
        for (const auto& page : {QStringLiteral("model"), QStringLiteral("data"),
                 QStringLiteral("optimizer"), QStringLiteral("trainer"),
                 QStringLiteral("callbacks"), QStringLiteral("logging")}) {
            m_page->form()->showPage(page);
            keep(page);
        }
        m_document->setValue(QStringLiteral("/trainer/max_epochs"), "ten");
        m_document->setValue(QStringLiteral("/trainer/accumulate_grad_batches"), 4);
        m_document->setProblems({{QStringLiteral("/trainer/max_epochs"),
            QStringLiteral("found \"ten\", expected a whole number, -1 or more, or null")}});
        m_page->form()->showPage(QStringLiteral("trainer"));
        keep(QStringLiteral("problems"));
        m_document->setProblems({});
        auto* search = m_page->findChild<QLineEdit*>(QStringLiteral("configSearch"));
        search->setText(QStringLiteral("epochs"));
        keep(QStringLiteral("search"));
        search->clear();
        m_page->form()->setShowsAll(true);
        m_document->load(everyKindConfig());
        m_page->form()->showPage(QStringLiteral("model"));
        keep(QStringLiteral("every-kind"));
        m_page->form()->showPage(QStringLiteral("trainer"));
        keep(QStringLiteral("all"));
    }

private:
    QString json() const { return m_page->jsonEditor()->view()->toPlainText(); }

    std::unique_ptr<ConfigDocument> m_document;
    std::unique_ptr<ConfigPage> m_page;
};
LEYDEN_WIDGET_TEST(TestConfigPage)
} // namespace tst_config_page

#include "tst_config_page.moc"
