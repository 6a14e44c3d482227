// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/widget_test.h"
#include "widgets/log/log_panel.h"

#include <QAbstractItemModelTester>
#include <QClipboard>
#include <QComboBox>
#include <QElapsedTimer>
#include <QGuiApplication>
#include <QHelpEvent>
#include <QLineEdit>
#include <QScrollBar>
#include <QSignalSpy>
#include <QTest>
#include <QTextDocument>
#include <QToolTip>
#include <QTreeView>

namespace tst_log_panel {
using namespace leyden::ui;

namespace {
QList<LogEntry> entries(int count, LogLevel level = LogLevel::Info)
{
    QList<LogEntry> list;
    for (int i = 0; i < count; ++i)
        list += LogEntry{QDateTime::currentDateTime(), level, QStringLiteral("message %1").arg(i)};
    return list;
}
} // namespace

class TestLogPanel final : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void announcesEachBatchOnce()
    {
        LogModel model;
        QAbstractItemModelTester tester(&model);
        QSignalSpy inserted(&model, &QAbstractItemModel::rowsInserted);
        model.appendEntries({});
        QCOMPARE(inserted.size(), 0);
        model.appendEntries(entries(1000));
        QCOMPARE(inserted.size(), 1);
        QCOMPARE(model.rowCount(), 1000);
    }

    void dropsTheOldestBeyondItsCapacity()
    {
        LogModel model(nullptr, 10);
        QAbstractItemModelTester tester(&model);
        model.appendEntries(entries(8));
        model.appendEntries(entries(5, LogLevel::Error));
        QCOMPARE(model.rowCount(), 10);
        QCOMPARE(model.entry(0).text, QStringLiteral("message 3"));
        QCOMPARE(model.entry(9).level, LogLevel::Error);
        model.appendEntries(entries(25)); // one batch larger than the model
        QCOMPARE(model.rowCount(), 10);
        QCOMPARE(model.entry(0).text, QStringLiteral("message 15"));
    }

    void filtersByLevelAndText()
    {
        LogPanel panel;
        panel.appendEntries(entries(20));
        panel.appendEntries(entries(3, LogLevel::Warning));
        auto* view = panel.findChild<QTreeView*>(QStringLiteral("logView"));
        QCOMPARE(view->model()->rowCount(), 23);
        auto* level = panel.findChild<QComboBox*>(QStringLiteral("logLevel"));
        level->setCurrentIndex(2);
        QCOMPARE(view->model()->rowCount(), 3);
        QTest::keyClicks(
            panel.findChild<QLineEdit*>(QStringLiteral("logSearch")), QStringLiteral("MESSAGE 2"));
        QCOMPARE(view->model()->rowCount(), 1);
        level->setCurrentIndex(0);
        QCOMPARE(view->model()->rowCount(), 2); // "message 2" of either level
    }

    void showsAnotherLogWithTheFilterThatIsSet()
    {
        LogPanel panel;
        panel.resize(600, 100);
        panel.show();
        panel.appendEntries(entries(20));
        auto* own = panel.model();
        LogModel other;
        other.appendEntries(entries(200, LogLevel::Warning));
        auto* view = panel.findChild<QTreeView*>(QStringLiteral("logView"));
        panel.findChild<QComboBox*>(QStringLiteral("logLevel"))->setCurrentIndex(2);
        panel.setModel(&other);
        QCOMPARE(view->model()->rowCount(), 200);
        QCOMPARE(view->verticalScrollBar()->value(), view->verticalScrollBar()->maximum());
        own->appendEntries(entries(5, LogLevel::Error)); // nobody sees it
        QCOMPARE(view->model()->rowCount(), 200);
        panel.setModel(own);
        QCOMPARE(view->model()->rowCount(), 5);
    }

    void followsUntilAHandScrollsUp()
    {
        LogPanel panel;
        panel.resize(500, 200);
        panel.show();
        panel.appendEntries(entries(200));
        auto* bar = panel.findChild<QTreeView*>(QStringLiteral("logView"))->verticalScrollBar();
        QTRY_VERIFY(bar->maximum() > 0);
        QCOMPARE(bar->value(), bar->maximum());
        bar->triggerAction(QAbstractSlider::SliderPageStepSub);
        QVERIFY(!panel.isFollowing());
        const int before = bar->value();
        panel.appendEntries(entries(50));
        QTRY_VERIFY(bar->maximum() > before);
        QCOMPARE(bar->value(), before);
        bar->triggerAction(QAbstractSlider::SliderToMaximum);
        QVERIFY(panel.isFollowing());
    }

    void copiesWholeMessagesOfTheChosenLines()
    {
        LogPanel panel;
        panel.appendEntries({{QDateTime::currentDateTime(), LogLevel::Info,
                                 QStringLiteral("layers\nfirst\nsecond")},
            {QDateTime::currentDateTime(), LogLevel::Info, QStringLiteral("one\ntwo")},
            {QDateTime::currentDateTime(), LogLevel::Error, QStringLiteral("first\nsecond")}});
        auto* view = panel.findChild<QTreeView*>(QStringLiteral("logView"));
        const auto shown = [view](int row) {
            return view->model()->index(row, LogModel::Text).data().toString();
        };
        QCOMPARE(shown(0), QStringLiteral("layers … (2 more lines)"));
        QCOMPARE(shown(1), QStringLiteral("one … (1 more line)"));
        QCOMPARE(shown(2), QStringLiteral("first\nsecond")); // nothing is left out of an error
        QCOMPARE(view->model()->index(0, LogModel::Text).data(Qt::ToolTipRole).toString(),
            QStringLiteral("layers\nfirst\nsecond"));
        view->selectAll();
        QVERIFY(panel.selectedText().contains(QStringLiteral("\tinfo\tlayers\nfirst\nsecond\n")));
        QVERIFY(panel.selectedText().endsWith(QStringLiteral("\terror\tfirst\nsecond\n")));
    }

    void aLongLineIsWrapped()
    {
        LogPanel panel;
        panel.resize(500, 300);
        panel.show();
        auto* view = panel.findChild<QTreeView*>(QStringLiteral("logView"));
        panel.appendEntries(entries(3));
        QVERIFY(QTest::qWaitForWindowExposed(&panel));
        const auto rectOf = [view](int row) {
            return view->visualRect(view->model()->index(row, LogModel::Text));
        };
        const auto line = rectOf(0).height();
        // words, and one that is longer than the dock is wide
        const auto text = QStringLiteral("begin ") + QString(120, QLatin1Char('x'))
            + QStringLiteral(" a checkpoint could not be written, training goes on: no space end");
        panel.appendEntries({{QDateTime::currentDateTime(), LogLevel::Warning, text}});
        QTRY_VERIFY(rectOf(3).height() >= 3 * line);
        QCOMPARE(rectOf(0).height(), line);
        QVERIFY(rectOf(3).right() <= view->viewport()->width());
        QCOMPARE(view->horizontalScrollBar()->maximum(), 0);
        const auto narrow = rectOf(3).height();
        panel.resize(1400, 300); // broken anew where there is more room
        QTRY_VERIFY(rectOf(3).height() < narrow);

        QTest::mouseClick(view->viewport(), Qt::LeftButton, {}, rectOf(3).center());
        QTest::keyClick(view, Qt::Key_C, Qt::ControlModifier);
        QVERIFY(QGuiApplication::clipboard()->text().endsWith(
            QLatin1Char('\t') + text + QLatin1Char('\n')));
        const auto at = rectOf(3).center();
        QHelpEvent help(QEvent::ToolTip, at, view->viewport()->mapToGlobal(at));
        QCoreApplication::sendEvent(view->viewport(), &help);
        QVERIFY(QToolTip::text().contains(text));
        QVERIFY(Qt::mightBeRichText(QToolTip::text())); // else it would not wrap
        QToolTip::hideText();
    }

    void manyLinesAreNotMeasured()
    {
        LogPanel panel;
        panel.resize(500, 200);
        panel.show();
        QVERIFY(QTest::qWaitForWindowExposed(&panel));
        QElapsedTimer timer;
        timer.start();
        panel.appendEntries(entries(90'000));
        auto* bar = panel.findChild<QTreeView*>(QStringLiteral("logView"))->verticalScrollBar();
        QTRY_COMPARE(bar->value(), bar->maximum());
        panel.appendEntries(entries(10, LogLevel::Error));
        QTRY_COMPARE(bar->value(), bar->maximum());
        QVERIFY2(timer.elapsed() < 3000, qPrintable(QString::number(timer.elapsed())));
    }
};
LEYDEN_WIDGET_TEST(TestLogPanel)
} // namespace tst_log_panel

#include "tst_log_panel.moc"
