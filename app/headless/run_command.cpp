// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/headless/run_command.h"

#include "app/headless/resources.h"
#include "engine/checkpoint/weights_file.h"
#include "engine/config/json_text.h"
#include "engine/config/path_roots.h"
#include "engine/core/csv_lines.h"
#include "engine/core/errors.h"
#include "engine/core/factories.h"
#include "engine/core/file_system.h"
#include "engine/core/number_text.h"
#include "engine/trainer/load_from_checkpoint.h"
#include "engine/trainer/run_printer.h"
#include "engine/trainer/signal_guard.h"
#include "engine/trainer/slurm_options.h"
#include "engine/trainer/trainer_plan.h"

#include <nlohmann/json.hpp>

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cmath>

namespace leyden::headless {
namespace {

/// One line a row: its number in the file (rows that lack a value may be left out), the predicted
/// class and the share of each class, or the number in the target's own unit.
std::string predictions_csv(const RunOutcome& outcome)
{
    const auto& spec = outcome.spec;
    const bool classifies = spec.task == Task::Classification;
    const auto& numbers = spec.predict_rows;
    std::string text
        = (numbers.empty() ? "" : "row,") + csv_quoted("predicted_" + spec.target_name);
    size_t done = 0;
    if (classifies) {
        for (const auto& name : spec.class_names)
            text += "," + csv_quoted("p_" + name);
    }
    text += "\n";
    for (const auto& loader : outcome.predictions) {
        for (const auto& batch : loader) {
            const auto rows = batch.tensor().to(at::kDouble).contiguous();
            const auto outputs = rows.dim() > 1 ? rows.size(1) : 1;
            const auto* values = rows.const_data_ptr<double>();
            for (int64_t row = 0; row < rows.size(0); ++row, values += outputs) {
                if (done < numbers.size())
                    text += std::to_string(numbers[done++]) + ",";
                if (!classifies) {
                    text += python_repr(*values * spec.target_deviation + spec.target_mean) + "\n";
                    continue;
                }
                const auto* best = std::max_element(values, values + outputs);
                double sum = 0.0;
                for (int64_t i = 0; i < outputs; ++i)
                    sum += std::exp(values[i] - *best);
                text += csv_quoted(spec.class_names.at(size_t(best - values)));
                for (int64_t i = 0; i < outputs; ++i)
                    text += "," + python_repr(std::exp(values[i] - *best) / sum);
                text += "\n";
            }
        }
    }
    return text;
}

} // namespace

namespace {

/// As a progress bar among the callbacks says, if there is one.
BarStyle bar_style(const TrainerOptions& trainer, const Registry& registry)
{
    ComponentList configs;
    if (trainer.callbacks && std::holds_alternative<ComponentConfig>(*trainer.callbacks))
        configs.push_back(std::get<ComponentConfig>(*trainer.callbacks));
    else if (trainer.callbacks)
        configs = std::get<ComponentList>(*trainer.callbacks);
    std::vector<std::unique_ptr<Callback>> bars;
    for (const auto& config : configs) {
        if (config.class_path == "TQDMProgressBar" || config.class_path == "RichProgressBar")
            bars.push_back(factory_of<CallbackFactory>(
                registry, ComponentKind::Callback, config.class_path)(config.init_args));
    }
    return bar_style_of(resolve(trainer).enable_progress_bar, bars);
}

/// `run_folder`: where the run keeps what it writes; empty: nowhere.
std::string predictions_file(
    const RunArguments& arguments, const std::filesystem::path& run_folder = {})
{
    return arguments.output.empty() ? (run_folder / "predictions.csv").string() : arguments.output;
}

/// A file is replaced whole; a link keeps its target, and a pipe or a device is written to.
void write_output(const std::filesystem::path& file, const std::string& text)
{
    std::error_code failure;
    auto target = std::filesystem::canonical(file, failure);
    if (failure)
        target = file;
    if (std::filesystem::is_regular_file(target, failure)
        || !std::filesystem::exists(target, failure))
        FileSystem::local().write_atomic(target, text);
    else
        FileSystem::local().open_append(target)->append(text);
}

/// A checkpoint that is looked up, and no path.
bool is_checkpoint_word(const std::string& text)
{
    return text == "last" || text == "best" || text == "averaged" || text == "hpc";
}

/// A path on the command line is meant from the working directory first; one in a config from the
/// config's folder.
bool take_from_working_directory(std::string& text)
{
    std::error_code failure;
    if (is_checkpoint_word(text) || text.find('\0') != std::string::npos
        || !std::filesystem::exists(text, failure))
        return false;
    text = std::filesystem::absolute(text).string();
    return true;
}

/// The same below a value that is written as JSON: --data='{"class_path": ..., "init_args":
/// {"path": ...}}'.
bool take_from_working_directory(Json& value)
{
    bool is_changed = false;
    for (auto& [key, item] : value.items()) {
        if (key == "path" && item.is_string())
            is_changed |= take_from_working_directory(item.get_ref<std::string&>());
        else if (item.is_structured())
            is_changed |= take_from_working_directory(item);
    }
    return is_changed;
}

/// A checkpoint that is nowhere is named as its user meant it.
void name_missing_checkpoint(std::string& text, const PathRoots& roots)
{
    std::error_code failure;
    const bool is_name = !is_checkpoint_word(text) && !parse_json(text).problem.empty();
    if (is_name && !std::filesystem::exists(roots.config_folder / text, failure)
        && !std::filesystem::exists(roots.resource_folder / text, failure))
        text = std::filesystem::absolute(text).string();
}

void refuse_url(const std::string& ckpt_path)
{
    if (ckpt_path.find("://") != std::string::npos)
        throw MisconfigurationError("--ckpt_path " + ckpt_path
            + ": expected a file on this machine; nothing is read from a URL");
}

std::vector<ConfigOverride> from_working_directory(
    std::vector<ConfigOverride> overrides, const PathRoots& roots)
{
    for (auto& [path, text] : overrides) {
        if (path == "ckpt_path" || path.ends_with(".path"))
            text = with_home(text);
        if (path == "ckpt_path")
            refuse_url(text);
        if (path == "ckpt_path" || path.ends_with(".path")) {
            if (!take_from_working_directory(text) && path == "ckpt_path")
                name_missing_checkpoint(text, roots);
        } else if (auto value = parse_json(text); value.document.is_structured()) {
            if (take_from_working_directory(value.document))
                text = value.document.dump();
        }
    }
    return overrides;
}

/// That of the config; the working directory where the config comes from a pipe or a descriptor.
std::filesystem::path folder_of(const std::filesystem::path& config)
{
    const auto file = std::filesystem::absolute(config).lexically_normal();
    std::error_code failure;
    const auto status = std::filesystem::status(file, failure);
    const auto text = file.string();
    const bool is_stream
        = std::filesystem::exists(status) && !std::filesystem::is_regular_file(status);
    return is_stream || text.starts_with("/dev/") || text.starts_with("/proc/")
        ? std::filesystem::current_path()
        : file.parent_path();
}

/// The file that --ckpt_path names; empty where it names none.
std::filesystem::path named_checkpoint(const std::vector<ConfigOverride>& overrides)
{
    std::filesystem::path file;
    std::error_code failure;
    for (const auto& [path, text] : overrides) {
        if (path == "ckpt_path")
            file = std::filesystem::is_regular_file(text, failure) ? std::filesystem::path(text)
                                                                   : std::filesystem::path();
    }
    return file;
}

} // namespace

RunConfig read_config(const ConfigArguments& arguments, const Registry& registry)
{
    if (arguments.config.empty() && arguments.preset.empty()) {
        if (const auto file = named_checkpoint(arguments.overrides); !file.empty()) {
            const PathRoots roots{std::filesystem::current_path(), resource_folder()};
            return load_run_config(
                run_config_of(load_checkpoint_or_weights(FileSystem::local(), file), file),
                file.string(), from_working_directory(arguments.overrides, roots), registry, roots);
        }
    }
    if (arguments.config.empty() == arguments.preset.empty())
        throw MisconfigurationError("name a config by --config FILE, a preset by --preset NAME "
                                    "(leyden presets lists them), or "
                                    "a checkpoint of leyden fit by --ckpt_path FILE");
    const std::filesystem::path file = arguments.config.empty()
        ? preset_file(arguments.preset)
        : std::filesystem::path(arguments.config);
    const PathRoots roots{folder_of(file), resource_folder()};
    return load_run_config(
        file, from_working_directory(arguments.overrides, roots), registry, roots, arguments.verb);
}

int run_verb(const RunArguments& arguments, const Registry& registry)
{
    RunControl control;
    SignalGuard signals(control); // a run may take a while to begin
    RunRequest request;
    request.fn = arguments.fn;
    if (arguments.fn == TrainerFn::Predict
        && (!arguments.output.empty() || arguments.run_dir.empty()))
        check_output(predictions_file(arguments));
    request.config = read_config(arguments.config, registry);
    if (arguments.print_config) {
        print(request.config.resolved.dump(2));
        return 0;
    }
    const auto slurm = slurm_options(request.config);
    signals.set_requeue_signal(slurm.auto_requeue ? requeue_signal(slurm) : 0);
    request.run_dir = arguments.run_dir;
    request.trace_file = arguments.trace;
    request.replay_events = arguments.replay_events;
    RunPrinter bar(arguments.style, bar_style(request.config.trainer, registry));
    request.control = &control;
    request.observer = &bar;
    const auto outcome = execute_run(request, registry);
    bar.end();
    if (outcome.exit_code == 0 && !outcome.results.empty())
        print(results_table(outcome.results, arguments.fn));
    if (outcome.exit_code == 0 && arguments.fn == TrainerFn::Predict) {
        // A training's own folder, which --run_dir names, gets no other record of the prediction.
        const auto& named = arguments.run_dir;
        const auto folder = outcome.run_folder.empty() && std::filesystem::is_directory(named)
            ? std::filesystem::path(named)
            : std::filesystem::path(outcome.run_folder);
        const auto file = predictions_file(arguments, folder);
        write_output(file, predictions_csv(outcome));
        tell("predictions: " + file);
    }
    if (!outcome.failure.empty())
        tell_error(arguments.style, outcome.failure);
    return outcome.exit_code;
}

} // namespace leyden::headless
