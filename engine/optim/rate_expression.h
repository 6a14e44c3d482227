// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/export.h"

#include <functional>
#include <string>

namespace leyden {

/// A factor of the learning rate as a formula of `epoch` (the scheduler's steps), in Python's
/// grammar: + - * / // % **, comparisons, and, or, not, `a if b else c`, parentheses, pi, e, and
/// the functions abs ceil cos exp floor log max min pow sin sqrt tanh (with or without `math.`).
/// All numbers are doubles.
///
/// Throws: MisconfigurationError that says where the text is wrong.
class LEYDEN_API RateExpression
{
public:
    explicit RateExpression(std::string text);

    /// Throws MisconfigurationError where the result is not finite, e.g. after a division by 0.
    double operator()(double epoch) const;
    const std::string& text() const { return text_; }

private:
    std::string text_;
    std::function<double(double)> value_;
};

} // namespace leyden
