// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/export.h"

#include <optional>

namespace leyden {

/// Clocks of a thread and its process, in seconds since arbitrary starts.
struct CpuTimes
{
    double wall = 0.0;
    double waited = 0.0;  ///< of the thread: it could have computed, and no core was free
    double process = 0.0; ///< that all threads of the process computed
};

/// Those of the calling thread; unset where the system does not tell (no /proc, or a kernel without
/// scheduler statistics).
LEYDEN_API std::optional<CpuTimes> cpu_times();

/// Cores that this process may use.
LEYDEN_API int usable_cores();

/// How much of the last second a thread waited for a core, and whether other programs had it.
class CpuWaitMeter
{
public:
    explicit CpuWaitMeter(int cores) : cores_(cores) { }

    /// A look at the clocks; what comes within a second after the one before is left out.
    void sample(const CpuTimes& now)
    {
        if (!before_) {
            before_ = now;
            return;
        }
        const double wall = now.wall - before_->wall;
        if (wall < 1.0)
            return;
        share_ = (now.waited - before_->waited) / wall;
        share_ = share_ < 0.0 ? 0.0 : share_ > 1.0 ? 1.0 : share_;
        is_shared_ = now.process - before_->process < own_share * wall * cores_;
        before_ = now;
    }
    double share() const { return share_; } ///< 0..1; 0 in the first second
    /// Whether other programs used the cores: this one had clearly less than all of them.
    bool is_shared() const { return is_shared_; }

private:
    static constexpr double own_share = 0.9; ///< from here on the cores were this program's own

    int cores_;
    std::optional<CpuTimes> before_;
    double share_ = 0.0;
    bool is_shared_ = false;
};

} // namespace leyden
