// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/optim/strong_wolfe.h"

#include <array>
#include <optional>
#include <utility>

namespace leyden {

namespace {

constexpr double c1 = 1e-4; // how much of the expected fall is enough
constexpr double c2 = 0.9;  // how much of the first slope may be left

using Bounds = std::pair<TensorNumber, TensorNumber>;

/// The minimum of the cubic through two points with their slopes, within bounds.
TensorNumber cubic_minimum(
    const LinePoint& a, const LinePoint& b, const std::optional<Bounds>& given = {})
{
    const auto bounds = given ? *given
        : a.step <= b.step    ? Bounds(a.step, b.step)
                              : Bounds(b.step, a.step);
    const auto d1 = a.slope + b.slope - TensorNumber(3 * (a.loss - b.loss)) / (a.step - b.step);
    const auto d2_square = d1 * d1 - a.slope * b.slope;
    if (!(TensorNumber(0) <= d2_square))
        return (bounds.first + bounds.second) / 2.0;
    const auto d2 = sqrt(d2_square);
    const auto minimum = a.step <= b.step
        ? b.step - (b.step - a.step) * ((b.slope + d2 - d1) / (b.slope - a.slope + d2 * 2))
        : a.step - (a.step - b.step) * ((a.slope + d2 - d1) / (a.slope - b.slope + d2 * 2));
    return min(max(minimum, bounds.first), bounds.second);
}

/// A search in two stages: steps that grow until they enclose a good one, then an interval that
/// shrinks.
class Search
{
public:
    Search(const LineObjective& objective, const LinePoint& start, const at::Tensor& direction,
        int64_t max_evaluations)
        : objective_(objective), start_(start), direction_(direction), max_(max_evaluations)
    {
    }

    void enclose(const TensorNumber& first_step)
    {
        auto previous = start_;
        auto point = evaluate(first_step);
        for (; iterations_ < max_; ++iterations_) {
            if (falls_too_little(point) || (iterations_ > 1 && previous.loss <= point.loss)) {
                bracket_ = {previous, point};
                return;
            }
            if (is_flat(point)) {
                bracket_ = {point, point};
                is_done_ = true;
                return;
            }
            if (TensorNumber(0) <= point.slope) {
                bracket_ = {previous, point};
                return;
            }
            const auto smallest = point.step + (point.step - previous.step) * 0.01;
            const auto next = cubic_minimum(previous, point, Bounds(smallest, point.step * 10));
            previous = point;
            point = evaluate(next);
        }
        bracket_ = {start_, point};
    }

    void shrink(double tolerance_change)
    {
        const auto direction_norm = TensorNumber(direction_.abs().max());
        bool is_slow = false; // no progress in the last round
        sort();
        while (!is_done_ && iterations_ < max_) {
            if (abs(bracket_[1].step - bracket_[0].step) * direction_norm < tolerance_change)
                break;
            auto step = cubic_minimum(bracket_[0], bracket_[1]);
            const auto largest = max(bracket_[0].step, bracket_[1].step);
            const auto smallest = min(bracket_[0].step, bracket_[1].step);
            const auto margin = (largest - smallest) * 0.1;
            if (min(largest - step, step - smallest) < margin) {
                if (is_slow || largest <= step || step <= smallest) {
                    step = abs(step - largest) < abs(step - smallest) ? largest - margin
                                                                      : smallest + margin;
                    is_slow = false;
                } else {
                    is_slow = true;
                }
            } else {
                is_slow = false;
            }
            const auto point = evaluate(step);
            ++iterations_;
            take(point);
        }
    }

    LineSearchResult result() const
    {
        const auto& best = bracket_[low_];
        return {best.loss, best.gradient, best.step, evaluations_};
    }

private:
    LinePoint evaluate(const TensorNumber& step)
    {
        ++evaluations_;
        auto [loss, gradient] = objective_(step);
        auto slope = gradient.dot(direction_);
        return {step, loss, std::move(gradient), std::move(slope)};
    }

    bool falls_too_little(const LinePoint& point) const
    {
        return TensorNumber(start_.loss) + point.step * c1 * start_.slope
            < TensorNumber(point.loss);
    }

    bool is_flat(const LinePoint& point) const { return abs(point.slope) <= start_.slope * -c2; }

    void take(const LinePoint& point)
    {
        auto& low = bracket_[low_];
        auto& high = bracket_[1 - low_];
        if (falls_too_little(point) || low.loss <= point.loss) {
            high = point;
            sort();
            return;
        }
        if (is_flat(point))
            is_done_ = true;
        else if (TensorNumber(0) <= point.slope * (high.step - low.step))
            high = low;
        low = point;
    }

    void sort() { low_ = bracket_[0].loss <= bracket_[1].loss ? 0 : 1; }

    const LineObjective& objective_;
    const LinePoint& start_;
    const at::Tensor& direction_;
    int64_t max_;
    std::array<LinePoint, 2> bracket_;
    size_t low_ = 0; // the better end
    int64_t iterations_ = 0;
    int64_t evaluations_ = 0;
    bool is_done_ = false;
};

} // namespace

LineSearchResult strong_wolfe(const LineObjective& objective, const LinePoint& start,
    TensorNumber step, const at::Tensor& direction, double tolerance_change,
    int64_t max_evaluations)
{
    Search search(objective, start, direction, max_evaluations);
    search.enclose(step);
    search.shrink(tolerance_change);
    return search.result();
}

} // namespace leyden
