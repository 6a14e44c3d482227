// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/runs/run_folder_scanner.h"

#include <QCoreApplication>
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QRegularExpression>
#include <QSysInfo>

#include <algorithm>
#include <cmath>
#include <exception>
#include <utility>

namespace leyden::ui {
namespace {
constexpr int usualIntervalMs = 2000;
constexpr int debounceMs = 150;
constexpr int deepestRun = 6; // <save_dir, maybe several folders>/<name>/version_N
constexpr qint64 largestJson = 16 << 20;

RunState stateOf(const QJsonObject& json)
{
    const auto text
        = [&json](const char* key) { return json.value(QLatin1String(key)).toString(); };
    const auto saved = json.value(QLatin1String("checkpoint_saved"));
    return runStateOf(text("state"), text("outcome"), // runs of before have neither
        saved.isBool() ? std::optional(saved.toBool()) : std::nullopt);
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

/// What the checkpoints of a run are judged by, else what it is stopped early by.
void findMonitor(const QString& folder, BestOfRun& best)
{
    const QFileInfo info(folder + QStringLiteral("/config.json"));
    const auto modified = info.exists() ? info.lastModified().toMSecsSinceEpoch() : 0;
    if (modified == best.configModified)
        return;
    best = {};
    best.configModified = modified;
    QFile file(info.filePath());
    if (file.size() > largestJson || !file.open(QIODevice::ReadOnly))
        return;
    const auto callbacks = QJsonDocument::fromJson(file.readAll())
                               .object()
                               .value(QLatin1String("trainer"))
                               .toObject()
                               .value(QLatin1String("callbacks"))
                               .toArray();
    for (const auto* kind : {"ModelCheckpoint", "EarlyStopping"})
        for (const auto& each : callbacks) {
            const auto callback = each.toObject();
            const auto args = callback.value(QLatin1String("init_args")).toObject();
            best.monitor = args.value(QLatin1String("monitor")).toString();
            if (callback.value(QLatin1String("class_path")).toString() != QLatin1String(kind)
                || best.monitor.isEmpty())
                continue;
            const bool isMax = args.value(QLatin1String("mode")).toString() == QLatin1String("max");
            best.mode = isMax ? MetricMode::Max : MetricMode::Min;
            return;
        }
    best.monitor.clear();
}

void readBest(const QString& folder, RunSummary& run, BestOfRun& best)
{
    findMonitor(folder, best);
    if (best.monitor.isEmpty())
        return;
    run.bestValue
        = best.column.read(folder + QStringLiteral("/metrics.csv"), best.monitor, best.mode);
    if (!std::isnan(run.bestValue))
        run.bestName = best.monitor;
}

RunSummary unreadable(const QString& folder, const QString& name, const QString& why)
{
    RunSummary run;
    run.name = name;
    run.folder = folder;
    run.state = RunState::Unreadable;
    run.problem = why;
    run.started = QFileInfo(folder).lastModified().toUTC();
    return run;
}

bool isLeftOfARun(const QString& folder)
{
    const auto has = [&folder](const char* name) {
        return QFileInfo::exists(folder + QLatin1Char('/') + QLatin1String(name));
    };
    return has("metrics.csv") || (has("config.json") && has("log.txt"));
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

std::optional<RunSummary> readRunFolder(const QString& folder, const QString& name, BestOfRun* best)
{
    const auto tr
        = [](const char* text) { return QCoreApplication::translate("RunFolderScanner", text); };
    QFile file(folder + QStringLiteral("/run.json"));
    if (!file.exists()) {
        if (isLeftOfARun(folder))
            return unreadable(folder, name, tr("its run.json is missing"));
        return {};
    }
    if (file.size() > largestJson || !file.open(QIODevice::ReadOnly))
        return unreadable(folder, name,
            tr("its run.json cannot be read: %1")
                .arg(file.size() > largestJson ? tr("it is far too large") : file.errorString()));
    QJsonParseError error;
    const auto document = QJsonDocument::fromJson(file.readAll(), &error);
    if (!document.isObject())
        return unreadable(folder, name,
            tr("its run.json is not a JSON object: %1 (at byte %2)")
                .arg(error.errorString(), QString::number(error.offset)));
    const auto json = document.object();
    RunSummary run;
    run.name = name;
    run.folder = folder;
    run.state = stateOf(json);
    if (isGoing(run.state) && isProcessGone(json))
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
    run.problem = json.value(QLatin1String("failure")).toString();
    BestOfRun ofThisLook;
    readBest(folder, run, best ? *best : ofThisLook);
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
    const bool hasJson = file.exists();
    if (!hasJson && !isLeftOfARun(path))
        return false;
    Known now;
    const auto before = known.constFind(path);
    if (before != known.cend())
        now.best = before->best;
    now.modified = hasJson ? file.lastModified().toMSecsSinceEpoch() : 0;
    now.size = hasJson ? file.size() : -1;
    const bool isSame = before != known.cend() && before->run && before->modified == now.modified
        && before->size == now.size && !isGoing(before->run->state)
        && (!hasJson || before->run->state != RunState::Unreadable);
    now.run = isSame ? before->run : readRunFolder(path, name, &now.best);
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
