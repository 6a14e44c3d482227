// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/config/run_config.h"

#include "engine/config/config_file.h"
#include "engine/config/environment_defaults.h"
#include "engine/config/json_text.h"
#include "engine/config/lightning_cli.h"
#include "engine/config/option_check.h"
#include "engine/config/registry.h"
#include "engine/config/run_config_table.h"
#include "engine/config/yaml_scalar.h"
#include "engine/core/errors.h"

#include <algorithm>
#include <optional>

namespace leyden {

namespace fs = std::filesystem;

namespace {

std::string check_schema(const Json& value)
{
    return value.is_number_integer() && value.get<double>() > 1
        ? "which is the format of a newer version of Leyden; this one reads schema 1"
        : "";
}

void check_scheduler(const RunConfig& config, OptionClashes& clashes)
{
    if (config.lr_scheduler && config.lr_scheduler->scheduler.class_path == "ReduceLROnPlateau"
        && !config.lr_scheduler->monitor)
        clashes.add("lr_scheduler",
            "ReduceLROnPlateau needs the name of a logged metric in lr_scheduler.monitor, e.g. "
            "\"val_loss\"");
}

} // namespace

void describe(OptionTable<LRSchedulerOptions>& table)
{
    using T = LRSchedulerOptions;
    table
        .add("interval", &T::interval,
            "Step the schedule after every epoch, or after every optimizer step")
        .choices({"epoch", "step"});
    table.add("frequency", &T::frequency, "Epochs or batches between two steps of the schedule")
        .at_least(1);
    table.add("monitor", &T::monitor, "Metric that ReduceLROnPlateau watches, as logged")
        .names_of(NamesOf::Metrics);
    table.add("strict", &T::strict, "Stop with an error where the metric is missing; off: warn")
        .advanced();
    table.add("name", &T::name, "Name that LearningRateMonitor logs it under").advanced();
}

void describe(OptionTable<RunConfig>& table)
{
    using T = RunConfig;
    table.add("schema", &T::schema, "Version of this format")
        .at_least(1)
        .at_most(1)
        .check(check_schema)
        .advanced();
    table.add("seed_everything", &T::seed_everything, "Seed of every random generator")
        .at_least(0)
        .at_most(4294967295.0);
    table
        .add("num_threads", &T::num_threads,
            "Threads of one operation; unset: as many as the model's layers are worth, at most one "
            "a core")
        .at_least(1)
        .at_most(1024)
        .details("It changes results in their last bits. OMP_NUM_THREADS, where it is set, is used "
                 "as given.")
        .advanced();
    table.add("model", &T::model, "What is trained").component(ComponentKind::Model).required();
    table.add("data", &T::data, "What it is trained on").component(ComponentKind::Data).required();
    table.add("optimizer", &T::optimizer, "How parameters follow their gradients")
        .component(ComponentKind::Optimizer)
        .required();
    table.add("lr_scheduler", &T::lr_scheduler, "How the learning rate changes during training");
    table.add("trainer", &T::trainer, "How training goes");
    table
        .add("ckpt_path", &T::ckpt_path,
            "Checkpoint to start from: \"last\", \"best\", \"averaged\", \"hpc\" or a file")
        .input_path({"last", "best", "averaged", "hpc"})
        .not_empty()
        .details("averaged: the weights that StochasticWeightAveraging ended with; not to go on "
                 "from.")
        .advanced();
    table.add("ckpt_restore", &T::ckpt_restore, "What a training takes from that checkpoint")
        .choices({"weights", "optimizer", "lr_scheduler", "loops"})
        .not_empty()
        .details(
            "weights: of the model, with what the data module fitted. optimizer: its moments and "
            "hyper-parameters. lr_scheduler: the place in the schedule. loops: epoch, step, place "
            "in the data, "
            "random states, callbacks. A run that goes on in its own folder takes everything.")
        .advanced();
    table
        .add("strict_loading", &T::strict_loading,
            "Refuse a checkpoint whose parameters have other names than the model's; off: warn, "
            "and take those that fit")
        .details("Their shapes have to agree in any case. An optimizer that was saved with other "
                 "parameters is refused too: "
                 "ckpt_restore = [\"weights\"] leaves it out.")
        .advanced();
    table.check(check_scheduler);
}

ParsedConfig parse_run_config(
    const Json& document, const Registry& registry, const PathRoots& roots)
{
    ParsedConfig parsed;
    if (!document.is_object()) {
        parsed.problems.push_back({"",
            "found " + shown(document)
                + ", expected an object with model, data, "
                  "optimizer and trainer"});
        return parsed;
    }
    if (is_too_deep(document)) {
        parsed.problems.push_back({"",
            "lists and objects stand inside each other more than " + std::to_string(max_json_depth)
                + " levels deep"});
        return parsed;
    }
    const auto set = options_of<RunConfig>();
    OptionChecker checker(&registry, &roots);
    auto resolved = checker.check_object(set, document, "");
    parsed.problems = std::move(checker.problems);
    if (parsed.problems.empty()) {
        parsed.config = OptionTable<RunConfig>::assigned(set.options, resolved);
        parsed.config.resolved = std::move(resolved);
    }
    return parsed;
}

namespace {

/// JSON pointer of a dotted name.
std::string pointer_of(const std::string& path)
{
    std::string pointer;
    for (std::size_t begin = 0, end = 0; end != std::string::npos; begin = end + 1) {
        end = path.find('.', begin);
        pointer = pointer_to(pointer, path.substr(begin, end - begin));
    }
    return pointer;
}

/// Words of the command line such as True and No become switches, where the text as it stands is
/// refused. False: there are none.
bool take_switch_words(Json& document, const std::vector<ConfigOverride>& overrides,
    const std::vector<ConfigProblem>& problems)
{
    bool is_changed = false;
    for (const auto& [path, text] : overrides) {
        const auto value = yaml_bool(text);
        const auto pointer = pointer_of(path);
        const auto is_refused = std::any_of(problems.begin(), problems.end(),
            [&](const ConfigProblem& problem) { return problem.pointer == pointer; });
        if (!value || !is_refused)
            continue;
        const Json::json_pointer place(pointer);
        if (document.contains(place) && document[place] == text) {
            document[place] = *value;
            is_changed = true;
        }
    }
    return is_changed;
}

RunConfig load(ConfigText text, const std::string& source,
    const std::vector<ConfigOverride>& overrides, const Registry& registry, const PathRoots& roots)
{
    auto& document = text.document;
    take_lightning_cli(document, registry); // so that --optimizer=SGD keeps torch.optim.SGD's args
    auto problems = apply_overrides(document, overrides);
    take_lightning_cli(document, registry);
    const auto variables = apply_environment(document);
    auto parsed = parse_run_config(document, registry, roots);
    auto with_switches = document;
    if (take_switch_words(with_switches, overrides, parsed.problems)) {
        auto again = parse_run_config(with_switches, registry, roots);
        if (again.problems.size() < parsed.problems.size())
            parsed = std::move(again);
    }
    name_variables(parsed.problems, variables);
    std::vector<std::string> elsewhere;
    for (const auto& [pointer, variable] : variables)
        elsewhere.push_back(pointer);
    for (const auto& change : overrides)
        elsewhere.push_back(pointer_of(change.path));
    name_lines(parsed.problems, text.lines, source, elsewhere);
    problems.insert(problems.end(), parsed.problems.begin(), parsed.problems.end());
    if (!problems.empty())
        throw MisconfigurationError(problem_lines(problems, source));
    return std::move(parsed.config);
}

} // namespace

RunConfig load_run_config(const fs::path& file, const std::vector<ConfigOverride>& overrides,
    const Registry& registry, const PathRoots& roots, const std::string& verb)
{
    return load(read_config_file(file, registry, verb), file.string(), overrides, registry, roots);
}

RunConfig load_run_config(Json document, const std::string& source,
    const std::vector<ConfigOverride>& overrides, const Registry& registry, const PathRoots& roots)
{
    return load({std::move(document), {}}, source, overrides, registry, roots);
}

} // namespace leyden
