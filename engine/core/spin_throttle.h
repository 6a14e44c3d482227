// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/export.h"

#include <chrono>
#include <functional>
#include <memory>

namespace leyden {

/// When OpenMP's waiting threads may spin: not while a thread of this program waits for a core. A
/// trial of spinning that fails makes the next one later, from 0.2 s up to 5 s.
class LEYDEN_API SpinPolicy
{
public:
    /// A moment of `seconds`, in which the thread that waited longest for a core waited so much of
    /// it. Returns whether to spin from now on.
    bool after(double seconds, double waited_share);
    bool spins() const { return spins_; }

private:
    bool spins_ = true;
    double since_ = 0.0;     ///< seconds in this state
    double quiet_for_ = 0.0; ///< seconds in which hardly a thread waited
    double hold_ = 0.0;      ///< seconds without spinning before it is tried again
};

/// Keeps a run fast beside other programs. LibTorch's operations run on OpenMP's threads, and those
/// spin for work, and for each other, before they sleep: libgomp's 300,000 turns take milliseconds.
/// On an idle machine that is fastest. Where another program has one of the cores it is many times
/// slower than one thread: whoever spins keeps the core from the thread that it waits for.
///
/// libgomp spins 100 turns only where it manages more threads than there are cores. So while
/// threads of this program wait for a core, as many idle ones are kept, and none once it is quiet.
/// The operations' own threads stay as many as they were: no number changes.
///
/// Runs:    a thread of its own, which looks 50 times a second at the system's scheduler statistics.
/// Leaves:  everything as it is with one thread, where GOMP_SPINCOUNT or OMP_WAIT_POLICY is set
///          (the user's word), where the system has no such statistics or no room for threads, or
///          where OpenMP is not libgomp.
/// Source:  GNU libgomp's manual, GOMP_SPINCOUNT.
class LEYDEN_API SpinThrottle
{
public:
    using Period = std::chrono::milliseconds;

    /// `threads` of an operation.
    explicit SpinThrottle(int threads);
    /// With a source of its own for what SpinPolicy::after() asks; called each `period`.
    SpinThrottle(std::function<double()> waited_share, Period period);
    ~SpinThrottle();
    SpinThrottle(const SpinThrottle&) = delete;
    SpinThrottle& operator=(const SpinThrottle&) = delete;

    bool is_watching() const { return watch_ != nullptr; }
    bool is_throttling() const; ///< from any thread

private:
    void begin(std::function<double()> waited_share, Period period);

    class Watch;
    std::unique_ptr<Watch> watch_;
};

} // namespace leyden
