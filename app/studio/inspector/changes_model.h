// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/config/config_diff.h"

#include <QAbstractTableModel>

#include <vector>

namespace leyden::app {

/// Where a config differs from the one it came from, a line a place.
class ChangesModel final : public QAbstractTableModel
{
    Q_OBJECT

public:
    enum Column { Option, Before, Now, ColumnCount };
    enum Role { PointerRole = Qt::UserRole };

    using QAbstractTableModel::QAbstractTableModel;

    void setChanges(std::vector<ui::ConfigChange> changes);

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    QVariant headerData(
        int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

private:
    std::vector<ui::ConfigChange> m_changes;
};

} // namespace leyden::app
