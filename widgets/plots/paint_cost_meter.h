// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtGlobal>

#include <algorithm>
#include <deque>

namespace leyden::ui {
/// How much of the wall time went into painting lately, and how often that lets us paint.
class PaintCostMeter
{
public:
    static constexpr double windowMs = 10'000.0;
    static constexpr double allowedShare = 0.01;

    void add(double nowMs, double costMs)
    {
        m_costs.push_back({nowMs, costMs});
        dropOld(nowMs);
    }

    /// Over the last 10 seconds; in [0, 1].
    double share(double nowMs)
    {
        dropOld(nowMs);
        double sum = 0.0;
        for (const auto& cost : m_costs)
            sum += cost.ms;
        return std::min(1.0, sum / windowMs);
    }

    /// Pause between repaints of `costMs` each: `baseMs`, more if they would take over 1 % of the
    /// time, but a second at most.
    static int interval(double costMs, int baseMs)
    {
        return int(std::clamp(costMs / allowedShare, double(baseMs), 1000.0));
    }

private:
    struct Cost
    {
        double atMs, ms;
    };

    void dropOld(double nowMs)
    {
        while (!m_costs.empty() && m_costs.front().atMs < nowMs - windowMs)
            m_costs.pop_front();
    }

    std::deque<Cost> m_costs;
};
} // namespace leyden::ui
