// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

#include <nlohmann/json.hpp>

namespace leyden::ui {

/// JSON whose objects keep the order in which keys were written, as people expect of a config.
using Json = nlohmann::ordered_json;

inline QString toQString(const std::string& text)
{
    return QString::fromUtf8(text.data(), qsizetype(text.size()));
}

/// Equal in value and in kind of number: 1 is not 1.0, for one is a batch and the other everything.
bool sameJson(const Json& a, const Json& b);

/// The shortest text that reads back as this number: "0.001", "1e-5", "1.0" for a whole float.
QString numberText(const Json& number);

} // namespace leyden::ui
