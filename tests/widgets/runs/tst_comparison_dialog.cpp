// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/widget_test.h"
#include "widgets/runs/comparison_dialog.h"

#include <QAbstractItemModelTester>
#include <QClipboard>
#include <QGuiApplication>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QScrollBar>
#include <QTest>
#include <QTreeView>

namespace tst_comparison_dialog {
using namespace leyden::ui;

namespace {

QList<CheckpointDifferenceRow> rows()
{
    return {{QStringLiteral("epoch"), QStringLiteral("3"), QStringLiteral("4"), {}, 1.0},
        {QStringLiteral("state_dict/net.0.weight"), QStringLiteral("float32 [64, 4] norm 3.2"),
            QStringLiteral("float32 [64, 4] norm 3.3"),
            QStringLiteral("7 of 256 elements differ, by 0.25 at most"), 0.25},
        {QStringLiteral("callbacks/EarlyStopping/") + QString(200, QLatin1Char('n')), {},
            QStringLiteral("2"), {}, notANumber}};
}

} // namespace

class TestComparisonDialog final : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void isATableOfNamesAndBothValues()
    {
        ComparisonModel model(rows(), QStringLiteral("epoch=3"), QStringLiteral("last"));
        QAbstractItemModelTester tester(&model);
        const auto text
            = [&](int row, int column) { return model.index(row, column).data().toString(); };
        QCOMPARE(model.rowCount(), 3);
        QCOMPARE(text(1, ComparisonModel::Name), QStringLiteral("net.0.weight"));
        QCOMPARE(text(1, ComparisonModel::Largest), QStringLiteral("0.25"));
        QCOMPARE(text(2, ComparisonModel::First), QStringLiteral("not there"));
        QCOMPARE(text(2, ComparisonModel::Largest), QString());
        QCOMPARE(model.headerData(ComparisonModel::First, Qt::Horizontal).toString(),
            QStringLiteral("epoch=3"));
        const auto tip = model.index(1, 0).data(Qt::ToolTipRole).toString();
        QVERIFY(tip.contains(QStringLiteral("state_dict/net.0.weight"))
            && tip.contains(QStringLiteral("7 of 256 elements")));
        QVERIFY(model.tabSeparated().startsWith(
            QStringLiteral("Name\tepoch=3\tlast\tLargest difference\nepoch\t3\t4\t1\n")));
    }

    void allColumnsAreInSight()
    {
        ComparisonDialog dialog(rows(), QStringLiteral("epoch=3"), QStringLiteral("last"));
        dialog.show();
        QVERIFY(QTest::qWaitForWindowExposed(&dialog));
        const auto* view = dialog.findChild<QTreeView*>(QStringLiteral("comparisonView"));
        QCOMPARE(view->horizontalScrollBar()->maximum(), 0);
        QVERIFY(view->header()->length() <= view->viewport()->width());
        QVERIFY(view->columnWidth(ComparisonModel::First) > 150);
    }

    void isSearchedSortedAndCopied()
    {
        ComparisonDialog dialog(rows(), QStringLiteral("epoch=3"), QStringLiteral("last"));
        auto* view = dialog.findChild<QTreeView*>(QStringLiteral("comparisonView"));
        const auto first = [view] { return view->model()->index(0, 0).data().toString(); };
        QCOMPARE(first(), QStringLiteral("epoch"));
        view->sortByColumn(ComparisonModel::Largest, Qt::AscendingOrder);
        QVERIFY(first().startsWith(QStringLiteral("callbacks")));
        view->sortByColumn(ComparisonModel::Largest, Qt::DescendingOrder);
        QCOMPARE(first(), QStringLiteral("epoch"));
        QTest::keyClicks(dialog.findChild<QLineEdit*>(QStringLiteral("comparisonFilter")),
            QStringLiteral("NET.0"));
        QCOMPARE(view->model()->rowCount(), 1);
        QCOMPARE(dialog.findChild<QLabel*>(QStringLiteral("comparisonCount"))->text(),
            QStringLiteral("1 difference"));
        dialog.findChild<QPushButton*>(QStringLiteral("copyComparison"))->click();
        QCOMPARE(QGuiApplication::clipboard()->text().count(QLatin1Char('\n')), 4); // all of it
    }
};
LEYDEN_WIDGET_TEST(TestComparisonDialog)
} // namespace tst_comparison_dialog

#include "tst_comparison_dialog.moc"
