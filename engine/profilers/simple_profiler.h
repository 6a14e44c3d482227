// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/clock.h"
#include "engine/core/export.h"
#include "engine/profilers/profiler.h"
#include "engine/profilers/simple_profiler_options.h"

#include <string>
#include <unordered_map>
#include <vector>

namespace leyden {

/// How often each action ran and how long it took, as a table, the longest first.
///
/// Units:  seconds; the first row has the time since the profiler was made.
/// Throws: Error where an action begins that runs already.
/// Source: PyTorch Lightning 2.6, profilers/simple.py.
class LEYDEN_API SimpleProfiler final : public Profiler
{
public:
    struct Action
    {
        std::string name;
        int64_t calls = 0;
        double seconds = 0.0; ///< of all calls
    };

    /// clock: outlives it.
    explicit SimpleProfiler(
        SimpleProfilerOptions options = {}, const Clock& clock = Clock::system());

    void start(const std::string& action) override;
    /// Of an action that was not begun: nothing.
    void stop(const std::string& action) noexcept override;
    std::string summary() const override;
    /// in the order in which they first ended
    const std::vector<Action>& actions() const { return actions_; }

private:
    double now() const;

    SimpleProfilerOptions options_;
    const Clock& clock_;
    double began_;
    std::unordered_map<std::string, double> running_; ///< when each began
    std::unordered_map<std::string, size_t> places_;  ///< in actions_
    std::vector<Action> actions_;
};

} // namespace leyden
