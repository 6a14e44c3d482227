// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/headless/list_command.h"

#include "app/headless/output.h"
#include "app/headless/resources.h"
#include "engine/config/option_help.h"

#include <nlohmann/json.hpp>

#include <spdlog/fmt/fmt.h>

#include <array>
#include <utility>

namespace leyden::headless {
namespace {
constexpr std::array kinds{
    std::pair{"models", ComponentKind::Model},
    std::pair{"data", ComponentKind::Data},
    std::pair{"optimizers", ComponentKind::Optimizer},
    std::pair{"lr_schedulers", ComponentKind::LRScheduler},
    std::pair{"callbacks", ComponentKind::Callback},
    std::pair{"loggers", ComponentKind::Logger},
    std::pair{"profilers", ComponentKind::Profiler},
    std::pair{"strategies", ComponentKind::Strategy},
    std::pair{"precisions", ComponentKind::Precision},
};

/// Strategies are no components yet, but values of an option; those that wait for several devices
/// are left out.
std::vector<ComponentInfo> strategies()
{
    std::vector<ComponentInfo> known;
    for (const auto& option : trainer_option_list()) {
        if (option.name != "strategy")
            continue;
        for (const auto& choice : option.types.front().choices) {
            const auto name = choice.get<std::string>();
            known.push_back({ComponentKind::Strategy, name,
                name == "auto" ? "What suits the devices; for one of them: single_device"
                               : "Trains on one device",
                {}, {}, {}});
        }
    }
    return known;
}

std::vector<ComponentInfo> known_of(ComponentKind kind, const Registry& registry)
{
    auto known = kind == ComponentKind::Strategy ? strategies() : std::vector<ComponentInfo>();
    for (const auto* info : registry.all(kind))
        known.push_back(*info);
    return known;
}
} // namespace

std::vector<std::string> listable()
{
    std::vector<std::string> names;
    for (const auto& [name, kind] : kinds)
        names.emplace_back(name);
    names.emplace_back("trainer");
    return names;
}

int list_components(const std::string& what, bool as_json, const Registry& registry)
{
    auto document = Json::array();
    std::string text;
    if (what == "trainer") {
        ComponentInfo trainer;
        trainer.options = trainer_option_list();
        document = component_json(trainer)["options"];
        text = option_help_table(trainer.options);
    }
    for (const auto& [name, kind] : kinds) {
        if (what != name)
            continue;
        for (const auto& info : known_of(kind, registry)) {
            document.push_back(component_json(info));
            text += component_help(info) + "\n";
        }
    }
    if (as_json)
        print(document.dump(2));
    else
        print(text.empty() ? "there are no " + what + " yet" : text);
    return 0;
}

std::string trainer_help()
{
    auto options = trainer_option_list();
    std::erase_if(options, [](const Option& option) { return option.is_advanced; });
    for (auto& option : options) {
        option.name = "--trainer." + option.name;
        option.details.clear();
    }
    return "The Trainer's options; 'leyden list trainer' shows all of them, with more help:\n"
        + option_help_table(options);
}

int list_presets(bool as_json)
{
    auto document = Json::array();
    std::string text;
    for (const auto& preset : presets()) {
        document.push_back({{"name", preset.name}, {"title", preset.title},
            {"summary", preset.summary}, {"data", preset.data}, {"seconds", preset.seconds},
            {"file", preset.file.string()}});
        const auto time = preset.seconds < 1.0 ? std::string("under 1 s")
                                               : fmt::format("about {:.0f} s", preset.seconds);
        text += fmt::format(
            "{:<20} {}\n{:<20} {}; {}\n", preset.name, preset.summary, "", preset.data, time);
    }
    print(as_json ? document.dump(2) : text);
    return 0;
}

} // namespace leyden::headless
