// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/callbacks/on_exception_checkpoint.h"

#include "engine/callbacks/checkpoint_folder.h"
#include "engine/callbacks/checkpoint_name.h"
#include "engine/config/check_options.h"
#include "engine/config/path_roots.h"
#include "engine/trainer/trainer.h"

#include <utility>

namespace leyden {

void describe(OptionTable<OnExceptionCheckpointOptions>& table)
{
    using Options = OnExceptionCheckpointOptions;
    table.add("dirpath", &Options::dirpath, "Folder of the checkpoint")
        .required()
        .not_empty()
        .output_path();
    table.add("filename", &Options::filename, "Name of the file, without .ckpt").not_empty();
}

OnExceptionCheckpoint::OnExceptionCheckpoint(OnExceptionCheckpointOptions options)
    : options_(std::move(options))
{
    check_options(options_);
    check_checkpoint_name(options_.filename, options_.filename);
    options_.dirpath = output_path(options_.dirpath, "OnExceptionCheckpoint: dirpath");
}

std::filesystem::path OnExceptionCheckpoint::ckpt_path(const Trainer& trainer) const
{
    return std::filesystem::absolute(trainer.output_path(options_.dirpath))
        / (options_.filename + ".ckpt");
}

void OnExceptionCheckpoint::setup(Trainer& trainer, LightningModule&, TrainerFn fn)
{
    if (fn == TrainerFn::Fit && trainer.plan().fast_dev_run == 0)
        try_checkpoint_folder(
            trainer.files(), ckpt_path(trainer).parent_path(), "OnExceptionCheckpoint: dirpath");
}

void OnExceptionCheckpoint::on_exception(Trainer& trainer, LightningModule&, const std::exception&)
{
    // An error before the optimizers were made leaves nothing that could be resumed.
    if (trainer.state().fn == TrainerFn::Fit && !trainer.optimizers().empty())
        trainer.save_checkpoint(ckpt_path(trainer));
}

void OnExceptionCheckpoint::teardown(Trainer& trainer, LightningModule&, TrainerFn fn)
{
    if (fn == TrainerFn::Fit && trainer.plan().fast_dev_run == 0) // a trial does none of its work
        trainer.files().remove(ckpt_path(trainer));
}

} // namespace leyden
