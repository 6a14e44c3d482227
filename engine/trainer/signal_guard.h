// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/export.h"

#include <array>

#include <csignal>

namespace leyden {

class RunControl;

/// Turns SIGINT, SIGTERM and SIGHUP into a graceful stop of a run while it lives; a second one ends
/// the process at once. Under SLURM SIGUSR1 asks the run to go back to the queue. A signal that the
/// process ignores, or has a handler of its own for, stays as it is. One guard at a time: inside
/// another's life it does nothing.
class LEYDEN_API SignalGuard
{
public:
    /// `tells`: the first signal is answered with a line on standard error.
    explicit SignalGuard(RunControl& control, bool tells = true);
    ~SignalGuard();
    SignalGuard(const SignalGuard&) = delete;
    SignalGuard& operator=(const SignalGuard&) = delete;

    /// Which signal asks for the queue instead of SIGUSR1, once the config is read; 0: none.
    void set_requeue_signal(int signal);

    /// The signal that asked this guard's run to end; 0: none.
    int received() const;

private:
    bool is_active_ = false;
    std::array<struct sigaction, 4> before_{};
    std::array<bool, 4> is_taken_{};
    struct sigaction before_requeue_{};
};

} // namespace leyden
