// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/widget_test.h"
#include "widgets/runs/checkpoint_panel.h"

#include <QAbstractItemModelTester>
#include <QLabel>
#include <QMenu>
#include <QPushButton>
#include <QSignalSpy>
#include <QTest>
#include <QTreeView>

namespace tst_checkpoint_panel {
using namespace leyden::ui;

namespace {
CheckpointEntry entry(int epoch)
{
    CheckpointEntry checkpoint;
    checkpoint.name = QStringLiteral("epoch=%1.ckpt").arg(epoch);
    checkpoint.path = QStringLiteral("/runs/checkpoints/") + checkpoint.name;
    checkpoint.epoch = epoch;
    checkpoint.step = epoch * 100;
    checkpoint.value = 1.0 / (epoch + 1);
    checkpoint.bytes = 1'400'000;
    return checkpoint;
}
} // namespace

class TestCheckpointPanel final : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void listsWhatThereIs()
    {
        CheckpointModel model;
        QAbstractItemModelTester tester(&model);
        model.setCheckpoints({entry(0), entry(1), entry(2)});
        QCOMPARE(model.rowCount(), 3);
        auto best = entry(1);
        best.isBest = true;
        best.value = notANumber;
        model.setCheckpoints({best});
        QCOMPARE(model.rowCount(), 1);
        const auto name = model.index(0, CheckpointModel::Name);
        QVERIFY(name.data().toString().startsWith(QStringLiteral("★"))); // not by its weight alone
        QCOMPARE(name.data().toString(), QStringLiteral("★ epoch=1"));
        QVERIFY(name.data(Qt::ToolTipRole).toString().contains(QStringLiteral("epoch=1.ckpt")));
        QVERIFY(name.data(Qt::ToolTipRole).toString().contains(QStringLiteral("best")));
        QCOMPARE(model.index(0, CheckpointModel::Value).data().toString(), QStringLiteral("–"));
        QCOMPARE(model.index(0, CheckpointModel::Size).data().toString(), QStringLiteral("1.4 MB"));
        model.setCheckpoints({});
        QCOMPARE(model.rowCount(), 0);
    }

    void aSelectionStaysWithItsFile()
    {
        CheckpointPanel panel;
        QAbstractItemModelTester tester(panel.model());
        panel.model()->setCheckpoints({entry(0), entry(1), entry(2)});
        auto* view = panel.findChild<QTreeView*>(QStringLiteral("checkpointView"));
        view->setCurrentIndex(view->model()->index(0, 0)); // epoch 2: the newest stands first
        const auto selected = [view] {
            return view->selectionModel()
                ->selectedRows()
                .value(0)
                .data(CheckpointModel::PathRole)
                .toString();
        };
        // another one was deleted, one came
        panel.model()->setCheckpoints({entry(0), entry(2), entry(3)});
        QCOMPARE(selected(), entry(2).path);
        QCOMPARE(panel.model()->rowCount(), 3);
        panel.model()->setCheckpoints({entry(7)}); // of another run
        QCOMPARE(selected(), QString());
        QVERIFY(!panel.findChild<QPushButton*>(QStringLiteral("resumeCheckpoint"))->isEnabled());
    }

    void saysThatThereAreNone()
    {
        CheckpointPanel panel;
        panel.show();
        const auto* words = panel.findChild<QLabel*>(QStringLiteral("checkpointsEmpty"));
        QVERIFY(words && words->isVisible());
        panel.model()->setCheckpoints({entry(0)});
        QVERIFY(!words->isVisible());
        panel.model()->setCheckpoints({});
        QVERIFY(words->isVisible());
    }

    void hasTheMenuOfAStep()
    {
        CheckpointPanel panel;
        panel.model()->setCheckpoints({entry(0), entry(1), entry(2)});
        panel.popupMenu(entry(1).step + 0.5, {}); // there is none
        QVERIFY(!panel.findChild<QMenu*>(QStringLiteral("checkpointMenu")));
        panel.popupMenu(entry(1).step, {});
        auto* menu = panel.findChild<QMenu*>(QStringLiteral("checkpointMenu"));
        QVERIFY(menu);
        QCOMPARE(panel.selectedPath(), entry(1).path);
        QSignalSpy branched(&panel, &CheckpointPanel::branchRequested);
        for (auto* action : menu->actions())
            if (action->text() == QLatin1String("Branch"))
                action->trigger();
        QCOMPARE(branched.value(0).value(0).toString(), entry(1).path);
    }

    void asksForTheChosenOne_data()
    {
        QTest::addColumn<QString>("button");
        for (const auto* name : {"resumeCheckpoint", "branchCheckpoint", "removeCheckpoint"})
            QTest::newRow(name) << QString::fromLatin1(name);
    }
    void asksForTheChosenOne()
    {
        QFETCH(const QString, button);
        CheckpointPanel panel;
        panel.model()->setCheckpoints({entry(0), entry(1)});
        auto* push = panel.findChild<QPushButton*>(button);
        QVERIFY(!push->isEnabled());
        QSignalSpy resumed(&panel, &CheckpointPanel::resumeFromRequested);
        QSignalSpy branched(&panel, &CheckpointPanel::branchRequested);
        QSignalSpy removed(&panel, &CheckpointPanel::removeRequested);
        auto* view = panel.findChild<QTreeView*>(QStringLiteral("checkpointView"));
        view->setCurrentIndex(view->model()->index(0, 0)); // the newest stands first
        QVERIFY(push->isEnabled());
        QTest::mouseClick(push, Qt::LeftButton);
        auto& heard = button == QLatin1String("resumeCheckpoint") ? resumed
            : button == QLatin1String("branchCheckpoint")         ? branched
                                                                  : removed;
        QCOMPARE(resumed.size() + branched.size() + removed.size(), 1);
        QCOMPARE(heard.value(0).value(0).toString(), entry(1).path);
    }
};
LEYDEN_WIDGET_TEST(TestCheckpointPanel)
} // namespace tst_checkpoint_panel

#include "tst_checkpoint_panel.moc"
