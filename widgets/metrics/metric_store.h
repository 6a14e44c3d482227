// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/metrics/metric_types.h"

#include <QHash>
#include <QStringList>

#include <optional>
#include <vector>

class QIODevice;

namespace leyden::ui {
/// "train_loss", "val_loss", "train_loss_step" -> "loss"; "lr-AdamW" -> "lr".
QString metricFamily(const QString& name);

/// Which way a metric of this name gets better, where the name tells ("val_acc": up).
std::optional<MetricMode> guessedMode(const QString& name);

/// All values of one metric, in the order in which they came. Positions lie in the store's rows.
class MetricSeries
{
public:
    explicit MetricSeries(QString name) : m_name(std::move(name)) { }

    const QString& name() const { return m_name; }
    qsizetype size() const { return qsizetype(m_values.size()); }
    double value(qsizetype index) const { return m_values[size_t(index)]; }
    qsizetype row(qsizetype index) const { return qsizetype(m_rows[size_t(index)]); }
    /// Rows since the value before it; 1 for the first.
    double distance(qsizetype index) const
    {
        return index == 0 ? 1.0 : double(row(index) - row(index - 1));
    }

    /// Index of the first best finite value; -1 while there is none.
    qsizetype bestIndex(MetricMode mode) const { return mode == MetricMode::Min ? m_min : m_max; }
    double minimum() const { return m_min < 0 ? notANumber : value(m_min); }
    double maximum() const { return m_max < 0 ? notANumber : value(m_max); }
    double smallestPositive() const { return m_smallestPositive; } ///< NaN while there is none

    /// Indices of the NaN and Inf values, ascending.
    const std::vector<qsizetype>& nonFinite() const { return m_nonFinite; }

private:
    friend class MetricStore;
    void append(quint32 row, double value);

    QString m_name;
    std::vector<quint32> m_rows;
    std::vector<double> m_values;
    std::vector<qsizetype> m_nonFinite;
    qsizetype m_min = -1;
    qsizetype m_max = -1;
    double m_smallestPositive = notANumber;
};

/// Every logged value of one run: nothing is sampled, dropped or rounded. 12 bytes a value and 32
/// bytes a row, for the positions of a row are kept once. At most 2^32 rows.
class MetricStore
{
public:
    void clear();
    void appendRows(const QList<MetricRow>& rows);

    qsizetype rowCount() const { return qsizetype(m_rows.size()); }
    const QStringList& names() const { return m_names; }       ///< in order of appearance
    const QStringList& families() const { return m_families; } ///< in order of appearance
    QStringList namesOf(const QString& family) const { return m_familyNames.value(family); }
    const MetricSeries* series(const QString& name) const; ///< null if never logged

    double x(qsizetype row, XAxis axis) const;
    MetricPoint point(const MetricSeries& series, qsizetype index) const;
    /// First and last position of all rows (of those above 0, for a log axis); empty without any.
    std::optional<std::pair<double, double>> xSpan(XAxis axis, bool positiveOnly = false) const;
    /// Position of a step on another axis, between the rows by proportion.
    double xAtStep(double step, XAxis axis) const;
    /// Position of a wall time on another axis, likewise.
    double xAtSeconds(double seconds, XAxis axis) const;
    double stepAt(double x, XAxis axis) const { return interpolated(x, axis, XAxis::Step); }

    /// Columns step, epoch, seconds, active_seconds and the named metrics (smoothed ones beside
    /// them where `smoothing` > 0), a line for each row that has one of them, shortest exact
    /// numbers.
    void writeCsv(QIODevice& device, const QStringList& names, double smoothing = 0.0) const;

private:
    struct Row
    {
        double step, epoch, seconds, activeSeconds;
    };
    double interpolated(double at, XAxis from, XAxis to) const;

    std::vector<Row> m_rows;
    std::vector<MetricSeries> m_series;
    QHash<QString, qsizetype> m_index;
    QStringList m_names;
    QStringList m_families;
    QHash<QString, QStringList> m_familyNames;
};
} // namespace leyden::ui
