// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace leyden {
class RunControl;
}

namespace leyden::headless {

/// Turns SIGINT and SIGTERM into a graceful stop of a run while it lives; a second one ends the process at once.
class SignalGuard
{
public:
    explicit SignalGuard(RunControl& control);
    ~SignalGuard();
    SignalGuard(const SignalGuard&) = delete;
    SignalGuard& operator=(const SignalGuard&) = delete;
};

} // namespace leyden::headless
