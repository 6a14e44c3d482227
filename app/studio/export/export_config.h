// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/config/json.h"
#include "engine/config/path_roots.h"

#include <QString>

namespace leyden {
class FileSystem;
class Registry;
} // namespace leyden

namespace leyden::app {

/// The document as it has to be written in another folder, to mean there what it means where
/// `roots` are: relative inputs that would lead elsewhere become absolute. A config with mistakes
/// stays as it is.
Json relocatedConfig(const Json& document, const PathRoots& roots,
    const std::filesystem::path& folder, const Registry& registry);

/// Writes the config to a file, whole or not at all. Returns "" or the sentence that says what went
/// wrong.
QString exportConfig(const Json& document, const PathRoots& roots, const QString& path,
    const Registry& registry, FileSystem& files);

} // namespace leyden::app
