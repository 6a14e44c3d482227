// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/runs/run_summary.h"

#include <array>
#include <utility>

namespace leyden::ui {

RunState runStateOf(const QString& state, const QString& outcome, std::optional<bool> isSaved)
{
    constexpr std::array<std::pair<const char*, RunState>, 6> names{
        {{"running", RunState::Running}, {"paused", RunState::Paused},
            {"finished", RunState::Finished}, {"stopped", RunState::Stopped},
            {"failed", RunState::Failed}, {"crashed", RunState::Crashed}}};
    for (const auto& [name, known] : names) {
        if (state != QLatin1String(name))
            continue;
        const bool isOver = known == RunState::Finished || known == RunState::Stopped;
        if (isOver && outcome == QLatin1String("diverged"))
            return RunState::Diverged;
        if (known == RunState::Finished && isSaved == std::optional(false))
            return RunState::NotSaved;
        return known == RunState::Finished && outcome == QLatin1String("stopped_early")
            ? RunState::StoppedEarly
            : known;
    }
    return RunState::Unknown;
}

} // namespace leyden::ui
