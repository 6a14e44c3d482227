// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/preview/config_preview.h"

#include "app/studio/preview/let_go.h"
#include "app/studio/preview/preview_worker.h"

#include <QFileInfo>

#include <chrono>
#include <limits>

#ifdef Q_OS_LINUX
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

namespace leyden::app {

using namespace std::chrono_literals;

namespace {
constexpr auto patience = 2s;     // with an older look, before a newer one gets a worker of its own
constexpr size_t mostThreads = 8; // of which all but one hang
constexpr auto quiet = 300ms;     // after the last change of a file: somebody may still write it

/// Of the calling thread, and those that LibTorch starts for it: Linux knows a priority below the
/// usual one by this alone.
void yieldToRuns()
{
#ifdef Q_OS_LINUX
    constexpr int nice = 10;
    setpriority(PRIO_PROCESS, id_t(syscall(SYS_gettid)), nice);
#endif
}
} // namespace

void PreviewWorker::look(quint64 number, const QByteArray& configText, const QString& configFolder)
{
    const auto isStale = [&] { return m_newest->load() != number; };
    if (isStale()) {
        Q_EMIT finished(number);
        return;
    }
    const auto look = m_builder.look(configText, configFolder.toStdString(), isStale);
    if (look.data)
        Q_EMIT dataReady(number, *look.data);
    else if (!look.dataProblem.isEmpty())
        Q_EMIT failed(number, ConfigPreview::Data, look.dataProblem);
    if (look.model)
        Q_EMIT modelReady(number, *look.model);
    else if (!look.modelProblem.isEmpty())
        Q_EMIT failed(number, ConfigPreview::Model, look.modelProblem);
    if (!isStale() && !look.runProblems.isEmpty())
        Q_EMIT problemsFound(number, look.runProblems);
    if (!look.columns.isEmpty())
        Q_EMIT namesFound(number, QStringLiteral("columns"), look.columns);
    if (look.model)
        Q_EMIT namesFound(number, QStringLiteral("metrics"), look.metrics);
    watch(look.files);
    Q_EMIT finished(number);
}

void PreviewWorker::watch(const QStringList& files)
{
    if (!m_watcher) {
        m_watcher = new QFileSystemWatcher(this);
        m_quiet = new QTimer(this);
        m_quiet->setSingleShot(true);
        m_quiet->setInterval(quiet);
        connect(m_quiet, &QTimer::timeout, this, &PreviewWorker::compareFiles);
        const auto wait = [this] { m_quiet->start(); };
        connect(m_watcher, &QFileSystemWatcher::fileChanged, this, wait);
        connect(m_watcher, &QFileSystemWatcher::directoryChanged, this, wait);
    }
    QStringList wanted; // a file that comes is seen in its folder alone
    m_stamps.clear();
    for (const auto& file : files) {
        m_stamps[file] = fileStamp(file);
        wanted += {file, QFileInfo(file).absolutePath()};
    }
    if (const auto old = m_watcher->files() + m_watcher->directories(); !old.isEmpty())
        m_watcher->removePaths(old);
    wanted.removeIf([](const QString& path) { return !QFileInfo::exists(path); });
    wanted.removeDuplicates();
    if (!wanted.isEmpty())
        m_watcher->addPaths(wanted);
}

void PreviewWorker::compareFiles()
{
    bool isChanged = false;
    for (auto at = m_stamps.begin(); at != m_stamps.end(); ++at)
        if (const auto now = fileStamp(at.key()); now != *at) {
            *at = now;
            isChanged = true;
        }
    if (isChanged)
        Q_EMIT filesChanged();
}

ConfigPreview::ConfigPreview(
    const Registry& registry, const QString& resourceFolder, QObject* parent)
    : QObject(parent)
    , m_registry(registry)
    , m_resourceFolder(resourceFolder)
    , m_newest(std::make_shared<std::atomic<quint64>>(0))
{
    qRegisterMetaType<ui::DataPreview>();
    qRegisterMetaType<ui::ModelTable>();
    qRegisterMetaType<QList<ui::ConfigProblem>>();
    m_debounce.setSingleShot(true);
    m_debounce.setInterval(100ms); // beside the 250 of ConfigDocument::settled()
    connect(&m_debounce, &QTimer::timeout, this, &ConfigPreview::send);
    m_patience.setSingleShot(true);
    m_patience.setInterval(patience);
    connect(&m_patience, &QTimer::timeout, this, &ConfigPreview::replaceWorker);
    startWorker();
}

void ConfigPreview::startWorker()
{
    auto& thread = m_threads.emplace_back(std::make_unique<QThread>());
    m_worker = new PreviewWorker(m_registry, m_resourceFolder, m_newest); // dies with the thread
    m_worker->moveToThread(thread.get());
    connect(thread.get(), &QThread::finished, m_worker, &QObject::deleteLater);
    connect(this, &ConfigPreview::lookRequested, m_worker, &PreviewWorker::look);
    connect(m_worker, &PreviewWorker::dataReady, this, [this](quint64 number, const auto& preview) {
        if (number == m_newest->load())
            Q_EMIT dataReady(preview);
    });
    connect(m_worker, &PreviewWorker::modelReady, this, [this](quint64 number, const auto& table) {
        if (number == m_newest->load())
            Q_EMIT modelReady(table);
    });
    connect(m_worker, &PreviewWorker::failed, this,
        [this](quint64 number, int part, const QString& sentence) {
            if (number == m_newest->load())
                Q_EMIT failed(Part(part), sentence);
        });
    connect(m_worker, &PreviewWorker::problemsFound, this,
        [this](quint64 number, const QList<ui::ConfigProblem>& problems) {
            if (number == m_newest->load())
                Q_EMIT problemsFound(problems);
        });
    connect(m_worker, &PreviewWorker::namesFound, this,
        [this](quint64 number, const QString& kind, const QStringList& names) {
            if (number == m_newest->load())
                Q_EMIT namesFound(kind, names);
        });
    connect(m_worker, &PreviewWorker::filesChanged, this, &ConfigPreview::filesChanged);
    connect(this, &ConfigPreview::forgetRequested, m_worker, &PreviewWorker::forget);
    connect(m_worker, &PreviewWorker::finished, this, [this](quint64 number) {
        m_patience.stop();
        m_isBusy = number != m_sent;
    });
    thread->setObjectName(QStringLiteral("preview"));
    connect(thread.get(), &QThread::started, m_worker, &yieldToRuns, Qt::DirectConnection);
    thread->start(QThread::LowPriority);
}

void ConfigPreview::replaceWorker()
{
    std::erase_if(m_threads, [](const auto& thread) { return thread->isFinished(); });
    if (m_threads.size() >= mostThreads)
        return;
    m_worker->disconnect(this);
    disconnect(this, nullptr, m_worker, nullptr);
    m_threads.back()->quit(); // once its disk answers
    m_isBusy = false;
    startWorker();
    send();
}

ConfigPreview::~ConfigPreview()
{
    m_newest->store(std::numeric_limits<quint64>::max()); // what waits is stale
    for (auto& thread : m_threads)
        thread->quit();
    waitAndLetGo(std::move(m_threads));
}

void ConfigPreview::request(const QString& configText, const QString& configFolder)
{
    m_configText = configText.toUtf8();
    m_configFolder = configFolder;
    ++*m_newest;
    m_debounce.start();
}

void ConfigPreview::forget()
{
    Q_EMIT forgetRequested();
}

void ConfigPreview::send()
{
    m_debounce.stop();
    if (m_isBusy && !m_patience.isActive())
        m_patience.start(); // with what it is at; it may hang in a disk
    m_isBusy = true;
    m_sent = m_newest->load();
    Q_EMIT started();
    Q_EMIT lookRequested(m_sent, m_configText, m_configFolder);
}

} // namespace leyden::app
