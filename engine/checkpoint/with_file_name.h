// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/errors.h"
#include "engine/core/file_system.h"

#include <c10/util/Exception.h>

#include <string>

namespace leyden {

/// Gives what the work on a file gives. Its errors become a CheckpointError, one sentence: "cannot
/// DOING 'FILE': reason".
template <class Work>
auto with_file_name(const char* doing, const FileSystem::path& file, const Work& work)
{
    std::string reason;
    try {
        return work();
    } catch (const FileError& error) { // names the file itself
        throw CheckpointError(error.what());
    } catch (const CheckpointError& error) {
        reason = error.what();
    } catch (const c10::Error& error) { // a device that failed, or no memory for a copy
        reason = error.what_without_backtrace();
    }
    throw CheckpointError(std::string("cannot ") + doing + " '" + file.string() + "': " + reason);
}

} // namespace leyden
