// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/plots/chart_grid.h"

#include "widgets/common/plain_text.h"

#include <QEvent>
#include <QFrame>
#include <QLabel>
#include <QPushButton>
#include <QScrollBar>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>

namespace leyden::ui {
namespace {
constexpr int spacing = 8;
constexpr int narrowestChart = 400;
constexpr int lowestChart = 230;
constexpr double wantedAspect = 2.1;
constexpr double tallestAspect = 1.35;

struct GridShape
{
    int columns = 1;
    int rows = 0;
    QSize chart;
};

// As many columns as bring the charts nearest to a good shape and leave the least of the area
// empty, all in view if that can be.
GridShape shapeFor(int count, const QSize& area)
{
    GridShape best;
    double bestDistance = 1e9;
    const int fitting = std::max(1, (area.width() - spacing) / (narrowestChart + spacing));
    for (int columns = 1; columns <= std::min(fitting, count); ++columns) {
        const int rows = (count + columns - 1) / columns;
        const int width = (area.width() - spacing * (columns + 1)) / columns;
        const int height = std::clamp((area.height() - spacing * (rows + 1)) / rows, lowestChart,
            std::max(lowestChart, int(width / tallestAspect)));
        const double filled
            = double(count) * width * height / (double(area.width()) * area.height());
        const double distance = std::abs(std::log(double(width) / height / wantedAspect))
            + std::max(0.0, 1.0 - filled);
        if (distance < bestDistance) {
            bestDistance = distance;
            best = {columns, rows, QSize(width, height)};
        }
    }
    return best;
}
} // namespace

ChartGrid::ChartGrid(const MetricStore& store, QWidget* parent)
    : QScrollArea(parent)
    , m_store(store)
    , m_content(new QWidget)
    , m_empty(new QLabel(m_content))
    , m_showAll(new QPushButton(m_content))
{
    setObjectName(QStringLiteral("chartGrid"));
    setFrameShape(QFrame::NoFrame);
    setWidget(m_content); // takes it
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    verticalScrollBar()->setSingleStep(40);
    m_empty->setObjectName(QStringLiteral("chartsEmpty"));
    m_empty->setAlignment(Qt::AlignCenter);
    m_empty->setWordWrap(true);
    m_empty->setForegroundRole(QPalette::PlaceholderText);
    m_showAll->setObjectName(QStringLiteral("showAllCharts"));
    m_showAll->hide();
    connect(m_showAll, &QPushButton::clicked, this, [this] {
        m_isLimited = false;
        applyFilter();
    });
}

// What people look for first stands first.
int ChartGrid::rank(const QString& family) const
{
    for (auto mode = m_bestModes.cbegin(); mode != m_bestModes.cend(); ++mode)
        if (metricFamily(mode.key()) == family)
            return 0;
    if (family == QLatin1String("loss"))
        return 1;
    if (family.contains(QLatin1String("loss")))
        return 2;
    return guessedMode(family) ? 3 : family == QLatin1String("lr") ? 5 : 4;
}

void ChartGrid::takeFamilies()
{
    if (m_slots.size() == size_t(m_store.families().size()))
        return;
    for (auto i = qsizetype(m_slots.size()); i < m_store.families().size(); ++i) {
        Slot slot;
        slot.family = m_store.families().at(i);
        slot.state.isYLog = m_isYLog;
        slot.frame = new QFrame(m_content);
        slot.frame->setFrameShape(QFrame::StyledPanel);
        slot.frame->setBackgroundRole(QPalette::Base);
        slot.frame->setAutoFillBackground(true);
        auto* layout = new QVBoxLayout(slot.frame);
        layout->setContentsMargins(1, 1, 1, 1);
        m_slots.push_back(slot);
    }
    std::stable_sort(m_slots.begin(), m_slots.end(),
        [this](const Slot& a, const Slot& b) { return rank(a.family) < rank(b.family); });
    applyFilter();
}

void ChartGrid::applyFilter()
{
    int shown = 0;
    int over = 0;
    for (auto& slot : m_slots) {
        const auto names = m_store.namesOf(slot.family);
        slot.isShown = m_filter.isEmpty() || slot.family.contains(m_filter, Qt::CaseInsensitive)
            || std::any_of(names.begin(), names.end(), [this](const QString& name) {
                   return name.contains(m_filter, Qt::CaseInsensitive);
               });
        if (slot.isShown && m_isLimited && shown >= familiesAtFirst) {
            slot.isShown = false;
            ++over;
        }
        shown += slot.isShown ? 1 : 0;
        slot.frame->setVisible(slot.isShown);
    }
    m_showAll->setVisible(over > 0);
    m_showAll->setText(tr("Show all charts (%1 more)").arg(over));
    m_empty->setVisible(shown == 0);
    showPlainText(*m_empty,
        m_slots.empty() ? m_emptyText : tr("No metric has “%1” in its name.").arg(m_filter));
    layOut();
}

void ChartGrid::layOut()
{
    const int width = viewport()->width();
    const int height = viewport()->height();
    const int count = int(shownFamilies().size());
    const auto [columns, rows, size] = shapeFor(count, viewport()->size());
    int index = 0;
    for (const auto& slot : m_slots) {
        if (!slot.isShown)
            continue;
        slot.frame->setGeometry(spacing + index % columns * (size.width() + spacing),
            spacing + index / columns * (size.height() + spacing), size.width(), size.height());
        ++index;
    }
    int bottom = spacing + rows * (size.height() + spacing);
    if (!m_showAll->isHidden()) {
        const auto button = m_showAll->sizeHint();
        m_showAll->setGeometry(
            (width - button.width()) / 2, bottom, button.width(), button.height());
        bottom += button.height() + spacing;
    }
    m_content->resize(width, std::max(bottom, count == 0 ? height : 0));
    m_empty->setGeometry(m_content->rect().adjusted(40, 20, -40, -20));
    buildVisible();
}

void ChartGrid::buildVisible()
{
    const QRect visible(0, verticalScrollBar()->value(), viewport()->width(), viewport()->height());
    const auto near = visible.adjusted(0, -2 * visible.height(), 0, 2 * visible.height());
    for (auto& slot : m_slots) {
        const bool isVisible = slot.isShown && slot.frame->geometry().intersects(visible);
        if (isVisible && !slot.chart) {
            build(slot);
        } else if (slot.chart && (!slot.isShown || !slot.frame->geometry().intersects(near))) {
            slot.state = slot.chart->state();
            delete slot.chart; // its frame stays; the pixels of 500 charts would be a gigabyte
            slot.chart = nullptr;
        } else if (isVisible) {
            slot.chart->sync();
            slot.chart->queueReplot();
        }
    }
}

void ChartGrid::configure(MetricChart& chart, const Slot& slot) const
{
    chart.setSettings(m_settings);
    chart.setMarkers(m_markers);
    chart.setBestModes(m_bestModes);
    chart.setRun(m_run);
    chart.setState(slot.state);
    chart.setXView(m_xView);
}

void ChartGrid::build(Slot& slot)
{
    auto* chart = new MetricChart(m_store, slot.family, slot.frame);
    slot.chart = chart;
    configure(*chart, slot);
    slot.frame->layout()->addWidget(chart);
    chart->show(); // now, not with the next turn of the event loop
    slot.frame->layout()->activate();
    connect(chart, &MetricChart::painted, this, &ChartGrid::painted);
    connect(chart, &MetricChart::xViewChanged, this, [this, chart](const XView& view) {
        if (view == m_xView)
            return; // only y has changed
        m_xView = view;
        for (auto* other : builtCharts())
            if (other != chart) {
                other->setXView(view);
                other->queueReplot();
            }
        Q_EMIT xViewChanged(view);
    });
    connect(
        chart, &MetricChart::checkpointMenuRequested, this, &ChartGrid::checkpointMenuRequested);
    connect(chart, &MetricChart::crosshairMoved, this, [this, chart](double x) {
        for (auto* other : builtCharts())
            if (other != chart)
                other->setCrosshair(std::isnan(x) ? std::optional<double>() : x);
    });
    chart->queueReplot();
}

void ChartGrid::refresh()
{
    takeFamilies();
    const QRect visible(0, verticalScrollBar()->value(), viewport()->width(), viewport()->height());
    for (const auto& slot : m_slots) {
        if (!slot.chart || !slot.frame->geometry().intersects(visible))
            continue;
        slot.chart->sync();
        slot.chart->replot();
    }
}

void ChartGrid::clear()
{
    for (auto& slot : m_slots)
        delete slot.frame; // and its chart
    m_slots.clear();
    m_isLimited = true;
    m_xView = {};
    applyFilter();
}

void ChartGrid::setFilter(const QString& text)
{
    m_filter = text.trimmed();
    verticalScrollBar()->setValue(0);
    applyFilter();
}

void ChartGrid::setRun(const RunInfo& run)
{
    m_run = run;
    for (auto* chart : builtCharts())
        chart->setRun(run);
}

void ChartGrid::setEmptyText(const QString& text)
{
    m_emptyText = text;
    applyFilter();
}

void ChartGrid::setSettings(const ChartSettings& settings)
{
    if (settings.xAxis != m_settings.xAxis)
        m_xView = {};
    m_settings = settings;
    for (auto* chart : builtCharts())
        chart->setSettings(settings);
}

void ChartGrid::setXView(const XView& view)
{
    m_xView = view;
    for (auto* chart : builtCharts()) {
        chart->setXView(view);
        chart->queueReplot();
    }
}

void ChartGrid::setYLog(bool isLog)
{
    m_isYLog = isLog;
    for (auto& slot : m_slots) {
        slot.state.isYLog = isLog;
        slot.state.isYAuto = true;
        if (slot.chart)
            slot.chart->setYLog(isLog);
    }
}

void ChartGrid::fit()
{
    for (auto& slot : m_slots) {
        slot.state.isYAuto = true;
        if (slot.chart)
            slot.chart->userFit();
    }
    setXView({});
}

void ChartGrid::setMarkers(const QList<Marker>& markers)
{
    m_markers = markers;
    for (auto* chart : builtCharts())
        chart->setMarkers(markers);
}

void ChartGrid::setBestModes(const QHash<QString, MetricMode>& modes)
{
    m_bestModes = modes;
    for (auto* chart : builtCharts())
        chart->setBestModes(modes);
    std::stable_sort(m_slots.begin(), m_slots.end(),
        [this](const Slot& a, const Slot& b) { return rank(a.family) < rank(b.family); });
    applyFilter();
}

QStringList ChartGrid::shownFamilies() const
{
    QStringList families;
    for (const auto& slot : m_slots)
        if (slot.isShown)
            families += slot.family;
    return families;
}

QList<MetricChart*> ChartGrid::builtCharts() const
{
    QList<MetricChart*> charts;
    for (const auto& slot : m_slots)
        if (slot.chart)
            charts += slot.chart;
    return charts;
}

MetricChart* ChartGrid::chart(const QString& family) const
{
    for (const auto& slot : m_slots)
        if (slot.family == family)
            return slot.chart;
    return nullptr;
}

MetricChart* ChartGrid::hoveredChart() const
{
    for (auto* chart : builtCharts())
        if (chart->underMouse())
            return chart;
    return nullptr;
}

std::unique_ptr<MetricChart> ChartGrid::makeChart(const QString& family)
{
    auto made = std::make_unique<MetricChart>(m_store, family);
    made->setPalette(palette());
    made->setFont(font());
    for (const auto& slot : m_slots) {
        if (slot.family != family)
            continue;
        auto copy = slot;
        if (slot.chart) {
            copy.state = slot.chart->state();
            made->resize(slot.chart->size());
        }
        configure(*made, copy);
    }
    return made;
}

void ChartGrid::resizeEvent(QResizeEvent* event)
{
    QScrollArea::resizeEvent(event);
    layOut();
}

void ChartGrid::scrollContentsBy(int dx, int dy)
{
    QScrollArea::scrollContentsBy(dx, dy);
    buildVisible();
}

void ChartGrid::changeEvent(QEvent* event)
{
    QScrollArea::changeEvent(event);
    if (event->type() == QEvent::FontChange)
        layOut();
}
} // namespace leyden::ui
