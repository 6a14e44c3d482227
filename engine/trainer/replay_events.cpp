// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/trainer/replay_events.h"

#include "engine/config/json.h"
#include "engine/core/errors.h"

#include <nlohmann/json.hpp>

#include <spdlog/fmt/fmt.h>

#include <optional>

namespace leyden {
namespace {

std::optional<RunCommand> command_of(const Json& event)
{
    const auto name = event.at("event").get<std::string>();
    if (name == "pause" || name == "resume" || name == "stop_failed")
        return {};
    if (name == "checkpoint")
        return CheckpointCommand{};
    if (name == "validate")
        return ValidateCommand{};
    if (name == "stop") {
        if (const auto verb = stop_verb_from(event.at("value").get<std::string>()))
            return StopCommand{*verb};
    }
    if (name == "set") {
        const auto& value = event.at("value");
        if (!value.is_object() || value.size() != 1)
            throw MisconfigurationError("expected one option");
        return SetOptionCommand{
            value.items().begin().key(), value.items().begin().value().get<double>()};
    }
    throw MisconfigurationError("unknown event");
}

} // namespace

std::vector<ReplayedCommand> parse_events(std::string_view text)
{
    std::vector<ReplayedCommand> commands;
    int64_t number = 0;
    for (size_t begin = 0; begin < text.size();) {
        const auto end = text.find('\n', begin);
        if (end == std::string_view::npos)
            break; // an unfinished last line
        const auto line = text.substr(begin, end - begin);
        begin = end + 1;
        ++number;
        try {
            const auto event = Json::parse(line);
            if (event.at("event") == "resume" && event.value("value", Json()).is_string()) {
                // From a checkpoint: the stop that came before did not end the run.
                std::erase_if(commands, [](const ReplayedCommand& each) {
                    return std::holds_alternative<StopCommand>(each.command);
                });
            }
            if (auto command = command_of(event))
                commands.push_back({event.at("epoch").get<int64_t>(),
                    event.at("batch_idx").get<int64_t>(), std::move(*command)});
        } catch (const std::exception&) {
            throw MisconfigurationError(fmt::format(
                "replay_events: line {} is no event of a run: {}", number,
                line.size() > 80 ? std::string(line.substr(0, 80)) + "..." : std::string(line)));
        }
    }
    return commands;
}

} // namespace leyden
