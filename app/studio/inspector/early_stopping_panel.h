// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/studio/session/run_history.h"

#include <QWidget>

class QLabel;
class QProgressBar;

namespace leyden::app {

/// The monitored metric of EarlyStopping, its best so far, and how much patience is left.
class EarlyStoppingPanel final : public QWidget
{
    Q_OBJECT

public:
    explicit EarlyStoppingPanel(QWidget* parent = nullptr);

    /// `isRun`: it is that of a run, which may have none. `isOn`: further checks will come.
    void showState(const EarlyStoppingState& state, bool isRun, bool isOn);

private:
    void showWords(const QString& text);

    QLabel* m_title;
    QLabel* m_values;
    QProgressBar* m_patience;
};

} // namespace leyden::app
