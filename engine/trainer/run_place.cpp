// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/trainer/run_place.h"

#include "engine/checkpoint/checkpoint_file.h"
#include "engine/config/json_text.h"
#include "engine/core/errors.h"
#include "engine/trainer/checkpoint_lookup.h"
#include "engine/trainer/checkpoint_settings.h"
#include "engine/trainer/slurm.h"
#include "engine/trainer/trainer_plan.h"

#include <nlohmann/json.hpp>

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

namespace leyden {
namespace {
using std::filesystem::path;

constexpr std::array<std::string_view, 7> run_files{"config.json", "events.jsonl", "hparams.yaml",
    "log.txt", "metrics.csv", "run.json", "times.csv"};

/// Where the run in `run_folder` puts its checkpoints, by its own config where it has one.
std::vector<path> checkpoint_folders(
    FileSystem& files, const RunRequest& request, const path& run_folder)
{
    auto config = config_of_folder(files, run_folder);
    if (config.empty())
        config = request.config.resolved;
    std::vector folders{run_folder / "checkpoints"};
    for (auto& folder : checkpoint_dirpaths(config, request.output_root))
        folders.push_back(std::move(folder));
    return folders;
}

CheckpointUse use_of(const RunRequest& request)
{
    return request.fn == TrainerFn::Fit ? CheckpointUse::Training : CheckpointUse::Evaluation;
}

/// Where a job that SLURM requeues leaves its state.
path hpc_folder(const RunRequest& request)
{
    return request.output_root / request.config.trainer.default_root_dir.value_or(".");
}

std::optional<path> find_checkpoint(FileSystem& files, const RunRequest& request,
    const path& run_folder, std::vector<std::string>& damaged, RunPlace& place)
{
    const auto folders = checkpoint_folders(files, request, run_folder);
    if (request.config.ckpt_path == "averaged")
        return averaged_checkpoint(files, folders);
    if (request.config.ckpt_path != "best")
        return newest_checkpoint(files, folders, use_of(request), &damaged);
    int named = 0;
    auto best = best_checkpoint(files, folders, &named);
    if (best && named > 1)
        place.warnings.push_back(fmt::format("ckpt_path = best: the run has {} ModelCheckpoints; "
                                             "the first one's best is taken, '{}'",
            named, best->string()));
    return best;
}

/// The folder that the request names, by --run_dir or by the logger's version; empty: none.
path named_folder(const RunRequest& request)
{
    if (!request.run_dir.empty())
        return request.run_dir;
    const auto* logger = first_logger(request.config);
    if (!logger)
        return {};
    const auto version = logger->init_args.value("version", Json());
    if (version.is_number_integer())
        return series_folder(request) / fmt::format("version_{}", version.get<int64_t>());
    return version.is_string() ? series_folder(request) / version.get<std::string>() : path();
}

/// Whether a run wrote the folder: it is one's own, or a killed one left its lock.
bool holds_a_run(FileSystem& files, const path& folder)
{
    return files.exists(folder / "run.json") || files.exists(folder / ".lock");
}

/// A folder that is no run may hold anything but what a run would write over or append to;
/// checkpoints get names of their own.
void refuse_foreign_files(FileSystem& files, const path& folder)
{
    for (const std::string_view name : run_files) {
        if (files.exists(folder / name))
            throw MisconfigurationError(fmt::format("run folder '{}': there is a '{}' in it that "
                                                    "belongs to no run and would be written "
                                                    "over; move it away, or name another folder",
                folder.string(), name));
    }
}

bool is_within(const path& file, const path& folder)
{
    const auto relative = std::filesystem::weakly_canonical(file).lexically_relative(
        std::filesystem::weakly_canonical(folder));
    return !relative.empty() && *relative.begin() != "..";
}

/// These write no logs, whatever loggers are named.
bool is_without_loggers(const TrainerOptions& options)
{
    return options.barebones
        || std::visit([](auto batches) { return int64_t(batches) > 0; }, options.fast_dev_run);
}

/// Of "fit" in run.json; evaluations have folders too.
bool is_of_training(FileSystem& files, const path& folder)
{
    const auto file = folder / "run.json";
    if (!files.exists(file))
        return false;
    const auto facts = parse_json(files.read(file)).document;
    return facts.is_object() && facts.value("fn", Json()) == "fit";
}

/// `last` and `best`: the first of the folders that has such a checkpoint.
void look_up(RunPlace& place, const RunRequest& request, FileSystem& files, const std::string& word)
{
    const bool fits = request.fn == TrainerFn::Fit;
    const bool is_last = word == "last";
    const auto named = named_folder(request);
    const auto series = series_folder(request);
    const auto folders = named.empty() ? run_folders(files, series) : std::vector{named};
    const auto where = (named.empty() ? series : named).string();
    std::vector<std::string> damaged;
    bool has_any = false;
    std::string setting; // of the newest run, why it has none
    path without;        // the newest training that has none
    for (const auto& folder : folders) {
        const auto found = find_checkpoint(files, request, folder, damaged, place);
        if (!found) {
            if (without.empty() && is_of_training(files, folder))
                without = folder;
            if (&folder == folders.data())
                setting = setting_without_checkpoints(config_of_folder(files, folder), word);
            if (!damaged.empty()) // an older run is not what was meant
                throw CheckpointError(fmt::format(
                    "{}; there is no whole checkpoint in '{}'", damaged.front(), folder.string()));
            const auto other = newest_checkpoint(
                files, checkpoint_folders(files, request, folder), CheckpointUse::Evaluation);
            if (other && fits && is_last)
                throw CheckpointError(fmt::format(
                    "ckpt_path = last: '{0}' holds weights only; training cannot go on from it "
                    "without the optimizer's state. ckpt_path = '{0}' with ckpt_restore = "
                    "[\"weights\"] starts a training from its weights",
                    other->string()));
            has_any = has_any || other;
            continue;
        }
        place.checkpoint = *found;
        if (!without.empty()) {
            const auto why = setting_without_checkpoints(config_of_folder(files, without), word);
            place.warnings.push_back(fmt::format(
                "ckpt_path = {}: the newest run, '{}', has no such checkpoint{}; '{}', of an older "
                "run, is used",
                word, without.string(), why.empty() ? "" : ", because of " + why, found->string()));
        }
        if (!damaged.empty())
            place.warnings.push_back(fmt::format("{}; '{}' is the newest whole one, and is taken",
                damaged.front(), found->string()));
        if (fits && (is_last || (!named.empty() && word == "best"))) {
            place.run_dir = folder;
            place.resume_in_place = true;
        }
        return;
    }
    if (!setting.empty() && (!is_last || !fits))
        throw CheckpointError(fmt::format(
            "ckpt_path = {}: the run in '{}' keeps none, because of {}; train again without that, "
            "or name a file",
            word, folders.front().string(), setting));
    if (word == "averaged" && has_any)
        throw CheckpointError(fmt::format(
            "ckpt_path = averaged: there is no {} below '{}'; a fit with StochasticWeightAveraging "
            "writes it at its end, and with other averages every checkpoint holds the average",
            averaged_name, where));
    if (word == "best" && has_any)
        throw CheckpointError(fmt::format("ckpt_path = best: the checkpoints below '{}' do not say "
                                          "which one is best (they hold weights only, or no "
                                          "ModelCheckpoint wrote them); name a file",
            where));
    if (!is_last || !fits)
        throw CheckpointError(fmt::format(
            "ckpt_path = {}: there is no checkpoint below '{}'; train first, or name a file", word,
            where));
    place.warnings.push_back(fmt::format(
        "ckpt_path = last: there is no checkpoint below '{}' yet; the run starts afresh", where));
    if (!named.empty() && files.exists(named / "run.json")) { // killed before its first checkpoint
        place.run_dir = named;
        place.resume_in_place = true;
    }
}

/// The newest whole hpc checkpoint; `job`: that job's alone. A fit goes on in the folder that it
/// names, where that is still there and no other one is asked for. False: there is none.
bool take_hpc(
    RunPlace& place, const RunRequest& request, FileSystem& files, const std::string& job = {})
{
    const auto text_of = [](const StateTree& own, const char* key) {
        const auto* value = own.is_dict() ? own.find(key) : nullptr;
        return value && value->is_string() ? value->to_string() : std::string();
    };
    for (const auto& file : hpc_checkpoints(files, hpc_folder(request))) {
        StateTree own;
        try {
            const auto checkpoint = load_checkpoint_outline(files, file);
            if (const auto* part = checkpoint.find("leyden"))
                own = *part;
        } catch (const CheckpointError& error) {
            place.warnings.push_back(fmt::format("{}; it is left out", error.what()));
            continue;
        }
        if (!job.empty() && text_of(own, hpc_job_key) != job)
            continue;
        place.checkpoint = file;
        const path home(text_of(own, hpc_folder_key));
        const auto named = named_folder(request);
        const bool is_asked_for = named.empty()
            || std::filesystem::weakly_canonical(named) == std::filesystem::weakly_canonical(home);
        if (request.fn == TrainerFn::Fit && !home.empty() && is_asked_for
            && files.exists(home / "run.json")) {
            place.run_dir = home;
            place.resume_in_place = true;
        }
        return true;
    }
    return false;
}

bool names_file(const std::optional<std::string>& ckpt_path)
{
    return ckpt_path && ckpt_path != "last" && ckpt_path != "best" && ckpt_path != "averaged"
        && ckpt_path != "hpc";
}

/// Whether the run in a folder began from that checkpoint.
bool began_from(FileSystem& files, const path& run_folder, const std::string& checkpoint)
{
    const auto from = config_of_folder(files, run_folder).value("ckpt_path", Json());
    return from.is_string()
        && std::filesystem::weakly_canonical(from.get<std::string>())
        == std::filesystem::weakly_canonical(checkpoint);
}

/// As Lightning: with an OnExceptionCheckpoint a fit goes on by itself from what an error left.
void take_exception_checkpoint(RunPlace& place, const RunRequest& request, FileSystem& files)
{
    const auto candidates = exception_checkpoints(request.config.resolved, request.output_root);
    for (const auto& file : candidates) {
        if (!files.exists(file))
            continue;
        place.checkpoint = file.lexically_normal();
        const auto named = named_folder(request);
        if (!named.empty() && files.exists(named / "run.json")
            && is_within(place.checkpoint, named)) {
            place.run_dir = named;
            place.resume_in_place = true;
        }
        place.warnings.push_back(
            fmt::format("the fit goes on from '{}', which OnExceptionCheckpoint "
                        "wrote when an earlier one failed; delete it to start "
                        "afresh",
                place.checkpoint.string()));
        return;
    }
    if (!candidates.empty())
        place.warnings.push_back(fmt::format(
            "OnExceptionCheckpoint: there is no '{}' to go on from; the run starts afresh",
            candidates.front().lexically_normal().string()));
}

/// Whether that run's own config says the same: then nobody asked for it now.
bool is_of_its_config(FileSystem& files, const path& run_folder, const RunConfig& config)
{
    return config_of_folder(files, run_folder).value("ckpt_restore", Json())
        == Json(config.ckpt_restore);
}

} // namespace

const ComponentConfig* first_logger(const RunConfig& config)
{
    const auto& logger = config.trainer.logger;
    if (!logger || is_without_loggers(config.trainer))
        return nullptr;
    if (const auto* one = std::get_if<ComponentConfig>(&*logger))
        return one;
    const auto* list = std::get_if<ComponentList>(&*logger);
    return list && !list->empty() ? &list->front() : nullptr;
}

void forget_versions(RunConfig& config)
{
    auto& logger = config.trainer.logger;
    if (!logger)
        return;
    if (auto* one = std::get_if<ComponentConfig>(&*logger))
        one->init_args.erase("version");
    if (auto* list = std::get_if<ComponentList>(&*logger)) {
        for (auto& each : *list)
            each.init_args.erase("version");
    }
}

Json config_of_folder(FileSystem& files, const path& folder)
{
    const auto file = folder / "config.json";
    auto config = files.exists(file) ? parse_json(files.read(file)).document : Json();
    return config.is_object() ? std::move(config) : Json::object();
}

bool has_loggers(const RunConfig& config)
{
    const auto& logger = config.trainer.logger;
    if (is_without_loggers(config.trainer))
        return false;
    const auto* flag = logger ? std::get_if<bool>(&*logger) : nullptr;
    const auto* list = logger ? std::get_if<ComponentList>(&*logger) : nullptr;
    return flag ? *flag : !list || !list->empty();
}

path series_folder(const RunRequest& request)
{
    const auto& config = request.config;
    if (const auto* logger = first_logger(config)) {
        const auto& args = logger->init_args;
        return request.output_root / args.value("save_dir", ".")
            / args.value("name", "lightning_logs");
    }
    return request.output_root / config.trainer.default_root_dir.value_or(".")
        / (has_loggers(config) ? "lightning_logs" : "leyden_runs");
}

RunPlace find_run_place(const RunRequest& request, FileSystem& files)
{
    const auto folder
        = (std::filesystem::current_path() / request.output_root / request.run_dir).string();
    if (!is_utf8(folder))
        throw MisconfigurationError(fmt::format("run folder '{}': its path is no UTF-8 text, and "
                                                "checkpoints name it; choose another folder",
            folder));
    RunPlace place{.run_dir = request.run_dir, .checkpoint = {}, .warnings = {}, .news = {}};
    const bool fits = request.fn == TrainerFn::Fit;
    const auto& said = request.config.ckpt_path;
    if (said == "best" && resolve(request.config.trainer).fast_dev_run > 0)
        throw MisconfigurationError("ckpt_path = best: a run with fast_dev_run writes no "
                                    "checkpoints; name a file, or remove one of them");
    const auto named = named_folder(request);
    const bool has_run = !named.empty() && files.exists(named / "run.json");
    const auto job = fits && resolve(request.config.trainer).fast_dev_run == 0 ? SlurmJob::detect()
                                                                               : std::nullopt;
    auto requeued = place;
    const bool has_hpc = job && take_hpc(requeued, request, files, job->id());
    const bool is_same_start = !names_file(said)
        || (requeued.resume_in_place && began_from(files, requeued.run_dir, *said));
    if (has_hpc && is_same_start) { // the command is that of the job's first start
        place = std::move(requeued);
        place.news = fmt::format("job {} goes on from '{}'", job->id(), place.checkpoint.string());
    } else if (said == "hpc") {
        if (!take_hpc(place, request, files))
            throw CheckpointError(fmt::format("ckpt_path = hpc: there is no whole hpc_ckpt_N.ckpt "
                                              "in '{}'; a job that SLURM requeues leaves one",
                hpc_folder(request).string()));
    } else if (said == "last" || said == "best" || said == "averaged") {
        look_up(place, request, files, *said);
    } else if (said) {
        place.checkpoint = *said;
        if (!files.exists(place.checkpoint))
            throw CheckpointError(fmt::format("ckpt_path = '{}': there is no such file", *said));
        if (fits && has_run && is_within(place.checkpoint, named)) {
            place.run_dir = named;
            place.resume_in_place = true;
        }
    } else if (fits && resolve(request.config.trainer).fast_dev_run == 0) {
        take_exception_checkpoint(place, request, files);
    }
    if (has_hpc && !is_same_start)
        place.warnings.push_back(fmt::format(
            "ckpt_path = '{}' is used, and not what job {} left when it was given back to the "
            "queue; leave ckpt_path out to go on from that",
            *said, job->id()));
    if (fits && has_run && !place.resume_in_place) {
        const auto folders = checkpoint_folders(files, request, named);
        const bool has_checkpoint = std::any_of(folders.begin(), folders.end(),
            [&](const path& each) { return !files.list(each).empty(); });
        throw MisconfigurationError(fmt::format(
            "run folder '{}': there is a run in it; name another folder, or {}", named.string(),
            has_checkpoint ? "go on with it by --ckpt_path last"
                           : "delete this one, which has no checkpoint to go on from"));
    }
    if (place.resume_in_place && !place.checkpoint.empty()
        && !RestoreParts(request.config.ckpt_restore).is_all()
        && !is_of_its_config(files, place.run_dir, request.config))
        place.warnings.push_back(fmt::format(
            "ckpt_restore is not used: the run goes on in its own folder '{}' with everything that "
            "its checkpoint holds; to take a part of it, name the checkpoint's file and no run "
            "folder",
            place.run_dir.string()));
    else if (fits && !said && place.checkpoint.empty()
        && !RestoreParts(request.config.ckpt_restore).is_all())
        place.warnings.push_back(
            "ckpt_restore is not used: the run starts from no checkpoint; ckpt_path names one");
    const bool was_named = !request.run_dir.empty();
    const auto is_of_run = [&](const path& file) {
        auto folders = checkpoint_folders(files, request, named);
        folders.push_back(named);
        return !file.empty() && std::any_of(folders.begin(), folders.end(), [&](const path& own) {
            return is_within(file, own);
        });
    };
    if (!fits && has_run) {
        if (was_named && !is_of_run(place.checkpoint))
            throw MisconfigurationError(
                fmt::format("run folder '{}': there is a run in it; take its weights by "
                            "--ckpt_path best, or name another folder",
                    named.string()));
        place.run_dir.clear(); // it says where the checkpoint is; the training's own records stay
                               // as they are
    } else if (!named.empty() && !place.resume_in_place && !holds_a_run(files, named)
        && (fits || was_named)) {
        refuse_foreign_files(files, named);
    }
    return place;
}

std::unique_ptr<FileLock> lock_run_folder(FileSystem& files, const path& folder)
{
    auto lock = files.try_lock(folder / ".lock");
    if (!lock)
        throw MisconfigurationError(fmt::format("run folder '{}': a run is writing there now; wait "
                                                "until it ends, stop it, or name another folder",
            folder.string()));
    return lock;
}

void remove_leftovers(FileSystem& files, const path& folder)
{
    for (const auto& place : {folder, folder / "checkpoints"}) {
        for (const auto& file : files.list(place)) {
            const auto name = file.filename().string();
            if (name.starts_with(".") && name.ends_with(".tmp"))
                files.remove(file);
        }
    }
}

/// Deletes what a run wrote into its folder, and the folder where nothing else is in it.
void discard_run_folder(FileSystem& files, const path& folder)
{
    const auto is_ours = [&](const std::string& name) { // old parts are called metrics.csv.0.old
        return std::any_of(run_files.begin(), run_files.end(),
            [&](std::string_view ours) { return name.starts_with(ours); });
    };
    // Others may have been there before.
    const auto run = files.exists(folder / "run.json")
        ? Json::parse(files.read(folder / "run.json"), nullptr, false)
        : Json();
    if (run.is_object() && run.contains("checkpoints") && run["checkpoints"].is_object()) {
        for (const auto& [name, entry] : run["checkpoints"].items()) {
            if (path(name).is_relative())
                files.remove(folder / name);
        }
    }
    files.remove(folder / "checkpoints" / "on_exception.ckpt");
    if (files.list(folder / "checkpoints").empty())
        files.remove(folder / "checkpoints");
    for (const auto& file : files.list(folder)) {
        if (is_ours(file.filename().string()))
            files.remove(file);
    }
    if (files.list(folder).empty())
        files.remove(folder);
}

} // namespace leyden
