// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/callbacks/early_stopping.h"

#include "engine/core/errors.h"
#include "engine/core/number_text.h"
#include "engine/loops/fit_loop.h"
#include "engine/trainer/run_checks.h"
#include "engine/trainer/trainer.h"

#include <spdlog/fmt/fmt.h>

#include <cmath>
#include <limits>
#include <utility>

namespace leyden {

void describe(OptionTable<EarlyStoppingOptions>& table)
{
    using Options = EarlyStoppingOptions;
    table.add("monitor", &Options::monitor, "Metric to watch, as logged")
        .required()
        .names_of(NamesOf::Metrics);
    table.add("min_delta", &Options::min_delta, "Smallest change that counts as better")
        .at_least(0)
        .unit("of the metric");
    table.add("patience", &Options::patience, "Checks without improvement before the stop")
        .at_least(0);
    table.add("verbose", &Options::verbose, "Write a line for each improvement").advanced();
    table.add("mode", &Options::mode, "Whether smaller or larger is better")
        .choices({{"min", MonitorMode::Min}, {"max", MonitorMode::Max}});
    table.add("strict", &Options::strict, "Fail where the metric is not logged").advanced();
    table.add("check_finite", &Options::check_finite, "Stop when the metric is NaN or infinite")
        .advanced();
    table
        .add("stopping_threshold", &Options::stopping_threshold,
            "Stop at once when the metric is better than this")
        .non_finite({"Infinity", "-Infinity"})
        .advanced();
    table
        .add("divergence_threshold", &Options::divergence_threshold,
            "Stop at once when the metric is worse than this")
        .non_finite({"Infinity", "-Infinity"})
        .advanced();
    table
        .add("check_on_train_epoch_end", &Options::check_on_train_epoch_end,
            "Check at the end of training epochs instead of after validation; unset: when "
            "validation runs once an epoch")
        .advanced();
    table
        .add("log_rank_zero_only", &Options::log_rank_zero_only,
            "Write lines on the first process only")
        .advanced();
}

EarlyStopping::EarlyStopping(EarlyStoppingOptions options)
    : options_(std::move(options))
    , best_score_{options_.mode == MonitorMode::Min ? std::numeric_limits<double>::infinity()
                                                    : -std::numeric_limits<double>::infinity()}
{
    if (options_.monitor.empty())
        throw MisconfigurationError(
            "EarlyStopping: monitor is empty; name the metric to watch, e.g. val_loss");
    if (options_.patience < 0)
        throw MisconfigurationError(
            fmt::format("EarlyStopping: patience = {}: expected a number >= 0", options_.patience));
    options_.min_delta = std::abs(options_.min_delta);
}

std::string EarlyStopping::state_key() const
{
    return fmt::format("EarlyStopping{{'monitor': '{}', 'mode': '{}'}}", options_.monitor,
        options_.mode == MonitorMode::Min ? "min" : "max");
}

void EarlyStopping::setup(Trainer& trainer, LightningModule&, TrainerFn)
{
    const auto& plan = trainer.plan();
    has_asked_for_stop_ = is_pending_ = was_pending_ = false;
    checks_on_train_epoch_end_ = options_.check_on_train_epoch_end.value_or(
        plan.val_check_interval.is_whole_epoch() && plan.check_val_every_n_epoch == 1);
}

void EarlyStopping::on_train_start(Trainer& trainer, LightningModule&)
{
    if (std::exchange(was_pending_, false) && holds_verdict())
        ask_for_stop(trainer);
}

void EarlyStopping::check_run(const RunFacts& facts, RunProblems& problems) const
{
    const auto& plan = *facts.plan;
    if (plan.fast_dev_run > 0)
        return;
    const bool checks_epochs = options_.check_on_train_epoch_end.value_or(
        plan.val_check_interval.is_whole_epoch() && plan.check_val_every_n_epoch == 1);
    facts.check_metric({.name = options_.monitor,
                           .watcher = name(),
                           .is_strict = options_.strict,
                           .needs_value = checks_epochs,
                           .also = {}},
        problems);
    const auto why = facts.why_no_validation();
    const bool is_known = facts.knows(options_.monitor);
    if (!checks_epochs && !why.empty() && is_known && !facts.is_of_validation(options_.monitor))
        problems.warn("monitor",
            fmt::format("EarlyStopping looks at '{}' after each validation, and none runs ({}): it "
                        "never stops the run; set check_on_train_epoch_end = true",
                options_.monitor, why));
    if (checks_epochs && why.empty() && facts.is_of_validation(options_.monitor)
        && !facts.is_resumed && plan.check_val_every_n_epoch.value_or(1) != 1)
        problems.error("check_on_train_epoch_end",
            fmt::format("EarlyStopping looks at '{}' at the end of the first epoch, and "
                        "check_val_every_n_epoch = {} gives it only later; leave "
                        "check_on_train_epoch_end unset",
                options_.monitor, *plan.check_val_every_n_epoch));
}

void EarlyStopping::on_train_epoch_end(Trainer& trainer, LightningModule&)
{
    if (checks_on_train_epoch_end_)
        check(trainer);
}

void EarlyStopping::on_validation_end(Trainer& trainer, LightningModule&)
{
    if (!checks_on_train_epoch_end_)
        check(trainer);
}

bool EarlyStopping::is_better(double a, double b) const
{
    return options_.mode == MonitorMode::Min ? a < b : a > b;
}

std::string EarlyStopping::threshold_text(const char* which, double current, double threshold) const
{
    return fmt::format("{} threshold reached: {} = {} {} {}. Signaling Trainer to stop.", which,
        options_.monitor, python_repr(current), options_.mode == MonitorMode::Min ? "<" : ">",
        python_repr(threshold));
}

bool EarlyStopping::reaches_stopping_threshold(const Score& score) const
{
    return options_.stopping_threshold
        && is_better(score.value, score.rounded(*options_.stopping_threshold));
}

bool EarlyStopping::reaches_divergence_threshold(const Score& score) const
{
    return options_.divergence_threshold
        && is_better(-score.value, -score.rounded(*options_.divergence_threshold));
}

bool EarlyStopping::holds_verdict() const
{
    switch (reason_) {
    case EarlyStoppingReason::NotStopped:
        return false;
    case EarlyStoppingReason::StoppingThreshold:
        return last_score_ ? reaches_stopping_threshold(*last_score_)
                           : options_.stopping_threshold.has_value();
    case EarlyStoppingReason::DivergenceThreshold:
        return last_score_ ? reaches_divergence_threshold(*last_score_)
                           : options_.divergence_threshold.has_value();
    case EarlyStoppingReason::PatienceExhausted:
        return wait_count_ >= options_.patience;
    case EarlyStoppingReason::NonFiniteMetric:
        return options_.check_finite;
    }
    return true;
}

std::string EarlyStopping::how_to_train_on() const
{
    switch (reason_) {
    case EarlyStoppingReason::StoppingThreshold:
        return "change its stopping_threshold";
    case EarlyStoppingReason::DivergenceThreshold:
        return "change its divergence_threshold";
    case EarlyStoppingReason::NonFiniteMetric:
        return "set its check_finite = false";
    default:
        return "raise its patience";
    }
}

// The texts are Lightning's to the letter: they stand in checkpoints, and are compared.
EarlyStoppingReason EarlyStopping::evaluate(const Score& score)
{
    using Reason = EarlyStoppingReason;
    const auto current = score.value;
    if (options_.check_finite && !std::isfinite(current)) {
        reason_text_ = fmt::format("Monitored metric {} = {} is not finite. Previous best value "
                                   "was {:.3f}. Signaling Trainer to stop.",
            options_.monitor, python_repr(current), best_score_.value);
        return Reason::NonFiniteMetric;
    }
    if (reaches_stopping_threshold(score)) {
        reason_text_ = threshold_text("Stopping", current, *options_.stopping_threshold);
        return Reason::StoppingThreshold;
    }
    if (reaches_divergence_threshold(score)) {
        reason_text_ = threshold_text("Divergence", current, *options_.divergence_threshold);
        return Reason::DivergenceThreshold;
    }
    // As Lightning compares: the score less min_delta, in the score's own precision, against the
    // best.
    const auto delta = options_.mode == MonitorMode::Min ? -options_.min_delta : options_.min_delta;
    if (is_better(score.minus(delta), best_score_.value)) {
        best_score_ = score;
        wait_count_ = 0;
        return Reason::NotStopped;
    }
    ++wait_count_;
    if (wait_count_ < options_.patience)
        return Reason::NotStopped;
    reason_text_ = fmt::format("Monitored metric {} did not improve in the last {} records. Best "
                               "score: {:.3f}. Signaling Trainer to stop.",
        options_.monitor, wait_count_, best_score_.value);
    return Reason::PatienceExhausted;
}

void EarlyStopping::check(Trainer& trainer)
{
    if (trainer.state().fn != TrainerFn::Fit || trainer.sanity_checking()
        || trainer.is_beside_the_run() || trainer.plan().fast_dev_run > 0)
        return;
    const auto* logged = trainer.callback_metrics().find_value(options_.monitor);
    if (!logged) {
        const auto text
            = fmt::format("EarlyStopping watches '{}', which nothing has logged; there are: {}",
                options_.monitor, fmt::join(trainer.callback_metrics().names(), ", "));
        if (options_.strict)
            throw MisconfigurationError(text);
        trainer.connector().warn_once(text);
        return;
    }
    const auto best_before = best_score_.value;
    const auto current = Score::of(*logged);
    last_score_ = current;
    const auto reason = evaluate(current);
    trainer.tell(EarlyStoppingEvent{
        options_.monitor, best_score_.value, current.value, wait_count_, options_.patience});
    if (reason != EarlyStoppingReason::NotStopped) {
        reason_ = reason;
        ask_for_stop(trainer);
        stopped_epoch_ = trainer.current_epoch();
        trainer.message(MessageEvent::Level::Info, stop_prefix + reason_text_);
    } else if (is_pending_) {
        take_stop_back(trainer);
    } else if (options_.verbose && best_score_.value != best_before) {
        trainer.message(MessageEvent::Level::Info,
            fmt::format("{} improved to {:.5f}", options_.monitor, best_score_.value));
    }
}

void EarlyStopping::ask_for_stop(Trainer& trainer)
{
    has_asked_for_stop_ = true;
    auto& loop = trainer.fit_loop();
    const bool can_stop = loop.can_stop_early();
    if (can_stop)
        trainer.should_stop = true;
    const bool was_pending = std::exchange(is_pending_, !can_stop);
    loop.pending_stops += int(is_pending_) - int(was_pending);
}

void EarlyStopping::take_stop_back(Trainer& trainer)
{
    is_pending_ = has_asked_for_stop_ = false;
    --trainer.fit_loop().pending_stops;
    reason_ = EarlyStoppingReason::NotStopped;
    reason_text_.clear();
    stopped_epoch_ = 0;
    trainer.message(MessageEvent::Level::Info,
        fmt::format("the stop that EarlyStopping asked for below min_epochs or min_steps is taken "
                    "back: {} is better again ({:.5f})",
            options_.monitor, best_score_.value));
}

StateTree EarlyStopping::resume_state() const
{
    auto state = StateTree::dict();
    if (is_pending_)
        state.set("is_pending", true);
    if (last_score_ && reason_ != EarlyStoppingReason::NotStopped)
        state.set("last_score", last_score_->tensor());
    return state.entries().empty() ? StateTree() : state;
}

void EarlyStopping::load_resume_state(const StateTree& state)
{
    if (const auto* is_pending = state.find("is_pending"))
        was_pending_ = is_pending->to_bool();
    if (const auto* score = state.find("last_score"))
        last_score_ = Score::of(score->tensor());
}

StateTree EarlyStopping::state_dict() const
{
    return StateTree::dict({{"wait_count", wait_count_}, {"stopped_epoch", stopped_epoch_},
        {"best_score", best_score_.tensor()}, {"patience", options_.patience},
        {"stopping_reason", int64_t(reason_)},
        {"stopping_reason_message", reason_text_.empty() ? StateTree() : StateTree(reason_text_)}});
}

void EarlyStopping::load_state_dict(const StateTree& state)
{
    wait_count_ = state.at("wait_count").to_int();
    stopped_epoch_ = state.at("stopped_epoch").to_int();
    best_score_ = Score::of(state.at("best_score").tensor());
    if (const auto* reason = state.find("stopping_reason");
        reason && reason->is_int() && reason->to_int() >= 0 && reason->to_int() <= 4)
        reason_ = EarlyStoppingReason(reason->to_int());
    if (const auto* text = state.find("stopping_reason_message"); text && text->is_string())
        reason_text_ = text->to_string();
}

} // namespace leyden
