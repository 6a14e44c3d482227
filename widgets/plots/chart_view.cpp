// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/plots/chart_series.h"
#include "widgets/plots/y_range_dialog.h"

#include <qcustomplot.h>

#include <algorithm>
#include <cmath>
#include <tuple>

namespace leyden::ui {
namespace {
// A longer one would only hold views that nobody remembers.
constexpr size_t longestHistory = 100;

std::pair<double, double> zoomed(double lower, double upper, double factor, double at, bool isLog)
{
    if (isLog && lower > 0.0 && at > 0.0)
        return {at * std::pow(lower / at, factor), at * std::pow(upper / at, factor)};
    return {at + (lower - at) * factor, at + (upper - at) * factor};
}

std::pair<double, double> shifted(double lower, double upper, double share, bool isLog)
{
    if (isLog && lower > 0.0) {
        const double factor = std::pow(upper / lower, share);
        return {lower * factor, upper * factor};
    }
    const double by = (upper - lower) * share;
    return {lower + by, upper + by};
}

std::pair<double, double> padded(double lower, double upper, double share, bool isLog)
{
    if (isLog) {
        const double factor = lower < upper ? std::pow(upper / lower, share) : 2.0;
        return {lower / factor, upper * factor};
    }
    double pad = (upper - lower) * share;
    if (!(pad > std::abs(upper) * 1e-12)) // one value
        pad = upper == 0.0 ? 1.0 : std::abs(upper) * 0.1;
    return {lower - pad, upper + pad};
}

// Beyond this the axis cannot tell its ends apart, or overflows.
bool isDrawable(double lower, double upper, bool isLog)
{
    return std::isfinite(lower) && std::isfinite(upper) && (!isLog || lower > 1e-300)
        && std::abs(lower) < 1e300 && std::abs(upper) < 1e300
        && upper - lower > 1e-12 * std::max(std::abs(lower), std::abs(upper))
        && upper - lower > 1e-280;
}
} // namespace

namespace {
// All but the 1 % at either end, of a sample where there are many values; NaN: there is none.
QCPRange trimmedRange(const QCPGraph& graph, const QCPRange& x)
{
    constexpr std::ptrdiff_t enough = 4000;
    const auto data = graph.data();
    const auto first = data->findBegin(x.lower, false);
    const auto count = std::max<std::ptrdiff_t>(0, data->findEnd(x.upper, false) - first);
    const auto stride = std::max<std::ptrdiff_t>(1, count / enough);
    std::vector<double> values;
    values.reserve(size_t(count / stride + 1));
    for (std::ptrdiff_t i = 0; i < count; i += stride)
        values.push_back((first + i)->value);
    if (values.empty())
        return {notANumber, notANumber};
    const auto spared = std::ptrdiff_t(values.size() / 100);
    std::nth_element(values.begin(), values.begin() + spared, values.end());
    const double low = values[size_t(spared)];
    std::nth_element(values.begin(), values.end() - 1 - spared, values.end());
    return {low, values[values.size() - 1 - size_t(spared)]};
}
} // namespace

void MetricChart::updateRanges()
{
    updateXRange();
    updateYRange();
    updatePens();
}

void MetricChart::updateXRange()
{
    const auto span = m_store.xSpan(m_settings.xAxis, m_settings.xLog);
    if (span && m_xView.mode == XView::Mode::Fit) {
        auto [lower, upper] = *span;
        if (lower < upper) { // room on the right only, so that the newest point is not on the edge
            upper = padded(lower, upper, 0.02, m_settings.xLog).second;
        } else {
            std::tie(lower, upper) = padded(lower, upper, 0.02, m_settings.xLog);
        }
        m_xView.lower = lower;
        m_xView.upper = upper;
    } else if (span && m_xView.mode == XView::Mode::Follow) {
        const double share
            = (span->second - m_xView.upper) / (m_xView.upper - m_xView.lower) + 0.02;
        if (m_settings.xLog)
            std::tie(m_xView.lower, m_xView.upper)
                = std::pair(m_xView.lower * span->second / m_xView.upper, span->second);
        else
            std::tie(m_xView.lower, m_xView.upper)
                = shifted(m_xView.lower, m_xView.upper, share, false);
    }
    if (isDrawable(m_xView.lower, m_xView.upper, m_settings.xLog))
        m_plot->xAxis->setRange(m_xView.lower, m_xView.upper);
}

void MetricChart::updateYRange()
{
    if (m_state.isYAuto) {
        double lower = notANumber;
        double upper = notANumber;
        const auto signs = m_state.isYLog ? QCP::sdPositive : QCP::sdBoth;
        for (const auto& series : m_series) {
            if (!isSeriesVisible(series->name))
                continue;
            bool isFound = false;
            QCPRange range;
            const auto* stored = m_store.series(series->name);
            if (m_settings.trimsY) {
                range = trimmedRange(*series->raw, m_plot->xAxis->range());
                isFound = !std::isnan(range.lower);
            } else if (m_xView.mode == XView::Mode::Fit && stored
                && series->dropped == 0) { // no walk over the points
                range = QCPRange(stored->minimum(), stored->maximum());
                isFound = !std::isnan(stored->minimum());
            } else {
                range = series->raw->getValueRange(isFound, signs, m_plot->xAxis->range());
            }
            if (isFound) {
                lower = std::fmin(lower, range.lower);
                upper = std::fmax(upper, range.upper);
            }
        }
        if (!std::isnan(lower))
            std::tie(m_state.yLower, m_state.yUpper) = padded(lower, upper, 0.06, m_state.isYLog);
        else if (m_state.isYLog && !(m_state.yLower > 0.0))
            std::tie(m_state.yLower, m_state.yUpper) = std::pair(1.0, 10.0); // nothing to show
    }
    if (isDrawable(m_state.yLower, m_state.yUpper, m_state.isYLog))
        m_plot->yAxis->setRange(m_state.yLower, m_state.yUpper);
}

void MetricChart::setXView(const XView& view)
{
    m_xView = view;
    updateRanges();
}

void MetricChart::setState(const ChartState& state)
{
    const bool isScaleChanged = state.isYLog != m_state.isYLog;
    m_state = state;
    if (isScaleChanged)
        reload();
    else
        updateRanges();
    queueReplot();
}

MetricChart::View MetricChart::view() const
{
    return {m_xView, m_state.isYAuto, m_state.yLower, m_state.yUpper};
}

void MetricChart::rememberView()
{
    m_history.push_back(view());
    if (m_history.size() > longestHistory)
        m_history.erase(m_history.begin());
}

void MetricChart::viewChangedByUser()
{
    updateRanges();
    queueReplot();
    Q_EMIT xViewChanged(m_xView);
    Q_EMIT stateChanged();
}

void MetricChart::userZoomX(double factor, double pixelX)
{
    const auto [lower, upper]
        = zoomed(m_xView.lower, m_xView.upper, factor, xAtPixel(pixelX), m_settings.xLog);
    if (!isDrawable(lower, upper, m_settings.xLog))
        return;
    m_xView = {XView::Mode::Manual, lower, upper};
    viewChangedByUser();
}

void MetricChart::userZoomY(double factor, double pixelY)
{
    const double at = m_plot->yAxis->pixelToCoord(pixelY);
    const auto [lower, upper] = zoomed(m_state.yLower, m_state.yUpper, factor, at, m_state.isYLog);
    if (!isDrawable(lower, upper, m_state.isYLog))
        return;
    m_state.isYAuto = false;
    m_state.yLower = lower;
    m_state.yUpper = upper;
    viewChangedByUser();
}

void MetricChart::beginPan()
{
    rememberView();
    m_panStart = view();
}

void MetricChart::userPan(const QPointF& pixels)
{
    const auto plot = plotRect();
    if (plot.isEmpty())
        return;
    const auto [lower, upper] = shifted(
        m_panStart.x.lower, m_panStart.x.upper, -pixels.x() / plot.width(), m_settings.xLog);
    if (isDrawable(lower, upper, m_settings.xLog))
        m_xView = {XView::Mode::Manual, lower, upper};
    // A hand is never quite level: y lets go of its automatic range only for a real move.
    if (!m_state.isYAuto || std::abs(pixels.y()) > 12) {
        const auto [low, high] = shifted(
            m_panStart.yLower, m_panStart.yUpper, pixels.y() / plot.height(), m_state.isYLog);
        if (isDrawable(low, high, m_state.isYLog)) {
            m_state.isYAuto = false;
            m_state.yLower = low;
            m_state.yUpper = high;
        }
    }
    viewChangedByUser();
}

void MetricChart::userZoomTo(const QRectF& pixels)
{
    const auto box = pixels.normalized().intersected(plotRect());
    if (box.width() < 4 || box.height() < 4)
        return;
    const double left = xAtPixel(box.left());
    const double right = xAtPixel(box.right());
    const double low = m_plot->yAxis->pixelToCoord(box.bottom());
    const double high = m_plot->yAxis->pixelToCoord(box.top());
    if (!isDrawable(left, right, m_settings.xLog) || !isDrawable(low, high, m_state.isYLog))
        return;
    rememberView();
    m_xView = {XView::Mode::Manual, left, right};
    m_state.isYAuto = false;
    m_state.yLower = low;
    m_state.yUpper = high;
    viewChangedByUser();
}

void MetricChart::userFit()
{
    rememberView();
    m_xView.mode = XView::Mode::Fit;
    m_state.isYAuto = true;
    viewChangedByUser();
}

void MetricChart::userPreviousView()
{
    if (m_history.empty())
        return;
    const auto last = m_history.back();
    m_history.pop_back();
    m_xView = last.x;
    m_state.isYAuto = last.isYAuto;
    m_state.yLower = last.yLower;
    m_state.yUpper = last.yUpper;
    viewChangedByUser();
}

void MetricChart::userFollow(bool following)
{
    if (following == (m_xView.mode == XView::Mode::Follow))
        return;
    rememberView();
    if (!following) {
        m_xView.mode = XView::Mode::Manual;
    } else {
        if (m_xView.mode == XView::Mode::Fit) // all is in view: follow with the last quarter
            m_xView.lower
                = zoomed(m_xView.lower, m_xView.upper, 0.25, m_xView.upper, m_settings.xLog).first;
        m_xView.mode = XView::Mode::Follow;
        m_state.isYAuto = true; // the newest value must not leave through the top
    }
    viewChangedByUser();
}

void MetricChart::setYLog(bool isLog)
{
    auto next = m_state;
    next.isYLog = isLog;
    next.isYAuto = true;
    setState(next);
    Q_EMIT stateChanged();
}

void MetricChart::userYRange(double lower, double upper)
{
    if (!isDrawable(lower, upper, m_state.isYLog))
        return;
    rememberView();
    m_state.isYAuto = false;
    m_state.yLower = lower;
    m_state.yUpper = upper;
    viewChangedByUser();
}

void MetricChart::askForYRange()
{
    auto* dialog = new YRangeDialog(m_family, yRange(), m_state.isYLog, this);
    connect(dialog, &YRangeDialog::chosen, this, &MetricChart::userYRange);
    connect(dialog, &YRangeDialog::automaticChosen, this, [this] {
        rememberView();
        m_state.isYAuto = true;
        viewChangedByUser();
    });
    dialog->open();
}

QWidget* MetricChart::plotWidget() const
{
    return m_plot;
}

QRectF MetricChart::plotRect() const
{
    return m_plot->axisRect()->rect();
}

double MetricChart::xAtPixel(double pixel) const
{
    return m_plot->xAxis->pixelToCoord(pixel);
}

QPointF MetricChart::pixelAt(double x, double y) const
{
    return {m_plot->xAxis->coordToPixel(x), m_plot->yAxis->coordToPixel(y)};
}

std::pair<double, double> MetricChart::xRange() const
{
    return {m_plot->xAxis->range().lower, m_plot->xAxis->range().upper};
}

std::pair<double, double> MetricChart::yRange() const
{
    return {m_plot->yAxis->range().lower, m_plot->yAxis->range().upper};
}

} // namespace leyden::ui
