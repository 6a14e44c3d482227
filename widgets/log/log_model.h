// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractTableModel>
#include <QDateTime>
#include <QSortFilterProxyModel>

#include <deque>

namespace leyden::ui {
enum class LogLevel { Debug, Info, Warning, Error };

struct LogEntry
{
    QDateTime time;
    LogLevel level = LogLevel::Info;
    QString text;
};

/// The last messages of a run and of the program. Bounded: the oldest ones leave.
class LogModel final : public QAbstractTableModel
{
    Q_OBJECT

public:
    enum Column { Time, Level, Text, ColumnCount };
    enum Role { LevelRole = Qt::UserRole }; ///< LogLevel as int

    explicit LogModel(QObject* parent = nullptr, int capacity = 100'000);

    void appendEntries(const QList<LogEntry>& entries);
    void clear();
    const LogEntry& entry(int row) const { return m_entries[size_t(row)]; }
    /// What is shown of its text: all of a warning or an error, of other news the first line.
    static QString shownText(const LogEntry& entry);

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    QVariant headerData(
        int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

private:
    std::deque<LogEntry> m_entries;
    int m_capacity;
};

/// Lets entries of a level and up pass that hold a text (case does not matter).
class LogFilterModel final : public QSortFilterProxyModel
{
    Q_OBJECT

public:
    using QSortFilterProxyModel::QSortFilterProxyModel;

    void setMinimumLevel(LogLevel level);
    void setSearchText(const QString& text);

protected:
    bool filterAcceptsRow(int sourceRow, const QModelIndex& sourceParent) const override;

private:
    LogLevel m_minimum = LogLevel::Debug;
    QString m_text;
};
} // namespace leyden::ui

Q_DECLARE_METATYPE(leyden::ui::LogEntry)
