// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/trainer/log_connector.h"

#include "engine/core/errors.h"
#include "engine/core/lightning_module.h"
#include "engine/metrics/metric.h"

#include <spdlog/fmt/fmt.h>

namespace leyden {
namespace {

/// Calls `take` with each tensor's first dimension, depth first, until it says false.
template <class Take> bool each_batch_size(const StateTree& batch, Take&& take)
{
    if (batch.is_tensor())
        return take(batch.tensor().dim() == 0 ? 1 : batch.tensor().size(0));
    if (batch.is_list()) {
        for (const auto& item : batch.items()) {
            if (!each_batch_size(item, take))
                return false;
        }
    } else if (batch.is_dict()) {
        for (const auto& [key, value] : batch.entries()) {
            if (!each_batch_size(value, take))
                return false;
        }
    }
    return true;
}

void check_placement(Hook hook, std::string_view name, const LogOptions& options)
{
    if (hook == Hook::None)
        throw MisconfigurationError(fmt::format(
            "log('{}', ...) outside of the Trainer's hooks; call it in a step or hook", name));
    const auto& rule = log_rule(hook);
    if (!rule.allowed)
        throw MisconfigurationError(
            fmt::format("log('{}', ...) in {}: this hook cannot log", name, hook_name(hook)));
    const bool on_step = options.on_step.value_or(rule.default_on_step);
    if (on_step && !rule.may_on_step)
        throw MisconfigurationError(
            fmt::format("log('{}', on_step = true) in {}: only on_epoch is possible there", name,
                hook_name(hook)));
    if (!on_step && !options.on_epoch.value_or(rule.default_on_epoch))
        throw MisconfigurationError(
            fmt::format("log('{}', ...): on_step and on_epoch are both false; set one", name));
    if (options.add_dataloader_idx && name.find("/dataloader_idx_") != std::string_view::npos)
        throw MisconfigurationError(fmt::format("log('{}', ...): the name holds /dataloader_idx_, "
                                                "which is added by itself; choose another",
            name));
}

/// Whether a later call of the same name says the same as the first.
bool is_same(const ResultSlot& slot, const Metric* metric, const LogOptions& options)
{
    const auto& rule = log_rule(slot.hook);
    return slot.on_step == options.on_step.value_or(rule.default_on_step)
        && slot.on_epoch == options.on_epoch.value_or(rule.default_on_epoch)
        && slot.prog_bar == options.prog_bar && slot.logger == options.logger.value_or(true)
        && slot.reduce == options.reduce_fx && slot.add_dataloader_idx == options.add_dataloader_idx
        && slot.sync_dist == options.sync_dist && slot.rank_zero_only == options.rank_zero_only
        && slot.metric == metric;
}

} // namespace

int64_t extract_batch_size(const StateTree& batch, bool* is_ambiguous)
{
    std::optional<int64_t> first;
    const auto goes_on = [&](int64_t size) {
        if (!first)
            first = size;
        return !is_ambiguous || size == *first; // without a question for others the first is enough
    };
    const bool is_one = each_batch_size(batch, goes_on);
    if (is_ambiguous)
        *is_ambiguous = !is_one;
    if (first)
        return *first;
    throw MisconfigurationError("the batch size could not be found in the batch, which holds no "
                                "tensor; pass batch_size to log()");
}

void LogConnector::attach(LightningModule* module, std::function<void(std::string)> warn)
{
    module_ = module;
    warn_ = std::move(warn);
    warned_.clear();
}

void LogConnector::warn_once(std::string text)
{
    if (warn_ && warned_.insert(text).second)
        warn_(std::move(text));
}

const std::string& LogConnector::attribute_of(std::string_view name, const Metric& metric) const
{
    LEYDEN_ASSERT(module_ != nullptr);
    for (const auto& [attribute, registered] : module_->registered_metrics()) {
        if (registered == &metric)
            return attribute;
    }
    throw MisconfigurationError(
        fmt::format("log('{}', metric): the metric is none of the module's; call "
                    "register_metric(name, metric) in the module's constructor",
            name));
}

ResultSlot& LogConnector::slot_for(
    Hook hook, std::string_view name, Metric* metric, const LogOptions& options)
{
    const auto loader = results_->dataloader_idx;
    if (auto* slot = results_->find(hook, name, loader)) {
        if (!is_same(*slot, metric, options)) {
            check_placement(hook, name, options);
            throw MisconfigurationError(
                fmt::format("log('{}', ...) was called twice in {} with different arguments", name,
                    hook_name(hook)));
        }
        if (slot->plain_name.empty())
            intern_names(*slot); // made from a checkpoint
        return *slot;
    }
    check_placement(hook, name, options);
    if (!options.add_dataloader_idx && results_->find_of_other_loader(hook, name, loader))
        throw MisconfigurationError(fmt::format("log('{}', add_dataloader_idx = false) in {}: "
                                                "several loaders log this name; give each its own",
            name, hook_name(hook)));
    const auto& rule = log_rule(hook);
    ResultSlot said;
    said.hook = hook;
    said.name = name;
    said.on_step = options.on_step.value_or(rule.default_on_step);
    said.on_epoch = options.on_epoch.value_or(rule.default_on_epoch);
    said.prog_bar = options.prog_bar;
    said.logger = options.logger.value_or(true);
    said.add_dataloader_idx = options.add_dataloader_idx;
    said.sync_dist = options.sync_dist;
    said.rank_zero_only = options.rank_zero_only;
    said.reduce = options.reduce_fx;
    said.dataloader_idx = loader;
    said.metric = metric;
    if (metric)
        said.metric_attribute = attribute_of(name, *metric);
    auto& added = results_->add(std::move(said));
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
    bool is_ambiguous = false;
    results_->batch_size = extract_batch_size(*results_->batch, &is_ambiguous);
    if (is_ambiguous)
        warn_once(fmt::format(
            "log('{}', ...): the batch's tensors differ in their first dimension; its first "
            "tensor's "
            "is taken as the batch size ({} here); pass batch_size to log() for another",
            slot.name, results_->batch_size));
    return results_->batch_size;
}

void LogConnector::log(
    Hook hook, std::string_view name, LoggedValue value, Metric* metric, const LogOptions& options)
{
    if (!results_) { // before the loops, or in a run that keeps no metrics
        if (hook == Hook::None)
            check_placement(hook, name, options);
        throw MisconfigurationError(
            fmt::format("log('{}', ...) in {}: this hook cannot log", name, hook_name(hook)));
    }
    // A hook that logs again in a new epoch starts its reduction afresh.
    if (current_hook_ != hook && loop_iter_ != LoopIter::Later)
        results_->reset_tensors_of(hook);
    current_hook_ = hook;

    auto& slot = slot_for(hook, name, metric, options);
    if (value.is_integral)
        warn_once(fmt::format(
            "log('{}', ...): a tensor of whole numbers or bools is kept as float32, exact "
            "to 2^24; log value.to(torch::kFloat) to say so yourself",
            name));
    slot.has_reset = false;
    if (slot.on_step) {
        if (metric)
            slot.step_value = slot.batch_value();
        else
            slot.step_value = value;
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

void LogConnector::set_callback_metric(std::string_view name, double value)
{
    // a tensor of a Python float
    callback_.set(callback_.intern(name), {.number = double(float(value))});
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
