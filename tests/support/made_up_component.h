// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/config/option_table.h"
#include "engine/config/registry.h"

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace leyden::test {

enum class MadeUpMode { Min, Max };

/// One field of every kind that the option table knows. No program of ours ships such a component.
struct MadeUpOptions
{
    std::string required_text;
    bool flag = true;
    int64_t count = 3;
    double rate = 0.5;
    double threshold = 0.0; ///< may be infinite
    std::string label = "some text";
    std::string choice = "first";
    std::string loose_choice = "small";
    MadeUpMode mode = MadeUpMode::Min;
    std::optional<bool> maybe_flag;
    std::optional<int64_t> maybe_count;
    std::optional<double> maybe_rate = 0.25;
    std::optional<std::string> maybe_label;
    std::optional<MadeUpMode> maybe_mode;
    std::vector<int64_t> sizes = {128, 64};
    std::vector<double> rates;
    std::vector<std::string> labels = {"a"};
    std::vector<MadeUpMode> modes;
    std::array<double, 2> betas = {0.9, 0.999};
    std::variant<int64_t, double> amount = 1.0;
    std::variant<bool, int64_t> switch_or_count = false;
    std::optional<std::variant<int64_t, double, std::string>> number_or_text;
    std::map<std::string, double> weights = {{"a", 1.0}};
    std::string time = "00:00:10:00";
    std::string file = "data.csv";
    std::vector<std::string> files;
    std::optional<ComponentConfig> part;
    std::vector<ComponentConfig> parts;
    std::optional<std::variant<bool, ComponentConfig, std::vector<ComponentConfig>>>
        switch_or_parts;
    int64_t future = 0; ///< not available yet
    std::string dependent = "x";
    int64_t least = 0;
    int64_t most = 10; ///< clashes with a larger `least`
};
void describe(OptionTable<MadeUpOptions>& table);

/// Registers components to write configs with: the model MadeUpModel with an option of every kind;
/// the data MadeUpData (`path`, an input), the optimizers MadeUpSGD and MadeUpAdam (`lr`), the
/// scheduler MadeUpDecay (`gamma`), the callbacks MadeUpCallback (`patience`) and MadeUpRequired
/// (`monitor`, required), the logger MadeUpLogger (`save_dir`). They have no factories.
void register_made_up_components(Registry& registry);

} // namespace leyden::test
