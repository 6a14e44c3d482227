// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/headless/signals.h"

#include "engine/trainer/run_control.h"

#include <atomic>

#include <csignal>
#include <unistd.h>

namespace leyden::headless {
namespace {
std::atomic<RunControl*> running {nullptr}; // a signal handler has no other way to reach it

void handle(int signal)
{
    auto* control = running.load();
    if (!control || control->interrupted_by() != 0)
        _exit(128 + signal);
    control->interrupt(signal);
    constexpr char text[] = "\nstopping after this batch; once more to stop at once\n";
    [[maybe_unused]] const auto written = write(STDERR_FILENO, text, sizeof text - 1);
}

void install(void (*handler)(int))
{
    struct sigaction action {};
    action.sa_handler = handler;
    sigaction(SIGINT, &action, nullptr);
    sigaction(SIGTERM, &action, nullptr);
}
} // namespace

SignalGuard::SignalGuard(RunControl& control)
{
    running = &control;
    install(handle);
}

SignalGuard::~SignalGuard()
{
    install(SIG_DFL);
    running = nullptr;
}

} // namespace leyden::headless
