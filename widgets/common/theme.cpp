// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/common/theme.h"

#include "widgets/common/studio_style.h"

#include <QApplication>
#include <QPixmapCache>
#include <QStyleHints>

#include <cmath>
#include <initializer_list>

namespace leyden::ui {

namespace {

struct Swatch
{
    QPalette::ColorRole role;
    const char* light;
    const char* dark;
};

// Checked for contrast by tst_theme.
constexpr Swatch swatches[] = {
    {QPalette::Window, "#f4f5f7", "#1d2025"},
    {QPalette::WindowText, "#1b1f26", "#e6e9ee"},
    {QPalette::Base, "#ffffff", "#15171b"},
    {QPalette::AlternateBase, "#f7f8fa", "#1a1d21"},
    {QPalette::Text, "#1b1f26", "#e6e9ee"},
    {QPalette::PlaceholderText, "#606a78", "#98a2b0"},
    {QPalette::Button, "#f9fafb", "#2b2f36"},
    {QPalette::ButtonText, "#1b1f26", "#e6e9ee"},
    {QPalette::BrightText, "#ffffff", "#ffffff"},
    {QPalette::Highlight, "#2563eb", "#2f6bdf"},
    {QPalette::HighlightedText, "#ffffff", "#ffffff"},
    {QPalette::Link, "#1d56d1", "#8ab4ff"},
    {QPalette::LinkVisited, "#6b3fc4", "#c0a3ff"},
    {QPalette::ToolTipBase, "#1f242c", "#383d46"},
    {QPalette::ToolTipText, "#f4f5f7", "#f1f3f6"},
    {QPalette::Light, "#ffffff", "#383d46"},
    {QPalette::Midlight, "#e9ecf0", "#30343b"},
    {QPalette::Mid, "#ced3db", "#4b525d"},
    {QPalette::Dark, "#aab1bd", "#101215"},
    {QPalette::Shadow, "#6d7683", "#000000"},
};

double luminance(const QColor& color)
{
    const auto linear = [](double part) {
        return part <= 0.04045 ? part / 12.92 : std::pow((part + 0.055) / 1.055, 2.4);
    };
    return 0.2126 * linear(color.redF()) + 0.7152 * linear(color.greenF())
        + 0.0722 * linear(color.blueF());
}

} // namespace

bool isDark(const QPalette& palette)
{
    return luminance(palette.color(QPalette::Window))
        < luminance(palette.color(QPalette::WindowText));
}

double contrastRatio(const QColor& a, const QColor& b)
{
    const auto first = luminance(a) + 0.05;
    const auto second = luminance(b) + 0.05;
    return qMax(first, second) / qMin(first, second);
}

ThemeColors themeColors(const QPalette& palette)
{
    const auto muted = palette.color(QPalette::Active, QPalette::PlaceholderText);
    if (isDark(palette))
        return {QColor(0x8ab4ff), muted, QColor(0xff8b82), QColor(0xf0b64a), QColor(0x6fcf97),
            QColor(0x363b44), QColor(0x24282e)};
    return {QColor(0x1d56d1), muted, QColor(0xb3261e), QColor(0x8a5a00), QColor(0x1a7438),
        QColor(0xd9dde3), QColor(0xffffff)};
}

QPalette themePalette(bool dark)
{
    QPalette palette;
    for (const auto& swatch : swatches)
        palette.setColor(swatch.role, QColor(QLatin1String(dark ? swatch.dark : swatch.light)));
    const QColor disabled(QLatin1String(dark ? "#737c89" : "#8a929e"));
    for (const auto role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText,
             QPalette::PlaceholderText, QPalette::HighlightedText})
        palette.setColor(QPalette::Disabled, role, disabled);
    palette.setColor(QPalette::Disabled, QPalette::Highlight,
        QColor(QLatin1String(dark ? "#3a3f48" : "#d9dde3")));
    palette.setColor(QPalette::Disabled, QPalette::Base, palette.color(QPalette::Window));
    return palette;
}

Theme::Theme(QObject* parent)
    : QObject(parent), m_systemWasDark(ui::isDark(QApplication::palette()))
{
    QApplication::setStyle(new StudioStyle); // the application owns it
#if QT_VERSION >= QT_VERSION_CHECK(6, 5, 0)
    connect(QGuiApplication::styleHints(), &QStyleHints::colorSchemeChanged, this, &Theme::apply);
#else
    qApp->installEventFilter(this);
#endif
    apply();
}

void Theme::setMode(ThemeMode mode)
{
    if (mode == m_mode)
        return;
    m_mode = mode;
    apply();
}

bool Theme::eventFilter(QObject* watched, QEvent* event)
{
    // Below Qt 6.5 a switch of the system's theme arrives as a palette that is not ours.
    if (watched == qApp && event->type() == QEvent::ApplicationPaletteChange) {
        const auto dark = ui::isDark(QApplication::palette());
        if (dark != m_isDark) {
            m_systemWasDark = dark;
            apply();
        }
    }
    return QObject::eventFilter(watched, event);
}

bool Theme::systemIsDark() const
{
#if QT_VERSION >= QT_VERSION_CHECK(6, 5, 0)
    const auto scheme = QGuiApplication::styleHints()->colorScheme();
    if (scheme != Qt::ColorScheme::Unknown)
        return scheme == Qt::ColorScheme::Dark;
#endif
    return m_systemWasDark;
}

void Theme::apply()
{
    m_isDark = m_mode == ThemeMode::System ? systemIsDark() : m_mode == ThemeMode::Dark;
    QPixmapCache::clear(); // icons of the other colours
    QApplication::setPalette(themePalette(m_isDark));
    Q_EMIT changed(m_isDark);
}

} // namespace leyden::ui
