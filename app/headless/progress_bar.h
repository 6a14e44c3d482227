// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/headless/output.h"
#include "engine/trainer/run_observer.h"

#include <mutex>
#include <string>

namespace leyden::headless {

/// Shows a run on standard error: a bar on a terminal, a line per epoch and evaluation elsewhere.
class ProgressBar final : public RunObserver
{
public:
    ProgressBar(Style style, bool shows_bar, bool shows_summary);
    ~ProgressBar() override;
    void on_event(const RunEvent& event) override;
    void end(); ///< clears the bar, so that results stand on lines of their own

private:
    void draw(const ProgressEvent& progress);
    void row(const RowEvent& row);
    void line(const std::string& text); ///< above the bar

    Style style_;
    bool shows_bar_;
    bool shows_summary_;
    bool is_terminal_;
    std::mutex mutex_; ///< writers' threads tell warnings too
    std::string bar_; ///< what is drawn now
    ProgressEvent last_;
};

} // namespace leyden::headless
