// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/studio/preview/csv_config.h"

#include <QAbstractListModel>

namespace leyden::app {

/// The columns of a table with a check mark each: learn from it or not. The target has none.
class CsvFeaturesModel final : public QAbstractListModel
{
    Q_OBJECT

public:
    using QAbstractListModel::QAbstractListModel;

    void setGuess(const CsvTableGuess& guess);
    QStringList features() const; ///< that are checked, in the file's order

    int rowCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    bool setData(const QModelIndex& index, const QVariant& value, int role) override;
    Qt::ItemFlags flags(const QModelIndex& index) const override;

Q_SIGNALS:
    void featuresChanged();

private:
    bool isTarget(int row) const { return m_columns[row].column.name == m_target; }

    QList<CsvColumnGuess> m_columns;
    QList<bool> m_isChecked;
    QString m_target;
};

} // namespace leyden::app
