// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cmath>

namespace leyden::ui {
/// Exponential moving average with its start corrected, so that the first value is the first value:
/// s_n = w s_(n-1) + (1 - w) x_n; shown is s_n / (1 - w^n). Takes finite values only.
class Ema
{
public:
    explicit Ema(double weight = 0.0) : m_weight(weight) { }

    double add(double value)
    {
        m_average = m_weight * m_average + (1.0 - m_weight) * value;
        m_remainder *= m_weight;
        return m_average / (1.0 - m_remainder);
    }

private:
    double m_weight; // in [0, 1)
    double m_average = 0.0;
    double m_remainder = 1.0; // w^n
};
} // namespace leyden::ui
