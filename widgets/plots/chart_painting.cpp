// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/plots/chart_painting.h"

#include <QFontMetricsF>
#include <QPainter>

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

namespace leyden::ui {
namespace {
constexpr double margin = 10.0;
constexpr double swatch = 20.0;
constexpr double gap = 6.0;
constexpr int maxRows = 3;
constexpr double edge = 4.0;

QFont boldFont(QFont font)
{
    font.setBold(true);
    return font;
}

QColor translucent(QColor color, double alpha)
{
    color.setAlphaF(float(alpha));
    return color;
}

// Text that stays readable over curves.
QRectF paintLabel(QPainter& painter, const QRectF& plot, QPointF topLeft, const QString& text,
    const QFont& font, const QColor& ink, const QColor& paper)
{
    const QFontMetricsF metrics(font);
    QRectF box(topLeft, QSizeF(metrics.horizontalAdvance(text) + 8, metrics.height() + 2));
    const auto room = plot.adjusted(edge, 0, -edge, 0); // off the axis, which would cut letters
    box.moveLeft(
        std::clamp(box.left(), room.left(), std::max(room.left(), room.right() - box.width())));
    box.moveTop(
        std::clamp(box.top(), room.top(), std::max(room.top(), room.bottom() - box.height())));
    painter.setPen(Qt::NoPen);
    painter.setBrush(translucent(paper, 0.82));
    painter.drawRoundedRect(box, 3, 3);
    painter.setFont(font);
    painter.setPen(ink);
    painter.drawText(box, Qt::AlignCenter, text);
    return box;
}

QPolygonF star(const QPointF& center, double radius)
{
    QPolygonF points;
    for (int i = 0; i < 10; ++i) {
        const double angle = -std::numbers::pi / 2 + i * std::numbers::pi / 5;
        const double r = i % 2 == 0 ? radius : radius * 0.45;
        points += center + QPointF(r * std::cos(angle), r * std::sin(angle));
    }
    return points;
}

// The sign at the upper end of a line: each kind has its own shape.
void paintSign(QPainter& painter, MarkerKind kind, const QPointF& top, const QColor& color)
{
    painter.setPen(Qt::NoPen);
    painter.setBrush(color);
    const double x = top.x();
    const double y = top.y();
    switch (kind) {
    case MarkerKind::Pause:
        painter.drawRect(QRectF(x - 4, y, 3, 9));
        painter.drawRect(QRectF(x + 1, y, 3, 9));
        break;
    case MarkerKind::Resume:
        painter.drawPolygon(QPolygonF({{x - 3, y}, {x + 5, y + 4.5}, {x - 3, y + 9}}));
        break;
    case MarkerKind::Intervention:
        painter.drawPolygon(QPolygonF({{x, y}, {x + 5, y + 5}, {x, y + 10}, {x - 5, y + 5}}));
        break;
    default:
        painter.drawRoundedRect(QRectF(x - 4, y, 8, 8), 2, 2);
        break;
    }
}
} // namespace

ChartHeader layoutHeader(const QFont& font, int width, const QString& title, const QString& notice,
    QList<LegendEntry> entries)
{
    const QFontMetricsF metrics(font);
    const QFontMetricsF bold(boldFont(font));
    const double rowHeight = std::ceil(metrics.height()) + 4;
    const double right = width - margin;
    ChartHeader header;
    header.title = bold.elidedText(title, Qt::ElideMiddle, std::max(60.0, width * 0.4));
    header.titleRect = QRectF(margin, 6, bold.horizontalAdvance(header.title) + 2, rowHeight);
    double x = header.titleRect.right() + 2 * margin;
    int row = 0;
    const double moreWidth = metrics.horizontalAdvance(QStringLiteral("+999"));
    const double longest = std::max(60.0, std::min(220.0, right - margin - swatch - gap));
    qsizetype left = entries.size();
    for (auto& entry : entries) {
        entry.shownName = metrics.elidedText(entry.name, Qt::ElideMiddle, longest);
        const double needed = swatch + gap + metrics.horizontalAdvance(entry.shownName) + 2;
        // The last row keeps room for "+n", unless this is the last entry.
        const double limit = right - (row == maxRows - 1 && left > 1 ? moreWidth : 0.0);
        if (x + needed > limit && row < maxRows - 1) {
            ++row;
            x = margin;
        }
        if (x + needed > limit && x > margin)
            break;
        entry.rect = QRectF(x, 6 + row * rowHeight, needed, rowHeight);
        x += needed + 12;
        --left;
    }
    if (left > 0) {
        header.more = QStringLiteral("+%1").arg(left);
        header.moreRect = QRectF(x, 6 + row * rowHeight, moreWidth, rowHeight);
    }
    if (!notice.isEmpty()) {
        ++row;
        header.notice = metrics.elidedText(notice, Qt::ElideRight, right - margin);
        header.noticeRect = QRectF(margin, 6 + row * rowHeight, right - margin, rowHeight);
    }
    header.entries = std::move(entries);
    header.height = int(std::ceil(6 + (row + 1) * rowHeight + 6));
    return header;
}

void paintHeader(
    QPainter& painter, const ChartHeader& header, const QFont& font, const PlotColors& colors)
{
    painter.setPen(colors.text);
    painter.setFont(boldFont(font));
    painter.drawText(header.titleRect, Qt::AlignLeft | Qt::AlignVCenter, header.title);
    painter.setFont(font);
    for (const auto& entry : header.entries) {
        if (entry.rect.isEmpty())
            continue;
        const double y = std::round(entry.rect.center().y());
        auto pen = entry.pen;
        if (!entry.isVisible)
            pen.setColor(translucent(pen.color(), 0.35));
        painter.setPen(pen);
        painter.drawLine(QPointF(entry.rect.left(), y), QPointF(entry.rect.left() + swatch, y));
        auto entryFont = font;
        entryFont.setStrikeOut(!entry.isVisible);
        painter.setFont(entryFont);
        painter.setPen(entry.isVisible ? colors.text : colors.faintText);
        painter.drawText(entry.rect.adjusted(swatch + gap, 0, 2, 0),
            Qt::AlignLeft | Qt::AlignVCenter, entry.shownName);
    }
    painter.setFont(font);
    painter.setPen(colors.faintText);
    painter.drawText(header.moreRect, Qt::AlignLeft | Qt::AlignVCenter, header.more);
    painter.drawText(header.noticeRect, Qt::AlignLeft | Qt::AlignVCenter, header.notice);
}

bool isTick(MarkerKind kind)
{
    return kind == MarkerKind::Checkpoint || kind == MarkerKind::Validation;
}

void fanOutMarkers(QList<PlacedMarker>& markers, const QRectF& plot)
{
    constexpr double apart = 12.0;    // signs
    constexpr double farthest = 36.0; // from its line; then the next row is taken
    constexpr double tick = 9.0;
    std::array<double, 4> rowEnds; // x of the last sign of each row
    rowEnds.fill(-1e9);
    double lastTick = -1e9;
    double lastValidation = -1e9; // thousands of validations must not become a bar
    for (auto& each : markers) {
        const double x = each.pixel;
        each.sign = {};
        if (x < plot.left() - 1 || x > plot.right() + 1)
            continue;
        if (each.marker.kind == MarkerKind::Validation) {
            if (x - lastValidation < 4)
                continue;
            lastValidation = x;
            each.sign = QRectF(x - 1, plot.bottom() + 3, 2, 5);
        } else if (each.marker.kind == MarkerKind::Checkpoint) {
            lastTick = std::max(x, lastTick + tick);
            if (lastTick - x > 2 * tick) // a row of them: each where it belongs
                lastTick = x;
            each.sign = QRectF(lastTick - tick / 2, plot.bottom() + 3, tick, 7);
        } else {
            for (size_t row = 0; row < rowEnds.size() && each.sign.isEmpty(); ++row) {
                const double at = std::max(x, rowEnds[row] + apart);
                if (at - x > farthest || (at > x && at > plot.right()))
                    continue; // beyond the plot the chart's edge cuts it
                rowEnds[row] = at;
                each.sign = QRectF(at - 5, plot.top() + 1 + double(row) * apart, 10, 10);
            }
        }
    }
}

void paintMarkers(QPainter& painter, const QRectF& plot, const QList<PlacedMarker>& markers,
    const PlotColors& colors)
{
    for (const auto& [marker, x, sign] : markers) {
        if (x < plot.left() - 1 || x > plot.right() + 1)
            continue;
        if (marker.kind == MarkerKind::Checkpoint) {
            painter.setPen(Qt::NoPen);
            painter.setBrush(colors.faintText);
            painter.drawPolygon(QPolygonF(
                {{sign.center().x(), sign.top()}, sign.bottomRight(), sign.bottomLeft()}));
        } else if (marker.kind == MarkerKind::Validation) {
            if (sign.isEmpty())
                continue;
            painter.setPen(QPen(colors.faintText, 1));
            painter.drawLine(QPointF(x, sign.top()), QPointF(x, sign.bottom()));
        } else {
            const auto color
                = marker.kind == MarkerKind::Intervention ? colors.accent : colors.faintText;
            painter.setPen(QPen(translucent(color, 0.75), 1, Qt::DashLine));
            painter.drawLine(
                QPointF(x, plot.top() + 12), QPointF(x, plot.bottom())); // below its sign
            if (!sign.isEmpty())
                paintSign(painter, marker.kind, {sign.center().x(), sign.top()}, color);
        }
    }
}

void paintNonFinite(QPainter& painter, const QRectF& plot, const QList<double>& pixels,
    const QString& label, int labelsAbove, const QFont& font, const PlotColors& colors)
{
    if (pixels.isEmpty())
        return;
    if (!label.isEmpty()) {
        painter.setPen(QPen(translucent(colors.error, 0.8), 1));
        painter.drawLine(
            QPointF(pixels.first(), plot.top()), QPointF(pixels.first(), plot.bottom()));
    }
    double last = -1e9;
    for (const double x : pixels) {
        painter.setPen(QPen(colors.error, 3, Qt::SolidLine, Qt::FlatCap)); // the exact place
        painter.drawLine(QPointF(x - 0.75, plot.bottom()), QPointF(x + 0.75, plot.bottom()));
        if (x - last < 9)
            continue;
        last = x;
        painter.setPen(QPen(colors.error, 2));
        painter.drawLine(QPointF(x - 3.5, plot.bottom() - 9), QPointF(x + 3.5, plot.bottom() - 2));
        painter.drawLine(QPointF(x - 3.5, plot.bottom() - 2), QPointF(x + 3.5, plot.bottom() - 9));
    }
    if (!label.isEmpty())
        paintLabel(painter, plot,
            {pixels.first() + 5,
                plot.top() + 14 + labelsAbove * 1.3 * QFontMetricsF(font).height()},
            label, boldFont(font), colors.error, colors.background);
}

QRectF paintBest(QPainter& painter, const QRectF& plot, const QPointF& at, const QColor& color,
    const QString& label, const QFont& font, const PlotColors& colors)
{
    if (!plot.adjusted(-1, -1, 1, 1).contains(at))
        return {};
    painter.setPen(QPen(colors.background, 1.5));
    painter.setBrush(color);
    const auto shape = star(at, 8);
    painter.drawPolygon(shape);
    const double height = QFontMetricsF(font).height();
    const bool isLow = at.y() > plot.center().y();
    const double width = QFontMetricsF(font).horizontalAdvance(label) + 8;
    return shape.boundingRect().united(
        paintLabel(painter, plot, {at.x() - width / 2, isLow ? at.y() - height - 12 : at.y() + 10},
            label, font, color, colors.background));
}

void paintExplanation(QPainter& painter, const QRectF& plot, const QString& text, const QFont& font,
    const PlotColors& colors)
{
    constexpr int flags = Qt::AlignCenter | Qt::TextWordWrap;
    painter.setFont(font);
    const auto area = plot.adjusted(24, 8, -24, -8);
    painter.setPen(Qt::NoPen);
    painter.setBrush(translucent(colors.background, 0.85)); // above grid and markers
    painter.drawRect(painter.boundingRect(area, flags, text).adjusted(-6, -3, 6, 3));
    painter.setPen(colors.text);
    painter.drawText(area, flags, text);
}

QRectF placedBox(const QSizeF& size, const QRectF& plot, double pixel, const QList<QRectF>& taken)
{
    constexpr double gap = 10.0; // to the line
    const double top = plot.top() + 4;
    const double bottom = std::max(top, plot.bottom() - 4 - size.height());
    const double right = pixel + gap;
    const double left = pixel - gap - size.width();
    const bool fitsRight = right + size.width() <= plot.right();
    const bool fitsLeft = left >= plot.left() + 2;
    QRectF best;
    double least = 1e300;
    for (const double y : {top, bottom, (top + bottom) / 2})
        for (const bool isRight : {true, false}) {
            const bool fits = isRight ? fitsRight : fitsLeft;
            QRectF box({isRight ? right : left, y}, size);
            box.moveLeft(
                std::max(std::min(box.left(), plot.right() - size.width()), plot.left() + 2));
            double covered = fits ? 0.0 : 1e6; // it lies on the line itself
            for (const auto& each : taken) {
                const auto common = box.intersected(each);
                covered += std::max(0.0, common.width() * common.height());
            }
            if (covered < least) {
                least = covered;
                best = box;
            }
        }
    return best;
}

void paintCrosshair(QPainter& painter, const QRectF& plot, double pixel, const QString& position,
    const QList<CrosshairLine>& lines, const QList<QRectF>& taken, const QFont& font,
    const PlotColors& colors)
{
    if (pixel < plot.left() - 1 || pixel > plot.right() + 1)
        return;
    painter.setPen(QPen(colors.faintText, 1));
    painter.drawLine(QPointF(pixel, plot.top()), QPointF(pixel, plot.bottom()));
    const QFontMetricsF metrics(font);
    double nameWidth = 0;
    double valueWidth = 0;
    for (const auto& line : lines) {
        if (plot.adjusted(-1, -1, 1, 1).contains(line.at)) {
            painter.setPen(QPen(colors.background, 1.5));
            painter.setBrush(line.color);
            painter.drawEllipse(line.at, 4, 4);
        }
        nameWidth = std::max(nameWidth, std::min(150.0, metrics.horizontalAdvance(line.name)));
        valueWidth = std::max(valueWidth, metrics.horizontalAdvance(line.value));
    }
    const double rowHeight = metrics.height() + 1;
    const double width
        = std::max(metrics.horizontalAdvance(position), 12 + nameWidth + 12 + valueWidth) + 16;
    const auto box
        = placedBox({width, rowHeight * double(lines.size() + 1) + 8}, plot, pixel, taken);
    painter.setPen(QPen(colors.axis, 1));
    painter.setBrush(translucent(colors.background, 0.94));
    painter.drawRoundedRect(box, 4, 4);
    QRectF row(box.left() + 8, box.top() + 4, box.width() - 16, rowHeight);
    painter.setFont(font);
    painter.setPen(colors.faintText);
    painter.drawText(row, Qt::AlignLeft | Qt::AlignVCenter, position);
    for (const auto& line : lines) {
        row.translate(0, rowHeight);
        painter.setPen(Qt::NoPen);
        painter.setBrush(line.color);
        painter.drawEllipse(QPointF(row.left() + 3.5, row.center().y()), 3.5, 3.5);
        painter.setPen(colors.text);
        painter.drawText(row.adjusted(12, 0, 0, 0), Qt::AlignLeft | Qt::AlignVCenter,
            metrics.elidedText(line.name, Qt::ElideMiddle, 150));
        painter.drawText(row, Qt::AlignRight | Qt::AlignVCenter, line.value);
    }
}
} // namespace leyden::ui
