// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/metrics/metric_types.h"
#include "widgets/plots/plot_style.h"

#include <QFont>
#include <QPen>
#include <QRectF>

class QPainter;

/// What lies on the curves, drawn with a plain QPainter: on the screen, in a PNG, in a PDF.
namespace leyden::ui {
struct LegendEntry
{
    QString name;
    QPen pen;
    bool isVisible = true;
    QString shownName; ///< elided; by layoutHeader()
    QRectF rect;       ///< empty: no room left
};

/// Title, legend and notice above a plot, laid out in up to three rows.
struct ChartHeader
{
    QString title; ///< elided
    QRectF titleRect;
    QString notice;
    QRectF noticeRect;
    QString more; ///< "+12" where the legend ran out of room
    QRectF moreRect;
    QList<LegendEntry> entries;
    int height = 0;
};
ChartHeader layoutHeader(const QFont& font, int width, const QString& title, const QString& notice,
    QList<LegendEntry> entries);
void paintHeader(
    QPainter& painter, const ChartHeader& header, const QFont& font, const PlotColors& colors);

struct PlacedMarker
{
    Marker marker;
    double pixel = 0.0; ///< x
    QRectF sign;        ///< tick or sign; by fanOutMarkers(); empty: no room left
};
bool isTick(MarkerKind kind); ///< under the axis; all else is a line across the plot
/// Gives each marker a sign of its own, beside and below those of its neighbours.
void fanOutMarkers(QList<PlacedMarker>& markers, const QRectF& plot);
/// Checkpoints and validations as ticks under the axis, all else as lines across the plot.
void paintMarkers(QPainter& painter, const QRectF& plot, const QList<PlacedMarker>& markers,
    const PlotColors& colors);

/// A red cross on the axis for each of `pixels` (ascending), and a line at the first, which has a
/// label, below `labelsAbove` others.
void paintNonFinite(QPainter& painter, const QRectF& plot, const QList<double>& pixels,
    const QString& label, int labelsAbove, const QFont& font, const PlotColors& colors);

/// Gives what it covers: the star and its label.
QRectF paintBest(QPainter& painter, const QRectF& plot, const QPointF& at, const QColor& color,
    const QString& label, const QFont& font, const PlotColors& colors);

/// Words in the middle of a plot that has no curve to show.
void paintExplanation(QPainter& painter, const QRectF& plot, const QString& text, const QFont& font,
    const PlotColors& colors);

struct CrosshairLine
{
    QString name;
    QString value;
    QColor color;
    QPointF at; ///< the point itself, in pixels
};
/// The box with the values lies where it covers least of `taken`.
void paintCrosshair(QPainter& painter, const QRectF& plot, double pixel, const QString& position,
    const QList<CrosshairLine>& lines, const QList<QRectF>& taken, const QFont& font,
    const PlotColors& colors);
/// Beside the line at `pixel`: right or left of it, at the top, the bottom or in the middle.
QRectF placedBox(const QSizeF& size, const QRectF& plot, double pixel, const QList<QRectF>& taken);
} // namespace leyden::ui
