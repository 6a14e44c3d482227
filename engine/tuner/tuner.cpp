// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/tuner/tuner.h"

#include "engine/core/errors.h"
#include "engine/core/generators.h"
#include "engine/core/lightning_module.h"
#include "engine/loops/module_mode.h"
#include "engine/trainer/trainer.h"
#include "engine/tuner/learning_rate_finder.h"
#include "engine/tuner/trial_run.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <memory>

namespace leyden {

std::optional<int64_t> BatchSizeSearch::largest_fit() const
{
    std::optional<int64_t> largest;
    for (const auto& trial : trials)
        if (trial.fits)
            largest = std::max(largest.value_or(trial.batch_size), trial.batch_size);
    return largest;
}

void Tuner::refuse_second(const char* callback) const
{
    for (const auto& mine : trainer_.callbacks()) {
        if (mine->name() == callback)
            throw MisconfigurationError(fmt::format(
                "the Trainer has a {} among its callbacks; remove it to use the Tuner", callback));
    }
}

LRFinder Tuner::lr_find(
    LightningModule& module, LightningDataModule& data, const LearningRateFinderOptions& options)
{
    refuse_second("LearningRateFinder");
    const GeneratorGuard guard; // what the run draws before its first hook
    const ModuleMode modes(module);
    auto finder = std::make_unique<LearningRateFinder>(options);
    finder->exits = true;
    const auto done
        = TrialRun::run_with(trainer_, std::move(finder), [&] { trainer_.fit(module, data); });
    modes.restore();
    return {dynamic_cast<const LearningRateFinder&>(*done).curve(), options};
}

ThreadsSearch Tuner::find_threads(
    LightningModule& module, LightningDataModule& data, const ThreadsFinderOptions& options)
{
    const GeneratorGuard guard;
    const ModuleMode modes(module);
    auto finder = std::make_unique<ThreadsFinder>(options);
    finder->exits = true;
    const auto done
        = TrialRun::run_with(trainer_, std::move(finder), [&] { trainer_.fit(module, data); });
    modes.restore();
    const auto& result = dynamic_cast<const ThreadsFinder&>(*done);
    return {result.trials(), result.cpu_wait_share()};
}

BatchSizeSearch Tuner::scale_batch_size(LightningModule& module, LightningDataModule& data,
    const BatchSizeFinderOptions& options, TrainerFn method)
{
    refuse_second("BatchSizeFinder");
    const GeneratorGuard guard;
    const ModuleMode modes(module);
    auto finder = std::make_unique<BatchSizeFinder>(options);
    finder->exits = true;
    const auto done = TrialRun::run_with(trainer_, std::move(finder), [&] {
        switch (method) {
        case TrainerFn::Fit:
            trainer_.fit(module, data);
            break;
        case TrainerFn::Validate:
            trainer_.validate(module, data);
            break;
        case TrainerFn::Test:
            trainer_.test(module, data);
            break;
        case TrainerFn::Predict:
            trainer_.predict(module, data);
            break;
        }
    });
    modes.restore();
    const auto& result = dynamic_cast<const BatchSizeFinder&>(*done);
    return {result.optimal_batch_size(), result.trials()};
}

} // namespace leyden
