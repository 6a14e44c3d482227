// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/runs/runs_model.h"

#include "widgets/common/plain_text.h"
#include "widgets/metrics/count_text.h"
#include "widgets/metrics/number_text.h"
#include "widgets/runs/run_state_icon.h"

#include <QDir>
#include <QGuiApplication>
#include <QHash>
#include <QLocale>

#include <cmath>

namespace leyden::ui {
namespace {
double durationOf(const RunSummary& run)
{
    if (!run.started.isValid())
        return notANumber;
    if (!run.ended.isValid() && !isGoing(run.state))
        return notANumber;
    return double(run.started.msecsTo(
               isGoing(run.state) ? QDateTime::currentDateTimeUtc() : run.ended))
        / 1000.0;
}
} // namespace

RunsModel::RunsModel(QObject* parent) : QAbstractTableModel(parent)
{
    setPalette(QGuiApplication::palette());
}

void RunsModel::setPalette(const QPalette& palette)
{
    for (size_t state = 0; state < m_icons.size(); ++state)
        m_icons[state] = runStateIcon(RunState(state), palette);
    if (!m_runs.isEmpty())
        Q_EMIT dataChanged(index(0, State), index(rowCount() - 1, State), {Qt::DecorationRole});
}

void RunsModel::setRuns(const QList<RunSummary>& runs)
{
    QHash<QString, qsizetype> next;
    for (qsizetype i = 0; i < runs.size(); ++i)
        next[runs.at(i).folder] = i;
    for (int last = rowCount() - 1; last >= 0;) { // gone ones, stretch by stretch
        int first = last;
        while (first >= 0 && !next.contains(m_runs.at(first).folder))
            --first;
        if (first < last) {
            beginRemoveRows({}, first + 1, last);
            m_runs.remove(first + 1, last - first);
            endRemoveRows();
        }
        last = first - 1;
    }
    for (int row = 0; row < rowCount(); ++row) {
        const auto& run = runs.at(next.take(m_runs.at(row).folder));
        if (!isGoing(run.state) && run == m_runs.at(row))
            continue;
        m_runs[row] = run;
        Q_EMIT dataChanged(index(row, 0), index(row, ColumnCount - 1));
    }
    if (next.isEmpty())
        return;
    beginInsertRows({}, rowCount(), rowCount() + int(next.size()) - 1);
    for (qsizetype i = 0; i < runs.size(); ++i)
        if (next.value(runs.at(i).folder, -1) == i)
            m_runs += runs.at(i);
    endInsertRows();
}

void RunsModel::updateRun(const RunSummary& run)
{
    const int row = rowOf(run.folder);
    if (row < 0 || (!isGoing(run.state) && run == m_runs.at(row)))
        return;
    m_runs[row] = run;
    Q_EMIT dataChanged(index(row, 0), index(row, ColumnCount - 1));
}

int RunsModel::rowOf(const QString& folder) const
{
    for (int row = 0; row < rowCount(); ++row)
        if (m_runs.at(row).folder == folder)
            return row;
    return -1;
}

int RunsModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : int(m_runs.size());
}

int RunsModel::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant RunsModel::rawValue(const RunSummary& run, int column) const
{
    switch (column) {
    case Name:
        return run.name;
    case State:
        return int(run.state);
    case Best:
        return std::isnan(run.bestValue) ? QVariant() : run.bestValue;
    case Step:
        return run.lastStep;
    case Epoch:
        return run.epoch;
    case Started:
        return run.started;
    case Duration:
        return durationOf(run);
    default:
        return {};
    }
}

QString RunsModel::text(const RunSummary& run, int column) const
{
    if (run.state == RunState::Unreadable && isNumeric(column))
        return {};
    switch (column) {
    case Name:
        return run.name;
    case State:
        return runStateText(run.state);
    case Best:
        return std::isnan(run.bestValue)
            ? QString()
            : tr("%1 %2").arg(roundedNumber(run.bestValue), run.bestName);
    case Step:
        return countText(qint64(run.lastStep));
    case Epoch:
        return countText(qint64(run.epoch));
    case Started:
        return QLocale().toString(run.started.toLocalTime(), QLocale::ShortFormat);
    case Duration:
        return durationText(durationOf(run));
    default:
        return {};
    }
}

bool RunsModel::isNumeric(int column)
{
    return column == Step || column == Epoch || column == Duration; // Best has a name behind it
}

QString RunsModel::toolTip(const RunSummary& run) const
{
    auto tip = run.name + QLatin1Char('\n') + QDir::toNativeSeparators(run.folder)
        + QLatin1Char('\n') + runStateSentence(run);
    if (run.state == RunState::Unreadable)
        return tip;
    tip += QLatin1Char('\n')
        + tr("step %1, epoch %2")
              .arg(countText(qint64(run.lastStep)), countText(qint64(run.epoch)));
    if (!std::isnan(run.bestValue))
        tip += QLatin1Char('\n') + tr("best %1 = %2").arg(run.bestName, exactNumber(run.bestValue));
    if (const auto duration = durationText(durationOf(run)); !duration.isEmpty())
        tip += QLatin1Char('\n') + tr("took %1").arg(duration);
    if (!run.device.isEmpty())
        tip += QLatin1Char('\n') + tr("on %1").arg(run.device);
    return tip;
}

QVariant RunsModel::data(const QModelIndex& index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    const auto& run = m_runs.at(index.row());
    switch (role) {
    case Qt::DisplayRole:
        return text(run, index.column());
    case Qt::ToolTipRole:
        return plainToolTip(toolTip(run));
    case Qt::DecorationRole:
        return index.column() == State ? QVariant(m_icons[size_t(run.state)]) : QVariant();
    case Qt::TextAlignmentRole:
        return isNumeric(index.column()) ? QVariant(int(Qt::AlignRight | Qt::AlignVCenter))
                                         : QVariant();
    case SortRole:
        return rawValue(run, index.column());
    case FolderRole:
        return run.folder;
    case MetricRole:
        return run.bestName;
    default:
        return {};
    }
}

QVariant RunsModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation == Qt::Horizontal && role == Qt::TextAlignmentRole && isNumeric(section))
        return int(Qt::AlignRight | Qt::AlignVCenter);
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole)
        return {};
    switch (section) {
    case Name:
        return tr("Run");
    case State:
        return tr("State");
    case Best:
        return tr("Best");
    case Step:
        return tr("Step");
    case Epoch:
        return tr("Epoch");
    case Started:
        return tr("Started");
    case Duration:
        return tr("Duration");
    default:
        return {};
    }
}
} // namespace leyden::ui
