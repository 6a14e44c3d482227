// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <limits>

namespace leyden {

/// The largest learning rate that parameters in float32 can be moved by: LibTorch refuses a factor
/// beyond their range.
inline constexpr double largest_lr = std::numeric_limits<float>::max();

} // namespace leyden
