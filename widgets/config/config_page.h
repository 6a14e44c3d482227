// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>
#include <QWidget>

class QAction;
class QLabel;
class QLineEdit;
class QSplitter;
class QToolBar;

namespace leyden::ui {

class ConfigDocument;
class ConfigForm;
class JsonEditor;

/// A config to edit: the form, beside it the JSON, above what acts on both, below what is wrong.
class ConfigPage final : public QWidget
{
    Q_OBJECT

public:
    /// `document` has to outlive the page.
    explicit ConfigPage(ConfigDocument& document, QWidget* parent = nullptr);

    ConfigForm* form() const { return m_form; }
    JsonEditor* jsonEditor() const { return m_json; }
    QAction* undoAction() const { return m_undo; }
    QAction* redoAction() const { return m_redo; }
    /// Puts an action on the tool bar, before those that act on the whole config.
    void addTool(QAction* action);
    /// Brings a place into view, in the form and in the JSON.
    void reveal(const QString& pointer);

    QByteArray saveState() const; ///< the splitter, and what is shown
    void restoreState(const QByteArray& state);

public Q_SLOTS:
    void focusSearch();
    void focusForm(); ///< unless the focus is on the page already

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    void setupActions();
    void setupToolBar();
    void setupBody();
    void makeRoom(); ///< for the whole width of the form, where the JSON can give it
    void refreshSearch();
    void refreshChanges();

    ConfigDocument& m_document;
    ConfigForm* m_form;
    JsonEditor* m_json;
    QAction* m_undo = nullptr;
    QAction* m_redo = nullptr;
    QAction* m_basic = nullptr;
    QAction* m_all = nullptr;
    QAction* m_showJson = nullptr;
    QAction* m_resetAll = nullptr;
    QToolBar* m_bar = nullptr;
    QLineEdit* m_search = nullptr;
    QLabel* m_matches = nullptr;
    QSplitter* m_splitter = nullptr;
    bool m_isSplitByHand = false;
};

} // namespace leyden::ui
