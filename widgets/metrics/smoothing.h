// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cmath>

namespace leyden::ui {
/// Exponential moving average with its start corrected, so that the first value is the first value:
/// s_n = w s_(n-1) + (1 - w) x_n; shown is s_n / (1 - w^n). Takes finite values only.
///
/// A value `distance` rows after the one before it has the weight w^distance: a loss that is logged
/// once an epoch is not dragged behind by an average meant for one that is logged each step.
class Ema
{
public:
    explicit Ema(double weight = 0.0) : m_weight(weight) { }

    double add(double value, double distance = 1.0)
    {
        const double weight = distance == 1.0 ? m_weight : std::pow(m_weight, distance);
        m_average = weight * m_average + (1.0 - weight) * value;
        m_remainder *= weight;
        return m_average / (1.0 - m_remainder);
    }

private:
    double m_weight; // in [0, 1)
    double m_average = 0.0;
    double m_remainder = 1.0; // w^n
};
} // namespace leyden::ui
