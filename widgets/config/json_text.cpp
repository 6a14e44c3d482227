// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/config/json_text.h"

#include "widgets/config/json_pointer.h"

#include <QCoreApplication>
#include <QSet>

#include <algorithm>

namespace leyden::ui {

namespace {

void write(std::string& text, const Json& value, int depth)
{
    const bool isFlat = std::none_of(
        value.begin(), value.end(), [](const Json& item) { return item.is_structured(); });
    if (!value.is_structured() || value.empty()) {
        text += value.dump();
        return;
    }
    const bool isInline = value.is_array() && isFlat;
    const auto indent = [&](int level) {
        if (!isInline)
            text += "\n" + std::string(std::size_t(2 * level), ' ');
    };
    text += value.is_array() ? '[' : '{';
    bool isFirst = true;
    for (const auto& [key, item] : value.items()) {
        if (!isFirst)
            text += isInline ? ", " : ",";
        isFirst = false;
        indent(depth + 1);
        if (value.is_object())
            text += Json(key).dump() + ": ";
        write(text, item, depth + 1);
    }
    indent(depth);
    text += value.is_array() ? ']' : '}';
}

/// The part of the parser's message that says what was found and expected.
QString reasonOf(const std::string& message)
{
    const auto text = toQString(message);
    const auto dash = text.indexOf(QLatin1String(" - "));
    if (dash >= 0)
        return text.mid(dash + 3);
    return text.mid(text.indexOf(QLatin1Char(']')) + 2); // "[json.exception...] what"
}

/// Walks a text that is known to be JSON.
class Scanner
{
public:
    explicit Scanner(const QString& text) : m_text(text) { }

    QHash<QString, int> scan()
    {
        skipBlanks();
        m_positions.insert(QString(), m_at);
        value(QString());
        return std::move(m_positions);
    }

private:
    QChar peek() const { return m_at < m_text.size() ? m_text[m_at] : QChar(); }

    void skipBlanks()
    {
        while (m_at < m_text.size() && m_text[m_at].isSpace())
            ++m_at;
    }

    bool take(char letter)
    {
        skipBlanks();
        if (peek() != QLatin1Char(letter))
            return false;
        ++m_at;
        skipBlanks();
        return true;
    }

    QString string()
    {
        const auto first = m_at++;
        while (m_at < m_text.size() && peek() != QLatin1Char('"'))
            m_at += peek() == QLatin1Char('\\') ? 2 : 1;
        ++m_at;
        const auto json
            = Json::parse(m_text.mid(first, m_at - first).toStdString(), nullptr, false);
        return json.is_string() ? toQString(json.get<std::string>()) : QString();
    }

    void value(const QString& pointer)
    {
        if (take('{')) {
            while (m_at < m_text.size() && !take('}')) {
                const auto at = m_at;
                const auto child = childPointer(pointer, string());
                m_positions.insert(child, at);
                take(':');
                value(child);
                take(',');
            }
        } else if (take('[')) {
            for (int idx = 0; m_at < m_text.size() && !take(']'); ++idx) {
                const auto child = childPointer(pointer, QString::number(idx));
                m_positions.insert(child, m_at);
                value(child);
                take(',');
            }
        } else if (peek() == QLatin1Char('"')) {
            string();
        } else {
            static const QString ends = QStringLiteral(",]} \t\r\n");
            do
                ++m_at;
            while (m_at < m_text.size() && !ends.contains(m_text[m_at]));
        }
    }

    const QString& m_text;
    int m_at = 0;
    QHash<QString, int> m_positions;
};

/// A key that an object has twice, "" if none has; the parser would keep only one of them.
QString duplicateKey(const std::string& text)
{
    QList<QSet<std::string>> open;
    QString duplicate;
    const auto watch = [&](int, Json::parse_event_t event, Json& parsed) {
        if (event == Json::parse_event_t::object_start)
            open += QSet<std::string>();
        else if (event == Json::parse_event_t::object_end && !open.isEmpty())
            open.removeLast();
        else if (event == Json::parse_event_t::key && !open.isEmpty()) {
            const auto& key = parsed.get_ref<const std::string&>();
            if (open.last().contains(key))
                duplicate = toQString(key);
            open.last().insert(key);
        }
        return true;
    };
    [[maybe_unused]] const auto ignored = Json::parse(text, watch, false);
    return duplicate;
}

void place(ParsedJson& parsed, const std::string& text, std::size_t byte)
{
    const auto before
        = QString::fromUtf8(text.data(), qsizetype(std::min(byte > 0 ? byte - 1 : 0, text.size())));
    parsed.line = int(before.count(QLatin1Char('\n'))) + 1;
    parsed.column = int(before.size() - before.lastIndexOf(QLatin1Char('\n')));
}

/// Where a text in quotes begins that ends with its line instead of a quote; npos where the fault
/// before that byte is another. No text of JSON continues in the next line.
std::size_t unclosedText(const std::string& text, std::size_t byte)
{
    const auto end = std::min(byte > 0 ? byte - 1 : 0, text.size());
    if (end < text.size() && text[end] != '\n' && text[end] != '\r')
        return std::string::npos;
    const auto newline = end == 0 ? std::string::npos : text.rfind('\n', end - 1);
    auto begin = std::string::npos;
    for (auto i = newline == std::string::npos ? 0 : newline + 1; i < end; ++i) {
        if (text[i] == '"')
            begin = begin == std::string::npos ? i : std::string::npos;
        else if (text[i] == '\\' && begin != std::string::npos)
            ++i;
    }
    return begin;
}

} // namespace

QString jsonText(const Json& document)
{
    std::string text;
    write(text, document, 0);
    return toQString(text) + QLatin1Char('\n');
}

ParsedJson parseJsonText(const QString& text)
{
    ParsedJson parsed;
    const auto bytes = text.toStdString();
    try {
        parsed.document = Json::parse(bytes);
        const auto duplicate = duplicateKey(bytes);
        if (!duplicate.isEmpty()) {
            parsed.problem = QCoreApplication::translate(
                "leyden::ui::JsonEditor", "the key \"%1\" is twice in one object")
                                 .arg(duplicate);
            const auto key = QByteArray::fromStdString(bytes).lastIndexOf(
                QByteArray::fromStdString(Json(duplicate.toStdString()).dump()));
            place(parsed, bytes, std::size_t(key + 1));
        }
    } catch (const Json::parse_error& error) {
        const auto unclosed = unclosedText(bytes, error.byte);
        const bool isOther = unclosed == std::string::npos;
        parsed.problem = isOther ? reasonOf(error.what())
                                 : QCoreApplication::translate("leyden::ui::JsonEditor",
                                       "the text is not closed; a \" is missing at its end");
        place(parsed, bytes, isOther ? error.byte : unclosed + 1);
    } catch (const Json::exception& error) { // a number that is out of range
        parsed.problem = reasonOf(error.what());
        parsed.line = parsed.column = 1;
    }
    return parsed;
}

QHash<QString, int> jsonPositions(const QString& text)
{
    return Scanner(text).scan();
}

} // namespace leyden::ui
