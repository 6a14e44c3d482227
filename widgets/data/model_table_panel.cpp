// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/data/model_table_panel.h"

#include "widgets/data/inputs_text.h"
#include "widgets/metrics/count_text.h"
#include "widgets/metrics/number_text.h"

#include <QAction>
#include <QClipboard>
#include <QGuiApplication>
#include <QHeaderView>
#include <QLabel>
#include <QStyledItemDelegate>
#include <QTreeView>
#include <QVBoxLayout>

namespace leyden::ui {
namespace {

/// A container's parameters are those of the layers below it: muted, so that nobody adds them up.
class LayerDelegate final : public QStyledItemDelegate
{
public:
    using QStyledItemDelegate::QStyledItemDelegate;

protected:
    void initStyleOption(QStyleOptionViewItem* option, const QModelIndex& index) const override
    {
        QStyledItemDelegate::initStyleOption(option, index);
        if (index.data(ModelTableModel::ContainerRole).toBool())
            option->palette.setColor(
                QPalette::Text, option->palette.color(QPalette::PlaceholderText));
    }
};

} // namespace

ModelTablePanel::ModelTablePanel(QWidget* parent)
    : PreviewPanel(QStringLiteral("model"), tr("Building…"), tr("Building the model…"), parent)
    , m_model(new ModelTableModel(this))
{
    setObjectName(QStringLiteral("modelTablePanel"));
    summary()->setObjectName(QStringLiteral("modelTotals"));
    setupContent();
    clear();
}

void ModelTablePanel::setupContent()
{
    m_view = new QTreeView(content());
    m_view->setObjectName(QStringLiteral("modelTableView"));
    m_view->setAccessibleName(tr("Layers of the model"));
    m_view->setModel(m_model);
    m_view->setItemDelegate(new LayerDelegate(m_view));
    m_view->setRootIsDecorated(false);
    m_view->setUniformRowHeights(true);
    m_view->setFrameShape(QFrame::NoFrame);
    m_view->header()->setStretchLastSection(false);
    m_view->header()->setSectionResizeMode(QHeaderView::ResizeToContents);
    m_view->header()->setSectionResizeMode(ModelTableModel::Name, QHeaderView::Stretch);
    auto* copyAction = new QAction(tr("Copy table"), m_view);
    copyAction->setObjectName(QStringLiteral("copyModelTable"));
    copyAction->setShortcut(QKeySequence::Copy);
    copyAction->setShortcutContext(Qt::WidgetShortcut);
    connect(copyAction, &QAction::triggered, this, &ModelTablePanel::copy);
    m_view->addAction(copyAction);
    m_view->setContextMenuPolicy(Qt::ActionsContextMenu);

    body()->addWidget(m_view, 1);
}

QString ModelTablePanel::totalsText(const ModelTable& table) const
{
    const auto frozen = table.parameters - table.trainableParameters;
    const auto trained = frozen == 0 ? tr("all trained") : tr("%1 frozen").arg(countText(frozen));
    const auto bytes = byteSizeText(qint64(table.megabytes * 1e6));
    return tr("%1 parameters, %2; %3").arg(countText(table.parameters), trained, bytes);
}

void ModelTablePanel::showTable(const ModelTable& table)
{
    m_model->setTable(table);
    showContent(table.inputShape.isEmpty()
            ? table.model
            : tr("%1 of %2").arg(table.model, inputsText(table.inputShape)),
        totalsText(table));
}

void ModelTablePanel::clear()
{
    m_model->setTable({});
    showHint(tr("Open a config to see its model here."));
}

void ModelTablePanel::copy() const
{
    QString text;
    for (int row = -1; row < m_model->rowCount(); ++row) {
        QStringList cells;
        for (int column = 0; column < ModelTableModel::ColumnCount; ++column)
            cells += row < 0
                ? m_model->headerData(column, Qt::Horizontal).toString()
                : m_model->index(row, column).data(ModelTableModel::RawRole).toString();
        text += cells.join(QLatin1Char('\t')) + QLatin1Char('\n');
    }
    QGuiApplication::clipboard()->setText(text);
}

} // namespace leyden::ui
