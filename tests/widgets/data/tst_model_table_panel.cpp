// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/widget_test.h"
#include "widgets/data/model_table_panel.h"
#include "widgets/data/state_page.h"

#include <QAbstractItemModelTester>
#include <QAction>
#include <QClipboard>
#include <QGuiApplication>
#include <QLabel>
#include <QTest>

namespace tst_model_table_panel {
using namespace leyden::ui;

namespace {

ModelTable perceptron()
{
    ModelTable table;
    table.model = QStringLiteral("MLP");
    table.inputShape = QStringLiteral("[N, 64]");
    table.layers = {{QStringLiteral("net"), QStringLiteral("Sequential"), {}, 9610, true},
        {QStringLiteral("net.0"), QStringLiteral("Linear"), QStringLiteral("[N, 128]"), 8320},
        {QStringLiteral("net.1"), QStringLiteral("ReLU"), QStringLiteral("[N, 128]"), 0},
        {QStringLiteral("net.2"), QStringLiteral("Linear"), QStringLiteral("[N, 10]"), 1290}};
    table.parameters = 9610;
    table.trainableParameters = 9610;
    table.megabytes = 0.03844;
    return table;
}

} // namespace

class TestModelTablePanel final : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void listsLayers()
    {
        ModelTableModel model;
        QAbstractItemModelTester tester(&model);
        model.setTable(perceptron());
        QCOMPARE(model.rowCount(), 4);
        QCOMPARE(
            model.index(1, ModelTableModel::Parameters).data().toString(), QStringLiteral("8,320"));
        QCOMPARE(
            model.index(2, ModelTableModel::Parameters).data().toString(), QStringLiteral("–"));
        QVERIFY(model.index(0, 0).data(ModelTableModel::ContainerRole).toBool());
        model.setTable({});
        QCOMPARE(model.rowCount(), 0);
    }

    void saysHowMuchIsTrained()
    {
        ModelTablePanel panel;
        const auto* totals = panel.findChild<QLabel*>(QStringLiteral("modelTotals"));
        panel.showTable(perceptron());
        QCOMPARE(totals->text(), QStringLiteral("9,610 parameters, all trained; 38.4 kB"));
        auto table = perceptron();
        table.trainableParameters = 1290;
        panel.showTable(table);
        QCOMPARE(totals->text(), QStringLiteral("9,610 parameters, 8,320 frozen; 38.4 kB"));
    }

    void copiesForASpreadsheet()
    {
        ModelTablePanel panel;
        panel.showTable(perceptron());
        panel.findChild<QAction*>(QStringLiteral("copyModelTable"))->trigger();
        const auto lines = QGuiApplication::clipboard()->text().split(QLatin1Char('\n'));
        QCOMPARE(lines.at(0), QStringLiteral("Layer\tType\tOutput\tParameters"));
        QCOMPARE(lines.at(2), QStringLiteral("net.0\tLinear\t[N, 128]\t8320"));
    }

    void keepsTheTableWhileBuildingAnew()
    {
        ModelTablePanel panel;
        panel.show();
        auto* state = panel.findChild<StatePage*>();
        QVERIFY(state->isVisible());
        panel.showTable(perceptron());
        panel.showLoading();
        QVERIFY(!state->isVisible());
        QVERIFY(panel.findChild<QLabel*>(QStringLiteral("modelBusy"))->isVisible());
        panel.showProblem(QStringLiteral("the data has no features"));
        QCOMPARE(state->text(), QStringLiteral("the data has no features"));
        QVERIFY(state->isVisible());
    }
};
LEYDEN_WIDGET_TEST(TestModelTablePanel)
} // namespace tst_model_table_panel

#include "tst_model_table_panel.moc"
