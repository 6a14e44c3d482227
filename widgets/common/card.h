// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFrame>

namespace leyden::ui {

/// A rounded ground for what belongs together.
class Card final : public QFrame
{
    Q_OBJECT

public:
    using QFrame::QFrame;

protected:
    void paintEvent(QPaintEvent* event) override;
};

} // namespace leyden::ui
