// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/widget_test.h"
#include "widgets/common/elided_header.h"
#include "widgets/data/class_counts_view.h"
#include "widgets/data/data_columns_model.h"
#include "widgets/data/data_preview_panel.h"
#include "widgets/data/data_rows_model.h"
#include "widgets/data/inputs_text.h"
#include "widgets/data/split_bar.h"
#include "widgets/data/state_page.h"

#include <QAbstractItemModelTester>
#include <QLabel>
#include <QPushButton>
#include <QSignalSpy>
#include <QTableView>
#include <QTest>
#include <QToolButton>
#include <QTreeView>

namespace tst_data_preview_panel {
using namespace leyden::ui;

namespace {

DataPreview penguins()
{
    DataPreview preview;
    preview.title = QStringLiteral("penguins.csv");
    preview.path = QStringLiteral("/data/penguins.csv");
    preview.rowCount = 1797;
    preview.target = QStringLiteral("species");
    preview.columns = {{QStringLiteral("mass"), DataColumnType::Number, 2, 94, 2700, 6300},
        {QStringLiteral("island"), DataColumnType::Text, 0, 3},
        {QStringLiteral("species"), DataColumnType::Text, 0, 2}};
    preview.rows = {{QStringLiteral("3750"), QStringLiteral("Torgersen"), QStringLiteral("Adelie")},
        {QStringLiteral(" NaN"), QStringLiteral("Biscoe"), QStringLiteral("Gentoo")}};
    preview.classes = {{QStringLiteral("Adelie"), 1500}, {QStringLiteral("Gentoo"), 297}};
    preview.trainRows = 1438;
    preview.valRows = 359;
    preview.testRows = 0;
    return preview;
}

} // namespace

class TestDataPreviewPanel final : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void showsTheTargetFirst()
    {
        DataRowsModel model;
        QAbstractItemModelTester tester(&model);
        model.setPreview(penguins());
        QCOMPARE(model.columnCount(), 3);
        QCOMPARE(model.index(0, 0).data().toString(), QStringLiteral("Adelie"));
        QCOMPARE(model.index(0, 1).data().toString(), QStringLiteral("3750"));
        QVERIFY(model.headerData(0, Qt::Horizontal, DataRowsModel::TargetRole).toBool());
        QVERIFY(!model.headerData(1, Qt::Horizontal, DataRowsModel::TargetRole).toBool());
        QCOMPARE(model.headerData(2, Qt::Horizontal).toString(), QStringLiteral("island\ntext"));
        model.setPreview({});
        QCOMPARE(model.rowCount(), 0);
    }

    void aLongColumnNameIsElidedInItsHeader()
    {
        auto preview = penguins();
        preview.columns[0].name = QString(300, QLatin1Char('c'));
        DataPreviewPanel panel;
        panel.resize(900, 400);
        panel.showPreview(preview);
        panel.show();
        const auto* table = panel.findChild<QTableView*>(QStringLiteral("dataRowsView"));
        const auto* header = qobject_cast<ElidedHeader*>(table->horizontalHeader());
        QVERIFY(header);
        QVERIFY(header->shownText(1).endsWith(QStringLiteral("…\nnumber")));
        QVERIFY(table->model()
                    ->headerData(1, Qt::Horizontal, Qt::ToolTipRole)
                    .toString()
                    .count(QLatin1Char('c'))
            >= 300);
    }

    void greysWhatIsOld()
    {
        DataPreviewPanel panel;
        panel.show();
        panel.showPreview(penguins());
        auto* table = panel.findChild<QTableView*>(QStringLiteral("dataRowsView"));
        const auto* busy = panel.findChild<QLabel*>(QStringLiteral("dataBusy"));
        panel.showLoading(); // of an edit: most are read before one looks
        QVERIFY(table->isEnabled());
        QTRY_VERIFY(!table->isEnabled());
        QVERIFY(busy->isVisible() && busy->isEnabled());
        panel.showPreview(penguins());
        QVERIFY(table->isEnabled() && !busy->isVisible());
        panel.showOld(); // of another config
        QVERIFY(!table->isEnabled() && busy->isVisible());
        panel.showPreview(penguins());
        QVERIFY(table->isEnabled());
    }

    void marksMissingCells()
    {
        DataRowsModel model;
        model.setPreview(penguins());
        QCOMPARE(model.index(1, 1).data().toString(), QStringLiteral("missing"));
        QCOMPARE(model.index(1, 1).data(Qt::ToolTipRole).toString(), QStringLiteral(" NaN"));
        QVERIFY(model.index(1, 1).data(DataRowsModel::MissingRole).toBool());
        QVERIFY(!model.index(0, 1).data(DataRowsModel::MissingRole).toBool());
    }

    void survivesRaggedRows()
    {
        auto preview = penguins();
        preview.rows = {{QStringLiteral("only one")}};
        DataRowsModel model;
        QAbstractItemModelTester tester(&model);
        model.setPreview(preview);
        QVERIFY(model.index(0, 2).data(DataRowsModel::MissingRole).toBool());
    }

    void describesEachColumn()
    {
        DataColumnsModel model;
        QAbstractItemModelTester tester(&model);
        model.setPreview(penguins());
        const auto text
            = [&](int row, int column) { return model.index(row, column).data().toString(); };
        QCOMPARE(text(0, DataColumnsModel::Missing), QStringLiteral("2 (0.11 %)"));
        QCOMPARE(text(0, DataColumnsModel::Range), QStringLiteral("2700 to 6300"));
        QCOMPARE(text(1, DataColumnsModel::Range), QString());
        QCOMPARE(text(2, DataColumnsModel::Name), QStringLiteral("species (target)"));
    }

    void countsClasses()
    {
        ClassCountsModel model;
        QAbstractItemModelTester tester(&model);
        model.setClasses(penguins().classes);
        QCOMPARE(model.index(0).data(ClassCountsModel::ShareRole).toDouble(), 1.0);
        QCOMPARE(model.index(1).data(ClassCountsModel::ShareRole).toDouble(), 297.0 / 1500.0);
        QCOMPARE(model.index(1).data(Qt::AccessibleTextRole).toString(),
            QStringLiteral("Gentoo: 297 rows, 16.5 %"));
        model.setClasses({{QStringLiteral("not counted"), -1}});
        QCOMPARE(model.index(0).data(ClassCountsModel::ShareRole).toDouble(), 0.0);
    }

    void aNameThatHasRoomIsNotElided()
    {
        ClassCountsView view;
        view.resize(400, 200);
        view.show();
        for (const auto* name : {"setosa", "versicolor", "virginica", "Adelie", "Chinstrap", "fair",
                 "very good", "premium", "ideal", "illicit", "Wolfgang", "fill", "TTTAAVV"}) {
            const auto text = QString::fromLatin1(name);
            view.setClasses({{text, 50}});
            QCOMPARE(view.fontMetrics().elidedText(text, Qt::ElideRight, view.nameRoom()), text);
        }
    }

    void saysWhatTheDataIs()
    {
        DataPreviewPanel panel;
        panel.show();
        panel.showPreview(penguins());
        QCOMPARE(panel.findChild<QLabel*>(QStringLiteral("dataSummary"))->text(),
            QStringLiteral("1,797 rows, 3 columns, 2 values missing. Predicts species: one of 2 "
                           "classes."));
        QVERIFY(panel.findChild<SplitBar*>()->accessibleName().contains(
            QStringLiteral("validation 359")));
        QVERIFY(panel.findChild<ClassCountsView*>()->isVisible());
        QVERIFY(panel.findChild<QTableView*>(QStringLiteral("dataRowsView"))->isVisible());
    }

    void rowsThatNoPartTakesAreCounted()
    {
        auto preview = penguins();
        preview.rowCount = 1866;
        preview.featureShape = QStringLiteral("[N, 26]");
        DataPreviewPanel panel;
        panel.showPreview(preview);
        QCOMPARE(panel.findChild<QLabel*>(QStringLiteral("dataSummary"))->text(),
            QStringLiteral("1,866 rows, 3 columns, 2 values missing, 69 rows left out. Predicts "
                           "species: one of 2 classes, from 26 inputs."));
        QCOMPARE(panel.findChild<SplitBar*>()->toolTip(),
            QStringLiteral("train 1,438, validation 359, test 0, left out 69"));
        panel.showPreview(penguins());
        QVERIFY(!panel.findChild<SplitBar*>()->toolTip().contains(QStringLiteral("left out")));
    }

    void saysInputsAsPeopleDo_data()
    {
        QTest::addColumn<QString>("shape");
        QTest::addColumn<QString>("text");
        QTest::newRow("flat") << QStringLiteral("[N, 26]") << QStringLiteral("26 inputs");
        QTest::newRow("many") << QStringLiteral("[N, 3072]") << QStringLiteral("3,072 inputs");
        QTest::newRow("one") << QStringLiteral("[N, 1]") << QStringLiteral("1 input");
        QTest::newRow("image") << QStringLiteral("[N, 1, 28, 28]")
                               << QStringLiteral("inputs of 1 × 28 × 28");
        QTest::newRow("no extent") << QStringLiteral("[N]") << QStringLiteral("[N]");
        QTest::newRow("unknown") << QString() << QString();
    }

    void saysInputsAsPeopleDo()
    {
        QFETCH(const QString, shape);
        QFETCH(const QString, text);
        QCOMPARE(inputsText(shape), text);
    }

    void theTableOfANumericTargetHasTheWholeWidth()
    {
        auto preview = penguins();
        preview.isClassification = false;
        preview.classes.clear();
        DataPreviewPanel panel;
        panel.resize(900, 400);
        panel.show();
        panel.showPreview(preview);
        QVERIFY(QTest::qWaitForWindowExposed(&panel));
        const auto* table = panel.findChild<QTableView*>(QStringLiteral("dataRowsView"));
        QTRY_VERIFY(table->mapTo(&panel, QPoint(0, 0)).x() < 20);
        QVERIFY(table->width() > 850);
        panel.showPreview(penguins());
        QTRY_VERIFY(panel.findChild<ClassCountsView*>()->isVisible());
        QTRY_VERIFY(table->mapTo(&panel, QPoint(0, 0)).x() > 180);
    }

    void classNamesAreWholeWhereThereIsRoom()
    {
        ClassCountsView view;
        view.resize(240, 120);
        view.setClasses({{QStringLiteral("versicolor"), 50}, {QStringLiteral("setosa"), 50}});
        const auto needed = view.fontMetrics().horizontalAdvance(QStringLiteral("versicolor"));
        QVERIFY(view.nameRoom() >= needed && view.nameRoom() <= needed + 3);
        view.setClasses({{QString(80, QLatin1Char('x')), 50}}); // the bar keeps a third
        QVERIFY(view.nameRoom() < 160 && view.nameRoom() > 60);
    }

    void asksToBeReadAgain()
    {
        DataPreviewPanel panel;
        panel.show();
        QSignalSpy asked(&panel, &PreviewPanel::reloadRequested);
        auto* reload = panel.findChild<QToolButton*>(QStringLiteral("dataReload"));
        auto* retry = panel.findChild<QPushButton*>(QStringLiteral("stateRetry"));
        panel.showPreview(penguins());
        QVERIFY(!reload->isVisible()); // nobody would hear of it
        panel.setReloadable(true);
        QVERIFY(reload->isVisible());
        reload->click();
        QCOMPARE(asked.size(), 1);
        panel.showProblem(QStringLiteral("there is no such file"));
        QVERIFY(retry->isVisible());
        retry->click();
        QCOMPARE(asked.size(), 2);
        panel.showHint(QStringLiteral("no config yet"));
        QVERIFY(!retry->isVisible());
    }

    void drawsTheClassesWhateverCameBefore_data()
    {
        QTest::addColumn<QString>("steps"); // S: show, H: hide, P: preview, W: wide, N: narrow, .:
                                            // events
        for (const auto* steps : {"SP", "PS", "SP.W", "PS.W.", "P.SW.", "WPS", "S.P.P", "S.PH.S",
                 "SN.P.H.W.S", "SPHPWS", "S.WP"})
            QTest::newRow(steps) << QString::fromLatin1(steps);
    }

    void drawsTheClassesWhateverCameBefore()
    {
        QFETCH(const QString, steps);
        QWidget window; // the panel on a page of it, as in the studio
        auto* panel = new DataPreviewPanel(&window);
        window.resize(900, 400);
        panel->resize(900, 400);
        panel->hide();
        window.show();
        for (const auto step : steps) {
            if (step == QLatin1Char('S'))
                panel->show();
            else if (step == QLatin1Char('H'))
                panel->hide();
            else if (step == QLatin1Char('P'))
                panel->showPreview(penguins());
            else if (step == QLatin1Char('W'))
                panel->resize(2400, 500);
            else if (step == QLatin1Char('N'))
                panel->resize(300, 200);
            else
                QTest::qWait(1);
        }
        const auto* view = panel->findChild<ClassCountsView*>();
        const auto image = view->viewport()->grab().toImage();
        const auto bar = view->palette().color(QPalette::Active, QPalette::Highlight).rgb();
        int pixels = 0;
        for (int y = 0; y < image.height(); ++y)
            for (int x = 0; x < image.width(); ++x)
                pixels += image.pixel(x, y) == bar;
        QVERIFY2(pixels > 100, qPrintable(QStringLiteral("%1 pixels of a bar").arg(pixels)));
    }

    void leavesOutWhatIsNotKnown()
    {
        DataPreview preview;
        preview.title = QStringLiteral("SomeData");
        preview.target = QStringLiteral("price");
        preview.isClassification = false;
        DataPreviewPanel panel;
        panel.show();
        panel.showPreview(preview);
        QVERIFY(!panel.findChild<SplitBar*>()->isVisible());
        QVERIFY(!panel.findChild<ClassCountsView*>()->isVisible());
        QVERIFY(!panel.findChild<QTableView*>(QStringLiteral("dataRowsView"))->isVisible());
        QCOMPARE(panel.findChild<QLabel*>(QStringLiteral("dataSummary"))->text(),
            QStringLiteral("Predicts price: a number."));
    }

    void keepsWhatItShowsWhileReadingAnew()
    {
        DataPreviewPanel panel;
        panel.show();
        auto* busy = panel.findChild<QLabel*>(QStringLiteral("dataBusy"));
        auto* state = panel.findChild<StatePage*>();
        panel.showLoading();
        QVERIFY(state->isVisible());
        QVERIFY(state->text().contains(QStringLiteral("Reading")));
        panel.showPreview(penguins());
        QVERIFY(!state->isVisible());
        QVERIFY(!busy->isVisible());
        panel.showLoading();
        QVERIFY(!state->isVisible());
        QVERIFY(busy->isVisible());
        panel.showProblem(QStringLiteral("penguins.csv: there is no such file"));
        QVERIFY(state->isVisible());
        QCOMPARE(state->text(), QStringLiteral("penguins.csv: there is no such file"));
        panel.showPreview(penguins());
        QVERIFY(!state->isVisible());
        panel.clear();
        QVERIFY(state->isVisible());
        QCOMPARE(panel.rowsModel()->rowCount(), 0);
    }

    void takesAnEndlessName()
    {
        auto preview = penguins();
        preview.title = QString(300, QLatin1Char('x'));
        preview.columns[0].name = QString(300, QLatin1Char('y'));
        preview.classes[0].name = QString(300, QLatin1Char('z'));
        DataPreviewPanel panel;
        panel.showPreview(preview);
        QVERIFY(panel.minimumSizeHint().width() < 500);
        QVERIFY(
            panel.findChild<QTableView*>(QStringLiteral("dataRowsView"))->columnWidth(1) <= 220);
    }
};
LEYDEN_WIDGET_TEST(TestDataPreviewPanel)
} // namespace tst_data_preview_panel

#include "tst_data_preview_panel.moc"
