// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QToolBar>

class QActionGroup;

namespace leyden::app {

/// The views, one below the other at the window's left edge.
class ActivityBar final : public QToolBar
{
    Q_OBJECT

public:
    explicit ActivityBar(QActionGroup& views, QWidget* parent = nullptr);
};

} // namespace leyden::app
