// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/runs/checkpoint_panel.h"

#include "widgets/common/popup_menu.h"
#include "widgets/runs/column_menu.h"

#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QMenu>
#include <QPushButton>
#include <QSortFilterProxyModel>
#include <QToolButton>
#include <QTreeView>
#include <QVBoxLayout>

#include <algorithm>

namespace leyden::ui {
CheckpointPanel::CheckpointPanel(QWidget* parent)
    : QWidget(parent)
    , m_model(new CheckpointModel(this))
    , m_sorted(new QSortFilterProxyModel(this))
    , m_view(new QTreeView(this))
    , m_more(new QToolButton(this))
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
    addMoreActions();
    buttons->addWidget(m_more);
    buttons->addStretch();
    buttons->addWidget(addButton("removeCheckpoint", tr("Delete"),
        tr("Delete the checkpoint's file"), &CheckpointPanel::removeRequested));
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(m_view, 1);
    layout->addLayout(buttons);
    updateButtons();
    setupEmptyText();
}

void CheckpointPanel::setupEmptyText()
{
    auto* empty = new QLabel(tr("There are no checkpoints."), m_view->viewport());
    empty->setObjectName(QStringLiteral("checkpointsEmpty"));
    empty->setAlignment(Qt::AlignCenter);
    empty->setWordWrap(true);
    empty->setForegroundRole(QPalette::PlaceholderText);
    empty->setAttribute(Qt::WA_TransparentForMouseEvents);
    auto* cover = new QVBoxLayout(m_view->viewport());
    cover->addWidget(empty);
    const auto update = [this, empty] { empty->setVisible(m_sorted->rowCount() == 0); };
    for (const auto signal : {&QAbstractItemModel::rowsInserted, &QAbstractItemModel::rowsRemoved})
        connect(m_sorted, signal, this, update);
    connect(m_sorted, &QAbstractItemModel::modelReset, this, update);
}

void CheckpointPanel::setupView()
{
    m_view->setObjectName(QStringLiteral("checkpointView"));
    m_view->setAccessibleName(tr("Checkpoints"));
    m_view->setModel(m_sorted);
    m_view->setRootIsDecorated(false);
    m_view->setSelectionMode(QAbstractItemView::ExtendedSelection); // two can be compared
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
        popupMenuOfSelection(m_view->viewport()->mapToGlobal(position));
    });
}

void CheckpointPanel::popupMenuOfSelection(const QPoint& globalPosition)
{
    const auto count = selectedPaths().size();
    if (count != 1 && count != 2)
        return;
    auto* menu = newPopupMenu(this);
    menu->setObjectName(QStringLiteral("checkpointMenu"));
    if (count == 1) {
        for (auto* button : m_buttons)
            menu->addAction(button->text(), button, &QPushButton::click);
        menu->addSeparator();
    }
    menu->addActions(m_more->menu()->actions());
    menu->popup(globalPosition);
}

void CheckpointPanel::popupMenu(double step, const QPoint& globalPosition)
{
    for (int row = 0; row < m_sorted->rowCount(); ++row) {
        const auto index = m_sorted->index(row, CheckpointModel::Step);
        if (index.data(CheckpointModel::SortRole).toDouble() != step)
            continue;
        m_view->setCurrentIndex(index);
        popupMenuOfSelection(globalPosition);
        return;
    }
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

QAction* CheckpointPanel::addAction(const char* name, const QString& text, const QString& tip,
    void (CheckpointPanel::*signal)(const QString&))
{
    auto* action = m_more->menu()->addAction(text, this, [this, signal] {
        if (const auto path = selectedPath(); !path.isEmpty())
            Q_EMIT(this->*signal)(path);
    });
    action->setObjectName(QLatin1String(name));
    action->setToolTip(tip);
    return action;
}

void CheckpointPanel::addMoreActions()
{
    m_more->setObjectName(QStringLiteral("moreOfCheckpoint"));
    m_more->setText(tr("More"));
    m_more->setToolTip(tr("What else can be done with a checkpoint, or with two of them"));
    m_more->setToolButtonStyle(Qt::ToolButtonTextOnly);
    m_more->setPopupMode(QToolButton::InstantPopup);
    m_more->setMenu(new QMenu(m_more));
    m_more->menu()->setToolTipsVisible(true);
    m_actions += addAction("showCheckpoint", tr("Show contents"),
        tr("Every entry of the file, tensors by shape and norm"),
        &CheckpointPanel::contentsRequested);
    m_actions += addAction("exportCheckpoint", tr("Export weights…"),
        tr("For PyTorch, safetensors or TorchScript"), &CheckpointPanel::exportRequested);
    m_compare = m_more->menu()->addAction(tr("Compare two"), this, [this] {
        if (const auto paths = selectedPaths(); paths.size() == 2)
            Q_EMIT compareRequested(paths[0], paths[1]);
    });
    m_compare->setObjectName(QStringLiteral("compareCheckpoints"));
    m_compare->setToolTip(tr("Where two checkpoints differ; choose both with Ctrl"));
}

QStringList CheckpointPanel::selectedPaths() const
{
    auto rows = m_view->selectionModel()->selectedRows(CheckpointModel::Step);
    std::stable_sort(rows.begin(), rows.end(), [](const QModelIndex& a, const QModelIndex& b) {
        return a.data(CheckpointModel::SortRole).toDouble()
            < b.data(CheckpointModel::SortRole).toDouble();
    });
    QStringList paths;
    for (const auto& row : rows)
        paths += row.data(CheckpointModel::PathRole).toString();
    return paths;
}

QString CheckpointPanel::selectedPath() const
{
    const auto paths = selectedPaths();
    return paths.size() == 1 ? paths.first() : QString();
}

void CheckpointPanel::updateButtons()
{
    for (auto* button : m_buttons)
        button->setEnabled(!selectedPath().isEmpty());
    for (auto* action : m_actions)
        action->setEnabled(!selectedPath().isEmpty());
    m_compare->setEnabled(selectedPaths().size() == 2);
    m_more->setEnabled(!selectedPath().isEmpty() || m_compare->isEnabled());
}
} // namespace leyden::ui
