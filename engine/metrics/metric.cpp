// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/metrics/metric.h"

namespace leyden {

Metric::~Metric() = default;

} // namespace leyden
