// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/start/preset_button.h"

#include "widgets/common/card.h"
#include "widgets/common/elided_label.h"
#include "widgets/common/theme.h"

#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QPainter>
#include <QVBoxLayout>

#include <cmath>

namespace leyden::ui {
namespace {

QString aboutText(double seconds)
{
    if (seconds < 1.0)
        return PresetButton::tr("under 1 s");
    if (seconds < 90.0)
        return PresetButton::tr("about %1 s").arg(std::lround(seconds));
    if (seconds < 90.0 * 60.0)
        return PresetButton::tr("about %1 min").arg(std::lround(seconds / 60.0));
    return PresetButton::tr("about %1 h").arg(std::lround(seconds / 3600.0));
}

} // namespace

PresetButton::PresetButton(const PresetCard& preset, QWidget* parent)
    : QAbstractButton(parent), m_name(preset.name)
{
    setObjectName(QStringLiteral("preset-") + preset.name);
    setAccessibleName(preset.title);
    setAccessibleDescription(
        QStringList{preset.summary, preset.hint, preset.data}.join(QLatin1Char('\n')));
    setFocusPolicy(Qt::StrongFocus);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding); // all of a row are one height
    setCursor(Qt::PointingHandCursor);
    setAttribute(Qt::WA_Hover);
    auto* title = new QLabel(preset.title, this);
    auto font = title->font();
    font.setBold(true);
    font.setPointSizeF(font.pointSizeF() * 1.1);
    title->setFont(font);
    auto* summary = new QLabel(preset.summary, this);
    summary->setWordWrap(true);
    summary->setTextFormat(Qt::PlainText);
    auto* rows = new QLabel(preset.data, this);
    rows->setWordWrap(true);
    rows->setTextFormat(Qt::PlainText);
    rows->setForegroundRole(QPalette::PlaceholderText);
    auto* foot = new QHBoxLayout;
    auto* name = new ElidedLabel(preset.name, this);
    name->setForegroundRole(QPalette::PlaceholderText);
    foot->addWidget(name, 1);
    if (preset.seconds > 0.0) {
        auto* about = new QLabel(aboutText(preset.seconds), this);
        about->setObjectName(QStringLiteral("presetTime"));
        about->setToolTip(
            tr("Measured on two cores; the studio shows the time left while it runs"));
        about->setForegroundRole(QPalette::PlaceholderText);
        foot->addWidget(about);
    }
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(16, 14, 16, 12);
    layout->setSpacing(6);
    layout->addWidget(title);
    layout->addWidget(summary);
    if (!preset.hint.isEmpty()) {
        auto* hint = new QLabel(preset.hint, this);
        hint->setObjectName(QStringLiteral("presetHint"));
        hint->setWordWrap(true);
        hint->setTextFormat(Qt::PlainText);
        hint->setForegroundRole(QPalette::Link);
        layout->addWidget(hint);
    }
    layout->addStretch();
    layout->addSpacing(4);
    layout->addWidget(rows);
    layout->addLayout(foot);
    for (auto* child : findChildren<QWidget*>())
        child->setAttribute(Qt::WA_TransparentForMouseEvents); // the card as a whole is the button
}

void PresetButton::paintEvent(QPaintEvent*)
{
    const auto colors = themeColors(palette());
    QPainter painter(this);
    const auto isHot = underMouse() || hasFocus();
    paintCard(
        painter, rect(), palette(), isHot ? colors.accent : colors.border, hasFocus() ? 2.0 : 1.0);
    if (isDown()) {
        auto wash = colors.accent;
        wash.setAlpha(24);
        painter.setPen(Qt::NoPen);
        painter.setBrush(wash);
        painter.drawRoundedRect(QRectF(rect()).adjusted(1, 1, -1, -1), 6, 6);
    }
}

void PresetButton::keyPressEvent(QKeyEvent* event)
{
    if (event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter)
        click();
    else
        QAbstractButton::keyPressEvent(event);
}

} // namespace leyden::ui
