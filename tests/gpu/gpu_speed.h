// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <c10/core/DeviceType.h>

namespace leyden::gpu {

/// Reads lines `FEATURES HIDDEN BATCH_SIZE WARM_UP STEPS` until the input ends, and answers each
/// with {"steps_per_second": ..., "peak_mib": ...} of a Trainer that fits an MLP of two such hidden
/// layers to random rows. tests/gpu/compare_speed.py asks, and does the same in Python.
int answer_speed(c10::DeviceType device);

} // namespace leyden::gpu
