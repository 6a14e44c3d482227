// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/data/class_counts_view.h"

#include "widgets/common/plain_text.h"
#include "widgets/common/theme.h"
#include "widgets/metrics/count_text.h"
#include "widgets/metrics/number_text.h"

#include <QFontMetricsF>
#include <QPainter>
#include <QStyledItemDelegate>

#include <algorithm>
#include <cmath>

namespace leyden::ui {
namespace {

constexpr int rowMargin = 6; // left and right of a row

class BarDelegate final : public QStyledItemDelegate
{
public:
    using QStyledItemDelegate::QStyledItemDelegate;

    QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex&) const override
    {
        return {120, option.fontMetrics.height() + 6};
    }

    void paint(QPainter* painter, const QStyleOptionViewItem& option,
        const QModelIndex& index) const override
    {
        const auto& metrics = option.fontMetrics;
        const auto box = option.rect.adjusted(rowMargin, 0, -rowMargin, 0);
        const auto nameWidth = shownNameWidth(box.width());
        const QRectF room(box.left() + nameWidth + 8, box.center().y() - 4,
            std::max(0, box.width() - nameWidth - m_countWidth - 16), 9);
        painter->save();
        painter->setRenderHint(QPainter::Antialiasing);
        if (option.state & QStyle::State_HasFocus) {
            painter->setPen(option.palette.color(QPalette::Highlight));
            painter->drawRect(option.rect.adjusted(0, 0, -1, -1));
        }
        painter->setPen(option.palette.color(QPalette::Text));
        painter->drawText(QRect(box.left(), box.top(), nameWidth, box.height()), Qt::AlignVCenter,
            metrics.elidedText(index.data().toString(), Qt::ElideRight, nameWidth));
        const auto rows = index.data(ClassCountsModel::RowsRole).toLongLong();
        if (rows >= 0) {
            painter->drawText(box, Qt::AlignVCenter | Qt::AlignRight, countText(rows));
            auto bar = room;
            bar.setWidth(
                std::max(2.0, room.width() * index.data(ClassCountsModel::ShareRole).toDouble()));
            painter->setPen(Qt::NoPen);
            painter->setBrush(option.palette.color(QPalette::Midlight));
            painter->drawRoundedRect(room, 3, 3);
            painter->setBrush(option.palette.color(QPalette::Active, QPalette::Highlight));
            painter->drawRoundedRect(bar, 3, 3);
        }
        painter->restore();
    }

    void setWidths(int name, int count)
    {
        m_nameWidth = name;
        m_countWidth = count;
    }

    /// Of what there is, whatever the bar, which tells its share at a third of the width too.
    int shownNameWidth(int width) const
    {
        return std::min(m_nameWidth, std::max(width / 3, width - m_countWidth - 16 - width / 3));
    }

private:
    int m_nameWidth = 0;
    int m_countWidth = 0;
};

} // namespace

void ClassCountsModel::setClasses(const QList<ClassCount>& classes)
{
    beginResetModel();
    m_classes = classes;
    m_largest = 0;
    m_total = 0;
    for (const auto& item : classes) {
        m_largest = std::max(m_largest, item.rows);
        m_total += std::max<qint64>(0, item.rows);
    }
    endResetModel();
}

int ClassCountsModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : int(m_classes.size());
}

QVariant ClassCountsModel::data(const QModelIndex& index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    const auto& item = m_classes[index.row()];
    switch (role) {
    case Qt::DisplayRole:
        return item.name;
    case Qt::ToolTipRole:
    case Qt::AccessibleTextRole: {
        const auto text = item.rows < 0 || m_total == 0
            ? item.name
            : tr("%1: %2 rows, %3 %")
                  .arg(item.name, countText(item.rows),
                      roundedNumber(100.0 * double(item.rows) / double(m_total), 3));
        return role == Qt::ToolTipRole ? plainToolTip(text) : text;
    }
    case RowsRole:
        return item.rows;
    case ShareRole:
        return m_largest > 0 ? double(std::max<qint64>(0, item.rows)) / double(m_largest) : 0.0;
    default:
        return {};
    }
}

ClassCountsView::ClassCountsView(QWidget* parent)
    : QListView(parent), m_model(new ClassCountsModel(this))
{
    setModel(m_model);
    setItemDelegate(new BarDelegate(this));
    setUniformItemSizes(true);
    setSelectionMode(NoSelection);
    setEditTriggers(NoEditTriggers);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setFrameShape(NoFrame);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Maximum); // scrolls where height is scarce
}

void ClassCountsView::setClasses(const QList<ClassCount>& classes)
{
    m_model->setClasses(classes);
    const QFontMetricsF exact(font()); // rounded down, the widest name would be elided
    int name = 0;
    int count = 0;
    for (const auto& item : classes) {
        name = std::max(name, int(std::ceil(exact.horizontalAdvance(item.name))) + 1);
        if (item.rows >= 0)
            count = std::max(count, fontMetrics().horizontalAdvance(countText(item.rows)));
    }
    static_cast<BarDelegate*>(itemDelegate())->setWidths(name, count);
    updateGeometry();
    doItemsLayout(); // at once: left to its timer, the next frame would be empty, at each edit of
                     // the config
}

int ClassCountsView::nameRoom() const
{
    return static_cast<BarDelegate*>(itemDelegate())
        ->shownNameWidth(viewport()->width() - 2 * rowMargin);
}

QSize ClassCountsView::sizeHint() const
{
    const auto rows = std::clamp(m_model->rowCount(), 1, 10);
    return {240, rows * (fontMetrics().height() + 6) + 2 * frameWidth()};
}

QSize ClassCountsView::minimumSizeHint() const
{
    // the rest scrolls
    return {190, std::min(sizeHint().height(), 3 * (fontMetrics().height() + 6))};
}

} // namespace leyden::ui
