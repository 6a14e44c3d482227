// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/metrics/count_text.h"
#include "widgets/metrics/number_text.h"
#include "widgets/plots/chart_series.h"

#include <QElapsedTimer>

#include <qcustomplot.h>

#include <algorithm>
#include <cmath>

namespace leyden::ui {
// ---- the legend

const MetricChart::Series* MetricChart::find(const QString& name) const
{
    for (const auto& series : m_series)
        if (series->name == name)
            return series.get();
    return nullptr;
}

QString MetricChart::seriesAt(const QPointF& position) const
{
    for (const auto& entry : m_header.entries)
        if (entry.rect.adjusted(-4, 0, 4, 0).contains(position))
            return entry.name;
    return {};
}

QRectF MetricChart::legendRect(const QString& name) const
{
    for (const auto& entry : m_header.entries)
        if (entry.name == name)
            return entry.rect;
    return {};
}

bool MetricChart::isSeriesVisible(const QString& name) const
{
    return m_state.solo.isEmpty() ? !m_state.hidden.contains(name) : m_state.solo == name;
}

void MetricChart::soloSeries(const QString& name)
{
    auto next = m_state;
    next.hidden.clear();
    next.solo = m_state.solo == name ? QString() : name;
    setState(next);
    Q_EMIT stateChanged();
}

void MetricChart::toggleSeries(const QString& name)
{
    auto next = m_state;
    next.solo.clear();
    next.hidden.clear();
    for (const auto& series : m_series)
        if (isSeriesVisible(series->name) == (series->name == name))
            next.hidden += series->name;
    setState(next);
    Q_EMIT stateChanged();
}

// ---- the cross-hair

void MetricChart::setCrosshair(std::optional<double> x)
{
    if (x == m_crosshair)
        return;
    m_crosshair = x;
    QElapsedTimer timer;
    timer.start();
    m_plot->layer(QStringLiteral("overlay"))->replot();
    Q_EMIT painted(double(timer.nsecsElapsed()) * 1e-6);
}

void MetricChart::setRubberBand(const QRectF& pixels)
{
    m_rubberBand = pixels;
    m_plot->layer(QStringLiteral("overlay"))->replot();
}

namespace {
// The point of a graph nearest to x.
QCPGraphDataContainer::const_iterator nearest(const QCPGraph& graph, double x)
{
    const auto data = graph.data();
    auto at = data->findBegin(x, false); // the first at or after x
    if (at == data->constEnd())
        return data->isEmpty() ? at : at - 1;
    if (at != data->constBegin() && x - (at - 1)->key < at->key - x)
        --at;
    return at;
}
} // namespace

double MetricChart::snappedX(double pixelX) const
{
    const double x = xAtPixel(pixelX);
    double best = notANumber;
    for (const auto& series : m_series) {
        if (!isSeriesVisible(series->name))
            continue;
        const auto at = nearest(*series->raw, x);
        if (at != series->raw->data()->constEnd() && !(std::abs(at->key - x) >= std::abs(best - x)))
            best = at->key;
    }
    return best;
}

void MetricChart::moveCrosshair(int points)
{
    const auto range = m_plot->xAxis->range();
    double next = notANumber;
    const double from = m_crosshair.value_or(points > 0 ? range.lower : range.upper);
    for (const auto& series : m_series) { // the nearest point of any curve in that direction
        const auto curve = series->raw->data();
        if (!isSeriesVisible(series->name) || curve->isEmpty())
            continue;
        auto at = points > 0
            ? std::upper_bound(curve->constBegin(), curve->constEnd(), from,
                  [](double x, const QCPGraphData& point) { return x < point.key; })
            : curve->findBegin(from, false);
        if (points > 0 ? at == curve->constEnd() : at == curve->constBegin())
            continue;
        const double x = points > 0 ? at->key : (at - 1)->key;
        if (std::isnan(next) || (points > 0 ? x < next : x > next))
            next = x;
    }
    if (!std::isnan(next) && range.contains(next)) {
        setCrosshair(next);
        Q_EMIT crosshairMoved(next);
    }
}

QList<ReadOut> MetricChart::readOut(double x) const
{
    QList<ReadOut> values;
    for (const auto& series : m_series) {
        const auto at = nearest(*series->raw, x);
        if (!isSeriesVisible(series->name) || at == series->raw->data()->constEnd())
            continue;
        ReadOut value{series->name, at->key, at->value, notANumber};
        if (series->smooth)
            if (const auto smooth = nearest(*series->smooth, x);
                smooth != series->smooth->data()->constEnd())
                value.smoothed = smooth->value;
        values += value;
    }
    return values;
}

QString MetricChart::amountText(double x) const
{
    switch (m_settings.xAxis) {
    case XAxis::Step:
        return countText(std::llround(x));
    case XAxis::Epoch:
        return roundedNumber(x, 6);
    case XAxis::WallTime:
    case XAxis::ActiveTime:
        return x < 60 ? tr("%1 s").arg(roundedNumber(x, 4)) : durationText(x);
    }
    return {};
}

QString MetricChart::positionText(double x) const
{
    switch (m_settings.xAxis) {
    case XAxis::Step:
        return tr("step %1").arg(amountText(x));
    case XAxis::Epoch:
        return tr("epoch %1").arg(amountText(x));
    case XAxis::WallTime:
    case XAxis::ActiveTime:
        break;
    }
    return amountText(x);
}

QString MetricChart::readOutText(const ReadOut& value, double x) const
{
    auto text = exactNumber(value.value);
    if (!std::isnan(value.smoothed))
        text += tr(" (smooth %1)").arg(roundedNumber(value.smoothed, 5));
    if (value.x != x)
        text += QStringLiteral(" @ ") + amountText(value.x);
    return text;
}

QString MetricChart::toolTipAt(const QPointF& position) const
{
    if (const auto name = seriesAt(position); !name.isEmpty()) {
        const auto* stored = m_store.series(name);
        return tr("%1\nlast value %2\nClick: show alone. Ctrl+click: hide or show.")
            .arg(name,
                stored && stored->size() > 0 ? exactNumber(stored->value(stored->size() - 1))
                                             : QStringLiteral("–"));
    }
    if (m_header.titleRect.contains(position))
        return m_family;
    const auto plot = plotRect();
    if (!plot.adjusted(-5, 0, 5, 14).contains(position))
        return {};
    QStringList texts;
    for (const auto& [marker, x, sign] : placedMarkers()) {
        const bool isOnSign = sign.adjusted(-1, -1, 1, 3).contains(position);
        const bool isOnLine = std::abs(x - position.x()) <= 5
            && (!isTick(marker.kind) || position.y() > plot.bottom() - 2);
        if ((isOnSign || isOnLine) && texts.size() < 8)
            texts += tr("step %1: %2").arg(countText(qint64(marker.step)), marker.text);
    }
    return texts.join(QLatin1Char('\n'));
}

std::optional<double> MetricChart::checkpointAt(const QPointF& position) const
{
    const auto plot = plotRect();
    if (!plot.adjusted(-5, plot.height() - 2, 5, 14).contains(position))
        return {};
    std::optional<double> nearest;
    double distance = 6.0;
    for (const auto& [marker, x, sign] : placedMarkers()) {
        const double away = std::abs(sign.center().x() - position.x());
        if (marker.kind != MarkerKind::Checkpoint || sign.isEmpty() || away >= distance)
            continue;
        distance = away;
        nearest = marker.step;
    }
    return nearest;
}

QString MetricChart::notice() const
{
    qsizetype dropped = 0;
    for (const auto& series : m_series)
        dropped += series->dropped;
    QStringList parts;
    if (dropped > 0)
        parts += dropped == 1
            ? tr("1 value at or below 0 has no place on a log axis")
            : tr("%1 values at or below 0 have no place on a log axis").arg(dropped);
    if (m_settings.trimsY && m_state.isYAuto && explanation().isEmpty())
        parts += tr("y without the outermost 1 % of values");
    return parts.join(QStringLiteral("; "));
}

QString MetricChart::explanation() const
{
    bool isAnyFinite = false;
    const MetricSeries* bad = nullptr;
    for (const auto& series : m_series) {
        if (!series->raw->data()->isEmpty())
            return {};
        const auto* stored = m_store.series(series->name);
        if (!stored)
            continue;
        isAnyFinite = isAnyFinite || stored->bestIndex(MetricMode::Min) >= 0;
        if (!stored->nonFinite().empty() && !bad)
            bad = stored;
    }
    if (isAnyFinite)
        return tr(
            "No value above 0: there is nothing to show on a log axis. Press L for a linear one.");
    if (bad)
        return tr("%1 has been %2 from its first value on (step %3). Look at the learning rate, "
                  "the loss and the inputs of the first batches.")
            .arg(bad->name().size() > 60 ? bad->name().left(57) + QStringLiteral("…") : bad->name(),
                std::isnan(bad->value(bad->nonFinite().front())) ? tr("NaN") : tr("infinite"),
                countText(qint64(m_store.point(*bad, bad->nonFinite().front()).step)));
    return tr("No values yet");
}

int MetricChart::nonFiniteCount() const
{
    int count = 0;
    for (const auto& series : m_series)
        count += int(series->nonFinite.size());
    return count;
}

double MetricChart::markerX(const Marker& marker) const
{
    return std::isnan(marker.seconds) || m_settings.xAxis == XAxis::Step
        ? m_store.xAtStep(marker.step, m_settings.xAxis)
        : m_store.xAtSeconds(marker.seconds, m_settings.xAxis);
}

QList<PlacedMarker> MetricChart::placedMarkers() const
{
    QList<PlacedMarker> placed;
    const auto range = m_plot->xAxis->range();
    for (const auto& marker : m_markers)
        if (const double x = markerX(marker); range.contains(x))
            placed += PlacedMarker{marker, m_plot->xAxis->coordToPixel(x), {}};
    fanOutMarkers(placed, plotRect());
    return placed;
}

void MetricChart::paintMarks(QPainter& painter)
{
    const auto plot = plotRect();
    const auto markers = placedMarkers();
    paintMarkers(painter, plot, markers, m_colors);
    m_markRects.clear();
    for (const auto& each : markers)
        if (!isTick(each.marker.kind) && !each.sign.isEmpty())
            m_markRects += each.sign;
    paintBests(painter);
    int labels = 0;
    for (const auto& series : m_series)
        if (isSeriesVisible(series->name) && !series->nonFinite.empty())
            labels += paintNonFinites(painter, *series, labels) ? 1 : 0;
    if (const auto text = explanation(); !text.isEmpty())
        paintExplanation(painter, plot, text, font(), m_colors);
}

void MetricChart::paintBests(QPainter& painter)
{
    for (const auto& series : m_series) {
        const auto mode = m_bestModes.constFind(series->name);
        const auto* stored = m_store.series(series->name);
        if (!stored || !isSeriesVisible(series->name))
            continue;
        const auto best = mode == m_bestModes.cend() ? -1 : stored->bestIndex(*mode);
        if (best < 0)
            continue;
        const double x = m_store.x(stored->row(best), m_settings.xAxis);
        if ((m_settings.xLog && x <= 0.0) || (m_state.isYLog && stored->value(best) <= 0.0))
            continue;
        const auto covered = paintBest(painter, plotRect(), pixelAt(x, stored->value(best)),
            seriesColor(series->style.color, m_colors.isDark),
            tr("best %1").arg(roundedNumber(stored->value(best))), font(), m_colors);
        if (!covered.isEmpty())
            m_markRects += covered;
    }
}

bool MetricChart::paintNonFinites(QPainter& painter, const Series& series, int labelsAbove)
{
    const auto range = m_plot->xAxis->range();
    QList<double> pixels;
    // From pixel to pixel, not from point to point: there may be a million of them.
    auto at = std::lower_bound(series.nonFinite.begin(), series.nonFinite.end(), range.lower);
    while (at != series.nonFinite.end() && *at <= range.upper) {
        pixels += m_plot->xAxis->coordToPixel(*at);
        at = std::lower_bound(at + 1, series.nonFinite.end(), xAtPixel(pixels.last() + 1.0));
    }
    const auto* stored = m_store.series(series.name);
    const auto first = *series.firstNonFinite;
    QString label;
    if (range.contains(series.nonFinite.front()) && explanation().isEmpty()) {
        const double value = stored->value(first);
        const auto what = std::isnan(value) ? tr("NaN") : value > 0 ? tr("Inf") : tr("-Inf");
        label
            = tr("%1 at step %2").arg(what, countText(qint64(m_store.point(*stored, first).step)));
    }
    paintNonFinite(painter, plotRect(), pixels, label, labelsAbove, font(), m_colors);
    return !label.isEmpty();
}

void MetricChart::paintOverlay(QPainter& painter)
{
    if (m_isExporting)
        return;
    if (m_plot->hasFocus()) {
        auto color = m_colors.accent;
        painter.setPen(QPen(color, 1.5));
        painter.setBrush(Qt::NoBrush);
        painter.drawRect(QRectF(m_plot->rect()).adjusted(0.75, 0.75, -1.75, -1.75));
    }
    if (!m_rubberBand.isEmpty()) {
        auto fill = m_colors.accent;
        fill.setAlphaF(0.18F);
        painter.setPen(QPen(m_colors.accent, 1));
        painter.setBrush(fill);
        painter.drawRect(m_rubberBand);
    }
    if (!m_crosshair || !m_plot->xAxis->range().contains(*m_crosshair))
        return;
    QList<CrosshairLine> lines;
    for (const auto& value : readOut(*m_crosshair)) {
        const auto* series = find(value.name);
        lines += CrosshairLine{value.name, readOutText(value, *m_crosshair),
            seriesColor(series->style.color, m_colors.isDark), pixelAt(value.x, value.value)};
    }
    paintCrosshair(painter, plotRect(), m_plot->xAxis->coordToPixel(*m_crosshair),
        positionText(*m_crosshair), lines, m_markRects, font(), m_colors);
}
} // namespace leyden::ui
