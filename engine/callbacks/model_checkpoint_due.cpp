// SPDX-License-Identifier: GPL-3.0-or-later
// ModelCheckpoint's part that knows before a run whether its options can work in it.
#include "engine/callbacks/model_checkpoint.h"

#include "engine/callbacks/checkpoint_name.h"
#include "engine/core/errors.h"
#include "engine/loops/fit_loop.h"
#include "engine/trainer/run_checks.h"
#include "engine/trainer/trainer.h"
#include "engine/trainer/trainer_plan.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <limits>
#include <numeric>

namespace leyden {

/// Why no save can be due in this run; empty: one can, or it is not known. Batches are counted from
/// the start of the run.
std::string ModelCheckpoint::why_never_due(Trainer& trainer) const
{
    const auto& plan = trainer.plan();
    const auto& loop = trainer.fit_loop();
    if ((options_.save_top_k == 0 && !wants_last()) || plan.fast_dev_run > 0
        || loop.max_batches == 0)
        return {};
    const auto steps = trainer.estimated_stepping_batches();
    if (every_n_train_steps_ > 0)
        return steps != -1 && steps < every_n_train_steps_
            ? fmt::format("every_n_train_steps = {}, and the run has {} optimizer steps",
                  every_n_train_steps_, steps)
            : std::string();
    if (every_n_epochs_ <= 0)
        return train_time_interval_ ? "" : "all of its triggers are 0";
    const bool is_stream = loop.max_batches == unknown_size;
    constexpr int64_t without_end = std::numeric_limits<int64_t>::max() / 4;
    int64_t batches = without_end;
    if (plan.live.max_epochs != -1 && !is_stream)
        batches = plan.live.max_epochs * loop.max_batches;
    if (plan.max_steps != -1)
        batches = std::min(batches, plan.max_steps * plan.live.accumulate_grad_batches);
    if (saves_on_train_epoch_end(trainer)) {
        const auto epochs = !is_stream   ? (batches + loop.max_batches - 1) / loop.max_batches
            : plan.live.max_epochs != -1 ? plan.live.max_epochs
                                         : without_end;
        return epochs < every_n_epochs_
            ? fmt::format("every_n_epochs = {}, and the run has {} epochs", every_n_epochs_, epochs)
            : std::string();
    }
    if (!trainer.enable_validation() || loop.epoch_loop.val_loop.max_batches() == 0)
        return "it saves after validation, and this run does not validate; set "
               "save_on_train_epoch_end = true";
    if (is_stream || plan.val_check_interval.kind == ValidationInterval::Kind::Time)
        return {};
    const auto every = plan.check_val_every_n_epoch;
    const auto first = every
        ? (std::lcm(*every, every_n_epochs_) - 1) * loop.max_batches + loop.val_check_batch
        : std::max(loop.val_check_batch, (every_n_epochs_ - 1) * loop.max_batches + 1);
    return first > batches
        ? fmt::format(
              "it saves after validation, the first that counts comes after {} batches, and "
              "the run has {}; lower val_check_interval, check_val_every_n_epoch or "
              "every_n_epochs",
              first, batches)
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
    if (!options_.filename)
        return;
    std::vector<NameValue> values{{"epoch", 0.0, true}, {"step", 0.0, true}};
    for (const auto& metric : facts.names)
        values.push_back({metric, 0.5, false});
    try {
        const auto unknown = names_in_template(*options_.filename, values);
        format_checkpoint_name(*options_.filename, values, options_.auto_insert_metric_name);
        if (facts.knows_all_names && !unknown.empty())
            problems.warn("filename",
                fmt::format("filename = '{}': nothing logs {}, so 0 is written for it",
                    *options_.filename, fmt::join(unknown, ", ")));
    } catch (const MisconfigurationError& error) {
        problems.error("filename", error.what());
    }
}

} // namespace leyden
