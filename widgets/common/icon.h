// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QIcon>
#include <QString>

namespace leyden::ui {

/// What an icon is drawn with. Muted and the states follow the theme.
enum class IconTone { Text, Muted, Accent, Error, Warning, Success };

/// Icons of the project (resources/icons), drawn in the colours of the application's palette at the
/// time of painting, so that a change of theme or screen needs no new icons.
namespace Icon {
/// `name` is the file's name without suffix, e.g. "play". An unknown name gives a null icon.
QIcon themed(const QString& name, IconTone tone = IconTone::Text);
/// That of the program, in its own colours.
QIcon application();
} // namespace Icon

} // namespace leyden::ui
