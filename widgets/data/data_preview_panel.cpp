// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/data/data_preview_panel.h"

#include "widgets/common/elided_header.h"
#include "widgets/common/elided_label.h"
#include "widgets/common/plain_text.h"
#include "widgets/common/theme.h"
#include "widgets/data/class_counts_view.h"
#include "widgets/data/data_columns_model.h"
#include "widgets/data/data_rows_model.h"
#include "widgets/data/inputs_text.h"
#include "widgets/data/split_bar.h"
#include "widgets/metrics/count_text.h"

#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QSortFilterProxyModel>
#include <QStyledItemDelegate>
#include <QTabWidget>
#include <QTableView>
#include <QTreeView>
#include <QVBoxLayout>

#include <algorithm>

namespace leyden::ui {
namespace {

constexpr int columnsSizedByContent = 60; // sizing thousands would be felt

/// Missing cells are muted, the target's stand on a ground of their own.
class CellDelegate final : public QStyledItemDelegate
{
public:
    using QStyledItemDelegate::QStyledItemDelegate;

protected:
    void initStyleOption(QStyleOptionViewItem* option, const QModelIndex& index) const override
    {
        QStyledItemDelegate::initStyleOption(option, index);
        if (index.data(DataRowsModel::TargetRole).toBool())
            option->backgroundBrush = option->palette.color(QPalette::AlternateBase);
        if (index.data(DataRowsModel::MissingRole).toBool()) {
            option->palette.setColor(QPalette::Text, themeColors(option->palette).warning);
            option->font.setItalic(true);
        }
    }
};

} // namespace

DataPreviewPanel::DataPreviewPanel(QWidget* parent)
    : PreviewPanel(QStringLiteral("data"), tr("Reading…"), tr("Reading the data…"), parent)
    , m_rows(new DataRowsModel(this))
    , m_columns(new DataColumnsModel(this))
{
    setObjectName(QStringLiteral("dataPreviewPanel"));
    setupContent();
    clear();
}

void DataPreviewPanel::setupContent()
{
    auto* content = this->content();
    m_split = new SplitBar(content);
    m_split->setObjectName(QStringLiteral("dataSplit"));
    m_classesPart = new QWidget(content);
    auto* title = new QLabel(tr("Rows of each class"), m_classesPart);
    auto font = title->font();
    font.setBold(true);
    title->setFont(font);
    m_classes = new ClassCountsView(m_classesPart);
    m_classes->setObjectName(QStringLiteral("classCounts"));
    m_classes->setAccessibleName(tr("Rows of each class"));
    m_tabs = new QTabWidget(content);
    m_tabs->setObjectName(QStringLiteral("dataTabs"));
    m_tabs->setDocumentMode(true);
    m_tabs->addTab(makeRowsView(), tr("First rows"));
    m_tabs->addTab(makeColumnsView(), tr("Columns"));

    body()->addSpacing(4);
    body()->addWidget(m_split);
    body()->addSpacing(6);
    // Side by side: the panel lies under a form, where height is scarce.
    auto* classes = new QVBoxLayout(m_classesPart);
    classes->setContentsMargins(0, 0, 0, 0);
    classes->addWidget(title);
    classes->addWidget(m_classes);
    classes->addStretch(1);
    auto* parts = new QHBoxLayout;
    parts->setSpacing(12);
    parts->addWidget(m_classesPart, 1);
    parts->addWidget(m_tabs, 3);
    body()->addLayout(parts, 1);
}

QTableView* DataPreviewPanel::makeRowsView()
{
    m_rowsView = new QTableView(this);
    m_rowsView->setObjectName(QStringLiteral("dataRowsView"));
    m_rowsView->setAccessibleName(tr("First rows"));
    m_rowsView->setHorizontalHeader(new ElidedHeader(m_rowsView));
    m_rowsView->setModel(m_rows);
    m_rowsView->setItemDelegate(new CellDelegate(m_rowsView));
    m_rowsView->setFrameShape(QFrame::NoFrame);
    m_rowsView->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_rowsView->setWordWrap(false);
    m_rowsView->setCornerButtonEnabled(false);
    m_rowsView->setTabKeyNavigation(false); // Tab leaves the table
    m_rowsView->horizontalHeader()->setDefaultSectionSize(90);
    m_rowsView->horizontalHeader()->setHighlightSections(false);
    m_rowsView->verticalHeader()->setDefaultSectionSize(fontMetrics().height() + 8);
    return m_rowsView;
}

QTreeView* DataPreviewPanel::makeColumnsView()
{
    auto* sorted = new QSortFilterProxyModel(this);
    sorted->setSourceModel(m_columns);
    sorted->setSortRole(DataColumnsModel::SortRole);
    auto* view = new QTreeView(this);
    view->setObjectName(QStringLiteral("dataColumnsView"));
    view->setAccessibleName(tr("Columns"));
    view->setModel(sorted);
    view->setRootIsDecorated(false);
    view->setUniformRowHeights(true);
    view->setFrameShape(QFrame::NoFrame);
    view->setSortingEnabled(true);
    view->sortByColumn(-1, Qt::AscendingOrder); // the file's order
    view->header()->setStretchLastSection(false);
    view->header()->setSectionResizeMode(QHeaderView::ResizeToContents);
    view->header()->setSectionResizeMode(DataColumnsModel::Name, QHeaderView::Stretch);
    return view;
}

QString DataPreviewPanel::summaryText(const DataPreview& preview) const
{
    QStringList parts;
    if (preview.rowCount >= 0)
        parts
            += preview.rowCount == 1 ? tr("1 row") : tr("%1 rows").arg(countText(preview.rowCount));
    if (!preview.columns.isEmpty()) {
        parts += preview.columns.size() == 1
            ? tr("1 column")
            : tr("%1 columns").arg(countText(preview.columns.size()));
        qint64 missing = 0;
        for (const auto& column : preview.columns)
            missing += column.missing;
        parts += missing == 0 ? tr("nothing missing")
                              : tr("%1 values missing").arg(countText(missing));
    }
    if (const auto leftOut = preview.leftOutRows(); leftOut > 0)
        parts
            += leftOut == 1 ? tr("1 row left out") : tr("%1 rows left out").arg(countText(leftOut));
    auto text = parts.join(QStringLiteral(", "));
    if (!preview.target.isEmpty()) {
        if (!text.isEmpty())
            text += QStringLiteral(". ");
        text += preview.isClassification
            ? tr("Predicts %1: one of %2 classes")
                  .arg(preview.target, countText(preview.classes.size()))
            : tr("Predicts %1: a number").arg(preview.target);
    }
    if (!preview.featureShape.isEmpty())
        text += tr(", from %1").arg(inputsText(preview.featureShape));
    return text.isEmpty() ? text : text + QLatin1Char('.');
}

void DataPreviewPanel::showPreview(const DataPreview& preview)
{
    showContent(preview.title, summaryText(preview));
    title()->setToolTip(plainToolTip(preview.path));
    m_split->setVisible(preview.trainRows >= 0);
    m_split->setRows(preview.trainRows, preview.valRows, preview.testRows, preview.leftOutRows());
    m_classes->setClasses(preview.classes);
    m_classesPart->setVisible(!preview.classes.isEmpty());
    m_rows->setPreview(preview);
    m_columns->setPreview(preview);
    m_tabs->setVisible(!preview.columns.isEmpty());
    const auto sized = std::min<int>(columnsSizedByContent, m_rows->columnCount());
    for (int column = 0; column < sized; ++column) {
        m_rowsView->resizeColumnToContents(column);
        m_rowsView->setColumnWidth(column, std::clamp(m_rowsView->columnWidth(column), 48, 220));
    }
}

void DataPreviewPanel::clear()
{
    m_rows->setPreview({});
    m_columns->setPreview({});
    showHint(tr("Open a config or drop a table to see its data here."));
}

} // namespace leyden::ui
