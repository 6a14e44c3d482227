// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/data/model_table_model.h"
#include "widgets/data/preview_panel.h"

class QTreeView;

namespace leyden::ui {

/// The layers of the config's model with their parameters; or why they cannot be shown.
class ModelTablePanel final : public PreviewPanel
{
    Q_OBJECT

public:
    explicit ModelTablePanel(QWidget* parent = nullptr);

    ModelTableModel* model() const { return m_model; }

public Q_SLOTS:
    void showTable(const leyden::ui::ModelTable& table);
    void clear(); ///< no config yet

private:
    void setupContent();
    void copy() const; ///< the table as tab-separated text
    QString totalsText(const ModelTable& table) const;

    ModelTableModel* m_model;
    QTreeView* m_view = nullptr;
};

} // namespace leyden::ui
