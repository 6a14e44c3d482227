// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/config/config_schema.h"

#include "widgets/config/json_pointer.h"
#include "widgets/config/schema_reader.h"
#include "widgets/config/value_text.h"

#include <QCoreApplication>
#include <QRegularExpression>

#include <algorithm>

namespace leyden::ui {

namespace {

struct Words
{
    Q_DECLARE_TR_FUNCTIONS(leyden::ui::OptionSchema)
};

const OptionSchema* findOption(const std::vector<OptionSchema>& options, const QString& name)
{
    const auto found = std::find_if(options.begin(), options.end(),
        [&](const OptionSchema& option) { return option.name == name; });
    return found == options.end() ? nullptr : &*found;
}

QString limitText(double limit)
{
    return numberText(limit == std::floor(limit) && std::abs(limit) < 1e15
            ? Json(static_cast<qint64>(limit))
            : Json(limit));
}

QString boundsText(const ValueAlternative& alternative)
{
    const auto& a = alternative;
    if (a.minimum && a.maximum)
        return Words::tr("%1 to %2").arg(limitText(*a.minimum), limitText(*a.maximum));
    QStringList parts;
    if (a.minimum)
        parts += Words::tr("%1 or more").arg(limitText(*a.minimum));
    if (a.exclusiveMinimum)
        parts += Words::tr("above %1").arg(limitText(*a.exclusiveMinimum));
    if (a.maximum)
        parts += Words::tr("%1 or less").arg(limitText(*a.maximum));
    if (a.exclusiveMaximum)
        parts += Words::tr("below %1").arg(limitText(*a.exclusiveMaximum));
    return parts.join(Words::tr(", ", "between two limits"));
}

QString choicesText(const ValueAlternative& alternative)
{
    QStringList texts;
    for (const auto& choice : alternative.choices) {
        if (!choice.is_null())
            texts += plainText(choice);
    }
    return texts.join(QStringLiteral(", "));
}

QString alternativeText(const ValueAlternative& alternative)
{
    if (!alternative.choices.empty())
        return choicesText(alternative);
    if (!alternative.items.empty()) {
        const auto items = alternativeText(alternative.items.front());
        return items.isEmpty() ? items : Words::tr("each %1").arg(items);
    }
    return boundsText(alternative);
}

struct Level
{
    const std::vector<OptionSchema>* options = nullptr;
    const ComponentSchema* component = nullptr; ///< the place is a component's object
};

} // namespace

const ValueAlternative* OptionSchema::alternative(ValueKind kind) const
{
    const auto found = std::find_if(alternatives.begin(), alternatives.end(),
        [kind](const ValueAlternative& alternative) { return alternative.kind == kind; });
    return found == alternatives.end() ? nullptr : &*found;
}

QString OptionSchema::componentKind() const
{
    for (const auto& alternative : alternatives) {
        if (alternative.kind == ValueKind::Component)
            return alternative.component;
        if (alternative.kind == ValueKind::List && !alternative.items.empty()
            && alternative.items.front().kind == ValueKind::Component)
            return alternative.items.front().component;
    }
    return {};
}

EditorKind OptionSchema::editor() const
{
    const auto isAll = [this](auto fits) {
        return std::all_of(
            alternatives.begin(), alternatives.end(), [&](const ValueAlternative& alternative) {
                return alternative.kind == ValueKind::Null || fits(alternative);
            });
    };
    const auto isBool
        = [](const ValueAlternative& alternative) { return alternative.kind == ValueKind::Bool; };
    const auto isChoice = [&](const ValueAlternative& alternative) {
        return isBool(alternative) || !alternative.choices.empty();
    };
    const auto isComponentList = [this] {
        const auto* list = alternative(ValueKind::List);
        return list && !list->items.empty() && list->items.front().kind == ValueKind::Component;
    };
    if (alternatives.empty())
        return EditorKind::Text;
    if (isAll(isBool) && !isNullable())
        return EditorKind::Check;
    if (!isAvailable)
        return EditorKind::Text; // only shown
    if (isComponentList())
        return EditorKind::ComponentList;
    if (takes(ValueKind::Component))
        return EditorKind::Component;
    if (takes(ValueKind::Section))
        return EditorKind::Section;
    if (isAll(isChoice))
        return EditorKind::Choice;
    return isPath ? EditorKind::Path : EditorKind::Text;
}

bool OptionSchema::same(const Json& a, const Json& b) const
{
    const bool tellsApart = takes(ValueKind::Int) && takes(ValueKind::Float);
    return tellsApart ? sameJson(a, b) : a == b;
}

QString OptionSchema::defaultText() const
{
    if (!defaultValue)
        return {};
    return defaultValue->is_null() ? Words::tr("unset") : valueText(*defaultValue, *this);
}

QString OptionSchema::rangeText() const
{
    QStringList texts;
    for (const auto& alternative : alternatives) {
        const auto text = alternativeText(alternative);
        if (!text.isEmpty() && !texts.contains(text))
            texts += text;
    }
    return texts.join(Words::tr(" or ", "between alternatives"));
}

QString OptionSchema::unsetText() const
{
    if (!defaultValue)
        return isRequired ? Words::tr("required") : QString();
    if (!defaultValue->is_null())
        return defaultText();
    static const QRegularExpression meaning(QStringLiteral("^Unset: (.+?)(?:[,.;](?:\\s|$)|$)"));
    const auto match = meaning.match(details);
    return match.hasMatch() ? Words::tr("unset: %1").arg(match.captured(1)) : Words::tr("unset");
}

QString OptionSchema::toolTip() const
{
    auto text = QStringLiteral("<b>%1</b>").arg(name.toHtmlEscaped());
    const auto addLine = [&text](const QString& line) {
        if (!line.isEmpty())
            text += QStringLiteral("<br/>") + line.toHtmlEscaped();
    };
    addLine(isAvailable ? QString() : Words::tr("Not available yet"));
    addLine(help);
    addLine(details);
    addLine(defaultValue ? Words::tr("Default: %1").arg(defaultText())
                         : (isRequired ? Words::tr("Required") : QString()));
    const auto range = rangeText();
    addLine(range.isEmpty() ? range : Words::tr("Allowed: %1").arg(range));
    addLine(unit.isEmpty() ? unit : Words::tr("Unit: %1").arg(unit));
    return text;
}

ConfigSchema::ConfigSchema(const Json& document)
{
    const SchemaReader reader(document);
    m_options = reader.options(document);
    m_components = reader.components();
}

const std::vector<ComponentSchema>& ConfigSchema::components(const QString& kind) const
{
    static const std::vector<ComponentSchema> none;
    const auto found = m_components.constFind(kind);
    return found == m_components.constEnd() ? none : *found;
}

const ComponentSchema* ConfigSchema::component(const QString& kind, const QString& name) const
{
    const auto& all = components(kind);
    const auto found = std::find_if(
        all.begin(), all.end(), [&](const ComponentSchema& item) { return item.name == name; });
    return found == all.end() ? nullptr : &*found;
}

namespace {

/// Goes from level to level along a pointer, as far as the schema knows the way.
class Walk
{
public:
    Walk(const ConfigSchema& schema, const Json& config)
        : m_schema(schema), m_node(&config), m_level{&schema.options(), nullptr}
    {
    }

    bool step(const QString& token)
    {
        m_pointer = childPointer(m_pointer, token);
        m_node = m_node ? findValue(*m_node, {token}) : nullptr;
        bool isIndex = false;
        token.toUInt(&isIndex);
        if (m_listKind && isIndex) {
            enterComponent(*m_listKind);
            m_listKind.reset();
            return m_level.component != nullptr;
        }
        if (m_level.component && token == QLatin1String("init_args")) {
            m_level = {&m_level.component->initArgs, nullptr};
            return true;
        }
        const auto* options = m_level.component ? &m_level.component->ownOptions : m_level.options;
        const auto* option = options ? findOption(*options, token) : nullptr;
        if (!option)
            return false;
        m_place = {option, m_pointer};
        enter(*option);
        return true;
    }

    const ConfigSchema::Place& place() const { return m_place; }
    const Level& level() const { return m_level; }

private:
    void enter(const OptionSchema& option)
    {
        m_level = {};
        if (!option.section.empty())
            m_level.options = &option.section;
        else if (option.takes(ValueKind::Component))
            enterComponent(option.componentKind());
        m_listKind.reset();
        if (option.editor() == EditorKind::ComponentList)
            m_listKind = option.componentKind();
    }

    void enterComponent(const QString& kind)
    {
        m_level = {nullptr, m_schema.component(kind, classPathOf(m_node))};
    }

    const ConfigSchema& m_schema;
    const Json* m_node;
    Level m_level;
    QString m_pointer;
    std::optional<QString> m_listKind;
    ConfigSchema::Place m_place;
};

} // namespace

ConfigSchema::Place ConfigSchema::placeOf(const Json& config, const QString& pointer) const
{
    Walk walk(*this, config);
    for (const auto& token : pointerTokens(pointer)) {
        if (!walk.step(token))
            break;
    }
    return walk.place();
}

QStringList ConfigSchema::keyOrder(const Json& config, const QString& pointer) const
{
    Walk walk(*this, config);
    for (const auto& token : pointerTokens(pointer)) {
        if (!walk.step(token))
            return {};
    }
    QStringList keys;
    const auto& level = walk.level();
    if (level.component)
        keys = {QStringLiteral("class_path"), QStringLiteral("init_args")};
    const auto* options = level.component ? &level.component->ownOptions : level.options;
    if (options) {
        for (const auto& option : *options)
            keys += option.name;
    }
    return keys;
}

} // namespace leyden::ui
