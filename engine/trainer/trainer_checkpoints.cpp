// SPDX-License-Identifier: GPL-3.0-or-later
// The Trainer's part that writes checkpoints.
#include "engine/trainer/trainer.h"

#include "engine/checkpoint/checkpoint_file.h"
#include "engine/checkpoint/checkpoint_writer.h"
#include "engine/core/errors.h"
#include "engine/loggers/logger_queue.h"
#include "engine/loops/fit_loop.h"
#include "engine/profilers/profile_scope.h"
#include "engine/trainer/checkpoint_connector.h"
#include "engine/trainer/run_steering.h"

#include <utility>

namespace leyden {

void Trainer::preload_checkpoint(std::filesystem::path file, StateTree checkpoint)
{
    preloaded_file_ = std::move(file);
    preloaded_ = std::move(checkpoint);
}

StateTree Trainer::dump_checkpoint(bool weights_only)
{
    if (!module_)
        throw CheckpointError(
            "a checkpoint can only be written after fit, validate, test or predict was called");
    return CheckpointConnector(*this).dump(weights_only);
}

std::optional<StateTree> Trainer::try_dump_checkpoint(bool weights_only)
{
    const ProfileScope profile(profiler_.get(), "save_checkpoint");
    try {
        return dump_checkpoint(weights_only);
    } catch (const CheckpointError& error) {
        checkpoint_failed(error.what());
    } catch (const FileError& error) {
        checkpoint_failed(error.what());
    }
    return {};
}

void Trainer::save_checkpoint(const std::filesystem::path& file, bool weights_only)
{
    const ProfileScope profile(profiler_.get(), "save_checkpoint");
    wait_for_checkpoints();
    const auto state = dump_checkpoint(weights_only);
    flush_loggers();
    save_checkpoint_file(files_, file, state);
    checkpoint_written();
}

void Trainer::flush_loggers()
{
    for (auto& queue : queues_)
        queue->flush(); // the rows that a checkpoint counts are on the disk before it is
}

void Trainer::schedule_checkpoints(std::vector<CheckpointJob> jobs)
{
    checkpoint_writer_->submit(std::move(jobs));
    if (fit_loop_->steering().stops_at_checkpoint()) // the same batch, however fast the disk is
        wait_for_checkpoints();
}

void Trainer::wait_for_checkpoints()
{
    has_checkpoint_news_ = false;
    checkpoint_writer_->drain();
}

void Trainer::deliver_checkpoint_news()
{
    has_checkpoint_news_ = false;
    checkpoint_writer_->deliver();
}

bool Trainer::will_exist(const std::filesystem::path& file)
{
    return checkpoint_writer_->will_exist(file);
}

void Trainer::remove_emergency_checkpoint()
{
    try {
        files_.remove(log_dir() / "checkpoints" / "on_exception.ckpt");
    } catch (const FileError& error) { // the run itself went well
        warn(error.what());
    }
}

void Trainer::checkpoint_failed(const std::string& reason)
{
    if (std::exchange(is_checkpoint_failing_, true))
        return;
    tell(SavingEvent{SavingEvent::What::Checkpoint, true, reason});
    warn("a checkpoint could not be written, training goes on: " + reason);
}

void Trainer::checkpoint_written()
{
    if (std::exchange(is_checkpoint_failing_, false)) {
        tell(SavingEvent{SavingEvent::What::Checkpoint, false});
        warn("checkpoints can be written again");
    }
    fit_loop_->steering().checkpoint_written();
}

} // namespace leyden
