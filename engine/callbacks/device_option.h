// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/config/option_table.h"
#include "engine/core/lightning_module.h"

#include <c10/core/Device.h>

#include <optional>
#include <string>

namespace leyden {

/// An option that names a device ("cpu", "cuda", "cuda:1"), or leaves it to the module.
template <class Options>
void describe_device(
    OptionTable<Options>& table, std::optional<std::string> Options::* member, const char* help)
{
    table.add("device", member, help)
        .advanced()
        .pattern("(cpu|cuda|mps)(:\\d+)?", "cpu, cuda, mps, or one of several as cuda:1");
}

inline c10::Device device_from(
    const std::optional<std::string>& said, const LightningModule& module)
{
    return said ? c10::Device(*said) : module.device();
}

} // namespace leyden
