// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/start/start_page.h"

#include "widgets/common/icon.h"
#include "widgets/start/drop_zone.h"
#include "widgets/start/dropped_file.h"
#include "widgets/start/preset_grid.h"

#include <QDragEnterEvent>
#include <QDropEvent>
#include <QFileDialog>
#include <QLabel>
#include <QPushButton>
#include <QResizeEvent>
#include <QScrollArea>
#include <QVBoxLayout>

namespace leyden::ui {
namespace {

constexpr int widthForTwoColumns = 820;
constexpr int filesWidth = 280;

QLabel* heading(const QString& text, double scale, QWidget* parent)
{
    auto* label = new QLabel(text, parent);
    auto font = label->font();
    font.setBold(true);
    font.setPointSizeF(font.pointSizeF() * scale);
    label->setFont(font);
    return label;
}

} // namespace

StartPage::StartPage(QWidget* parent) : QWidget(parent)
{
    setObjectName(QStringLiteral("startPage"));
    setAccessibleName(tr("Start"));
    setAcceptDrops(true);
    auto* content = new QWidget(this);
    content->setMaximumWidth(1180);
    m_columns = new QBoxLayout(QBoxLayout::TopToBottom);
    m_columns->setSpacing(24);
    m_columns->addWidget(makePresets(), 1);
    m_columns->addWidget(makeFiles());
    auto* inner = new QVBoxLayout(content);
    inner->setContentsMargins(28, 24, 28, 24);
    inner->setSpacing(20);
    inner->addWidget(makeHead());
    inner->addLayout(m_columns);
    inner->addStretch();
    auto* middle = new QWidget(this);
    auto* centred = new QHBoxLayout(middle);
    centred->setContentsMargins(0, 0, 0, 0);
    centred->addStretch();
    centred->addWidget(content, 1000);
    centred->addStretch();
    auto* scroll = new QScrollArea(this);
    scroll->setObjectName(QStringLiteral("startScroll"));
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setWidgetResizable(true);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    scroll->setFocusPolicy(Qt::NoFocus);
    scroll->setWidget(middle);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(scroll);
}

QWidget* StartPage::makeHead()
{
    auto* head = new QWidget(this);
    auto* text = new QLabel(
        tr("Pick a preset, open a config, or drop a table. Nothing runs before you press Start."),
        head);
    text->setWordWrap(true);
    text->setForegroundRole(QPalette::PlaceholderText);
    auto* layout = new QVBoxLayout(head);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(4);
    layout->addWidget(heading(tr("What will you train?"), 1.6, head));
    layout->addWidget(text);
    return head;
}

QWidget* StartPage::makePresets()
{
    auto* part = new QWidget(this);
    m_presets = new PresetGrid(part);
    m_presets->setObjectName(QStringLiteral("presetGrid"));
    connect(m_presets, &PresetGrid::chosen, this, &StartPage::presetChosen);
    auto* layout = new QVBoxLayout(part);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(10);
    layout->addWidget(heading(tr("Presets"), 1.1, part));
    layout->addWidget(m_presets);
    layout->addStretch();
    return part;
}

QWidget* StartPage::makeFiles()
{
    m_files = new QWidget(this);
    const auto button = [this](const char* name, const char* icon, const QString& text,
                            const QString& tip, void (StartPage::*slot)()) {
        auto* made = new QPushButton(Icon::themed(QLatin1String(icon)), text, m_files);
        made->setObjectName(QLatin1String(name));
        made->setToolTip(tip);
        made->setAutoDefault(false);
        connect(made, &QPushButton::clicked, this, slot);
        return made;
    };
    auto* buttons = new QHBoxLayout;
    buttons->setSpacing(8);
    m_openConfig = button("openConfigButton", "folder", tr("Open config…"),
        tr("Open a run config, a .json or .yaml file"), &StartPage::openConfig);
    m_openCsv = button("openCsvButton", "data", tr("New from a table…"),
        tr("Make a config for a table, a .csv file"), &StartPage::openCsv);
    buttons->addWidget(m_openConfig);
    buttons->addWidget(m_openCsv);
    m_dropZone = new DropZone(m_files);
    m_dropZone->setObjectName(QStringLiteral("dropZone"));
    m_recent = new RecentConfigsView(m_files);
    m_recent->setObjectName(QStringLiteral("recentConfigs"));
    m_recent->setAccessibleName(tr("Recent configs"));
    connect(m_recent, &RecentConfigsView::chosen, this, &StartPage::configChosen);
    connect(m_recent, &RecentConfigsView::forgetRequested, this, &StartPage::forgetRecentRequested);
    m_noRecent = new QLabel(tr("Configs that you open are listed here."), m_files);
    m_noRecent->setObjectName(QStringLiteral("noRecentConfigs"));
    m_noRecent->setWordWrap(true);
    m_noRecent->setForegroundRole(QPalette::PlaceholderText);
    m_recent->hide();
    auto* layout = new QVBoxLayout(m_files);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(10);
    layout->addWidget(heading(tr("Your own"), 1.1, m_files));
    layout->addLayout(buttons);
    layout->addWidget(m_dropZone);
    layout->addSpacing(8);
    layout->addWidget(heading(tr("Recent"), 1.1, m_files));
    layout->addWidget(m_noRecent);
    layout->addWidget(m_recent);
    layout->addStretch();
    return m_files;
}

void StartPage::setPresets(const QList<PresetCard>& presets)
{
    m_presets->setPresets(presets);
    QList<QWidget*> order(m_presets->buttons().begin(), m_presets->buttons().end());
    order += {m_openConfig, m_openCsv, m_recent};
    for (int i = 1; i < order.size(); ++i) // new cards would come last
        setTabOrder(order[i - 1], order[i]);
}

void StartPage::setRecentConfigs(const QList<RecentConfig>& configs)
{
    m_recent->setConfigs(configs);
    m_recent->setVisible(!configs.isEmpty());
    m_noRecent->setVisible(configs.isEmpty());
}

void StartPage::openConfig()
{
    ask(QStringLiteral("openConfigDialog"), tr("Open config"),
        tr("Run configs (*.json *.yaml *.yml);;All files (*)"), &StartPage::configChosen);
}

void StartPage::openCsv()
{
    ask(QStringLiteral("openCsvDialog"), tr("New from a table"),
        tr("Tables (*.csv *.csv.gz);;All files (*)"), &StartPage::csvChosen);
}

void StartPage::ask(const QString& name, const QString& title, const QString& filter,
    void (StartPage::*signal)(const QString&))
{
    auto* dialog = new QFileDialog(this, title, m_folder, filter);
    dialog->setObjectName(name);
    dialog->setFileMode(QFileDialog::ExistingFile);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &QFileDialog::fileSelected, this, signal);
    dialog->open();
}

void StartPage::dragEnterEvent(QDragEnterEvent* event)
{
    const auto file = droppedFile(event->mimeData());
    if (file.kind == DroppedFile::Kind::None) {
        if (!file.problem.isEmpty())
            m_dropZone->showProblem(file.problem);
        // Taken all the same where it is a file, so that leaving and dropping are heard of.
        event->setAccepted(!file.problem.isEmpty());
        return;
    }
    m_dropZone->showWelcome(file.kind == DroppedFile::Kind::Config
            ? tr("Drop to open the config")
            : tr("Drop to make a config for the table"));
    event->acceptProposedAction();
}

void StartPage::dragMoveEvent(QDragMoveEvent* event)
{
    event->setAccepted(droppedFile(event->mimeData()).kind != DroppedFile::Kind::None);
}

void StartPage::dragLeaveEvent(QDragLeaveEvent*)
{
    m_dropZone->showInvitation();
}

void StartPage::dropEvent(QDropEvent* event)
{
    const auto file = droppedFile(event->mimeData());
    if (file.kind == DroppedFile::Kind::None) {
        m_dropZone->showProblem(file.problem);
        event->ignore();
        return;
    }
    m_dropZone->showInvitation();
    event->acceptProposedAction();
    if (file.kind == DroppedFile::Kind::Config)
        Q_EMIT configChosen(file.path);
    else
        Q_EMIT csvChosen(file.path);
}

void StartPage::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    const auto isWide = width() >= widthForTwoColumns;
    m_columns->setDirection(isWide ? QBoxLayout::LeftToRight : QBoxLayout::TopToBottom);
    m_files->setMinimumWidth(isWide ? filesWidth : 0);
    m_files->setMaximumWidth(isWide ? filesWidth : QWIDGETSIZE_MAX);
}

} // namespace leyden::ui
