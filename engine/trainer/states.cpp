// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/trainer/states.h"

#include "engine/core/errors.h"

#include <array>
#include <string>
#include <utility>

namespace leyden {
namespace {
constexpr std::array phases{
    std::pair{LoopPhase::Start, "start"},
    std::pair{LoopPhase::BatchEnd, "batch_end"},
    std::pair{LoopPhase::BeforeValidation, "before_validation"},
    std::pair{LoopPhase::ValidationEnd, "validation_end"},
    std::pair{LoopPhase::BatchDone, "batch_done"},
    std::pair{LoopPhase::EpochEnd, "epoch_end"},
};
} // namespace

const char* to_string(LoopPhase phase)
{
    for (const auto& [value, text] : phases) {
        if (value == phase)
            return text;
    }
    return "start";
}

LoopPhase loop_phase_from(std::string_view text)
{
    for (const auto& [value, name] : phases) {
        if (text == name)
            return value;
    }
    throw CheckpointError("the checkpoint was taken at '" + std::string(text)
        + "', a place this version does not know; use a newer Leyden");
}

} // namespace leyden
