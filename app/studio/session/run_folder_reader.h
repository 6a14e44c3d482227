// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/studio/session/run_history.h"
#include "widgets/metrics/metrics_csv.h"
#include "widgets/runs/run_folder_scanner.h"

#include <QDateTime>
#include <QMap>

#include <utility>
#include <vector>

namespace leyden::app {

/// What a times.csv says of the rows of metrics.csv, kept while it grows.
class RowTimesReader final
{
public:
    explicit RowTimesReader(QString path) : m_path(std::move(path)) { }

    bool read(); ///< false: there is no such file
    /// Wall and active seconds of a row; NaN: not told.
    std::pair<double, double> of(qsizetype row) const;
    qsizetype count() const
    {
        return qsizetype(m_times.size());
    } ///< rows up to the last that is told

private:
    QString m_path;
    qint64 m_offset = 0;
    std::vector<std::pair<double, double>> m_times;
};

/// Reads a run folder, and then what is new in it: the run may be on in another process. On any one
/// thread but the window's.
class RunFolderReader final
{
public:
    explicit RunFolderReader(const QString& folder);

    /// All of it at first. Then rows and log lines hold what is new, and `isNews` tells whether
    /// anything is.
    RunHistory read();

private:
    /// A file as it was when it was read last.
    struct Stamp
    {
        qint64 modified = -1;
        qint64 size = -1;
        bool operator==(const Stamp&) const = default;
    };
    static Stamp stampOf(const QString& path);
    bool isChanged(const QString& file, Stamp& stamp) const;
    QString path(const char* file) const;

    void readConfig();
    void readRows();
    void readEvents();
    void readLog();
    void readCheckpointFiles();
    void checkStopping(const WatchedMetric& metric, double value);

    QString m_folder;
    RunHistory m_history; ///< but for rows and log, as known so far
    ui::MetricsCsvReader m_metrics;
    RowTimesReader m_times;
    QList<ui::MetricRow> m_held; ///< rows whose times are not written yet
    qsizetype m_given = 0;       ///< rows given out
    bool m_hasAllTimes = true;
    ui::BestOfRun m_best;
    qint64 m_logOffset = 0;
    QList<ui::LogEntry> m_eventLog; ///< all events, as log lines
    qsizetype m_eventsGiven = 0;
    QMap<double, double> m_monitored;    ///< what checkpoints are judged by, by step
    double m_bestScore = ui::notANumber; ///< by EarlyStopping's rule
    double m_minDelta = 0.0;
    Stamp m_configStamp;
    Stamp m_eventsStamp;
    Stamp m_runStamp;
    Stamp m_checkpointsStamp;
    bool m_isFirst = true;
};

/// The lines of a log.txt; those without a time of their own go on with the one before.
QList<ui::LogEntry> parseLog(const QByteArray& text);

} // namespace leyden::app
