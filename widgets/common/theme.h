// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QColor>
#include <QObject>
#include <QPalette>

namespace leyden::ui {

enum class ThemeMode { System, Light, Dark };

/// Colours that a QPalette has no role for. Each has a contrast of 4.5:1 or more on the window's
/// and the base's colour of its theme.
struct ThemeColors
{
    QColor accent; ///< marks of changed values, links
    QColor muted;  ///< help lines, units
    QColor error;
    QColor warning;
    QColor success;
    QColor border; ///< of cards and separators; only decoration
    QColor card;   ///< ground of cards
};

bool isDark(const QPalette& palette);
ThemeColors themeColors(const QPalette& palette);
QPalette themePalette(bool dark);

/// (L1 + 0.05) / (L2 + 0.05) of WCAG 2, from 1 to 21.
double contrastRatio(const QColor& a, const QColor& b);

/// Puts Fusion with a palette of ours on the application, and follows the system where it should.
/// One lives as long as the application.
class Theme final : public QObject
{
    Q_OBJECT

public:
    explicit Theme(QObject* parent = nullptr);

    ThemeMode mode() const { return m_mode; }
    void setMode(ThemeMode mode);
    bool isDark() const { return m_isDark; }

Q_SIGNALS:
    void changed(bool isDark);

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    bool systemIsDark() const;
    void apply();

    ThemeMode m_mode = ThemeMode::System;
    bool m_isDark = false;
    bool m_systemWasDark = false; ///< as the palette said before ours was set; for Qt below 6.5
};

} // namespace leyden::ui
