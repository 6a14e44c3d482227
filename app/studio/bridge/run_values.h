// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/metrics/metric_types.h"
#include "widgets/runs/run_summary.h"

#include <QByteArray>
#include <QList>
#include <QMetaType>
#include <QString>

namespace leyden::app {

// What crosses between the run's thread and the window's: plain values alone.

/// A run as the window asks for it.
struct RunOrder
{
    QByteArray config;    ///< JSON, as an exported file says it
    QString configFolder; ///< relative inputs are looked for here, then in the resource folder
    QString outputRoot;   ///< relative outputs are written below it
    QString runDir;       ///< empty: a new version folder
    QString replayEvents; ///< an events.jsonl; empty: none
    QString name;         ///< for people
};

/// How a run ended; the states and exit codes of a run folder's run.json.
struct RunEnd
{
    QString state;
    int exitCode = 0;
    QString failure; ///< one plain sentence
    QString details; ///< for the log
    QString folder;
    ui::RunState shown = ui::RunState::Unknown; ///< the state as people see it
    bool isDiscarded = false;                   ///< its folder was deleted, as was asked for
    bool isFailure() const { return state == QLatin1String("failed"); }
};

/// Where the run is.
struct RunProgress
{
    QString stage; ///< "training", "validating", "sanity checking", ...
    qint64 epoch = 0;
    qint64 maxEpochs = -1; ///< -1: no limit
    qint64 batch = 0;
    qint64 batches = -1; ///< of this epoch or evaluation; -1: unknown
    qint64 globalStep = 0;
    qint64 maxSteps = -1;
    double batchesPerSecond = 0.0;
    double dataWaitShare = 0.0;     ///< share of the last second spent waiting for batches, 0..1
    double cpuWaitShare = 0.0;      ///< share of the last second in which no core was free, 0..1
    bool isCpuShared = false;       ///< other programs used the cores then
    double remainingSeconds = -1.0; ///< -1: unknown
    double seconds = 0.0;           ///< since training began
    double activeSeconds = 0.0;     ///< without the pauses
    bool isTraining = false;
    QList<ui::NamedValue> bar;
    QList<ui::NamedValue> live; ///< what can be steered, as it is in effect

    /// Share of the whole run that is done, 0..1; -1 where no end is known.
    double doneShare() const;
};

struct CheckpointNews
{
    QString path;
    double epoch = 0.0;
    double step = 0.0;
    qint64 bytes = -1;
    QString monitor;
    double value = ui::notANumber;
    bool isRemoved = false;
};

struct EarlyStoppingNews
{
    QString monitor;
    double best = ui::notANumber;
    double current = ui::notANumber;
    qint64 wait = 0;
    qint64 patience = 0;
};

struct NonFiniteNews
{
    QString metric;
    QString layer; ///< may be empty
    double step = 0.0;
};

/// Whether what the run saves reaches the disk, told when that changes.
struct SavingNews
{
    bool isCheckpoint = false; ///< else the files of the run folder
    bool isFailing = false;
    QString reason;
};

/// A command of the window as it took effect.
struct Intervention
{
    QString event;  ///< "pause", "resume", "checkpoint", "validate", "set", "stop"
    QString option; ///< of "set"; the verb of "stop"
    QString value;  ///< JSON text
    double step = 0.0;
    double seconds = 0.0;
};

} // namespace leyden::app

Q_DECLARE_METATYPE(leyden::app::RunOrder)
Q_DECLARE_METATYPE(leyden::app::RunEnd)
Q_DECLARE_METATYPE(leyden::app::RunProgress)
