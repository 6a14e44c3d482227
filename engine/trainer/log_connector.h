// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/export.h"
#include "engine/core/log_options.h"
#include "engine/loggers/logger.h"
#include "engine/trainer/metric_dict.h"
#include "engine/trainer/result_collection.h"

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace leyden {

class LightningModule;

/// Takes what hooks log, keeps the three metric dictionaries, and says which rows go to the
/// loggers.
///
/// Differs: of a name that several hooks of a batch log, callback_metrics holds the value logged
///          last, not that of the last hook, which may be of the batch before.
/// Source:  PyTorch Lightning 2.6, trainer/connectors/logger_connector.
class LEYDEN_API LogConnector
{
public:
    /// Where in a loop the run is: no batch (epoch values count), the first batch, or a later one.
    enum class LoopIter { None, First, Later };

    void set_results(ResultCollection* results) { results_ = results; }
    ResultCollection* results() const { return results_; }

    /// Where the metrics' names are, and who is warned; for the length of a run.
    void attach(LightningModule* module, std::function<void(std::string)> warn);
    void warn_once(std::string text); ///< a run

    /// Throws MisconfigurationError where the hook does not allow it or the arguments clash.
    void log(Hook hook, std::string_view name, LoggedValue value, Metric* metric,
        const LogOptions& options);

    void on_batch_start(const StateTree& batch, int64_t dataloader_idx);
    void on_batch_end();
    void epoch_end_reached() { loop_iter_ = LoopIter::None; }
    void on_epoch_end();  ///< epoch values into the dictionaries
    void reset_results(); ///< of the current loop
    void reset_metrics(); ///< the three dictionaries
    LoopIter loop_iter() const { return loop_iter_; }
    void set_loop_iter(LoopIter value) { loop_iter_ = value; }

    /// What goes to the loggers now: step values inside a batch, epoch values outside. Updates the
    /// dictionaries with them.
    MetricRow collect();

    const MetricDict& callback_metrics(); ///< brought up to date
    /// A number that a callback adds to what others may watch, without logging it.
    void set_callback_metric(std::string_view name, double value);
    /// What callbacks watch, as it was when a checkpoint was taken.
    void restore_callback_metrics(const StateTree& state) { callback_.load_state_dict(state); }
    const MetricDict& progress_bar_metrics() const { return progress_bar_; }
    const MetricDict& logged_metrics() const { return logged_; }

private:
    ResultSlot& slot_for(
        Hook hook, std::string_view name, Metric* metric, const LogOptions& options);
    void intern_names(ResultSlot& slot);
    int64_t batch_size_for(const ResultSlot& slot, const LogOptions& options);
    const std::string& attribute_of(std::string_view name, const Metric& metric) const;
    void publish_epoch_values();

    LightningModule* module_ = nullptr;
    std::function<void(std::string)> warn_;
    std::set<std::string> warned_;
    ResultCollection* results_ = nullptr;
    LoopIter loop_iter_ = LoopIter::None;
    Hook current_hook_ = Hook::None;
    MetricDict callback_;
    MetricDict progress_bar_;
    MetricDict logged_;
};

/// The first dimension of the first tensor in the batch, depth first; 1 for a 0-dim tensor. Sets
/// `is_ambiguous` where another tensor has another one. Throws MisconfigurationError where there is
/// no tensor.
LEYDEN_API int64_t extract_batch_size(const StateTree& batch, bool* is_ambiguous = nullptr);

} // namespace leyden
