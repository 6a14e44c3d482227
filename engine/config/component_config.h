// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/config/json.h"
#include "engine/core/export.h"

#include <nlohmann/json.hpp>

#include <string>

namespace leyden {

/// What kind of thing a config may name by class_path. Each kind has its own names.
enum class ComponentKind {
    Model,
    Data,
    Optimizer,
    LRScheduler,
    Callback,
    Logger,
    Profiler,
    Strategy,
    Precision,
};

/// The word for a kind in messages and in `leyden list`: "model", "data", "optimizer", ...
LEYDEN_API const char* kind_name(ComponentKind kind);

/// `{"class_path": ..., "init_args": {...}}`. After parsing, init_args holds every option of the
/// component, with defaults filled in and values checked.
struct ComponentConfig
{
    std::string class_path;
    Json init_args = Json::object();
};

} // namespace leyden
