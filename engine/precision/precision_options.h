// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/config/option_table.h"
#include "engine/core/export.h"

#include <map>
#include <optional>
#include <string>

namespace leyden {

// The arguments of Lightning's precision plug-ins, with their names and defaults.

struct MixedPrecisionOptions
{
    std::string precision{}; ///< "16-mixed" or "bf16-mixed"
    std::string device{};    ///< "cpu", "cuda", "mps"
    /// Of torch.amp.GradScaler; 16-mixed alone. Unset: its defaults.
    std::optional<std::map<std::string, double>> scaler = {};
};

struct HalfPrecisionOptions
{
    std::string precision = "16-true"; ///< or "bf16-true"
};

struct NoPrecisionOptions
{
};

LEYDEN_API void describe(OptionTable<MixedPrecisionOptions>& table);
LEYDEN_API void describe(OptionTable<HalfPrecisionOptions>& table);
LEYDEN_API void describe(OptionTable<NoPrecisionOptions>& table);

} // namespace leyden
