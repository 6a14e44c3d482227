// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/export/export_config.h"

#include "engine/config/registry.h"
#include "engine/config/run_config.h"
#include "engine/core/file_system.h"

#include <nlohmann/json.hpp>

#include <QCoreApplication>
#include <QDir>
#include <QFile>
#include <QFileInfo>

#include <exception>
#include <string>
#include <vector>

namespace leyden::app {
namespace {

struct Texts
{
    Q_DECLARE_TR_FUNCTIONS(leyden::app::exportConfig)
};

/// The options of the config's data that name an input, by the option table.
std::vector<std::string> inputOptions(const Registry& registry, const std::string& classPath)
{
    std::vector<std::string> names;
    if (const auto* info = registry.find(ComponentKind::Data, classPath))
        for (const auto& option : info->options)
            if (option.is_input_path)
                names.push_back(option.name);
    return names;
}

bool isBelow(const std::filesystem::path& file, const std::filesystem::path& folder)
{
    const auto way = file.lexically_relative(folder);
    return !way.empty() && *way.begin() != "..";
}

bool holdSame(const QString& one, const QString& other)
{
    QFile first(one);
    QFile second(other);
    if (!first.open(QIODevice::ReadOnly) || !second.open(QIODevice::ReadOnly)
        || first.size() != second.size())
        return false;
    constexpr qint64 piece = 1 << 20;
    while (!first.atEnd())
        if (first.read(piece) != second.read(piece))
            return false;
    return true;
}

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

QStringList dataElsewhere(const Json& document, const PathRoots& roots,
    const std::filesystem::path& folder, const Registry& registry)
{
    const auto parsed = parse_run_config(document, registry, roots);
    QStringList files;
    if (!parsed.problems.empty())
        return files;
    const auto& data = parsed.config.data;
    std::error_code error;
    for (const auto& name : inputOptions(registry, data.class_path)) {
        const auto value = data.init_args.find(name);
        if (value == data.init_args.end() || !value->is_string())
            continue;
        const std::filesystem::path file(value->get<std::string>());
        const bool isOurs = !roots.resource_folder.empty()
            && isBelow(
                file, std::filesystem::absolute(roots.resource_folder, error).lexically_normal());
        if (!isOurs && !isBelow(file, folder) && std::filesystem::is_regular_file(file, error))
            files += QString::fromStdString(file.string());
    }
    files.removeDuplicates();
    return files;
}

QString copyBeside(const QStringList& files, const QString& folder)
{
    for (const auto& path : files) {
        const auto target = QDir(folder).filePath(QFileInfo(path).fileName());
        if (QFileInfo::exists(target)) {
            if (holdSame(path, target))
                continue;
            return Texts::tr(
                "%1 is there already and holds something else than %2; choose another folder "
                "or move it away.")
                .arg(QDir::toNativeSeparators(target), QDir::toNativeSeparators(path));
        }
        QFile file(path);
        if (!file.copy(target))
            return Texts::tr("%1 could not be copied to %2: %3")
                .arg(QDir::toNativeSeparators(path), QDir::toNativeSeparators(folder),
                    file.errorString());
    }
    return {};
}

Json withDataBeside(const Json& document, const PathRoots& roots, const QStringList& copied,
    const Registry& registry)
{
    const auto parsed = parse_run_config(document, registry, roots);
    auto moved = document;
    if (!parsed.problems.empty())
        return moved;
    const auto& data = parsed.config.data;
    for (const auto& name : inputOptions(registry, data.class_path)) {
        const auto value = data.init_args.find(name);
        if (value == data.init_args.end() || !value->is_string()
            || !copied.contains(QString::fromStdString(value->get<std::string>())))
            continue;
        auto& written = moved["data"];
        if (!written.is_object() || !written.contains("init_args")
            || !written["init_args"].is_object())
            written = parsed.config.resolved.at("data"); // a short form
        written["init_args"][name]
            = std::filesystem::path(value->get<std::string>()).filename().string();
    }
    return moved;
}

Json withResourceNames(
    const Json& document, const std::filesystem::path& resources, const Registry& registry)
{
    auto named = document;
    std::error_code error;
    const auto folder = std::filesystem::absolute(resources, error).lexically_normal();
    if (error || !named.is_object() || !named.contains("data") || !named["data"].is_object())
        return named;
    auto& data = named["data"];
    const auto name = data.find("class_path");
    const auto arguments = data.find("init_args");
    if (name == data.end() || !name->is_string() || arguments == data.end()
        || !arguments->is_object())
        return named;
    for (const auto& option : inputOptions(registry, name->get<std::string>())) {
        const auto value = arguments->find(option);
        if (value == arguments->end() || !value->is_string())
            continue;
        const std::filesystem::path file(value->get<std::string>());
        if (file.is_absolute() && isBelow(file, folder))
            *value = file.lexically_relative(folder).string();
    }
    return named;
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
