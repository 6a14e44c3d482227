// SPDX-License-Identifier: GPL-3.0-or-later
// ModelCheckpoint's part that has files written and removed, and that ends what a kill cut short.
#include "engine/callbacks/model_checkpoint.h"

#include "engine/core/errors.h"
#include "engine/trainer/trainer.h"

#include <algorithm>
#include <system_error>
#include <utility>

namespace leyden {

/// A job of the save that is put together; `replaces`: a file that goes once it is safe, or "".
void ModelCheckpoint::add_job(
    Trainer& trainer, Scheduled scheduled, const std::string& replaces, std::string told)
{
    CheckpointJob job;
    job.file = scheduled.file;
    if (!replaces.empty() && replaces != scheduled.file && may_remove(trainer, replaces)) {
        job.replaces.emplace_back(replaces);
        replacing_.push_back(replaces);
    }
    CheckpointEvent event{.path = scheduled.file,
        .epoch = trainer.current_epoch(),
        .global_step = trainer.global_step(),
        .monitor = options_.monitor.value_or("")};
    if (options_.monitor) {
        if (const auto value = trainer.callback_metrics().find(*options_.monitor))
            event.monitor_value = *value;
        event.is_best = kept_.best_model_path == scheduled.file;
    }
    // Never to itself, and to what is the newest; where that is no file of its own, `last` is one.
    const bool is_newest = kept_.last_global_step_saved == trainer.global_step();
    scheduled.is_link = scheduled.is_last && links_last() && !kept_.last_checkpoint_saved.empty()
        && options_.save_top_k != 0 && kept_.last_checkpoint_saved != scheduled.file
        && (is_newest || !options_.always_refresh_last);
    if (scheduled.is_link) {
        job.link_to
            = std::filesystem::path(kept_.last_checkpoint_saved).lexically_relative(dirpath_);
    } else {
        auto state = trainer.try_dump_checkpoint(options_.save_weights_only);
        if (!state) {
            put_back(scheduled);
            return;
        }
        job.state = std::move(*state);
        job.series = scheduled.is_last ? this : nullptr;
        kept_.last_global_step_saved = trainer.global_step();
        kept_.last_checkpoint_saved = scheduled.file;
    }
    scheduled.id = ++scheduled_count_;
    job.done
        = [this, &trainer, id = scheduled.id, event = std::move(event), told = std::move(told)](
              const CheckpointOutcome& outcome) { ended(trainer, id, event, told, outcome); };
    scheduled_.push_back(std::move(scheduled));
    jobs_.push_back(std::move(job));
}

void ModelCheckpoint::schedule_jobs(Trainer& trainer)
{
    replacing_.clear();
    trainer.schedule_checkpoints(std::exchange(jobs_, {}));
}

void ModelCheckpoint::ended(Trainer& trainer, int64_t id, CheckpointEvent event,
    const std::string& told, const CheckpointOutcome& outcome)
{
    const auto found = std::find_if(
        scheduled_.begin(), scheduled_.end(), [id](const auto& one) { return one.id == id; });
    const auto scheduled = std::move(*found);
    scheduled_.erase(found);
    if (outcome.result != CheckpointOutcome::Result::Written) {
        if (outcome.result == CheckpointOutcome::Result::Failed)
            trainer.checkpoint_failed(outcome.failure);
        put_back(scheduled);
        return;
    }
    trainer.checkpoint_written();
    if (!scheduled.is_link) {
        event.bytes = outcome.bytes;
        trainer.tell(event);
    }
    if (!told.empty())
        trainer.message(MessageEvent::Level::Info, told);
    for (const auto& file : outcome.removed) {
        remove_empty_folders(trainer, file.parent_path());
        trainer.tell(CheckpointEvent{.path = file.string(), .removed = true});
    }
    for (const auto& failure : outcome.remove_failures)
        trainer.warn(failure);
}

/// Those that the template's own "/" made.
void ModelCheckpoint::remove_empty_folders(Trainer& trainer, std::filesystem::path folder) const
{
    const auto is_below = [this](const std::filesystem::path& each) {
        const auto relative = each.lexically_relative(dirpath_);
        return !relative.empty() && relative != "." && *relative.begin() != "..";
    };
    try {
        for (; is_below(folder) && trainer.files().list(folder).empty();
            folder = folder.parent_path())
            trainer.files().remove(folder);
    } catch (const FileError&) { // an empty folder does no harm
    }
}

bool ModelCheckpoint::may_remove(const Trainer& trainer, const std::string& file) const
{
    const auto relative = std::filesystem::path(file).lexically_relative(dirpath_);
    return trainer.resumed_from() != file && !relative.empty() && *relative.begin() != "..";
}

/// A kill may come between a new file and what has to follow it: the removal of the one that it
/// replaced, and `last`.
void ModelCheckpoint::finish_killed_save(Trainer& trainer)
{
    if (std::exchange(is_last_left_, false))
        bring_last_up_to_date(trainer);
    for (const auto& file : std::exchange(left_behind_, {})) {
        std::error_code failure;
        const auto is_older = std::filesystem::last_write_time(file, failure)
            <= std::filesystem::last_write_time(trainer.resumed_from(), failure);
        if (failure || !is_older || !may_remove(trainer, file))
            continue;
        try {
            trainer.files().remove(file);
            trainer.tell(CheckpointEvent{.path = file, .removed = true});
        } catch (const FileError& error) {
            trainer.warn(error.what());
        }
    }
}

void ModelCheckpoint::bring_last_up_to_date(Trainer& trainer)
{
    const std::filesystem::path newest = trainer.resumed_from();
    const auto file = kept_.last_model_path.empty() ? format_name(candidates(trainer), "last", 0)
                                                    : kept_.last_model_path;
    const auto link = newest.lexically_relative(dirpath_);
    if (newest == file || link.empty() || *link.begin() == "..")
        return;
    try {
        std::error_code failure;
        if (trainer.files().exists(file)
            && std::filesystem::last_write_time(file, failure)
                > std::filesystem::last_write_time(newest, failure))
            return; // somebody went back on purpose
        if (links_last())
            trainer.files().replace_link(link, file);
        else
            trainer.files().write_atomic(file, trainer.files().read(newest));
        kept_.last_model_path = file;
    } catch (const FileError& error) {
        trainer.warn(error.what());
    }
}

} // namespace leyden
