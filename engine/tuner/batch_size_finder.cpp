// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/tuner/batch_size_finder.h"

#include "engine/config/check_options.h"
#include "engine/core/errors.h"
#include "engine/core/lightning_module.h"
#include "engine/trainer/trainer.h"
#include "engine/tuner/out_of_memory.h"
#include "engine/tuner/trial_run.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <utility>

namespace leyden {
namespace {
constexpr int64_t default_limit = 8192; ///< a power search is capped here, whatever max_val says,
                                        ///< as in Lightning
} // namespace

void describe(OptionTable<BatchSizeFinderOptions>& table)
{
    using T = BatchSizeFinderOptions;
    table.add("mode", &T::mode, "How sizes are tried")
        .choices({{"power", BatchSizeMode::Power}, {"binsearch", BatchSizeMode::BinarySearch}})
        .details("power: doubles the size. binsearch: then searches between the last that fits and "
                 "the first that does not.");
    table.add("steps_per_trial", &T::steps_per_trial, "Batches of each trial")
        .at_least(1)
        .unit("batches");
    table.add("init_val", &T::init_val, "Size to begin with").at_least(1).unit("rows");
    table.add("max_trials", &T::max_trials, "Most sizes to try; 0: none, init_val is taken")
        .at_least(0);
    table
        .add("batch_arg_name", &T::batch_arg_name,
            "Attribute of the data or the model that holds the size")
        .advanced();
    table.add("margin", &T::margin, "Share that is taken off the size a binary search finds")
        .at_least(0)
        .at_most(0.99)
        .advanced();
    table.add("max_val", &T::max_val, "Largest size to try").at_least(1).unit("rows");
}

BatchSizeFinder::BatchSizeFinder(BatchSizeFinderOptions options) : options_(std::move(options))
{
    check_options(options_);
}

int64_t BatchSizeFinder::size_of(const Trainer& trainer) const
{
    auto value = trainer.lightning_module().attribute(options_.batch_arg_name);
    if (value.is_none() && trainer.has_datamodule())
        value = trainer.datamodule().attribute(options_.batch_arg_name);
    return value.is_int() ? value.to_int() : -1;
}

void BatchSizeFinder::set_size(Trainer& trainer, int64_t size) const
{
    const auto& name = options_.batch_arg_name;
    if (trainer.lightning_module().set_attribute(name, size))
        return;
    LEYDEN_ASSERT(trainer.has_datamodule());
    auto& data = trainer.datamodule();
    const bool is_set = data.set_attribute(name, size);
    LEYDEN_ASSERT(is_set);
    if (data.hparams.contains(name)) // what checkpoints say that it is made of
        data.hparams.set(name, size);
}

void BatchSizeFinder::setup(Trainer& trainer, LightningModule& module, TrainerFn)
{
    if (size_of(trainer) < 0)
        throw MisconfigurationError(fmt::format(
            "BatchSizeFinder: batch_arg_name = '{}': neither {} nor the data has such a "
            "whole number",
            options_.batch_arg_name, module.name()));
}

void BatchSizeFinder::find(Trainer& trainer, LightningModule&)
{
    trials_.clear();
    if (trainer.plan().fast_dev_run > 0) {
        trainer.warn("BatchSizeFinder: fast_dev_run leaves the search out");
        if (exits)
            throw TunerExit();
        return;
    }
    const auto before = size_of(trainer);
    try {
        TrialRun trial(trainer);
        found_ = search(trainer, trial);
        if (!exits) // trained with, and not only told
            found_ = tried_size(trainer, before);
        trial.restore();
    } catch (...) {
        set_size(trainer, before);
        throw;
    }
    empty_device_cache();
    trainer.message(MessageEvent::Level::Info, fmt::format("batch size set to {}", *found_));
    if (exits)
        throw TunerExit();
}

int64_t BatchSizeFinder::tried_size(Trainer& trainer, int64_t before) const
{
    int64_t largest = 0;
    for (const auto& trial : trials_)
        if (trial.fits)
            largest = std::max(largest, trial.batch_size);
    if (largest >= *found_)
        return *found_;
    const auto size = largest > 0 ? largest : before;
    trainer.message(MessageEvent::Level::Info,
        fmt::format("BatchSizeFinder: {} itself was not tried; {}", *found_,
            largest > 0 ? fmt::format("{} is the largest size that was tried and fits", largest)
                        : std::string("nothing was, so the size stays as it is")));
    set_size(trainer, size);
    return size;
}

int64_t BatchSizeFinder::search(Trainer& trainer, TrialRun& trial)
{
    const auto first = adjust(trainer, trial, options_.init_val, default_limit);
    if (options_.mode == BatchSizeMode::Power)
        return search_power(trainer, trial, first);
    auto size = search_binary(trainer, trial, first);
    if (options_.margin > 0) {
        size = std::max<int64_t>(1, int64_t(double(size) * (1 - options_.margin)));
        set_size(trainer, size);
    }
    return size;
}

bool BatchSizeFinder::attempt(TrialRun& trial, int64_t size)
{
    empty_device_cache();
    bool fits = true;
    try {
        trial.steps(options_.steps_per_trial);
    } catch (const std::exception& error) {
        if (!is_out_of_memory(error))
            throw;
        fits = false;
    }
    trials_.push_back({size, fits});
    if (!fits) {
        empty_device_cache();
        if (size <= 1)
            throw MisconfigurationError("BatchSizeFinder: memory does not even hold a batch of one "
                                        "row; use a smaller model");
    }
    return fits;
}

int64_t BatchSizeFinder::adjust(Trainer& trainer, TrialRun& trial, int64_t wanted, int64_t limit)
{
    const auto present = size_of(trainer);
    if (present >= trial.dataset_length())
        return present;
    const auto size = std::min(wanted, limit);
    set_size(trainer, size);
    return size;
}

int64_t BatchSizeFinder::search_power(Trainer& trainer, TrialRun& trial, int64_t size)
{
    bool any_success = false;
    for (int64_t i = 0; i < options_.max_trials && size < options_.max_val; ++i) {
        if (!attempt(trial, size)) {
            size /= 2;
            set_size(trainer, size);
            trial.reload_data();
            if (any_success)
                break;
            continue;
        }
        if (i + 1 == options_.max_trials)
            break;
        const auto next = adjust(trainer, trial, size * 2, default_limit);
        if (next == size)
            break;
        size = next;
        trial.reload_data();
        any_success = true;
    }
    return size;
}

int64_t BatchSizeFinder::search_binary(Trainer& trainer, TrialRun& trial, int64_t size)
{
    int64_t low = 1, high = 0; // high 0: none failed yet
    for (int64_t successes = 0; size < options_.max_val;) {
        if (attempt(trial, size)) {
            if (++successes >= options_.max_trials)
                break;
            low = size;
            if (high != 0 && high - low <= 1)
                break;
            const auto next
                = adjust(trainer, trial, high != 0 ? (high + low) / 2 : size * 2, options_.max_val);
            if (next == size)
                break;
            size = next;
            trial.reload_data();
        } else {
            high = size;
            size = (high + low) / 2;
            set_size(trainer, size);
            trial.reload_data();
            if (high - low <= 1)
                break;
        }
    }
    return size;
}

} // namespace leyden
