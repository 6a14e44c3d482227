// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/log/log_panel.h"

#include <QAbstractItemModelTester>
#include <QComboBox>
#include <QLineEdit>
#include <QScrollBar>
#include <QSignalSpy>
#include <QTest>
#include <QTreeView>

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
        panel.appendEntries(
            {{QDateTime::currentDateTime(), LogLevel::Error, QStringLiteral("first\nsecond")}});
        auto* view = panel.findChild<QTreeView*>(QStringLiteral("logView"));
        QCOMPARE(
            view->model()->index(0, LogModel::Text).data().toString(), QStringLiteral("first"));
        QCOMPARE(view->model()->index(0, LogModel::Text).data(Qt::ToolTipRole).toString(),
            QStringLiteral("first\nsecond"));
        view->selectAll();
        QVERIFY(panel.selectedText().endsWith(QStringLiteral("\terror\tfirst\nsecond\n")));
    }
};
QTEST_MAIN(TestLogPanel)
#include "tst_log_panel.moc"
