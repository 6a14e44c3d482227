// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/studio/preview/preview_builder.h"

#include <QObject>

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

Q_SIGNALS:
    void dataReady(quint64 number, const leyden::ui::DataPreview& preview);
    void modelReady(quint64 number, const leyden::ui::ModelTable& table);
    void failed(quint64 number, int part, const QString& sentence);
    void problemsFound(quint64 number, const QList<leyden::ui::ConfigProblem>& problems);
    void finished(quint64 number);

private:
    PreviewBuilder m_builder;
    std::shared_ptr<const std::atomic<quint64>> m_newest; ///< may outlive the ConfigPreview
};

} // namespace leyden::app
