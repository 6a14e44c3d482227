// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/runs/checkpoint_model.h"

#include "widgets/common/plain_text.h"
#include "widgets/metrics/count_text.h"
#include "widgets/metrics/number_text.h"

#include <QDir>
#include <QFont>
#include <QHash>

#include <cmath>

namespace leyden::ui {
namespace {
constexpr QLatin1String extension(".ckpt"); // all have it; the dock is narrow
}

void CheckpointModel::setCheckpoints(const QList<CheckpointEntry>& checkpoints)
{
    // What is there already is written over, so that a selection stays with its file.
    QHash<QString, qsizetype> next;
    for (qsizetype i = 0; i < checkpoints.size(); ++i)
        next[checkpoints.at(i).path] = i;
    for (int row = rowCount() - 1; row >= 0; --row) {
        if (next.contains(m_checkpoints.at(row).path))
            continue;
        beginRemoveRows({}, row, row);
        m_checkpoints.removeAt(row);
        endRemoveRows();
    }
    for (auto& checkpoint : m_checkpoints)
        checkpoint = checkpoints.at(next.take(checkpoint.path));
    if (!m_checkpoints.isEmpty())
        Q_EMIT dataChanged(index(0, 0), index(rowCount() - 1, ColumnCount - 1));
    if (next.isEmpty())
        return;
    beginInsertRows({}, rowCount(), rowCount() + int(next.size()) - 1);
    for (qsizetype i = 0; i < checkpoints.size(); ++i)
        if (next.value(checkpoints.at(i).path, -1) == i)
            m_checkpoints += checkpoints.at(i);
    endInsertRows();
}

void CheckpointModel::setMonitor(const QString& name)
{
    m_monitor = name;
    Q_EMIT headerDataChanged(Qt::Horizontal, Value, Value);
}

int CheckpointModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : int(m_checkpoints.size());
}

int CheckpointModel::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant CheckpointModel::rawValue(const CheckpointEntry& checkpoint, int column) const
{
    switch (column) {
    case Name:
        return checkpoint.name;
    case Epoch:
        return checkpoint.epoch;
    case Step:
        return checkpoint.step;
    case Value:
        return std::isnan(checkpoint.value) ? QVariant() : checkpoint.value;
    case Size:
        return checkpoint.bytes;
    default:
        return {};
    }
}

QString CheckpointModel::text(const CheckpointEntry& checkpoint, int column) const
{
    switch (column) {
    case Name: {
        const auto name = checkpoint.name.endsWith(extension)
            ? checkpoint.name.chopped(extension.size())
            : checkpoint.name;
        return checkpoint.isBest ? QStringLiteral("★ ") + name : name;
    }
    case Epoch:
        return countText(qint64(checkpoint.epoch));
    case Step:
        return countText(qint64(checkpoint.step));
    case Value:
        return std::isnan(checkpoint.value) ? QStringLiteral("–")
                                            : roundedNumber(checkpoint.value, 5);
    case Size:
        return byteSizeText(checkpoint.bytes);
    default:
        return {};
    }
}

QString CheckpointModel::longText(const CheckpointEntry& checkpoint) const
{
    auto text = QDir::toNativeSeparators(checkpoint.path);
    if (checkpoint.isBest)
        text += QLatin1Char('\n') + tr("the best one so far");
    if (checkpoint.isLast)
        text += QLatin1Char('\n') + tr("the last one");
    if (!std::isnan(checkpoint.value))
        text += QLatin1Char('\n')
            + tr("%1 = %2").arg(
                headerData(Value, Qt::Horizontal).toString(), exactNumber(checkpoint.value));
    return checkpoint.bytes < 0 ? text : text + QLatin1Char('\n') + byteSizeText(checkpoint.bytes);
}

QVariant CheckpointModel::data(const QModelIndex& index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    const auto& checkpoint = m_checkpoints.at(index.row());
    switch (role) {
    case Qt::DisplayRole:
        return text(checkpoint, index.column());
    case Qt::ToolTipRole:
        return index.column() == Name ? plainToolTip(longText(checkpoint))
                                      : text(checkpoint, index.column());
    case Qt::AccessibleTextRole:
        return index.column() == Name ? longText(checkpoint) : text(checkpoint, index.column());
    case Qt::TextAlignmentRole:
        return index.column() == Name ? QVariant()
                                      : QVariant(int(Qt::AlignRight | Qt::AlignVCenter));
    case Qt::FontRole:
        if (checkpoint.isBest) {
            QFont font;
            font.setBold(true);
            return font;
        }
        return {};
    case SortRole:
        return rawValue(checkpoint, index.column());
    case PathRole:
        return checkpoint.path;
    default:
        return {};
    }
}

QVariant CheckpointModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation == Qt::Horizontal && role == Qt::TextAlignmentRole && section != Name)
        return int(Qt::AlignRight | Qt::AlignVCenter); // as the numbers below it
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole)
        return {};
    switch (section) {
    case Name:
        return tr("Checkpoint");
    case Epoch:
        return tr("Epoch");
    case Step:
        return tr("Step");
    case Value:
        return m_monitor.isEmpty() ? tr("Value") : m_monitor;
    case Size:
        return tr("Size");
    default:
        return {};
    }
}
} // namespace leyden::ui
