// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/session/run_history.h"

#include "widgets/config/json_pointer.h"
#include "widgets/config/json_text.h"
#include "widgets/metrics/number_text.h"

#include <QCoreApplication>
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QJsonDocument>
#include <QJsonObject>
#include <QMap>
#include <QRegularExpression>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <utility>

namespace leyden::app {
namespace {

QString tr(const char* text)
{
    return QCoreApplication::translate("leyden::app::RunHistory", text);
}

QByteArray contentOf(const QString& path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

/// The cells of a line; a quoted one may hold commas and doubled quotes.
QList<QByteArray> cells(const QByteArray& line)
{
    if (!line.contains('"'))
        return line.split(',');
    QList<QByteArray> list{QByteArray()};
    bool isQuoted = false;
    for (qsizetype i = 0; i < line.size(); ++i) {
        if (line[i] == '"') {
            if (isQuoted && i + 1 < line.size() && line[i + 1] == '"')
                list.last() += line[++i];
            else
                isQuoted = !isQuoted;
        } else if (line[i] == ',' && !isQuoted) {
            list.append(QByteArray());
        } else {
            list.last() += line[i];
        }
    }
    return list;
}

double number(const QByteArray& cell, bool& isNumber)
{
    if (cell == "inf" || cell == "-inf") {
        isNumber = true;
        return cell[0] == '-' ? -qInf() : qInf();
    }
    if (cell == "nan") {
        isNumber = true;
        return ui::notANumber;
    }
    return cell.toDouble(&isNumber);
}

QString valueText(const QJsonValue& value)
{
    if (value.isDouble())
        return ui::exactNumber(value.toDouble());
    return value.toString();
}

QString stopText(const QString& verb)
{
    const std::pair<const char*, const char*> texts[]{
        {"after_step", QT_TRANSLATE_NOOP("leyden::app::RunHistory", "stopped after a step")},
        {"after_epoch", QT_TRANSLATE_NOOP("leyden::app::RunHistory", "stopped after an epoch")},
        {"after_checkpoint",
            QT_TRANSLATE_NOOP("leyden::app::RunHistory", "stopped after a checkpoint")},
        {"save_and_stop", QT_TRANSLATE_NOOP("leyden::app::RunHistory", "saved and stopped")},
        {"discard", QT_TRANSLATE_NOOP("leyden::app::RunHistory", "stopped, to be discarded")}};
    for (const auto& [name, text] : texts)
        if (verb == QLatin1String(name))
            return tr(text);
    return tr("stop: %1").arg(verb);
}

ui::Marker marker(const QString& event, const QString& what, double step)
{
    using ui::MarkerKind;
    if (event == QLatin1String("pause"))
        return {MarkerKind::Pause, step, tr("paused")};
    if (event == QLatin1String("resume"))
        return {MarkerKind::Resume, step,
            what.isEmpty() ? tr("resumed") : tr("resumed from %1").arg(what)};
    if (event == QLatin1String("validate"))
        return {MarkerKind::Validation, step, tr("validated by hand")};
    if (event == QLatin1String("checkpoint"))
        return {MarkerKind::Checkpoint, step, tr("checkpoint by hand")};
    if (event == QLatin1String("stop"))
        return {MarkerKind::Intervention, step, stopText(what)};
    if (event == QLatin1String("stop_failed"))
        return {
            MarkerKind::Intervention, step, tr("not stopped: its checkpoint could not be written")};
    return {MarkerKind::Intervention, step, what};
}

double firstNumber(const QRegularExpression& pattern, const QString& text)
{
    const auto match = pattern.match(text);
    return match.hasMatch() ? match.captured(1).toDouble() : 0.0;
}

} // namespace

QList<ui::MetricRow> parseMetricsCsv(const QByteArray& text)
{
    QList<ui::MetricRow> rows;
    qsizetype at = text.indexOf('\n');
    if (at < 0)
        return rows;
    QStringList names;
    for (const auto& cell : cells(text.left(at).trimmed()))
        names += QString::fromUtf8(cell);
    for (++at; at < text.size();) {
        const auto end = text.indexOf('\n', at);
        if (end < 0)
            break;
        const auto line = cells(text.mid(at, end - at).trimmed());
        at = end + 1;
        ui::MetricRow row;
        for (qsizetype i = 0; i < std::min(line.size(), names.size()); ++i) {
            bool isNumber = false;
            const double value = number(line[i], isNumber);
            if (!isNumber)
                continue;
            if (names[i] == QLatin1String("step"))
                row.step = value;
            else if (names[i] == QLatin1String("epoch"))
                row.epoch = value;
            else
                row.values.append({names[i], value});
        }
        rows.append(std::move(row));
    }
    double lastWhole = -1.0; // the last epoch that another one follows, and the steps up to its end
    double steps = 0.0;
    for (const auto& row : rows) {
        if (!rows.isEmpty() && row.epoch < rows.last().epoch && row.epoch >= lastWhole) {
            lastWhole = row.epoch;
            steps = std::max(steps, row.step + 1.0);
        }
    }
    if (const double perEpoch = steps / (lastWhole + 1.0); steps > 0.0)
        for (auto& row : rows)
            row.epoch = (row.step + 1.0) / perEpoch;
    return rows;
}

ui::Marker markerOf(const Intervention& each)
{
    const auto what = each.event == QLatin1String("set")
        ? QStringLiteral("%1 = %2").arg(each.option, each.value)
        : each.option;
    auto made = marker(each.event, what, each.step);
    made.seconds = each.seconds;
    return made;
}

QList<ui::Marker> parseEventMarkers(const QByteArray& text)
{
    QList<ui::Marker> markers;
    for (const auto& line : text.split('\n')) {
        const auto event = QJsonDocument::fromJson(line).object();
        const auto name = event.value(QLatin1String("event")).toString();
        if (name.isEmpty())
            continue;
        const auto value = event.value(QLatin1String("value"));
        QString what = valueText(value);
        const auto set = value.toObject();
        if (!set.isEmpty())
            what = QStringLiteral("%1 = %2").arg(
                set.constBegin().key(), valueText(set.constBegin().value()));
        markers.append(marker(name, what, event.value(QLatin1String("global_step")).toDouble()));
    }
    return markers;
}

QList<ui::CheckpointEntry> readCheckpoints(const QString& folder)
{
    static const QRegularExpression epoch(QStringLiteral("epoch=(\\d+)"));
    static const QRegularExpression step(QStringLiteral("step=(\\d+)"));
    const auto run
        = QJsonDocument::fromJson(contentOf(folder + QStringLiteral("/run.json"))).object();
    const auto known = run.value(QLatin1String("checkpoints")).toObject();
    QFileInfoList files = QDir(folder + QStringLiteral("/checkpoints"))
                              .entryInfoList({QStringLiteral("*.ckpt")}, QDir::Files);
    for (auto at = known.begin(); at != known.end(); ++at) {
        const QFileInfo file(QDir(folder), at.key()); // may lie elsewhere (dirpath)
        if (file.exists() && !files.contains(file))
            files.append(file);
    }
    QList<ui::CheckpointEntry> entries;
    for (const auto& file : std::as_const(files)) {
        ui::CheckpointEntry entry;
        entry.name = file.fileName();
        entry.path = file.absoluteFilePath();
        entry.bytes = file.size();
        entry.isLast = ui::isNameOfLast(file.fileName());
        auto told = known.value(QDir(folder).relativeFilePath(entry.path)).toObject();
        if (told.isEmpty())
            told = known.value(entry.path).toObject();
        if (told.isEmpty()) {
            entry.epoch = firstNumber(epoch, entry.name);
            entry.step = firstNumber(step, entry.name);
        } else {
            entry.epoch = told.value(QLatin1String("epoch")).toDouble();
            entry.step = told.value(QLatin1String("global_step")).toDouble();
            if (const auto value = told.value(QLatin1String("value")); value.isDouble())
                entry.value = value.toDouble();
        }
        entries.append(entry);
    }
    return entries;
}

QList<ui::Marker> checkpointMarkers(const QList<ui::CheckpointEntry>& entries)
{
    QList<ui::Marker> markers;
    for (const auto& entry : entries)
        if (entry.step > 0.0)
            markers.append({ui::MarkerKind::Checkpoint, entry.step, entry.name});
    return markers;
}

QList<WatchedMetric> watchedMetrics(const ui::Json& config)
{
    QList<WatchedMetric> watched;
    const auto* callbacks
        = ui::findValue(config, ui::pointerTokens(QStringLiteral("/trainer/callbacks")));
    if (!callbacks || !callbacks->is_array())
        return watched;
    for (const auto& callback : *callbacks) {
        const auto text = [&callback](const QStringList& path) {
            const auto* value = ui::findValue(callback, path);
            return value && value->is_string() ? ui::toQString(value->get<std::string>())
                                               : QString();
        };
        const auto option = [&text](const char* key) {
            return text({QStringLiteral("init_args"), QLatin1String(key)});
        };
        if (const auto monitor = option("monitor"); !monitor.isEmpty())
            watched.append({monitor,
                option("mode") == QLatin1String("max") ? ui::MetricMode::Max : ui::MetricMode::Min,
                text({QStringLiteral("class_path")}) == QLatin1String("ModelCheckpoint")});
    }
    return watched;
}

bool isReplayed(const QString& event)
{
    return event == QLatin1String("set") || event == QLatin1String("validate")
        || event == QLatin1String("checkpoint") || event == QLatin1String("stop");
}

void markBest(QList<ui::CheckpointEntry>& entries, ui::MetricMode mode)
{
    ui::CheckpointEntry* best = nullptr;
    for (auto& entry : entries) {
        entry.isBest = false;
        if (std::isnan(entry.value))
            continue;
        const bool isBetter = !best
            || (mode == ui::MetricMode::Max ? entry.value > best->value
                                            : entry.value < best->value);
        if (isBetter)
            best = &entry;
    }
    if (best)
        best->isBest = true;
}

namespace {

/// The checkpoints hold the metric as it was last logged before their step.
void addValues(
    QList<ui::CheckpointEntry>& entries, const QString& metric, const QList<ui::MetricRow>& rows)
{
    QMap<double, double> valueAt; // by step
    for (const auto& row : rows)
        for (const auto& each : row.values)
            if (each.name == metric)
                valueAt[row.step] = each.value;
    for (auto& entry : entries)
        if (auto next = valueAt.lowerBound(entry.step);
            std::isnan(entry.value) && next != valueAt.begin())
            entry.value = *--next;
}

/// As ckpt_path = last finds it.
QString newestOf(const QList<ui::CheckpointEntry>& entries)
{
    QString newest;
    std::filesystem::file_time_type newestTime;
    for (const auto& entry : entries) {
        std::error_code failure;
        const auto time = std::filesystem::last_write_time(entry.path.toStdString(), failure);
        if (failure || (!newest.isEmpty() && time <= newestTime))
            continue;
        newest = entry.path;
        newestTime = time;
    }
    return newest;
}

bool isAnyReplayed(const QByteArray& events)
{
    for (const auto& line : events.split('\n'))
        if (isReplayed(
                QJsonDocument::fromJson(line).object().value(QLatin1String("event")).toString()))
            return true;
    return false;
}

} // namespace

RunHistory readRunHistory(const QString& folder)
{
    RunHistory history;
    history.folder = folder;
    if (!QFileInfo(folder).isDir()) {
        history.problem = tr("The run folder %1 is no more.").arg(QDir::toNativeSeparators(folder));
        return history;
    }
    history.rows = parseMetricsCsv(contentOf(folder + QStringLiteral("/metrics.csv")));
    for (const auto& row : std::as_const(history.rows))
        history.loggedSteps = std::max(history.loggedSteps, row.step + 1.0);
    const auto events = contentOf(folder + QStringLiteral("/events.jsonl"));
    history.markers = parseEventMarkers(events);
    history.isSteered = isAnyReplayed(events);
    history.checkpoints = readCheckpoints(folder);
    history.newestCheckpoint = newestOf(history.checkpoints);
    history.markers += checkpointMarkers(history.checkpoints);
    history.config = contentOf(folder + QStringLiteral("/config.json"));
    history.watched = watchedMetrics(ui::parseJsonText(QString::fromUtf8(history.config)).document);
    for (const auto& each : history.watched) {
        if (!each.isOfCheckpoints)
            continue;
        history.monitor = each.name;
        addValues(history.checkpoints, each.name, history.rows);
        markBest(history.checkpoints, each.mode);
        break;
    }
    return history;
}

} // namespace leyden::app
