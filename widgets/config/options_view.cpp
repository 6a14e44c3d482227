// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/config/options_view.h"

#include "widgets/config/field_row.h"
#include "widgets/config/json_pointer.h"

#include <QLabel>
#include <QVBoxLayout>

#include <algorithm>

namespace leyden::ui {

std::vector<PlacedOption> placed(const std::vector<OptionSchema>& options, const QString& above)
{
    std::vector<PlacedOption> result;
    for (const auto& option : options)
        result.push_back({&option, childPointer(above, option.name)});
    return result;
}

OptionsView::OptionsView(FormContext& context, const std::vector<PlacedOption>& options,
    const QString& title, QWidget* parent)
    : QWidget(parent)
{
    QStringList names; // one heading each, though its options may stand apart
    for (const auto& [option, pointer] : options) {
        if (!names.contains(option->group))
            names += option->group;
    }
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    for (const auto& name : names) {
        Group group;
        if (!name.isEmpty() && name != title && names.size() > 1) {
            group.heading = makeHeading(name);
            layout->addWidget(group.heading);
        }
        for (const auto& [option, pointer] : options) {
            if (option->group != name)
                continue;
            group.rows.push_back(new FieldRow(context, *option, pointer, this));
            layout->addWidget(group.rows.back());
            m_rows.push_back(group.rows.back());
        }
        m_groups.push_back(std::move(group));
    }
}

QLabel* OptionsView::makeHeading(const QString& text)
{
    auto* heading = new QLabel(text, this);
    heading->setContentsMargins(12, 16, 0, 4);
    auto bold = heading->font();
    bold.setWeight(QFont::DemiBold);
    bold.setPointSizeF(bold.pointSizeF() * 1.1);
    heading->setFont(bold);
    return heading;
}

FilterResult OptionsView::applyFilter()
{
    FilterResult result;
    for (const auto& group : m_groups) {
        bool isVisible = false;
        for (auto* row : group.rows) {
            const auto one = row->applyFilter();
            isVisible = isVisible || one.isVisible;
            result += one;
        }
        if (group.heading)
            group.heading->setVisible(isVisible);
    }
    return result;
}

} // namespace leyden::ui
