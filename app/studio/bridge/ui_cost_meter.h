// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <deque>

namespace leyden::app {

/// Share of the wall time that a thread computes, over the last seconds: what the window takes from
/// a run. Call sample() on that thread, about once a second.
class UiCostMeter
{
public:
    /// Processor time of the calling thread, in seconds.
    static double threadSeconds();

    double sample(double wallSeconds, double cpuSeconds)
    {
        m_samples.push_back({wallSeconds, cpuSeconds});
        while (m_samples.size() > 2 && m_samples.front().wall < wallSeconds - windowSeconds)
            m_samples.pop_front();
        const double wall = wallSeconds - m_samples.front().wall;
        return wall > 0.0 ? (cpuSeconds - m_samples.front().cpu) / wall : 0.0;
    }

private:
    static constexpr double windowSeconds = 10.0;
    struct Sample
    {
        double wall, cpu;
    };
    std::deque<Sample> m_samples;
};

} // namespace leyden::app
