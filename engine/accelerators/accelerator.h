// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/export.h"

#include <c10/core/Device.h>

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace leyden {

/// A kind of device: its name, whether this machine has one, and which one a run uses.
///
/// Source: PyTorch Lightning 2.6, accelerators, trainer/connectors/accelerator_connector.py.
struct LEYDEN_API Accelerator
{
    using Devices = std::variant<int64_t, std::string, std::vector<int64_t>>;

    std::string name; ///< "cpu", "cuda", "mps"
    c10::Device device = c10::kCPU;

    /// What `accelerator` names: auto (MPS or CUDA where there is one, else CPU), gpu (either of
    /// them), cpu, cuda, mps; and which device of it `devices` names. On a CPU that is a number of
    /// processes, on CUDA a number or the ids of GPUs ([1], "1,", -1: all). "auto" is the first
    /// one. Throws MisconfigurationError where this machine has no such device, or where several
    /// are named.
    static Accelerator resolve(
        const std::string& accelerator, const Devices& devices = std::string("auto"));
    /// The kinds that this machine has; "cpu" first.
    static std::vector<std::string> available();
};

} // namespace leyden
