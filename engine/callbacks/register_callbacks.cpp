// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/callbacks/register_callbacks.h"

#include "engine/callbacks/backbone_finetuning.h"
#include "engine/callbacks/device_stats_monitor.h"
#include "engine/callbacks/early_stopping.h"
#include "engine/callbacks/gradient_accumulation_scheduler.h"
#include "engine/callbacks/learning_rate_monitor.h"
#include "engine/callbacks/model_checkpoint.h"
#include "engine/callbacks/model_pruning.h"
#include "engine/callbacks/model_summary.h"
#include "engine/callbacks/on_exception_checkpoint.h"
#include "engine/callbacks/prediction_writer.h"
#include "engine/callbacks/progress_bar_callback.h"
#include "engine/callbacks/spike_detection.h"
#include "engine/callbacks/stochastic_weight_averaging.h"
#include "engine/callbacks/throughput_monitor.h"
#include "engine/callbacks/timer.h"
#include "engine/callbacks/weight_averaging.h"
#include "engine/core/factories.h"

namespace leyden {
namespace {

template <class Component, class Options>
void add(Registry& registry, const char* name, const char* help)
{
    const auto make = [](Options options) -> std::unique_ptr<Callback> {
        return std::make_unique<Component>(std::move(options));
    };
    registry.add<Options>(ComponentKind::Callback, name, help,
        CallbackFactory(options_factory<CallbackFactory, Options>(make)));
}

} // namespace

void register_callbacks(Registry& registry)
{
    add<EarlyStopping, EarlyStoppingOptions>(
        registry, "EarlyStopping", "Stops the run when a metric no longer improves");
    add<ModelCheckpoint, ModelCheckpointOptions>(
        registry, "ModelCheckpoint", "Saves the best, the newest or all states of the run");
    add<OnExceptionCheckpoint, OnExceptionCheckpointOptions>(
        registry, "OnExceptionCheckpoint", "Saves the run where an error ends it");
    add<LearningRateMonitor, LearningRateMonitorOptions>(
        registry, "LearningRateMonitor", "Logs learning rates, momentum and weight decay");
    add<GradientAccumulationScheduler, GradientAccumulationSchedulerOptions>(registry,
        "GradientAccumulationScheduler",
        "Changes with the epoch how many batches an optimizer step takes");
    add<StochasticWeightAveraging, StochasticWeightAveragingOptions>(registry,
        "StochasticWeightAveraging", "Averages the weights of the last epochs, at a constant rate");
    add<WeightAveraging, WeightAveragingOptions>(registry, "WeightAveraging",
        "Validates and ends with the mean of the weights of all steps");
    add<EMAWeightAveraging, EMAWeightAveragingOptions>(registry, "EMAWeightAveraging",
        "Validates and ends with an exponential moving average of the weights");
    add<BackboneFinetuning, BackboneFinetuningOptions>(registry, "BackboneFinetuning",
        "Trains the rest of the model first, and its backbone with it from an epoch on");
    add<PredictionWriter, PredictionWriterOptions>(
        registry, "PredictionWriter", "Writes predictions as files that torch.load opens");
    add<ModelPruning, ModelPruningOptions>(
        registry, "ModelPruning", "Sets more and more weights to zero for good");
    add<SpikeDetection, SpikeDetectionOptions>(registry, "SpikeDetection",
        "Ends the run when the loss leaves its path, and notes the batches");
    add<DeviceStatsMonitor, DeviceStatsMonitorOptions>(
        registry, "DeviceStatsMonitor", "Logs how busy processor and memory are");
    add<ThroughputMonitor, ThroughputMonitorOptions>(
        registry, "ThroughputMonitor", "Logs batches, samples and operations a second");
    add<Timer, TimerOptions>(registry, "Timer", "Ends the run when its time is used up");
    add<ModelSummary, ModelSummaryOptions>(
        registry, "ModelSummary", "Prints a table of the model's layers");
    registry.add<RichModelSummaryOptions>(ComponentKind::Callback, "RichModelSummary",
        "Prints a table of the model's layers, as ModelSummary",
        CallbackFactory(options_factory<CallbackFactory, RichModelSummaryOptions>(
            [](const RichModelSummaryOptions& options) -> std::unique_ptr<Callback> {
                return std::make_unique<ModelSummary>(options, "RichModelSummary");
            })));
    add<ProgressBarCallback, TQDMProgressBarOptions>(registry, "TQDMProgressBar",
        "Says how the progress bar is drawn, in batches between updates");
    add<ProgressBarCallback, RichProgressBarOptions>(
        registry, "RichProgressBar", "Says how the progress bar is drawn, in updates a second");
}

} // namespace leyden
