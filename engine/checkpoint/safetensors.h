// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/byte_source.h"
#include "engine/core/export.h"
#include "engine/core/file_system.h"
#include "engine/core/state_tree.h"

#include <string_view>

namespace leyden {

/// Writes weights in the safetensors format: the length of the header, a JSON header, the bytes of
/// each tensor.
///
/// weights:  a dict, name -> tensor: float16/32/64, bfloat16, int8/16/32/64, uint8, bool; any
///           shape, strides and device. Tied tensors are written once for each name, for the format
///           knows no sharing.
/// metadata: a dict, name -> text; the header's "__metadata__".
/// Memory:   one tensor where it is not contiguous on the CPU.
/// Throws:   CheckpointError naming the entry that cannot be written; what the sink throws.
/// Source:   safetensors 0.5, README, "Format".
LEYDEN_API void encode_safetensors(
    const StateTree& weights, const StateTree& metadata, const FileSystem::Sink& write);

/// Reads such a file from memory: an ordered dict, name -> tensor, copies on the CPU, in the order
/// of the header.
///
/// Throws: CheckpointError saying what is wrong. The file may hold anything: every size is checked
///         against the file before memory is taken, and the tensors must cover its data without gap
///         or overlap.
LEYDEN_API StateTree decode_safetensors(ByteSource& file);
LEYDEN_API StateTree decode_safetensors(std::string_view bytes);

} // namespace leyden
