// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/trainer/run_session.h"

#include "engine/accelerators/accelerator.h"
#include "engine/callbacks/early_stopping.h"
#include "engine/callbacks/model_checkpoint.h"
#include "engine/core/data_findings.h"
#include "engine/core/data_targets.h"
#include "engine/core/errors.h"
#include "engine/core/lightning_module.h"
#include "engine/loggers/csv_logger.h"
#include "engine/loops/fit_loop.h"
#include "engine/strategies/strategy.h"
#include "engine/trainer/batch_norm_check.h"
#include "engine/trainer/build_run.h"
#include "engine/trainer/replay_events.h"
#include "engine/trainer/run_checks.h"
#include "engine/trainer/run_place.h"
#include "engine/trainer/run_recorder.h"
#include "engine/trainer/thread_count.h"

#include <ATen/Parallel.h>
#include <ATen/ops/isfinite.h>
#include <c10/util/Exception.h>
#include <nlohmann/json.hpp>

#include <spdlog/fmt/fmt.h>

#include <new>
#include <stdexcept>
#include <system_error>

#include <csignal>

namespace leyden {
namespace {
constexpr const char* out_of_memory = "out of memory; try a smaller batch_size or model";

using std::filesystem::path;

/// What config.json says: absolute inputs, the threads that were used, no checkpoint of its own
/// folder.
Json config_to_write(const RunConfig& config, const RunPlace& place, FileSystem& files)
{
    auto written = config.resolved;
    written["num_threads"] = at::get_num_threads();
    written["ckpt_path"] = nullptr;
    if (place.resume_in_place) { // what the run once began from, what it took, and how
        const auto own = config_of_folder(files, place.run_dir);
        for (const char* key : {"ckpt_path", "ckpt_restore", "strict_loading"}) {
            if (own.contains(key))
                written[key] = own[key];
        }
    } else if (!place.checkpoint.empty()) {
        written["ckpt_path"] = std::filesystem::absolute(place.checkpoint).string();
    }
    return written;
}

/// A version folder that was made for a run which did not begin, and its parent if nothing else is
/// in it.
void remove_unused(FileSystem& files, const path& folder)
{
    try {
        for (const auto& each : {folder, folder.parent_path()})
            if (files.list(each).empty())
                files.remove(each);
    } catch (const FileError&) { // an empty folder does no harm
    }
}

/// A run that is resumed keeps its threads: another count changes results in their last bits.
void keep_threads(RunConfig& config, const Json& own)
{
    const auto threads = own.find("num_threads");
    if (config.num_threads || environment_sets_threads() || threads == own.end()
        || !threads->is_number_integer())
        return;
    if (const auto count = threads->get<int64_t>(); count >= 1 && count <= 1024)
        config.num_threads = count;
}

/// Opens the recorder as soon as the loggers know the run folder.
class FolderOpener final : public RunObserver
{
public:
    FolderOpener(RunRecorder& recorder, std::function<void(const std::string&)> open)
        : recorder_(recorder), open_(std::move(open))
    {
    }
    void on_event(const RunEvent& event) override
    {
        if (const auto* folder = std::get_if<FolderEvent>(&event); folder && !recorder_.is_open())
            open_(folder->path);
        recorder_.on_event(event);
    }

private:
    RunRecorder& recorder_;
    std::function<void(const std::string&)> open_;
};

void run_verb(const RunRequest& request, BuiltRun& run, const path& checkpoint, RunOutcome& outcome)
{
    switch (request.fn) {
    case TrainerFn::Fit:
        run.trainer->fit(*run.module, *run.data, checkpoint);
        break;
    case TrainerFn::Validate:
        outcome.results = run.trainer->validate(*run.module, *run.data, checkpoint);
        break;
    case TrainerFn::Test:
        outcome.results = run.trainer->test(*run.module, *run.data, checkpoint);
        break;
    case TrainerFn::Predict:
        outcome.predictions = run.trainer->predict(*run.module, *run.data, checkpoint);
        break;
    }
}

/// The system's own words need a subject: what it refused, and what helps.
std::string refusal(const std::system_error& error)
{
    const auto reason = error.code().message();
    if (error.code() == std::errc::resource_unavailable_try_again)
        return fmt::format("the system gave no further thread ({}); lower num_workers or "
                           "num_threads, or raise the limits "
                           "that 'ulimit -u' and 'ulimit -v' show",
            reason);
    if (const auto* about_file = dynamic_cast<const std::filesystem::filesystem_error*>(&error))
        return about_file->path1().empty()
            ? fmt::format(
                  "the working folder cannot be found ({}); change into one that is there", reason)
            : fmt::format("'{}': {}; check that it is there and its permissions",
                  about_file->path1().string(), reason);
    return fmt::format("the system refused what the run asked for: {}", reason);
}

/// LibTorch's own words need a place in the run, and what helps where that is known.
std::string library_failure(const c10::Error& error)
{
    const auto& places = error.context();
    const auto text = error.msg().substr(0, error.msg().find('\n'));
    const auto is_about
        = [&text](const char* words) { return text.find(words) != std::string::npos; };
    std::string help = "look at the model and at the data of that batch; log.txt has the rest";
    if (is_about("Expected more than 1 value per channel"))
        help = "batch norm cannot train on a batch of one row; set drop_last = true, or another "
               "batch_size";
    else if (is_about("out of bounds") || is_about("out of range"))
        help = "a class or an index of the data is larger than the model's outputs or tables";
    return fmt::format("{}{}{}; {}", places.empty() ? "" : places.front(),
        places.empty() ? "LibTorch said: " : ": LibTorch said: ", text, help);
}

bool has_diverged(const Trainer& trainer, const LightningModule& module)
{
    for (const auto& callback : trainer.callbacks()) {
        const auto* stopping = dynamic_cast<const EarlyStopping*>(callback.get());
        if (stopping && stopping->has_asked_for_stop()
            && (stopping->stopping_reason() == EarlyStoppingReason::NonFiniteMetric
                || stopping->stopping_reason() == EarlyStoppingReason::DivergenceThreshold))
            return true;
    }
    for (const auto& parameter : module.parameters()) {
        if (parameter.is_floating_point() && !at::isfinite(parameter.detach()).all().item<bool>())
            return true;
    }
    return false;
}

/// Whether the training reached what it was set, rather than that something ended it before.
bool has_reached_its_end(const Trainer& trainer)
{
    const auto& plan = trainer.plan();
    const auto epochs = trainer.fit_loop().epoch_progress.current.processed;
    return (plan.max_steps != -1 && trainer.global_step() >= plan.max_steps)
        || (plan.live.max_epochs != -1 && epochs >= plan.live.max_epochs);
}

/// For run.json; lets no exception out. `is_over`: it ended by itself, or somebody stopped it.
void judge(const Trainer& trainer, const LightningModule& module, RunRecorder& recorder,
    bool is_over, RunOutcome& outcome)
{
    const bool keeps_any
        = !trainer.checkpoint_callbacks().empty() && trainer.plan().fast_dev_run == 0;
    if (recorder.has_checkpoints() || trainer.has_unsaved_checkpoint())
        outcome.checkpoint_saved = !trainer.has_unsaved_checkpoint();
    else if (keeps_any)
        outcome.checkpoint_saved = false;
    try {
        if (has_diverged(trainer, module))
            outcome.outcome = "diverged";
        else if (is_over && !trainer.stopped_by())
            outcome.outcome = trainer.should_stop && !has_reached_its_end(trainer) ? "stopped_early"
                                                                                   : "completed";
    } catch (const std::exception&) { // the device that failed does not answer
    }
}

/// The folder of the version folders, once the last of them is gone.
void remove_empty_series(FileSystem& files, const path& version_folder)
{
    const auto series = version_folder.parent_path();
    if (files.exists(version_folder) || !files.list(series).empty())
        return;
    try {
        files.remove(series);
    } catch (const FileError&) { // another run began there meanwhile
    }
}

void finish(const RunRequest& request, const Trainer& trainer, RunOutcome& outcome)
{
    outcome.state = trainer.stopped_by() ? "stopped" : "finished";
    if (request.fn == TrainerFn::Fit && trainer.has_unsaved_checkpoint()) {
        outcome.exit_code = 1;
        outcome.failure = "the last checkpoint could not be written";
    }
}

} // namespace

void describe_failure(const std::exception& error, RunOutcome& outcome)
{
    outcome.state = "failed";
    outcome.failure = error.what();
    if (dynamic_cast<const NonFiniteError*>(&error))
        outcome.outcome = "diverged";
    if (const auto* interrupted = dynamic_cast<const RunInterrupted*>(&error)) {
        outcome.state = "stopped";
        if (interrupted->signal() == SIGUSR1) { // requeued: not its fault
            outcome.failure.clear();
            return;
        }
        outcome.exit_code = 128 + interrupted->signal();
        outcome.failure = interrupted->signal() == 2 ? "interrupted" : "terminated";
    } else if (dynamic_cast<const MisconfigurationError*>(&error)) {
        outcome.exit_code = 2;
    } else if (dynamic_cast<const DataError*>(&error)
        || dynamic_cast<const CheckpointError*>(&error) || dynamic_cast<const FileError*>(&error)) {
        outcome.exit_code = 3;
    } else if (const auto* torch_error = dynamic_cast<const c10::Error*>(&error)) {
        outcome.exit_code = 1;
        outcome.details = torch_error->what();
        outcome.failure = torch_error->what_without_backtrace();
        const auto is_about = [&outcome](const char* words) {
            return outcome.failure.find(words) != std::string::npos;
        };
        if (is_about("DefaultCPUAllocator") || is_about("out of memory")
            || is_about("Storage size calculation overflowed"))
            outcome.failure = out_of_memory;
        else
            outcome.failure = library_failure(*torch_error);
    } else if (dynamic_cast<const std::bad_alloc*>(&error)
        || dynamic_cast<const std::length_error*>(&error)) {
        outcome.exit_code = 1;
        outcome.failure = out_of_memory;
    } else if (const auto* refused = dynamic_cast<const std::system_error*>(&error)) {
        outcome.exit_code = dynamic_cast<const std::filesystem::filesystem_error*>(&error) ? 3 : 1;
        outcome.failure = refusal(*refused);
        outcome.details = error.what();
    } else {
        outcome.exit_code = 1;
    }
}

RunOutcome execute_run(const RunRequest& request, const Registry& registry)
{
    RunOutcome outcome;
    auto& files = request.files ? *request.files : FileSystem::local();
    auto facts = Json{{"schema", 1}, {"fn", to_string(request.fn)}, {"state", "running"},
        {"started", nullptr}, {"ended", nullptr}};
    facts.update(process_facts());
    facts.update(Json{{"device", nullptr}, {"epoch", 0}, {"global_step", 0},
        {"metrics", Json::object()}, {"warnings", Json::array()}, {"parent", nullptr},
        {"exit_code", nullptr}, {"outcome", nullptr}, {"checkpoint_saved", nullptr}});
    std::unique_ptr<FileLock> lock;
    bool is_version_folder = false; // made by a logger, in a series of its own
    path made_folder;               // before there was a run to own it
    std::unique_ptr<RunRecorder> recorder;
    try {
        const auto place = find_run_place(request, files);
        if (place.resume_in_place) { // before anything there is touched
            lock = lock_run_folder(files, place.run_dir);
            remove_leftovers(files, place.run_dir);
        }
        facts["device"] = Accelerator::resolve(
            request.config.trainer.accelerator, request.config.trainer.devices)
                              .device.str();
        if (!place.checkpoint.empty() && !place.resume_in_place)
            facts["parent"] = std::filesystem::absolute(place.checkpoint).string();
        recorder = std::make_unique<RunRecorder>(files, request.observer, facts);
        is_version_folder = place.run_dir.empty();
        // As in Lightning an evaluation has its own version folder; predictions are the caller's,
        // unless he names a folder.
        const bool records = request.fn != TrainerFn::Predict || !place.run_dir.empty();
        BuiltRun run;
        FolderOpener opener(*recorder, [&](const std::string& folder) {
            if (!records)
                return;
            if (!lock) {
                files.create_directories(folder);
                lock = lock_run_folder(files, folder);
                if (files.exists(path(folder) / "run.json"))
                    throw MisconfigurationError(fmt::format(
                        "run folder '{}': another run began there meanwhile; name another folder",
                        folder));
            }
            auto written = config_to_write(request.config, place, files);
            if (run.data)
                DataFindings::write(*run.data, written);
            recorder->open(folder, written, place.resume_in_place,
                place.checkpoint.empty() ? -1 : run.resumed_step);
        });
        TrainerParts parts;
        parts.root = request.output_root;
        parts.run_dir = place.run_dir;
        parts.resume_in_place = place.resume_in_place;
        if (request.fn == TrainerFn::Fit && !place.resume_in_place)
            parts.restore = RestoreParts(request.config.ckpt_restore);
        parts.trace_file = request.trace_file;
        parts.files = &files;
        parts.control = request.control;
        parts.prints = false; // both programs show the run and mind signals themselves
        parts.handles_signals = false;
        parts.observer = records ? static_cast<RunObserver*>(&opener) : request.observer;
        if (!request.replay_events.empty())
            parts.replay = parse_events(files.read(request.replay_events));
        auto config = request.config;
        if (request.fn != TrainerFn::Fit)
            forget_versions(config); // those folders are the training's
        if (place.resume_in_place)
            keep_threads(config, config_of_folder(files, place.run_dir));
        if (!records) {
            config.trainer.logger = false;
        } else if (!has_loggers(config) && parts.run_dir.empty()) {
            parts.run_dir = made_folder
                = make_version_folder(files, series_folder(request).lexically_normal());
        }
        run = build_run(config, registry, std::move(parts), place.checkpoint);
        outcome.spec = run.data->spec();
        if (request.fn != TrainerFn::Predict)
            DataTargets::check(*run.data);
        if (request.fn == TrainerFn::Fit) { // before the run has a folder; it warns by itself
            check_batch_norm(*run.module, *run.data, request.config.trainer);
            if (!place.checkpoint.empty())
                config.ckpt_path = place.checkpoint.string();
            throw_errors(check_run(config, registry, *run.module, outcome.spec));
        }
        if ((request.fn == TrainerFn::Validate || request.fn == TrainerFn::Test
                || request.fn == TrainerFn::Predict)
            && place.checkpoint.empty())
            run.trainer->warn(fmt::format(
                "{}: no checkpoint was named, so the model has its random first weights; "
                "--ckpt_path best takes those of a training",
                to_string(request.fn)));
        for (const auto& warning : place.warnings)
            run.trainer->warn(warning);
        if (request.fn != TrainerFn::Fit && !place.checkpoint.empty())
            run.trainer->message(MessageEvent::Level::Info,
                fmt::format("the weights are those of '{}'", place.checkpoint.string()));
        if (!place.news.empty())
            run.trainer->message(MessageEvent::Level::Info, place.news);
        if (const auto signal = request.control ? request.control->interrupted_by() : 0;
            signal != 0 && signal != SIGUSR1) // that one wants a checkpoint first
            throw RunInterrupted(signal);
        try {
            run_verb(request, run, place.checkpoint, outcome);
        } catch (...) {
            outcome.run_folder = recorder->folder();
            if (request.fn == TrainerFn::Fit)
                judge(*run.trainer, *run.module, *recorder, false, outcome);
            throw;
        }
        outcome.run_folder = recorder->folder();
        finish(request, *run.trainer, outcome);
        if (request.fn == TrainerFn::Fit)
            judge(*run.trainer, *run.module, *recorder, true, outcome);
        outcome.is_discarded
            = request.fn == TrainerFn::Fit && run.trainer->stopped_by() == StopVerb::Discard;
    } catch (const std::exception& error) {
        describe_failure(error, outcome);
    } catch (...) {
        outcome.state = "failed";
        outcome.exit_code = 1;
        outcome.failure = "an error of an unknown kind";
    }
    if (recorder && recorder->is_open())
        recorder->close(outcome.state, outcome.exit_code, outcome.failure,
            {outcome.outcome, outcome.checkpoint_saved});
    else if (!made_folder.empty())
        remove_unused(files, made_folder);
    if (outcome.is_discarded) {
        lock.reset(); // its file lies in the folder
        try {
            discard_run_folder(files, outcome.run_folder);
            if (is_version_folder)
                remove_empty_series(files, outcome.run_folder);
        } catch (const std::exception& error) {
            outcome.exit_code = 1;
            outcome.failure
                = fmt::format("the discarded run could not be deleted: {}", error.what());
        }
    }
    return outcome;
}

} // namespace leyden
