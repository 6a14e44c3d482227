// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/config/config_form.h"

#include "widgets/common/theme.h"
#include "widgets/config/config_document.h"
#include "widgets/config/field_row.h"
#include "widgets/config/form_page_view.h"
#include "widgets/config/json_pointer.h"

#include <QHBoxLayout>
#include <QListView>
#include <QPainter>
#include <QScrollBar>
#include <QStackedWidget>
#include <QStyledItemDelegate>

#include <algorithm>

namespace leyden::ui {

namespace {

/// A page's name, and at the end how many problems or matches it has.
class PageDelegate final : public QStyledItemDelegate
{
public:
    using QStyledItemDelegate::QStyledItemDelegate;

    QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override
    {
        return {QStyledItemDelegate::sizeHint(option, index).width(), 34};
    }

    void paint(QPainter* painter, const QStyleOptionViewItem& option,
        const QModelIndex& index) const override
    {
        const auto colors = themeColors(option.palette);
        const bool isSelected = option.state & QStyle::State_Selected;
        const auto matches = index.data(FormPageModel::MatchesRole).toInt();
        const auto problems = index.data(FormPageModel::ProblemsRole).toInt();
        painter->save();
        painter->setRenderHint(QPainter::Antialiasing);
        const QRectF ground = QRectF(option.rect).adjusted(6, 1, -6, -1);
        if (isSelected || (option.state & QStyle::State_MouseOver)) {
            painter->setPen(Qt::NoPen);
            painter->setBrush(isSelected ? option.palette.color(QPalette::Highlight)
                                         : option.palette.color(QPalette::Midlight));
            painter->drawRoundedRect(ground, 5, 5);
        }
        if (option.state & QStyle::State_HasFocus
            && option.state & QStyle::State_KeyboardFocusChange) {
            painter->setPen(QPen(colors.accent, 1.5));
            painter->setBrush(Qt::NoBrush);
            painter->drawRoundedRect(ground.adjusted(2, 2, -2, -2), 4, 4);
        }
        const auto icon = qvariant_cast<QIcon>(index.data(Qt::DecorationRole));
        const auto middle = int(ground.center().y());
        icon.paint(painter, QRect(int(ground.left()) + 10, middle - 8, 18, 18), Qt::AlignCenter,
            isSelected ? QIcon::Selected : QIcon::Normal);
        const auto ink = isSelected ? option.palette.color(QPalette::HighlightedText)
            : matches == 0          ? colors.muted
                                    : option.palette.color(QPalette::Text);
        auto room = ground.adjusted(38, 0, -8, 0);
        const auto count = matches >= 0 ? matches : problems;
        if (count > 0) {
            const bool isProblem = matches < 0;
            const auto text = QString::number(count);
            const auto width = qMax(20.0, option.fontMetrics.horizontalAdvance(text) + 12.0);
            const QRectF badge(room.right() - width, middle - 9, width, 18);
            painter->setPen(Qt::NoPen);
            painter->setBrush(isProblem ? colors.error : option.palette.color(QPalette::Mid));
            painter->drawRoundedRect(badge, 9, 9);
            painter->setPen(isProblem ? option.palette.color(QPalette::Base)
                                      : option.palette.color(QPalette::Text));
            painter->drawText(badge, Qt::AlignCenter, text);
            room.setRight(badge.left() - 6);
        }
        painter->setPen(ink);
        painter->drawText(room, Qt::AlignVCenter | Qt::AlignLeft,
            option.fontMetrics.elidedText(
                index.data().toString(), Qt::ElideRight, int(room.width())));
        painter->restore();
    }
};

} // namespace

ConfigForm::ConfigForm(ConfigDocument& document, QWidget* parent)
    : QWidget(parent)
    , m_document(document)
    , m_context{document, {}, false}
    , m_pages(formPages(document.schema()))
    , m_views(m_pages.size(), nullptr)
    , m_model(new FormPageModel(m_pages, this))
    , m_list(new QListView(this))
    , m_stack(new QStackedWidget(this))
{
    m_list->setObjectName(QStringLiteral("configPages"));
    m_list->setAccessibleName(tr("Pages"));
    m_list->setModel(m_model);
    m_list->setItemDelegate(new PageDelegate(m_list));
    m_list->setFixedWidth(196);
    m_list->setFrameShape(QFrame::NoFrame);
    m_list->setMouseTracking(true);
    m_list->viewport()->setBackgroundRole(QPalette::Window);
    setFocusProxy(m_list);
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    auto* side = new QVBoxLayout;
    side->setContentsMargins(0, 12, 0, 0);
    side->addWidget(m_list);
    layout->addLayout(side);
    layout->addWidget(m_stack, 1);
    for (std::size_t i = 0; i < m_pages.size(); ++i)
        m_stack->addWidget(new QWidget(m_stack)); // until the page is built
    connect(m_list->selectionModel(), &QItemSelectionModel::currentChanged, this,
        [this](const QModelIndex& current) {
            if (!current.isValid())
                return;
            ensurePage(current.row());
            m_stack->setCurrentIndex(current.row());
            Q_EMIT pageChanged(m_pages[std::size_t(current.row())].id);
        });
    connect(&document, &ConfigDocument::problemsChanged, this, &ConfigForm::countProblems);
    if (!m_pages.empty())
        m_list->setCurrentIndex(m_model->index(0));
    countProblems();
}

int ConfigForm::neededWidth() const
{
    const auto* page = qobject_cast<const QScrollArea*>(m_stack->currentWidget());
    return m_list->width()
        + (page ? page->widget()->minimumSizeHint().width()
                    + page->verticalScrollBar()->sizeHint().width()
                : 0);
}

FormPageView* ConfigForm::ensurePage(int idx)
{
    auto& view = m_views[std::size_t(idx)];
    if (view)
        return view;
    view = new FormPageView(m_context, m_pages[std::size_t(idx)], m_stack);
    connect(view, &FormPageView::allRequested, this, [this] { setShowsAll(true); });
    auto* placeholder = m_stack->widget(idx);
    m_stack->insertWidget(idx, view);
    m_stack->removeWidget(placeholder);
    placeholder->deleteLater();
    view->applyFilter();
    return view;
}

void ConfigForm::setShowsAll(bool showsAll)
{
    if (showsAll == m_context.showsAll)
        return;
    m_context.showsAll = showsAll;
    applyFilter();
}

void ConfigForm::setSearch(const QString& text)
{
    const auto words = text.split(QLatin1Char(' '), Qt::SkipEmptyParts);
    if (words == m_context.words)
        return;
    m_context.words = words;
    applyFilter();
}

void ConfigForm::applyFilter()
{
    const bool isSearch = !m_context.words.isEmpty();
    int firstMatch = -1;
    m_matches = 0;
    for (int i = 0; i < int(m_pages.size()); ++i) {
        if (!isSearch && !m_views[std::size_t(i)]) {
            m_model->setMatches(i, -1);
            continue;
        }
        const auto result = ensurePage(i)->applyFilter();
        m_matches += result.matches;
        m_model->setMatches(i, isSearch ? result.matches : -1);
        if (result.matches > 0 && firstMatch < 0)
            firstMatch = i;
    }
    const auto current = m_list->currentIndex();
    if (firstMatch >= 0 && current.data(FormPageModel::MatchesRole).toInt() == 0)
        m_list->setCurrentIndex(m_model->index(firstMatch));
    Q_EMIT filterChanged();
}

int ConfigForm::pageOf(const QString& pointer) const
{
    const auto field = m_document.schema().placeOf(m_document.config(), pointer).pointer;
    for (std::size_t i = 0; i < m_pages.size(); ++i) {
        const auto& options = m_pages[i].options;
        const bool isHere = !field.isEmpty()
            && std::any_of(options.begin(), options.end(),
                [&](const PlacedOption& option) { return isWithin(field, option.pointer); });
        if (isHere)
            return int(i);
    }
    return pageOfUnknown(pointer);
}

int ConfigForm::pageOfUnknown(const QString& pointer) const
{
    for (auto section = parentPointer(pointer); !section.isEmpty();
        section = parentPointer(section)) {
        int page = -1;
        std::ptrdiff_t most = 0; // options beside it
        for (std::size_t i = 0; i < m_pages.size(); ++i) {
            const auto& options = m_pages[i].options;
            const auto beside = std::count_if(options.begin(), options.end(),
                [&](const PlacedOption& option) { return isWithin(option.pointer, section); });
            if (beside > most) {
                page = int(i);
                most = beside;
            }
        }
        if (page >= 0)
            return page;
    }
    return -1;
}

void ConfigForm::countProblems()
{
    std::vector<int> counts(m_pages.size(), 0);
    for (const auto& problem : m_document.problems()) {
        const auto idx = pageOf(problem.pointer);
        if (idx >= 0)
            ++counts[std::size_t(idx)];
    }
    for (int i = 0; i < int(counts.size()); ++i)
        m_model->setProblems(i, counts[std::size_t(i)]);
}

bool ConfigForm::reveal(const QString& pointer)
{
    const auto idx = pageOf(pointer);
    if (idx < 0)
        return false;
    auto* view = ensurePage(idx);
    m_list->setCurrentIndex(m_model->index(idx));
    const auto field = m_document.schema().placeOf(m_document.config(), pointer).pointer;
    auto* row = view->row(field);
    if (!row)
        return false;
    if (row->isHidden() || !row->isVisibleTo(view)) { // by the search, the tier, or folded
        for (auto* widget = static_cast<QWidget*>(row); widget != view->widget();
            widget = widget->parentWidget())
            widget->show();
    }
    row->focusInput();
    view->ensureWidgetVisible(row, 0, 40);
    return true;
}

void ConfigForm::showPage(const QString& id)
{
    for (int i = 0; i < int(m_pages.size()); ++i) {
        if (m_pages[std::size_t(i)].id == id)
            m_list->setCurrentIndex(m_model->index(i));
    }
}

QString ConfigForm::currentPage() const
{
    const auto current = m_list->currentIndex();
    return current.isValid() ? m_pages[std::size_t(current.row())].id : QString();
}

} // namespace leyden::ui
