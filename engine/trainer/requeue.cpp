// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/trainer/requeue.h"

#include "engine/checkpoint/checkpoint_writer.h"
#include "engine/trainer/run_observer.h"
#include "engine/trainer/slurm.h"
#include "engine/trainer/trainer.h"

#include <spdlog/fmt/fmt.h>

#include <filesystem>
#include <optional>
#include <string>
#include <utility>

namespace leyden {
namespace {

/// Why it could not be written; empty: it is on the disk.
std::string save(Trainer& trainer, const SlurmJob& of, const std::filesystem::path& file)
{
    std::string problem = "it was not written";
    CheckpointJob job;
    job.file = file;
    job.state = trainer.dump_checkpoint();
    auto own = job.state.at("leyden");
    own.set(hpc_job_key, of.id());
    own.set(
        hpc_folder_key, std::filesystem::absolute(trainer.log_dir()).lexically_normal().string());
    job.state.set("leyden", std::move(own));
    job.done = [&problem](const CheckpointOutcome& outcome) { problem = outcome.failure; };
    trainer.schedule_checkpoints({std::move(job)});
    trainer.wait_for_checkpoints();
    return problem;
}

} // namespace

bool requeue_job(Trainer& trainer)
{
    std::string problem;
    std::optional<SlurmJob> job;
    try {
        job = SlurmJob::detect();
        if (!job || !job->is_main_task() || trainer.state().fn != TrainerFn::Fit)
            return false;
        problem = save(
            trainer, *job, next_hpc_checkpoint(trainer.files(), trainer.plan().default_root_dir));
        if (problem.empty())
            problem = job->requeue();
    } catch (const std::exception& error) {
        problem = error.what();
    }
    if (!problem.empty()) {
        trainer.warn(fmt::format(
            "the job could not be given back to the queue, training goes on: {}", problem));
        return false;
    }
    trainer.message(
        MessageEvent::Level::Info, fmt::format("job {} was given back to the queue", job->id()));
    return true;
}

} // namespace leyden
