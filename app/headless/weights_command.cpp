// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/headless/weights_command.h"

#include "app/headless/output.h"
#include "app/headless/resources.h"
#include "engine/checkpoint/checkpoint_file.h"
#include "engine/checkpoint/weights_file.h"
#include "engine/core/errors.h"
#include "engine/trainer/checkpoint_lookup.h"
#include "engine/trainer/load_from_checkpoint.h"
#include "engine/trainer/torchscript_file.h"

#include <spdlog/fmt/fmt.h>

#include <filesystem>
#include <utility>

namespace leyden::headless {
namespace {

size_t count_of(const StateTree& weights)
{
    size_t count = 0;
    for (const auto& [name, tensor] : weights.entries())
        count += size_t(tensor.tensor().numel());
    return count;
}

std::string written(const std::string& output, const StateTree& weights)
{
    return fmt::format(
        "wrote {}: {} tensors, {} numbers", output, weights.size(), count_of(weights));
}

WeightsFormat format_of(const std::filesystem::path& file)
{
    const auto extension = file.extension();
    if (extension == ".safetensors")
        return WeightsFormat::Safetensors;
    return extension == ".pt" || extension == ".pth" ? WeightsFormat::StateDict
                                                     : WeightsFormat::Checkpoint;
}

/// The file that ckpt_path names, or means by "averaged".
std::filesystem::path named_file(const ExportArguments& arguments, FileSystem& files)
{
    if (arguments.ckpt_path != "averaged" || files.exists(arguments.ckpt_path)) {
        if (!arguments.run_dir.empty())
            throw MisconfigurationError("--run_dir goes with --ckpt_path averaged; leave it out");
        return arguments.ckpt_path;
    }
    std::vector<std::filesystem::path> folders;
    if (!arguments.run_dir.empty())
        folders.push_back(std::filesystem::path(arguments.run_dir) / "checkpoints");
    else
        for (auto& entry : files.list(std::filesystem::current_path()))
            if (std::filesystem::is_directory(entry))
                folders.push_back(std::move(entry));
    if (auto found = averaged_checkpoint(files, folders))
        return *std::move(found);
    throw CheckpointError(fmt::format(
        "ckpt_path = averaged: there is no {} below '{}'; a fit with StochasticWeightAveraging "
        "writes it at its end. Name its run by --run_dir, or a file",
        averaged_name,
        arguments.run_dir.empty() ? std::filesystem::current_path().string() : arguments.run_dir));
}

} // namespace

std::vector<std::string> export_formats()
{
    return {"safetensors", "torchscript", "state_dict"};
}

std::string write_weights(const ExportArguments& arguments, const Registry& registry)
{
    check_output(arguments.output);
    auto& files = FileSystem::local();
    const auto checkpoint = named_file(arguments, files);
    const auto weights = load_weights_file(files, checkpoint);
    if (arguments.format == "torchscript") {
        const auto run = load_from_checkpoint(
            checkpoint, registry, {std::filesystem::current_path(), resource_folder()});
        save_torchscript_file(files, arguments.output, *run.module);
    } else {
        save_weights_file(files, arguments.output, weights,
            arguments.format == "safetensors" ? WeightsFormat::Safetensors
                                              : WeightsFormat::StateDict);
    }
    return written(arguments.output, weights);
}

int export_weights(const ExportArguments& arguments, const Registry& registry)
{
    tell(write_weights(arguments, registry));
    return 0;
}

int import_weights(const ImportArguments& arguments)
{
    check_output(arguments.output);
    auto& files = FileSystem::local();
    auto checkpoint = load_checkpoint_or_weights(files, arguments.file);
    auto weights = weights_of(checkpoint, arguments.file);
    if (!arguments.map.empty()) {
        try {
            weights = rename_weights(weights, parse_name_rules(files.read(arguments.map)));
        } catch (const MisconfigurationError& error) {
            throw MisconfigurationError(fmt::format("--map '{}': {}", arguments.map, error.what()));
        }
    }
    const auto format = format_of(arguments.output);
    const auto* own = checkpoint.find("leyden");
    if (own && own->contains("gradients") && !arguments.map.empty())
        throw CheckpointError(fmt::format(
            "'{}' holds the gradients of an open accumulation window under the old names; take a "
            "checkpoint from the end of an epoch",
            arguments.file));
    if (format == WeightsFormat::Checkpoint
        && checkpoint.contains("optimizer_states")) { // goes on to be one to resume from
        checkpoint.set("state_dict", weights);
        save_checkpoint_file(files, arguments.output, checkpoint);
    } else {
        save_weights_file(files, arguments.output, weights, format);
    }
    tell(written(arguments.output, weights));
    return 0;
}

} // namespace leyden::headless
