// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/callbacks/throughput.h"

#include "engine/core/errors.h"

#include <spdlog/fmt/fmt.h>

namespace leyden {

Throughput::Throughput(
    int64_t window_size, std::string separator, std::optional<double> available_flops)
    : window_size_(size_t(window_size))
    , separator_(std::move(separator))
    , available_flops_(available_flops)
{
    if (window_size < 2)
        throw MisconfigurationError(
            fmt::format("window_size = {}: expected a number of batches >= 2", window_size));
}

void Throughput::update(const Sample& sample)
{
    if (sample.samples < sample.batches)
        throw MisconfigurationError(fmt::format(
            "ThroughputMonitor: {} samples in {} batches; batch_size_fn has to give the "
            "samples of a batch, 1 at least",
            sample.samples, sample.batches));
    if (sample.lengths && *sample.lengths < sample.samples)
        throw MisconfigurationError(fmt::format(
            "ThroughputMonitor: a length of {} for {} samples; length_fn has to give the "
            "items of a batch, one a sample at least",
            *sample.lengths, sample.samples));
    window_.push_back(sample);
    if (window_.size() > window_size_)
        window_.pop_front();
}

std::vector<MetricRow::Value> Throughput::compute() const
{
    LEYDEN_ASSERT(!window_.empty());
    const auto& first = window_.front();
    const auto& last = window_.back();
    std::vector<MetricRow::Value> values{{"time", last.time, false},
        {"batches", double(last.batches), true}, {"samples", double(last.samples), true}};
    if (last.lengths)
        values.push_back({"lengths", double(*last.lengths), true});
    if (window_.size() < window_size_)
        return values;
    const auto elapsed = last.time - first.time;
    const auto add = [&](const char* name, double value) {
        values.push_back({"device" + separator_ + name, value, false});
    };
    add("batches_per_sec", double(last.batches - first.batches) / elapsed);
    add("samples_per_sec", double(last.samples - first.samples) / elapsed);
    if (last.lengths && first.lengths)
        add("items_per_sec", double(*last.lengths - *first.lengths) / elapsed);
    if (!last.flops || !first.flops)
        return values;
    int64_t flops = -*first.flops;
    for (const auto& sample : window_)
        flops += sample.flops.value_or(0);
    const auto flops_per_sec = double(flops) / elapsed;
    add("flops_per_sec", flops_per_sec);
    if (available_flops_)
        add("mfu", flops_per_sec / *available_flops_);
    return values;
}

} // namespace leyden
