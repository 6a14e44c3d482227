// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/plots/metric_chart.h"

#include "widgets/metrics/number_text.h"
#include "widgets/plots/axis_tickers.h"
#include "widgets/plots/chart_interaction.h"
#include "widgets/plots/chart_series.h"

#include <QElapsedTimer>
#include <QEvent>
#include <QVBoxLayout>

#include <qcustomplot.h>

#include <algorithm>
#include <cmath>
#include <functional>

namespace leyden::ui {
namespace {
constexpr qsizetype longestDashedLine = 500;  // visible points; Qt's stroker is slow on dashes
constexpr qsizetype longestWideLine = 20'000; // likewise beyond, for noisy lines

// Lets a plain function draw on a layer of the plot.
class PaintItem final : public QCPAbstractItem
{
public:
    PaintItem(QCustomPlot* plot, const QString& layer, std::function<void(QPainter&)> paint)
        : QCPAbstractItem(plot), m_paint(std::move(paint))
    {
        setLayer(layer);
        setClipToAxisRect(false);
        setSelectable(false);
    }

    double selectTest(const QPointF&, bool, QVariant*) const override { return -1.0; }

protected:
    void draw(QCPPainter* painter) override { m_paint(*painter); }

private:
    std::function<void(QPainter&)> m_paint;
};

} // namespace

MetricChart::MetricChart(const MetricStore& store, const QString& family, QWidget* parent)
    : QWidget(parent), m_store(store), m_family(family), m_plot(new QCustomPlot(this))
{
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_plot);
    setupPlot();
    setupAxes();
    applyColors();
    m_interaction = new ChartInteraction(*this);
    sync();
}

MetricChart::~MetricChart()
{
    delete m_interaction; // before the plot, which loses its focus when half of it is gone
}

void MetricChart::setupPlot()
{
    setObjectName(QStringLiteral("chart:") + m_family);
    m_plot->setObjectName(QStringLiteral("plot:") + m_family);
    m_plot->setAccessibleName(tr("Chart of %1").arg(m_family));
    m_plot->setFocusPolicy(Qt::StrongFocus);
    m_plot->setMouseTracking(true);
    m_plot->setPlottingHints(QCP::phCacheLabels | QCP::phFastPolylines);
    m_plot->setAutoAddPlottableToLegend(false);
    // A line of noise, one value a batch, would hide what validation says once an epoch.
    m_plot->addLayer(QStringLiteral("validation"), m_plot->layer(QStringLiteral("main")));
    m_plot->addLayer(QStringLiteral("marks"), m_plot->layer(QStringLiteral("legend")));
    m_plot->layer(QStringLiteral("marks"))->setMode(QCPLayer::lmBuffered);
    new PaintItem(m_plot, QStringLiteral("legend"), // both belong to the plot
        [this](QPainter& painter) { paintHeader(painter, m_header, font(), m_colors); });
    new PaintItem(
        m_plot, QStringLiteral("marks"), [this](QPainter& painter) { paintMarks(painter); });
    new PaintItem(
        m_plot, QStringLiteral("overlay"), [this](QPainter& painter) { paintOverlay(painter); });
    connect(m_plot, &QCustomPlot::beforeReplot, this, [this] {
        updateHeader(m_plot->viewport().width());
        updatePens();                                   // a narrow plot shows fewer points as dots
        const bool hasCurves = explanation().isEmpty(); // else numbers beside y would be invented
        m_plot->yAxis->setTickLabels(hasCurves);
        m_plot->yAxis->grid()->setVisible(hasCurves);
    });
    connect(
        m_plot, &QCustomPlot::afterReplot, this, [this] { Q_EMIT painted(m_plot->replotTime()); });
}

void MetricChart::setupAxes()
{
    auto* rect = m_plot->axisRect();
    rect->setAutoMargins(QCP::msLeft | QCP::msBottom);
    rect->setMinimumMargins(QMargins(48, 0, 0, 0)); // charts above each other line up
    m_plot->plotLayout()->setMargins(QMargins(4, 0, 4, 2));
    m_plot->xAxis->setTickLabelPadding(12); // the strip of checkpoints lies between
    m_plot->xAxis->setLabelPadding(1);
    for (auto* axis : {m_plot->xAxis, m_plot->yAxis}) {
        axis->setTickLengthIn(0);
        axis->setTickLengthOut(3);
        axis->setSubTickLength(0);
        axis->grid()->setSubGridVisible(false);
        axis->grid()->setZeroLinePen(Qt::NoPen);
    }
    m_plot->yAxis->ticker()->setTickCount(4);
    m_plot->xAxis->setTickLengthOut(0);
    updateTickers();
}

void MetricChart::applyColors()
{
    m_colors = PlotColors::of(palette());
    m_plot->setBackground(QBrush(m_colors.background));
    auto small = font();
    small.setPointSizeF(std::max(7.0, small.pointSizeF() - 1.0));
    for (auto* axis : {m_plot->xAxis, m_plot->yAxis}) {
        axis->setBasePen(QPen(m_colors.axis, 0));
        axis->setTickPen(QPen(m_colors.axis, 0));
        axis->setSubTickPen(Qt::NoPen);
        axis->setTickLabelColor(m_colors.faintText);
        axis->setLabelColor(m_colors.faintText);
        axis->setTickLabelFont(small);
        axis->setLabelFont(small);
        axis->grid()->setPen(QPen(m_colors.grid, 0));
        axis->grid()->setSubGridPen(QPen(m_colors.grid, 0, Qt::DotLine));
    }
    updatePens();
    queueReplot();
}

void MetricChart::changeEvent(QEvent* event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange || event->type() == QEvent::FontChange)
        applyColors();
}

void MetricChart::setSettings(const ChartSettings& settings)
{
    if (settings == m_settings)
        return;
    if (settings.xAxis != m_settings.xAxis) { // other units: old views mean nothing
        m_history.clear();
        m_xView = {};
    }
    m_settings = settings;
    reload();
}

void MetricChart::setMarkers(const QList<Marker>& markers)
{
    m_markers = markers;
}

void MetricChart::setBestModes(const QHash<QString, MetricMode>& modes)
{
    m_bestModes = modes;
}

void MetricChart::reload()
{
    for (auto& series : m_series) {
        series->raw->data()->clear();
        if (series->smooth)
            m_plot->removeGraph(series->smooth);
        series->smooth = nullptr;
        series->average = Ema(m_settings.smoothing);
        series->taken = 0;
        series->dropped = 0;
        series->nonFinite.clear();
        series->firstNonFinite.reset();
    }
    updateTickers();
    sync();
    queueReplot();
}

MetricChart::Series& MetricChart::addSeries(const QString& name)
{
    QList<SeriesStyle> taken;
    for (const auto& series : m_series)
        taken += series->style;
    auto series = std::make_unique<Series>();
    series->name = name;
    series->style = nextSeriesStyle(name, taken);
    series->raw = m_plot->addGraph();
    series->raw->setObjectName(name);
    if (isOfValidation(name))
        series->raw->setLayer(QStringLiteral("validation"));
    series->average = Ema(m_settings.smoothing);
    m_series.push_back(std::move(series));
    return *m_series.back();
}

void MetricChart::takeNew(Series& series)
{
    const auto* stored = m_store.series(series.name);
    if (m_settings.smoothing > 0.0 && !series.smooth) {
        series.smooth = m_plot->addGraph();
        series.smooth->setLayer(series.raw->layer());
    }
    QVector<QCPGraphData> raw;
    QVector<QCPGraphData> smooth;
    raw.reserve(stored->size() - series.taken);
    for (; series.taken < stored->size(); ++series.taken) {
        const double x = m_store.x(stored->row(series.taken), m_settings.xAxis);
        const double value = stored->value(series.taken);
        const bool isXDrawable = std::isfinite(x) && !(m_settings.xLog && x <= 0.0);
        if (!std::isfinite(value)) {
            if (!series.firstNonFinite)
                series.firstNonFinite = series.taken;
            if (isXDrawable)
                series.nonFinite.push_back(x);
            continue; // a NaN in a graph hides its pixel column
        }
        const double average
            = series.smooth ? series.average.add(value, stored->distance(series.taken)) : 0.0;
        if (!isXDrawable || (m_state.isYLog && value <= 0.0)) {
            ++series.dropped;
            continue;
        }
        raw.append({x, value});
        if (series.smooth && !(m_state.isYLog && average <= 0.0))
            smooth.append({x, average});
    }
    const auto byKey = [](const QCPGraphData& a, const QCPGraphData& b) { return a.key < b.key; };
    series.raw->data()->add(raw, std::is_sorted(raw.begin(), raw.end(), byKey));
    if (series.smooth)
        series.smooth->data()->add(smooth, std::is_sorted(smooth.begin(), smooth.end(), byKey));
}

void MetricChart::sync()
{
    QElapsedTimer timer;
    timer.start();
    for (const auto& name : m_store.namesOf(m_family))
        if (!find(name))
            addSeries(name);
    for (auto& series : m_series)
        if (m_store.series(series->name))
            takeNew(*series);
    updateRanges();
    Q_EMIT painted(double(timer.nsecsElapsed()) * 1e-6);
}

void MetricChart::replot()
{
    m_plot->replot(QCustomPlot::rpQueuedRefresh);
}

void MetricChart::queueReplot()
{
    m_plot->replot(QCustomPlot::rpQueuedReplot);
}

void MetricChart::updateTickers()
{
    auto* x = m_plot->xAxis;
    auto* y = m_plot->yAxis;
    const bool isTime
        = m_settings.xAxis == XAxis::WallTime || m_settings.xAxis == XAxis::ActiveTime;
    x->setScaleType(m_settings.xLog ? QCPAxis::stLogarithmic : QCPAxis::stLinear);
    if (m_settings.xLog)
        x->setTicker(makeLogTicker());
    else if (isTime)
        x->setTicker(makeDurationTicker());
    else
        x->setTicker(makeNumberTicker(1.0));
    y->setScaleType(m_state.isYLog ? QCPAxis::stLogarithmic : QCPAxis::stLinear);
    y->setTicker(m_state.isYLog ? makeLogTicker() : makeNumberTicker());
    x->grid()->setSubGridVisible(m_settings.xLog);
    y->grid()->setSubGridVisible(m_state.isYLog);
    switch (m_settings.xAxis) {
    case XAxis::Step:
        x->setLabel(tr("step"));
        break;
    case XAxis::Epoch:
        x->setLabel(tr("epoch"));
        break;
    case XAxis::WallTime:
        x->setLabel(m_settings.xLog ? tr("wall time, s") : tr("wall time"));
        break;
    case XAxis::ActiveTime:
        x->setLabel(m_settings.xLog ? tr("active time, s") : tr("active time"));
        break;
    }
}

void MetricChart::updatePens()
{
    const bool isDense = devicePixelRatioF() > 1.5;
    const int visible = int(std::count_if(m_series.begin(), m_series.end(),
        [this](const auto& s) { return isSeriesVisible(s->name); }));
    const auto range = m_plot->xAxis->range();
    for (const auto& series : m_series) {
        const auto points = series->raw->data();
        const auto count = points->findEnd(range.upper) - points->findBegin(range.lower);
        const bool isVisible = isSeriesVisible(series->name);
        const bool isSmoothed = series->smooth && isVisible;
        auto color = seriesColor(series->style.color, m_colors.isDark);
        const auto dash = count <= longestDashedLine ? series->style.dash : Qt::SolidLine;
        const double width = count <= longestWideLine || isDense ? 1.5 : 1.0;
        if (isSmoothed) {
            series->smooth->setPen(QPen(
                color, count <= longestWideLine ? 2.0 : 1.5, dash, Qt::RoundCap, Qt::RoundJoin));
            series->smooth->setAntialiased(true);
            color.setAlphaF(0.3F);
            series->raw->setPen(QPen(color, 1.0));
        } else {
            series->raw->setPen(QPen(color, width, dash, Qt::FlatCap, Qt::BevelJoin));
        }
        if (series->smooth)
            series->smooth->setVisible(isVisible);
        series->raw->setVisible(isVisible);
        series->raw->setAntialiased(visible <= 10 && !(isSmoothed && count > longestWideLine));
        // A few points are dots as well: a first value alone has no line.
        const bool hasDots = count * 14 <= std::max(100, m_plot->axisRect()->width());
        series->raw->setScatterStyle(hasDots
                ? QCPScatterStyle(QCPScatterStyle::ssDisc, color, color, 5)
                : QCPScatterStyle());
    }
}

void MetricChart::updateHeader(int width)
{
    QList<LegendEntry> entries;
    for (const auto& series : m_series) {
        if (m_series.size() == 1 && series->name == m_family)
            continue; // the title says it
        const QPen pen(seriesColor(series->style.color, m_colors.isDark), 2, series->style.dash);
        entries += LegendEntry{series->name, pen, isSeriesVisible(series->name), {}, {}};
    }
    m_header = layoutHeader(font(), width, m_family, notice(), entries);
    auto* rect = m_plot->axisRect();
    rect->setMargins(
        QMargins(rect->margins().left(), m_header.height, 14, rect->margins().bottom()));
}

} // namespace leyden::ui
