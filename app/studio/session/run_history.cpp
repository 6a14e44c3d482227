// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/session/run_history.h"

#include "app/studio/session/run_folder_reader.h"
#include "widgets/config/json_pointer.h"
#include "widgets/metrics/count_text.h"
#include "widgets/metrics/number_text.h"

#include <QCoreApplication>
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QJsonDocument>
#include <QJsonObject>
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
        {"after_epoch", QT_TRANSLATE_NOOP("leyden::app::RunHistory", "will stop after this epoch")},
        {"after_checkpoint",
            QT_TRANSLATE_NOOP("leyden::app::RunHistory", "will stop after the next checkpoint")},
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

ui::Marker markerOf(const Intervention& each)
{
    const auto what = each.event == QLatin1String("set")
        ? QStringLiteral("%1 = %2").arg(each.option, each.value)
        : each.option;
    auto made = marker(each.event, what, each.step);
    made.seconds = each.seconds;
    return made;
}

QString logTextOf(const ui::Marker& marker)
{
    return tr("step %1: %2").arg(ui::countText(qint64(marker.step)), marker.text);
}

QList<RunEventLine> parseEvents(const QByteArray& text)
{
    QList<RunEventLine> lines;
    for (const auto& line : text.split('\n')) {
        const auto event = QJsonDocument::fromJson(line).object();
        RunEventLine made;
        made.event = event.value(QLatin1String("event")).toString();
        if (made.event.isEmpty())
            continue;
        made.time = QDateTime::fromString(
            event.value(QLatin1String("time")).toString(), Qt::ISODateWithMs);
        const auto value = event.value(QLatin1String("value"));
        QString what = valueText(value);
        if (const auto set = value.toObject(); !set.isEmpty()) {
            made.set = {set.constBegin().key(), set.constBegin().value().toDouble()};
            what
                = QStringLiteral("%1 = %2").arg(made.set.name, valueText(set.constBegin().value()));
        }
        made.marker
            = marker(made.event, what, event.value(QLatin1String("global_step")).toDouble());
        lines.append(made);
    }
    return lines;
}

QList<ui::Marker> parseEventMarkers(const QByteArray& text)
{
    QList<ui::Marker> markers;
    for (const auto& line : parseEvents(text))
        markers.append(line.marker);
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

namespace {
bool usesCallback(const ui::Json& config, QLatin1String name)
{
    const auto* callbacks
        = ui::findValue(config, ui::pointerTokens(QStringLiteral("/trainer/callbacks")));
    return callbacks && callbacks->is_array()
        && std::any_of(callbacks->begin(), callbacks->end(),
            [name](const ui::Json& callback) { return ui::classPathOf(&callback) == name; });
}
} // namespace

bool usesEarlyStopping(const ui::Json& config)
{
    return usesCallback(config, QLatin1String("EarlyStopping"));
}

qint64 batchSizeOf(const ui::Json& config)
{
    const auto* size
        = ui::findValue(config, ui::pointerTokens(QStringLiteral("/data/init_args/batch_size")));
    const bool isKnown = size && size->is_number_integer() && size->get<qint64>() > 0
        && !usesCallback(config, QLatin1String("BatchSizeFinder"));
    return isKnown ? size->get<qint64>() : -1;
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

RunHistory readRunHistory(const QString& folder)
{
    return RunFolderReader(folder).read();
}

} // namespace leyden::app
