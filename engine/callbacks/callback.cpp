// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/callbacks/callback.h"

namespace leyden {

Callback::~Callback() = default;

} // namespace leyden
