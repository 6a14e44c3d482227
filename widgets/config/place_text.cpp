// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/config/place_text.h"

#include "widgets/config/json_pointer.h"

#include <QCoreApplication>

#include <algorithm>

namespace leyden::ui {
namespace {

struct PlaceWords
{
    Q_DECLARE_TR_FUNCTIONS(leyden::ui::placeText)
};

/// The sections of a run config as the form calls them; an option keeps its name.
QString sectionTitle(const QString& key)
{
    const std::pair<const char*, const char*> titles[]{
        {"model", QT_TRANSLATE_NOOP("leyden::ui::placeText", "Model")},
        {"data", QT_TRANSLATE_NOOP("leyden::ui::placeText", "Data")},
        {"optimizer", QT_TRANSLATE_NOOP("leyden::ui::placeText", "Optimizer")},
        {"lr_scheduler", QT_TRANSLATE_NOOP("leyden::ui::placeText", "Learning rate schedule")},
        {"trainer", QT_TRANSLATE_NOOP("leyden::ui::placeText", "Trainer")}};
    for (const auto& [name, title] : titles)
        if (key == QLatin1String(name))
            return PlaceWords::tr(title);
    return key;
}

QString ordinal(qsizetype number)
{
    const auto tens = number % 100;
    const auto ones = tens > 10 && tens < 14 ? 0 : number % 10;
    const auto text = ones == 1 ? PlaceWords::tr("%1st")
        : ones == 2             ? PlaceWords::tr("%1nd")
        : ones == 3             ? PlaceWords::tr("%1rd")
                                : PlaceWords::tr("%1th");
    return text.arg(number);
}

/// A component of a list by its class; by its place among those of one class, where there are more.
QString componentText(const Json& list, size_t idx)
{
    const auto name = classPathOf(&list[idx]);
    const auto isSame = [&name](const Json& other) { return classPathOf(&other) == name; };
    if (std::count_if(list.begin(), list.end(), isSame) == 1)
        return name;
    const auto before = std::count_if(list.begin(), list.begin() + std::ptrdiff_t(idx), isSame);
    return PlaceWords::tr("%1 %2", "2nd EarlyStopping").arg(ordinal(before + 1), name);
}

} // namespace

QString placeText(const Json& config, const QString& pointer)
{
    const auto tokens = pointer.isEmpty() ? QStringList() : pointerTokens(pointer);
    QStringList parts;
    for (qsizetype i = 0; i < tokens.size(); ++i) {
        const auto& token = tokens[i];
        bool isNumber = false;
        const auto idx = token.toUInt(&isNumber);
        if (token == QLatin1String("init_args") || token == QLatin1String("class_path"))
            continue; // how it is written down
        if (!isNumber || parts.isEmpty()) {
            parts += i == 0 ? sectionTitle(token) : token;
            continue;
        }
        const auto* list = findValue(config, tokens.mid(0, i));
        if (list && list->is_array() && idx < list->size() && !classPathOf(&(*list)[idx]).isEmpty()
            && (*list)[idx].is_object())
            parts += componentText(*list, idx);
        else
            parts.last() += PlaceWords::tr(", %1 value").arg(ordinal(qsizetype(idx) + 1));
    }
    return parts.join(QStringLiteral(" > "));
}

QString placedMessage(const Json& config, const QString& pointer, const QString& message)
{
    const auto place = placeText(config, pointer);
    return place.isEmpty() ? message : PlaceWords::tr("%1: %2").arg(place, message);
}

} // namespace leyden::ui
