// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/test_program.h"
#include "widgets/metrics/metric_table_model.h"

#include <QAbstractItemModelTester>
#include <QSignalSpy>
#include <QTest>

namespace tst_metric_table_model {
using namespace leyden::ui;

namespace {
QVariant cell(const MetricTableModel& model, int row, int column, int role = Qt::DisplayRole)
{
    return model.index(row, column).data(role);
}
} // namespace

class TestMetricTableModel final : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void showsLastAndBest()
    {
        MetricStore store;
        MetricTableModel model(store);
        QAbstractItemModelTester tester(&model);
        QSignalSpy inserted(&model, &QAbstractItemModel::rowsInserted);
        store.appendRows({{10, 0, 0, notANumber,
                              {{QStringLiteral("val_loss"), 0.5}, {QStringLiteral("lr"), 0.1}}},
            {20, 0, 0, notANumber, {{QStringLiteral("val_loss"), 0.25}}},
            {30, 0, 0, notANumber, {{QStringLiteral("val_loss"), 0.75}}}});
        model.refresh();
        QCOMPARE(inserted.size(), 1);
        QCOMPARE(cell(model, 0, MetricTableModel::Last).toString(), QStringLiteral("0.75"));
        QCOMPARE(cell(model, 0, MetricTableModel::Best).toString(), QStringLiteral("0.25"));
        QCOMPARE(
            cell(model, 0, MetricTableModel::AtStep, MetricTableModel::SortRole).toDouble(), 20.0);
        QCOMPARE(
            cell(model, 1, MetricTableModel::Best).toString(), QStringLiteral("–")); // no best rate
        model.setMode(QStringLiteral("val_loss"), MetricMode::Max);
        QCOMPARE(cell(model, 0, MetricTableModel::Best).toString(), QStringLiteral("0.75"));
    }

    void startsOverWithAnotherRun()
    {
        MetricStore store;
        store.appendRows(
            {{1, 0, 0, notANumber, {{QStringLiteral("a"), 1.0}, {QStringLiteral("b"), 1.0}}}});
        MetricTableModel model(store);
        QAbstractItemModelTester tester(&model);
        QCOMPARE(model.rowCount(), 2);
        store.clear();
        QVERIFY(!cell(model, 0, MetricTableModel::Last).isValid()); // before anybody says refresh()
        model.refresh();
        QCOMPARE(model.rowCount(), 0);
    }
};
LEYDEN_TEST(TestMetricTableModel)
} // namespace tst_metric_table_model

#include "tst_metric_table_model.moc"
