// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/export.h"
#include "engine/core/file_system.h"
#include "engine/core/lightning_module.h"

namespace leyden {

/// Writes a model as TorchScript, which torch.jit.load opens in Python, C++ and on phones, without
/// the model's source.
///
/// Traces forward_example() on example_input_array in evaluation mode: dropout is off, and a path
/// that depends on the values of the input stays as the example took it. What was traced is run on
/// another input, and must give the same numbers as the model, bit for bit.
/// Names:  of parameters and buffers as in state_dict.
/// Throws: MisconfigurationError where the model has no example input, or what it gives is no
///         single tensor; CheckpointError where tracing fails or the file cannot be written.
LEYDEN_API void save_torchscript_file(
    FileSystem& files, const FileSystem::path& file, LightningModule& module);

} // namespace leyden
