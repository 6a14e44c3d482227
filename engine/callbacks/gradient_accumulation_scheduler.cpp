// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/callbacks/gradient_accumulation_scheduler.h"

#include "engine/callbacks/open_epoch.h"
#include "engine/config/check_options.h"
#include "engine/core/errors.h"
#include "engine/core/lightning_module.h"
#include "engine/trainer/trainer.h"

#include <spdlog/fmt/fmt.h>

#include <charconv>
#include <optional>

namespace leyden {
namespace {

std::optional<int64_t> epoch_from(const std::string& text)
{
    int64_t epoch = -1;
    const auto* end = text.data() + text.size();
    const auto read = std::from_chars(text.data(), end, epoch);
    return read.ec == std::errc() && read.ptr == end && epoch >= 0 ? std::optional(epoch)
                                                                   : std::nullopt;
}

std::map<int64_t, int64_t> scheduling_from(const GradientAccumulationSchedulerOptions& options)
{
    check_options(options);
    std::map<int64_t, int64_t> scheduling;
    for (const auto& [epoch, factor] : options.scheduling)
        scheduling[*epoch_from(epoch)] = factor;
    return scheduling;
}

} // namespace

void describe(OptionTable<GradientAccumulationSchedulerOptions>& table)
{
    using Options = GradientAccumulationSchedulerOptions;
    table
        .add(
            "scheduling", &Options::scheduling, "Batches an optimizer step takes, from an epoch on")
        .required()
        .not_empty()
        .each_at_least(1)
        .details("An object of epoch and number, e.g. {\"0\": 1, \"4\": 2, \"8\": 4}; before the "
                 "first epoch named "
                 "it is 1. Leave accumulate_grad_batches of the trainer at 1.")
        .check([](const Json& value) -> std::string {
            for (const auto& [epoch, factor] : value.items()) {
                if (!epoch_from(epoch))
                    return fmt::format(
                        "expected epochs as whole numbers >= 0, found \"{}\"", epoch);
            }
            return {};
        });
}

GradientAccumulationScheduler::GradientAccumulationScheduler(
    const GradientAccumulationSchedulerOptions& options)
    : GradientAccumulationScheduler(scheduling_from(options))
{
}

GradientAccumulationScheduler::GradientAccumulationScheduler(std::map<int64_t, int64_t> scheduling)
    : scheduling_(std::move(scheduling))
{
    if (scheduling_.empty())
        throw MisconfigurationError(
            "GradientAccumulationScheduler: scheduling is empty; name an epoch and a number");
    for (const auto& [epoch, factor] : scheduling_) {
        if (epoch < 0 || factor < 1)
            throw MisconfigurationError(
                fmt::format("GradientAccumulationScheduler: scheduling has {}: {}; expected an "
                            "epoch >= 0 and a number >= 1",
                    epoch, factor));
    }
    scheduling_.try_emplace(0, 1);
}

int64_t GradientAccumulationScheduler::get_accumulate_grad_batches(int64_t epoch) const
{
    const auto after = scheduling_.upper_bound(epoch);
    return after == scheduling_.begin() ? 1 : std::prev(after)->second;
}

void GradientAccumulationScheduler::set_factor(Trainer& trainer)
{
    factor_ = get_accumulate_grad_batches(trainer.current_epoch());
    trainer.live().accumulate_grad_batches = factor_;
}

void GradientAccumulationScheduler::on_train_start(Trainer& trainer, LightningModule& module)
{
    if (!module.automatic_optimization)
        throw MisconfigurationError("GradientAccumulationScheduler: the model optimizes by hand "
                                    "(automatic_optimization = false) and decides itself when to "
                                    "step; remove the callback");
    const auto said = trainer.live().accumulate_grad_batches;
    if (said != 1 && said != factor_)
        throw MisconfigurationError(
            fmt::format("accumulate_grad_batches = {} while callbacks has a "
                        "GradientAccumulationScheduler; remove one of them",
                said));
    if (has_open_epoch(trainer)) // resumed within it
        set_factor(trainer);
}

void GradientAccumulationScheduler::on_train_epoch_start(Trainer& trainer, LightningModule&)
{
    set_factor(trainer);
}

} // namespace leyden
