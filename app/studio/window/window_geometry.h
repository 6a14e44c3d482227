// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QRect>

namespace leyden::app {

/// Room that the window manager's frame takes, as far as it is known before the window is shown.
constexpr int frameTop = 36;
constexpr int frameElse = 6;

/// Below this width of the screen a first window takes all of it.
constexpr int smallScreen = 1440;

/// The geometry of a window, without its frame, so that all of it lies on the screen: smaller where
/// it has to be, moved where that is enough.
inline QRect fittedGeometry(const QRect& wanted, const QRect& available)
{
    const auto room = available.adjusted(frameElse, frameTop, -frameElse, -frameElse);
    QRect fitted(wanted.topLeft(), wanted.size().boundedTo(room.size()));
    fitted.moveLeft(qBound(room.left(), fitted.left(), room.right() + 1 - fitted.width()));
    fitted.moveTop(qBound(room.top(), fitted.top(), room.bottom() + 1 - fitted.height()));
    return fitted;
}

} // namespace leyden::app
