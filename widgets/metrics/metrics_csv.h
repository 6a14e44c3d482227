// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/metrics/metric_types.h"

#include <QByteArray>
#include <QList>
#include <QString>

namespace leyden::ui {
/// The rows of a metrics.csv. It holds no times, and whole epochs only: fractions are by proportion
/// of the steps. An unfinished last line is left out.
QList<MetricRow> parseMetricsCsv(const QByteArray& text);

/// Reads a metrics.csv, and then what is appended to it. Not for the window's thread.
class MetricsCsvReader final
{
public:
    explicit MetricsCsvReader(QString path) : m_path(std::move(path)) { }

    struct News
    {
        QList<MetricRow> rows;
        bool isWhole
            = false; ///< these are all: the ones read before were cut, or have other places
    };
    News read();
    qsizetype rowCount() const { return m_rows; } ///< read so far

private:
    News readWhole(const QByteArray& text);

    QString m_path;
    QByteArray m_header;
    QByteArray m_lastLine;
    qint64 m_offset = 0; ///< behind the last whole line
    qsizetype m_rows = 0;
    double m_lastStep = 0.0;
    double m_firstEpoch = -1.0;
    double m_stepsPerEpoch = 0.0; ///< 0: not known before an epoch has ended
};

/// The best value of one column of a metrics.csv, kept while the file grows: other columns are
/// skipped, so that hundreds of long runs are looked through in a moment.
class BestOfColumn final
{
public:
    /// Looks at what is new; NaN: there is no such column, or no finite value in it.
    double read(const QString& path, const QString& column, MetricMode mode);

private:
    QString m_column;
    MetricMode m_mode = MetricMode::Min;
    QByteArray m_header;
    QByteArray m_lastLine;
    qint64 m_offset = 0;
    double m_best = notANumber;
};
} // namespace leyden::ui
