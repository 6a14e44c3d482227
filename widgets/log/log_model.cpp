// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/log/log_model.h"

#include <QFont>

#include <algorithm>

namespace leyden::ui {
namespace {
QString levelText(LogLevel level)
{
    switch (level) {
    case LogLevel::Debug:
        return LogModel::tr("debug");
    case LogLevel::Info:
        return LogModel::tr("info");
    case LogLevel::Warning:
        return LogModel::tr("warning");
    case LogLevel::Error:
        return LogModel::tr("error");
    }
    return {};
}
} // namespace

LogModel::LogModel(QObject* parent, int capacity)
    : QAbstractTableModel(parent), m_capacity(std::max(1, capacity))
{
}

void LogModel::appendEntries(const QList<LogEntry>& entries)
{
    const auto taken = int(std::min<qsizetype>(entries.size(), m_capacity));
    if (taken == 0)
        return;
    if (const int excess = rowCount() + taken - m_capacity; excess > 0) {
        beginRemoveRows({}, 0, excess - 1);
        m_entries.erase(m_entries.begin(), m_entries.begin() + excess);
        endRemoveRows();
    }
    beginInsertRows({}, rowCount(), rowCount() + taken - 1);
    m_entries.insert(m_entries.end(), entries.end() - taken, entries.end());
    endInsertRows();
}

void LogModel::clear()
{
    beginResetModel();
    m_entries.clear();
    endResetModel();
}

int LogModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : int(m_entries.size());
}

int LogModel::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant LogModel::data(const QModelIndex& index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    const auto& at = entry(index.row());
    if (role == LevelRole)
        return int(at.level);
    if (role == Qt::ToolTipRole)
        return index.column() == Time ? at.time.toString(Qt::ISODateWithMs) : at.text;
    if (role == Qt::FontRole && at.level >= LogLevel::Warning && index.column() == Level) {
        QFont font;
        font.setBold(true);
        return font;
    }
    if (role != Qt::DisplayRole)
        return {};
    if (index.column() == Time)
        return at.time.toString(QStringLiteral("HH:mm:ss"));
    if (index.column() == Level)
        return levelText(at.level);
    return shownText(at);
}

QString LogModel::shownText(const LogEntry& entry)
{
    const auto text = entry.text.trimmed();
    if (!text.contains(QLatin1Char('\n')) || entry.level >= LogLevel::Warning)
        return text;
    const auto more = int(text.count(QLatin1Char('\n')));
    return text.section(QLatin1Char('\n'), 0, 0)
        + (more == 1 ? tr(" … (1 more line)") : tr(" … (%n more lines)", nullptr, more));
}

QVariant LogModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole)
        return {};
    switch (section) {
    case Time:
        return tr("Time");
    case Level:
        return tr("Level");
    case Text:
        return tr("Message");
    default:
        return {};
    }
}

void LogFilterModel::setMinimumLevel(LogLevel level)
{
    m_minimum = level;
    invalidateFilter();
}

void LogFilterModel::setSearchText(const QString& text)
{
    m_text = text;
    invalidateFilter();
}

bool LogFilterModel::filterAcceptsRow(int sourceRow, const QModelIndex&) const
{
    const auto& entry = static_cast<const LogModel*>(sourceModel())->entry(sourceRow);
    return entry.level >= m_minimum
        && (m_text.isEmpty() || entry.text.contains(m_text, Qt::CaseInsensitive));
}
} // namespace leyden::ui
