// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/metrics/metric_store.h"

#include "widgets/metrics/number_text.h"
#include "widgets/metrics/smoothing.h"

#include <QIODevice>

#include <algorithm>
#include <cmath>

namespace leyden::ui {
namespace {
QByteArray csvField(const QString& text)
{
    auto field = text.toUtf8();
    if (field.contains(',') || field.contains('"') || field.contains('\n'))
        field = '"' + field.replace("\"", "\"\"") + '"';
    return field;
}
} // namespace

QString metricFamily(const QString& name)
{
    auto family = name;
    for (const auto& prefix :
        {QLatin1String("train_"), QLatin1String("val_"), QLatin1String("test_"),
            QLatin1String("train/"), QLatin1String("val/"), QLatin1String("test/")})
        if (family.startsWith(prefix) && family.size() > prefix.size()) {
            family.remove(0, prefix.size());
            break;
        }
    for (const auto& suffix : {QLatin1String("_step"), QLatin1String("_epoch")})
        if (family.endsWith(suffix) && family.size() > suffix.size()) {
            family.chop(suffix.size());
            break;
        }
    if (family.startsWith(QLatin1String("lr-"))) // Lightning's LearningRateMonitor: "lr-AdamW/pg1"
        return QStringLiteral("lr");
    return family;
}

std::optional<MetricMode> guessedMode(const QString& name)
{
    const auto family = metricFamily(name).toLower();
    const auto has = [&family](std::initializer_list<const char*> words) {
        return std::any_of(words.begin(), words.end(),
            [&family](const char* word) { return family.contains(QLatin1String(word)); });
    };
    if (has({"loss", "error", "mse", "mae", "perplexity", "nll"}))
        return MetricMode::Min;
    if (has({"acc", "f1", "auc", "auroc", "precision", "recall", "iou", "r2", "bleu"}))
        return MetricMode::Max;
    return {};
}

void MetricSeries::append(quint32 row, double value)
{
    const auto index = size();
    m_rows.push_back(row);
    m_values.push_back(value);
    if (!std::isfinite(value)) {
        m_nonFinite.push_back(index);
        return;
    }
    if (m_min < 0 || value < m_values[size_t(m_min)])
        m_min = index;
    if (m_max < 0 || value > m_values[size_t(m_max)])
        m_max = index;
    if (value > 0.0 && !(value >= m_smallestPositive))
        m_smallestPositive = value;
}

void MetricStore::clear()
{
    *this = MetricStore();
}

void MetricStore::appendRows(const QList<MetricRow>& rows)
{
    for (const auto& row : rows) {
        const auto rowIndex = quint32(m_rows.size());
        m_rows.push_back({row.step, row.epoch, row.seconds,
            std::isnan(row.activeSeconds) ? row.seconds : row.activeSeconds});
        for (const auto& [name, value] : row.values) {
            auto found = m_index.constFind(name);
            if (found == m_index.cend()) {
                found = m_index.insert(name, qsizetype(m_series.size()));
                m_series.emplace_back(name);
                m_names += name;
                const auto family = metricFamily(name);
                if (!m_familyNames.contains(family))
                    m_families += family;
                m_familyNames[family] += name;
            }
            m_series[size_t(*found)].append(rowIndex, value);
        }
    }
}

const MetricSeries* MetricStore::series(const QString& name) const
{
    const auto found = m_index.constFind(name);
    return found == m_index.cend() ? nullptr : &m_series[size_t(*found)];
}

double MetricStore::x(qsizetype row, XAxis axis) const
{
    const auto& at = m_rows[size_t(row)];
    switch (axis) {
    case XAxis::Step:
        return at.step;
    case XAxis::Epoch:
        return at.epoch;
    case XAxis::WallTime:
        return at.seconds;
    case XAxis::ActiveTime:
        return at.activeSeconds;
    }
    return at.step;
}

MetricPoint MetricStore::point(const MetricSeries& series, qsizetype index) const
{
    const auto& at = m_rows[size_t(series.row(index))];
    return {at.step, at.epoch, at.seconds, at.activeSeconds, series.value(index)};
}

std::optional<std::pair<double, double>> MetricStore::xSpan(XAxis axis, bool positiveOnly) const
{
    qsizetype first = 0;
    while (positiveOnly && first < rowCount() && !(x(first, axis) > 0.0))
        ++first;
    if (first == rowCount())
        return {};
    return std::pair(x(first, axis), x(rowCount() - 1, axis));
}

double MetricStore::xAtStep(double step, XAxis axis) const
{
    return axis == XAxis::Step ? step : interpolated(step, XAxis::Step, axis);
}

double MetricStore::xAtSeconds(double seconds, XAxis axis) const
{
    return axis == XAxis::WallTime ? seconds : interpolated(seconds, XAxis::WallTime, axis);
}

double MetricStore::interpolated(double at, XAxis from, XAxis to) const
{
    if (m_rows.empty())
        return notANumber;
    qsizetype low = 0;
    qsizetype high = rowCount(); // the first row at or after `at`
    while (low < high) {
        const auto middle = low + (high - low) / 2;
        if (x(middle, from) < at)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == rowCount())
        return x(low - 1, to);
    if (low == 0 || x(low, from) == at)
        return x(low, to);
    const double share = (at - x(low - 1, from)) / (x(low, from) - x(low - 1, from));
    return x(low - 1, to) + share * (x(low, to) - x(low - 1, to));
}

void MetricStore::writeCsv(QIODevice& device, const QStringList& names, double smoothing) const
{
    struct Column
    {
        const MetricSeries* series;
        Ema average;
        qsizetype next = 0;
    };
    std::vector<Column> columns;
    QByteArray text("step,epoch,seconds,active_seconds");
    for (const auto& name : names) {
        const auto* found = series(name);
        if (!found)
            continue;
        columns.push_back({found, Ema(smoothing)});
        text += ',' + csvField(name);
        if (smoothing > 0.0)
            text += ',' + csvField(name + QStringLiteral(" (smoothed)"));
    }
    text += '\n';
    for (qsizetype row = 0; row < rowCount(); ++row) {
        QByteArray line;
        bool isUsed = false;
        for (auto& column : columns) {
            const bool hasValue
                = column.next < column.series->size() && column.series->row(column.next) == row;
            const double value = hasValue ? column.series->value(column.next) : notANumber;
            line += ',' + (hasValue ? shortestDouble(value) : QByteArray());
            if (smoothing > 0.0)
                line += ','
                    + (std::isfinite(value) ? shortestDouble(column.average.add(
                                                  value, column.series->distance(column.next)))
                                            : QByteArray());
            column.next += hasValue ? 1 : 0;
            isUsed = isUsed || hasValue;
        }
        if (!isUsed)
            continue;
        const auto& at = m_rows[size_t(row)];
        const auto time = [](double seconds) {
            return std::isnan(seconds) ? QByteArray() : shortestDouble(seconds); // not kept
        };
        text += shortestDouble(at.step) + ',' + shortestDouble(at.epoch) + ',' + time(at.seconds)
            + ',' + time(at.activeSeconds) + line + '\n';
        if (text.size() > 1 << 20) {
            device.write(text);
            text.clear();
        }
    }
    device.write(text);
}
} // namespace leyden::ui
