// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/config/problem_list.h"

#include "widgets/common/icon.h"
#include "widgets/common/plain_text.h"

#include <QLabel>
#include <QListView>
#include <QVBoxLayout>

namespace leyden::ui {

void ProblemModel::setProblems(const QList<ConfigProblem>& problems)
{
    beginResetModel();
    m_problems = problems;
    endResetModel();
}

int ProblemModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : int(m_problems.size());
}

QVariant ProblemModel::data(const QModelIndex& index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    const auto& problem = m_problems[index.row()];
    const auto text = problem.pointer.isEmpty()
        ? problem.message
        : QStringLiteral("%1: %2").arg(problem.pointer, problem.message);
    switch (role) {
    case Qt::DisplayRole:
        return text;
    case Qt::ToolTipRole:
        return plainToolTip(text);
    case Qt::DecorationRole:
        return Icon::themed(QStringLiteral("error"), IconTone::Error);
    case PointerRole:
        return problem.pointer;
    default:
        return {};
    }
}

ProblemList::ProblemList(ConfigDocument& document, QWidget* parent)
    : QWidget(parent)
    , m_document(document)
    , m_model(new ProblemModel(this))
    , m_title(new QLabel(this))
    , m_view(new QListView(this))
{
    setObjectName(QStringLiteral("problemStrip"));
    m_view->setObjectName(QStringLiteral("problems"));
    m_view->setAccessibleName(tr("Problems"));
    m_view->setModel(m_model);
    m_view->setFrameShape(QFrame::NoFrame);
    m_view->viewport()->setBackgroundRole(QPalette::Window);
    m_view->setUniformItemSizes(true);
    m_view->setIconSize({16, 16});
    m_view->setTextElideMode(Qt::ElideRight);
    m_view->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    auto bold = m_title->font();
    bold.setWeight(QFont::DemiBold);
    m_title->setFont(bold);
    m_title->setContentsMargins(12, 6, 12, 2);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(m_title);
    auto* inset = new QHBoxLayout;
    inset->setContentsMargins(8, 0, 8, 4);
    inset->addWidget(m_view);
    layout->addLayout(inset);
    const auto choose = [this](const QModelIndex& index) {
        Q_EMIT chosen(index.data(ProblemModel::PointerRole).toString());
    };
    connect(m_view, &QListView::clicked, this, choose);
    connect(m_view, &QListView::activated, this, choose);
    connect(&document, &ConfigDocument::problemsChanged, this, &ProblemList::refresh);
    refresh();
}

void ProblemList::refresh()
{
    const auto& problems = m_document.problems();
    m_model->setProblems(problems);
    m_title->setText(problems.size() == 1
            ? tr("1 problem keeps the run from starting")
            : tr("%n problems keep the run from starting", nullptr, int(problems.size())));
    const auto rows = qBound(1, int(problems.size()), 4);
    m_view->setFixedHeight(rows * qMax(22, m_view->sizeHintForRow(0)) + 6);
    setVisible(!problems.isEmpty());
}

} // namespace leyden::ui
