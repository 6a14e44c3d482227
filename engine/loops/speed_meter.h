// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/clock.h"

#include <cstdint>

namespace leyden {

/// Batches a second and the share of time spent waiting for data, over about the last second.
/// Two clock reads a batch; nothing else on the hot path.
class SpeedMeter
{
public:
    explicit SpeedMeter(const Clock& clock) : clock_(clock) { }

    void begin(int64_t batches_before)
    {
        batches_before_ = batches_before;
        start_ = window_start_ = now_ = clock_.monotonic();
        waited_ = {};
        batches_ = window_batches_ = 0;
        batches_per_second_ = wait_share_ = 0.0;
    }
    void fetch_begins() { fetch_start_ = clock_.monotonic(); }
    void fetch_ends()
    {
        now_ = clock_.monotonic();
        waited_ += now_ - fetch_start_;
        ++batches_;
        ++window_batches_;
        const auto span = now_ - window_start_;
        if (span < std::chrono::seconds(1))
            return;
        const double seconds = std::chrono::duration<double>(span).count();
        batches_per_second_ = double(window_batches_) / seconds;
        wait_share_ = std::chrono::duration<double>(waited_).count() / seconds;
        restart_window();
    }
    /// The time since then belongs to no batch: a validation, a pause. What was measured before
    /// counts on, or runs that validate more often than once a second would have no speed.
    void leave_out(Clock::Duration since)
    {
        now_ = clock_.monotonic();
        start_ += now_ - since;
        window_start_ += now_ - since;
    }
    /// After the last batch: what took less than a second has the mean of all its batches.
    void end()
    {
        const double seconds = std::chrono::duration<double>(clock_.monotonic() - start_).count();
        if (batches_per_second_ > 0.0 || seconds <= 0.0)
            return;
        batches_per_second_ = double(batches_) / seconds;
        wait_share_ = std::chrono::duration<double>(waited_).count() / seconds;
    }
    Clock::Duration now() const { return now_; } ///< of the last fetch
    int64_t batches() const { return batches_; } ///< since begin()
    int64_t batches_before() const { return batches_before_; }
    double batches_per_second() const { return batches_per_second_; }
    double wait_share() const { return wait_share_; }

private:
    void restart_window()
    {
        window_start_ = now_;
        waited_ = {};
        window_batches_ = 0;
    }

    const Clock& clock_;
    Clock::Duration fetch_start_{0};
    Clock::Duration now_{0};
    Clock::Duration start_{0}; ///< later by what is left out
    Clock::Duration window_start_{0};
    Clock::Duration waited_{0};
    int64_t batches_ = 0;
    int64_t window_batches_ = 0;
    int64_t batches_before_ = 0;
    double batches_per_second_ = 0.0;
    double wait_share_ = 0.0;
};

} // namespace leyden
