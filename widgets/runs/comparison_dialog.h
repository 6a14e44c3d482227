// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/runs/comparison_model.h"

#include <QDialog>

class QLabel;
class QSortFilterProxyModel;
class QTreeView;

namespace leyden::ui {

/// Two checkpoints beside each other: a table of what differs, to search and to sort.
class ComparisonDialog final : public QDialog
{
    Q_OBJECT

public:
    ComparisonDialog(const QList<CheckpointDifferenceRow>& rows, const QString& first,
        const QString& second, QWidget* parent = nullptr);

private:
    QTreeView* makeView();
    void countRows();

    ComparisonModel* m_model;
    QSortFilterProxyModel* m_shown;
    QLabel* m_count;
};

} // namespace leyden::ui
