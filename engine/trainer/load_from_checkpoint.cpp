// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/trainer/load_from_checkpoint.h"

#include "engine/checkpoint/weights_file.h"
#include "engine/config/json_text.h"
#include "engine/core/errors.h"

#include <spdlog/fmt/fmt.h>

namespace leyden {

Json run_config_of(const StateTree& checkpoint, const std::filesystem::path& file)
{
    const auto* own = checkpoint.find("leyden");
    const auto* text = own ? own->find("config") : nullptr;
    if (!text || !text->is_string() || text->to_string().empty())
        throw MisconfigurationError(fmt::format(
            "'{}' does not say of which model and data it is, as the checkpoints of leyden fit "
            "do; name its config",
            file.string()));
    auto parsed = parse_json(text->to_string());
    if (!parsed.problem.empty())
        throw CheckpointError(
            fmt::format("'{}' holds a damaged config: {}", file.string(), parsed.problem));
    return std::move(parsed.document);
}

BuiltRun load_from_checkpoint(const std::filesystem::path& file, const Registry& registry,
    const PathRoots& roots, const std::vector<ConfigOverride>& overrides)
{
    const auto checkpoint = load_checkpoint_or_weights(FileSystem::local(), file);
    const auto config = load_run_config(
        run_config_of(checkpoint, file), file.string(), overrides, registry, roots);
    auto run = build_model(config, registry, &checkpoint, file);
    run.module->load_module_state_dict(checkpoint.at("state_dict"), run.module->strict_loading);
    return run;
}

void load_from_checkpoint(
    const std::filesystem::path& file, LightningModule& module, std::optional<bool> strict)
{
    const auto checkpoint = load_checkpoint_or_weights(FileSystem::local(), file);
    if (!checkpoint.is_dict() || !checkpoint.contains("state_dict"))
        throw CheckpointError(
            fmt::format("'{}' is no Lightning checkpoint: it has no state_dict", file.string()));
    module.on_load_checkpoint(checkpoint);
    if (const auto* hparams = checkpoint.find("hyper_parameters"); hparams && hparams->is_dict())
        module.hparams = *hparams;
    module.load_module_state_dict(
        checkpoint.at("state_dict"), strict.value_or(module.strict_loading));
}

StateTree hyper_parameters_of(const std::filesystem::path& file)
{
    const auto checkpoint = load_checkpoint_or_weights(FileSystem::local(), file);
    const auto* hparams = checkpoint.find("hyper_parameters");
    return hparams && hparams->is_dict() ? *hparams : StateTree::dict();
}

} // namespace leyden
