// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/export.h"

#include <c10/core/Device.h>

#include <string>

namespace leyden {

/// A kind of device: its name, whether this machine has one, and which one a run uses.
struct LEYDEN_API Accelerator
{
    std::string name; ///< "cpu", "cuda"
    c10::Device device = c10::kCPU;

    /// What `accelerator` names: auto (CUDA where there is one, else CPU), cpu, gpu, cuda.
    /// Throws MisconfigurationError where this machine has no such device.
    static Accelerator resolve(const std::string& accelerator);
};

} // namespace leyden
