// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/headless/signals.h"

#include "engine/trainer/run_control.h"
#include "engine/trainer/slurm.h"

#include <array>
#include <atomic>

#include <csignal>
#include <unistd.h>

namespace leyden::headless {
namespace {
constexpr std::array signals{SIGINT, SIGTERM, SIGHUP, SIGUSR1};
std::atomic<int> requeue{SIGUSR1};
std::atomic<RunControl*> running{nullptr}; // a signal handler has no other way to reach it

void handle(int received)
{
    const int signal = received == requeue ? SIGUSR1 : received;
    auto* control = running.load();
    const int before = control ? control->interrupted_by() : 0;
    if (signal == SIGUSR1 || before == SIGUSR1) { // SLURM sends SIGTERM to a job that goes back to
                                                  // its queue
        if (control && (before == 0 || signal != SIGUSR1))
            control->interrupt(signal == SIGHUP ? SIGTERM : signal);
        return;
    }
    if (!control || control->interrupted_by() != 0)
        _exit(128 + signal);
    control->interrupt(
        signal == SIGHUP ? SIGTERM : signal); // the terminal is gone: end as gracefully
    constexpr char text[] = "\nstopping after this batch; once more to stop at once\n";
    [[maybe_unused]] const auto written = write(STDERR_FILENO, text, sizeof text - 1);
}

} // namespace

SignalGuard::SignalGuard(RunControl& control)
{
    running = &control;
    struct sigaction action{};
    action.sa_handler = handle;
    for (size_t i = 0; i < signals.size(); ++i) {
        sigaction(signals[i], nullptr, &before_[i]);
        if (signals[i] == SIGUSR1 && (before_[i].sa_handler != SIG_DFL || !SlurmJob::detect()))
            continue;
        if (before_[i].sa_handler
            != SIG_IGN) // who started us wants it ignored (nohup, a shell's background job)
            sigaction(signals[i], &action, nullptr);
    }
}

void SignalGuard::set_requeue_signal(int signal)
{
    if (signal == SIGUSR1)
        return;
    sigaction(SIGUSR1, &before_.back(), nullptr);
    if (signal == 0 || !SlurmJob::detect())
        return;
    requeue = signal;
    struct sigaction action{};
    action.sa_handler = handle;
    sigaction(signal, &action, &before_requeue_);
}

SignalGuard::~SignalGuard()
{
    if (const int signal = requeue.exchange(SIGUSR1); signal != SIGUSR1)
        sigaction(signal, &before_requeue_, nullptr);
    for (size_t i = 0; i < signals.size(); ++i)
        sigaction(signals[i], &before_[i], nullptr);
    if (SlurmJob::detect() && before_.back().sa_handler == SIG_DFL)
        std::signal(SIGUSR1, SIG_IGN); // the run is over: nothing is left to requeue
    running = nullptr;
}

} // namespace leyden::headless
