// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/start/preset_grid.h"

#include <QGridLayout>

#include <algorithm>

namespace leyden::ui {
namespace {
constexpr int narrowestCard = 215;
constexpr int cardGap = 12;
constexpr int mostColumns = 3;
} // namespace

PresetGrid::PresetGrid(QWidget* parent) : QWidget(parent), m_layout(new QGridLayout(this))
{
    m_layout->setContentsMargins(0, 0, 0, 0);
    m_layout->setSpacing(cardGap);
    setMinimumWidth(narrowestCard); // not that of the columns it has at the moment
}

void PresetGrid::setPresets(const QList<PresetCard>& presets)
{
    qDeleteAll(m_buttons);
    m_buttons.clear();
    for (const auto& preset : presets) {
        auto* button = new PresetButton(preset, this);
        connect(button, &QAbstractButton::clicked, this,
            [this, name = preset.name] { Q_EMIT chosen(name); });
        m_buttons += button;
    }
    m_columns = 0;
    arrange(fittingColumns());
}

void PresetGrid::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    arrange(fittingColumns());
}

int PresetGrid::fittingColumns() const
{
    const auto fit = std::clamp((width() + cardGap) / (narrowestCard + cardGap), 1, mostColumns);
    const auto count = std::max(1, int(m_buttons.size()));
    const auto rows = (count + fit - 1) / fit;
    return (count + rows - 1) / rows; // four cards stand two by two rather than three and one
}

void PresetGrid::arrange(int columns)
{
    if (columns == m_columns)
        return;
    m_columns = columns;
    for (auto* button : std::as_const(m_buttons))
        m_layout->removeWidget(button);
    for (int i = 0; i < m_buttons.size(); ++i)
        m_layout->addWidget(m_buttons[i], i / columns, i % columns);
    for (int column = 0; column < mostColumns; ++column)
        m_layout->setColumnStretch(column, column < columns ? 1 : 0);
}

} // namespace leyden::ui
