// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/config/field_editor.h"

#include <QComboBox>
#include <QLineEdit>

class QCheckBox;
class QToolButton;

namespace leyden::ui {

class ConfigDocument;

/// A line edit and a combo box that can show that their value is wrong. Undo in the line edit is
/// the document's: the keys go to the shortcut of the page.
class MarkedLineEdit final : public QLineEdit
{
    Q_OBJECT

public:
    using QLineEdit::QLineEdit;
    void setProblem(bool hasProblem);
    void setUnit(const QString& unit); ///< stands at the right end, and is no part of the text

protected:
    bool event(QEvent* event) override;
    void paintEvent(QPaintEvent* event) override;

private:
    QString m_unit;
    bool m_hasProblem = false;
};

class MarkedComboBox final : public QComboBox
{
    Q_OBJECT

public:
    explicit MarkedComboBox(QWidget* parent = nullptr);
    void setProblem(bool hasProblem);

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    bool m_hasProblem = false;
};

/// true or false.
class CheckEditor final : public FieldEditor
{
    Q_OBJECT

public:
    CheckEditor(const OptionSchema& option, QWidget* parent);
    void showValue(const std::optional<Json>& value) override;
    QWidget* input() override;

private:
    const OptionSchema& m_option;
    QCheckBox* m_box;
};

/// One of a few values, and "unset" where null is allowed.
class ChoiceEditor final : public FieldEditor
{
    Q_OBJECT

public:
    ChoiceEditor(const OptionSchema& option, QWidget* parent);
    void showValue(const std::optional<Json>& value) override;
    QWidget* input() override { return m_box; }
    void setProblem(bool hasProblem) override { m_box->setProblem(hasProblem); }

private:
    void addChoice(const Json& value, const QString& text);
    int indexOf(const Json& value) const;

    const OptionSchema& m_option;
    MarkedComboBox* m_box;
    std::vector<Json> m_values; ///< of the box's items
    int m_strangerIdx = -1;     ///< item for a value that is no choice
};

/// Anything that is typed; with a button to browse where it is a path, and one that lists the names
/// there are where it names something.
class TextEditor final : public FieldEditor
{
    Q_OBJECT

public:
    TextEditor(const OptionSchema& option, QWidget* parent);
    void showValue(const std::optional<Json>& value) override;
    QWidget* input() override { return m_line; }
    void setProblem(bool hasProblem) override { m_line->setProblem(hasProblem); }
    void setUnit(const QString& unit) { m_line->setUnit(unit); }
    /// Offers what the document knows of the option's kind of names. It has to outlive the editor.
    void offerNames(const ConfigDocument& document);

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void addBrowseButton();
    void commit(const QString& text);
    void step(int direction); ///< a whole number, by the arrow keys

    const OptionSchema& m_option;
    MarkedLineEdit* m_line;
    bool m_isTyping = false; ///< what the config tells is the text's own echo
};

} // namespace leyden::ui
