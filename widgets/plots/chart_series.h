// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/metrics/smoothing.h"
#include "widgets/plots/metric_chart.h"

class QCPGraph;

namespace leyden::ui {
/// One curve of a chart, and how far it has read its series in the store.
struct MetricChart::Series
{
    QString name;
    SeriesStyle style;
    QCPGraph* raw = nullptr;
    QCPGraph* smooth = nullptr;
    Ema average;
    qsizetype taken = 0;
    qsizetype dropped = 0;         // not positive on a log axis
    std::vector<double> nonFinite; // x of the NaN and Inf values, in the order of the store
    std::optional<qsizetype> firstNonFinite; // index in the store's series
};
} // namespace leyden::ui
