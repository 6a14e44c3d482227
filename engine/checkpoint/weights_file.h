// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/export.h"
#include "engine/core/file_system.h"
#include "engine/core/state_tree.h"

#include <string>
#include <string_view>
#include <vector>

namespace leyden {

/// Reads a checkpoint, or a file that holds weights alone: a state_dict that torch.save wrote (.pt,
/// .pth) or .safetensors, told by its bytes. Weights alone come as a checkpoint whose one entry is
/// "state_dict".
///
/// Throws: CheckpointError, one sentence with the file's name and the reason.
LEYDEN_API StateTree load_checkpoint_or_weights(FileSystem& files, const FileSystem::path& file);

/// The weights of such a file: an ordered dict, name -> tensor.
LEYDEN_API StateTree load_weights_file(FileSystem& files, const FileSystem::path& file);
/// Those of one that was read; `file` names it in messages.
LEYDEN_API StateTree weights_of(const StateTree& checkpoint, const FileSystem::path& file);

enum class WeightsFormat {
    Checkpoint, ///< Lightning's layout with weights alone: load_from_checkpoint opens it
    StateDict,  ///< what torch.save(module.state_dict()) writes
    Safetensors,
};

/// Writes weights into a file that is whole or not there.
///
/// Throws: CheckpointError, one sentence with the file's name and the reason.
LEYDEN_API void save_weights_file(FileSystem& files, const FileSystem::path& file,
    const StateTree& weights, WeightsFormat format);

/// From a name in another layout to ours.
struct NameRule
{
    std::string from;        ///< a whole name, or the start of names where it ends in "."
    std::string to;          ///< what takes its place
    bool is_dropped = false; ///< the names are left out
};

/// Reads rules from JSON: {"their.name": "our.name", "their.prefix.": "our.prefix.", "left.out":
/// null}.
///
/// Throws: MisconfigurationError saying what is wrong.
LEYDEN_API std::vector<NameRule> parse_name_rules(std::string_view json);

/// The weights under their new names, in their order. A whole name goes before a prefix, a long
/// prefix before a short one; what no rule meets keeps its name.
///
/// Throws: MisconfigurationError where a rule meets no name, or two weights get one name.
LEYDEN_API StateTree rename_weights(const StateTree& weights, const std::vector<NameRule>& rules);

} // namespace leyden
