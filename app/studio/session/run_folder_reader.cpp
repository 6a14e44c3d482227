// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/session/run_folder_reader.h"

#include "engine/callbacks/early_stopping.h"
#include "widgets/config/json_pointer.h"
#include "widgets/config/json_text.h"

#include <QCoreApplication>
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QJsonDocument>
#include <QJsonObject>

#include <algorithm>
#include <cmath>
#include <tuple>
#include <utility>

namespace leyden::app {
namespace {

constexpr qint64 mostLog = 8 << 20; // bytes of a log that are shown at first: its end

QString words(const char* text)
{
    return QCoreApplication::translate("leyden::app::RunHistory", text);
}

ui::LogLevel levelOf(const QByteArray& word)
{
    return word == "debug"  ? ui::LogLevel::Debug
        : word == "warning" ? ui::LogLevel::Warning
        : word == "error"   ? ui::LogLevel::Error
                            : ui::LogLevel::Info;
}

double optionOf(const ui::Json& config, const char* kind, const char* option, double otherwise)
{
    const auto* callbacks
        = ui::findValue(config, ui::pointerTokens(QStringLiteral("/trainer/callbacks")));
    if (callbacks && callbacks->is_array())
        for (const auto& callback : *callbacks) {
            const auto* value
                = ui::findValue(callback, {QStringLiteral("init_args"), QLatin1String(option)});
            if (ui::classPathOf(&callback) == QLatin1String(kind) && value && value->is_number())
                return value->get<double>();
        }
    return otherwise;
}

/// What EarlyStopping watches; null: there is none.
const WatchedMetric* stoppingMetric(const QList<WatchedMetric>& watched)
{
    const auto found = std::find_if(watched.begin(), watched.end(),
        [](const WatchedMetric& each) { return !each.isOfCheckpoints; });
    return found == watched.end() ? nullptr : &*found;
}

} // namespace

QList<ui::LogEntry> parseLog(const QByteArray& text)
{
    constexpr qsizetype timeSize = 24; // 2026-11-24T12:44:43.123Z
    QList<ui::LogEntry> entries;
    for (const auto& line : text.split('\n')) {
        if (line.isEmpty())
            continue;
        const auto time = line.size() > timeSize + 8 && line[10] == 'T' && line[timeSize - 1] == 'Z'
            ? QDateTime::fromString(QString::fromLatin1(line.left(timeSize)), Qt::ISODateWithMs)
            : QDateTime();
        ui::LogEntry entry;
        entry.time = time.isValid() ? time.toLocalTime()
            : entries.isEmpty()     ? QDateTime()
                                    : entries.last().time;
        entry.level
            = time.isValid() ? levelOf(line.mid(timeSize + 1, 7).trimmed()) : ui::LogLevel::Info;
        entry.text = QString::fromUtf8(time.isValid() ? line.mid(timeSize + 9) : line);
        entries.append(entry);
    }
    // A table that opens the log is as old as what follows it.
    const auto timed = std::find_if(entries.cbegin(), entries.cend(),
        [](const ui::LogEntry& entry) { return entry.time.isValid(); });
    if (timed == entries.cend())
        return entries;
    const auto first = timed->time;
    for (auto& entry : entries) {
        if (entry.time.isValid())
            break;
        entry.time = first;
    }
    return entries;
}

bool RowTimesReader::read()
{
    QFile file(m_path);
    if (!file.open(QIODevice::ReadOnly)) {
        m_times.clear();
        m_offset = 0;
        return false;
    }
    if (file.size() < m_offset) { // cut by a resume
        m_times.clear();
        m_offset = 0;
    }
    file.seek(m_offset);
    const auto text = file.readAll();
    const auto end = text.lastIndexOf('\n') + 1;
    for (qsizetype at = 0; at < end;) {
        const auto lineEnd = text.indexOf('\n', at);
        const auto cells = text.mid(at, lineEnd - at).split(',');
        at = lineEnd + 1;
        bool isNumber = false;
        const auto row = cells.value(0).toLongLong(&isNumber);
        if (!isNumber || cells.size() != 3 || row < 0 || row > qint64(m_times.size()) + (1 << 24))
            continue; // the header
        if (row >= qint64(m_times.size()))
            m_times.resize(size_t(row) + 1, {ui::notANumber, ui::notANumber});
        m_times[size_t(row)] = {cells[1].toDouble(), cells[2].toDouble()};
    }
    m_offset += end;
    return true;
}

std::pair<double, double> RowTimesReader::of(qsizetype row) const
{
    return row < count() ? m_times[size_t(row)] : std::pair(ui::notANumber, ui::notANumber);
}

RunFolderReader::RunFolderReader(const QString& folder)
    : m_folder(folder)
    , m_metrics(folder + QStringLiteral("/metrics.csv"))
    , m_times(folder + QStringLiteral("/times.csv"))
{
    m_history.folder = folder;
}

QString RunFolderReader::path(const char* file) const
{
    return m_folder + QLatin1Char('/') + QLatin1String(file);
}

RunFolderReader::Stamp RunFolderReader::stampOf(const QString& path)
{
    const QFileInfo info(path);
    return info.exists() ? Stamp{info.lastModified().toMSecsSinceEpoch(), info.size()}
                         : Stamp{0, -1};
}

bool RunFolderReader::isChanged(const QString& file, Stamp& stamp) const
{
    const auto before = std::exchange(stamp, stampOf(file));
    return !(before == stamp);
}

RunHistory RunFolderReader::read()
{
    m_history.isWhole = m_isFirst;
    m_history.isNews = m_isFirst;
    m_history.rows.clear();
    m_history.log.clear();
    if (!QFileInfo(m_folder).isDir()) {
        RunHistory gone;
        gone.folder = m_folder;
        gone.problem = words("The run folder %1 does not exist any more.")
                           .arg(QDir::toNativeSeparators(m_folder));
        return gone;
    }
    m_isFirst = false;
    if (isChanged(path("config.json"), m_configStamp))
        readConfig();
    // The state before the rows: one that has ended gets no more of them.
    const bool isRunNew = isChanged(path("run.json"), m_runStamp);
    if (const auto summary = ui::readRunFolder(m_folder, QFileInfo(m_folder).fileName(), &m_best);
        summary && *summary != m_history.summary) {
        m_history.summary = *summary;
        m_history.isNews = true;
    }
    if (isRunNew) {
        QFile file(path("run.json"));
        m_history.parent = file.open(QIODevice::ReadOnly) ? QJsonDocument::fromJson(file.readAll())
                                                                .object()
                                                                .value(QLatin1String("parent"))
                                                                .toString()
                                                          : QString();
    }
    readRows();
    if (isChanged(path("events.jsonl"), m_eventsStamp))
        readEvents();
    readLog();
    const bool areFilesNew = isChanged(path("checkpoints"), m_checkpointsStamp);
    if (isRunNew || areFilesNew || !m_history.rows.isEmpty())
        readCheckpointFiles();
    auto given = m_history;
    given.markers += checkpointMarkers(given.checkpoints);
    return given;
}

void RunFolderReader::readConfig()
{
    m_history.isNews = true;
    m_history.config.clear();
    m_history.configProblem.clear();
    m_history.watched.clear();
    m_history.earlyStopping = {};
    QFile file(path("config.json"));
    if (!file.open(QIODevice::ReadOnly)) {
        m_history.configProblem
            = words("config.json of this run cannot be read: %1").arg(file.errorString());
        return;
    }
    m_history.config = file.readAll();
    const auto read = ui::parseJsonText(QString::fromUtf8(m_history.config));
    if (!read.problem.isEmpty() || !read.document.is_object()) {
        m_history.configProblem = read.problem.isEmpty()
            ? words("config.json of this run is not a JSON object")
            : words("config.json of this run is not valid JSON: line %1, column %2: %3")
                  .arg(QString::number(read.line), QString::number(read.column), read.problem);
        return;
    }
    m_history.watched = watchedMetrics(read.document);
    m_history.earlyStopping.isUsed = usesEarlyStopping(read.document);
    m_history.earlyStopping.news.patience
        = qint64(optionOf(read.document, "EarlyStopping", "patience", 3.0));
    m_minDelta = std::abs(optionOf(read.document, "EarlyStopping", "min_delta", 0.0));
    m_history.monitor.clear();
    for (const auto& each : std::as_const(m_history.watched))
        if (each.isOfCheckpoints && m_history.monitor.isEmpty())
            m_history.monitor = each.name;
}

void RunFolderReader::readRows()
{
    const bool hasTimes = m_times.read();
    auto news = m_metrics.read();
    if (news.isWhole) {
        m_held.clear();
        m_given = 0;
        m_hasAllTimes = true;
        m_monitored.clear();
        m_history.loggedSteps = 0.0;
        m_history.earlyStopping.news
            = {{}, ui::notANumber, ui::notANumber, 0, m_history.earlyStopping.news.patience};
        m_bestScore = ui::notANumber;
        m_history.isWhole = true;
        m_history.isNews = true;
    }
    m_held += news.rows;
    // The times come a moment after their rows.
    const auto ready = hasTimes && ui::isGoing(m_history.summary.state)
        ? std::clamp<qsizetype>(m_times.count() - m_given, 0, m_held.size())
        : m_held.size();
    if (ready == 0)
        return;
    m_history.isNews = true;
    m_history.rows = m_held.mid(0, ready);
    m_held.remove(0, ready);
    const auto* stopping = stoppingMetric(m_history.watched);
    for (auto& row : m_history.rows) {
        std::tie(row.seconds, row.activeSeconds) = m_times.of(m_given++);
        m_hasAllTimes = m_hasAllTimes && !std::isnan(row.seconds);
        m_history.loggedSteps = std::max(m_history.loggedSteps, row.step + 1.0);
        for (const auto& each : std::as_const(row.values)) {
            if (each.name == m_history.monitor)
                m_monitored[row.step] = each.value;
            if (stopping && each.name == stopping->name)
                checkStopping(*stopping, each.value);
        }
    }
    m_history.hasTimes = m_hasAllTimes;
}

void RunFolderReader::checkStopping(const WatchedMetric& metric, double value)
{
    auto& news = m_history.earlyStopping.news;
    news.monitor = metric.name;
    news.current = value;
    const bool isBetter = std::isnan(m_bestScore)
        || (metric.mode == ui::MetricMode::Max ? value > m_bestScore + m_minDelta
                                               : value < m_bestScore - m_minDelta);
    if (isBetter && !std::isnan(value)) {
        m_bestScore = news.best = value;
        news.wait = 0;
    } else {
        ++news.wait;
    }
}

void RunFolderReader::readEvents()
{
    QFile file(path("events.jsonl"));
    const auto events = parseEvents(file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray());
    m_history.isNews = true;
    m_history.markers.clear();
    m_history.setByHand.clear();
    m_history.isSteered = false;
    for (const auto& each : events) {
        m_history.markers.append(each.marker);
        m_history.isSteered = m_history.isSteered || isReplayed(each.event);
        if (each.set.name.isEmpty())
            continue;
        m_history.setByHand.removeIf(
            [&](const ui::NamedValue& before) { return before.name == each.set.name; });
        m_history.setByHand.append(each.set);
        if (each.set.name == QLatin1String("patience"))
            m_history.earlyStopping.news.patience = qint64(each.set.value);
    }
    for (; m_eventsGiven < events.size(); ++m_eventsGiven)
        m_history.log.append({events[m_eventsGiven].time.toLocalTime(), ui::LogLevel::Info,
            logTextOf(events[m_eventsGiven].marker)});
}

void RunFolderReader::readLog()
{
    QFile file(path("log.txt"));
    if (!file.open(QIODevice::ReadOnly) || file.size() < m_logOffset) {
        m_logOffset = 0;
        return;
    }
    const bool isCut = m_logOffset == 0 && file.size() > mostLog;
    file.seek(isCut ? file.size() - mostLog : m_logOffset);
    if (isCut)
        file.readLine(); // the rest of one
    const auto begin = file.pos();
    const auto text = file.readAll();
    const auto end = text.lastIndexOf('\n') + 1;
    m_logOffset = begin + end;
    auto entries = parseLog(text.left(end));
    if (entries.isEmpty())
        return;
    for (auto& entry : entries)
        if (!entry.time.isValid()) // nothing has a time of its own yet
            entry.time = m_history.summary.started.toLocalTime();
    m_history.isNews = true;
    const auto prefix = QLatin1String(EarlyStopping::stop_prefix);
    for (const auto& entry : entries)
        if (entry.text.startsWith(prefix))
            m_history.earlyStopping.stopReason = entry.text.mid(prefix.size());
    const auto isEarlier
        = [](const ui::LogEntry& a, const ui::LogEntry& b) { return a.time < b.time; };
    m_history.log += entries;
    std::stable_sort(m_history.log.begin(), m_history.log.end(), isEarlier);
}

void RunFolderReader::readCheckpointFiles()
{
    auto entries = readCheckpoints(m_folder);
    // They hold the metric as it was last logged before their step.
    for (auto& entry : entries)
        if (auto next = m_monitored.lowerBound(entry.step);
            std::isnan(entry.value) && next != m_monitored.begin())
            entry.value = *--next;
    for (const auto& each : std::as_const(m_history.watched))
        if (each.isOfCheckpoints && each.name == m_history.monitor)
            markBest(entries, each.mode);
    m_history.newestCheckpoint = newestOf(entries);
    m_history.checkpoints = std::move(entries);
    m_history.isNews = true;
}

} // namespace leyden::app
