// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/common/studio_style.h"

#include "widgets/common/theme.h"

#include <QPainter>
#include <QStyleFactory>
#include <QStyleOption>

#include <algorithm>

namespace leyden::ui {
namespace {

constexpr int arrowRoom = 14; // of a button with a menu
constexpr int arrowSize = 8;
constexpr int rowAir = 5; // above and below the text of a row, together

/// In the dark theme, Fusion's own outline is hardly to be seen.
void outline(QPainter& painter, const QRect& rect, const QColor& color, double radius)
{
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setBrush(Qt::NoBrush);
    painter.setPen(color);
    painter.drawRoundedRect(QRectF(rect).adjusted(0.5, 0.5, -0.5, -0.5), radius, radius);
    painter.restore();
}

bool isFaint(const QStyleOption& option)
{
    return isDark(option.palette) && !option.state.testFlag(QStyle::State_HasFocus);
}

/// The whole button opens the menu; one with a part of its own for it draws its arrow there.
bool opensMenu(const QStyleOptionToolButton& button)
{
    return button.features.testFlag(QStyleOptionToolButton::HasMenu)
        && !button.features.testFlag(QStyleOptionToolButton::MenuButtonPopup);
}

} // namespace

StudioStyle::StudioStyle() : QProxyStyle(QStyleFactory::create(QStringLiteral("Fusion"))) { }

void StudioStyle::drawPrimitive(PrimitiveElement element, const QStyleOption* option,
    QPainter* painter, const QWidget* widget) const
{
    QProxyStyle::drawPrimitive(element, option, painter, widget);
    switch (element) {
    case PE_PanelLineEdit: {
        const auto* frame = qstyleoption_cast<const QStyleOptionFrame*>(option);
        if (frame && frame->lineWidth > 0 && isFaint(*option))
            outline(*painter, option->rect, option->palette.color(QPalette::Mid), 2.5);
        break;
    }
    case PE_IndicatorCheckBox:
    case PE_IndicatorItemViewItemCheck:
        if (isDark(option->palette))
            outline(*painter, option->rect, themeColors(option->palette).muted, 1.0);
        break;
    default:
        break;
    }
}

void StudioStyle::drawComplexControl(ComplexControl control, const QStyleOptionComplex* option,
    QPainter* painter, const QWidget* widget) const
{
    const auto* button = qstyleoption_cast<const QStyleOptionToolButton*>(option);
    if (control == CC_ToolButton && button && opensMenu(*button)) {
        auto plain = *button;
        plain.features
            &= ~QStyleOptionToolButton::ToolButtonFeatures(QStyleOptionToolButton::HasMenu);
        QProxyStyle::drawComplexControl(control, &plain, painter, widget);
        QStyleOption arrow = *option;
        arrow.rect = QRect(0, 0, arrowSize, arrowSize);
        arrow.rect.moveCenter(option->rect.center());
        arrow.rect.moveRight(option->rect.right() - (arrowRoom - arrowSize) / 2);
        proxy()->drawPrimitive(PE_IndicatorArrowDown, &arrow, painter, widget);
        return;
    }
    QProxyStyle::drawComplexControl(control, option, painter, widget);
    const auto* box = qstyleoption_cast<const QStyleOptionComboBox*>(option);
    if (control != CC_ComboBox || !box || !box->frame)
        return;
    if (option->state.testFlag(QStyle::State_HasFocus)) // Fusion tells of it after a key alone
        outline(*painter, option->rect, option->palette.color(QPalette::Highlight), 2.5);
    else if (isFaint(*option))
        outline(*painter, option->rect, option->palette.color(QPalette::Mid), 2.5);
}

QSize StudioStyle::sizeFromContents(
    ContentsType type, const QStyleOption* option, const QSize& size, const QWidget* widget) const
{
    auto needed = QProxyStyle::sizeFromContents(type, option, size, widget);
    if (type == CT_ItemViewItem) {
        needed.setHeight(std::max(needed.height(), option->fontMetrics.height() + rowAir));
    } else if (type == CT_ToolButton) {
        const auto* button = qstyleoption_cast<const QStyleOptionToolButton*>(option);
        if (button && opensMenu(*button))
            needed.rwidth() += arrowRoom;
    }
    return needed;
}

int StudioStyle::styleHint(
    StyleHint hint, const QStyleOption* option, const QWidget* widget, QStyleHintReturn* data) const
{
    return hint == SH_DialogButtonBox_ButtonsHaveIcons
        ? 0
        : QProxyStyle::styleHint(hint, option, widget, data);
}

} // namespace leyden::ui
