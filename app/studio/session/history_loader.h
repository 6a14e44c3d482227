// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/studio/session/run_history.h"
#include "widgets/common/background_reader.h"

#include <QObject>

namespace leyden::app {

/// Reads runs of the past beside the window's thread; of several asked for, the last one counts.
class HistoryLoader final : public QObject
{
    Q_OBJECT

public:
    explicit HistoryLoader(QObject* parent = nullptr);

    void load(const QString& folder);
    void forget() { m_reader.forget(); } ///< what is being read is no longer wanted
    bool isBusy() const { return m_reader.isBusy(); }

Q_SIGNALS:
    void loaded(const leyden::app::RunHistory& history);

private:
    ui::BackgroundReader m_reader;
};

} // namespace leyden::app
