// SPDX-License-Identifier: GPL-3.0-or-later
// ModelCheckpoint's part that knows before a run whether its options can work in it.
#include "engine/callbacks/model_checkpoint.h"

#include "engine/callbacks/checkpoint_name.h"
#include "engine/core/errors.h"
#include "engine/trainer/run_checks.h"
#include "engine/trainer/trainer_plan.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <numeric>
#include <optional>

namespace leyden {

namespace {

/// Training batches of the whole run; unset: not known.
std::optional<int64_t> batches_of_run(const RunFacts& facts)
{
    const auto& plan = *facts.plan;
    std::optional<int64_t> batches;
    if (plan.live.max_epochs != -1 && facts.train_batches)
        batches = plan.live.max_epochs * *facts.train_batches;
    if (plan.max_steps != -1 && facts.accumulates_evenly) {
        const auto most = plan.max_steps * plan.live.accumulate_grad_batches;
        batches = std::min(batches.value_or(most), most);
    }
    return batches;
}

} // namespace

/// Whether saves come at the end of a training epoch, and not after validation.
bool ModelCheckpoint::saves_on_train_epoch_end(const TrainerPlan& plan, bool has_validation) const
{
    if (options_.save_on_train_epoch_end)
        return *options_.save_on_train_epoch_end;
    if (plan.val_check_interval.kind == ValidationInterval::Kind::Time
        || plan.check_val_every_n_epoch != 1)
        return false;
    return !has_validation || plan.val_check_interval.is_whole_epoch();
}

/// Why no save can be due in this run; empty: one can, or it is not known. Batches are counted from
/// the start of the run.
std::string ModelCheckpoint::why_never_due(const RunFacts& facts) const
{
    const auto& plan = *facts.plan;
    if ((options_.save_top_k == 0 && !wants_last()) || facts.train_batches == 0)
        return {};
    if (every_n_train_steps_ > 0) {
        const auto steps = facts.optimizer_steps();
        return steps && *steps < every_n_train_steps_
            ? fmt::format("every_n_train_steps = {}, and the run has {} optimizer steps",
                  every_n_train_steps_, *steps)
            : std::string();
    }
    if (every_n_epochs_ <= 0)
        return train_time_interval_ ? "" : "all of its triggers are 0";
    const auto batches = batches_of_run(facts);
    if (saves_on_train_epoch_end(plan, facts.val_batches != 0)) {
        auto epochs = plan.live.max_epochs != -1 ? std::optional(plan.live.max_epochs)
                                                 : std::optional<int64_t>();
        if (batches && facts.train_batches)
            epochs = (*batches + *facts.train_batches - 1) / *facts.train_batches;
        return epochs && *epochs < every_n_epochs_
            ? fmt::format(
                  "every_n_epochs = {}, and the run has {} epochs", every_n_epochs_, *epochs)
            : std::string();
    }
    if (!facts.has_validation_step || plan.limit_val_batches.is_zero() || facts.val_batches == 0)
        return "it saves after validation, and this run does not validate; set "
               "save_on_train_epoch_end = true";
    const auto& interval = plan.val_check_interval;
    if (!facts.train_batches || !batches || interval.kind == ValidationInterval::Kind::Time)
        return {};
    const auto check = interval.kind == ValidationInterval::Kind::Batches
        ? interval.batches
        : std::max<int64_t>(1, int64_t(double(*facts.train_batches) * interval.fraction));
    const auto every = plan.check_val_every_n_epoch;
    const auto first = every
        ? (std::lcm(*every, every_n_epochs_) - 1) * *facts.train_batches + check
        : std::max(check, (every_n_epochs_ - 1) * *facts.train_batches + 1);
    return first > *batches
        ? fmt::format(
              "it saves after validation, the first that counts comes after {} batches, and "
              "the run has {}; lower val_check_interval, check_val_every_n_epoch or "
              "every_n_epochs",
              first, *batches)
        : std::string();
}

void ModelCheckpoint::check_run(const RunFacts& facts, RunProblems& problems) const
{
    if (facts.plan->fast_dev_run > 0)
        return;
    if (options_.monitor && options_.save_top_k != 0)
        facts.check_metric({.name = *options_.monitor,
                               .watcher = name(),
                               .is_strict = true,
                               .needs_value = false,
                               .also = {"epoch", "step"}},
            problems);
    if (const auto why = why_never_due(facts); !why.empty() && !facts.is_resumed)
        problems.warn("", fmt::format("ModelCheckpoint will write no checkpoint: {}", why));
    if (!options_.filename)
        return;
    std::vector<NameValue> values{{"epoch", 0.0, true}, {"step", 0.0, true}};
    for (const auto& metric : facts.names)
        values.push_back({metric, 0.5, false});
    try {
        const auto unknown = names_in_template(*options_.filename, values);
        const auto name
            = format_checkpoint_name(*options_.filename, values, options_.auto_insert_metric_name);
        check_checkpoint_name(*options_.filename, name);
        if (facts.knows_all_names && !unknown.empty())
            problems.warn("filename",
                fmt::format("filename = '{}': nothing logs {}, so 0 is written for it",
                    *options_.filename, fmt::join(unknown, ", ")));
    } catch (const MisconfigurationError& error) {
        problems.error("filename", error.what());
    }
}

} // namespace leyden
