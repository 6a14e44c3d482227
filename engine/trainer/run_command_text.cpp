// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/trainer/run_command_text.h"

#include "engine/core/number_text.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace leyden {
namespace {

struct Text
{
    std::string operator()(const StopCommand& stop) const
    {
        std::string verb = to_string(stop.verb);
        std::replace(verb.begin(), verb.end(), '_', ' ');
        return fmt::format("the stop \"{}\"", verb);
    }
    std::string operator()(const CheckpointCommand&) const { return "the checkpoint by hand"; }
    std::string operator()(const ValidateCommand&) const { return "the validation by hand"; }
    std::string operator()(const SetOptionCommand& set) const
    {
        const bool is_count = set.option != "lr" && set.option != "gradient_clip_val"
            && std::floor(set.value) == set.value && std::abs(set.value) < 1e15;
        return fmt::format("{} = {}", set.option,
            is_count ? std::to_string(int64_t(set.value)) : python_repr(set.value));
    }
};

} // namespace

std::string command_text(const RunCommand& command)
{
    return std::visit(Text{}, command);
}

std::string came_too_late(const RunCommand& command, const std::string& why)
{
    return fmt::format("{} came too late and changed nothing: {}", command_text(command), why);
}

} // namespace leyden
