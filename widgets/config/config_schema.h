// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/config/json.h"

#include <QHash>
#include <QString>
#include <QStringList>

#include <optional>
#include <vector>

namespace leyden::ui {

enum class ValueKind { Null, Bool, Int, Float, Text, List, Map, Component, Section, Other };

/// One kind of value that an option takes.
struct ValueAlternative
{
    ValueKind kind = ValueKind::Other;
    std::optional<double> minimum;
    std::optional<double> exclusiveMinimum;
    std::optional<double> maximum;
    std::optional<double> exclusiveMaximum;
    std::vector<Json> choices;           ///< empty: any value
    QString component;                   ///< kind of component, e.g. "callback"
    std::vector<ValueAlternative> items; ///< of a list, or values of a map
    std::vector<QString> keys;           ///< of a map; empty: any
};

/// Matters only while the sibling option has `value`, or, without one, is neither null nor false.
struct OptionDependency
{
    QString option;
    std::optional<Json> value;
};

enum class EditorKind { Check, Choice, Text, Path, Component, ComponentList, Section };

/// What a form needs to know of one option.
struct OptionSchema
{
    QString name;
    QString help;
    QString details;
    QString unit;
    QString group;
    std::vector<ValueAlternative> alternatives;
    std::optional<Json> defaultValue;
    bool isRequired = false;
    bool isAdvanced = false;
    bool isPath = false;
    QString namesOf;         ///< "metrics", "columns": what its texts name; "": nothing known
    bool isAvailable = true; ///< false: only the default is accepted yet
    std::vector<OptionDependency> depends;
    std::vector<OptionSchema> section; ///< options of an object that is no component

    const ValueAlternative* alternative(ValueKind kind) const;
    bool takes(ValueKind kind) const { return alternative(kind) != nullptr; }
    bool isNullable() const { return takes(ValueKind::Null); }
    /// Kind of the component, or of those in the list; "" if it takes none.
    QString componentKind() const;
    EditorKind editor() const;
    /// Whether two values say the same. 1 and 1.0 do, unless the option tells them apart.
    bool same(const Json& a, const Json& b) const;
    QString defaultText() const; ///< as a form shows it; "" without a default
    QString rangeText() const;   ///< "1 to 10", "above 0", "relu, tanh"; "" if anything goes
    /// What leaving it empty means: "1000" where the details say so, else the default.
    QString unsetText() const;
    QString toolTip() const; ///< rich text: name, help, details, default, range
};

struct ComponentSchema
{
    QString name;
    QString help;
    std::vector<OptionSchema> ownOptions; ///< beside class_path and init_args
    std::vector<OptionSchema> initArgs;
};

/// The JSON Schema of a run config, read once into what forms ask for.
class ConfigSchema final
{
public:
    explicit ConfigSchema(const Json& document);

    const std::vector<OptionSchema>& options() const { return m_options; }
    const std::vector<ComponentSchema>& components(const QString& kind) const;
    const ComponentSchema* component(const QString& kind, const QString& name) const;

    /// The option that the place belongs to, and its own place: "/model/init_args/hidden_sizes" for
    /// an item of it. No option: a place that the schema does not know from the root on.
    struct Place
    {
        const OptionSchema* option = nullptr;
        QString pointer;
    };
    Place placeOf(const Json& config, const QString& pointer) const;

    /// The keys of the object at a place, in the order of the schema. Empty: unknown.
    QStringList keyOrder(const Json& config, const QString& pointer) const;

private:
    std::vector<OptionSchema> m_options;
    QHash<QString, std::vector<ComponentSchema>> m_components;
};

} // namespace leyden::ui
