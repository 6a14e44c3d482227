// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/config/json.h"
#include "engine/config/path_roots.h"

#include <QStringList>

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

/// The files of the config's data that lie neither in `folder` nor with the resources: on another
/// machine the config would not find them.
QStringList dataElsewhere(const Json& document, const PathRoots& roots,
    const std::filesystem::path& folder, const Registry& registry);

/// Copies the files into the folder; one that is there already, with the same bytes, stays. Returns
/// "" or the sentence that says what went wrong. Takes as long as the disks do.
QString copyBeside(const QStringList& files, const QString& folder);

/// The document with the bare names of those data files that were copied beside it.
Json withDataBeside(const Json& document, const PathRoots& roots, const QStringList& copied,
    const Registry& registry);

/// The document with inputs that lie with the resources as a preset names them: "datasets/iris.csv".
/// A run's config.json names them whole.
Json withResourceNames(
    const Json& document, const std::filesystem::path& resources, const Registry& registry);

/// Writes the config to a file, whole or not at all. Returns "" or the sentence that says what went
/// wrong.
QString exportConfig(const Json& document, const PathRoots& roots, const QString& path,
    const Registry& registry, FileSystem& files);

} // namespace leyden::app
