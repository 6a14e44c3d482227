// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/export.h"

#include <cstdint>

namespace leyden {

/// Every hook and step that the Trainer calls, for the rules of log(), the trace and the profiler.
enum class Hook : uint8_t {
    None,
    PrepareData,
    Setup,
    ConfigureModel,
    ConfigureCallbacks,
    ConfigureOptimizers,
    TrainDataloader,
    ValDataloader,
    TestDataloader,
    PredictDataloader,
    Teardown,
    OnException,
    OnSaveCheckpoint,
    OnLoadCheckpoint,
    OnFitStart,
    OnFitEnd,
    OnSanityCheckStart,
    OnSanityCheckEnd,
    OnTrainStart,
    OnTrainEnd,
    OnTrainEpochStart,
    OnTrainEpochEnd,
    OnTrainBatchStart,
    OnTrainBatchEnd,
    OnBeforeZeroGrad,
    OnBeforeBackward,
    OnAfterBackward,
    OnBeforeOptimizerStep,
    OnValidationStart,
    OnValidationEnd,
    OnValidationEpochStart,
    OnValidationEpochEnd,
    OnValidationBatchStart,
    OnValidationBatchEnd,
    OnValidationModelZeroGrad,
    OnValidationModelEval,
    OnValidationModelTrain,
    OnTestStart,
    OnTestEnd,
    OnTestEpochStart,
    OnTestEpochEnd,
    OnTestBatchStart,
    OnTestBatchEnd,
    OnTestModelEval,
    OnTestModelTrain,
    OnPredictStart,
    OnPredictEnd,
    OnPredictEpochStart,
    OnPredictEpochEnd,
    OnPredictBatchStart,
    OnPredictBatchEnd,
    OnPredictModelEval,
    OnBeforeBatchTransfer,
    TransferBatchToDevice,
    OnAfterBatchTransfer,
    ConfigureGradientClipping,
    // Steps and the optimization calls: `call` lines of a trace, except clipping.
    TrainingStep,
    ValidationStep,
    TestStep,
    PredictStep,
    Backward,
    OptimizerStep,
    OptimizerZeroGrad,
    LRSchedulerStep,
    Count,
};

enum class HookOwner { Callback, Module, DataModule };

/// Where log() may be called, and what it records there by default.
struct LogRule
{
    bool allowed = false;
    bool default_on_step = false;
    bool default_on_epoch = false;
    bool may_on_step = false;
    bool may_on_epoch = false;
};

LEYDEN_API const char* hook_name(Hook hook); ///< Lightning's name
LEYDEN_API bool is_call(Hook hook);          ///< traced as {"call": ...}
LEYDEN_API const LogRule& log_rule(Hook hook);

} // namespace leyden
