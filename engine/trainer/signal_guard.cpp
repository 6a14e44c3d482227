// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/trainer/signal_guard.h"

#include "engine/trainer/run_control.h"
#include "engine/trainer/slurm.h"

#include <atomic>
#include <cerrno>
#include <utility>

#include <unistd.h>

namespace leyden {
namespace {

constexpr std::array guarded_signals{SIGINT, SIGTERM, SIGHUP, SIGUSR1};
// A signal handler has no other way to reach them; it does nothing but set and read atomics.
std::atomic<RunControl*> guarded_run{nullptr};
std::atomic<int> received_signal{0};
std::atomic<bool> tells_on_signal{false};
std::atomic<int> requeue_signal{SIGUSR1};

void handle_signal(int number)
{
    const int signal = number == requeue_signal ? SIGUSR1 : number;
    auto* control = guarded_run.load();
    const int before = control ? control->interrupted_by() : 0;
    if (signal == SIGUSR1 || before == SIGUSR1) { // SLURM sends SIGTERM to a job that goes back to
                                                  // its queue
        if (control && (before == 0 || signal != SIGUSR1)) {
            received_signal = signal;
            control->interrupt(signal == SIGHUP ? SIGTERM : signal);
        }
        return;
    }
    if (!control || control->interrupted_by() != 0)
        _exit(128 + signal);
    // The terminal is gone: end as gracefully.
    const int as_signal = signal == SIGHUP ? SIGTERM : signal;
    received_signal = as_signal;
    control->interrupt(as_signal);
    if (!tells_on_signal)
        return;
    const int error_of_interrupted = errno;
    constexpr char text[] = "\nstopping after this batch; once more to stop at once\n";
    [[maybe_unused]] const auto written = write(STDERR_FILENO, text, sizeof text - 1);
    errno = error_of_interrupted;
}

} // namespace

SignalGuard::SignalGuard(RunControl& control, bool tells)
{
    RunControl* none = nullptr;
    is_active_ = guarded_run.compare_exchange_strong(none, &control);
    if (!is_active_)
        return;
    received_signal = 0;
    tells_on_signal = tells;
    struct sigaction action{};
    action.sa_handler = handle_signal;
    for (size_t i = 0; i < guarded_signals.size(); ++i) {
        sigaction(guarded_signals[i], nullptr, &before_[i]);
        is_taken_[i] = before_[i].sa_handler == SIG_DFL
            && (guarded_signals[i] != SIGUSR1 || SlurmJob::detect());
        if (is_taken_[i])
            sigaction(guarded_signals[i], &action, nullptr);
    }
}

void SignalGuard::set_requeue_signal(int signal)
{
    if (!is_active_ || signal == SIGUSR1)
        return;
    if (std::exchange(is_taken_.back(), false))
        sigaction(SIGUSR1, &before_.back(), nullptr);
    if (signal == 0 || !SlurmJob::detect())
        return;
    requeue_signal = signal;
    struct sigaction action{};
    action.sa_handler = handle_signal;
    sigaction(signal, &action, &before_requeue_);
}

SignalGuard::~SignalGuard()
{
    if (!is_active_)
        return;
    if (const int signal = requeue_signal.exchange(SIGUSR1); signal != SIGUSR1)
        sigaction(signal, &before_requeue_, nullptr);
    for (size_t i = 0; i < guarded_signals.size(); ++i) {
        if (is_taken_[i])
            sigaction(guarded_signals[i], &before_[i], nullptr);
    }
    if (is_taken_.back())
        std::signal(SIGUSR1, SIG_IGN); // the run is over: nothing is left to requeue
    guarded_run = nullptr;
}

int SignalGuard::received() const
{
    return is_active_ ? received_signal.load() : 0;
}

} // namespace leyden
