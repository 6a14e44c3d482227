// SPDX-License-Identifier: GPL-3.0-or-later
// The Trainer's part around a run: what it starts from, signals, what is printed at its end. Source:
// PyTorch Lightning 2.6, trainer/call.py, connectors/checkpoint_connector.py, configuration_validator.
#include "engine/trainer/trainer.h"

#include "engine/callbacks/callback.h"
#include "engine/callbacks/early_stopping.h"
#include "engine/callbacks/model_checkpoint.h"
#include "engine/callbacks/on_exception_checkpoint.h"
#include "engine/callbacks/progress_bar_callback.h"
#include "engine/core/errors.h"
#include "engine/core/lightning_module.h"
#include "engine/loggers/logger.h"
#include "engine/loops/fit_loop.h"
#include "engine/trainer/checkpoint_lookup.h"
#include "engine/trainer/run_printer.h"
#include "engine/trainer/signal_guard.h"
#include "engine/trainer/slurm.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <optional>

namespace leyden {
namespace {

template <class Kind>
std::vector<Kind*> callbacks_of(const std::vector<std::unique_ptr<Callback>>& callbacks)
{
    std::vector<Kind*> found;
    for (const auto& callback : callbacks) {
        if (auto* one = dynamic_cast<Kind*>(callback.get()))
            found.push_back(one);
    }
    return found;
}

template <class Kind> Kind* first_of(const std::vector<Kind*>& found)
{
    return found.empty() ? nullptr : found.front();
}

} // namespace

void Trainer::run(TrainerFn fn, LightningModule& module, LightningDataModule* data,
    const std::filesystem::path& ckpt_path)
{
    check_not_running(fn);
    const auto checkpoint = named_checkpoint(fn, ckpt_path);
    if (own_control_)
        own_control_->clear(); // of the signal that ended an earlier run
    std::optional<SignalGuard> signals;
    if (parts_.handles_signals && control_)
        signals.emplace(*control_, printer_ != nullptr);
    const auto end_printing = [this] {
        if (printer_)
            printer_->end();
    };
    const auto end_process = [&](int code) {
        end_printing();
        std::exit(code); // as Lightning does, once all is saved and torn down
    };
    try {
        run_guarded(fn, module, data, checkpoint);
    } catch (const RunInterrupted& interrupted) {
        if (signals && signals->received() != 0)
            end_process(interrupted.signal() == SIGUSR1 ? 0 : 128 + interrupted.signal());
        end_printing();
        throw;
    } catch (...) {
        end_printing();
        throw;
    }
    end_printing();
    print_results(fn);
    // It came after the last batch.
    if (const int signal = signals ? signals->received() : 0; signal != 0 && signal != SIGUSR1)
        end_process(128 + signal);
}

void Trainer::print_results(TrainerFn fn)
{
    const bool evaluates = fn == TrainerFn::Validate || fn == TrainerFn::Test;
    if (!printer_ || !evaluates || evaluation_results_.empty())
        return;
    std::puts(results_table(evaluation_results_, fn).c_str());
    std::fflush(stdout);
}

void Trainer::check_not_running(TrainerFn fn) const
{
    if (state_.status == TrainerStatus::Running)
        throw MisconfigurationError(
            fmt::format("{}: this Trainer is in the middle of a run ({}); call it once that has "
                        "ended",
                to_string(fn), to_string(state_.fn)));
}

std::filesystem::path Trainer::named_checkpoint(
    TrainerFn fn, const std::filesystem::path& ckpt_path)
{
    if (ckpt_path.empty())
        return fn == TrainerFn::Fit ? exception_checkpoint_path() : ckpt_path;
    if (ckpt_path == "best")
        return best_checkpoint_path(fn);
    if (ckpt_path == "last")
        return last_checkpoint_path(fn);
    if (ckpt_path != "hpc")
        return ckpt_path;
    auto saved = hpc_checkpoints(files_, plan_.default_root_dir);
    if (saved.empty())
        throw CheckpointError(fmt::format(
            "{}(ckpt_path = hpc): there is no hpc_ckpt_N.ckpt in '{}'; a job that SLURM requeues "
            "leaves one",
            to_string(fn), plan_.default_root_dir.string()));
    return std::move(saved.front());
}

/// As Lightning: a fit resumes by itself from what an error left. With a run folder whoever gave it has
/// looked already (run_place.cpp).
std::filesystem::path Trainer::exception_checkpoint_path()
{
    if (!parts_.run_dir.empty() || plan_.fast_dev_run > 0)
        return {};
    const auto found = callbacks_of<OnExceptionCheckpoint>(callbacks_);
    for (const auto* callback : found) {
        auto file = callback->ckpt_path(*this);
        if (!files_.exists(file))
            continue;
        warn(fmt::format("the fit resumes from '{}', which OnExceptionCheckpoint wrote when an "
                         "earlier one failed; delete it to start afresh",
            file.string()));
        return file;
    }
    if (!found.empty() && global_step() == 0)
        warn(fmt::format("OnExceptionCheckpoint: '{}' does not exist, so the run starts afresh",
            found.front()->ckpt_path(*this).string()));
    return {};
}

std::filesystem::path Trainer::best_checkpoint_path(TrainerFn fn)
{
    if (plan_.fast_dev_run > 0)
        throw MisconfigurationError(
            fmt::format("{}(ckpt_path = best): a run with fast_dev_run writes no checkpoints; name "
                        "a file, or remove one of them",
                to_string(fn)));
    const auto found = checkpoint_callbacks();
    if (found.empty())
        throw MisconfigurationError(fmt::format(
            "{}(ckpt_path = best): there is no ModelCheckpoint among the callbacks; add "
            "one, or name a file",
            to_string(fn)));
    wait_for_checkpoints();
    if (found.size() > 1)
        warn(fmt::format("{}(ckpt_path = best): the first of {} ModelCheckpoints says which is the "
                         "best",
            to_string(fn), found.size()));
    if (found.front()->best_model_path().empty())
        throw MisconfigurationError(
            fmt::format("{}(ckpt_path = best): the ModelCheckpoint has not saved one yet; fit "
                        "first, or name a file",
                to_string(fn)));
    return found.front()->best_model_path();
}

std::filesystem::path Trainer::last_checkpoint_path(TrainerFn fn)
{
    wait_for_checkpoints();
    std::vector<std::filesystem::path> folders;
    for (const auto* callback : checkpoint_callbacks()) {
        if (auto folder = callback->folder(*this); !folder.empty())
            folders.push_back(std::move(folder));
    }
    if (has_opened_loggers_)
        folders.push_back(log_dir() / "checkpoints"); // that of an interrupt, too
    std::vector<std::string> damaged;
    const auto newest = newest_checkpoint(files_, folders,
        fn == TrainerFn::Fit ? CheckpointUse::Training : CheckpointUse::Evaluation, &damaged);
    for (auto& text : damaged)
        warn(std::move(text));
    if (newest)
        return *newest;
    warn(fmt::format("{}(ckpt_path = last): this Trainer has no checkpoint yet, so the run begins "
                     "without one",
        to_string(fn)));
    return {};
}

void Trainer::check_steps(TrainerFn fn)
{
    const auto need = [&](const char* step) {
        throw MisconfigurationError(
            fmt::format("{}: {} needs {}; override it", module_->name(), to_string(fn), step));
    };
    if (fn == TrainerFn::Fit && !module_->has_training_step())
        need("training_step");
    if (fn == TrainerFn::Validate && !module_->has_validation_step())
        need("validation_step");
    if (fn == TrainerFn::Test && !module_->has_test_step())
        need("test_step");
}

bool Trainer::has_val_dataloader() const
{
    return data_ ? data_->has_val_dataloader() : module_->has_val_dataloader();
}

bool Trainer::enable_validation() const
{
    return !plan_.limit_val_batches.is_zero() && lightning_module().has_validation_step()
        && has_val_dataloader();
}

LightningModule& Trainer::lightning_module() const
{
    if (!module_)
        throw MisconfigurationError(
            "the Trainer has no module before fit, validate, test or predict is called");
    if (module_life_.expired())
        throw MisconfigurationError(
            "the module of the Trainer's last run is gone; keep it as long as the Trainer is asked "
            "for it or for a checkpoint");
    return *module_;
}

LightningDataModule& Trainer::datamodule() const
{
    if (!data_)
        throw MisconfigurationError(module_
                ? "the Trainer's run has no data module: its loaders are the module's"
                : "the Trainer has no data module before fit, validate, test or predict is called");
    if (data_life_.expired())
        throw MisconfigurationError(
            "the data module of the Trainer's last run is gone; keep it as long as the Trainer is "
            "asked for it or for a checkpoint");
    return *data_;
}

std::vector<ModelCheckpoint*> Trainer::checkpoint_callbacks() const
{
    return callbacks_of<ModelCheckpoint>(callbacks_);
}

std::vector<EarlyStopping*> Trainer::early_stopping_callbacks() const
{
    return callbacks_of<EarlyStopping>(callbacks_);
}

ModelCheckpoint* Trainer::checkpoint_callback() const
{
    return first_of(checkpoint_callbacks());
}

EarlyStopping* Trainer::early_stopping_callback() const
{
    return first_of(early_stopping_callbacks());
}

ProgressBarCallback* Trainer::progress_bar_callback() const
{
    return first_of(callbacks_of<ProgressBarCallback>(callbacks_));
}

} // namespace leyden
