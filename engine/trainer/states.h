// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/data_module.h"
#include "engine/core/export.h"

namespace leyden {

enum class TrainerStatus { Initializing, Running, Finished, Interrupted };
enum class RunningStage { None, Training, SanityChecking, Validating, Testing, Predicting };

struct TrainerState
{
    TrainerStatus status = TrainerStatus::Initializing;
    TrainerFn fn = TrainerFn::Fit;
    RunningStage stage = RunningStage::None;
};

/// Where in the loops a checkpoint was taken, and so where a resumed run goes on. Lightning's files
/// do not say; ours do, so that the continued run equals the one that never stopped.
enum class LoopPhase {
    Start,            ///< nothing to finish: the next thing is a new epoch
    BatchEnd,         ///< in on_train_batch_end: the batch's row is not written yet
    BeforeValidation, ///< the batch is done, the validation due after it is not
    ValidationEnd,    ///< in on_validation_end of a validation inside fit
    BatchDone,        ///< between two batches
    EpochEnd,         ///< in on_train_epoch_end: the epoch's row is not written yet
};
LEYDEN_API const char* to_string(LoopPhase phase);
LEYDEN_API LoopPhase loop_phase_from(std::string_view text); ///< throws CheckpointError

} // namespace leyden
