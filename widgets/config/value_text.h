// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/config/config_schema.h"
#include "widgets/config/json.h"

#include <QString>

#include <optional>

namespace leyden::ui {

// Values of options as people type them: "1e-3", "128, 64", "days: 1, hours: 2". Always in the C
// locale: the text is what the config file says.

/// A single value without quotes; lists and objects as JSON.
QString plainText(const Json& value);

/// The text of a value in a line edit. valueFromText() of it gives the value back.
QString valueText(const Json& value, const OptionSchema& option);

/// The value of a typed text. Empty text is no value: the option falls back to its default. A text
/// that fits nothing the option takes stays a string, for the check to report.
std::optional<Json> valueFromText(const QString& text, const OptionSchema& option);

} // namespace leyden::ui
