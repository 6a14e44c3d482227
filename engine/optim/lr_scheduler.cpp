// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/optim/lr_scheduler.h"

namespace leyden {

LRScheduler::~LRScheduler() = default;

} // namespace leyden
