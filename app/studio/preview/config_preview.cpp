// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/preview/config_preview.h"

#include "app/studio/preview/preview_worker.h"

#include <QDeadlineTimer>

#include <chrono>
#include <limits>

namespace leyden::app {

using namespace std::chrono_literals;

namespace {
constexpr auto farewell = 3s; // to a look that is being taken; most take a tenth of it
}

void PreviewWorker::look(quint64 number, const QByteArray& configText, const QString& configFolder)
{
    const auto isStale = [&] { return m_newest->load() != number; };
    if (isStale())
        return;
    const auto look = m_builder.look(configText, configFolder.toStdString(), isStale);
    if (look.data)
        Q_EMIT dataReady(number, *look.data);
    else if (!look.dataProblem.isEmpty())
        Q_EMIT failed(number, ConfigPreview::Data, look.dataProblem);
    if (look.model)
        Q_EMIT modelReady(number, *look.model);
    else if (!look.modelProblem.isEmpty())
        Q_EMIT failed(number, ConfigPreview::Model, look.modelProblem);
}

ConfigPreview::ConfigPreview(
    const Registry& registry, const QString& resourceFolder, QObject* parent)
    : QObject(parent)
    , m_thread(std::make_unique<QThread>())
    , m_newest(std::make_shared<std::atomic<quint64>>(0))
{
    qRegisterMetaType<ui::DataPreview>();
    qRegisterMetaType<ui::ModelTable>();
    m_debounce.setSingleShot(true);
    m_debounce.setInterval(100ms); // beside the 250 of ConfigDocument::settled()
    connect(&m_debounce, &QTimer::timeout, this, &ConfigPreview::send);

    auto* worker = new PreviewWorker(registry, resourceFolder, m_newest); // dies with the thread
    worker->moveToThread(m_thread.get());
    connect(m_thread.get(), &QThread::finished, worker, &QObject::deleteLater);
    connect(this, &ConfigPreview::lookRequested, worker, &PreviewWorker::look);
    connect(worker, &PreviewWorker::dataReady, this, [this](quint64 number, const auto& preview) {
        if (number == m_newest->load())
            Q_EMIT dataReady(preview);
    });
    connect(worker, &PreviewWorker::modelReady, this, [this](quint64 number, const auto& table) {
        if (number == m_newest->load())
            Q_EMIT modelReady(table);
    });
    connect(worker, &PreviewWorker::failed, this,
        [this](quint64 number, int part, const QString& sentence) {
            if (number == m_newest->load())
                Q_EMIT failed(Part(part), sentence);
        });
    m_thread->setObjectName(QStringLiteral("preview"));
    m_thread->start(QThread::LowPriority);
}

ConfigPreview::~ConfigPreview()
{
    m_newest->store(std::numeric_limits<quint64>::max()); // what waits is stale
    m_thread->quit();
    if (!m_thread->wait(QDeadlineTimer(farewell))) {
        auto* thread = m_thread.release(); // it hangs in a read of a disk that does not answer; nobody waits for that
        connect(thread, &QThread::finished, thread, &QObject::deleteLater);
    }
}

void ConfigPreview::request(const QString& configText, const QString& configFolder)
{
    m_configText = configText.toUtf8();
    m_configFolder = configFolder;
    ++*m_newest;
    if (m_isSuspended)
        m_isWaiting = true;
    else
        m_debounce.start();
}

void ConfigPreview::setSuspended(bool isSuspended)
{
    m_isSuspended = isSuspended;
    if (isSuspended && m_debounce.isActive()) {
        m_debounce.stop();
        m_isWaiting = true;
    } else if (!isSuspended && m_isWaiting) {
        m_isWaiting = false;
        m_debounce.start();
    }
}

void ConfigPreview::send()
{
    Q_EMIT started();
    Q_EMIT lookRequested(m_newest->load(), m_configText, m_configFolder);
}

} // namespace leyden::app
