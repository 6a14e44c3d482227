// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/config/config_schema.h"

#include <string_view>

namespace leyden::ui {

/// Reads a JSON Schema (draft 2020-12, with our x- keywords) into option schemas. What it does not
/// know becomes an option of kind Other, which a form edits as JSON text.
class SchemaReader final
{
public:
    /// `document` has to outlive the reader.
    explicit SchemaReader(const Json& document);

    /// The properties of an object schema.
    std::vector<OptionSchema> options(const Json& objectSchema) const;
    /// The components in $defs, by kind.
    QHash<QString, std::vector<ComponentSchema>> components() const;

private:
    static constexpr int maxDepth = 24; ///< of references: a schema may refer to itself

    OptionSchema option(const QString& name, const Json& schema, int depth) const;
    void addAlternatives(
        std::vector<ValueAlternative>& alternatives, const Json& schema, int depth) const;
    ValueAlternative typed(const Json& schema, std::string_view type, int depth) const;
    ComponentSchema component(const Json& schema) const;
    const Json* resolved(const Json& schema) const;
    std::vector<OptionSchema> optionsAt(const Json& objectSchema, int depth) const;

    const Json& m_document;
};

} // namespace leyden::ui
