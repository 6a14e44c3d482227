// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/common/elided_header.h"

#include <QStyleOptionHeader>

namespace leyden::ui {

ElidedHeader::ElidedHeader(QWidget* parent) : QHeaderView(Qt::Horizontal, parent)
{
    setSectionsClickable(true);
}

QString ElidedHeader::shownText(int section) const
{
    auto font = this->font();
    if (const auto own = model()->headerData(section, orientation(), Qt::FontRole);
        own.canConvert<QFont>())
        font = own.value<QFont>().resolve(font);
    const QFontMetrics metrics(font);
    const auto room
        = sectionSize(section) - 2 * style()->pixelMetric(QStyle::PM_HeaderMargin, nullptr, this);
    auto lines = model()->headerData(section, orientation()).toString().split(QLatin1Char('\n'));
    for (auto& line : lines)
        line = metrics.elidedText(line, Qt::ElideRight, room);
    return lines.join(QLatin1Char('\n'));
}

void ElidedHeader::initStyleOptionForIndex(QStyleOptionHeader* option, int section) const
{
    QHeaderView::initStyleOptionForIndex(option, section);
    option->text = shownText(section);
}

} // namespace leyden::ui
