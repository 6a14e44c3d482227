// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/studio/bridge/run_values.h"

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

    void clear(const QString& text);
    void showNews(const EarlyStoppingNews& news);
    void showStop(const QString& reason); ///< asked for at the check that was shown last
    void setPatience(qint64 patience);

private:
    void refresh();

    EarlyStoppingNews m_news;
    QString m_stopReason;
    QLabel* m_title;
    QLabel* m_values;
    QProgressBar* m_patience;
};

} // namespace leyden::app
