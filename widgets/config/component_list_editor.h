// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/config/field_editor.h"

#include <QList>
#include <QStringList>

class QLabel;
class QPushButton;
class QToolButton;
class QVBoxLayout;

namespace leyden::ui {

class Card;
class ElidedLabel;
class MarkedComboBox;
class OptionsView;

/// One component of a list, with the buttons that move, remove and fold it.
class ComponentItem final : public QWidget
{
    Q_OBJECT

public:
    ComponentItem(FormContext& context, const QString& kind, const QString& name,
        const QString& pointer, QWidget* parent);

    void setFolded(bool isFolded);
    void setMovable(bool canGoUp, bool canGoDown);
    void focusFirst();
    void focusButton(const QString& action); ///< "up", "down", "remove"
    FilterResult applyFilter();

Q_SIGNALS:
    void foldRequested(bool isFolded);
    void moveRequested(int by);
    void removeRequested();

private:
    QToolButton* addButton(const QString& action, const QString& toolTip);

    FormContext& m_context;
    QString m_pointer;
    QString m_name;
    bool m_isFolded = false;
    QToolButton* m_fold;
    QToolButton* m_up;
    QToolButton* m_down;
    QToolButton* m_remove;
    OptionsView* m_options = nullptr;
};

/// A list of components (callbacks, loggers): add, order, remove. Where the option also takes true
/// and false, a box chooses between these and a list.
class ComponentListEditor final : public FieldEditor
{
    Q_OBJECT

public:
    ComponentListEditor(
        FormContext& context, const OptionSchema& option, const QString& pointer, QWidget* parent);

    void showValue(const std::optional<Json>& value) override;
    QWidget* input() override;
    void setProblem(bool hasProblem) override;
    FilterResult applyFilter() override;
    bool isContainer() const override { return true; }

private:
    void setupMode();
    void setupAddButton();
    void chooseMode(int idx);
    void rebuild();
    void add(const QString& name);
    void move(int idx, int by);
    void remove(int idx);
    Json list() const; ///< as written out
    void write(const Json& list);

    FormContext& m_context;
    const OptionSchema& m_option;
    QString m_pointer;
    MarkedComboBox* m_mode = nullptr;
    QPushButton* m_add;
    QLabel* m_empty;
    QVBoxLayout* m_layout;
    QStringList m_names; ///< classes of the items that stand there
    QList<bool> m_folded;
    QList<ComponentItem*> m_items;
};

} // namespace leyden::ui
