// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/export/export_config.h"

#include "engine/config/registry.h"
#include "engine/config/run_config.h"
#include "engine/core/file_system.h"

#include <nlohmann/json.hpp>

#include <QCoreApplication>

#include <exception>

namespace leyden::app {
namespace {

/// Puts `here` into the document wherever both resolve to texts that differ: there stands a path.
void settle(Json& document, const Json& here, const Json& there)
{
    if (here.is_string() && there.is_string()) {
        if (document.is_string() && here != there)
            document = here;
    } else if (here.is_object() && there.is_object() && document.is_object()) {
        for (auto& [key, value] : document.items())
            if (here.contains(key) && there.contains(key))
                settle(value, here[key], there[key]);
    } else if (here.is_array() && there.is_array() && document.is_array()
        && document.size() == here.size() && here.size() == there.size()) {
        for (size_t i = 0; i < document.size(); ++i)
            settle(document[i], here[i], there[i]);
    }
}

} // namespace

Json relocatedConfig(const Json& document, const PathRoots& roots,
    const std::filesystem::path& folder, const Registry& registry)
{
    const PathRoots newRoots{folder, roots.resource_folder};
    const auto here = parse_run_config(document, registry, roots);
    const auto there = parse_run_config(document, registry, newRoots);
    if (!here.problems.empty() || !there.problems.empty())
        return document;
    auto moved = document;
    settle(moved, here.config.resolved, there.config.resolved);
    const auto reached = parse_run_config(moved, registry, newRoots);
    // Where the walk missed one (a short form, a default that is a path): all of it, spelt out.
    return reached.problems.empty() && reached.config.resolved == here.config.resolved
        ? moved
        : here.config.resolved;
}

QString exportConfig(const Json& document, const PathRoots& roots, const QString& path,
    const Registry& registry, FileSystem& files)
{
    try {
        const std::filesystem::path file(path.toStdString());
        const auto folder = std::filesystem::absolute(file).parent_path();
        files.write_atomic(file, relocatedConfig(document, roots, folder, registry).dump(2) + "\n");
        return {};
    } catch (const Json::exception&) { // dump() of text that is no UTF-8
        return QCoreApplication::translate("leyden::app::exportConfig",
            "The config holds text that is not UTF-8, so it cannot be written as JSON.");
    } catch (const std::exception& error) {
        return QString::fromUtf8(error.what());
    }
}

} // namespace leyden::app
