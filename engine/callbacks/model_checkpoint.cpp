// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/callbacks/model_checkpoint.h"

#include "engine/callbacks/checkpoint_folder.h"
#include "engine/callbacks/checkpoint_name.h"
#include "engine/callbacks/stochastic_weight_averaging.h"
#include "engine/callbacks/weight_averaging.h"
#include "engine/config/path_roots.h"
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

/// As Python's repr writes it: only what is not 0.
std::string python_timedelta(Clock::Duration duration)
{
    constexpr int64_t day = 86400LL * 1000000;
    const auto microseconds
        = std::chrono::duration_cast<std::chrono::microseconds>(duration).count();
    std::vector<std::string> parts;
    const auto add = [&parts](const char* name, int64_t value) {
        if (value != 0)
            parts.push_back(fmt::format("{}={}", name, value));
    };
    add("days", microseconds / day);
    add("seconds", microseconds % day / 1000000);
    add("microseconds", microseconds % 1000000);
    return fmt::format(
        "datetime.timedelta({})", parts.empty() ? "0" : fmt::format("{}", fmt::join(parts, ", ")));
}

std::filesystem::path folder_named(const Trainer& trainer, const std::string& dirpath)
{
    const auto folder = trainer.output_path(output_path(dirpath, "ModelCheckpoint: dirpath"));
    return folder.empty() ? std::filesystem::current_path() : std::filesystem::absolute(folder);
}

/// Whether any checkpoint of this kind was saved in the fit.
bool has_saved_any(const Trainer& trainer)
{
    return std::any_of(
        trainer.callbacks().begin(), trainer.callbacks().end(), [](const auto& callback) {
            const auto* checkpoint = dynamic_cast<const ModelCheckpoint*>(callback.get());
            return checkpoint && checkpoint->has_saved();
        });
}

/// Of several, the one that speaks for all.
bool is_first_of_its_kind(const Trainer& trainer, const ModelCheckpoint& own)
{
    for (const auto& callback : trainer.callbacks())
        if (const auto* checkpoint = dynamic_cast<const ModelCheckpoint*>(callback.get()))
            return checkpoint == &own;
    return false;
}

/// Its average is in the model now, and `last` is to go on from the weights in training.
bool holds_an_average(const Trainer& trainer)
{
    return std::any_of(
        trainer.callbacks().begin(), trainer.callbacks().end(), [](const auto& callback) {
            return dynamic_cast<const StochasticWeightAveraging*>(callback.get())
                || dynamic_cast<const WeightAveraging*>(callback.get());
        });
}

std::string python_text(const std::optional<std::string>& text)
{
    return text ? "'" + *text + "'" : "None";
}
} // namespace

ModelCheckpoint::ModelCheckpoint(ModelCheckpointOptions options) : options_(std::move(options))
{
    kept_.kth_value.value = options_.mode == MonitorMode::Min
        ? std::numeric_limits<double>::infinity()
        : -std::numeric_limits<double>::infinity();
    if (options_.filename && options_.filename->empty()) // as Lightning
        options_.filename.reset();
    const auto refuse
        = [](const std::string& text) { throw MisconfigurationError("ModelCheckpoint: " + text); };
    if (options_.save_top_k < -1)
        refuse(fmt::format("save_top_k = {}: expected a number >= -1", options_.save_top_k));
    if (!options_.monitor && options_.save_top_k > 1)
        refuse(fmt::format(
            "save_top_k = {} needs monitor: there is no metric to rank by", options_.save_top_k));
    if (const auto* text
        = options_.save_last ? std::get_if<std::string>(&*options_.save_last) : nullptr;
        text && *text != "link")
        refuse(fmt::format("save_last = '{}': expected true, false or \"link\"", *text));
    const bool has_trigger
        = options_.every_n_train_steps || options_.every_n_epochs || options_.train_time_interval;
    every_n_epochs_ = options_.every_n_epochs.value_or(has_trigger ? 0 : 1);
    every_n_train_steps_ = options_.every_n_train_steps.value_or(0);
    if (options_.train_time_interval)
        train_time_interval_ = parse_duration(*options_.train_time_interval, "train_time_interval");
    if (every_n_epochs_ < 0 || every_n_train_steps_ < 0)
        refuse("every_n_epochs and every_n_train_steps must be >= 0");
    if ((every_n_epochs_ > 0) + (every_n_train_steps_ > 0) + train_time_interval_.has_value() > 1)
        refuse("every_n_epochs, every_n_train_steps and train_time_interval exclude each other; "
               "set one");
}

std::string ModelCheckpoint::state_key() const
{
    std::string interval = "None";
    if (train_time_interval_) {
        interval = python_timedelta(*train_time_interval_);
    }
    return fmt::format("ModelCheckpoint{{'monitor': {}, 'mode': '{}', 'every_n_train_steps': {}, "
                       "'every_n_epochs': {}, "
                       "'train_time_interval': {}}}",
        python_text(options_.monitor), options_.mode == MonitorMode::Min ? "min" : "max",
        every_n_train_steps_, every_n_epochs_, interval);
}

void ModelCheckpoint::setup(Trainer& trainer, LightningModule&, TrainerFn fn)
{
    scheduled_.clear();
    jobs_.clear();
    replacing_.clear();
    is_last_due_ = false;
    dirpath_ = options_.dirpath ? folder_named(trainer, *options_.dirpath)
                                : std::filesystem::absolute(trainer.log_dir() / "checkpoints");
    dirpath_before_.clear();
    if (fn == TrainerFn::Fit && options_.dirpath && trainer.plan().fast_dev_run == 0
        && (can_save() || options_.save_on_exception))
        make_checkpoint_folder(trainer.files(), dirpath_, "ModelCheckpoint: dirpath");
    if (fn == TrainerFn::Fit && options_.save_top_k != 0 && trainer.resumed_from().empty()
        && !trainer.files().list(dirpath_).empty())
        trainer.warn(fmt::format("the checkpoint folder '{}' is not empty", dirpath_.string()));
}

std::filesystem::path ModelCheckpoint::folder(const Trainer& trainer) const
{
    return options_.dirpath ? folder_named(trainer, *options_.dirpath) : dirpath_;
}

void ModelCheckpoint::on_train_start(Trainer& trainer, LightningModule&)
{
    last_time_checked_ = trainer.clock().monotonic();
    finish_killed_save(trainer);
    if (!dirpath_before_.empty())
        trainer.message(options_.dirpath ? MessageEvent::Level::Warning : MessageEvent::Level::Info,
            fmt::format("the checkpoints of the run before lie in '{}', those of this run go to "
                        "'{}': which of them are the best is counted anew",
                dirpath_before_, dirpath_.string()));
}

bool ModelCheckpoint::skips(Trainer& trainer) const
{
    return trainer.state().fn != TrainerFn::Fit || trainer.sanity_checking()
        || trainer.is_beside_the_run() || trainer.plan().fast_dev_run > 0
        || kept_.last_global_step_saved == trainer.global_step();
}

bool ModelCheckpoint::saves_on_train_epoch_end(Trainer& trainer) const
{
    return saves_on_train_epoch_end(trainer.plan(), trainer.num_val_batches() != 0);
}

void ModelCheckpoint::on_train_batch_end(
    Trainer& trainer, LightningModule&, const StateTree&, const Batch&, int64_t)
{
    const bool is_step_due
        = every_n_train_steps_ > 0 && trainer.global_step() % every_n_train_steps_ == 0;
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
            && (!plan.check_val_every_n_epoch
                || (trainer.current_epoch() + 1) % *plan.check_val_every_n_epoch == 0);
        const bool is_known = *options_.monitor == "step" || *options_.monitor == "epoch"
            || trainer.callback_metrics().find_value(*options_.monitor);
        if (!is_known || validates_now) {
            waits_for_validation_ = true; // the value comes, or comes anew, with the next
                                          // validation
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
    const bool has_none = kept_.last_checkpoint_saved.empty() && !has_saved_before_;
    // Without a top k, `last` is the state at the end of the training.
    const bool is_alone = options_.save_top_k == 0 && trainer.plan().fast_dev_run == 0
        && !holds_an_average(trainer);
    if (wants_last() && (has_none || is_alone))
        save_last(trainer, candidates(trainer));
    schedule_jobs(trainer);
}

void ModelCheckpoint::on_fit_end(Trainer& trainer, LightningModule&)
{
    finish_killed_save(trainer); // where nothing was left to train
    if (is_first_of_its_kind(trainer, *this) && !has_saved_any(trainer) && last_time_checked_
        && (options_.save_top_k != 0 || wants_last()) && trainer.plan().fast_dev_run == 0
        && !trainer.has_unsaved_checkpoint() && !trainer.stopped_by())
        trainer.warn("no checkpoint was written, so that nothing of this training can be used "
                     "later: set every_n_epochs, every_n_train_steps or monitor of ModelCheckpoint "
                     "to what this run reaches");
}

void ModelCheckpoint::on_exception(Trainer& trainer, LightningModule&, const std::exception&)
{
    if (!options_.save_on_exception || trainer.plan().fast_dev_run > 0 || trainer.sanity_checking()
        || kept_.last_global_step_saved == trainer.global_step())
        return;
    const auto values = candidates(trainer);
    Scheduled scheduled;
    scheduled.before = kept_;
    scheduled.file = format_name(values, options_.filename.value_or(default_name), 0);
    add_job(trainer, std::move(scheduled), {});
    save_last(trainer, values);
    schedule_jobs(trainer);
}

void ModelCheckpoint::save_due(Trainer& trainer)
{
    const auto values = candidates(trainer);
    is_last_due_ = wants_last();
    save_top_k(trainer, values);
    is_last_due_ = false;
    if (options_.always_refresh_last || kept_.last_global_step_saved == trainer.global_step())
        save_last(trainer, values);
    schedule_jobs(trainer);
}

ModelCheckpoint::Candidates ModelCheckpoint::candidates(Trainer& trainer) const
{
    Candidates values;
    trainer.callback_metrics().for_each([&](const std::string& name, const LoggedValue& value) {
        values.emplace_back(name, value.read());
    });
    const auto put = [&](const char* name, int64_t value) {
        const auto found = std::find_if(
            values.begin(), values.end(), [&](const auto& v) { return v.first == name; });
        if (found == values.end())
            values.emplace_back(name, double(value));
    };
    put("epoch", trainer.current_epoch());
    put("step", trainer.global_step());
    return values;
}

std::string ModelCheckpoint::format_name(
    const Candidates& values, const std::string& pattern, int version) const
{
    std::vector<NameValue> named;
    for (const auto& [name, value] : values)
        named.push_back({name, value, name == "epoch" || name == "step"});
    auto text = format_checkpoint_name(pattern, named, options_.auto_insert_metric_name);
    if (version > 0)
        text += fmt::format("-v{}", version);
    return (dirpath_ / (text + ".ckpt")).string();
}

std::string ModelCheckpoint::free_name(Trainer& trainer, const Candidates& values,
    const std::string& pattern, const std::string& replaced) const
{
    auto file = format_name(values, pattern, 0);
    for (int version = 1;
        options_.enable_version_counter && file != replaced && trainer.will_exist(file); ++version)
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
    const auto found = std::find_if(
        values.begin(), values.end(), [&](const auto& v) { return v.first == *options_.monitor; });
    if (found == values.end()) {
        const auto text
            = fmt::format("ModelCheckpoint watches '{}', which nothing has logged; there are: {}",
                *options_.monitor, fmt::join(trainer.callback_metrics().names(), ", "));
        if (trainer.fit_loop().epoch_loop.val_loop.has_run)
            throw MisconfigurationError(text);
        trainer.warn(text);
        return;
    }
    const bool has_room
        = options_.save_top_k == -1 || int64_t(kept_.best_k_models.size()) < options_.save_top_k;
    if (has_room || is_better(found->second, kept_.kth_value.value))
        save_best(trainer, values, found->second);
    else if (options_.verbose)
        trainer.message(MessageEvent::Level::Info,
            fmt::format("epoch {}, step {}: {} was not in the top {}", trainer.current_epoch(),
                trainer.global_step(), *options_.monitor, options_.save_top_k));
}

/// The first of equals, as Python's min and max over a dict take it.
void ModelCheckpoint::rank(Kept& kept, const Kept& before) const
{
    const auto& all = kept.best_k_models;
    const auto pick = [&](bool worst) {
        return *std::min_element(all.begin(), all.end(), [&](const auto& a, const auto& b) {
            return worst ? is_better(b.second.value, a.second.value)
                         : is_better(a.second.value, b.second.value);
        });
    };
    kept.kth_best_model_path = before.kth_best_model_path;
    kept.kth_value = before.kth_value;
    kept.best_model_path = before.best_model_path;
    kept.best_model_score = before.best_model_score;
    if (all.empty())
        return;
    if (options_.save_top_k == -1 || int64_t(all.size()) == options_.save_top_k)
        std::tie(kept.kth_best_model_path, kept.kth_value) = pick(true);
    const auto best = pick(false);
    kept.best_model_path = best.first;
    kept.best_model_score = best.second;
}

void ModelCheckpoint::save_best(Trainer& trainer, const Candidates& values, double current)
{
    Scheduled scheduled;
    scheduled.before = kept_;
    auto& all = kept_.best_k_models;
    std::string replaced;
    if (options_.save_top_k > 0 && int64_t(all.size()) == options_.save_top_k) {
        replaced = kept_.kth_best_model_path;
        const auto found = std::find_if(
            all.begin(), all.end(), [&](const auto& entry) { return entry.first == replaced; });
        if (found != all.end()) {
            scheduled.replaced = *found;
            scheduled.replaced_at = size_t(found - all.begin());
            all.erase(found);
        }
    }
    const auto* logged = trainer.callback_metrics().find_value(*options_.monitor);
    auto score = logged ? Score::of(*logged) : Score{current, c10::kLong}; // epoch or step
    if (std::isnan(current))                                               // counts as worst
        score = {options_.mode == MonitorMode::Min ? std::numeric_limits<double>::infinity()
                                                   : -std::numeric_limits<double>::infinity()};
    scheduled.file = free_name(trainer, values, options_.filename.value_or(default_name), replaced);
    kept_.current_score = score;
    std::erase_if(all, [&](const auto& entry) { return entry.first == scheduled.file; });
    all.emplace_back(scheduled.file, score);
    rank(kept_, scheduled.before);
    auto told = options_.verbose
        ? fmt::format("epoch {}, step {}: {} reached {:.5f} (best {:.5f}), saved {}",
              trainer.current_epoch(), trainer.global_step(), *options_.monitor, score.value,
              kept_.best_model_score->value, scheduled.file)
        : std::string();
    add_job(trainer, std::move(scheduled), replaced, std::move(told));
}

void ModelCheckpoint::save_newest(Trainer& trainer, const Candidates& values)
{
    Scheduled scheduled;
    scheduled.before = kept_;
    const auto previous = kept_.best_model_path;
    scheduled.file = free_name(trainer, values, options_.filename.value_or(default_name), previous);
    kept_.best_model_path = scheduled.file;
    add_job(trainer, std::move(scheduled), options_.save_top_k == 1 ? previous : std::string());
}

bool ModelCheckpoint::can_save() const
{
    return options_.save_top_k != 0 || wants_last();
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
    Scheduled scheduled;
    scheduled.is_last = true;
    scheduled.before = kept_;
    const auto previous = kept_.last_model_path;
    scheduled.file = free_name(trainer, values, "last", previous);
    kept_.last_model_path = scheduled.file;
    add_job(trainer, std::move(scheduled), previous);
}

} // namespace leyden
