// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/runs/runs_panel.h"

#include "widgets/common/plain_text.h"
#include "widgets/common/popup_menu.h"
#include "widgets/runs/column_menu.h"

#include <QAction>
#include <QEvent>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QSortFilterProxyModel>
#include <QStyledItemDelegate>
#include <QTreeView>
#include <QVBoxLayout>

#include <algorithm>
#include <utility>

namespace leyden::ui {
namespace {
constexpr int signWidth = 42; // of a state without its name, and of the word above it

/// By the raw values; a best only among those of its metric, for accuracy ranks with no loss.
class SortedRuns final : public QSortFilterProxyModel
{
public:
    using QSortFilterProxyModel::QSortFilterProxyModel;

protected:
    bool lessThan(const QModelIndex& left, const QModelIndex& right) const override
    {
        if (left.column() != RunsModel::Best)
            return QSortFilterProxyModel::lessThan(left, right);
        const auto metric = left.data(RunsModel::MetricRole).toString();
        const auto other = right.data(RunsModel::MetricRole).toString();
        return metric == other ? QSortFilterProxyModel::lessThan(left, right) : metric < other;
    }
};
/// A number is read from its start: what is cut is the metric's name behind it.
class EndElided final : public QStyledItemDelegate
{
public:
    using QStyledItemDelegate::QStyledItemDelegate;

protected:
    void initStyleOption(QStyleOptionViewItem* option, const QModelIndex& index) const override
    {
        QStyledItemDelegate::initStyleOption(option, index);
        option->textElideMode = Qt::ElideRight;
    }
};

/// The sign of a state, and its name where that has room.
class StateDelegate final : public QStyledItemDelegate
{
public:
    using QStyledItemDelegate::QStyledItemDelegate;

protected:
    void initStyleOption(QStyleOptionViewItem* option, const QModelIndex& index) const override
    {
        QStyledItemDelegate::initStyleOption(option, index);
        if (option->rect.width() <= signWidth)
            option->text.clear();
    }
};
} // namespace

RunsPanel::RunsPanel(QWidget* parent)
    : QWidget(parent)
    , m_model(new RunsModel(this))
    , m_filter(new SortedRuns(this))
    , m_search(new QLineEdit(this))
    , m_view(new QTreeView(this))
    , m_empty(new QLabel(m_view->viewport()))
{
    m_filter->setSourceModel(m_model);
    m_filter->setSortRole(RunsModel::SortRole);
    m_filter->setFilterKeyColumn(-1); // the name, the state, ...
    m_filter->setFilterCaseSensitivity(Qt::CaseInsensitive);
    m_search->setObjectName(QStringLiteral("runsFilter"));
    m_search->setPlaceholderText(tr("Filter runs"));
    m_search->setAccessibleName(tr("Filter runs"));
    m_search->setClearButtonEnabled(true);
    connect(
        m_search, &QLineEdit::textChanged, m_filter, &QSortFilterProxyModel::setFilterFixedString);
    setupView();
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(6, 6, 6, 0);
    layout->addWidget(m_search);
    layout->addWidget(m_view, 1);
    auto* cover = new QVBoxLayout(m_view->viewport());
    cover->addWidget(m_empty);
    m_empty->setObjectName(QStringLiteral("runsEmpty"));
    m_empty->setAlignment(Qt::AlignCenter);
    m_empty->setWordWrap(true);
    m_empty->setForegroundRole(QPalette::PlaceholderText);
    m_empty->setAttribute(Qt::WA_TransparentForMouseEvents);
    connect(m_filter, &QAbstractItemModel::rowsInserted, this, &RunsPanel::updateEmptyText);
    connect(m_filter, &QAbstractItemModel::rowsRemoved, this, &RunsPanel::updateEmptyText);
    updateEmptyText();
}

void RunsPanel::setupView()
{
    m_view->setObjectName(QStringLiteral("runsView"));
    m_view->setAccessibleName(tr("Runs"));
    m_view->setModel(m_filter);
    m_view->setRootIsDecorated(false);
    m_view->setUniformRowHeights(true);
    m_view->setAlternatingRowColors(true);
    m_view->setFrameShape(QFrame::NoFrame);
    m_view->setTextElideMode(Qt::ElideMiddle);
    m_view->setItemDelegateForColumn(RunsModel::State, new StateDelegate(m_view));
    m_view->setItemDelegateForColumn(RunsModel::Best, new EndElided(m_view));
    m_view->setSelectionMode(QAbstractItemView::ExtendedSelection);
    m_view->setSortingEnabled(true);
    m_view->sortByColumn(RunsModel::Started, Qt::DescendingOrder);
    auto* header = m_view->header();
    header->setStretchLastSection(false);
    header->setSectionResizeMode(
        RunsModel::Name, QHeaderView::Stretch); // takes what the dock gives
    const auto width = [this](const char* text) {
        return fontMetrics().horizontalAdvance(QLatin1String(text)) + 14;
    };
    header->setMinimumSectionSize(std::min(signWidth, width("0000")));
    m_stateWidth = width("stopped early") + 18;
    m_nameWidth = width("mlp/version_00");
    header->resizeSection(RunsModel::State, m_stateWidth);
    header->resizeSection(RunsModel::Best, width("0.0000 val_lo"));
    header->resizeSection(RunsModel::Step, width("000,000"));
    header->resizeSection(RunsModel::Duration, width("00:00:00"));
    addColumnMenu(
        *m_view, {RunsModel::Step, RunsModel::Epoch, RunsModel::Started, RunsModel::Duration});
    m_view->viewport()->installEventFilter(this); // how wide the columns may be
    for (const auto* column : header->actions())
        connect(column, &QAction::toggled, this, &RunsPanel::fitColumns);
    m_view->setContextMenuPolicy(Qt::CustomContextMenu);
    connect(m_view, &QWidget::customContextMenuRequested, this, [this](const QPoint& position) {
        auto* menu = newPopupMenu(this);
        fillMenu(*menu);
        if (menu->isEmpty())
            menu->deleteLater();
        else
            menu->popup(m_view->viewport()->mapToGlobal(position));
    });
    connect(m_view, &QAbstractItemView::activated, this, [this](const QModelIndex& index) {
        Q_EMIT openRequested(index.data(RunsModel::FolderRole).toString());
    });
    connect(m_view->selectionModel(), &QItemSelectionModel::selectionChanged, this, [this] {
        // Rows that come and go move the selection about without changing it.
        const auto folders = selectedFolders();
        if (folders != std::exchange(m_selected, folders))
            Q_EMIT selectionChanged(folders);
    });
}

void RunsPanel::fitColumns()
{
    auto* header = m_view->header();
    int others = 0;
    for (int column = RunsModel::Name + 1; column < RunsModel::ColumnCount; ++column)
        if (column != RunsModel::State && !header->isSectionHidden(column))
            others += header->sectionSize(column);
    const bool isNarrow = m_view->viewport()->width() - others - m_stateWidth < m_nameWidth;
    const bool isSign = header->sectionSize(RunsModel::State) <= signWidth; // as restored, say
    if (header->isSectionHidden(RunsModel::State)
        || (isNarrow == m_isNarrow && (isNarrow || !isSign)))
        return;
    m_isNarrow = isNarrow; // between the two, a hand may set it
    header->resizeSection(RunsModel::State, isNarrow ? signWidth : m_stateWidth);
}

bool RunsPanel::eventFilter(QObject* watched, QEvent* event)
{
    if (watched == m_view->viewport() && event->type() == QEvent::Resize)
        fitColumns();
    return QWidget::eventFilter(watched, event);
}

void RunsPanel::setRuns(const QList<RunSummary>& runs)
{
    m_model->setRuns(runs);
    updateEmptyText();
}

void RunsPanel::updateRun(const RunSummary& run)
{
    m_model->updateRun(run);
}

void RunsPanel::updateEmptyText()
{
    m_empty->setVisible(m_filter->rowCount() == 0);
    showPlainText(*m_empty,
        m_model->rowCount() > 0 ? tr("No run matches “%1”.").arg(m_search->text())
            : m_isFolderGone    ? tr("The runs folder is gone.\nThe next run makes it anew.")
                                : tr("No runs yet.\nThose of the runs folder are listed here."));
}

void RunsPanel::setFolderGone(bool isGone)
{
    m_isFolderGone = isGone;
    updateEmptyText();
}

QStringList RunsPanel::selectedFolders() const
{
    QStringList folders;
    for (const auto& index : m_view->selectionModel()->selectedRows())
        folders += index.data(RunsModel::FolderRole).toString();
    return folders;
}

void RunsPanel::selectRun(const QString& folder)
{
    if (const int row = m_model->rowOf(folder); row >= 0)
        m_view->setCurrentIndex(m_filter->mapFromSource(m_model->index(row, 0)));
}

void RunsPanel::clearSelection()
{
    m_view->selectionModel()->clear();
}

void RunsPanel::fillMenu(QMenu& menu)
{
    const auto folders = selectedFolders();
    if (folders.isEmpty())
        return;
    const auto add = [this, &menu](const char* name, const QString& text, auto&& call) {
        auto* action = menu.addAction(text);
        action->setObjectName(QLatin1String(name));
        connect(action, &QAction::triggered, this, call);
        return action;
    };
    const auto folder = folders.first();
    const auto state = m_model->run(m_model->rowOf(folder)).state;
    const bool isOne = folders.size() == 1;
    const bool isAnyRunning = std::any_of(folders.begin(), folders.end(),
        [this](const QString& each) { return isGoing(m_model->run(m_model->rowOf(each)).state); });
    const bool canResume
        = !isGoing(state) && state != RunState::Unreadable && state != RunState::Unknown;
    add("openRun", tr("Open"), [this, folder] { Q_EMIT openRequested(folder); })->setEnabled(isOne);
    add("resumeRun", tr("Resume from its last checkpoint"), [this, folder] {
        Q_EMIT resumeRequested(folder);
    })->setEnabled(isOne && canResume);
    add("openRunConfig", tr("Open its config"), [this, folder] {
        Q_EMIT configRequested(folder);
    })->setEnabled(isOne);
    add("revealRun", tr("Show in the file manager"), [this, folder] {
        Q_EMIT revealRequested(folder);
    })->setEnabled(isOne);
    menu.addSeparator();
    add("deleteRun", isOne ? tr("Delete…") : tr("Delete %n runs…", nullptr, int(folders.size())),
        [this, folders] { Q_EMIT deleteRequested(folders); })
        ->setEnabled(!isAnyRunning);
}

void RunsPanel::changeEvent(QEvent* event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange)
        m_model->setPalette(palette());
}
} // namespace leyden::ui
