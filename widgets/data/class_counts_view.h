// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/data/data_preview.h"

#include <QAbstractListModel>
#include <QListView>

namespace leyden::ui {

/// Rows of each class.
class ClassCountsModel final : public QAbstractListModel
{
    Q_OBJECT

public:
    enum Role { RowsRole = Qt::UserRole, ShareRole }; ///< share of the largest class, 0 to 1

    using QAbstractListModel::QAbstractListModel;

    void setClasses(const QList<ClassCount>& classes);
    int rowCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;

private:
    QList<ClassCount> m_classes;
    qint64 m_largest = 0;
    qint64 m_total = 0;
};

/// Rows of each class as small bars: name, bar, count.
class ClassCountsView final : public QListView
{
    Q_OBJECT

public:
    explicit ClassCountsView(QWidget* parent = nullptr);

    ClassCountsModel* countsModel() const { return m_model; }
    void setClasses(const QList<ClassCount>& classes); ///< takes the height of up to ten
    int nameRoom() const;                              ///< pixels that a name may take

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

private:
    ClassCountsModel* m_model;
};

} // namespace leyden::ui
