// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/widget_test.h"
#include "widgets/plots/chart_grid.h"
#include "widgets/plots/export_target.h"
#include "widgets/plots/monitor_view.h"

#include <QComboBox>
#include <QDialogButtonBox>
#include <QFile>
#include <QFileDialog>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QPushButton>
#include <QScrollBar>
#include <QSignalSpy>
#include <QSlider>
#include <QTemporaryDir>
#include <QTest>
#include <QToolBar>
#include <QToolButton>

#include <cmath>

namespace tst_monitor_view {
using namespace leyden::ui;

namespace {
QList<MetricRow> rows(int first, int count)
{
    QList<MetricRow> list;
    for (int i = first; i < first + count; ++i)
        list += MetricRow{double(i), i / 100.0, i / 10.0, notANumber,
            {{QStringLiteral("train_loss"), 1.0 / (i + 1)},
                {QStringLiteral("train_acc"), 1.0 - 1.0 / (i + 1)},
                {QStringLiteral("lr-SGD"), 0.1}}};
    return list;
}

struct Shown
{
    MonitorView view;
    Shown()
    {
        view.resize(1200, 700);
        view.beginRun({QStringLiteral("mnist"), {}});
        view.show();
    }
};
} // namespace

class TestMonitorView final : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void saysThatNothingIsThereYet()
    {
        MonitorView view;
        auto* empty = view.findChild<QLabel*>(QStringLiteral("chartsEmpty"));
        QVERIFY(!empty->isHidden() && !empty->text().isEmpty());
        view.beginRun({QStringLiteral("mnist"), {}});
        QVERIFY(empty->text().contains(QStringLiteral("mnist")));
        view.appendRows(rows(0, 2));
        view.refresh();
        QVERIFY(empty->isHidden());
        view.clear();
        QVERIFY(!empty->isHidden());
        QCOMPARE(view.store().rowCount(), 0);
        QVERIFY(view.grid()->builtCharts().isEmpty());
    }

    void drawsAChartAFamilyLive()
    {
        Shown shown;
        QSignalSpy refreshed(&shown.view, &MonitorView::refreshed);
        shown.view.appendRows(rows(0, 10));
        QTRY_VERIFY(refreshed.size() > 0);
        QCOMPARE(shown.view.grid()->shownFamilies(),
            (QStringList{QStringLiteral("loss"), QStringLiteral("acc"), QStringLiteral("lr")}));
        auto* chart = shown.view.grid()->chart(QStringLiteral("loss"));
        QVERIFY(chart);
        const auto before = refreshed.size();
        shown.view.appendRows(rows(10, 10));
        QTRY_VERIFY(refreshed.size() > before);
        QCOMPARE(chart->readOut(19).value(0).value, 1.0 / 20);
    }

    void collectsWhileHidden()
    {
        Shown shown;
        shown.view.appendRows(rows(0, 10));
        shown.view.refresh();
        auto* chart = shown.view.grid()->chart(QStringLiteral("loss"));
        QVERIFY(chart);
        shown.view.hide();
        QSignalSpy refreshed(&shown.view, &MonitorView::refreshed);
        shown.view.appendRows(rows(10, 10));
        QCOMPARE(shown.view.refreshIntervalMs(), 0);
        QCoreApplication::processEvents();
        QCOMPARE(refreshed.size(), 0);
        QCOMPARE(shown.view.store().rowCount(), 20); // kept all the same
        shown.view.show();
        QTRY_COMPARE(refreshed.size(), 1);
        QCOMPARE(chart->readOut(19).value(0).x, 19.0);
    }

    void paintsAtMostOneHundredthOfTheTime()
    {
        QCOMPARE(PaintCostMeter::interval(0.2, 100), 100);
        QCOMPARE(PaintCostMeter::interval(3.0, 100), 300);
        QCOMPARE(PaintCostMeter::interval(500.0, 100), 1000);
        PaintCostMeter meter;
        meter.add(1000.0, 50.0);
        meter.add(2000.0, 50.0);
        QCOMPARE(meter.share(2000.0), 0.01);
        QCOMPARE(meter.share(11'500.0), 0.005);
        QCOMPARE(meter.share(30'000.0), 0.0);
        Shown shown;
        shown.view.appendRows(rows(0, 1000));
        shown.view.refresh();
        QVERIFY(shown.view.uiCostShare() > 0.0);
    }

    void synchronisesViewAndCrosshair()
    {
        Shown shown;
        shown.view.appendRows(rows(0, 100));
        shown.view.refresh();
        auto* loss = shown.view.grid()->chart(QStringLiteral("loss"));
        auto* acc = shown.view.grid()->chart(QStringLiteral("acc"));
        QVERIFY(loss && acc);
        loss->userZoomX(0.5, loss->plotRect().center().x());
        QCOMPARE(acc->xRange(), loss->xRange());
        const QPointF at(loss->pixelAt(50.2, 0.0).x(), loss->plotRect().center().y());
        QMouseEvent move(
            QEvent::MouseMove, at, loss->plotWidget()->mapToGlobal(at), Qt::NoButton, {}, {});
        QCoreApplication::sendEvent(loss->plotWidget(), &move);
        QCOMPARE(loss->crosshair().value_or(-1), 50.0);
        QCOMPARE(acc->crosshair().value_or(-1), 50.0);
        QEvent leave(QEvent::Leave);
        QCoreApplication::sendEvent(loss->plotWidget(), &leave);
        QVERIFY(!acc->crosshair());
    }

    void theBarFitsBetweenTheDocks()
    {
        MonitorView view;
        const auto* bar = view.findChild<QToolBar*>(QStringLiteral("monitorBar"));
        const auto* more = bar->findChild<QToolButton*>(QStringLiteral("qt_toolbar_ext_button"));
        const auto* button = view.findChild<QToolButton*>(QStringLiteral("exportCharts"));
        const auto* label = view.findChild<QLabel*>(QStringLiteral("smoothingLabel"));
        view.show();
        for (const int width : {1200, 540, 1200}) { // 540: in a window of 1280
            view.resize(width, 500);
            QTRY_COMPARE(label->isVisible(), width == 1200);
            QCOMPARE(view.findChild<QLabel*>(QStringLiteral("smoothingText"))->text(),
                width == 1200 ? QStringLiteral("off") : QStringLiteral("smooth off"));
            QVERIFY(more->isHidden());
            QVERIFY(button->isVisible());
            QCOMPARE(button->toolButtonStyle(),
                width == 1200 ? Qt::ToolButtonTextOnly : Qt::ToolButtonIconOnly);
        }
    }

    void appliesTheToolbarToAllCharts()
    {
        Shown shown;
        shown.view.appendRows(rows(1, 100));
        shown.view.refresh();
        auto* axis = shown.view.findChild<QComboBox*>(QStringLiteral("xAxis"));
        axis->setCurrentIndex(axis->findData(int(XAxis::Epoch)));
        auto* acc = shown.view.grid()->chart(QStringLiteral("acc"));
        QVERIFY(acc);
        QVERIFY(acc->xRange().second < 1.2);
        shown.view.findChild<QSlider*>(QStringLiteral("smoothing"))->setValue(33);
        QVERIFY(std::abs(shown.view.settings().smoothing - 0.9) < 0.01);
        QVERIFY(!std::isnan(acc->readOut(0.5).value(0).smoothed));
        QSignalSpy changed(&shown.view, &MonitorView::settingsChanged);
        shown.view.findChild<QAction*>(QStringLiteral("trimY"))->trigger();
        QCOMPARE(changed.size(), 1);
        QVERIFY(shown.view.settings().trimsY);
        auto same = shown.view.settings();
        same.trimsY = false;
        shown.view.setSettings(same); // by no hand
        QCOMPARE(changed.size(), 1);
        shown.view.setYLog(true);
        QVERIFY(acc->state().isYLog);
        auto* follow = shown.view.findChild<QAction*>(QStringLiteral("follow"));
        follow->trigger();
        QCOMPARE(acc->xView().mode, XView::Mode::Follow);
        shown.view.findChild<QAction*>(QStringLiteral("fit"))->trigger();
        QCOMPARE(acc->xView().mode, XView::Mode::Fit);
        QVERIFY(!follow->isChecked());
    }

    void staysUsableWithManyMetrics()
    {
        Shown shown;
        QList<NamedValue> values;
        for (int i = 0; i < 500; ++i)
            values += NamedValue{QStringLiteral("layer%1_norm").arg(i), double(i)};
        values += NamedValue{QStringLiteral("val_") + QString(300, QLatin1Char('n')), 1.0};
        for (int step = 0; step < 10; ++step)
            shown.view.appendRows({{double(step), 0, 0, notANumber, values}});
        shown.view.refresh();
        auto* grid = shown.view.grid();
        QCOMPARE(grid->shownFamilies().size(), ChartGrid::familiesAtFirst);
        QVERIFY(!grid->builtCharts().isEmpty());
        QVERIFY2(grid->builtCharts().size() <= 12, "only what is in view is built");
        shown.view.findChild<QPushButton*>(QStringLiteral("showAllCharts"))->click();
        QCOMPARE(grid->shownFamilies().size(), 501);
        auto* bar = grid->verticalScrollBar();
        for (int at = 0; at < bar->maximum(); at += bar->pageStep())
            bar->setValue(at);
        QVERIFY2(grid->builtCharts().size() <= 60, "those far away are dropped");
        auto* filter = shown.view.findChild<QLineEdit*>(QStringLiteral("metricFilter"));
        filter->setText(QStringLiteral("layer499"));
        QCOMPARE(grid->shownFamilies(), QStringList{QStringLiteral("layer499_norm")});
        QVERIFY(grid->chart(QStringLiteral("layer499_norm")));
        filter->setText(QStringLiteral("nothing has this name"));
        QVERIFY(!shown.view.findChild<QLabel*>(QStringLiteral("chartsEmpty"))->isHidden());
    }

    void putsTheMonitoredFamilyFirst()
    {
        Shown shown;
        shown.view.appendRows(rows(0, 3));
        shown.view.setBest(QStringLiteral("val_acc"), MetricMode::Max);
        shown.view.refresh();
        QCOMPARE(shown.view.grid()->shownFamilies().first(), QStringLiteral("acc"));
    }

    void keepsMarkersByStep()
    {
        Shown shown;
        shown.view.appendRows(rows(0, 100));
        for (const double step : {50.0, 10.0, 30.0})
            shown.view.addMarker({MarkerKind::Checkpoint, step, {}});
        QCOMPARE(shown.view.markers().at(0).step, 10.0);
        QCOMPARE(shown.view.markers().at(2).step, 50.0);
    }

    void item21_exportsWhatItShows()
    {
        Shown shown;
        shown.view.appendRows(rows(0, 50));
        shown.view.refresh();
        QTemporaryDir folder;
        const auto pdf = folder.filePath(QStringLiteral("all.pdf"));
        QCOMPARE(shown.view.exportPdf(pdf), QString());
        QFile file(pdf);
        QVERIFY(file.open(QIODevice::ReadOnly));
        QCOMPARE(file.readAll().count("/Type /Page\n"), 3);
        QCOMPARE(shown.view.exportPng(folder.filePath(QStringLiteral("all.png"))), QString());
        QVERIFY(QImage(folder.filePath(QStringLiteral("all.png"))).width() > 1000);
        const auto csv = folder.filePath(QStringLiteral("all.csv"));
        QCOMPARE(shown.view.exportCsv(csv), QString());
        QFile data(csv);
        QVERIFY(data.open(QIODevice::ReadOnly));
        const auto lines = data.readAll().trimmed().split('\n');
        QCOMPARE(lines.size(), 51);
        QCOMPARE(lines.first(),
            QByteArray("step,epoch,seconds,active_seconds,train_loss,train_acc,lr-SGD"));
        QCOMPARE(lines.last().split(',').at(4).toDouble(), 1.0 / 50);
        QVERIFY(!shown.view.exportCsv(QStringLiteral("/no/such/folder/x.csv")).isEmpty());
        const auto svg = folder.filePath(QStringLiteral("all.svg"));
        QCOMPARE(shown.view.exportSvg(svg), QString());
        QFile drawing(svg);
        QVERIFY(drawing.open(QIODevice::ReadOnly));
        const auto text = drawing.readAll();
        QVERIFY(text.contains("viewBox=\"0 0 1800 840\"")); // two rows of two charts
        for (const auto* family : {">loss</text>", ">acc</text>", ">lr</text>"})
            QVERIFY2(text.contains(family), family);
        QVERIFY(text.count("<polyline") >= 3 && !text.contains("<image"));
    }

    void aTypedSuffixIsFollowedAndAMissingOneAdded_data()
    {
        QTest::addColumn<QString>("typed");
        QTest::addColumn<QString>("path");
        QTest::addColumn<int>("format");
        const auto row = [](const char* typed, const char* path, ExportFormat format) {
            QTest::newRow(typed) << QString::fromLatin1(typed) << QString::fromLatin1(path)
                                 << int(format);
        };
        row("/f/all", "/f/all.pdf", ExportFormat::Pdf);
        row("/f/all.png", "/f/all.png", ExportFormat::Png);
        row("/f/all.SVG", "/f/all.SVG", ExportFormat::Svg);
        row("/f/all.csv", "/f/all.csv", ExportFormat::Csv);
        row("/f/lr0.1", "/f/lr0.1.pdf", ExportFormat::Pdf);
        row("/f/all.txt", "/f/all.txt.pdf", ExportFormat::Pdf);
    }

    void aTypedSuffixIsFollowedAndAMissingOneAdded()
    {
        QFETCH(const QString, typed);
        QFETCH(const QString, path);
        QFETCH(const int, format);
        const auto target = exportTarget(typed, ExportFormat::Pdf);
        QCOMPARE(target.path, path);
        QCOMPARE(int(target.format), format);
    }

    void proposesANameOfTheRun()
    {
        QCOMPARE(proposedFileName({QStringLiteral("digits-mlp/version_0"), QStringLiteral("loss")},
                     ExportFormat::Svg),
            QStringLiteral("digits-mlp-version_0-loss.svg"));
        QCOMPARE(proposedFileName({QStringLiteral("../a b:c")}, ExportFormat::Csv),
            QStringLiteral("a-b-c.csv"));
        QCOMPARE(proposedFileName({QString()}, ExportFormat::Png), QStringLiteral("charts.png"));
        QTemporaryDir folder;
        Shown shown;
        shown.view.setRun({QStringLiteral("digits-mlp/version_0"), folder.path()});
        shown.view.appendRows(rows(0, 50));
        shown.view.refresh();
        shown.view.findChild<QAction*>(QStringLiteral("exportAllSvg"))->trigger();
        auto* dialog = shown.view.findChild<QFileDialog*>(QStringLiteral("exportDialog"));
        QVERIFY(dialog);
        QCOMPARE(dialog->selectedFiles(),
            QStringList{folder.filePath(QStringLiteral("digits-mlp-version_0.svg"))});
        dialog->selectNameFilter(QStringLiteral("PNG (*.png)"));
        auto* name = dialog->findChild<QLineEdit*>(QStringLiteral("fileNameEdit"));
        name->setText(QStringLiteral("mine.svg")); // the name counts, not the filter
        dialog->findChild<QDialogButtonBox*>()->button(QDialogButtonBox::Save)->click();
        QFile file(folder.filePath(QStringLiteral("mine.svg")));
        QTRY_VERIFY(file.exists());
        QVERIFY(file.open(QIODevice::ReadOnly));
        QVERIFY(file.readAll().contains("<svg"));
        auto* chart = shown.view.grid()->chart(QStringLiteral("loss"));
        QMenu menu;
        chart->fillMenu(menu);
        menu.findChild<QAction*>(QStringLiteral("exportPdf"))->trigger();
        dialog = chart->findChild<QFileDialog*>(QStringLiteral("exportDialog"));
        QVERIFY(dialog);
        QCOMPARE(dialog->selectedFiles(),
            QStringList{folder.filePath(QStringLiteral("digits-mlp-version_0-loss.pdf"))});
    }
};
LEYDEN_WIDGET_TEST(TestMonitorView)
} // namespace tst_monitor_view

#include "tst_monitor_view.moc"
