// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

class QLabel;

namespace leyden::ui {

class ConfigDocument;
class JsonView;

/// The config as JSON. What is typed goes into the document as soon as it can be read; until then
/// the text stays as it is, and below stands what is wrong with it.
class JsonEditor final : public QWidget
{
    Q_OBJECT

public:
    /// `document` has to outlive the editor.
    explicit JsonEditor(ConfigDocument& document, QWidget* parent = nullptr);

    JsonView* view() const { return m_view; }
    QString problem() const; ///< why the text cannot be read; "" if it can
    void reveal(const QString& pointer);

private:
    void onTyped();
    void onDocumentChanged();
    void undo();
    void showProblem(const QString& text);
    void markProblems();

    ConfigDocument& m_document;
    JsonView* m_view;
    QWidget* m_strip;
    QLabel* m_message;
    bool m_isApplying = false;
};

} // namespace leyden::ui
