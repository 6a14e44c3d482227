// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace leyden {

/// How a rate goes from one value to another: along half a cosine, or straight.
enum class AnnealStrategy { Cos, Linear };

} // namespace leyden
