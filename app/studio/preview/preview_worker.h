// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/studio/preview/preview_builder.h"

#include <QFileSystemWatcher>
#include <QHash>
#include <QObject>
#include <QTimer>

#include <atomic>
#include <memory>
#include <utility>

namespace leyden::app {

/// Lives on ConfigPreview's thread.
class PreviewWorker final : public QObject
{
    Q_OBJECT

public:
    PreviewWorker(const Registry& registry, const QString& resourceFolder,
        std::shared_ptr<const std::atomic<quint64>> newest)
        : m_builder(registry, resourceFolder.toStdString()), m_newest(std::move(newest))
    {
    }

public Q_SLOTS:
    void look(quint64 number, const QByteArray& configText, const QString& configFolder);
    void forget() { m_builder.forget(); }

Q_SIGNALS:
    void dataReady(quint64 number, const leyden::ui::DataPreview& preview);
    void modelReady(quint64 number, const leyden::ui::ModelTable& table);
    void failed(quint64 number, int part, const QString& sentence);
    void problemsFound(quint64 number, const QList<leyden::ui::ConfigProblem>& problems);
    void namesFound(quint64 number, const QString& kind, const QStringList& names);
    void filesChanged(); ///< of the last look's data
    void finished(quint64 number);

private:
    void watch(const QStringList& files);
    void compareFiles();

    PreviewBuilder m_builder;
    QFileSystemWatcher* m_watcher = nullptr; ///< of files and their folders; lives on this thread
    QTimer* m_quiet = nullptr;               ///< until nothing has been written for a moment
    QHash<QString, QString> m_stamps;        ///< of the watched files, as they were read
    std::shared_ptr<const std::atomic<quint64>> m_newest; ///< may outlive the ConfigPreview
};

} // namespace leyden::app
