// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/export/command_line_text.h"

#include "engine/config/json_text.h"
#include "engine/config/registry.h"
#include "engine/config/run_config.h"

#include <QRegularExpression>

#include <string>
#include <vector>

namespace leyden::app {
namespace {

/// The value as an override's text: bare where a bare word reads back as that string.
std::string overrideText(const Json& value)
{
    if (value.is_string()) {
        const auto word = value.get<std::string>();
        if (!parse_json(word).problem.empty() && !word.empty())
            return word;
    }
    return value.dump();
}

bool isNameable(const std::string& key)
{
    return !key.empty() && key.find('.') == std::string::npos && key.find('=') == std::string::npos;
}

/// Whether the parts can be set one by one: an override neither takes a key away nor names one with
/// a dot, and a component of another class is set as a whole.
bool isSetByParts(const Json& before, const Json& after)
{
    if (!before.is_object() || !after.is_object())
        return false;
    for (const auto& [key, value] : before.items())
        if (!after.contains(key))
            return false;
    for (const auto& [key, value] : after.items())
        if (!isNameable(key))
            return false;
    const auto is = [](const Json& json) { return json.contains("class_path"); };
    return is(before) == is(after) && (!is(before) || before["class_path"] == after["class_path"]);
}

void collect(const Json& before, const Json& after, const std::string& path,
    std::vector<ConfigOverride>& overrides)
{
    if (before.dump() == after.dump()) // 1 is not 1.0 here
        return;
    if (isSetByParts(before, after)) {
        for (const auto& [key, value] : after.items())
            collect(before.contains(key) ? before[key] : Json(), value,
                path.empty() ? key : path + "." + key, overrides);
    } else if (before.is_array() && after.is_array() && before.size() == after.size()
        && before.size() > 0 && before[0].is_object()) {
        for (size_t i = 0; i < after.size(); ++i)
            collect(before[i], after[i], path + "." + std::to_string(i), overrides);
    } else {
        overrides.push_back({path, overrideText(after)});
    }
}

} // namespace

QString shellQuoted(const QString& word)
{
    static const QRegularExpression plain(
        QStringLiteral("\\A[A-Za-z0-9_@%+=:,./-]+\\z")); // ~ and # are special at the start
    if (plain.match(word).hasMatch())
        return word;
    auto quoted = word;
    quoted.replace(QLatin1Char('\''), QStringLiteral("'\\''"));
    return QLatin1Char('\'') + quoted + QLatin1Char('\'');
}

QString fitCommand(const QString& configPath, const QString& events)
{
    auto command = QStringLiteral("leyden fit --config ") + shellQuoted(configPath);
    if (!events.isEmpty())
        command += QStringLiteral(" --replay_events ") + shellQuoted(events);
    return command;
}

QString brokenAtFlags(const QString& command)
{
    QString broken;
    bool isQuoted = false;
    for (qsizetype i = 0; i < command.size(); ++i) {
        const auto rest = QStringView(command).mid(i);
        const auto isFlag = [rest] {
            return rest.startsWith(QLatin1String(" --")) || rest.startsWith(QLatin1String(" '--"));
        };
        if (!isQuoted && isFlag())
            broken += QStringLiteral(" \\\n   ");
        broken += rest.front();
        if (rest.front() == QLatin1Char('\''))
            isQuoted = !isQuoted;
        else if (!isQuoted && rest.front() == QLatin1Char('\\') && rest.size() > 1)
            broken += command.at(++i); // as shellQuoted() writes an apostrophe
    }
    return broken;
}

std::optional<QString> presetFitCommand(const QString& presetName, const ConfigSource& preset,
    const ConfigSource& config, const Registry& registry)
{
    const auto before = parse_run_config(preset.document, registry, preset.roots);
    const auto after = parse_run_config(config.document, registry, config.roots);
    if (!before.problems.empty() || !after.problems.empty())
        return {};
    std::vector<ConfigOverride> overrides;
    collect(before.config.resolved, after.config.resolved, "", overrides);

    auto document = preset.document;
    if (!apply_overrides(document, overrides).empty())
        return {};
    const auto reached = parse_run_config(document, registry, preset.roots);
    if (!reached.problems.empty() || reached.config.resolved.dump() != after.config.resolved.dump())
        return {};

    auto command = QStringLiteral("leyden fit --preset ") + shellQuoted(presetName);
    for (const auto& [path, value] : overrides)
        command += QLatin1Char(' ')
            + shellQuoted(QStringLiteral("--%1=").arg(QString::fromStdString(path))
                + QString::fromStdString(value));
    return command;
}

} // namespace leyden::app
