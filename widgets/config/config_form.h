// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/config/form_context.h"
#include "widgets/config/form_pages.h"

#include <QWidget>

class QListView;
class QStackedWidget;

namespace leyden::ui {

class ConfigDocument;
class FieldRow;
class FormPageView;

/// The config as a form, built from the schema alone: a list of pages, and the options of one page.
class ConfigForm final : public QWidget
{
    Q_OBJECT

public:
    /// `document` has to outlive the form.
    explicit ConfigForm(ConfigDocument& document, QWidget* parent = nullptr);

    bool showsAll() const { return m_context.showsAll; }
    /// The options that fit what is searched, on all pages.
    int matches() const { return m_matches; }
    /// Brings the field of a place into view, with the focus. False: no field shows it.
    bool reveal(const QString& pointer);
    void showPage(const QString& id);
    QString currentPage() const;
    int neededWidth() const; ///< so that the page that is shown needs no scroll bar below it

public Q_SLOTS:
    void setShowsAll(bool showsAll);
    void setSearch(const QString& text);

Q_SIGNALS:
    void filterChanged(); ///< the search, its matches, or basic and all
    void pageChanged(const QString& id);

private:
    FormPageView* ensurePage(int idx); ///< pages are built when they are first needed
    void applyFilter();
    void countProblems();
    int pageOf(const QString& pointer) const;
    int pageOfUnknown(const QString& pointer) const; ///< where most of what lies beside it is

    ConfigDocument& m_document;
    FormContext m_context;
    std::vector<FormPage> m_pages;
    std::vector<FormPageView*> m_views; ///< null: not built yet
    FormPageModel* m_model;
    QListView* m_list;
    QStackedWidget* m_stack;
    int m_matches = 0;
};

} // namespace leyden::ui
