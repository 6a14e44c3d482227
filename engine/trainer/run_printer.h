// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/callbacks/progress_bar_callback.h"
#include "engine/core/data_module.h"
#include "engine/core/export.h"
#include "engine/trainer/run_observer.h"

#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace leyden {

class Callback;

/// How a run talks on the terminal.
struct PrintStyle
{
    bool is_quiet = false;   ///< warnings and errors only
    bool is_verbose = false; ///< debug messages too
    bool has_color = false;

    /// Colours where standard error is a terminal and NO_COLOR does not say otherwise.
    static PrintStyle of_terminal();
};

/// Shows a run on standard error: a bar on a terminal, a line per epoch and evaluation elsewhere,
/// with the table of layers, messages and warnings. The Trainer makes one where it has no observer.
class LEYDEN_API RunPrinter final : public RunObserver
{
public:
    RunPrinter(PrintStyle style, BarStyle bar_style);
    ~RunPrinter() override;
    void on_event(const RunEvent& event) override;
    void end(); ///< clears the bar, so that results stand on lines of their own

private:
    bool is_due(const ProgressEvent& progress) const;
    void draw(const ProgressEvent& progress);
    void put() const; ///< the bar, and the cursor back where it was
    void wipe() const;
    void row(const RowEvent& row);
    void line(const std::string& text); ///< above the bar

    PrintStyle style_;
    BarStyle bar_style_;
    bool shows_bar_;
    bool is_terminal_;
    std::mutex mutex_;    ///< writers' threads tell warnings too
    std::string bar_;     ///< what is drawn now
    ProgressEvent drawn_; ///< what the bar shows
    int64_t epoch_ = 0;   ///< of the last training batch, from 0
};

/// As a progress bar among the callbacks says, if there is one.
LEYDEN_API BarStyle bar_style_of(
    bool is_enabled, const std::vector<std::unique_ptr<Callback>>& callbacks);

/// The framed table that Lightning prints after validate and test: values, one list a loader.
LEYDEN_API std::string results_table(
    const std::vector<std::vector<std::pair<std::string, double>>>& results, TrainerFn fn);

} // namespace leyden
