// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>

#include <csignal>

namespace leyden {
class RunControl;
}

namespace leyden::headless {

/// Turns SIGINT, SIGTERM and SIGHUP into a graceful stop of a run while it lives; a second one ends
/// the process at once. Under SLURM SIGUSR1 asks the run to go back to the queue. A signal that
/// this process was started to ignore stays ignored.
class SignalGuard
{
public:
    explicit SignalGuard(RunControl& control);
    ~SignalGuard();
    /// Which signal asks for the queue instead of SIGUSR1, once the config is read; 0: none.
    void set_requeue_signal(int signal);
    SignalGuard(const SignalGuard&) = delete;
    SignalGuard& operator=(const SignalGuard&) = delete;

private:
    std::array<struct sigaction, 4> before_{};
    struct sigaction before_requeue_{};
};

} // namespace leyden::headless
