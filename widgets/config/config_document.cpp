// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/config/config_document.h"

#include "widgets/config/json_pointer.h"
#include "widgets/config/value_text.h"

#include <QUndoCommand>

#include <algorithm>
#include <utility>

namespace leyden::ui {

/// A step from one whole config to another: they are small, and a snapshot cannot drift.
class ConfigEdit final : public QUndoCommand
{
public:
    ConfigEdit(ConfigDocument& document, QString pointer, Json after, const QString& text)
        : QUndoCommand(text)
        , m_document(document)
        , m_pointer(std::move(pointer))
        , m_before(document.m_config)
        , m_after(std::move(after))
        , m_session(document.m_editSession)
    {
    }

    int id() const override { return 1; }
    void undo() override
    {
        m_document.finishEdit(); // what comes next is no part of an older step
        m_document.show(m_before, m_pointer);
    }
    void redo() override { m_document.show(m_after, m_pointer); }

    bool mergeWith(const QUndoCommand* other) override
    {
        const auto* next = static_cast<const ConfigEdit*>(other);
        if (next->m_pointer != m_pointer || next->m_session != m_session)
            return false;
        m_after = next->m_after;
        setObsolete(m_after == m_before && m_after.dump() == m_before.dump());
        return true;
    }

private:
    ConfigDocument& m_document;
    QString m_pointer;
    Json m_before;
    Json m_after;
    int m_session;
};

namespace {

void insertOrdered(Json& object, const QString& key, const Json& value, const QStringList& order)
{
    const auto rank = order.indexOf(key);
    const auto comesLater = [&](const std::string& other) {
        return rank >= 0 && order.indexOf(toQString(other)) > rank;
    };
    auto result = Json::object();
    bool isPlaced = false;
    for (const auto& [other, item] : object.items()) {
        if (!isPlaced && comesLater(other)) {
            result[key.toStdString()] = value;
            isPlaced = true;
        }
        result[other] = item;
    }
    if (!isPlaced)
        result[key.toStdString()] = value;
    object = std::move(result);
}

QStringList classPathsOf(const Json& list)
{
    QStringList names;
    for (const auto& item : list)
        names += classPathOf(&item);
    return names;
}

} // namespace

ConfigDocument::ConfigDocument(const Json& schema, QObject* parent)
    : QObject(parent), m_schema(schema)
{
    m_settleTimer.setSingleShot(true);
    m_settleTimer.setInterval(250);
    connect(&m_settleTimer, &QTimer::timeout, this, &ConfigDocument::settled);
}

void ConfigDocument::load(Json config, Json baseline)
{
    finishEdit();
    m_baseline = std::move(baseline);
    m_undoStack.clear();
    setTextProblem({});
    setProblems({});
    for (const auto& kind : m_knownNames.keys()) // those of other data
        setKnownNames(kind, {});
    show(config, QString());
    Q_EMIT loaded();
}

std::optional<Json> ConfigDocument::value(const QString& pointer) const
{
    const auto* found = findValue(m_config, pointerTokens(pointer));
    return found ? std::optional(*found) : std::nullopt;
}

std::optional<Json> ConfigDocument::defaultValue(const QString& pointer) const
{
    const auto place = m_schema.placeOf(m_config, pointer);
    return place.option && place.pointer == pointer ? place.option->defaultValue : std::nullopt;
}

Json ConfigDocument::effectiveValue(const QString& pointer) const
{
    const auto written = value(pointer);
    return written ? *written : defaultValue(pointer).value_or(Json());
}

std::optional<Json> ConfigDocument::baselineValue(const QString& pointer) const
{
    const auto tokens = pointerTokens(pointer);
    for (qsizetype i = 0; i < tokens.size(); ++i) {
        if (tokens[i] != QLatin1String("init_args"))
            continue;
        const auto above = tokens.mid(0, i);
        if (classPathOf(findValue(m_config, above)) != classPathOf(findValue(m_baseline, above)))
            return std::nullopt;
    }
    const auto* found = findValue(m_baseline, tokens);
    return found ? std::optional(*found) : std::nullopt;
}

void ConfigDocument::assign(Json& config, const QString& pointer, const Json& value) const
{
    const auto tokens = pointerTokens(pointer);
    if (tokens.isEmpty() || findValue(config, tokens)) {
        makeValue(config, tokens) = value;
        return;
    }
    const auto above = parentPointer(pointer);
    if (above.isEmpty() || findValue(config, pointerTokens(above))) {
        auto& parent = makeValue(config, tokens); // writes out short forms above
        parent = value;
        auto& object = makeValue(config, tokens.mid(0, tokens.size() - 1));
        if (object.is_object()) {
            object.erase(tokens.last().toStdString());
            insertOrdered(object, tokens.last(), value, m_schema.keyOrder(config, above));
        }
        return;
    }
    assign(config, above, Json::object()); // "trainer" itself goes to its own place
    assign(config, pointer, value);
}

void ConfigDocument::take(Json& config, const QString& pointer) const
{
    eraseValue(config, pointerTokens(pointer));
    const auto above = parentPointer(pointer);
    const auto* parent = findValue(config, pointerTokens(above));
    const bool isLeftover = !above.isEmpty() && parent && parent->is_object() && parent->empty()
        && !findValue(m_baseline, pointerTokens(above));
    if (isLeftover)
        take(config, above);
}

void ConfigDocument::setValue(const QString& pointer, const Json& value)
{
    const auto place = m_schema.placeOf(m_config, pointer);
    const auto isSame = [&](const Json& a, const Json& b) {
        return place.option && place.pointer == pointer ? place.option->same(a, b) : sameJson(a, b);
    };
    auto config = m_config;
    const auto original = baselineValue(pointer);
    const auto fallback = defaultValue(pointer);
    if (original && isSame(*original, value))
        assign(config, pointer, *original);
    else if (!original && fallback && isSame(*fallback, value))
        take(config, pointer);
    else
        assign(config, pointer, value);
    edit(pointer, std::move(config), tr("Change %1").arg(pointer.section(QLatin1Char('/'), -1)));
}

void ConfigDocument::unset(const QString& pointer)
{
    auto config = m_config;
    take(config, pointer);
    edit(pointer, std::move(config), tr("Clear %1").arg(pointer.section(QLatin1Char('/'), -1)));
}

void ConfigDocument::reset(const QString& pointer)
{
    auto config = m_config;
    if (const auto original = baselineValue(pointer))
        assign(config, pointer, *original);
    else
        take(config, pointer);
    finishEdit();
    edit(pointer, std::move(config), tr("Reset %1").arg(pointer.section(QLatin1Char('/'), -1)));
    finishEdit();
}

void ConfigDocument::resetAll()
{
    finishEdit();
    edit(QString(), m_baseline, tr("Reset all"));
    finishEdit();
}

void ConfigDocument::replace(const Json& config)
{
    edit(QString(), config, tr("Edit JSON"));
}

void ConfigDocument::edit(const QString& pointer, Json config, const QString& text)
{
    if (config.dump() == m_config.dump()) // also the order of keys
        return;
    m_undoStack.push(new ConfigEdit(*this, pointer, std::move(config), text)); // owned by the stack
}

void ConfigDocument::show(const Json& config, const QString& pointer)
{
    m_config = config;
    Q_EMIT changed(pointer);
    m_settleTimer.start();
}

bool ConfigDocument::isChanged(const QString& pointer) const
{
    const auto place = m_schema.placeOf(m_config, pointer);
    const auto fallback = defaultValue(pointer).value_or(Json());
    const auto now = value(pointer).value_or(fallback);
    const auto then = baselineValue(pointer).value_or(fallback);
    if (!place.option || place.pointer != pointer)
        return !sameJson(now, then);
    if (place.option->editor() == EditorKind::Component) // its options have marks of their own
        return classPathOf(&now) != classPathOf(&then);
    if (place.option->editor() == EditorKind::ComponentList && now.is_array() && then.is_array())
        return classPathsOf(now) != classPathsOf(then);
    return !place.option->same(now, then);
}

QString ConfigDocument::baselineText(const QString& pointer) const
{
    const auto place = m_schema.placeOf(m_config, pointer);
    const auto original = baselineValue(pointer);
    if (!place.option || place.pointer != pointer)
        return original ? plainText(*original) : tr("nothing");
    if (!original)
        return place.option->defaultValue ? place.option->defaultText() : tr("nothing");
    const auto name = classPathOf(&*original);
    if (!name.isEmpty() && !place.option->componentKind().isEmpty())
        return name;
    if (place.option->editor() == EditorKind::ComponentList && original->is_array())
        return original->empty() ? tr("none") : classPathsOf(*original).join(QStringLiteral(", "));
    return original->is_null() ? tr("unset") : valueText(*original, *place.option);
}

std::vector<ConfigChange> ConfigDocument::changes() const
{
    auto all = configChanges(m_config, m_baseline);
    const auto isNothing = [this](const ConfigChange& change) {
        const auto place = m_schema.placeOf(m_config, change.pointer);
        if (!place.option || place.pointer != change.pointer
            || place.option->editor() == EditorKind::Section)
            return false;
        const auto fallback = place.option->defaultValue.value_or(Json());
        return place.option->same(
            change.before.value_or(fallback), change.after.value_or(fallback));
    };
    std::erase_if(all, isNothing);
    return all;
}

void ConfigDocument::setProblems(const QList<ConfigProblem>& problems)
{
    const bool hadNone = m_problems.isEmpty();
    m_problems = problems;
    if (hasTextProblem())
        m_problems.prepend({{}, m_textProblem});
    if (hadNone && m_problems.isEmpty())
        return;
    m_problemFields.clear();
    for (const auto& problem : std::as_const(m_problems))
        m_problemFields += m_schema.placeOf(m_config, problem.pointer).pointer;
    Q_EMIT problemsChanged();
}

void ConfigDocument::setKnownNames(const QString& kind, const QStringList& names)
{
    if (m_knownNames.value(kind) == names)
        return;
    m_knownNames[kind] = names;
    Q_EMIT knownNamesChanged(kind);
}

void ConfigDocument::setTextProblem(const QString& message)
{
    if (message == m_textProblem)
        return;
    auto problems = m_problems;
    if (hasTextProblem())
        problems.removeFirst();
    m_textProblem = message;
    setProblems(problems);
    Q_EMIT textProblemChanged();
}

QStringList ConfigDocument::problemsAt(const QString& pointer) const
{
    QStringList messages;
    for (qsizetype i = 0; i < m_problems.size(); ++i) {
        if (m_problemFields[i] == pointer)
            messages += m_problems[i].message;
    }
    return messages;
}

} // namespace leyden::ui
