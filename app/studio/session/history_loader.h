// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/studio/session/run_history.h"

#include <QObject>
#include <QThreadPool>

namespace leyden::app {

/// Reads runs of the past on a thread of its own; of several asked for, the last one counts.
class HistoryLoader final : public QObject
{
    Q_OBJECT

public:
    explicit HistoryLoader(QObject* parent = nullptr);
    ~HistoryLoader() override;

    void load(const QString& folder);
    void forget() { ++m_request; } ///< what is being read is no longer wanted

Q_SIGNALS:
    void loaded(const leyden::app::RunHistory& history);

private:
    QThreadPool m_pool;
    int m_request = 0;
};

} // namespace leyden::app
