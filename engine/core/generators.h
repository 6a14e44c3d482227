// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/export.h"
#include "engine/core/state_tree.h"

#include <cstdint>

namespace leyden {

/// States of every random generator of the process: {"cpu": uint8 tensor, "cuda": [one a device]}.
LEYDEN_API StateTree generator_states();
LEYDEN_API void set_generator_states(const StateTree& states); ///< throws CheckpointError

/// Seeds every generator, as Lightning's seed_everything does for torch. seed: 0 .. 2^32 - 1.
LEYDEN_API void seed_everything(int64_t seed);

/// Puts every generator back at the end of a scope.
class LEYDEN_API GeneratorGuard
{
public:
    GeneratorGuard() : states_(generator_states()) { }
    ~GeneratorGuard();
    GeneratorGuard(const GeneratorGuard&) = delete;
    GeneratorGuard& operator=(const GeneratorGuard&) = delete;

private:
    StateTree states_;
};

} // namespace leyden
