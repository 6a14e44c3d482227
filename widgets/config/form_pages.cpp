// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/config/form_pages.h"

#include "widgets/common/icon.h"
#include "widgets/config/json_pointer.h"

#include <QCoreApplication>

#include <algorithm>

namespace leyden::ui {

namespace {

struct PageName
{
    const char* id;
    const char* title;
    const char* icon;
};

constexpr PageName pageNames[] = {
    {"model", QT_TRANSLATE_NOOP("leyden::ui::ConfigForm", "Model"), "model"},
    {"data", QT_TRANSLATE_NOOP("leyden::ui::ConfigForm", "Data"), "data"},
    {"optimizer", QT_TRANSLATE_NOOP("leyden::ui::ConfigForm", "Optimizer & schedule"), "optimizer"},
    {"trainer", QT_TRANSLATE_NOOP("leyden::ui::ConfigForm", "Trainer"), "trainer"},
    {"callbacks", QT_TRANSLATE_NOOP("leyden::ui::ConfigForm", "Callbacks"), "callbacks"},
    {"logging", QT_TRANSLATE_NOOP("leyden::ui::ConfigForm", "Logging"), "list"},
    {"reproducibility", QT_TRANSLATE_NOOP("leyden::ui::ConfigForm", "Reproducibility"), "lock"},
};

const char* pageOf(const OptionSchema& option)
{
    const auto kind = option.componentKind();
    if (kind == QLatin1String("model") || kind == QLatin1String("data"))
        return kind == QLatin1String("model") ? "model" : "data";
    if (kind == QLatin1String("optimizer") || kind == QLatin1String("lr_scheduler"))
        return "optimizer";
    return option.isPath ? "trainer" : "reproducibility";
}

const char* pageOfSectionOption(const OptionSchema& option)
{
    const auto kind = option.componentKind();
    if (kind == QLatin1String("callback"))
        return "callbacks";
    if (kind == QLatin1String("logger") || option.group == QLatin1String("Logging"))
        return "logging";
    return option.group == QLatin1String("Reproducibility") ? "reproducibility" : "trainer";
}

} // namespace

std::vector<FormPage> formPages(const ConfigSchema& schema)
{
    std::vector<FormPage> pages;
    for (const auto& name : pageNames)
        pages.push_back({QString::fromLatin1(name.id),
            QCoreApplication::translate("leyden::ui::ConfigForm", name.title),
            QString::fromLatin1(name.icon), {}});
    const auto add = [&](const char* id, const OptionSchema& option, const QString& pointer) {
        const auto page = std::find_if(pages.begin(), pages.end(),
            [&](const FormPage& one) { return one.id == QLatin1String(id); });
        page->options.push_back({&option, pointer});
    };
    for (const auto& [option, pointer] : placed(schema.options(), QString())) {
        if (option->section.empty())
            add(pageOf(*option), *option, pointer);
        for (const auto& inner : placed(option->section, pointer))
            add(pageOfSectionOption(*inner.option), *inner.option, inner.pointer);
    }
    std::erase_if(pages, [](const FormPage& page) { return page.options.empty(); });
    return pages;
}

FormPageModel::FormPageModel(const std::vector<FormPage>& pages, QObject* parent)
    : QAbstractListModel(parent)
{
    for (const auto& page : pages)
        m_entries.push_back({page.title, page.icon});
}

int FormPageModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : int(m_entries.size());
}

QVariant FormPageModel::data(const QModelIndex& index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    const auto& entry = m_entries[std::size_t(index.row())];
    switch (role) {
    case Qt::DisplayRole:
        return entry.title;
    case Qt::DecorationRole:
        return Icon::themed(entry.icon);
    case Qt::AccessibleTextRole:
        return entry.problems == 0 ? entry.title
            : entry.problems == 1  ? tr("%1, 1 problem").arg(entry.title)
                                  : tr("%1, %n problems", nullptr, entry.problems).arg(entry.title);
    case ProblemsRole:
        return entry.problems;
    case MatchesRole:
        return entry.matches;
    default:
        return {};
    }
}

void FormPageModel::setProblems(int row, int problems)
{
    auto& entry = m_entries[std::size_t(row)];
    if (entry.problems == problems)
        return;
    entry.problems = problems;
    Q_EMIT dataChanged(index(row), index(row));
}

void FormPageModel::setMatches(int row, int matches)
{
    auto& entry = m_entries[std::size_t(row)];
    if (entry.matches == matches)
        return;
    entry.matches = matches;
    Q_EMIT dataChanged(index(row), index(row));
}

} // namespace leyden::ui
