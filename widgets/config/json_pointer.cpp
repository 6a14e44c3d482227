// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/config/json_pointer.h"

namespace leyden::ui {

namespace {

const QString classPath = QStringLiteral("class_path");

/// -1 where the token is no index.
qsizetype listIndex(const QString& token)
{
    bool isNumber = false;
    const auto idx = token.toInt(&isNumber);
    return isNumber && idx >= 0 ? idx : -1;
}

template <class AnyJson> AnyJson* childOf(AnyJson* node, const QString& token)
{
    const auto idx = listIndex(token);
    if (node->is_array())
        return idx >= 0 && std::size_t(idx) < node->size() ? &(*node)[std::size_t(idx)] : nullptr;
    if (node->is_string())
        return token == classPath || idx == 0 ? node : nullptr;
    if (!node->is_object())
        return nullptr;
    const auto found = node->find(token.toStdString());
    if (found != node->end())
        return &*found;
    return idx == 0 && node->contains("class_path") ? node : nullptr;
}

void writeOut(Json& node, const QString& token)
{
    const auto idx = listIndex(token);
    if (idx >= 0 && (node.is_string() || (node.is_object() && node.contains("class_path"))))
        node = Json::array({node});
    else if (node.is_string())
        node = Json::object({{"class_path", node}});
    else if (!node.is_object() && !node.is_array())
        node = idx >= 0 ? Json::array() : Json::object();
    while (node.is_array() && idx >= 0 && node.size() <= std::size_t(idx))
        node.push_back(nullptr);
    if (node.is_array() && idx < 0)
        node = Json::object();
}

} // namespace

QStringList pointerTokens(const QString& pointer)
{
    auto tokens = pointer.split(QLatin1Char('/'));
    tokens.removeFirst(); // before the first slash
    for (auto& token : tokens)
        token.replace(QLatin1String("~1"), QLatin1String("/"))
            .replace(QLatin1String("~0"), QLatin1String("~"));
    return tokens;
}

QString childPointer(const QString& pointer, const QString& key)
{
    auto token = key;
    token.replace(QLatin1String("~"), QLatin1String("~0"))
        .replace(QLatin1String("/"), QLatin1String("~1"));
    return pointer + QLatin1Char('/') + token;
}

QString parentPointer(const QString& pointer)
{
    return pointer.left(qMax(qsizetype(0), pointer.lastIndexOf(QLatin1Char('/'))));
}

bool isWithin(const QString& pointer, const QString& ancestor)
{
    return pointer.startsWith(ancestor)
        && (pointer.size() == ancestor.size() || pointer[ancestor.size()] == QLatin1Char('/'));
}

const Json* findValue(const Json& config, const QStringList& tokens)
{
    const Json* node = &config;
    for (const auto& token : tokens) {
        node = childOf(node, token);
        if (!node)
            return nullptr;
    }
    return node;
}

Json& makeValue(Json& config, const QStringList& tokens)
{
    Json* node = &config;
    for (const auto& token : tokens) {
        writeOut(*node, token);
        const auto idx = listIndex(token);
        node = node->is_array() ? &(*node)[std::size_t(idx)] : &(*node)[token.toStdString()];
    }
    return *node;
}

void eraseValue(Json& config, const QStringList& tokens)
{
    if (tokens.isEmpty())
        return;
    auto* parent = const_cast<Json*>(findValue(config, tokens.mid(0, tokens.size() - 1)));
    if (!parent)
        return;
    const auto idx = listIndex(tokens.last());
    if (parent->is_array() && idx >= 0 && std::size_t(idx) < parent->size())
        parent->erase(std::size_t(idx));
    else if (parent->is_object())
        parent->erase(tokens.last().toStdString());
}

QString classPathOf(const Json* component)
{
    if (!component)
        return {};
    const auto* name = childOf(component, classPath);
    return name && name->is_string() ? toQString(name->get_ref<const std::string&>()) : QString();
}

} // namespace leyden::ui
