// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/config/option_table.h"
#include "engine/core/export.h"

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace leyden {

/// The arguments of torch.optim.lr_scheduler.LambdaLR; a formula in place of a function.
struct LambdaLROptions
{
    std::variant<std::string, std::vector<std::string>> lr_lambda = {}; ///< one, or one a group
    int64_t last_epoch = -1;
};

LEYDEN_API void describe(OptionTable<LambdaLROptions>& table);

} // namespace leyden
