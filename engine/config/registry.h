// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/config/component_config.h"
#include "engine/config/option_table.h"
#include "engine/core/export.h"

#include <any>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace leyden {

/// One thing a config can name: what it is called, what it does, its options, and how it is made.
struct ComponentInfo
{
    ComponentKind kind = ComponentKind::Model;
    std::string name; ///< its class_path
    std::string help; ///< one line
    std::vector<Option> options;
    std::any factory; ///< the engine's factory type of that kind (engine/core/factories.h)
    std::vector<OptionCheck> checks; ///< clashes of several options
};

/// Everything a config can name. Filled by hand: each folder's register_*(Registry&) adds its
/// components, and a plugin calls the same functions. Names are unique within a kind.
///
/// Throws: MisconfigurationError for a name that is taken.
class LEYDEN_API Registry
{
public:
    void add(ComponentInfo info);

    /// Describes `Options` by its describe() function and adds it.
    template <class Options>
    void add(ComponentKind kind, std::string name, std::string help, std::any factory)
    {
        auto set = options_of<Options>();
        add({kind, std::move(name), std::move(help), std::move(set.options), std::move(factory),
            std::move(set.checks)});
    }

    const ComponentInfo* find(ComponentKind kind, std::string_view name) const;
    std::vector<const ComponentInfo*> all(ComponentKind kind) const; ///< in order of registration

private:
    std::vector<std::unique_ptr<ComponentInfo>> components_;
};

} // namespace leyden
