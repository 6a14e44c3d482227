// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/export.h"
#include "engine/loggers/logger.h"

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

namespace leyden {

/// Speed over a window of batches, from times and counts since a stage began.
///
/// Values:  time, batches, samples, lengths as they are now; and once the window is full
///          device/batches_per_sec, device/samples_per_sec, device/items_per_sec (of lengths),
///          device/flops_per_sec, and device/mfu where available_flops is known.
/// Throws:  MisconfigurationError where there are fewer samples than batches, or lengths than
///          samples (update).
/// Source:  PyTorch Lightning 2.6, fabric/utilities/throughput.py, for one process.
class LEYDEN_API Throughput
{
public:
    explicit Throughput(int64_t window_size = 100, std::string separator = "/",
        std::optional<double> available_flops = {});

    struct Sample
    {
        double time = 0.0; ///< seconds since the stage began, as are the counts
        int64_t batches = 0;
        int64_t samples = 0;
        std::optional<int64_t> lengths{};
        std::optional<int64_t> flops{}; ///< of this batch alone
    };
    void update(const Sample& sample);
    std::vector<MetricRow::Value> compute() const; ///< not before the first update
    void reset() { window_.clear(); }
    double last_time() const { return window_.empty() ? 0.0 : window_.back().time; }
    const std::string& separator() const { return separator_; }

private:
    size_t window_size_;
    std::string separator_;
    std::optional<double> available_flops_;
    std::deque<Sample> window_;
};

} // namespace leyden
