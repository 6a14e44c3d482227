// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/config/json.h"

#include <QString>
#include <QStringList>

#include <optional>
#include <vector>

namespace leyden::ui {

/// One place where two configs differ. A component of another class is one change as a whole.
struct ConfigChange
{
    QString pointer;
    std::optional<Json> before; ///< nothing: not written there
    std::optional<Json> after;
};

/// What is written differently, in the order of `config`, then what only `baseline` has.
std::vector<ConfigChange> configChanges(const Json& config, const Json& baseline);
QStringList changedPointers(const Json& config, const Json& baseline);

} // namespace leyden::ui
