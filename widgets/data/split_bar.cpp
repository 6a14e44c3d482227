// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/data/split_bar.h"

#include "widgets/common/theme.h"
#include "widgets/metrics/count_text.h"
#include "widgets/plots/plot_style.h"

#include <QPainter>
#include <QPainterPath>

#include <algorithm>
#include <numeric>

namespace leyden::ui {
namespace {
constexpr int barHeight = 10;
constexpr int swatch = 9;
} // namespace

SplitBar::SplitBar(QWidget* parent) : QWidget(parent)
{
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
}

void SplitBar::setRows(qint64 train, qint64 val, qint64 test, qint64 leftOut)
{
    m_rows = {std::max<qint64>(0, train), std::max<qint64>(0, val), std::max<qint64>(0, test),
        std::max<qint64>(0, leftOut)};
    QStringList texts;
    for (int part = 0; part < parts(); ++part)
        texts += partText(part);
    const auto text = texts.join(QStringLiteral(", "));
    setAccessibleName(tr("Split: %1").arg(text));
    setToolTip(text);
    updateGeometry();
    update();
}

QString SplitBar::partText(int part) const
{
    const auto rows = countText(m_rows[part]);
    switch (part) {
    case 0:
        return tr("train %1").arg(rows);
    case 1:
        return tr("validation %1").arg(rows);
    case 2:
        return tr("test %1").arg(rows);
    default:
        return tr("left out %1").arg(rows);
    }
}

int SplitBar::parts() const
{
    return m_rows[3] > 0 ? 4 : 3;
}

QColor SplitBar::partColor(int part) const
{
    static const QString names[]{
        QStringLiteral("train"), QStringLiteral("val"), QStringLiteral("test")};
    if (part == 3)
        return themeColors(palette()).muted;
    // as in the charts
    return seriesColor(nextSeriesStyle(names[part], {}).color, isDark(palette()));
}

QSize SplitBar::sizeHint() const
{
    auto width = 0;
    for (int part = 0; part < parts(); ++part)
        width += fontMetrics().horizontalAdvance(partText(part)) + swatch + 22;
    return {width, barHeight + 6 + fontMetrics().height()};
}

QSize SplitBar::minimumSizeHint() const
{
    return {120, sizeHint().height()};
}

void SplitBar::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    QPainterPath outline;
    outline.addRoundedRect(QRectF(0, 0, width(), barHeight), 3, 3);
    painter.fillPath(outline, palette().color(QPalette::Midlight));
    painter.save();
    painter.setClipPath(outline);
    const auto total = double(std::accumulate(m_rows.begin(), m_rows.end(), qint64(0)));
    auto left = 0.0;
    for (int part = 0; part < parts() && total > 0; ++part) {
        const auto share = width() * double(m_rows[part]) / total;
        if (m_rows[part] == 0)
            continue;
        // A gap keeps neighbours apart where colours are not told apart.
        painter.fillRect(QRectF(left, 0, std::max(1.0, share - 1.5), barHeight), partColor(part));
        left += share;
    }
    painter.restore();

    const auto top = barHeight + 6;
    auto x = 0;
    for (int part = 0; part < parts(); ++part) {
        painter.setPen(Qt::NoPen);
        painter.setBrush(partColor(part));
        painter.drawRoundedRect(
            QRectF(x, top + (fontMetrics().height() - swatch) / 2.0, swatch, swatch), 2, 2);
        painter.setPen(palette().color(QPalette::WindowText));
        x += swatch + 6;
        painter.drawText(QRect(x, top, std::max(0, width() - x), fontMetrics().height()),
            Qt::AlignVCenter | Qt::TextSingleLine, partText(part));
        x += fontMetrics().horizontalAdvance(partText(part)) + 16;
    }
}

} // namespace leyden::ui
