// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/config/registry.h"

#include <string>
#include <vector>

namespace leyden::headless {

struct ExportArguments
{
    std::string ckpt_path; ///< a checkpoint, a state_dict or .safetensors; "averaged"
    std::string run_dir;   ///< of "averaged"; "": the newest below the working folder
    std::string format;    ///< one of export_formats()
    std::string output;
};
std::vector<std::string> export_formats();

struct ImportArguments
{
    std::string file;   ///< a checkpoint, a state_dict or .safetensors
    std::string map;    ///< JSON file of names; "": all keep theirs
    std::string output; ///< .safetensors, .pt or .pth; anything else becomes a checkpoint
};

/// Writes what `leyden export` writes, and says so in a line. Throws MisconfigurationError,
/// CheckpointError, DataError, FileError.
std::string write_weights(const ExportArguments& arguments, const Registry& registry);

/// `leyden export`: the weights of a checkpoint for elsewhere. `leyden import`: weights of another
/// layout as ours. Return the exit code; throw MisconfigurationError, CheckpointError, DataError,
/// FileError.
int export_weights(const ExportArguments& arguments, const Registry& registry);
int import_weights(const ImportArguments& arguments);

} // namespace leyden::headless
