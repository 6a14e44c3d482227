// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/config/json.h"

#include <c10/core/ScalarType.h>

#include <cmath>
#include <limits>

namespace leyden::test {

/// What has to hold for numbers recorded elsewhere, not live, to be equal here to the last bit;
/// else they are compared to tolerance_of().
/// head:    what a recording script wrote; its "cpu_capability" is compared with this machine's.
/// Source:  tests/data/cpu_kernels.json, of the machine that recorded tests/data: functions of MKL
///          and oneDNN round differently on CPUs of different makers, also where PyTorch names one
///          capability for them.
bool is_recorded_on_such_a_cpu(const Json& head);

/// How far from what was recorded a number may lie. Nothing is said: bit for bit.
struct Tolerance
{
    double relative = 0;
    double absolute = 0;
    bool is_of_largest = false; ///< of a tensor: relative to its largest element

    bool is_bitwise() const { return relative == 0 && absolute == 0; }
    bool accepts(double found, double expected) const { return accepts(found, expected, expected); }
    bool accepts(double found, double expected, double largest) const
    {
        const auto size = std::abs(is_of_largest ? largest : expected);
        return found == expected || std::abs(found - expected) <= absolute + relative * size;
    }
    Tolerance times(double factor) const
    {
        return {relative * factor, absolute * factor, is_of_largest};
    }
};

/// Any number will do, but not one that is not finite: compares what is there, not how much.
inline constexpr Tolerance any_number{0, std::numeric_limits<double>::infinity()};

enum class Computed {
    Once,    ///< by one pass of a few kernels
    InSteps, ///< by training steps, each of which goes on from the rounding of the one before
};

/// torch.testing.assert_close's tolerances for the dtype that the numbers were computed in; ten
/// times those after training steps. Steps add up numbers as large as the tensor's largest and may
/// leave a small one, with their rounding.
Tolerance tolerance_of(at::ScalarType dtype, Computed computed);

} // namespace leyden::test
