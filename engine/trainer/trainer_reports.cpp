// SPDX-License-Identifier: GPL-3.0-or-later
// The Trainer's part that tells how the run goes: events, rows, the profiler's report.
#include "engine/trainer/trainer.h"

#include "engine/core/errors.h"
#include "engine/loggers/logger_queue.h"
#include "engine/loops/fit_loop.h"
#include "engine/profilers/profiler.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>

namespace leyden {

void Trainer::tell(const RunEvent& event)
{
    if (observer_)
        observer_->on_event(event);
}

void Trainer::message(MessageEvent::Level level, std::string text)
{
    tell(
        MessageEvent{level, std::move(text), std::chrono::duration<double>(clock_.wall()).count()});
}

void Trainer::log_row(MetricRow row, bool with_epoch)
{
    if (has_reports_.load(std::memory_order_relaxed)) [[unlikely]]
        tell_reports();
    if (row.values.empty())
        return;
    if (with_epoch) {
        // A metric called "step" takes the place of the row's x.
        const auto said = std::find_if(
            row.values.begin(), row.values.end(), [](const auto& v) { return v.name == "step"; });
        if (said != row.values.end()) {
            row.step = int64_t(said->value);
            row.values.erase(said);
        } else {
            row.step = batches_that_stepped();
            const bool has_epoch = std::any_of(row.values.begin(), row.values.end(),
                [](const auto& v) { return v.name == "epoch"; });
            if (!has_epoch)
                row.values.push_back({"epoch", double(current_epoch()), true});
        }
    }
    if (observer_) {
        const double active = active_seconds(); // before the wall time, which is never less
        RowEvent event{.values = {},
            .step = row.step,
            .global_step = global_step(),
            .seconds = seconds(),
            .active_seconds = active,
            .row = loggers_.empty() ? -1 : rows_logged_};
        const auto batches = std::max<int64_t>(fit_loop_->max_batches, 1);
        const auto in_epoch = batches == unknown_size
            ? 0.0
            : double(fit_loop_->epoch_loop.batch_progress.current.processed) / double(batches);
        event.epoch = phase == LoopPhase::EpochEnd ? double(current_epoch() + 1)
                                                   : double(current_epoch()) + in_epoch;
        for (const auto& value : row.values) {
            if (value.name != "epoch")
                event.values.emplace_back(value.name, value.value);
        }
        tell(event);
    }
    if (loggers_.empty())
        return; // as Lightning: without a logger nothing is logged
    if (trace_)
        trace_->row(row);
    for (size_t i = 0; i + 1 < queues_.size(); ++i)
        queues_[i]->log_metrics(row);
    if (queues_.back()->log_metrics(std::move(row)))
        ++rows_logged_;
}

void Trainer::report_profile()
{
    if (!profiler_)
        return;
    const auto report = profiler_->report();
    auto run_folder = parts_.run_dir;
    if (run_folder.empty() && plan_.fast_dev_run == 0 && !loggers_.empty())
        run_folder = log_dir();
    const auto file = profiler_->report_file(parts_.root, run_folder);
    bool is_written = false;
    try {
        if (!file.empty()) {
            files_.create_directories(file.parent_path());
            files_.open_append(file)->append(report);
            is_written = true;
        }
    } catch (const FileError& error) { // the run itself went well
        warn(fmt::format(
            "the profiler's report could not be written, the log has it: {}", error.what()));
    }
    if (!is_written || !profiler_->has_filename())
        message(MessageEvent::Level::Info, report);
    if (is_written)
        message(MessageEvent::Level::Info,
            fmt::format("the profiler's report is in '{}'", file.string()));
}

} // namespace leyden
