// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/callbacks/model_checkpoint.h"

#include "engine/callbacks/checkpoint_name.h"
#include "engine/core/errors.h"
#include "engine/loops/fit_loop.h"
#include "engine/trainer/trainer.h"
#include "engine/trainer/trainer_plan.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace leyden {
namespace {
constexpr const char* default_name = "{epoch}-{step}";

StateTree score_state(const std::optional<Score>& score)
{
    return score ? StateTree(score->tensor()) : StateTree();
}

std::optional<Score> score_from(const StateTree& state)
{
    return state.is_tensor() ? std::optional(Score::of(state.tensor())) : std::nullopt;
}

std::string python_text(const std::optional<std::string>& text)
{
    return text ? "'" + *text + "'" : "None";
}
} // namespace

void describe(OptionTable<ModelCheckpointOptions>& table)
{
    using Options = ModelCheckpointOptions;
    table.add("dirpath", &Options::dirpath, "Folder of the checkpoints; unset: checkpoints/ in the run folder").advanced();
    table.add("filename", &Options::filename, "Template of the file name, e.g. \"{epoch}-{val_loss:.2f}\"; unset: \"{epoch}-{step}\"");
    table.add("monitor", &Options::monitor, "Metric that decides which checkpoints are kept; unset: the newest");
    table.add("verbose", &Options::verbose, "Write a line for each checkpoint").advanced();
    table.add("save_last", &Options::save_last, "Also keep last.ckpt, the newest state").advanced();
    table.add("save_top_k", &Options::save_top_k, "How many of the best to keep; -1: all, 0: none").at_least(-1);
    table.add("save_on_exception", &Options::save_on_exception, "Save when the run fails").advanced();
    table.add("save_weights_only", &Options::save_weights_only, "Leave optimizer and loop state out; such a file cannot be resumed").advanced();
    table.add("mode", &Options::mode, "Whether smaller or larger is better")
        .choices({{"min", MonitorMode::Min}, {"max", MonitorMode::Max}});
    table.add("auto_insert_metric_name", &Options::auto_insert_metric_name, "Write name=value for each field of the template").advanced();
    table.add("every_n_train_steps", &Options::every_n_train_steps, "Save every n optimizer steps; 0: off").at_least(0).advanced();
    table.add("train_time_interval", &Options::train_time_interval, "Save when this much time has passed").advanced();
    table.add("every_n_epochs", &Options::every_n_epochs, "Save every n epochs; 0: off; unset: 1 where no other trigger is set").at_least(0);
    table.add("save_on_train_epoch_end", &Options::save_on_train_epoch_end, "Save at the end of training epochs instead of after validation").advanced();
    table.add("enable_version_counter", &Options::enable_version_counter, "Add -v1, -v2 instead of overwriting a file").advanced();
}

ModelCheckpoint::ModelCheckpoint(ModelCheckpointOptions options)
    : options_(std::move(options))
    , kth_value_{options_.mode == MonitorMode::Min ? std::numeric_limits<double>::infinity()
                                                   : -std::numeric_limits<double>::infinity()}
{
    if (options_.filename && options_.filename->empty()) // as Lightning
        options_.filename.reset();
    const auto refuse = [](const std::string& text) { throw MisconfigurationError("ModelCheckpoint: " + text); };
    if (options_.save_top_k < -1)
        refuse(fmt::format("save_top_k = {}: expected a number >= -1", options_.save_top_k));
    if (!options_.monitor && options_.save_top_k > 1)
        refuse(fmt::format("save_top_k = {} needs monitor: there is no metric to rank by", options_.save_top_k));
    if (const auto* text = options_.save_last ? std::get_if<std::string>(&*options_.save_last) : nullptr; text && *text != "link")
        refuse(fmt::format("save_last = '{}': expected true, false or \"link\"", *text));
    const bool has_trigger = options_.every_n_train_steps || options_.every_n_epochs || options_.train_time_interval;
    every_n_epochs_ = options_.every_n_epochs.value_or(has_trigger ? 0 : 1);
    every_n_train_steps_ = options_.every_n_train_steps.value_or(0);
    if (options_.train_time_interval)
        train_time_interval_ = parse_duration(*options_.train_time_interval, "train_time_interval");
    if (every_n_epochs_ < 0 || every_n_train_steps_ < 0)
        refuse("every_n_epochs and every_n_train_steps must be >= 0");
    if ((every_n_epochs_ > 0) + (every_n_train_steps_ > 0) + train_time_interval_.has_value() > 1)
        refuse("every_n_epochs, every_n_train_steps and train_time_interval exclude each other; set one");
}

std::string ModelCheckpoint::state_key() const
{
    std::string interval = "None";
    if (train_time_interval_) {
        const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(*train_time_interval_).count();
        const auto days = seconds / 86400;
        interval = days ? fmt::format("datetime.timedelta(days={}, seconds={})", days, seconds % 86400)
                        : fmt::format("datetime.timedelta(seconds={})", seconds);
    }
    return fmt::format("ModelCheckpoint{{'monitor': {}, 'mode': '{}', 'every_n_train_steps': {}, 'every_n_epochs': {}, "
                       "'train_time_interval': {}}}", python_text(options_.monitor),
        options_.mode == MonitorMode::Min ? "min" : "max", every_n_train_steps_, every_n_epochs_, interval);
}

void ModelCheckpoint::setup(Trainer& trainer, LightningModule&, TrainerFn)
{
    dirpath_ = std::filesystem::absolute(options_.dirpath ? std::filesystem::path(*options_.dirpath) : trainer.log_dir() / "checkpoints");
}

void ModelCheckpoint::on_train_start(Trainer& trainer, LightningModule&)
{
    last_time_checked_ = trainer.clock().monotonic();
}

bool ModelCheckpoint::skips(Trainer& trainer) const
{
    return trainer.state().fn != TrainerFn::Fit || trainer.sanity_checking() || trainer.is_beside_the_run()
        || trainer.plan().fast_dev_run > 0 || last_global_step_saved_ == trainer.global_step();
}

bool ModelCheckpoint::saves_on_train_epoch_end(Trainer& trainer) const
{
    if (options_.save_on_train_epoch_end)
        return *options_.save_on_train_epoch_end;
    const auto& plan = trainer.plan();
    if (plan.val_check_interval.kind == ValidationInterval::Kind::Time || plan.check_val_every_n_epoch != 1)
        return false;
    return trainer.num_val_batches() == 0 || plan.val_check_interval.is_whole_epoch();
}

void ModelCheckpoint::on_train_batch_end(Trainer& trainer, LightningModule&, const StateTree&, const Batch&, int64_t)
{
    const bool is_step_due = every_n_train_steps_ > 0 && trainer.global_step() % every_n_train_steps_ == 0;
    bool is_time_due = false;
    if (train_time_interval_) {
        const auto now = trainer.clock().monotonic();
        is_time_due = last_time_checked_ && now - *last_time_checked_ >= *train_time_interval_;
        if (is_time_due)
            last_time_checked_ = now;
    }
    if (!is_step_due && !is_time_due)
        return;
    if (options_.monitor) {
        const auto& plan = trainer.plan();
        const bool validates_now = trainer.is_last_batch() && !saves_on_train_epoch_end(trainer)
            && trainer.enable_validation() && trainer.num_val_batches() > 0
            && (!plan.check_val_every_n_epoch || (trainer.current_epoch() + 1) % *plan.check_val_every_n_epoch == 0);
        if (!trainer.callback_metrics().find_value(*options_.monitor) || validates_now) {
            waits_for_validation_ = true; // the value comes, or comes anew, with the next validation
            return;
        }
    }
    if (!skips(trainer))
        save_due(trainer);
}

void ModelCheckpoint::on_train_epoch_end(Trainer& trainer, LightningModule&)
{
    if (skips(trainer) || !saves_on_train_epoch_end(trainer))
        return;
    if (every_n_epochs_ >= 1 && (trainer.current_epoch() + 1) % every_n_epochs_ == 0)
        save_due(trainer);
}

void ModelCheckpoint::on_validation_end(Trainer& trainer, LightningModule&)
{
    if (skips(trainer) || saves_on_train_epoch_end(trainer))
        return;
    if (std::exchange(waits_for_validation_, false)
        || (every_n_epochs_ >= 1 && (trainer.current_epoch() + 1) % every_n_epochs_ == 0))
        save_due(trainer);
}

void ModelCheckpoint::on_train_end(Trainer& trainer, LightningModule&)
{
    if (wants_last() && last_checkpoint_saved_.empty() && !has_saved_before_)
        save_last(trainer, candidates(trainer));
}

void ModelCheckpoint::on_exception(Trainer& trainer, LightningModule&, const std::exception&)
{
    if (!options_.save_on_exception || trainer.plan().fast_dev_run > 0 || trainer.sanity_checking()
        || last_global_step_saved_ == trainer.global_step())
        return;
    const auto values = candidates(trainer);
    write(trainer, format_name(values, options_.filename.value_or(default_name), 0));
    save_last(trainer, values);
}

void ModelCheckpoint::save_due(Trainer& trainer)
{
    const auto values = candidates(trainer);
    save_top_k(trainer, values);
    save_last(trainer, values);
}

ModelCheckpoint::Candidates ModelCheckpoint::candidates(Trainer& trainer) const
{
    Candidates values;
    trainer.callback_metrics().for_each(
        [&](const std::string& name, const LoggedValue& value) { values.emplace_back(name, value.read()); });
    const auto put = [&](const char* name, int64_t value) {
        const auto found = std::find_if(values.begin(), values.end(), [&](const auto& v) { return v.first == name; });
        if (found == values.end())
            values.emplace_back(name, double(value));
    };
    put("epoch", trainer.current_epoch());
    put("step", trainer.global_step());
    return values;
}

std::string ModelCheckpoint::format_name(const Candidates& values, const std::string& pattern, int version) const
{
    std::vector<NameValue> named;
    for (const auto& [name, value] : values)
        named.push_back({name, value, name == "epoch" || name == "step"});
    auto text = format_checkpoint_name(pattern, named, options_.auto_insert_metric_name);
    if (version > 0)
        text += fmt::format("-v{}", version);
    return (dirpath_ / (text + ".ckpt")).string();
}

std::string ModelCheckpoint::free_name(
    Trainer& trainer, const Candidates& values, const std::string& pattern, const std::string& replaced) const
{
    auto file = format_name(values, pattern, 0);
    for (int version = 1; options_.enable_version_counter && file != replaced && trainer.files().exists(file); ++version)
        file = format_name(values, pattern, version);
    return file;
}

bool ModelCheckpoint::is_better(double a, double b) const
{
    return options_.mode == MonitorMode::Min ? a < b : a > b;
}

void ModelCheckpoint::save_top_k(Trainer& trainer, const Candidates& values)
{
    if (options_.save_top_k == 0)
        return;
    if (!options_.monitor) {
        save_newest(trainer, values);
        return;
    }
    const auto found = std::find_if(values.begin(), values.end(), [&](const auto& v) { return v.first == *options_.monitor; });
    if (found == values.end()) {
        const auto text = fmt::format("ModelCheckpoint watches '{}', which nothing has logged; there are: {}",
            *options_.monitor, fmt::join(trainer.callback_metrics().names(), ", "));
        if (trainer.fit_loop().epoch_loop.val_loop.has_run)
            throw MisconfigurationError(text);
        trainer.warn(text);
        return;
    }
    const bool has_room = options_.save_top_k == -1 || int64_t(best_k_models_.size()) < options_.save_top_k;
    if (has_room || is_better(found->second, kth_value_.value))
        save_best(trainer, values, found->second);
    else if (options_.verbose)
        trainer.message(MessageEvent::Level::Info, fmt::format("epoch {}, step {}: {} was not in the top {}",
            trainer.current_epoch(), trainer.global_step(), *options_.monitor, options_.save_top_k));
}

void ModelCheckpoint::save_best(Trainer& trainer, const Candidates& values, double current)
{
    const auto before = state_dict();
    std::string replaced;
    if (options_.save_top_k > 0 && int64_t(best_k_models_.size()) == options_.save_top_k) {
        replaced = kth_best_model_path_;
        std::erase_if(best_k_models_, [&](const auto& entry) { return entry.first == replaced; });
    }
    const auto* logged = trainer.callback_metrics().find_value(*options_.monitor);
    auto score = logged ? Score::of(*logged) : Score {current, c10::kLong}; // epoch or step
    if (std::isnan(current)) // counts as worst
        score = {options_.mode == MonitorMode::Min ? std::numeric_limits<double>::infinity()
                                                   : -std::numeric_limits<double>::infinity()};
    const auto file = free_name(trainer, values, options_.filename.value_or(default_name), replaced);
    current_score_ = score;
    std::erase_if(best_k_models_, [&](const auto& entry) { return entry.first == file; });
    best_k_models_.emplace_back(file, score);
    // The first of equals, as Python's min and max over a dict take it.
    const auto pick = [&](bool worst) {
        return *std::min_element(best_k_models_.begin(), best_k_models_.end(), [&](const auto& a, const auto& b) {
            return worst ? is_better(b.second.value, a.second.value) : is_better(a.second.value, b.second.value);
        });
    };
    if (options_.save_top_k == -1 || int64_t(best_k_models_.size()) == options_.save_top_k)
        std::tie(kth_best_model_path_, kth_value_) = pick(true);
    const auto best = pick(false);
    best_model_path_ = best.first;
    best_model_score_ = best.second;
    if (!write(trainer, file)) {
        load_state_dict(before); // the last good files stay, and the state names them
        return;
    }
    if (options_.verbose)
        trainer.message(MessageEvent::Level::Info, fmt::format("epoch {}, step {}: {} reached {:.5f} (best {:.5f}), saved {}",
            trainer.current_epoch(), trainer.global_step(), *options_.monitor, score.value, best_model_score_->value, file));
    if (!replaced.empty() && replaced != file)
        remove(trainer, replaced);
}

void ModelCheckpoint::save_newest(Trainer& trainer, const Candidates& values)
{
    const auto file = free_name(trainer, values, options_.filename.value_or(default_name), best_model_path_);
    const auto previous = std::exchange(best_model_path_, file);
    if (!write(trainer, file)) {
        best_model_path_ = previous;
        return;
    }
    if (options_.save_top_k == 1 && !previous.empty() && previous != file)
        remove(trainer, previous);
}

bool ModelCheckpoint::wants_last() const
{
    const auto* flag = options_.save_last ? std::get_if<bool>(&*options_.save_last) : nullptr;
    return links_last() || (flag && *flag);
}

bool ModelCheckpoint::links_last() const
{
    return options_.save_last && std::holds_alternative<std::string>(*options_.save_last);
}

void ModelCheckpoint::save_last(Trainer& trainer, const Candidates& values)
{
    if (!wants_last())
        return;
    const auto file = free_name(trainer, values, "last", last_model_path_);
    const auto previous = std::exchange(last_model_path_, file);
    const bool can_link = links_last() && !last_checkpoint_saved_.empty() && options_.save_top_k != 0;
    if (can_link) {
        std::error_code failure;
        std::filesystem::remove(file, failure);
        std::filesystem::create_symlink(std::filesystem::path(last_checkpoint_saved_).lexically_relative(dirpath_), file, failure);
        if (failure)
            trainer.warn(fmt::format("cannot link '{}': {}", file, failure.message()));
    } else if (!write(trainer, file)) {
        last_model_path_ = previous;
        return;
    }
    if (!previous.empty() && previous != file)
        remove(trainer, previous);
}

bool ModelCheckpoint::write(Trainer& trainer, const std::string& file)
{
    try {
        trainer.save_checkpoint(file, options_.save_weights_only);
    } catch (const CheckpointError& error) {
        trainer.checkpoint_failed(error.what());
        return false;
    } catch (const FileError& error) {
        trainer.checkpoint_failed(error.what());
        return false;
    }
    trainer.checkpoint_written();
    last_global_step_saved_ = trainer.global_step();
    last_checkpoint_saved_ = file;
    std::error_code ignored;
    const auto bytes = std::filesystem::file_size(file, ignored);
    CheckpointEvent event {.path = file, .epoch = trainer.current_epoch(), .global_step = trainer.global_step(),
        .bytes = ignored ? 0 : int64_t(bytes), .monitor = options_.monitor.value_or("")};
    if (options_.monitor) {
        if (const auto value = trainer.callback_metrics().find(*options_.monitor))
            event.monitor_value = *value;
        event.is_best = best_model_path_ == file;
    }
    trainer.tell(event);
    return true;
}

void ModelCheckpoint::remove(Trainer& trainer, const std::string& file)
{
    const auto relative = std::filesystem::path(file).lexically_relative(dirpath_);
    if (trainer.resumed_from() == file || relative.empty() || *relative.begin() == "..")
        return; // not ours
    try {
        trainer.files().remove(file);
        trainer.tell(CheckpointEvent {.path = file, .removed = true});
    } catch (const FileError& error) {
        trainer.warn(error.what());
    }
}

StateTree ModelCheckpoint::state_dict() const
{
    auto best = StateTree::dict();
    for (const auto& [path, score] : best_k_models_)
        best.set(path, score.tensor());
    return StateTree::dict({{"monitor", options_.monitor ? StateTree(*options_.monitor) : StateTree()},
        {"best_model_score", score_state(best_model_score_)}, {"best_model_path", best_model_path_},
        {"current_score", score_state(current_score_)}, {"dirpath", dirpath_.string()}, {"best_k_models", std::move(best)},
        {"kth_best_model_path", kth_best_model_path_}, {"kth_value", kth_value_.tensor()},
        {"last_model_path", last_model_path_}});
}

void ModelCheckpoint::load_state_dict(const StateTree& state)
{
    best_model_path_ = state.at("best_model_path").to_string();
    const std::filesystem::path before(state.at("dirpath").to_string());
    // A run folder that was moved or copied: its files lie here now.
    const auto here = [&](const std::string& file) {
        const auto moved = dirpath_ / std::filesystem::path(file).lexically_relative(before);
        std::error_code failure;
        return before != dirpath_ && !file.empty() && !std::filesystem::exists(file, failure)
                && std::filesystem::exists(moved, failure)
            ? moved.string()
            : file;
    };
    const bool is_moved = here(best_model_path_) != best_model_path_;
    if (before != dirpath_ && !is_moved)
        return; // as Lightning: in another folder only the best path is known
    best_model_path_ = here(best_model_path_);
    best_model_score_ = score_from(state.at("best_model_score"));
    current_score_ = score_from(state.at("current_score"));
    kth_best_model_path_ = here(state.at("kth_best_model_path").to_string());
    kth_value_ = score_from(state.at("kth_value")).value_or(kth_value_);
    last_model_path_ = here(state.at("last_model_path").to_string());
    has_saved_before_ = !best_model_path_.empty() || !last_model_path_.empty();
    best_k_models_.clear();
    for (const auto& [path, score] : state.at("best_k_models").entries())
        best_k_models_.emplace_back(here(std::get<std::string>(path)), Score::of(score.tensor()));
}

} // namespace leyden
