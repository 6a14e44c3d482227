// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/config/json.h"

#include <QString>

namespace leyden::ui {

/// A place of a run config for people: "Model > hidden_sizes, 2nd value" for
/// /model/init_args/hidden_sizes/1. "" for the config as a whole.
QString placeText(const Json& config, const QString& pointer);

/// The place and what is said of it.
QString placedMessage(const Json& config, const QString& pointer, const QString& message);

} // namespace leyden::ui
