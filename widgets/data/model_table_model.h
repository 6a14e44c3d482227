// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractTableModel>
#include <QList>
#include <QMetaType>
#include <QString>

namespace leyden::ui {

struct ModelLayer
{
    QString name;             ///< "net.0"
    QString type;             ///< "Linear"
    QString outputShape;      ///< "[N, 64]"; "" where it is not known
    qint64 parameters = 0;    ///< with those of the layers inside
    bool isContainer = false; ///< holds other layers of the list
};

/// The layers of a model. A plain value, so that a queued signal can carry it.
struct ModelTable
{
    QString model;            ///< its class
    QString inputShape;       ///< "[N, 64]"; "" where it is not known
    QList<ModelLayer> layers; ///< each before those inside it
    qint64 parameters = 0;
    qint64 trainableParameters = 0;
    double megabytes = 0.0; ///< of the parameters
};

class ModelTableModel final : public QAbstractTableModel
{
    Q_OBJECT

public:
    enum Column { Name, Type, OutputShape, Parameters, ColumnCount };
    enum Role { RawRole = Qt::UserRole, ContainerRole };

    using QAbstractTableModel::QAbstractTableModel;

    void setTable(const ModelTable& table);
    const ModelTable& table() const { return m_table; }

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    QVariant headerData(
        int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

private:
    QString text(const ModelLayer& layer, int column) const;

    ModelTable m_table;
};

} // namespace leyden::ui

Q_DECLARE_METATYPE(leyden::ui::ModelTable)
