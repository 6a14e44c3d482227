// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/data/model_table_model.h"

#include "widgets/common/plain_text.h"
#include "widgets/metrics/count_text.h"

namespace leyden::ui {

void ModelTableModel::setTable(const ModelTable& table)
{
    beginResetModel();
    m_table = table;
    endResetModel();
}

int ModelTableModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : int(m_table.layers.size());
}

int ModelTableModel::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : int(ColumnCount);
}

QString ModelTableModel::text(const ModelLayer& layer, int column) const
{
    switch (column) {
    case Name:
        return layer.name;
    case Type:
        return layer.type;
    case OutputShape:
        return layer.outputShape.isEmpty() ? QStringLiteral("–") : layer.outputShape;
    case Parameters:
        return layer.parameters == 0 ? QStringLiteral("–") : countText(layer.parameters);
    default:
        return {};
    }
}

QVariant ModelTableModel::data(const QModelIndex& index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    const auto& layer = m_table.layers[index.row()];
    switch (role) {
    case Qt::DisplayRole:
        return text(layer, index.column());
    case Qt::ToolTipRole:
        return plainToolTip(text(layer, index.column()));
    case RawRole:
        return index.column() == Parameters ? QVariant(layer.parameters)
                                            : QVariant(text(layer, index.column()));
    case ContainerRole:
        return layer.isContainer;
    case Qt::TextAlignmentRole:
        if (index.column() >= OutputShape)
            return int(Qt::AlignRight | Qt::AlignVCenter);
        return {};
    default:
        return {};
    }
}

QVariant ModelTableModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal)
        return {};
    if (role == Qt::TextAlignmentRole && section >= OutputShape)
        return int(Qt::AlignRight | Qt::AlignVCenter);
    if (role != Qt::DisplayRole)
        return {};
    switch (section) {
    case Name:
        return tr("Layer");
    case Type:
        return tr("Type");
    case OutputShape:
        return tr("Output");
    case Parameters:
        return tr("Parameters");
    default:
        return {};
    }
}

} // namespace leyden::ui
