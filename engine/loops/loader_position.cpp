// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/loops/loader_position.h"

#include <algorithm>
#include <utility>

namespace leyden {
namespace {

int64_t taken(const StateTree& loader)
{
    const auto* batches = loader.find("batches_taken");
    return batches ? batches->to_int() : 0;
}

} // namespace

StateTree position_after(StateTree position, int64_t batches, CombinedMode mode)
{
    const auto* loaders = position.find("loaders");
    if (!loaders) {
        if (taken(position) > batches)
            position.set("batches_taken", batches);
        return position;
    }
    // A loader that never began again has given every batch so far: it tells how far they are.
    int64_t furthest = 0;
    for (const auto& one : loaders->items())
        if (!one.at("has_ended").to_bool())
            furthest = std::max(furthest, taken(one.at("position")));
    const auto back = std::max<int64_t>(furthest - batches, 0);
    auto moved = StateTree::list();
    for (auto one : loaders->items()) {
        auto own = one.at("position");
        const auto before = mode == CombinedMode::MaxSizeCycle
            ? std::max<int64_t>(taken(own) - back, 0)
            : std::min(taken(own), batches); // a shorter one stands at its end
        own.set("batches_taken", before);
        one.set("position", std::move(own));
        moved.push_back(std::move(one));
    }
    position.set("loaders", std::move(moved));
    return position;
}

} // namespace leyden
