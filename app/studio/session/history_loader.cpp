// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/session/history_loader.h"

#include <QDir>

#include <exception>

namespace leyden::app {

HistoryLoader::HistoryLoader(QObject* parent) : QObject(parent) { }

void HistoryLoader::load(const QString& folder)
{
    const auto read = [folder] {
        try {
            return readRunHistory(folder);
        } catch (const std::exception& error) { // of memory, most likely
            RunHistory history;
            history.folder = folder;
            history.problem
                = tr("%1 could not be read: %2")
                      .arg(QDir::toNativeSeparators(folder), QString::fromUtf8(error.what()));
            return history;
        }
    };
    m_reader.start(read, [this](const RunHistory& history) { Q_EMIT loaded(history); });
}

} // namespace leyden::app
