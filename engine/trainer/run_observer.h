// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/export.h"

#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace leyden {

// What a run tells: plain values, no tensor and no pointer, so that they may cross threads.

/// A row as the loggers get it.
struct RowEvent
{
    std::vector<std::pair<std::string, double>> values{}; ///< without "epoch"
    int64_t step = 0;                                     ///< the row's x: batches in which an
                                                          ///< optimizer step was due
    int64_t global_step = 0;
    double epoch = 0.0;          ///< fractional: completed epochs plus share of the running one
    double seconds = 0.0;        ///< wall time since training began, pauses included
    double active_seconds = 0.0; ///< the same without pauses
    int64_t row = -1; ///< its number in the loggers' files, from 0; -1: there is no logger
};

enum class StageKind { Training, SanityChecking, Validating, Testing, Predicting, Idle };

/// Where the run is; sent about ten times a second while batches run, and where training ends.
struct ProgressEvent
{
    StageKind stage = StageKind::Idle;
    int64_t epoch = 0;
    int64_t max_epochs = -1; ///< -1: no limit
    int64_t batch = 0;       ///< batches done of this epoch or evaluation
    int64_t batches = -1;    ///< of this epoch or evaluation; -1: unknown
    int64_t global_step = 0;
    int64_t max_steps = -1;
    double seconds = 0.0;
    double active_seconds = 0.0;
    double batches_per_second = 0.0;
    double data_wait_share = 0.0; ///< share of the last second spent waiting for batches, 0..1
    double cpu_wait_share = 0.0;  ///< share of the last second in which no core was free, 0..1; 0
                                  ///< where the system does not tell
    bool cpu_is_shared = false;   ///< other programs used the cores then, not this one alone
    double remaining_seconds = -1.0; ///< estimate until max_epochs / max_steps; -1: unknown
    std::vector<std::pair<std::string, double>> bar{}; ///< metrics logged with prog_bar
    /// What SetOptionCommand can change, as it is in effect; NaN: switched off. An option that this
    /// run does not have is left out.
    std::vector<std::pair<std::string, double>> live{};
};

struct CheckpointEvent
{
    std::string path{};
    int64_t epoch = 0;
    int64_t global_step = 0;
    int64_t bytes = 0;
    std::string monitor{}; ///< empty: none
    double monitor_value = std::numeric_limits<double>::quiet_NaN();
    bool is_best = false; ///< the best so far by what it monitors
    bool removed = false; ///< the file was deleted (a better one took its place)
};

/// State of EarlyStopping after a check.
struct EarlyStoppingEvent
{
    std::string monitor{};
    double best = 0.0;
    double current = 0.0;
    int64_t wait = 0;
    int64_t patience = 0;
};

/// What a person did (events.jsonl), as it took effect.
struct InterventionEvent
{
    std::string event{};  ///< "pause", "resume", "checkpoint", "validate", "set", "stop",
                          ///< "stop_failed"; "resume" with an option: from that checkpoint
    std::string option{}; ///< of "set"; the verb of "stop" and "stop_failed"
    std::string value{};  ///< JSON text
    std::string by{};     ///< "user", or "replay"
    int64_t epoch = 0;
    int64_t batch_idx = 0;
    int64_t global_step = 0;
    double seconds = 0.0;
};

/// A loss or monitored value that is not finite; sent for the first one only.
struct NonFiniteEvent
{
    std::string metric{};
    int64_t epoch = 0;
    int64_t batch_idx = 0;
    int64_t global_step = 0;
    std::string layer{}; ///< first parameter that is not finite, else the first with such a
                         ///< gradient; may be empty
};

struct MessageEvent
{
    enum class Level { Debug, Info, Warning, Error };
    Level level = Level::Info;
    std::string text{};
    double wall_seconds = 0.0; ///< since 1970
};

/// Whether what the run saves reaches its disk; sent when that changes.
struct SavingEvent
{
    enum class What { Checkpoint, RunFolder };
    What what = What::Checkpoint;
    bool is_failing = false;
    std::string reason{}; ///< of the failure
};

/// Where the run writes; sent once the folder exists.
struct FolderEvent
{
    std::string path{};
};

/// Table of layers, sent at the start of fit.
struct SummaryEvent
{
    std::string text{};
};

using RunEvent = std::variant<RowEvent, ProgressEvent, CheckpointEvent, EarlyStoppingEvent,
    InterventionEvent, NonFiniteEvent, SavingEvent, MessageEvent, FolderEvent, SummaryEvent>;

/// Hears what a run tells. Called on the run's thread, between operations: take the value and
/// return.
class LEYDEN_API RunObserver
{
public:
    virtual ~RunObserver();
    virtual void on_event(const RunEvent& event) = 0;
};

} // namespace leyden
