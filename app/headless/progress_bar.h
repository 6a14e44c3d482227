// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/headless/output.h"
#include "engine/callbacks/progress_bar_callback.h"
#include "engine/trainer/run_observer.h"

#include <mutex>
#include <string>

namespace leyden::headless {

/// Shows a run on standard error: a bar on a terminal, a line per epoch and evaluation elsewhere.
class ProgressBar final : public RunObserver
{
public:
    ProgressBar(Style style, BarStyle bar_style);
    ~ProgressBar() override;
    void on_event(const RunEvent& event) override;
    void end(); ///< clears the bar, so that results stand on lines of their own

private:
    bool is_due(const ProgressEvent& progress) const;
    void draw(const ProgressEvent& progress);
    void put() const; ///< the bar, and the cursor back where it was
    void wipe() const;
    void row(const RowEvent& row);
    void line(const std::string& text); ///< above the bar

    Style style_;
    BarStyle bar_style_;
    bool shows_bar_;
    bool is_terminal_;
    std::mutex mutex_;    ///< writers' threads tell warnings too
    std::string bar_;     ///< what is drawn now
    ProgressEvent drawn_; ///< what the bar shows
    int64_t epoch_ = 0;   ///< of the last training batch, from 0
};

} // namespace leyden::headless
