// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

class QLabel;

namespace leyden::ui {

// For text that others wrote: names of files, runs and columns, and sentences that hold them. It
// may look like HTML, and a word in it may be wider than the window.

/// The text with "…" in the middle of what is longer than `most` and cannot be broken into lines.
QString withShortWords(const QString& text, int most = 60);

/// The text as a tool tip that shows all of it as it stands.
QString plainToolTip(const QString& text);

/// Shows the text as it stands. What had to be shortened is whole in the label's tool tip.
void showPlainText(QLabel& label, const QString& text);

} // namespace leyden::ui
