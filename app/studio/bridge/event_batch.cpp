// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/bridge/event_batch.h"

#include "engine/callbacks/early_stopping.h"

#include <QCoreApplication>
#include <QDateTime>

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>

namespace leyden::app {
namespace {

QString text(const std::string& utf8)
{
    return QString::fromUtf8(utf8.data(), qsizetype(utf8.size()));
}

QString stageText(StageKind stage)
{
    const auto tr = [](const char* words) {
        return QCoreApplication::translate("leyden::app::RunProgress", words);
    };
    switch (stage) {
    case StageKind::Training:
        return tr("training");
    case StageKind::SanityChecking:
        return tr("sanity checking");
    case StageKind::Validating:
        return tr("validating");
    case StageKind::Testing:
        return tr("testing");
    case StageKind::Predicting:
        return tr("predicting");
    case StageKind::Idle:
        break;
    }
    return {};
}

QList<ui::NamedValue> values(const std::vector<std::pair<std::string, double>>& pairs)
{
    QList<ui::NamedValue> list;
    list.reserve(qsizetype(pairs.size()));
    for (const auto& [name, value] : pairs)
        list.append({text(name), value});
    return list;
}

/// The values in effect as they are once the option is set.
void set(QList<ui::NamedValue>& live, const InterventionEvent& change)
{
    double value = 0.0;
    const auto* end = change.value.data() + change.value.size();
    if (std::from_chars(change.value.data(), end, value).ptr != end)
        return;
    if (change.option == "gradient_clip_val" && value <= 0.0)
        value = ui::notANumber; // off
    for (auto& each : live)
        if (each.name == text(change.option))
            each.value = value;
}

/// Sorts each event into the list of its kind.
struct Sorter
{
    EventBatch& batch;

    void operator()(const RowEvent& e) const
    {
        if (batch.rows.isEmpty())
            batch.firstRow = e.row;
        batch.rows.append({double(e.step), e.epoch, e.seconds, e.active_seconds, values(e.values)});
    }
    void operator()(const ProgressEvent& e) const
    {
        batch.progress = RunProgress{stageText(e.stage), e.epoch, e.max_epochs, e.batch, e.batches,
            e.global_step, e.max_steps, e.batches_per_second, e.data_wait_share, e.cpu_wait_share,
            e.cpu_is_shared, e.remaining_seconds, e.seconds, e.active_seconds,
            e.stage == StageKind::Training, values(e.bar), values(e.live)};
    }
    void operator()(const CheckpointEvent& e) const
    {
        batch.checkpoints.append({text(e.path), double(e.epoch), double(e.global_step), e.bytes,
            text(e.monitor), e.monitor_value, e.removed});
    }
    void operator()(const EarlyStoppingEvent& e) const
    {
        batch.earlyStopping
            = EarlyStoppingNews{text(e.monitor), e.best, e.current, e.wait, e.patience};
        batch.stopReason.clear(); // of the check before
    }
    void operator()(const InterventionEvent& e) const
    {
        batch.interventions.append(
            {text(e.event), text(e.option), text(e.value), double(e.global_step), e.seconds});
        if (e.event == "set" && batch.progress) // that is from before
            set(batch.progress->live, e);
    }
    void operator()(const NonFiniteEvent& e) const
    {
        batch.nonFinite.append({text(e.metric), text(e.layer), double(e.global_step)});
    }
    void operator()(const SavingEvent& e) const
    {
        batch.saving.append(
            {e.what == SavingEvent::What::Checkpoint, e.is_failing, text(e.reason)});
    }
    void operator()(const MessageEvent& e) const
    {
        constexpr std::array levels{
            ui::LogLevel::Debug, ui::LogLevel::Info, ui::LogLevel::Warning, ui::LogLevel::Error};
        const auto time = QDateTime::fromMSecsSinceEpoch(qint64(e.wall_seconds * 1000));
        const auto level = levels[size_t(e.level)];
        // News of several lines are a table, as the profiler's report; a failure stays one entry.
        const auto lines = level == ui::LogLevel::Info
            ? text(e.text).split(QLatin1Char('\n'), Qt::SkipEmptyParts)
            : QStringList{text(e.text)};
        for (const auto& line : lines)
            batch.log.append({time, level, line});
        constexpr std::string_view stop = EarlyStopping::stop_prefix;
        if (e.text.starts_with(stop))
            batch.stopReason = text(e.text.substr(stop.size()));
    }
    void operator()(const FolderEvent& e) const { batch.folders.append(text(e.path)); }
    void operator()(const SummaryEvent& e) const { batch.summary = text(e.text); }
};

} // namespace

double RunProgress::doneShare() const
{
    double share = -1.0;
    if (maxSteps > 0)
        share = double(globalStep) / double(maxSteps);
    if (maxEpochs > 0 && batches > 0) {
        const double inside = isTraining ? double(batch) / double(batches) : 0.0;
        // an epoch that has begun is finished, whatever max_epochs was set to meanwhile
        const auto epochs = std::max(maxEpochs, epoch + (inside > 0.0 && inside < 1.0 ? 1 : 0));
        share = std::max(share, (double(epoch) + inside) / double(epochs));
    }
    return share < 0.0 ? -1.0 : std::min(share, 1.0);
}

EventBatch toBatch(const std::vector<RunEvent>& events)
{
    EventBatch batch;
    for (const auto& event : events)
        std::visit(Sorter{batch}, event);
    return batch;
}

} // namespace leyden::app
