// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/config/config_document.h"

#include <QAbstractListModel>
#include <QWidget>

class QLabel;
class QListView;

namespace leyden::ui {

/// What is wrong with a config, one row each.
class ProblemModel final : public QAbstractListModel
{
    Q_OBJECT

public:
    enum Role { PointerRole = Qt::UserRole };

    using QAbstractListModel::QAbstractListModel;

    void setProblems(const QList<ConfigProblem>& problems);
    int rowCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;

private:
    QList<ConfigProblem> m_problems;
};

/// The reasons why a config cannot run. Hidden while there are none.
class ProblemList final : public QWidget
{
    Q_OBJECT

public:
    explicit ProblemList(ConfigDocument& document, QWidget* parent = nullptr);

Q_SIGNALS:
    void chosen(const QString& pointer);

private:
    void refresh();

    ConfigDocument& m_document;
    ProblemModel* m_model;
    QLabel* m_title;
    QListView* m_view;
};

} // namespace leyden::ui
