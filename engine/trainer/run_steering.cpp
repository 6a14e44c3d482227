// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/trainer/run_steering.h"

#include "engine/callbacks/callback.h"
#include "engine/callbacks/early_stopping.h"
#include "engine/checkpoint/checkpoint_writer.h"
#include "engine/core/errors.h"
#include "engine/core/generators.h"
#include "engine/core/number_text.h"
#include "engine/core/overloaded.h"
#include "engine/loops/fit_loop.h"
#include "engine/optim/optimizer.h"
#include "engine/trainer/requeue.h"
#include "engine/trainer/run_command_text.h"
#include "engine/trainer/trainer.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <limits>
#include <tuple>
#include <utility>

#include <csignal>

namespace leyden {
namespace {
constexpr auto progress_period = std::chrono::milliseconds(100);

/// Epoch and batch after which something is carried out; batch -1: before the first one of the
/// epoch.
using Place = std::pair<int64_t, int64_t>;

Place place_of(const Trainer& trainer)
{
    const auto& loop = trainer.fit_loop();
    const auto& epochs = loop.epoch_progress.current;
    return {trainer.current_epoch(),
        epochs.ready == epochs.completed ? -1 : loop.epoch_loop.batch_idx()};
}

template <class CarryOut>
void replay_until(const Place& here, const std::vector<ReplayedCommand>& replay, size_t& next,
    Trainer& trainer, const CarryOut& carry_out)
{
    while (next < replay.size()) {
        const auto& one = replay[next];
        const Place place(one.epoch, one.batch_idx);
        if (place > here)
            break;
        ++next;
        if (place == here)
            carry_out(one.command);
        else
            trainer.warn(fmt::format("replay: batch {} of epoch {}, where an event belongs, "
                                     "was not part of this run; it is left out",
                one.batch_idx, one.epoch));
    }
}

/// Of a command that can do nothing once the last batch is trained.
bool needs_training(const RunCommand& command)
{
    if (const auto* stop = std::get_if<StopCommand>(&command))
        return stop->verb != StopVerb::SaveAndStop && stop->verb != StopVerb::Discard;
    return std::holds_alternative<SetOptionCommand>(command);
}
} // namespace

void RunSteering::begin(bool is_within_epoch)
{
    leaves_epoch_ = leaves_run_ = leaves_after_epoch_ = leaves_after_checkpoint_ = false;
    is_validating_in_pause_ = false;
    last_progress_ = {};
    const auto& loop = trainer_.fit_loop().epoch_loop;
    // Commands of the replay that lie before the point where this run resumes were carried out
    // then.
    const Place reached(
        trainer_.current_epoch(), is_within_epoch ? loop.batch_progress.current.completed : -1);
    replayed_ = 0;
    while (replayed_ < replay.size()
        && Place(replay[replayed_].epoch, replay[replayed_].batch_idx) < reached)
        ++replayed_;
    if (const std::filesystem::path from = trainer_.resumed_from(); !from.empty())
        record({.event = "resume", .option = from.filename().string()}, "user");
    if (!is_within_epoch)
        replay_until(reached, replay, replayed_, trainer_,
            [this](const RunCommand& command) { carry_out(command, "replay"); });
}

void RunSteering::between_batches()
{
    auto& trainer = trainer_;
    if (trainer.has_checkpoint_news()) [[unlikely]]
        trainer.deliver_checkpoint_news();
    if (replayed_ < replay.size()) [[unlikely]]
        replay_until(place_of(trainer), replay, replayed_, trainer,
            [this](const RunCommand& command) { carry_out(command, "replay"); });
    if (auto* control = trainer.control(); control && control->has_news()) [[unlikely]] {
        check_interrupt();
        for (const auto& command : control->take())
            carry_out(command, "user");
        const bool was_paused = control->is_paused() && !leaves_run();
        if (was_paused)
            begin_pause(StageKind::Training,
                trainer.fit_loop().epoch_loop.batch_progress.current.completed,
                trainer.fit_loop().max_batches);
        while (control->is_paused() && !leaves_run()) {
            hold(
                [&] { control->wait_while_paused([&] { return trainer.has_checkpoint_news(); }); });
            if (trainer.has_checkpoint_news())
                trainer.deliver_checkpoint_news();
            for (const auto& command : control->take())
                carry_out(command, "user");
        }
        check_interrupt();
        if (was_paused && !leaves_run())
            record({.event = "resume"}, "user");
    }
    const auto& loop = trainer.fit_loop();
    if (loop.speed.now() - last_progress_ >= progress_period)
        tell_progress(StageKind::Training, loop.epoch_loop.batch_progress.current.completed,
            loop.max_batches);
}

void RunSteering::check_interrupt()
{
    auto* control = trainer_.control();
    const int signal = control ? control->interrupted_by() : 0;
    // that one waits for the training
    if (signal == 0 || (signal == SIGUSR1 && trainer_.sanity_checking()))
        return;
    if (signal != SIGUSR1 || requeue_job(trainer_))
        throw RunInterrupted(signal);
    if (control->interrupted_by() == SIGUSR1)
        control->interrupt(0); // and train on
    else                       // told to end meanwhile
        throw RunInterrupted(control->interrupted_by());
}

void RunSteering::in_evaluation(StageKind stage, int64_t batch, int64_t batches)
{
    if (trainer_.has_checkpoint_news()) [[unlikely]]
        trainer_.deliver_checkpoint_news();
    auto* control = trainer_.control();
    if (control && control->has_news()) [[unlikely]] {
        check_interrupt();
        if (!is_validating_in_pause_ && control->holds()) {
            // Commands wait until the evaluation is over, but for stops, which end the pause.
            begin_pause(stage, batch, batches);
            hold([control] { control->wait_while_held(); });
            check_interrupt();
            record({.event = "resume"}, "user");
        }
    }
    if (trainer_.clock().monotonic() - last_progress_ >= progress_period)
        tell_progress(stage, batch, batches);
}

void RunSteering::begin_pause(StageKind stage, int64_t batch, int64_t batches)
{
    tell_progress(stage, batch, batches); // where it holds, not where it was 0.1 s ago
    record({.event = "pause"}, "user");
}

template <class Wait> void RunSteering::hold(const Wait& wait)
{
    const auto before = trainer_.clock().monotonic();
    wait();
    const auto held = trainer_.clock().monotonic() - before;
    trainer_.paused_ += held;
    trainer_.fit_loop().last_validation += held; // a time-based interval does not run on
    trainer_.fit_loop().speed.leave_out(before);
}

void RunSteering::save_later(const std::string& name)
{
    CheckpointEvent event{.path = (trainer_.log_dir() / "checkpoints" / name).string(),
        .epoch = trainer_.current_epoch(),
        .global_step = trainer_.global_step()};
    auto state = trainer_.try_dump_checkpoint(/*weights_only=*/false);
    if (!state)
        return;
    CheckpointJob job;
    job.file = event.path;
    job.state = std::move(*state);
    job.done = [this, event = std::move(event)](const CheckpointOutcome& outcome) mutable {
        if (outcome.result == CheckpointOutcome::Result::Failed) {
            trainer_.checkpoint_failed(outcome.failure);
            return;
        }
        trainer_.checkpoint_written();
        event.bytes = outcome.bytes;
        trainer_.tell(event);
    };
    trainer_.schedule_checkpoints({std::move(job)});
}

bool RunSteering::save(const std::string& name)
{
    const auto file = trainer_.log_dir() / "checkpoints" / name;
    try {
        trainer_.save_checkpoint(file);
    } catch (const CheckpointError& error) { // no hand may end a run by a full disk
        trainer_.checkpoint_failed(error.what());
        return false;
    } catch (const FileError& error) {
        trainer_.checkpoint_failed(error.what());
        return false;
    }
    std::error_code failure;
    const auto bytes = std::filesystem::file_size(file, failure);
    trainer_.tell(CheckpointEvent{.path = file.string(),
        .epoch = trainer_.current_epoch(),
        .global_step = trainer_.global_step(),
        .bytes = failure ? 0 : int64_t(bytes)});
    return true;
}

void RunSteering::stop(StopVerb verb, const char* by)
{
    if (verb == StopVerb::SaveAndStop && !save("stopped.ckpt")) {
        record({.event = "stop_failed", .option = to_string(verb)}, by);
        trainer_.warn("save and stop: without its checkpoint the run is not stopped; make room and "
                      "try again, or choose "
                      "another way to stop");
        return;
    }
    if (verb == StopVerb::AfterCheckpoint)
        trainer_.wait_for_checkpoints(); // those of before the click are not the next one
    record({.event = "stop", .option = to_string(verb)}, by);
    trainer_.stopped_by_ = verb;
    if (verb == StopVerb::AfterEpoch)
        leaves_after_epoch_ = true;
    else if (verb == StopVerb::AfterCheckpoint)
        leaves_after_checkpoint_ = true;
    else
        leaves_epoch_ = true;
    if (auto* control = trainer_.control(); control && control->is_paused() && ends_pause(verb))
        control->resume();
}

void RunSteering::carry_out(const RunCommand& command, const char* by)
{
    const auto& trainer = trainer_;
    std::visit(Overloaded{
                   [&](const StopCommand& wanted) { stop(wanted.verb, by); },
                   [&](const CheckpointCommand&) {
                       record({.event = "checkpoint"}, by);
                       save_later(fmt::format("manual-epoch={}-step={}.ckpt",
                           trainer.current_epoch(), trainer.global_step()));
                   },
                   [&](const ValidateCommand&) {
                       record({.event = "validate"}, by);
                       validate_now();
                   },
                   [&](const SetOptionCommand& set) {
                       set_option(set, by);
                       if (const auto* control = trainer.control(); control && control->is_paused())
                           tell_progress(StageKind::Training, // what is left may have changed
                               trainer.fit_loop().epoch_loop.batch_progress.current.completed,
                               trainer.fit_loop().max_batches);
                   },
               },
        command);
}

void RunSteering::set_option(const SetOptionCommand& command, const char* by)
{
    const auto value = command.value;
    const bool is_count = command.option != "lr" && command.option != "gradient_clip_val";
    const double least = command.option == "max_epochs" ? -1
        : command.option == "accumulate_grad_batches"   ? 1
                                                        : 0;
    constexpr double most = 1e15; // counts stay exact
    if (!(value >= least) || !std::isfinite(value) || (is_count && value > most)
        || (is_count && value != std::floor(value))) {
        trainer_.warn(fmt::format("{} = {}: expected a{} number >= {}; the change was not made",
            command.option, python_repr(value), is_count ? " whole" : "", least));
        return;
    }
    bool is_known = false;
    if (command.option == "lr") {
        is_known = true;
        for (auto& optimizer : trainer_.optimizers()) {
            for (auto& group : optimizer->param_groups())
                group.lr = value;
        }
    } else if (!trainer_.is_automatic_optimization()
        && (command.option == "gradient_clip_val" || command.option == "accumulate_grad_batches")) {
        is_known = false; // the module does both by hand
    } else if (set_live(command.option, value)) {
        is_known = true;
        changed_[command.option] = value;
    }
    if (!is_known) {
        trainer_.warn(fmt::format("'{}' cannot be changed while this run goes on", command.option));
        return;
    }
    record({.event = "set",
               .option = command.option,
               .value = is_count ? std::to_string(int64_t(value)) : json_number(value)},
        by);
}

bool RunSteering::set_live(const std::string& option, double value)
{
    auto& live = trainer_.live();
    if (option == "gradient_clip_val")
        live.gradient_clip_val = value > 0.0 ? std::optional(value) : std::nullopt;
    else if (option == "log_every_n_steps")
        live.log_every_n_steps = int64_t(value);
    else if (option == "max_epochs")
        live.max_epochs = int64_t(value);
    else if (option == "accumulate_grad_batches")
        live.accumulate_grad_batches = int64_t(value);
    else
        return option == "patience" && set_patience(int64_t(value));
    return true;
}

/// False: there is no EarlyStopping.
bool RunSteering::set_patience(int64_t patience)
{
    bool is_set = false;
    for (const auto& callback : trainer_.callbacks()) {
        if (auto* stopping = dynamic_cast<EarlyStopping*>(callback.get())) {
            stopping->set_patience(patience);
            is_set = true;
        }
    }
    return is_set;
}

StateTree RunSteering::state_dict() const
{
    auto state = StateTree::dict();
    for (const auto& [option, value] : changed_)
        state.set(option, value);
    return state;
}

void RunSteering::load_state_dict(const StateTree& state)
{
    for (const auto& [key, value] : state.entries()) {
        const auto& option = std::get<std::string>(key);
        if (set_live(option, value.to_double()))
            changed_[option] = value.to_double();
    }
}

void RunSteering::validate_now()
{
    if (!trainer_.enable_validation()) {
        trainer_.warn("there is nothing to validate: the run has no validation data, or "
                      "limit_val_batches is 0");
        return;
    }
    const GeneratorGuard guard; // beside the run: it must not change what comes after
    const auto loop_iter = trainer_.connector().loop_iter();
    auto& loop = trainer_.fit_loop().epoch_loop;
    trainer_.state_.stage = RunningStage::Validating;
    trainer_.is_beside_the_run_ = true;
    is_validating_in_pause_ = trainer_.control() && trainer_.control()->is_paused();
    const auto before = trainer_.clock().monotonic();
    loop.val_loop.run();
    trainer_.is_beside_the_run_ = false;
    trainer_.fit_loop().speed.leave_out(before);
    trainer_.state_.stage = RunningStage::Training;
    trainer_.phase = LoopPhase::BatchDone;
    trainer_.connector().set_results(&loop.results);
    trainer_.connector().set_loop_iter(loop_iter);
    if (std::exchange(is_validating_in_pause_, false)) // where the run holds, not where the
                                                       // validation ended
        tell_progress(StageKind::Training, loop.batch_progress.current.completed,
            trainer_.fit_loop().max_batches);
}

void RunSteering::record(InterventionEvent event, const char* by)
{
    event.by = by;
    std::tie(event.epoch, event.batch_idx) = place_of(trainer_);
    event.global_step = trainer_.global_step();
    event.seconds = trainer_.seconds();
    trainer_.tell(event);
}

void RunSteering::after_epoch()
{
    // What was sent since the last batch, its validation or the end of training began.
    const bool is_over = trainer_.state().stage == RunningStage::None;
    if (replayed_ < replay.size())
        replay_until(place_of(trainer_), replay, replayed_, trainer_,
            [this](const RunCommand& command) { carry_out(command, "replay"); });
    if (auto* control = trainer_.control(); control && control->has_news()) {
        for (const auto& command : control->take()) {
            if (is_over && needs_training(command))
                trainer_.warn(came_too_late(command, "training had ended"));
            else
                carry_out(command, "user");
        }
    }
    if (leaves_after_epoch_)
        leaves_run_ = true;
    if (is_over && replayed_ < replay.size())
        trainer_.warn(fmt::format(
            "replay: {} of {} events belong behind the end of this run; they are left out",
            replay.size() - replayed_, replay.size()));
}

void RunSteering::checkpoint_written()
{
    if (leaves_after_checkpoint_)
        leaves_epoch_ = true;
}

double RunSteering::remaining_seconds() const
{
    const auto& loop = trainer_.fit_loop();
    const auto done = loop.speed.batches();
    if (done == 0)
        return -1.0;
    const auto& plan = trainer_.plan();
    const auto total_done = double(done + loop.speed.batches_before());
    double goal = -1.0;
    if (plan.live.max_epochs != -1 && loop.max_batches != unknown_size) {
        const auto batches = double(std::max<int64_t>(loop.max_batches, 1));
        // an epoch that has begun is finished, whatever max_epochs was set to meanwhile
        goal = batches * std::max(double(plan.live.max_epochs), std::ceil(total_done / batches));
    }
    if (plan.max_steps != -1) {
        const auto left = double(plan.max_steps - trainer_.global_step())
            * double(plan.live.accumulate_grad_batches);
        goal = goal < 0 ? total_done + left : std::min(goal, total_done + left);
    }
    if (goal < 0)
        return -1.0;
    return std::max(0.0, goal - total_done) * trainer_.active_seconds() / double(done);
}

std::vector<std::pair<std::string, double>> RunSteering::live_values() const
{
    std::vector<std::pair<std::string, double>> values;
    const auto& live = trainer_.plan().live;
    if (!trainer_.optimizers().empty())
        values.emplace_back("lr", trainer_.optimizers().front()->param_groups().front().lr);
    values.emplace_back("gradient_clip_val",
        live.gradient_clip_val.value_or(std::numeric_limits<double>::quiet_NaN()));
    values.emplace_back("log_every_n_steps", double(live.log_every_n_steps));
    for (const auto& callback : trainer_.callbacks()) {
        if (const auto* stopping = dynamic_cast<const EarlyStopping*>(callback.get()))
            values.emplace_back("patience", double(stopping->patience()));
    }
    values.emplace_back("max_epochs", double(live.max_epochs));
    return values;
}

void RunSteering::tell_progress(StageKind stage, int64_t batch, int64_t batches)
{
    last_progress_ = trainer_.clock().monotonic();
    if (const auto times = cpu_times())
        cpu_wait_.sample(*times);
    const auto& loop = trainer_.fit_loop();
    const auto& plan = trainer_.plan();
    ProgressEvent event{.stage = stage,
        .epoch = trainer_.current_epoch(),
        .max_epochs = plan.live.max_epochs,
        .batch = batch,
        .batches = batches == unknown_size ? -1 : batches,
        .global_step = trainer_.global_step(),
        .max_steps = plan.max_steps,
        .seconds = trainer_.seconds(),
        .active_seconds = trainer_.active_seconds(),
        .batches_per_second = loop.speed.batches_per_second(),
        .data_wait_share = loop.speed.wait_share(),
        .cpu_wait_share = cpu_wait_.share(),
        .cpu_is_shared = cpu_wait_.is_shared(),
        .remaining_seconds = remaining_seconds(),
        .bar = {},
        .live = live_values()};
    trainer_.progress_bar_metrics().for_each(
        [&](const std::string& name, const LoggedValue& value) {
            event.bar.emplace_back(name, value.read());
        });
    trainer_.tell(event);
}

} // namespace leyden
