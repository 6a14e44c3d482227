// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/trainer/run_session.h"

#include "engine/accelerators/accelerator.h"
#include "engine/callbacks/callback.h"
#include "engine/config/json_text.h"
#include "engine/core/errors.h"
#include "engine/loggers/csv_logger.h"
#include "engine/strategies/strategy.h"
#include "engine/trainer/build_run.h"
#include "engine/trainer/checkpoint_lookup.h"
#include "engine/trainer/replay_events.h"
#include "engine/trainer/run_recorder.h"

#include <ATen/Parallel.h>
#include <c10/util/Exception.h>
#include <nlohmann/json.hpp>

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <array>
#include <new>

namespace leyden {
namespace {
using std::filesystem::path;

/// Where a run writes and what it goes on from.
struct Place
{
    path run_dir; ///< empty: the logger makes a version folder
    path checkpoint;
    bool resume_in_place = false;
    std::string warning;
};

/// Folder of the version folders: that of the first logger, or leyden_runs.
path series_folder(const RunRequest& request)
{
    const auto& trainer = request.config.trainer;
    const auto root = request.output_root;
    const auto of_logger = [&](const ComponentConfig& logger) {
        const auto& args = logger.init_args;
        return root / args.value("save_dir", ".") / args.value("name", "lightning_logs");
    };
    if (trainer.logger) {
        if (const auto* one = std::get_if<ComponentConfig>(&*trainer.logger))
            return of_logger(*one);
        if (const auto* list = std::get_if<ComponentList>(&*trainer.logger); list && !list->empty())
            return of_logger(list->front());
        const auto* flag = std::get_if<bool>(&*trainer.logger);
        if (!flag || !*flag)
            return root / trainer.default_root_dir.value_or(".") / "leyden_runs";
    }
    return root / trainer.default_root_dir.value_or(".") / "lightning_logs";
}

bool has_loggers(const RunConfig& config)
{
    const auto& logger = config.trainer.logger;
    if (!logger)
        return true;
    if (const auto* flag = std::get_if<bool>(&*logger))
        return *flag;
    const auto* list = std::get_if<ComponentList>(&*logger);
    return !list || !list->empty();
}

/// Where the run of a config in `run_folder` puts its checkpoints: checkpoints/ and what its
/// ModelCheckpoints name.
std::vector<path> checkpoint_folders(const RunConfig& config, const path& run_folder)
{
    std::vector folders{run_folder / "checkpoints"};
    const auto add = [&](const ComponentConfig& callback) {
        const auto dirpath = callback.init_args.find("dirpath");
        if (callback.class_path == "ModelCheckpoint" && dirpath != callback.init_args.end()
            && dirpath->is_string())
            folders.push_back(std::filesystem::absolute(dirpath->get<std::string>()));
    };
    if (const auto& callbacks = config.trainer.callbacks) {
        if (const auto* one = std::get_if<ComponentConfig>(&*callbacks))
            add(*one);
        else if (const auto* list = std::get_if<ComponentList>(&*callbacks))
            std::for_each(list->begin(), list->end(), add);
    }
    return folders;
}

std::optional<path> find_checkpoint(
    FileSystem& files, const RunRequest& request, const path& run_folder)
{
    const auto folders = checkpoint_folders(request.config, run_folder);
    return request.config.ckpt_path == "best" ? best_checkpoint(files, folders)
                                              : newest_checkpoint(files, folders);
}

/// The run folder is one run's alone while it writes. Null where that lock could not be taken.
std::unique_ptr<FileLock> lock_folder(FileSystem& files, const path& folder)
{
    auto lock = files.try_lock(folder / ".lock");
    if (!lock)
        throw MisconfigurationError(fmt::format("run_dir = '{}': a run is writing there now; wait "
                                                "until it ends, stop it, or name another folder",
            folder.string()));
    return lock;
}

Place find_place(const RunRequest& request, FileSystem& files)
{
    if (const auto folder
        = (std::filesystem::current_path() / request.output_root / request.run_dir).string();
        !is_utf8(folder))
        throw MisconfigurationError(fmt::format("run folder '{}': its path is no UTF-8 text, and "
                                                "checkpoints name it; choose another folder",
            folder));
    Place place{.run_dir = request.run_dir, .checkpoint = {}, .warning = {}};
    const bool fits = request.fn == TrainerFn::Fit;
    const bool has_run = !request.run_dir.empty() && files.exists(request.run_dir / "run.json");
    const auto& said = request.config.ckpt_path;
    if (said == "hpc")
        throw MisconfigurationError("ckpt_path = hpc: not available yet; use last, best or a file");
    if (said && (*said == "last" || *said == "best")) {
        const auto series = series_folder(request);
        const auto folders
            = request.run_dir.empty() ? run_folders(files, series) : std::vector{request.run_dir};
        for (const auto& folder : folders) {
            if (const auto found = find_checkpoint(files, request, folder)) {
                place.checkpoint = *found;
                if (fits && *said == "last") {
                    place.run_dir = folder;
                    place.resume_in_place = true;
                }
                break;
            }
        }
        if (place.checkpoint.empty() && (*said == "best" || !fits))
            throw CheckpointError(fmt::format(
                "ckpt_path = {}: there is no checkpoint below '{}'; train first, or name a file",
                *said, (request.run_dir.empty() ? series : request.run_dir).string()));
        if (place.checkpoint.empty())
            place.warning = fmt::format(
                "ckpt_path = last: there is no checkpoint below '{}' yet; the run starts afresh",
                (request.run_dir.empty() ? series : request.run_dir).string());
    } else if (said) {
        place.checkpoint = *said;
        if (!files.exists(place.checkpoint))
            throw CheckpointError(fmt::format("ckpt_path = '{}': there is no such file", *said));
        place.resume_in_place = fits && has_run
            && std::filesystem::weakly_canonical(place.checkpoint).parent_path().parent_path()
                == std::filesystem::weakly_canonical(request.run_dir);
    }
    if (fits && has_run && !said)
        throw MisconfigurationError(
            fmt::format("run_dir = '{}': there is a run in it; name another folder, or go on with "
                        "it by --ckpt_path last",
                request.run_dir.string()));
    if (!fits
        && has_run) // it says where the checkpoint is; the training's own records stay as they are
        place.run_dir.clear();
    return place;
}

/// What config.json says: absolute inputs, the threads that were used, no checkpoint of its own
/// folder.
Json config_to_write(const RunConfig& config, const Place& place)
{
    auto written = config.resolved;
    written["num_threads"] = at::get_num_threads();
    written["ckpt_path"] = nullptr;
    if (!place.checkpoint.empty() && !place.resume_in_place)
        written["ckpt_path"] = std::filesystem::absolute(place.checkpoint).string();
    return written;
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

void finish(const RunRequest& request, const Trainer& trainer, RunOutcome& outcome)
{
    outcome.state = trainer.stopped_by() ? "stopped" : "finished";
    if (request.fn == TrainerFn::Fit && trainer.has_unsaved_checkpoint()) {
        outcome.exit_code = 1;
        outcome.failure = "the last checkpoint could not be written";
    }
}

/// Deletes what a run wrote into its folder, and the folder where nothing else is in it.
void discard_folder(FileSystem& files, const path& folder)
{
    constexpr std::array names{
        "config.json", "events.jsonl", "hparams.yaml", "log.txt", "metrics.csv", "run.json"};
    const auto is_ours = [&](const std::string& name) { // old parts are called metrics.csv.0.old
        return std::any_of(names.begin(), names.end(),
            [&](std::string_view ours) { return name.starts_with(ours); });
    };
    for (const auto& file : files.list(folder / "checkpoints")) {
        if (file.extension() == ".ckpt")
            files.remove(file);
    }
    if (files.list(folder / "checkpoints").empty())
        files.remove(folder / "checkpoints");
    for (const auto& file : files.list(folder)) {
        if (is_ours(file.filename().string()))
            files.remove(file);
    }
    if (files.list(folder).empty())
        files.remove(folder);
}

} // namespace

void describe_failure(const std::exception& error, RunOutcome& outcome)
{
    outcome.state = "failed";
    outcome.failure = error.what();
    if (const auto* interrupted = dynamic_cast<const RunInterrupted*>(&error)) {
        outcome.state = "stopped";
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
        outcome.failure = "LibTorch: " + outcome.failure.substr(0, outcome.failure.find('\n'));
    } else if (dynamic_cast<const std::bad_alloc*>(&error)) {
        outcome.exit_code = 1;
        outcome.failure = "out of memory; try a smaller batch_size or model";
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
    facts.update(
        Json{{"device", nullptr}, {"epoch", 0}, {"global_step", 0}, {"metrics", Json::object()},
            {"warnings", Json::array()}, {"parent", nullptr}, {"exit_code", nullptr}});
    std::unique_ptr<FileLock> lock;
    bool is_discarded = false;
    std::unique_ptr<RunRecorder> recorder;
    try {
        const auto place = find_place(request, files);
        if (place.resume_in_place) // before anything there is touched
            lock = lock_folder(files, place.run_dir);
        facts["device"] = Accelerator::resolve(request.config.trainer.accelerator).device.str();
        if (!place.checkpoint.empty() && !place.resume_in_place)
            facts["parent"] = std::filesystem::absolute(place.checkpoint).string();
        recorder = std::make_unique<RunRecorder>(files, request.observer, facts);
        // As in Lightning an evaluation has its own version folder; predictions are the caller's.
        const bool records = request.fn != TrainerFn::Predict;
        BuiltRun run;
        FolderOpener opener(*recorder, [&](const std::string& folder) {
            if (!records)
                return;
            if (!lock) {
                files.create_directories(folder);
                lock = lock_folder(files, folder);
                if (request.fn == TrainerFn::Fit && !place.run_dir.empty()
                    && files.exists(path(folder) / "run.json"))
                    throw MisconfigurationError(fmt::format(
                        "run_dir = '{}': another run began there meanwhile; name another folder",
                        folder));
            }
            recorder->open(folder, config_to_write(request.config, place), place.resume_in_place,
                run.resumed_step);
        });
        TrainerParts parts;
        parts.root = request.output_root;
        parts.run_dir = place.run_dir;
        parts.resume_in_place = place.resume_in_place;
        parts.trace_file = request.trace_file;
        parts.files = &files;
        parts.control = request.control;
        parts.observer = records ? static_cast<RunObserver*>(&opener) : request.observer;
        if (!request.replay_events.empty())
            parts.replay = parse_events(files.read(request.replay_events));
        auto config = request.config;
        if (!records) {
            config.trainer.logger = false;
        } else if (!has_loggers(config) && parts.run_dir.empty()) {
            parts.run_dir = make_version_folder(files, series_folder(request).lexically_normal());
        }
        run = build_run(config, registry, std::move(parts), place.checkpoint);
        outcome.spec = run.data->spec();
        if ((request.fn == TrainerFn::Validate || request.fn == TrainerFn::Test
                || request.fn == TrainerFn::Predict)
            && place.checkpoint.empty())
            run.trainer->warn(fmt::format(
                "{}: no checkpoint was named, so the model has its random first weights; "
                "--ckpt_path best takes those of a training",
                to_string(request.fn)));
        if (!place.warning.empty())
            run.trainer->warn(place.warning);
        if (const auto signal = request.control ? request.control->interrupted_by() : 0;
            signal != 0)
            throw RunInterrupted(signal);
        try {
            run_verb(request, run, place.checkpoint, outcome);
        } catch (...) {
            outcome.run_folder = recorder->folder();
            throw;
        }
        outcome.run_folder = recorder->folder();
        finish(request, *run.trainer, outcome);
        is_discarded
            = request.fn == TrainerFn::Fit && run.trainer->stopped_by() == StopVerb::Discard;
    } catch (const std::exception& error) {
        describe_failure(error, outcome);
    } catch (...) {
        outcome.state = "failed";
        outcome.exit_code = 1;
        outcome.failure = "an error of an unknown kind";
    }
    if (recorder && recorder->is_open()) {
        recorder->close(outcome.state, outcome.exit_code, outcome.failure);
    }
    if (is_discarded) {
        lock.reset(); // its file lies in the folder
        try {
            discard_folder(files, outcome.run_folder);
        } catch (const std::exception& error) {
            outcome.exit_code = 1;
            outcome.failure
                = fmt::format("the discarded run could not be deleted: {}", error.what());
        }
    }
    return outcome;
}

} // namespace leyden
