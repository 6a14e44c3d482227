// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/preview/csv_features_model.h"

#include "widgets/common/plain_text.h"
#include "widgets/data/data_rows_model.h"

namespace leyden::app {

void CsvFeaturesModel::setGuess(const CsvTableGuess& guess)
{
    beginResetModel();
    m_columns = guess.columns;
    m_target = guess.choices.target;
    m_isChecked.clear();
    for (const auto& one : std::as_const(m_columns))
        m_isChecked += guess.choices.features.contains(one.column.name);
    endResetModel();
}

QStringList CsvFeaturesModel::features() const
{
    QStringList names;
    for (int row = 0; row < m_columns.size(); ++row)
        if (m_isChecked[row] && !isTarget(row))
            names += m_columns[row].column.name;
    return names;
}

int CsvFeaturesModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : int(m_columns.size());
}

QVariant CsvFeaturesModel::data(const QModelIndex& index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    const auto& one = m_columns[index.row()];
    const auto note = isTarget(index.row()) ? tr("target")
        : one.leftOut.isEmpty()             ? ui::columnTypeText(one.column.type)
                                            : one.leftOut;
    switch (role) {
    case Qt::DisplayRole:
        return tr("%1 – %2").arg(one.column.name, note);
    case Qt::ToolTipRole:
        return ui::plainToolTip(tr("%1 – %2").arg(one.column.name, note));
    case Qt::CheckStateRole:
        return m_isChecked[index.row()] && !isTarget(index.row()) ? Qt::Checked : Qt::Unchecked;
    default:
        return {};
    }
}

bool CsvFeaturesModel::setData(const QModelIndex& index, const QVariant& value, int role)
{
    if (role != Qt::CheckStateRole || !checkIndex(index, CheckIndexOption::IndexIsValid)
        || isTarget(index.row()))
        return false;
    m_isChecked[index.row()] = value.toInt() == Qt::Checked;
    Q_EMIT dataChanged(index, index, {Qt::CheckStateRole});
    Q_EMIT featuresChanged();
    return true;
}

Qt::ItemFlags CsvFeaturesModel::flags(const QModelIndex& index) const
{
    if (!index.isValid() || isTarget(index.row()))
        return Qt::NoItemFlags;
    return Qt::ItemIsEnabled | Qt::ItemIsSelectable | Qt::ItemIsUserCheckable;
}

} // namespace leyden::app
