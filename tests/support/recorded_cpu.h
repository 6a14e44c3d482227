// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/config/json.h"

namespace leyden::test {

/// What has to hold for numbers recorded elsewhere, not live, to be equal here to the last bit;
/// else 1e-5 is asked for.
/// head:    what a recording script wrote; its "cpu_capability" is compared with this machine's.
/// Source:  tests/data/cpu_kernels.json, of the machine that recorded tests/data: MKL's functions
///          round differently on CPUs of different makers, also where PyTorch names one capability
///          for them.
bool is_recorded_on_such_a_cpu(const Json& head);

} // namespace leyden::test
