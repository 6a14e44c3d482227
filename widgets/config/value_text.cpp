// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/config/value_text.h"

#include <QRegularExpression>

#include <algorithm>
#include <charconv>
#include <cmath>

namespace leyden::ui {

namespace {

using Alternatives = std::vector<ValueAlternative>;

const ValueAlternative* find(const Alternatives& alternatives, ValueKind kind)
{
    const auto found = std::find_if(alternatives.begin(), alternatives.end(),
        [kind](const ValueAlternative& alternative) { return alternative.kind == kind; });
    return found == alternatives.end() ? nullptr : &*found;
}

std::optional<Json> numberFromText(const QString& text)
{
    static const QRegularExpression whole(QStringLiteral("^[+-]?\\d+$"));
    static const QRegularExpression decimal(
        QStringLiteral("^[+-]?(\\d+\\.?\\d*|\\.\\d+)([eE][+-]?\\d+)?$"));
    if (!decimal.match(text).hasMatch())
        return std::nullopt;
    const auto digits = (text.startsWith(QLatin1Char('+')) ? text.mid(1) : text).toStdString();
    const auto* end = digits.data() + digits.size();
    if (whole.match(text).hasMatch()) {
        std::int64_t number = 0;
        const auto result = std::from_chars(digits.data(), end, number);
        if (result.ec == std::errc() && result.ptr == end)
            return Json(number);
    }
    double number = 0; // from_chars knows no locale
    const auto result = std::from_chars(digits.data(), end, number);
    if (result.ec != std::errc() || !std::isfinite(number))
        return std::nullopt;
    return Json(number);
}

std::optional<Json> jsonFromText(const QString& text)
{
    auto json = Json::parse(text.toStdString(), nullptr, false);
    return json.is_discarded() ? std::nullopt : std::optional(std::move(json));
}

Json itemFromText(const QString& text, const Alternatives& items)
{
    const bool takesNumber = find(items, ValueKind::Int) || find(items, ValueKind::Float);
    if (const auto number = numberFromText(text); number && takesNumber)
        return *number;
    const bool isBool = text == QLatin1String("true") || text == QLatin1String("false");
    if (isBool && find(items, ValueKind::Bool))
        return text == QLatin1String("true");
    const bool isQuoted = text.startsWith(QLatin1Char('"'));
    if (isQuoted || text.startsWith(QLatin1Char('[')) || text.startsWith(QLatin1Char('{'))) {
        if (auto json = jsonFromText(text))
            return *json;
    }
    return text.toStdString();
}

bool fits(const Json& item, const Alternatives& items)
{
    return !item.is_string() || find(items, ValueKind::Text) || items.empty();
}

/// At commas outside quotes.
QStringList splitItems(const QString& text)
{
    QStringList parts{QString()};
    bool isQuoted = false;
    for (const auto letter : text) {
        if (letter == QLatin1Char('"'))
            isQuoted = !isQuoted;
        if (letter == QLatin1Char(',') && !isQuoted)
            parts += QString();
        else
            parts.last() += letter;
    }
    for (auto& part : parts)
        part = part.trimmed();
    if (parts.size() > 1 && parts.last().isEmpty())
        parts.removeLast(); // "128, 64," while typing
    return parts;
}

std::optional<Json> listFromText(const QString& text, const ValueAlternative& list, bool orText)
{
    auto values = Json::array();
    bool isFit = true;
    const auto parts = splitItems(text);
    for (const auto& part : parts) {
        values.push_back(itemFromText(part, list.items));
        isFit = isFit && fits(values.back(), list.items);
    }
    if (orText && (parts.size() < 2 || !isFit))
        return std::nullopt;
    return values;
}

std::optional<Json> mapFromText(const QString& text, const ValueAlternative& map)
{
    auto object = Json::object();
    for (const auto& part : splitItems(text)) {
        const auto colon = part.lastIndexOf(QLatin1Char(':'));
        if (colon < 1)
            return std::nullopt;
        auto item = itemFromText(part.mid(colon + 1).trimmed(), map.items);
        const auto key = part.left(colon).trimmed();
        if (key.contains(QLatin1Char(':')) || !fits(item, map.items))
            return std::nullopt;
        object[key.toStdString()] = std::move(item);
    }
    return object;
}

QString itemText(const Json& item)
{
    static const QRegularExpression special(QStringLiteral("[,:\"\\[\\]{}]|^\\s|\\s$|^$"));
    const auto text = plainText(item);
    const bool isUnclear = item.is_string()
        && (special.match(text).hasMatch() || numberFromText(text) || text == QLatin1String("true")
            || text == QLatin1String("false"));
    return isUnclear ? toQString(item.dump()) : text;
}

bool isPlain(const Json& container)
{
    return !container.empty()
        && std::none_of(container.begin(), container.end(),
            [](const Json& item) { return item.is_structured() || item.is_null(); });
}

QString friendlyText(const Json& value)
{
    QStringList parts;
    if (value.is_array() && isPlain(value)) {
        for (const auto& item : value)
            parts += itemText(item);
        return parts.join(QStringLiteral(", "));
    }
    if (value.is_object() && isPlain(value)) {
        for (const auto& [key, item] : value.items())
            parts += toQString(key) + QStringLiteral(": ") + itemText(item);
        return parts.join(QStringLiteral(", "));
    }
    return plainText(value);
}

/// Whether `null` has to be written out, because leaving the field empty means something else.
bool spellsNull(const OptionSchema& option)
{
    return option.isNullable() && option.defaultValue && !option.defaultValue->is_null();
}

/// JSON for what a plain text cannot say: "" or "1" as a text, lists of lists.
std::optional<Json> quotedFromText(const QString& text, const OptionSchema& option)
{
    const bool takesOther = option.takes(ValueKind::Other);
    const auto first = text.front();
    const bool isList = first == QLatin1Char('[') && (takesOther || option.takes(ValueKind::List));
    const bool isMap = first == QLatin1Char('{')
        && (takesOther || option.takes(ValueKind::Map) || option.takes(ValueKind::Component)
            || option.takes(ValueKind::Section));
    const bool isText = first == QLatin1Char('"') && option.takes(ValueKind::Text)
        && (option.alternatives.size() > 1u + option.isNullable() || text == QLatin1String("\"\""));
    return isList || isMap || isText || takesOther ? jsonFromText(text) : std::nullopt;
}

} // namespace

bool sameJson(const Json& a, const Json& b)
{
    if (a.is_number() && b.is_number())
        return a.is_number_float() == b.is_number_float() && a == b;
    if (a.type() != b.type() || a.size() != b.size())
        return false;
    if (a.is_object())
        return std::all_of(a.items().begin(), a.items().end(), [&](const auto& entry) {
            return b.contains(entry.key()) && sameJson(entry.value(), b[entry.key()]);
        });
    return a.is_array() ? std::equal(a.begin(), a.end(), b.begin(), sameJson) : a == b;
}

QString numberText(const Json& number)
{
    static const QRegularExpression padding(QStringLiteral("e([+-]?)0*(\\d)"));
    auto text = toQString(number.dump());
    const auto match = padding.match(text);
    if (match.hasMatch()) {
        const auto sign = match.captured(1) == QLatin1String("-") ? "e-" : "e";
        text.replace(
            match.capturedStart(), match.capturedLength(), QLatin1String(sign) + match.captured(2));
    }
    return text;
}

QString plainText(const Json& value)
{
    if (value.is_string())
        return toQString(value.get_ref<const std::string&>());
    return value.is_number() ? numberText(value) : toQString(value.dump());
}

QString valueText(const Json& value, const OptionSchema& option)
{
    if (value.is_null())
        return spellsNull(option) || !option.isNullable() ? QStringLiteral("null") : QString();
    auto text = friendlyText(value);
    const auto back = valueFromText(text, option);
    return back && sameJson(*back, value) ? text : toQString(value.dump());
}

std::optional<Json> valueFromText(const QString& text, const OptionSchema& option)
{
    const auto trimmed = text.trimmed();
    if (trimmed.isEmpty())
        return std::nullopt;
    if (trimmed == QLatin1String("null") && spellsNull(option))
        return Json(nullptr);
    const bool isBool = trimmed == QLatin1String("true") || trimmed == QLatin1String("false");
    if (isBool && option.takes(ValueKind::Bool))
        return Json(trimmed == QLatin1String("true"));
    if (option.takes(ValueKind::Int) || option.takes(ValueKind::Float)) {
        if (auto number = numberFromText(trimmed))
            return number;
    }
    if (auto quoted = quotedFromText(trimmed, option))
        return quoted;
    const bool takesText = option.takes(ValueKind::Text);
    if (const auto* list = option.alternative(ValueKind::List)) {
        if (auto values = listFromText(trimmed, *list, takesText))
            return values;
    }
    if (const auto* map = option.alternative(ValueKind::Map)) {
        if (auto object = mapFromText(trimmed, *map))
            return object;
    }
    return Json((takesText ? text : trimmed).toStdString());
}

} // namespace leyden::ui
