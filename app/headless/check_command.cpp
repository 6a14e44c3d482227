// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/headless/check_command.h"

#include "engine/accelerators/accelerator.h"
#include "engine/callbacks/model_summary.h"
#include "engine/core/data_warnings.h"
#include "engine/core/lightning_module.h"
#include "engine/trainer/batch_norm_check.h"
#include "engine/trainer/build_run.h"
#include "engine/trainer/run_checks.h"
#include "engine/trainer/trainer_plan.h"

#include <nlohmann/json.hpp>

#include <spdlog/fmt/fmt.h>

#include <algorithm>

namespace leyden::headless {
namespace {

/// Bytes that training holds besides activations: weights, gradients and the optimizer's state.
int64_t training_bytes(LightningModule& module, const RunConfig& config)
{
    int64_t weights = 0;
    for (const auto& parameter : module.parameters())
        weights += int64_t(parameter.nbytes());
    const auto& optimizer = config.optimizer.class_path;
    const int64_t copies
        = optimizer == "SGD" ? (config.optimizer.init_args.value("momentum", 0.0) > 0 ? 1 : 0) : 2;
    return weights * (2 + copies);
}

std::string shape_text(const std::vector<int64_t>& shape)
{
    return fmt::format("[N, {}]", fmt::join(shape, ", "));
}

/// `12 classes (setosa, versicolor, ...)`, on one line however the names are written.
std::string classes_text(const std::vector<std::string>& names)
{
    constexpr size_t most = 12;
    auto text = fmt::format("{} classes (", names.size());
    for (size_t i = 0; i < std::min(names.size(), most); ++i) {
        text += i > 0 ? ", " : "";
        for (const auto c : names[i])
            text += static_cast<unsigned char>(c) < 0x20 || c == 0x7F ? ' ' : c;
    }
    if (names.size() > most)
        text += fmt::format(", ... and {} more", names.size() - most);
    return text + ")";
}

} // namespace

int check(const ConfigArguments& arguments, bool as_json, const Registry& registry)
{
    const auto config = read_config(arguments, registry);
    const auto plan = resolve(config.trainer);
    const auto device
        = Accelerator::resolve(config.trainer.accelerator, config.trainer.devices).device.str();
    const auto run = build_model(config, registry);
    check_batch_norm(*run.module, *run.data, config.trainer);
    const auto& spec = run.data->spec();
    auto warnings = DataWarnings::of(*run.data);
    const auto problems = check_run(config, registry, *run.module, spec);
    for (const auto& problem : problems)
        if (!problem.is_error)
            warnings.push_back(
                problem.pointer.empty() ? problem.text : problem.pointer + ": " + problem.text);
    for (const auto& warning : warnings)
        tell_warning(make_style(false, false, false), warning);
    throw_errors(problems);
    const auto summary = summarize(*run.module, -1);
    const auto bytes = training_bytes(*run.module, config);
    const bool classifies = spec.task == Task::Classification;
    if (as_json) {
        nlohmann::ordered_json report{{"device", device},
            {"data",
                {{"feature_shape", spec.feature_shape},
                    {"task", classifies ? "classification" : "regression"},
                    {"outputs", spec.outputs}, {"class_names", spec.class_names},
                    {"target", spec.target_name}, {"train_rows", spec.train_rows},
                    {"val_rows", spec.val_rows}, {"test_rows", spec.test_rows}}},
            {"parameters", summary.total_parameters}, {"training_bytes", bytes},
            {"warnings", warnings}};
        for (const auto& layer : summary.layers)
            report["layers"].push_back(
                {{"name", layer.name}, {"type", layer.type}, {"parameters", layer.parameters}});
        print(report.dump(2));
        return 0;
    }
    std::string text = "data\n";
    text += fmt::format("  inputs   {} float32\n", shape_text(spec.feature_shape));
    text += classifies
        ? fmt::format("  target   {}: {}\n", spec.target_name, classes_text(spec.class_names))
        : fmt::format("  target   {}: a number\n", spec.target_name);
    text += fmt::format("  rows     {} train, {} validation, {} test\n\nmodel\n", spec.train_rows,
        spec.val_rows, spec.test_rows);
    text += summary_table(summary);
    text += fmt::format("\nrun\n  device   {}\n  epochs   {}\n  memory   {:.1f} MB for weights, "
                        "gradients and optimizer, plus activations\n",
        device,
        plan.live.max_epochs < 0 ? std::string("no limit") : std::to_string(plan.live.max_epochs),
        double(bytes) / 1e6);
    print(text + "\nconfig is valid");
    return 0;
}

} // namespace leyden::headless
