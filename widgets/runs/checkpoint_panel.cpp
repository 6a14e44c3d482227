// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/runs/checkpoint_panel.h"

#include "widgets/common/popup_menu.h"
#include "widgets/runs/column_menu.h"

#include <QHBoxLayout>
#include <QHeaderView>
#include <QPushButton>
#include <QSortFilterProxyModel>
#include <QTreeView>

namespace leyden::ui {
CheckpointPanel::CheckpointPanel(QWidget* parent)
    : QWidget(parent)
    , m_model(new CheckpointModel(this))
    , m_sorted(new QSortFilterProxyModel(this))
    , m_view(new QTreeView(this))
{
    m_sorted->setSourceModel(m_model);
    m_sorted->setSortRole(CheckpointModel::SortRole);
    setupView();
    auto* buttons = new QHBoxLayout;
    buttons->setContentsMargins(6, 4, 6, 6);
    buttons->setSpacing(6);
    buttons->addWidget(addButton("resumeCheckpoint", tr("Resume"),
        tr("Go on with this run from the checkpoint"), &CheckpointPanel::resumeFromRequested));
    buttons->addWidget(addButton("branchCheckpoint", tr("Branch"),
        tr("Start a new run from the checkpoint"), &CheckpointPanel::branchRequested));
    buttons->addStretch();
    buttons->addWidget(addButton("removeCheckpoint", tr("Delete"),
        tr("Delete the checkpoint's file"), &CheckpointPanel::removeRequested));
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(m_view, 1);
    layout->addLayout(buttons);
    updateButtons();
}

void CheckpointPanel::setupView()
{
    m_view->setObjectName(QStringLiteral("checkpointView"));
    m_view->setAccessibleName(tr("Checkpoints"));
    m_view->setModel(m_sorted);
    m_view->setRootIsDecorated(false);
    m_view->setUniformRowHeights(true);
    m_view->setFrameShape(QFrame::NoFrame);
    m_view->setTextElideMode(Qt::ElideMiddle);
    m_view->setSortingEnabled(true);
    m_view->sortByColumn(CheckpointModel::Step, Qt::DescendingOrder);
    auto* header = m_view->header();
    header->setStretchLastSection(false);
    header->setSectionResizeMode(QHeaderView::ResizeToContents);
    header->setSectionResizeMode(CheckpointModel::Name, QHeaderView::Stretch);
    addColumnMenu(*m_view, {CheckpointModel::Epoch, CheckpointModel::Size}); // names hold the epoch
    connect(m_view->selectionModel(), &QItemSelectionModel::selectionChanged, this,
        &CheckpointPanel::updateButtons);
    m_view->setContextMenuPolicy(Qt::CustomContextMenu);
    connect(m_view, &QWidget::customContextMenuRequested, this, [this](const QPoint& position) {
        if (selectedPath().isEmpty())
            return;
        auto* menu = newPopupMenu(this);
        for (auto* button : m_buttons)
            menu->addAction(button->text(), button, &QPushButton::click);
        menu->popup(m_view->viewport()->mapToGlobal(position));
    });
}

QPushButton* CheckpointPanel::addButton(const char* name, const QString& text, const QString& tip,
    void (CheckpointPanel::*signal)(const QString&))
{
    auto* button = new QPushButton(text, this);
    button->setObjectName(QLatin1String(name));
    button->setToolTip(tip);
    connect(button, &QPushButton::clicked, this, [this, signal] {
        if (const auto path = selectedPath(); !path.isEmpty())
            Q_EMIT(this->*signal)(path);
    });
    m_buttons += button;
    return button;
}

QString CheckpointPanel::selectedPath() const
{
    const auto rows = m_view->selectionModel()->selectedRows();
    return rows.isEmpty() ? QString() : rows.first().data(CheckpointModel::PathRole).toString();
}

void CheckpointPanel::updateButtons()
{
    for (auto* button : m_buttons)
        button->setEnabled(!selectedPath().isEmpty());
}
} // namespace leyden::ui
