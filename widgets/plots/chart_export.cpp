// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/plots/metric_chart.h"

#include "widgets/plots/export_file.h"
#include "widgets/plots/export_target.h"

#include <QApplication>
#include <QBuffer>
#include <QClipboard>
#include <QMenu>
#include <QPdfWriter>
#include <QScopedValueRollback>
#include <QSvgGenerator>

#include <qcustomplot.h>

#include <algorithm>

namespace leyden::ui {
namespace {
QSize exportSize(const QWidget& chart)
{
    return chart.size().expandedTo({640, 360});
}
} // namespace

void MetricChart::renderWith(QCPPainter& painter, const QSize& size)
{
    QScopedValueRollback exporting(m_isExporting, true);
    updateHeader(size.width());
    m_plot->setPlottingHint(QCP::phFastPolylines, false);
    painter.setMode(QCPPainter::pmVectorized);
    m_plot->toPainter(&painter, size.width(), size.height());
    m_plot->setPlottingHint(QCP::phFastPolylines, true);
    queueReplot(); // the lay-out was that of the page
}

void MetricChart::render(QPaintDevice& device, const QSize& size)
{
    QCPPainter painter;
    painter.begin(&device);
    renderWith(painter, size);
}

void MetricChart::renderPages(QPdfWriter& writer, const QSize& size, int pages,
    const std::function<std::unique_ptr<MetricChart>(int)>& chart)
{
    QCPPainter painter;
    painter.begin(&writer);
    for (int page = 0; page < pages; ++page) {
        if (page > 0)
            writer.newPage();
        chart(page)->renderWith(painter, size);
    }
}

void MetricChart::renderTiles(QPaintDevice& device, const QSize& size, int columns, int count,
    const std::function<std::unique_ptr<MetricChart>(int)>& chart)
{
    QCPPainter painter;
    painter.begin(&device);
    for (int i = 0; i < count; ++i) {
        painter.save();
        painter.translate(i % columns * size.width(), i / columns * size.height());
        chart(i)->renderWith(painter, size);
        painter.restore();
    }
}

QImage MetricChart::image(const QSize& size, double scale)
{
    QScopedValueRollback exporting(m_isExporting, true);
    updateHeader(size.width());
    auto picture = m_plot->toPixmap(size.width(), size.height(), scale).toImage();
    queueReplot();
    return picture;
}

QString MetricChart::exportPng(const QString& path)
{
    return savedPng(path, image(exportSize(*this)));
}

QString MetricChart::exportPdf(const QString& path)
{
    const auto size = exportSize(*this);
    return saved(path, pdfOf(m_family, size, [&](QPdfWriter& writer) { render(writer, size); }));
}

QString MetricChart::exportSvg(const QString& path)
{
    const auto size = exportSize(*this);
    return saved(path, svgOf(m_family, size, [&](QSvgGenerator& svg) { render(svg, size); }));
}

QByteArray MetricChart::csv() const
{
    auto names = m_store.namesOf(m_family);
    names.removeIf([this](const QString& name) { return !isSeriesVisible(name); });
    QBuffer buffer;
    buffer.open(QIODevice::WriteOnly);
    m_store.writeCsv(buffer, names, m_settings.smoothing);
    return buffer.data();
}

QString MetricChart::exportCsv(const QString& path)
{
    return saved(path, csv());
}

QString MetricChart::exportAs(const ExportTarget& target)
{
    switch (target.format) {
    case ExportFormat::Pdf:
        return exportPdf(target.path);
    case ExportFormat::Svg:
        return exportSvg(target.path);
    case ExportFormat::Png:
        return exportPng(target.path);
    case ExportFormat::Csv:
        break;
    }
    return exportCsv(target.path);
}

void MetricChart::askForExport(ExportFormat format)
{
    ui::askForExport(this, tr("Export %1").arg(m_family), format, m_run.folder,
        proposedFileName({m_run.name, m_family}, format),
        [this](const ExportTarget& target) { return exportAs(target); });
}

void MetricChart::fillMenu(QMenu& menu)
{
    const auto add = [this, &menu](const char* name, const QString& text, auto&& call) {
        auto* action = menu.addAction(text);
        action->setObjectName(QLatin1String(name));
        connect(action, &QAction::triggered, this, call);
        return action;
    };
    add("copyImage", tr("Copy image"),
        [this] { QApplication::clipboard()->setImage(image(exportSize(*this))); });
    add("copyData", tr("Copy data"),
        [this] { QApplication::clipboard()->setText(QString::fromUtf8(csv())); });
    menu.addSeparator();
    add("exportPdf", tr("Export as PDF…"), [this] { askForExport(ExportFormat::Pdf); });
    add("exportSvg", tr("Export as SVG…"), [this] { askForExport(ExportFormat::Svg); });
    add("exportPng", tr("Export as PNG…"), [this] { askForExport(ExportFormat::Png); });
    add("exportCsv", tr("Export data as CSV…"), [this] { askForExport(ExportFormat::Csv); });
    menu.addSeparator();
    add("fit", tr("Fit\tdouble-click"), &MetricChart::userFit);
    add("previousView", tr("Previous view\tBackspace"), &MetricChart::userPreviousView)
        ->setEnabled(!m_history.empty());
    auto* follow = add("follow", tr("Follow the latest\tF"), &MetricChart::userFollow);
    follow->setCheckable(true);
    follow->setChecked(m_xView.mode == XView::Mode::Follow);
    auto* log = add("logY", tr("Log y axis\tL"), &MetricChart::setYLog);
    log->setCheckable(true);
    log->setChecked(m_state.isYLog);
    add("yRange", tr("y range…"), &MetricChart::askForYRange);
    menu.addSeparator();
    auto* curves = menu.addMenu(tr("Curves"));
    for (const auto& name : m_store.namesOf(m_family)) {
        auto* action = curves->addAction(fontMetrics().elidedText(name, Qt::ElideMiddle, 300));
        action->setCheckable(true);
        action->setChecked(isSeriesVisible(name));
        connect(action, &QAction::triggered, this, [this, name] { toggleSeries(name); });
    }
}
} // namespace leyden::ui
