// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/config/field_editor.h"

#include <QHash>

class QLabel;

namespace leyden::ui {

class Card;
class MarkedComboBox;
class OptionsView;

/// A slot for a component: the box chooses its class, below stand the options of that class. What
/// was set for another class comes back when that class does.
class ComponentEditor final : public FieldEditor
{
    Q_OBJECT

public:
    ComponentEditor(
        FormContext& context, const OptionSchema& option, const QString& pointer, QWidget* parent);

    void showValue(const std::optional<Json>& value) override;
    QWidget* input() override;
    void setProblem(bool hasProblem) override;
    FilterResult applyFilter() override;
    bool isContainer() const override { return true; }

private:
    void setupBox();
    void choose(int idx);
    void showOptions(const QString& name); ///< those of a class; replaces the former ones

    FormContext& m_context;
    const OptionSchema& m_option;
    QString m_pointer;
    Card* m_card;
    MarkedComboBox* m_box;
    QLabel* m_help;
    OptionsView* m_options = nullptr; ///< null: nothing is chosen
    QString m_shownName;
    QHash<QString, Json> m_remembered; ///< the components as they were, by class
};

/// An object of options that is no component.
class SectionEditor final : public FieldEditor
{
    Q_OBJECT

public:
    SectionEditor(
        FormContext& context, const OptionSchema& option, const QString& pointer, QWidget* parent);

    void showValue(const std::optional<Json>&) override { } // each row follows the document
    QWidget* input() override { return this; }
    FilterResult applyFilter() override;
    bool isContainer() const override { return true; }

private:
    OptionsView* m_options;
};

/// All options of a component: init_args first.
class ComponentOptions final
{
public:
    static OptionsView* make(FormContext& context, const ComponentSchema& component,
        const QString& pointer, QWidget* parent);
};

} // namespace leyden::ui
