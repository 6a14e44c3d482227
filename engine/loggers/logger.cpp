// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/loggers/logger.h"

namespace leyden {

Logger::~Logger() = default;

} // namespace leyden
