// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/runs/run_folder_scanner.h"

#include "widgets/metrics/metric_store.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QJsonDocument>
#include <QJsonObject>
#include <QRegularExpression>
#include <QSysInfo>

#include <algorithm>
#include <array>
#include <exception>

namespace leyden::ui {
namespace {
constexpr int usualIntervalMs = 2000;
constexpr int debounceMs = 150;
constexpr int deepestRun = 6; // <save_dir, maybe several folders>/<name>/version_N
constexpr qint64 largestRunJson = 16 << 20;

RunState stateOf(const QString& text)
{
    constexpr std::array names{"running", "paused", "finished", "stopped", "failed", "crashed"};
    for (size_t i = 0; i < names.size(); ++i)
        if (text == QLatin1String(names[i]))
            return RunState(i);
    return RunState::Unknown;
}

bool isProcessGone(const QJsonObject& json)
{
    const auto pid = qint64(json.value(QLatin1String("pid")).toDouble());
    if (pid <= 0 || json.value(QLatin1String("host")).toString() != QSysInfo::machineHostName())
        return false;
#ifdef Q_OS_LINUX
    QFile stat(QStringLiteral("/proc/%1/stat").arg(pid));
    if (!stat.open(QIODevice::ReadOnly))
        return !QFileInfo::exists(QStringLiteral("/proc/%1").arg(pid));
    // Field 22, its start in clock ticks since boot, tells it from a later process of the same
    // number; the name in field 2 may hold blanks.
    const auto text = stat.readAll();
    const auto fields = text.mid(text.lastIndexOf(')') + 2).split(' ');
    const auto start = json.value(QLatin1String("pid_start")).toString();
    return !start.isEmpty() && fields.value(19) != start.toLatin1();
#else
    return false;
#endif
}

double numberOf(const QJsonValue& value)
{
    if (value.isDouble())
        return value.toDouble();
    bool isNumber = false; // JSON has no NaN: it stands there as a text
    const double number = value.toString().toDouble(&isNumber);
    return isNumber ? number : notANumber;
}

// The monitored best where the file names one, else the latest value of what people look at first.
void readBest(const QJsonObject& json, RunSummary& run)
{
    if (const auto best = json.value(QLatin1String("best")).toObject(); !best.isEmpty()) {
        run.bestName = best.value(QLatin1String("metric")).toString();
        run.bestValue = numberOf(best.value(QLatin1String("value")));
        return;
    }
    const auto metrics = json.value(QLatin1String("metrics")).toObject();
    const auto rank = [](const QString& name) {
        const auto family = metricFamily(name);
        return (name.startsWith(QLatin1String("val")) ? 0 : 10)
            + (family == QLatin1String("loss") ? 1
                    : guessedMode(name)        ? 0
                                               : 5);
    };
    for (auto at = metrics.begin(); at != metrics.end(); ++at)
        if (run.bestName.isEmpty() || rank(at.key()) < rank(run.bestName))
            run.bestName = at.key();
    if (!run.bestName.isEmpty())
        run.bestValue = numberOf(metrics.value(run.bestName));
}
// As ckpt_path = last finds it. Its step is in run.json, or was written a moment before the end and
// is in its name.
double newestCheckpointStep(const QString& folder, const QJsonObject& json)
{
    const auto known = json.value(QLatin1String("checkpoints")).toObject();
    const QDir run(folder);
    auto files = QDir(run.filePath(QStringLiteral("checkpoints")))
                     .entryInfoList({QStringLiteral("*.ckpt")}, QDir::Files);
    for (auto at = known.begin(); at != known.end(); ++at) {
        const QFileInfo file(run, at.key()); // may lie elsewhere (dirpath)
        if (file.exists() && !files.contains(file))
            files.append(file);
    }
    if (files.isEmpty())
        return -1.0;
    const auto newest = *std::max_element(files.begin(), files.end(),
        [](const QFileInfo& a, const QFileInfo& b) { return a.lastModified() < b.lastModified(); });
    auto told = known.value(run.relativeFilePath(newest.absoluteFilePath())).toObject();
    if (told.isEmpty())
        told = known.value(newest.absoluteFilePath()).toObject();
    if (!told.isEmpty())
        return told.value(QLatin1String("global_step")).toDouble(notANumber);
    static const QRegularExpression step(QStringLiteral("step=(\\d+)"));
    const auto match = step.match(newest.fileName());
    return match.hasMatch() ? match.captured(1).toDouble() : notANumber;
}
} // namespace

std::optional<RunSummary> readRunFolder(const QString& folder, const QString& name)
{
    QFile file(folder + QStringLiteral("/run.json"));
    if (file.size() > largestRunJson || !file.open(QIODevice::ReadOnly))
        return {};
    const auto document = QJsonDocument::fromJson(file.readAll());
    if (!document.isObject())
        return {};
    const auto json = document.object();
    RunSummary run;
    run.name = name;
    run.folder = folder;
    run.state = stateOf(json.value(QLatin1String("state")).toString());
    if ((run.state == RunState::Running || run.state == RunState::Paused) && isProcessGone(json))
        run.state = RunState::Crashed;
    if (run.state == RunState::Crashed)
        run.checkpointStep = newestCheckpointStep(folder, json);
    run.started
        = QDateTime::fromString(json.value(QLatin1String("started")).toString(), Qt::ISODateWithMs);
    run.ended
        = QDateTime::fromString(json.value(QLatin1String("ended")).toString(), Qt::ISODateWithMs);
    run.lastStep = json.value(QLatin1String("global_step")).toDouble();
    run.epoch = json.value(QLatin1String("epoch")).toDouble();
    run.device = json.value(QLatin1String("device")).toString();
    readBest(json, run);
    return run;
}

RunFolderScanner::RunFolderScanner(QObject* parent) : QObject(parent)
{
    m_debounce.setSingleShot(true);
    m_debounce.setInterval(debounceMs);
    m_timer.setInterval(usualIntervalMs);
    connect(&m_timer, &QTimer::timeout, this, &RunFolderScanner::rescan);
    connect(&m_debounce, &QTimer::timeout, this, &RunFolderScanner::rescan);
    connect(&m_watcher, &QFileSystemWatcher::directoryChanged, &m_debounce,
        qOverload<>(&QTimer::start));
}

void RunFolderScanner::setFolder(const QString& folder)
{
    m_folder = folder.isEmpty() ? QString() : QDir(folder).absolutePath();
    m_reader.forget(); // it may hang on the folder before
    m_isScanning = false;
    m_known.clear();
    m_isFirst = true;
    m_wasThere = false;
    if (std::exchange(m_isGone, false))
        Q_EMIT folderGone(false);
    if (!m_watcher.directories().isEmpty())
        m_watcher.removePaths(m_watcher.directories());
    m_timer.start();
    rescan();
}

void RunFolderScanner::setInterval(int ms)
{
    m_timer.setInterval(ms);
}

void RunFolderScanner::rescan()
{
    if (m_isScanning) {
        m_isWanted = true;
        return;
    }
    m_isScanning = true;
    m_isWanted = false;
    const auto read = [folder = m_folder, known = m_known] {
        try {
            return scanned(folder, known);
        } catch (const std::exception&) { // no memory: what was known stays
            Scan scan;
            scan.isFailed = true;
            return scan;
        }
    };
    m_reader.start(read, [this](const Scan& scan) { take(scan); });
}

bool RunFolderScanner::takeRun(
    Scan& scan, const QString& path, const QString& name, const QHash<QString, Known>& known)
{
    const QFileInfo file(path + QStringLiteral("/run.json"));
    if (!file.exists())
        return false;
    Known now{file.lastModified().toMSecsSinceEpoch(), file.size(), {}};
    const auto before = known.constFind(path);
    const bool isSame = before != known.cend() && before->run && before->modified == now.modified
        && before->size == now.size && before->run->state != RunState::Running
        && before->run->state != RunState::Paused;
    now.run = isSame ? before->run : readRunFolder(path, name);
    if (now.run)
        scan.runs += *now.run;
    scan.known.insert(path, std::move(now));
    return true;
}

RunFolderScanner::Scan RunFolderScanner::scanned(
    const QString& folder, const QHash<QString, Known>& known)
{
    Scan scan;
    const QDir root(folder);
    if (folder.isEmpty() || !root.exists())
        return scan;
    scan.isThere = true;
    QStringList level{root.absolutePath()};
    for (int depth = 0; depth < deepestRun && !level.isEmpty(); ++depth) {
        QStringList next;
        for (const auto& path : std::as_const(level)) {
            scan.watched += path;
            const QDir here(path);
            for (const auto& name : here.entryList(QDir::Dirs | QDir::NoDotAndDotDot)) {
                const auto below = here.filePath(name);
                if (!takeRun(scan, below,
                        root.relativeFilePath(below).section(QLatin1Char('/'), -2), known))
                    next += below;
            }
        }
        level = next;
    }
    return scan;
}

void RunFolderScanner::take(Scan scan)
{
    m_isScanning = false;
    if (scan.isFailed)
        return; // the timer tries again
    m_known = std::move(scan.known);
    const auto watched = m_watcher.directories();
    QStringList added;
    for (const auto& path : scan.watched)
        if (!watched.contains(path))
            added += path;
    if (!added.isEmpty())
        m_watcher.addPaths(added);
    const bool isGone = m_wasThere && !scan.isThere;
    m_wasThere = m_wasThere || scan.isThere;
    if (isGone != std::exchange(m_isGone, isGone))
        Q_EMIT folderGone(isGone);
    if (std::exchange(m_isFirst, false) || scan.runs != m_runs) {
        m_runs = scan.runs;
        Q_EMIT runsChanged(m_runs);
    }
    if (m_isWanted)
        rescan();
}
} // namespace leyden::ui
