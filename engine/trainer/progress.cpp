// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/trainer/progress.h"

namespace leyden {
namespace {

StateTree counts_state(const ProgressCounts& counts, ProgressKind kind)
{
    auto state = StateTree::dict({{"ready", counts.ready}, {"completed", counts.completed}});
    if (kind != ProgressKind::ReadyCompleted)
        state.set("started", counts.started);
    if (kind == ProgressKind::Full)
        state.set("processed", counts.processed);
    return state;
}

ProgressCounts counts_from(const StateTree& state)
{
    const auto read = [&](std::string_view key) {
        const auto* value = state.find(key);
        return value ? value->to_int() : 0;
    };
    return {read("ready"), read("started"), read("processed"), read("completed")};
}

} // namespace

void Progress::reset_to_completed()
{
    for (auto* counts : {&total, &current})
        counts->ready = counts->started = counts->processed = counts->completed;
}

StateTree Progress::state_dict(ProgressKind kind) const
{
    return StateTree::dict(
        {{"total", counts_state(total, kind)}, {"current", counts_state(current, kind)}});
}

void Progress::load_state_dict(const StateTree& state)
{
    total = counts_from(state.at("total"));
    current = counts_from(state.at("current"));
}

} // namespace leyden
