// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/start/preset_button.h"

#include <QList>
#include <QWidget>

class QGridLayout;

namespace leyden::ui {

/// Cards of one size, as many beside each other as fit.
class PresetGrid final : public QWidget
{
    Q_OBJECT

public:
    explicit PresetGrid(QWidget* parent = nullptr);

    void setPresets(const QList<PresetCard>& presets);
    const QList<PresetButton*>& buttons() const { return m_buttons; }
    int columns() const { return m_columns; }

Q_SIGNALS:
    void chosen(const QString& name);

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    int fittingColumns() const;
    void arrange(int columns);

    QGridLayout* m_layout;
    QList<PresetButton*> m_buttons;
    int m_columns = 0;
};

} // namespace leyden::ui
