// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/callbacks/timer.h"

#include "engine/trainer/trainer.h"
#include "engine/trainer/trainer_plan.h"

#include <spdlog/fmt/fmt.h>

#include <utility>

namespace leyden {

void describe(OptionTable<TimerOptions>& table)
{
    using Options = TimerOptions;
    table.add("duration", &Options::duration, "Time after which training ends, as \"DD:HH:MM:SS\"")
        .pattern("\\s*\\d+:\\d\\d:\\d\\d:\\d\\d\\s*", "a time \"DD:HH:MM:SS\"")
        .keys({"days", "hours", "minutes", "seconds", "weeks", "milliseconds", "microseconds"})
        .each_at_least(0)
        .details("Or an object with days, hours, minutes, seconds. Unset: the time is measured, "
                 "and nothing ends.");
    table.add("interval", &Options::interval, "When the time is looked at")
        .choices({{"step", TimerInterval::Step}, {"epoch", TimerInterval::Epoch}})
        .details("step: after every batch; epoch: at the end of every epoch.");
    table.add("verbose", &Options::verbose, "Write a line when the time is used up").advanced();
}

Timer::Timer(const TimerOptions& options) : interval_(options.interval), verbose_(options.verbose)
{
    if (options.duration)
        duration_
            = std::chrono::duration<double>(parse_duration(*options.duration, "duration")).count();
}

Timer::Timer(Clock::Duration duration)
    : duration_(std::chrono::duration<double>(duration).count())
    , interval_(TimerInterval::Step)
    , verbose_(true)
{
}

double Timer::now() const
{
    const auto clock = std::chrono::duration<double>(trainer_->clock().monotonic()).count();
    return clock - (trainer_->seconds() - trainer_->active_seconds());
}

void Timer::begin(Stage stage)
{
    spans_[size_t(stage)] = {.start = now(), .end = {}};
}

void Timer::finish(Stage stage)
{
    spans_[size_t(stage)].end = now();
}

std::optional<double> Timer::start_time(Stage stage) const
{
    return span(stage).start;
}

std::optional<double> Timer::end_time(Stage stage) const
{
    return span(stage).end;
}

double Timer::time_elapsed(Stage stage) const
{
    const auto& [start, end] = span(stage);
    const auto before = stage == Stage::Train ? offset_ : 0.0;
    if (!start)
        return stage == Stage::Train ? before : before_[size_t(stage)];
    return (end ? *end : now()) - *start + before;
}

std::optional<double> Timer::time_remaining(Stage stage) const
{
    return duration_ ? std::optional(*duration_ - time_elapsed(stage)) : std::nullopt;
}

bool Timer::is_used_up() const
{
    return duration_ && trainer_ && time_elapsed() >= *duration_;
}

void Timer::check(Trainer& trainer)
{
    if (!is_used_up())
        return;
    if (!std::exchange(trainer.should_stop, true) && verbose_)
        trainer.message(MessageEvent::Level::Info,
            fmt::format("the time is used up ({:.0f} s of {:.0f} s); training stops",
                time_elapsed(), *duration_));
}

void Timer::setup(Trainer& trainer, LightningModule&, TrainerFn)
{
    trainer_ = &trainer;
}

void Timer::on_fit_start(Trainer& trainer, LightningModule&)
{
    if (duration_)
        check(trainer);
}

void Timer::on_train_start(Trainer&, LightningModule&)
{
    begin(Stage::Train);
}

void Timer::on_train_end(Trainer&, LightningModule&)
{
    finish(Stage::Train);
}

void Timer::on_train_batch_end(
    Trainer& trainer, LightningModule&, const StateTree&, const Batch&, int64_t)
{
    if (duration_ && interval_ == TimerInterval::Step)
        check(trainer);
}

void Timer::on_train_epoch_end(Trainer& trainer, LightningModule&)
{
    if (duration_ && interval_ == TimerInterval::Epoch)
        check(trainer);
}

void Timer::on_validation_start(Trainer&, LightningModule&)
{
    begin(Stage::Validate);
}

void Timer::on_validation_end(Trainer&, LightningModule&)
{
    finish(Stage::Validate);
}

void Timer::on_test_start(Trainer&, LightningModule&)
{
    begin(Stage::Test);
}

void Timer::on_test_end(Trainer&, LightningModule&)
{
    finish(Stage::Test);
}

StateTree Timer::state_dict() const
{
    const auto elapsed = [&](Stage stage) { // Python's 0 is a whole number where nothing was
                                            // measured
        const auto seconds = time_elapsed(stage);
        return span(stage).start || seconds != 0.0 ? StateTree(seconds) : StateTree(int64_t(0));
    };
    return StateTree::dict({{"time_elapsed",
        StateTree::dict({{"train", elapsed(Stage::Train)}, {"sanity_check", int64_t(0)},
            {"validate", elapsed(Stage::Validate)}, {"test", elapsed(Stage::Test)},
            {"predict", int64_t(0)}})}});
}

void Timer::load_state_dict(const StateTree& state)
{
    const auto* elapsed = state.find("time_elapsed");
    const auto* train = elapsed ? elapsed->find("train") : nullptr;
    offset_ = train ? train->to_double() : 0.0;
}

StateTree Timer::resume_state() const
{
    return StateTree::dict(
        {{"validate", time_elapsed(Stage::Validate)}, {"test", time_elapsed(Stage::Test)}});
}

void Timer::load_resume_state(const StateTree& state)
{
    before_[size_t(Stage::Validate)] = state.at("validate").to_double();
    before_[size_t(Stage::Test)] = state.at("test").to_double();
}

} // namespace leyden
