// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/bridge/pace_meter.h"

#include <algorithm>
#include <cmath>

namespace leyden::app {
namespace {
constexpr double leastSeconds = 0.5; // of a window that says anything
} // namespace

void PaceMeter::add(RunProgress& progress)
{
    if (progress.batches <= 0)
        return; // how far it is in the epoch is not known: the run's own numbers stay
    if (progress.isTraining) {
        const Sample now{progress.activeSeconds,
            double(progress.epoch) * double(progress.batches) + double(progress.batch),
            double(progress.globalStep)};
        if (!m_samples.empty()
            && (now.batches < m_samples.back().batches || now.seconds < m_samples.back().seconds))
            m_samples.clear();
        if (m_samples.empty() || now.batches > m_samples.back().batches)
            m_samples.push_back(now);
        while (m_samples.size() > 2 && m_samples[1].seconds <= now.seconds - windowSeconds)
            m_samples.pop_front();
    }
    if (m_samples.size() < 2)
        return;
    const auto& first = m_samples.front();
    const auto& last = m_samples.back();
    const double seconds = last.seconds - first.seconds;
    if (seconds < leastSeconds)
        return;
    const double batchesPerSecond = (last.batches - first.batches) / seconds;
    const double stepsPerSecond = (last.steps - first.steps) / seconds;
    progress.batchesPerSecond = batchesPerSecond;
    double left = -1.0;
    if (progress.maxEpochs > 0 && progress.isTraining) {
        const auto perEpoch = double(progress.batches);
        // an epoch that has begun is finished, whatever max_epochs was set to meanwhile
        const double epochs
            = std::max(double(progress.maxEpochs), std::ceil(last.batches / perEpoch));
        left = (epochs * perEpoch - last.batches) / batchesPerSecond;
    }
    if (progress.maxSteps > 0 && stepsPerSecond > 0.0) {
        const double ofSteps
            = std::max(0.0, double(progress.maxSteps) - last.steps) / stepsPerSecond;
        left = left < 0.0 ? ofSteps : std::min(left, ofSteps);
    }
    if (left >= 0.0)
        progress.remainingSeconds = left;
}

} // namespace leyden::app
