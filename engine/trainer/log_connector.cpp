// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/trainer/log_connector.h"

#include "engine/core/errors.h"
#include "engine/metrics/metric.h"

#include <spdlog/fmt/fmt.h>

namespace leyden {
namespace {

std::optional<int64_t> first_batch_size(const StateTree& batch)
{
    if (batch.is_tensor())
        return batch.tensor().dim() == 0 ? 1 : batch.tensor().size(0);
    if (batch.is_list()) {
        for (const auto& item : batch.items()) {
            if (const auto size = first_batch_size(item))
                return size;
        }
    } else if (batch.is_dict()) {
        for (const auto& [key, value] : batch.entries()) {
            if (const auto size = first_batch_size(value))
                return size;
        }
    }
    return {};
}

void check_placement(Hook hook, std::string_view name, const ResultSlot& slot)
{
    const auto& rule = log_rule(hook);
    if (!rule.allowed)
        throw MisconfigurationError(
            fmt::format("log('{}', ...) in {}: this hook cannot log", name, hook_name(hook)));
    if (slot.on_step && !rule.may_on_step)
        throw MisconfigurationError(fmt::format(
            "log('{}', on_step = true) in {}: only on_epoch is possible there", name, hook_name(hook)));
    if (!slot.on_step && !slot.on_epoch)
        throw MisconfigurationError(
            fmt::format("log('{}', ...): on_step and on_epoch are both false; set one", name));
    if (slot.add_dataloader_idx && name.find("/dataloader_idx_") != std::string_view::npos)
        throw MisconfigurationError(fmt::format(
            "log('{}', ...): the name holds /dataloader_idx_, which is added by itself; choose another", name));
}

} // namespace

int64_t extract_batch_size(const StateTree& batch)
{
    if (const auto size = first_batch_size(batch))
        return *size;
    throw MisconfigurationError(
        "the batch size could not be found in the batch; pass batch_size to log()");
}

ResultSlot& LogConnector::slot_for(
    Hook hook, std::string_view name, Metric* metric, const LogOptions& options)
{
    const auto& rule = log_rule(hook);
    const bool on_step = options.on_step.value_or(rule.default_on_step);
    const bool on_epoch = options.on_epoch.value_or(rule.default_on_epoch);
    const auto loader = results_->dataloader_idx;
    if (auto* slot = results_->find(hook, name, loader)) {
        const bool is_same = slot->on_step == on_step && slot->on_epoch == on_epoch
            && slot->prog_bar == options.prog_bar && slot->logger == options.logger
            && slot->reduce == options.reduce_fx && slot->add_dataloader_idx == options.add_dataloader_idx;
        if (!is_same)
            throw MisconfigurationError(
                fmt::format("log('{}', ...) was called twice in {} with different arguments", name, hook_name(hook)));
        slot->metric = metric;
        if (slot->plain_name.empty())
            intern_names(*slot); // made from a checkpoint
        return *slot;
    }
    ResultSlot slot;
    slot.hook = hook;
    slot.name = name;
    slot.on_step = on_step;
    slot.on_epoch = on_epoch;
    slot.prog_bar = options.prog_bar;
    slot.logger = options.logger;
    slot.add_dataloader_idx = options.add_dataloader_idx;
    slot.reduce = options.reduce_fx;
    slot.dataloader_idx = loader;
    slot.metric = metric;
    check_placement(hook, name, slot);
    if (!options.add_dataloader_idx && loader > 0)
        throw MisconfigurationError(fmt::format(
            "log('{}', add_dataloader_idx = false): several loaders log this name; give each its own", name));
    slot.sum = {};
    auto& added = results_->add(std::move(slot));
    if (!metric)
        added.reset();
    intern_names(added);
    return added;
}

void LogConnector::intern_names(ResultSlot& slot)
{
    const auto suffix = slot.add_dataloader_idx && slot.dataloader_idx >= 0
        ? fmt::format("/dataloader_idx_{}", slot.dataloader_idx)
        : std::string();
    slot.plain_name = slot.name + suffix;
    slot.step_name = (slot.forked() ? slot.name + "_step" : slot.name) + suffix;
    slot.epoch_name = (slot.forked() ? slot.name + "_epoch" : slot.name) + suffix;
    slot.callback_plain = callback_.intern(slot.plain_name);
    slot.callback_step = callback_.intern(slot.step_name);
    slot.callback_epoch = callback_.intern(slot.epoch_name);
    if (slot.prog_bar) {
        slot.bar_step = progress_bar_.intern(slot.step_name);
        slot.bar_epoch = progress_bar_.intern(slot.epoch_name);
    }
}

int64_t LogConnector::batch_size_for(const ResultSlot& slot, const LogOptions& options)
{
    if (options.batch_size)
        return *options.batch_size;
    if (results_->batch_size >= 0)
        return results_->batch_size;
    if (!results_->batch || !slot.on_epoch || slot.reduce != Reduce::Mean)
        return 1;
    results_->batch_size = extract_batch_size(*results_->batch);
    return results_->batch_size;
}

void LogConnector::log(
    Hook hook, std::string_view name, LoggedValue value, Metric* metric, const LogOptions& options)
{
    if (!results_)
        throw MisconfigurationError(fmt::format("log('{}', ...): there is no run to log to here", name));
    // A hook that logs again in a new epoch starts its reduction afresh.
    if (current_hook_ != hook && loop_iter_ != LoopIter::Later)
        results_->reset_tensors_of(hook);
    current_hook_ = hook;

    auto& slot = slot_for(hook, name, metric, options);
    slot.has_reset = false;
    if (slot.on_step) {
        slot.step_value = metric
            ? LoggedValue {.number = metric->batch_value().item<double>()}
            : value;
        slot.has_step_value = true;
        if (results_->is_training() && loop_iter_ != LoopIter::None) {
            callback_.set(slot.callback_plain, slot.step_value);
            if (slot.forked())
                callback_.set(slot.callback_step, slot.step_value);
        }
        if (slot.prog_bar)
            progress_bar_.set(slot.bar_step, slot.step_value);
    }
    if (slot.on_epoch) {
        if (!metric)
            slot.accumulate(value, batch_size_for(slot, options));
        results_->is_stale = true;
    }
}

void LogConnector::on_batch_start(const StateTree& batch, int64_t dataloader_idx)
{
    loop_iter_ = loop_iter_ == LoopIter::None ? LoopIter::First
        : loop_iter_ == LoopIter::First       ? LoopIter::Later
                                              : loop_iter_;
    results_->batch = &batch;
    results_->batch_size = -1;
    results_->dataloader_idx = dataloader_idx;
}

void LogConnector::on_batch_end()
{
    results_->batch = nullptr;
    results_->batch_size = -1;
}

void LogConnector::publish_epoch_values()
{
    for (auto& pointer : results_->slots()) {
        auto& slot = *pointer;
        if (slot.has_reset || !slot.on_epoch || slot.dataloader_idx != results_->dataloader_idx)
            continue;
        if (slot.plain_name.empty())
            intern_names(slot);
        const auto value = slot.epoch_value();
        callback_.set(slot.callback_plain, value);
        if (slot.forked())
            callback_.set(slot.callback_epoch, value);
        if (slot.prog_bar)
            progress_bar_.set(slot.bar_epoch, value);
    }
    results_->is_stale = false;
}

void LogConnector::on_epoch_end()
{
    publish_epoch_values();
    current_hook_ = Hook::None;
}

MetricRow LogConnector::collect()
{
    const bool on_step = loop_iter_ != LoopIter::None;
    if (!on_step)
        publish_epoch_values();
    MetricRow row;
    for (auto& pointer : results_->slots()) {
        auto& slot = *pointer;
        if (slot.has_reset || !slot.logger || slot.dataloader_idx != results_->dataloader_idx)
            continue;
        if (slot.plain_name.empty())
            intern_names(slot);
        if (on_step ? !slot.on_step || !slot.has_step_value : !slot.on_epoch)
            continue;
        const auto& name = on_step ? slot.step_name : slot.epoch_name;
        const auto value = on_step ? slot.step_value : slot.epoch_value();
        logged_.set(logged_.intern(name), value);
        row.values.push_back({name, value.read(), false});
    }
    return row;
}

const MetricDict& LogConnector::callback_metrics()
{
    if (results_ && results_->is_stale && loop_iter_ == LoopIter::None)
        publish_epoch_values();
    return callback_;
}

void LogConnector::reset_results()
{
    if (results_)
        results_->reset();
    loop_iter_ = LoopIter::None;
    current_hook_ = Hook::None;
}

void LogConnector::reset_metrics()
{
    callback_.clear();
    progress_bar_.clear();
    logged_.clear();
}

} // namespace leyden
