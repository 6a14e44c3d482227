// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractListModel>
#include <QList>
#include <QListView>
#include <QString>

namespace leyden::ui {

/// A config that was open before.
struct RecentConfig
{
    QString path;
    QString problem; ///< why it cannot be opened, e.g. "the file is gone"; "" if it can
};

class RecentConfigsModel final : public QAbstractListModel
{
    Q_OBJECT

public:
    enum Role { PathRole = Qt::UserRole, DetailRole };

    using QAbstractListModel::QAbstractListModel;

    void setConfigs(const QList<RecentConfig>& configs);
    int rowCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    Qt::ItemFlags flags(const QModelIndex& index) const override;

private:
    QList<RecentConfig> m_configs;
};

/// Recent configs, two lines each. One click or Enter opens; what cannot be opened is grey.
class RecentConfigsView final : public QListView
{
    Q_OBJECT

public:
    explicit RecentConfigsView(QWidget* parent = nullptr);

    void setConfigs(const QList<RecentConfig>& configs);

    QSize sizeHint() const override;

Q_SIGNALS:
    void chosen(const QString& path);
    void forgetRequested(const QString& path); ///< take it off the list

protected:
    void keyPressEvent(QKeyEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void contextMenuEvent(QContextMenuEvent* event) override;

private:
    void choose(const QModelIndex& index);

    RecentConfigsModel* m_model;
};

} // namespace leyden::ui
