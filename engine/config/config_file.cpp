// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/config/config_file.h"

#include "engine/config/json_text.h"
#include "engine/config/lightning_cli.h"
#include "engine/config/nearest_name.h"
#include "engine/core/errors.h"

#include <algorithm>
#include <fstream>
#include <system_error>

namespace leyden {

namespace fs = std::filesystem;

namespace {

constexpr std::uintmax_t max_file_bytes = 16 * 1024 * 1024;

std::string text_of(const fs::path& file)
{
    const auto name = file.string();
    std::error_code error;
    const auto status = fs::status(file, error);
    if (!fs::exists(status))
        throw FileError(name + ": there is no such config file");
    if (fs::is_directory(status))
        throw FileError(name + ": is a folder; name the config file in it");
    std::ifstream stream(file, std::ios::binary);
    if (!stream)
        throw FileError(name + ": cannot be opened; check its permissions");
    std::string text;
    std::string chunk(1 << 16, '\0');
    while (stream && text.size() <= max_file_bytes) { // its size may be unknown: a pipe
        stream.read(chunk.data(), std::streamsize(chunk.size()));
        text.append(chunk.data(), std::size_t(stream.gcount()));
    }
    if (stream.bad())
        throw FileError(name + ": cannot be read; check the disk and its permissions");
    if (text.size() > max_file_bytes)
        throw MisconfigurationError(name + ": is larger than 16 MiB, the limit of a config file");
    return text;
}

bool ends_with(const std::string& name, std::string_view suffix)
{
    return lower_case(name).ends_with(suffix);
}

Json json_of(const std::string& text, const std::string& name)
{
    auto json = parse_json(text);
    const bool is_other = is_yaml({}, text); // by its first character
    if (!json.problem.empty())
        throw MisconfigurationError(
            name + ": " + json.problem + (is_other ? "; a YAML file is named .yaml" : ""));
    return std::move(json.document);
}

std::vector<std::string> keys_of(const Json& document)
{
    std::vector<std::string> keys;
    if (document.is_object())
        for (const auto& [key, value] : document.items())
            keys.push_back(key);
    return keys;
}

std::vector<std::string> keys_of(const YamlValue& document)
{
    std::vector<std::string> keys;
    for (const auto& entry : document.entries)
        keys.push_back(entry.key);
    return keys;
}

/// "" where the file has none. Throws MisconfigurationError.
std::string section_of(
    const std::vector<std::string>& keys, const std::string& name, const std::string& verb)
{
    auto section = cli_section(keys, verb);
    if (!section.problem.empty())
        throw MisconfigurationError(name + ": " + section.problem);
    return section.name;
}

void throw_if_empty(const std::string& text, const std::string& name)
{
    if (text.find_first_not_of(" \t\r\n") == std::string::npos)
        throw MisconfigurationError(name + ": is empty; expected a run config in JSON or YAML");
}

} // namespace

bool is_yaml(const std::string& file_name, std::string_view text)
{
    if (ends_with(file_name, ".yaml") || ends_with(file_name, ".yml"))
        return true;
    if (ends_with(file_name, ".json"))
        return false;
    if (text.starts_with("\xEF\xBB\xBF"))
        text.remove_prefix(3);
    const auto first = text.find_first_not_of(" \t\r\n");
    return first != std::string_view::npos && text[first] != '{';
}

ConfigText config_from_text(const std::string& text, const std::string& file_name,
    const Registry& registry, const std::string& verb)
{
    throw_if_empty(text, file_name);
    ConfigText config;
    if (is_yaml(file_name, text)) {
        auto yaml = parse_yaml(text);
        if (!yaml.problem.empty())
            throw MisconfigurationError(file_name + ": " + yaml.problem);
        auto document = std::move(yaml.document);
        if (const auto section = section_of(keys_of(*document), file_name, verb);
            !section.empty()) {
            const auto& entries = document->entries;
            const auto entry = std::find_if(entries.begin(), entries.end(),
                [&](const YamlEntry& each) { return each.key == section; });
            document = YamlNode(entry->value);
        }
        config = typed_config(document, registry);
    } else {
        config.document = json_of(text, file_name);
        if (const auto section = section_of(keys_of(config.document), file_name, verb);
            !section.empty())
            config.document = Json(config.document[section]);
    }
    take_lightning_cli(config.document, registry);
    return config;
}

ConfigText read_config_file(const fs::path& file, const Registry& registry, const std::string& verb)
{
    return config_from_text(text_of(file), file.string(), registry, verb);
}

Json read_config_file(const fs::path& file)
{
    const auto text = text_of(file);
    throw_if_empty(text, file.string());
    return json_of(text, file.string());
}

void name_lines(std::vector<ConfigProblem>& problems, const ConfigLines& lines,
    const std::string& file_name, const std::vector<std::string>& elsewhere)
{
    const auto is_within = [](const std::string& pointer, const std::string& parent) {
        return pointer == parent || pointer.starts_with(parent + "/");
    };
    for (auto& problem : problems) {
        if (std::any_of(elsewhere.begin(), elsewhere.end(),
                [&](const std::string& other) { return is_within(problem.pointer, other); }))
            continue;
        auto place = problem.pointer; // of what is missing the line of what it is missing in
        while (!place.empty() && !lines.contains(place))
            place.erase(place.rfind('/'));
        if (!place.empty())
            problem.message += " (" + fs::path(file_name).filename().string() + ", line "
                + std::to_string(lines.at(place)) + ")";
    }
}

} // namespace leyden
