// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/config/registry.h"

#include "engine/core/errors.h"

#include <algorithm>

namespace leyden {

namespace {

/// Names stand in dotted overrides, JSON pointers and references of the schema.
bool is_plain(const std::string& name)
{
    return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')
            || c == '_' || c == '-' || c == '.';
    });
}

} // namespace

void Registry::add(ComponentInfo info)
{
    if (!is_plain(info.name))
        throw MisconfigurationError(std::string("the ") + kind_name(info.kind) + " '" + info.name
            + "' cannot be registered: a name has letters, digits, '_', '-' and '.' only");
    if (find(info.kind, info.name))
        throw MisconfigurationError(std::string("the ") + kind_name(info.kind) + " '" + info.name
            + "' is registered twice; a plugin has to choose another name");
    components_.push_back(std::make_unique<ComponentInfo>(std::move(info)));
}

const ComponentInfo* Registry::find(ComponentKind kind, std::string_view name) const
{
    for (const auto& component : components_)
        if (component->kind == kind && component->name == name)
            return component.get();
    return nullptr;
}

std::vector<const ComponentInfo*> Registry::all(ComponentKind kind) const
{
    std::vector<const ComponentInfo*> found;
    for (const auto& component : components_)
        if (component->kind == kind)
            found.push_back(component.get());
    return found;
}

const char* kind_name(ComponentKind kind)
{
    switch (kind) {
    case ComponentKind::Model:
        return "model";
    case ComponentKind::Data:
        return "data";
    case ComponentKind::Optimizer:
        return "optimizer";
    case ComponentKind::LRScheduler:
        return "lr_scheduler";
    case ComponentKind::Callback:
        return "callback";
    case ComponentKind::Logger:
        return "logger";
    case ComponentKind::Profiler:
        return "profiler";
    case ComponentKind::Strategy:
        return "strategy";
    case ComponentKind::Precision:
        return "precision";
    }
    return "component";
}

} // namespace leyden
