// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

#include <exception>

namespace leyden::app {

/// The plain sentence for an exception of the engine.
QString failureText(const std::exception& error);

} // namespace leyden::app
