// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/config/config_schema.h"
#include "widgets/config/form_context.h"

#include <QWidget>

#include <vector>

class QLabel;

namespace leyden::ui {

class FieldRow;

/// An option and where its value lies.
struct PlacedOption
{
    const OptionSchema* option = nullptr; ///< belongs to the document's schema
    QString pointer;
};

/// The options of an object, each at `above` + "/" + name.
std::vector<PlacedOption> placed(const std::vector<OptionSchema>& options, const QString& above);

/// Rows of options below each other, with the headings of their groups.
class OptionsView final : public QWidget
{
    Q_OBJECT

public:
    /// A group of the name `title` gets no heading, for that stands above all of them already; nor
    /// does the only group.
    OptionsView(FormContext& context, const std::vector<PlacedOption>& options,
        const QString& title, QWidget* parent);

    FilterResult applyFilter();
    const std::vector<FieldRow*>& rows() const { return m_rows; }

private:
    struct Group
    {
        QLabel* heading = nullptr; ///< none for options without a group
        std::vector<FieldRow*> rows;
    };

    QLabel* makeHeading(const QString& text);

    std::vector<Group> m_groups;
    std::vector<FieldRow*> m_rows;
};

} // namespace leyden::ui
