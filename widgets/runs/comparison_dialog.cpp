// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/runs/comparison_dialog.h"

#include "widgets/metrics/count_text.h"

#include <QClipboard>
#include <QDialogButtonBox>
#include <QGuiApplication>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSortFilterProxyModel>
#include <QTreeView>
#include <QVBoxLayout>

namespace leyden::ui {

ComparisonDialog::ComparisonDialog(const QList<CheckpointDifferenceRow>& rows, const QString& first,
    const QString& second, QWidget* parent)
    : QDialog(parent)
    , m_model(new ComparisonModel(rows, first, second, this))
    , m_shown(new QSortFilterProxyModel(this))
    , m_count(new QLabel(this))
{
    setObjectName(QStringLiteral("comparisonDialog"));
    setAttribute(Qt::WA_DeleteOnClose);
    setWindowTitle(tr("%1 and %2").arg(first, second));
    m_shown->setSourceModel(m_model);
    m_shown->setSortRole(ComparisonModel::SortRole);
    m_shown->setFilterKeyColumn(-1);
    m_shown->setFilterCaseSensitivity(Qt::CaseInsensitive);
    auto* search = new QLineEdit(this);
    search->setObjectName(QStringLiteral("comparisonFilter"));
    search->setPlaceholderText(tr("Filter names"));
    search->setAccessibleName(tr("Filter names"));
    search->setClearButtonEnabled(true);
    m_count->setObjectName(QStringLiteral("comparisonCount"));
    m_count->setForegroundRole(QPalette::PlaceholderText);
    connect(search, &QLineEdit::textChanged, this, [this](const QString& text) {
        m_shown->setFilterFixedString(text);
        countRows();
    });
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Close, this);
    auto* copy = buttons->addButton(tr("Copy table"), QDialogButtonBox::ActionRole);
    copy->setObjectName(QStringLiteral("copyComparison"));
    connect(copy, &QPushButton::clicked, this,
        [this] { QGuiApplication::clipboard()->setText(m_model->tabSeparated()); });
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    auto* head = new QHBoxLayout;
    head->addWidget(search, 1);
    head->addWidget(m_count);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(14, 12, 14, 12);
    layout->setSpacing(10);
    layout->addLayout(head);
    layout->addWidget(makeView(), 1);
    layout->addWidget(buttons);
    resize(900, 560);
    countRows();
}

QTreeView* ComparisonDialog::makeView()
{
    auto* view = new QTreeView(this);
    view->setObjectName(QStringLiteral("comparisonView"));
    view->setAccessibleName(tr("Differences"));
    view->setModel(m_shown);
    view->setRootIsDecorated(false);
    view->setUniformRowHeights(true);
    view->setAlternatingRowColors(true);
    view->setTextElideMode(Qt::ElideMiddle);
    view->setSortingEnabled(true);
    view->sortByColumn(-1, Qt::AscendingOrder); // the order of the files
    auto* header = view->header();
    header->setStretchLastSection(false);
    header->setSectionResizeMode(QHeaderView::Stretch); // all in sight, however long
    header->setSectionResizeMode(ComparisonModel::Largest, QHeaderView::ResizeToContents);
    return view;
}

void ComparisonDialog::countRows()
{
    const int count = m_shown->rowCount();
    m_count->setText(m_model->rowCount() == 0 ? tr("The two hold the same.")
            : count == 1                      ? tr("1 difference")
                                              : tr("%1 differences").arg(countText(count)));
}

} // namespace leyden::ui
