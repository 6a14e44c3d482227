// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/config/problem_list.h"

#include "widgets/common/icon.h"
#include "widgets/common/plain_text.h"
#include "widgets/config/place_text.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QListView>
#include <QToolButton>

#include <algorithm>

namespace leyden::ui {
namespace {
constexpr int mostProblems = 5; // that are shown at once
} // namespace

void ProblemModel::setProblems(const QList<ConfigProblem>& problems, const Json& config)
{
    beginResetModel();
    m_problems = problems;
    m_texts.clear();
    for (const auto& problem : problems)
        m_texts += placedMessage(config, problem.pointer, problem.message);
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
    switch (role) {
    case Qt::DisplayRole:
        return m_texts[index.row()];
    case Qt::ToolTipRole: // with the place as the file has it
        return plainToolTip(problem.pointer.isEmpty()
                ? problem.message
                : QStringLiteral("%1\n%2").arg(m_texts[index.row()], problem.pointer));
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
    , m_all(new QToolButton(this))
{
    setObjectName(QStringLiteral("problemStrip"));
    m_title->setObjectName(QStringLiteral("problemsTitle"));
    m_title->setContentsMargins(12, 4, 4, 0);
    m_all->setObjectName(QStringLiteral("allProblems"));
    m_all->setText(tr("Show all"));
    m_all->setCheckable(true);
    m_all->setAutoRaise(true);
    m_all->setFocusPolicy(Qt::TabFocus);
    connect(m_all, &QToolButton::toggled, this, &ProblemList::fitHeight);
    setupView();
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(0, 0, 8, 4);
    layout->setSpacing(4);
    layout->addWidget(m_title, 0, Qt::AlignTop);
    layout->addWidget(m_view, 1);
    layout->addWidget(m_all, 0, Qt::AlignTop);
    connect(&m_document, &ConfigDocument::problemsChanged, this, &ProblemList::refresh);
    refresh();
}

void ProblemList::setupView()
{
    m_view->setObjectName(QStringLiteral("problems"));
    m_view->setAccessibleName(tr("Problems"));
    m_view->setModel(m_model);
    m_view->setFrameShape(QFrame::NoFrame);
    m_view->viewport()->setBackgroundRole(QPalette::Window);
    m_view->setUniformItemSizes(true);
    m_view->setIconSize({16, 16});
    m_view->setTextElideMode(Qt::ElideRight);
    m_view->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    const auto choose = [this](const QModelIndex& index) {
        Q_EMIT chosen(index.data(ProblemModel::PointerRole).toString());
    };
    connect(m_view, &QListView::clicked, this, choose);
    connect(m_view, &QListView::activated, this, choose);
}

void ProblemList::refresh()
{
    const auto& problems = m_document.problems();
    m_model->setProblems(problems, m_document.config());
    const auto count = int(problems.size());
    m_title->setText(count == 0 ? tr("No problems")
            : count == 1        ? tr("1 problem")
                                : tr("%n problems", nullptr, count));
    m_title->setToolTip(
        count == 0 ? tr("Nothing keeps this config from running") : tr("Why no run can start yet"));
    m_title->setForegroundRole(count == 0 ? QPalette::PlaceholderText : QPalette::WindowText);
    auto font = this->font();
    font.setWeight(count == 0 ? QFont::Normal : QFont::DemiBold);
    m_title->setFont(font);
    auto policy = m_all->sizePolicy();
    policy.setRetainSizeWhenHidden(true);
    m_all->setSizePolicy(policy);
    m_all->setVisible(count > 1 || m_all->isChecked());
    m_view->setFocusPolicy(count == 0 ? Qt::NoFocus : Qt::StrongFocus);
    m_title->setMinimumWidth( // of all three texts: the first line begins at one place
        fontMetrics().horizontalAdvance(tr("No problems")) + 28);
    fitHeight();
}

void ProblemList::fitHeight()
{
    const bool isOpen = m_all->isChecked();
    const auto line = std::max(24, fontMetrics().height() + 8);
    m_view->setVerticalScrollBarPolicy(isOpen ? Qt::ScrollBarAsNeeded : Qt::ScrollBarAlwaysOff);
    m_view->setFixedHeight((isOpen ? mostProblems : 1) * line + 2);
}

} // namespace leyden::ui
