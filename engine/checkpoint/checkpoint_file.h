// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/byte_source.h"
#include "engine/core/export.h"
#include "engine/core/file_system.h"
#include "engine/core/state_tree.h"

#include <string_view>

namespace leyden {

/// Of the file in checkpoints/ that holds averaged weights, and no state to resume from.
inline constexpr const char* averaged_name = "averaged.ckpt";
inline constexpr const char* lightning_version = "2.6.6"; ///< whose layout we write

/// Writes a state as the file that torch.save makes of it: the zip archive of PyTorch 1.6 and
/// later. torch.load(weights_only=True, mmap=True too) and Lightning open it with equal values,
/// types and key order.
///
/// Tensors: float16/32/64, bfloat16, int8/16/32/64, uint8, bool, complex64/128; any shape, strides
/// and
///          device (copied to the CPU one storage at a time, written as "cpu"). Tensors that share
///          a storage and dtype share one record, of which only the part they use is written.
/// Memory:  the pickled description, and one storage where it lies on another device.
/// Threads: reads the state only; call it on a deep copy where training goes on meanwhile.
/// Throws:  CheckpointError naming the entry that cannot be written (sparse, quantized, undefined
///          tensor, text that is not UTF-8); what the sink throws.
LEYDEN_API void encode_checkpoint(const StateTree& state, const FileSystem::Sink& write);

/// Reads such a file from memory. Tensors come as copies on the CPU; those that share a storage do
/// so again. Plain values and tensors only; see read_pickle for what is refused.
///
/// Throws: CheckpointError saying what is wrong; the file may hold anything, nothing is trusted.
LEYDEN_API StateTree decode_checkpoint(ByteSource& file);
LEYDEN_API StateTree decode_checkpoint(std::string_view bytes);

/// encode_checkpoint into a file that is whole or not there: a kill or a full disk leaves the old
/// one. Makes its folder where that is missing. Throws: CheckpointError, one sentence with the
/// file's name and the reason.
LEYDEN_API void save_checkpoint_file(
    FileSystem& files, const FileSystem::path& file, const StateTree& state);

/// What the file holds but for its tensors, in whose places None stands. Reads little of a large
/// file, and shows that it is whole as far as its table of contents says. Throws: CheckpointError
/// as load_checkpoint_file does.
LEYDEN_API StateTree load_checkpoint_outline(FileSystem& files, const FileSystem::path& file);

/// Throws: CheckpointError, one sentence with the file's name and the reason.
LEYDEN_API StateTree load_checkpoint_file(FileSystem& files, const FileSystem::path& file);

} // namespace leyden
