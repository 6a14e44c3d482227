// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/config/config_page.h"

#include "widgets/common/icon.h"
#include "widgets/config/config_document.h"
#include "widgets/config/config_form.h"
#include "widgets/config/json_editor.h"
#include "widgets/config/problem_list.h"

#include <QAction>
#include <QActionGroup>
#include <QDataStream>
#include <QIODevice>
#include <QLabel>
#include <QLineEdit>
#include <QSplitter>
#include <QToolBar>
#include <QToolButton>
#include <QVBoxLayout>

namespace leyden::ui {
namespace {
constexpr int narrowestJson = 120;
constexpr int readableJson = 220;
} // namespace

ConfigPage::ConfigPage(ConfigDocument& document, QWidget* parent)
    : QWidget(parent)
    , m_document(document)
    , m_form(new ConfigForm(document, this))
    , m_json(new JsonEditor(document, this))
{
    setObjectName(QStringLiteral("configPage"));
    setupActions();
    setupToolBar();
    setupBody();
    connect(m_form, &ConfigForm::filterChanged, this, &ConfigPage::refreshSearch);
    connect(&document, &ConfigDocument::changed, this, &ConfigPage::refreshChanges);
    // What was searched in another config would hide most of this one.
    connect(&document, &ConfigDocument::loaded, m_search, &QLineEdit::clear);
    // An edit in the form would throw away the text that cannot be read yet.
    connect(&document, &ConfigDocument::textProblemChanged, m_form,
        [this] { m_form->setEnabled(!m_document.hasTextProblem()); });
    refreshSearch();
    refreshChanges();
}

void ConfigPage::setupActions()
{
    m_undo = m_document.undoStack()->createUndoAction(this, tr("Undo"));
    m_undo->setObjectName(QStringLiteral("configUndo"));
    m_undo->setIcon(Icon::themed(QStringLiteral("undo")));
    m_undo->setShortcut(QKeySequence::Undo);
    m_undo->setShortcutContext(Qt::WidgetWithChildrenShortcut);
    m_redo = m_document.undoStack()->createRedoAction(this, tr("Redo"));
    m_redo->setObjectName(QStringLiteral("configRedo"));
    m_redo->setIcon(Icon::themed(QStringLiteral("redo")));
    m_redo->setShortcut(QKeySequence::Redo);
    m_redo->setShortcutContext(Qt::WidgetWithChildrenShortcut);

    auto* tier = new QActionGroup(this);
    m_basic = tier->addAction(tr("Basic"));
    m_basic->setObjectName(QStringLiteral("configBasic"));
    m_basic->setToolTip(tr("The options that most runs need"));
    m_all = tier->addAction(tr("All"));
    m_all->setObjectName(QStringLiteral("configAll"));
    m_all->setToolTip(tr("Every option there is"));
    m_basic->setCheckable(true);
    m_all->setCheckable(true);
    m_basic->setChecked(true);
    connect(m_all, &QAction::toggled, m_form, &ConfigForm::setShowsAll);

    m_resetAll = new QAction(Icon::themed(QStringLiteral("reset")), tr("Reset all"), this);
    m_resetAll->setObjectName(QStringLiteral("configResetAll"));
    m_resetAll->setToolTip(tr("Everything back to the preset; undo brings it back"));
    connect(m_resetAll, &QAction::triggered, &m_document, &ConfigDocument::resetAll);
    m_showJson = new QAction(Icon::themed(QStringLiteral("code")), tr("JSON"), this);
    m_showJson->setObjectName(QStringLiteral("configShowJson"));
    m_showJson->setToolTip(tr("Show the config file beside the form"));
    m_showJson->setCheckable(true);
    m_showJson->setChecked(true);
    connect(m_showJson, &QAction::toggled, m_json, &QWidget::setVisible);
    addActions({m_undo, m_redo});
}

void ConfigPage::setupToolBar()
{
    m_search = new QLineEdit(this);
    m_search->setObjectName(QStringLiteral("configSearch"));
    m_search->setPlaceholderText(tr("Search options (Ctrl+F)"));
    m_search->setAccessibleName(tr("Search options"));
    m_search->setClearButtonEnabled(true);
    m_search->addAction(
        Icon::themed(QStringLiteral("search"), IconTone::Muted), QLineEdit::LeadingPosition);
    m_search->setMinimumWidth(120); // on a narrow page; in the bar's overflow it could not be used
    m_search->setMaximumWidth(260);
    connect(m_search, &QLineEdit::textChanged, m_form, &ConfigForm::setSearch);
    auto* find = new QAction(tr("Search options"), this);
    find->setObjectName(QStringLiteral("configFind"));
    find->setShortcut(QKeySequence::Find); // in the whole window, while the page is shown
    connect(find, &QAction::triggered, this, &ConfigPage::focusSearch);
    addAction(find);
    m_matches = new QLabel(this);
    m_matches->setObjectName(QStringLiteral("configMatches"));
    m_matches->setForegroundRole(QPalette::PlaceholderText);
    m_matches->setContentsMargins(8, 0, 8, 0);

    m_bar = new QToolBar(this);
    m_bar->setIconSize({18, 18});
    m_bar->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    m_bar->addActions({m_undo, m_redo});
    for (auto* action : {m_undo, m_redo})
        static_cast<QToolButton*>(m_bar->widgetForAction(action))
            ->setToolButtonStyle(Qt::ToolButtonIconOnly);
    m_bar->addSeparator();
    m_bar->addActions({m_basic, m_all});
    m_bar->addSeparator();
    m_bar->addWidget(m_search);
    m_bar->addWidget(m_matches);
    auto* spring = new QWidget(m_bar);
    spring->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Preferred);
    m_bar->addWidget(spring);
    m_bar->addAction(m_resetAll);
    m_bar->addAction(m_showJson);
    for (auto* button : m_bar->findChildren<QToolButton*>())
        button->setFocusPolicy(Qt::TabFocus);
}

void ConfigPage::setupBody()
{
    m_splitter = new QSplitter(this);
    m_splitter->setObjectName(QStringLiteral("configSplitter"));
    m_splitter->addWidget(m_form);
    m_splitter->addWidget(m_json);
    m_splitter->setSizes({860, 420}); // without stretch factors both grow with the window
    m_splitter->setHandleWidth(1);
    m_splitter->setChildrenCollapsible(false);
    m_json->setMinimumWidth(narrowestJson);
    connect(m_form, &ConfigForm::pageChanged, this, &ConfigPage::makeRoom);
    connect(m_showJson, &QAction::toggled, this, &ConfigPage::makeRoom);
    connect(m_splitter, &QSplitter::splitterMoved, this, [this] { m_isSplitByHand = true; });
    auto* problems = new ProblemList(m_document, this);
    connect(problems, &ProblemList::chosen, this, &ConfigPage::reveal);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(m_bar);
    layout->addWidget(m_splitter, 1);
    layout->addWidget(problems);
}

void ConfigPage::makeRoom()
{
    if (m_isSplitByHand || m_json->isHidden())
        return;
    const auto sizes = m_splitter->sizes();
    const int least = m_form->neededWidth();
    const int room = sizes[0] + sizes[1];
    if (sizes[0] < least && room - least >= readableJson)
        m_splitter->setSizes({least, room - least});
}

void ConfigPage::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    // Once the layout has given its widths.
    QMetaObject::invokeMethod(this, &ConfigPage::makeRoom, Qt::QueuedConnection);
}

void ConfigPage::refreshSearch()
{
    const bool isSearch = !m_search->text().trimmed().isEmpty();
    m_matches->setText(!isSearch     ? QString()
            : m_form->matches() == 0 ? tr("no matches")
            : m_form->matches() == 1 ? tr("1 match")
                                     : tr("%n matches", nullptr, m_form->matches()));
    (m_form->showsAll() ? m_all : m_basic)->setChecked(true);
}

void ConfigPage::refreshChanges()
{
    const auto count = m_document.changes().size();
    m_resetAll->setEnabled(count > 0);
    m_resetAll->setText(count > 0 ? tr("Reset all (%1)").arg(count) : tr("Reset all"));
}

void ConfigPage::addTool(QAction* action)
{
    m_bar->insertAction(m_resetAll, action);
    auto* button = m_bar->widgetForAction(action);
    button->setObjectName(action->objectName() + QStringLiteral("Button"));
    button->setFocusPolicy(Qt::TabFocus);
}

void ConfigPage::reveal(const QString& pointer)
{
    m_json->reveal(pointer);
    if (!m_form->reveal(pointer) && m_json->isVisible())
        m_json->setFocus();
}

void ConfigPage::focusSearch()
{
    m_search->setFocus(Qt::ShortcutFocusReason);
    m_search->selectAll();
}

void ConfigPage::focusForm()
{
    if (!isAncestorOf(window()->focusWidget()))
        m_form->setFocus(Qt::ShortcutFocusReason);
}

QByteArray ConfigPage::saveState() const
{
    QByteArray state;
    QDataStream stream(&state, QIODevice::WriteOnly);
    stream << qint32(1) << m_splitter->saveState() << m_form->showsAll() << m_showJson->isChecked()
           << m_form->currentPage();
    return state;
}

void ConfigPage::restoreState(const QByteArray& state)
{
    QDataStream stream(state);
    qint32 version = 0;
    QByteArray splitter;
    bool showsAll = false;
    bool showsJson = true;
    QString page;
    stream >> version >> splitter >> showsAll >> showsJson >> page;
    if (stream.status() != QDataStream::Ok || version != 1)
        return;
    m_splitter->restoreState(splitter);
    m_form->setShowsAll(showsAll);
    m_showJson->setChecked(showsJson);
    m_form->showPage(page);
}

} // namespace leyden::ui
