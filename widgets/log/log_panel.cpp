// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/log/log_panel.h"

#include "widgets/common/popup_menu.h"
#include "widgets/common/theme.h"
#include "widgets/common/wheel_guard.h"

#include <QAction>
#include <QApplication>
#include <QClipboard>
#include <QComboBox>
#include <QFontDatabase>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QHelpEvent>
#include <QLineEdit>
#include <QPainter>
#include <QScrollBar>
#include <QStyledItemDelegate>
#include <QTextLayout>
#include <QToolButton>
#include <QToolTip>
#include <QTreeView>

#include <algorithm>
#include <cmath>
#include <utility>

namespace leyden::ui {
namespace {
constexpr int longestTip = 4000; // characters

// Colours the level, beside its word, by the palette's lightness; its tool tip wraps long lines.
class LineDelegate final : public QStyledItemDelegate
{
public:
    using QStyledItemDelegate::QStyledItemDelegate;

    bool helpEvent(QHelpEvent* event, QAbstractItemView* view, const QStyleOptionViewItem& option,
        const QModelIndex& index) override
    {
        if (event->type() != QEvent::ToolTip || index.column() != LogModel::Text)
            return QStyledItemDelegate::helpEvent(event, view, option, index);
        auto text = index.data(Qt::ToolTipRole).toString();
        if (text.size() > longestTip)
            text = text.left(longestTip) + QStringLiteral(" …");
        QToolTip::showText(event->globalPos(),
            QStringLiteral("<p style=\"white-space: pre-wrap\">%1</p>").arg(text.toHtmlEscaped()),
            view, view->visualRect(index));
        return true;
    }

    QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override
    {
        const auto line = option.fontMetrics.height() + 1; // a log is read densely
        if (index.column() != LogModel::Text)
            return {QStyledItemDelegate::sizeHint(option, index).width(), line};
        const auto* view = static_cast<const QTreeView*>(parent());
        const auto width = view->columnWidth(LogModel::Text) - 2 * margin;
        const auto text = index.data().toString();
        // The font has one width: what is short needs no measuring.
        if (text.size() * option.fontMetrics.averageCharWidth() < width
            && !text.contains(QLatin1Char('\n')))
            return {width, line};
        QTextLayout layout(breakable(text), option.font);
        return {width, int(std::ceil(layOut(layout, width))) + 1};
    }

    void paint(QPainter* painter, const QStyleOptionViewItem& option,
        const QModelIndex& index) const override
    {
        if (index.column() != LogModel::Text) {
            QStyledItemDelegate::paint(painter, option, index);
            return;
        }
        auto shown = option;
        initStyleOption(&shown, index);
        const auto text = std::exchange(shown.text, QString());
        const auto* style = shown.widget->style();
        style->drawControl(QStyle::CE_ItemViewItem, &shown, painter, shown.widget);
        const bool isSelected = shown.state & QStyle::State_Selected;
        painter->save();
        painter->setClipRect(shown.rect);
        painter->setPen(shown.palette.color(
            shown.state.testFlag(QStyle::State_Active) ? QPalette::Active : QPalette::Inactive,
            isSelected ? QPalette::HighlightedText : QPalette::Text));
        QTextLayout layout(breakable(text), shown.font);
        layOut(layout, shown.rect.width() - 2 * margin);
        layout.draw(painter, QPointF(shown.rect.left() + margin, shown.rect.top()));
        painter->restore();
    }

private:
    static constexpr int margin = 3;

    static QString breakable(QString text)
    {
        return text.replace(QLatin1Char('\n'), QChar(QChar::LineSeparator));
    }

    /// Breaks lines between words, and inside one that is too long. Gives the height.
    static double layOut(QTextLayout& layout, int width)
    {
        QTextOption option;
        option.setWrapMode(QTextOption::WrapAtWordBoundaryOrAnywhere);
        layout.setTextOption(option);
        double height = 0.0;
        layout.beginLayout();
        for (auto line = layout.createLine(); line.isValid(); line = layout.createLine()) {
            line.setLineWidth(std::max(40, width));
            line.setPosition({0.0, height});
            height += line.height();
        }
        layout.endLayout();
        return height;
    }

protected:
    void initStyleOption(QStyleOptionViewItem* option, const QModelIndex& index) const override
    {
        QStyledItemDelegate::initStyleOption(option, index);
        if (option->state & QStyle::State_Selected)
            return;
        const auto colors = themeColors(option->palette);
        const auto level = LogLevel(index.data(LogModel::LevelRole).toInt());
        option->displayAlignment = Qt::AlignLeft | Qt::AlignTop; // beside the first line
        auto color = option->palette.color(QPalette::Text);
        if (level == LogLevel::Error)
            color = colors.error;
        else if (level == LogLevel::Warning)
            color = colors.warning;
        else if (level == LogLevel::Debug || index.column() != LogModel::Text)
            color = colors.muted;
        option->palette.setColor(QPalette::Text, color);
    }
};
} // namespace

LogPanel::LogPanel(QWidget* parent)
    : QWidget(parent)
    , m_model(new LogModel(this))
    , m_filter(new LogFilterModel(this))
    , m_level(new QComboBox(this))
    , m_search(new QLineEdit(this))
    , m_follow(new QToolButton(this))
    , m_view(new QTreeView(this))
{
    m_filter->setSourceModel(m_model);
    setupBar();
    setupView();
    auto* bar = new QHBoxLayout;
    bar->setContentsMargins(6, 4, 6, 4);
    bar->setSpacing(6);
    bar->addWidget(m_level);
    bar->addWidget(m_search, 1);
    bar->addWidget(m_follow);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addLayout(bar);
    layout->addWidget(m_view, 1);
}

void LogPanel::setupBar()
{
    m_level->setObjectName(QStringLiteral("logLevel"));
    m_level->setAccessibleName(tr("Lowest level to show"));
    WheelGuard::protect(m_level);
    m_level->addItem(tr("All levels"), int(LogLevel::Debug));
    m_level->addItem(tr("Info and up"), int(LogLevel::Info));
    m_level->addItem(tr("Warnings and errors"), int(LogLevel::Warning));
    m_level->addItem(tr("Errors"), int(LogLevel::Error));
    connect(m_level, &QComboBox::currentIndexChanged, m_filter,
        [this] { m_filter->setMinimumLevel(LogLevel(m_level->currentData().toInt())); });
    m_search->setObjectName(QStringLiteral("logSearch"));
    m_search->setPlaceholderText(tr("Search the log"));
    m_search->setAccessibleName(m_search->placeholderText());
    m_search->setClearButtonEnabled(true);
    connect(m_search, &QLineEdit::textChanged, m_filter, &LogFilterModel::setSearchText);
    m_follow->setObjectName(QStringLiteral("logFollow"));
    m_follow->setText(tr("Follow"));
    m_follow->setToolTip(tr("Keep the newest line in view"));
    m_follow->setCheckable(true);
    m_follow->setChecked(true);
    connect(m_follow, &QToolButton::toggled, m_view, [this](bool on) {
        if (on)
            m_view->scrollToBottom();
    });
}

void LogPanel::setupView()
{
    m_view->setObjectName(QStringLiteral("logView"));
    m_view->setAccessibleName(tr("Log"));
    m_view->setModel(m_filter);
    m_view->setRootIsDecorated(false);
    m_view->setUniformRowHeights(false); // those in view alone are measured
    m_view->setWordWrap(true);
    m_view->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_view->setSelectionMode(QAbstractItemView::ExtendedSelection);
    m_view->setFrameShape(QFrame::NoFrame);
    m_view->setHeaderHidden(true);
    m_view->setItemDelegate(new LineDelegate(m_view));
    m_view->setFont(QFontDatabase::systemFont(QFontDatabase::FixedFont));
    auto* header = m_view->header();
    header->setStretchLastSection(true);
    header->setMinimumSectionSize(1);
    const auto metrics = m_view->fontMetrics();
    header->resizeSection(
        LogModel::Time, metrics.horizontalAdvance(QStringLiteral("00:00:00 ")) + 16);
    header->resizeSection(
        LogModel::Level, metrics.horizontalAdvance(QStringLiteral("warning ")) + 16);
    connect(header, &QHeaderView::sectionResized, m_view, [this] { // lines break elsewhere
        QMetaObject::invokeMethod(m_view, &QTreeView::doItemsLayout, Qt::QueuedConnection);
        if (isFollowing())
            m_view->scrollToBottom();
    });
    m_view->setContextMenuPolicy(Qt::CustomContextMenu);
    connect(m_view, &QWidget::customContextMenuRequested, this, &LogPanel::showMenu);
    auto* copyAction = new QAction(tr("Copy"), m_view);
    copyAction->setObjectName(QStringLiteral("logCopy"));
    copyAction->setShortcut(QKeySequence::Copy);
    copyAction->setShortcutContext(Qt::WidgetShortcut);
    connect(copyAction, &QAction::triggered, this, &LogPanel::copy);
    m_view->addAction(copyAction);

    connect(m_filter, &QAbstractItemModel::rowsInserted, m_view, [this] {
        if (isFollowing())
            m_view->scrollToBottom();
    });
    // A hand that scrolls up stops the following, and one that scrolls to the end takes it up
    // again.
    auto* bar = m_view->verticalScrollBar();
    connect(bar, &QAbstractSlider::actionTriggered, this,
        [this, bar] { m_follow->setChecked(bar->sliderPosition() >= bar->maximum()); });
}

void LogPanel::setModel(LogModel* model)
{
    if (model == m_model)
        return;
    m_model = model;
    m_filter->setSourceModel(model);
    if (isFollowing())
        m_view->scrollToBottom();
}

bool LogPanel::isFollowing() const
{
    return m_follow->isChecked();
}

void LogPanel::setFollowing(bool following)
{
    m_follow->setChecked(following);
}

QString LogPanel::selectedText() const
{
    auto rows = m_view->selectionModel()->selectedRows();
    std::sort(rows.begin(), rows.end());
    if (rows.isEmpty())
        for (int row = 0; row < m_filter->rowCount(); ++row)
            rows += m_filter->index(row, 0);
    QString text;
    for (const auto& row : rows) {
        const int source = m_filter->mapToSource(row).row();
        text += m_model->entry(source).time.toString(Qt::ISODateWithMs) + QLatin1Char('\t')
            + m_model->index(source, LogModel::Level).data().toString() + QLatin1Char('\t')
            + m_model->entry(source).text + QLatin1Char('\n');
    }
    return text;
}

void LogPanel::copy()
{
    QApplication::clipboard()->setText(selectedText());
}

void LogPanel::showMenu(const QPoint& position)
{
    auto* menu = newPopupMenu(this);
    menu->addActions(m_view->actions());
    menu->addAction(tr("Clear"), m_model, &LogModel::clear);
    menu->popup(m_view->viewport()->mapToGlobal(position));
}
} // namespace leyden::ui
