// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/inspector/config_panel.h"

#include "app/studio/inspector/changes_model.h"
#include "widgets/common/plain_text.h"
#include "widgets/config/json_text.h"
#include "widgets/config/json_view.h"

#include <QHeaderView>
#include <QLabel>
#include <QPushButton>
#include <QSplitter>
#include <QTreeView>
#include <QVBoxLayout>

#include <algorithm>

namespace leyden::app {

ConfigPanel::ConfigPanel(QWidget* parent)
    : QWidget(parent)
    , m_title(new QLabel(this))
    , m_summary(new QLabel(this))
    , m_open(new QPushButton(tr("Open this config"), this))
    , m_model(new ChangesModel(this))
    , m_changes(new QTreeView(this))
    , m_json(new ui::JsonView(this))
{
    setObjectName(QStringLiteral("inspectorConfig"));
    auto bold = m_title->font();
    bold.setWeight(QFont::DemiBold);
    m_title->setFont(bold);
    m_title->setWordWrap(true);
    m_summary->setObjectName(QStringLiteral("changesSummary"));
    m_summary->setWordWrap(true);
    m_summary->setForegroundRole(QPalette::PlaceholderText);
    m_open->setObjectName(QStringLiteral("openShownConfig"));
    m_open->setToolTip(tr("To edit it, and to start another run with it"));
    m_open->setAutoDefault(false);
    connect(m_open, &QPushButton::clicked, this, &ConfigPanel::openRequested);
    m_changes->setObjectName(QStringLiteral("changesView"));
    m_changes->setAccessibleName(tr("What differs from the preset"));
    m_changes->setModel(m_model);
    m_changes->setRootIsDecorated(false);
    m_changes->setUniformRowHeights(true);
    m_changes->setFrameShape(QFrame::NoFrame);
    m_changes->setTextElideMode(Qt::ElideMiddle);
    m_changes->header()->setStretchLastSection(true);
    m_changes->header()->setSectionResizeMode(ChangesModel::Option, QHeaderView::Stretch);
    connect(m_changes, &QAbstractItemView::activated, this, [this](const QModelIndex& index) {
        Q_EMIT chosen(index.data(ChangesModel::PointerRole).toString());
    });
    m_json->setObjectName(QStringLiteral("inspectorJson"));
    m_json->setAccessibleName(tr("The config as JSON"));
    m_json->setReadOnly(true);
    m_json->setFrameShape(QFrame::NoFrame);
    auto* head = new QVBoxLayout;
    head->setContentsMargins(12, 10, 12, 4);
    head->setSpacing(2);
    head->addWidget(m_title);
    head->addWidget(m_summary);
    head->addWidget(m_open, 0, Qt::AlignLeft);
    auto* splitter = new QSplitter(Qt::Vertical, this);
    splitter->addWidget(m_changes);
    splitter->addWidget(m_json);
    splitter->setStretchFactor(1, 1);
    splitter->setSizes({140, 400});
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addLayout(head);
    layout->addWidget(splitter, 1);
}

void ConfigPanel::showConfig(const ShownConfig& shown)
{
    const auto isSame = [](const ui::ConfigChange& a, const ui::ConfigChange& b) {
        return a.pointer == b.pointer && a.before == b.before && a.after == b.after;
    };
    const bool isOther = shown.config != m_shown.config || shown.problem != m_shown.problem;
    const bool isChanged = !std::equal(shown.changes.begin(), shown.changes.end(),
        m_shown.changes.begin(), m_shown.changes.end(), isSame);
    m_shown = shown;
    ui::showPlainText(*m_title, shown.name);
    const auto count = int(shown.changes.size());
    ui::showPlainText(*m_summary,
        !shown.problem.isEmpty()     ? shown.problem
            : shown.config.is_null() ? tr("Open a config or pick a preset, and it is shown here.")
            : shown.from.isEmpty()   ? tr("As it was written into the run's folder.")
            : count == 0             ? tr("The same as %1.").arg(shown.from)
            : count == 1             ? tr("One change from %1:").arg(shown.from)
                                     : tr("%n changes from %1:", nullptr, count).arg(shown.from));
    m_open->setVisible(!shown.config.is_null() && shown.from.isEmpty()
        && shown.problem.isEmpty()); // else it is the one that is open
    if (isChanged)                   // a selection, and where it is scrolled to, stay
        m_model->setChanges(shown.changes);
    m_changes->setVisible(count > 0);
    if (isOther)
        m_json->showText(shown.config.is_null() ? QString() : ui::jsonText(shown.config));
}

} // namespace leyden::app
