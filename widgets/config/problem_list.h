// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/config/config_document.h"

#include <QAbstractListModel>
#include <QWidget>

class QLabel;
class QListView;
class QToolButton;

namespace leyden::ui {

/// What is wrong with a config, one row each.
class ProblemModel final : public QAbstractListModel
{
    Q_OBJECT

public:
    enum Role { PointerRole = Qt::UserRole };

    using QAbstractListModel::QAbstractListModel;

    /// `config`: where the places of the problems lie.
    void setProblems(const QList<ConfigProblem>& problems, const Json& config);
    int rowCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;

private:
    QList<ConfigProblem> m_problems;
    QStringList m_texts; ///< of each, with its place
};

/// The reasons why a config cannot run: a line of its own, whether there are any or not, so that
/// nothing moves while somebody types. The rest of several are a click away.
class ProblemList final : public QWidget
{
    Q_OBJECT

public:
    explicit ProblemList(ConfigDocument& document, QWidget* parent = nullptr);

Q_SIGNALS:
    void chosen(const QString& pointer);

private:
    void setupView();
    void refresh();
    void fitHeight();

    ConfigDocument& m_document;
    ProblemModel* m_model;
    QLabel* m_title;
    QListView* m_view;
    QToolButton* m_all;
};

} // namespace leyden::ui
