// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/callbacks/device_stats_monitor.h"

#include "engine/core/errors.h"
#include "engine/core/lightning_module.h"
#include "engine/strategies/strategy.h"
#include "engine/trainer/run_checks.h"
#include "engine/trainer/trainer.h"

#include <c10/core/CachingDeviceAllocator.h>

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <sstream>

namespace leyden {
namespace {

constexpr const char* no_logger_for_stats
    = "DeviceStatsMonitor needs a logger, and logger = false; set a logger, or remove the callback";

/// Files below /proc have no size that a reader could trust.
std::string proc_text(const char* file)
{
    std::ifstream stream(file);
    std::ostringstream text;
    text << stream.rdbuf();
    return text.str();
}

using Values = std::vector<MetricRow::Value>;

void add_allocator_stats(const c10::Device& device, const std::string& prefix, Values& values)
{
    const auto stats
        = at::getDeviceAllocator(device.type())
              ->getDeviceStats(device.has_index() ? device.index() : c10::DeviceIndex(0));
    const auto add = [&](const std::string& name, int64_t value) {
        values.push_back({prefix + name, double(value), true});
    };
    const auto add_stat = [&](const std::string& name, const auto& stat) {
        add(name + ".allocated", stat.allocated);
        add(name + ".current", stat.current);
        add(name + ".freed", stat.freed);
        add(name + ".peak", stat.peak);
    };
    const auto add_pools = [&](const std::string& name, const auto& pools) {
        // in the order of the allocator's array
        static constexpr std::array pool_names{"all", "small_pool", "large_pool"};
        for (size_t i = 0; i < pool_names.size(); ++i)
            add_stat(name + "." + pool_names[i], pools[i]);
    };
    const auto first = values.size();
    add_pools("allocation", stats.allocation);
    add_pools("segment", stats.segment);
    add_pools("active", stats.active);
    add_pools("inactive_split", stats.inactive_split);
    add_pools("allocated_bytes", stats.allocated_bytes);
    add_pools("reserved_bytes", stats.reserved_bytes);
    add_pools("active_bytes", stats.active_bytes);
    add_pools("inactive_split_bytes", stats.inactive_split_bytes);
    add_pools("requested_bytes", stats.requested_bytes);
    add_stat("oversize_allocations", stats.oversize_allocations);
    add_stat("oversize_segments", stats.oversize_segments);
    add("num_alloc_retries", stats.num_alloc_retries);
    add("num_ooms", stats.num_ooms);
    [&](const auto& all) { // LibTorch 2.11 does not count these
        if constexpr (requires { all.num_oom_rejections; })
            add("num_oom_rejections", all.num_oom_rejections);
    }(stats);
    add("num_sync_all_streams", stats.num_sync_all_streams);
    add("num_device_alloc", stats.num_device_alloc);
    add("num_device_free", stats.num_device_free);
    add("max_split_size", stats.max_split_size);
    std::sort(values.begin() + int64_t(first), values.end(),
        [](const auto& a, const auto& b) { return a.name < b.name; });
}

} // namespace

void describe(OptionTable<DeviceStatsMonitorOptions>& table)
{
    table.add("cpu_stats", &DeviceStatsMonitorOptions::cpu_stats,
        "Log how busy the CPU and its memory are; unset: where the CPU trains");
}

void DeviceStatsMonitor::check_run(const RunFacts& facts, RunProblems& problems) const
{
    if (!facts.has_loggers && facts.plan->fast_dev_run == 0)
        problems.error("", no_logger_for_stats);
}

void DeviceStatsMonitor::setup(Trainer& trainer, LightningModule&, TrainerFn fn)
{
    if (fn != TrainerFn::Fit)
        return;
    if (trainer.loggers().empty())
        throw MisconfigurationError(no_logger_for_stats);
    const bool is_cpu = trainer.strategy().root_device().is_cpu();
    if (!options_.cpu_stats.value_or(is_cpu))
        return;
    const auto stat = proc_text("/proc/stat");
    if (stat.empty() || proc_text("/proc/meminfo").empty())
        throw MisconfigurationError("DeviceStatsMonitor: this system has no /proc/stat and "
                                    "/proc/meminfo, from which the CPU's "
                                    "figures are read; set cpu_stats = false");
    usage_.cpu_percent(stat); // the first span begins here
}

void DeviceStatsMonitor::add_cpu_stats(const std::string& prefix, Values& values)
{
    const auto memory = proc_text("/proc/meminfo");
    values.push_back({prefix + "cpu_vm_percent", CpuUsage::vm_percent(memory), false});
    values.push_back({prefix + "cpu_percent", usage_.cpu_percent(proc_text("/proc/stat")), false});
    values.push_back({prefix + "cpu_swap_percent", CpuUsage::swap_percent(memory), false});
}

void DeviceStatsMonitor::log(Trainer& trainer, const char* moment)
{
    if (!trainer.should_update_logs())
        return;
    const auto device = trainer.strategy().root_device();
    const auto prefix = fmt::format("{}.{}/", name(), moment);
    MetricRow row;
    if (!device.is_cpu())
        add_allocator_stats(device, prefix, row.values);
    if (options_.cpu_stats.value_or(device.is_cpu()))
        add_cpu_stats(prefix, row.values);
    row.step = trainer.batches_that_stepped();
    trainer.log_row(std::move(row), /*with_epoch=*/false);
}

void DeviceStatsMonitor::on_train_batch_start(
    Trainer& trainer, LightningModule&, const Batch&, int64_t)
{
    log(trainer, "on_train_batch_start");
}

void DeviceStatsMonitor::on_train_batch_end(
    Trainer& trainer, LightningModule&, const StateTree&, const Batch&, int64_t)
{
    log(trainer, "on_train_batch_end");
}

void DeviceStatsMonitor::on_validation_batch_start(
    Trainer& trainer, LightningModule&, const Batch&, int64_t, int64_t)
{
    log(trainer, "on_validation_batch_start");
}

void DeviceStatsMonitor::on_validation_batch_end(
    Trainer& trainer, LightningModule&, const StateTree&, const Batch&, int64_t, int64_t)
{
    log(trainer, "on_validation_batch_end");
}

void DeviceStatsMonitor::on_test_batch_start(
    Trainer& trainer, LightningModule&, const Batch&, int64_t, int64_t)
{
    log(trainer, "on_test_batch_start");
}

void DeviceStatsMonitor::on_test_batch_end(
    Trainer& trainer, LightningModule&, const StateTree&, const Batch&, int64_t, int64_t)
{
    log(trainer, "on_test_batch_end");
}

} // namespace leyden
