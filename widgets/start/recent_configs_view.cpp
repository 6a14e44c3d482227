// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/start/recent_configs_view.h"

#include "widgets/common/plain_text.h"

#include <QContextMenuEvent>
#include <QDir>
#include <QFileInfo>
#include <QKeyEvent>
#include <QMenu>
#include <QMouseEvent>
#include <QPainter>
#include <QStyledItemDelegate>

#include <algorithm>

namespace leyden::ui {
namespace {

constexpr int padding = 6;

class TwoLineDelegate final : public QStyledItemDelegate
{
public:
    using QStyledItemDelegate::QStyledItemDelegate;

    QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex&) const override
    {
        return {160, 2 * option.fontMetrics.height() + 2 * padding};
    }

    void paint(QPainter* painter, const QStyleOptionViewItem& option,
        const QModelIndex& index) const override
    {
        const auto isEnabled = (index.flags() & Qt::ItemIsEnabled) != 0;
        const auto isMarked = isEnabled && (option.state & QStyle::State_HasFocus) != 0;
        const auto isHot = isEnabled && (option.state & QStyle::State_MouseOver) != 0;
        const auto& palette = option.palette;
        painter->save();
        painter->setRenderHint(QPainter::Antialiasing);
        if (isMarked || isHot) {
            painter->setPen(isMarked ? QPen(palette.color(QPalette::Highlight)) : QPen(Qt::NoPen));
            painter->setBrush(palette.color(QPalette::Midlight));
            painter->drawRoundedRect(QRectF(option.rect).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4);
        }
        const auto box = option.rect.adjusted(8, padding, -8, -padding);
        const auto line = option.fontMetrics.height();
        const auto draw = [&](int top, const QString& text, Qt::TextElideMode mode) {
            painter->drawText(QRect(box.left(), box.top() + top, box.width(), line),
                Qt::AlignVCenter, option.fontMetrics.elidedText(text, mode, box.width()));
        };
        painter->setPen(palette.color(isEnabled ? QPalette::Text : QPalette::PlaceholderText));
        draw(0, index.data().toString(), Qt::ElideMiddle);
        painter->setPen(palette.color(QPalette::PlaceholderText));
        draw(line, index.data(RecentConfigsModel::DetailRole).toString(),
            isEnabled ? Qt::ElideMiddle : Qt::ElideRight);
        painter->restore();
    }
};

QString shortFolder(const QString& path)
{
    auto folder = QFileInfo(path).absolutePath();
    const auto home = QDir::homePath();
    if (folder == home || folder.startsWith(home + QLatin1Char('/')))
        folder.replace(0, home.size(), QStringLiteral("~"));
    return QDir::toNativeSeparators(folder);
}

} // namespace

void RecentConfigsModel::setConfigs(const QList<RecentConfig>& configs)
{
    beginResetModel();
    m_configs = configs;
    endResetModel();
}

int RecentConfigsModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : int(m_configs.size());
}

QVariant RecentConfigsModel::data(const QModelIndex& index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    const auto& config = m_configs[index.row()];
    const auto detail = config.problem.isEmpty() ? shortFolder(config.path) : config.problem;
    switch (role) {
    case Qt::DisplayRole:
        return QFileInfo(config.path).fileName();
    case Qt::AccessibleTextRole:
        return tr("%1, %2").arg(QFileInfo(config.path).fileName(), detail);
    case Qt::ToolTipRole: {
        const auto path = QDir::toNativeSeparators(config.path);
        return plainToolTip(
            config.problem.isEmpty() ? path : path + QLatin1Char('\n') + config.problem);
    }
    case PathRole:
        return config.path;
    case DetailRole:
        return detail;
    default:
        return {};
    }
}

Qt::ItemFlags RecentConfigsModel::flags(const QModelIndex& index) const
{
    if (!index.isValid())
        return Qt::NoItemFlags;
    const auto isOpenable = m_configs[index.row()].problem.isEmpty();
    return isOpenable ? Qt::ItemIsEnabled | Qt::ItemIsSelectable | Qt::ItemNeverHasChildren
                      : Qt::ItemFlags(Qt::ItemNeverHasChildren);
}

RecentConfigsView::RecentConfigsView(QWidget* parent)
    : QListView(parent), m_model(new RecentConfigsModel(this))
{
    setModel(m_model);
    setItemDelegate(new TwoLineDelegate(this));
    setUniformItemSizes(true);
    setEditTriggers(NoEditTriggers);
    setFrameShape(NoFrame);
    setMouseTracking(true); // for the row under the mouse
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    viewport()->setAutoFillBackground(false);
}

void RecentConfigsView::setConfigs(const QList<RecentConfig>& configs)
{
    m_model->setConfigs(configs);
    updateGeometry();
}

QSize RecentConfigsView::sizeHint() const
{
    const auto rows = std::clamp(m_model->rowCount(), 1, 8);
    return {240, rows * (2 * fontMetrics().height() + 2 * padding)};
}

void RecentConfigsView::choose(const QModelIndex& index)
{
    if (index.isValid() && (index.flags() & Qt::ItemIsEnabled))
        Q_EMIT chosen(index.data(RecentConfigsModel::PathRole).toString());
}

void RecentConfigsView::keyPressEvent(QKeyEvent* event)
{
    // Not activated(): a double click fires that too, after its first click has opened the config.
    if (event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter)
        choose(currentIndex());
    else if (event->key() == Qt::Key_Delete && currentIndex().isValid())
        Q_EMIT forgetRequested(currentIndex().data(RecentConfigsModel::PathRole).toString());
    else
        QListView::keyPressEvent(event);
}

void RecentConfigsView::mouseReleaseEvent(QMouseEvent* event)
{
    const auto pressed = currentIndex();
    QListView::mouseReleaseEvent(event);
    const auto released = indexAt(event->position().toPoint());
    if (event->button() == Qt::LeftButton && released == pressed)
        choose(released);
}

void RecentConfigsView::contextMenuEvent(QContextMenuEvent* event)
{
    const auto index
        = event->reason() == QContextMenuEvent::Mouse ? indexAt(event->pos()) : currentIndex();
    if (!index.isValid())
        return;
    const auto path = index.data(RecentConfigsModel::PathRole).toString();
    auto* menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    menu->addAction(tr("Open"), this, [this, path] { Q_EMIT chosen(path); })
        ->setEnabled((index.flags() & Qt::ItemIsEnabled) != 0);
    menu->addAction(
        tr("Remove from this list"), this, [this, path] { Q_EMIT forgetRequested(path); });
    menu->popup(event->globalPos());
}

} // namespace leyden::ui
