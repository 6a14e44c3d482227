// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/config/name_completer.h"

#include "widgets/config/config_schema.h"
#include "widgets/config/value_text.h"

#include <QAbstractItemView>
#include <QLineEdit>

#include <algorithm>

namespace leyden::ui {
namespace {
constexpr int mostNames = 12;
} // namespace

NameCompleter::NameCompleter(QAbstractItemModel* names, const OptionSchema& option, QLineEdit* line)
    : QCompleter(names, line)
    , m_option(option)
    , m_line(line)
    , m_isList(option.takes(ValueKind::List))
{
    setCaseSensitivity(Qt::CaseInsensitive);
    setFilterMode(Qt::MatchContains);
    setMaxVisibleItems(mostNames);
    connect(line, &QLineEdit::textEdited, this, [this](const QString& text) {
        m_offersAll = false;
        m_typed = text;
    });
}

void NameCompleter::offerAll()
{
    m_offersAll = true;
    m_typed = m_line->text();
    setCompletionPrefix({});
    complete();
    popup()->setCurrentIndex({});
}

QStringList NameCompleter::splitPath(const QString& text) const
{
    return {m_isList && !m_offersAll ? text.section(QLatin1Char(','), -1).trimmed() : text};
}

QString NameCompleter::pathFromIndex(const QModelIndex& index) const
{
    const auto name = index.data().toString();
    if (!m_isList)
        return name;
    auto list = valueFromText(m_typed, m_option).value_or(Json());
    if (!list.is_array())
        list = Json::array();
    if (!m_offersAll && !list.empty())
        list.erase(list.size() - 1); // what was typed of it
    const auto written = Json(name.toStdString());
    const auto same = std::find(list.begin(), list.end(), written);
    if (same != list.end())
        list.erase(same);
    else
        list.push_back(written);
    return list.empty() ? QString() : valueText(list, m_option);
}

} // namespace leyden::ui
