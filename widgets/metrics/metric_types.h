// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QList>
#include <QMetaType>
#include <QString>

#include <limits>

namespace leyden::ui {
inline constexpr double notANumber = std::numeric_limits<double>::quiet_NaN();

enum class MetricMode { Min, Max };

/// What the x axis counts. Active time leaves out the pauses.
enum class XAxis { Step, Epoch, WallTime, ActiveTime };

struct NamedValue
{
    QString name;
    double value = 0.0; ///< unit of the metric; NaN and Inf are legal and shown as such
};

/// One logged dict. A plain value, so that a queued signal can carry a batch of them.
struct MetricRow
{
    double step = 0.0;                 ///< optimizer steps since the run began
    double epoch = 0.0;                ///< fractional
    double seconds = 0.0;              ///< wall time since the run began; NaN: not kept
    double activeSeconds = notANumber; ///< without the pauses; NaN: the same as `seconds`
    QList<NamedValue> values;
};

/// One value of one series, with all its positions.
struct MetricPoint
{
    double step = 0.0;
    double epoch = 0.0;
    double seconds = 0.0;
    double activeSeconds = 0.0;
    double value = 0.0;
};

enum class MarkerKind { Checkpoint, Validation, Pause, Resume, Intervention, Note };

/// Something that happened at a step: a tick under the x axis, or a line across the charts.
struct Marker
{
    MarkerKind kind = MarkerKind::Note;
    double step = 0.0;
    QString text;                ///< shown on hover, e.g. "lr 1e-3 -> 3e-4"
    double seconds = notANumber; ///< wall time; NaN: looked up from the step
};

struct RunInfo
{
    QString name;
    QString folder;
};
} // namespace leyden::ui

Q_DECLARE_METATYPE(leyden::ui::MetricRow)
Q_DECLARE_METATYPE(leyden::ui::Marker)
