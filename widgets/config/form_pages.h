// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/config/config_schema.h"
#include "widgets/config/options_view.h"

#include <QAbstractListModel>
#include <QString>

#include <vector>

namespace leyden::ui {

/// One page of a form: where the options of a schema stand.
struct FormPage
{
    QString id; ///< "model", "trainer", ...
    QString title;
    QString icon;
    std::vector<PlacedOption> options;
};

/// Spreads the options of a run config over pages: components by kind, the options of the trainer
/// by group. What no rule knows gets a place too, so that a new option needs no change here.
std::vector<FormPage> formPages(const ConfigSchema& schema);

/// The list of pages beside the form, with what each of them has to say.
class FormPageModel final : public QAbstractListModel
{
    Q_OBJECT

public:
    enum Role { ProblemsRole = Qt::UserRole, MatchesRole };

    explicit FormPageModel(const std::vector<FormPage>& pages, QObject* parent = nullptr);

    int rowCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;

    void setProblems(int row, int problems);
    void setMatches(int row, int matches); ///< -1: nothing is searched

private:
    struct Entry
    {
        QString title;
        QString icon;
        int problems = 0;
        int matches = -1;
    };
    std::vector<Entry> m_entries;
};

} // namespace leyden::ui
