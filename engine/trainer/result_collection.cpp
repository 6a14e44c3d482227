// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/trainer/result_collection.h"

#include "engine/core/errors.h"
#include "engine/metrics/metric.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/maximum.h>
#include <ATen/ops/minimum.h>
#include <ATen/ops/scalar_tensor.h>

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace leyden {
namespace {

/// min and max as torch has them: NaN spreads.
double smaller(double a, double b)
{
    return std::isnan(a) || std::isnan(b) ? std::numeric_limits<double>::quiet_NaN()
                                          : std::min(a, b);
}

double larger(double a, double b)
{
    return std::isnan(a) || std::isnan(b) ? std::numeric_limits<double>::quiet_NaN()
                                          : std::max(a, b);
}

double initial_value(Reduce reduce)
{
    if (reduce == Reduce::Max)
        return -std::numeric_limits<double>::infinity();
    if (reduce == Reduce::Min)
        return std::numeric_limits<double>::infinity();
    return 0.0;
}

bool is_of_16_bits(const at::Tensor& value)
{
    return value.scalar_type() == at::kHalf || value.scalar_type() == at::kBFloat16;
}

StateTree value_state(const LoggedValue& value)
{
    if (value.device.defined() && is_of_16_bits(value.device))
        return value.device.to(at::kCPU);
    return StateTree::tuple({value.read(), value.is_float64});
}

LoggedValue value_from(const StateTree& state)
{
    if (state.is_tensor())
        return {.device = state.tensor()};
    return {.number = state[0].to_double(), .is_float64 = state[1].to_bool(), .device = {}};
}

LoggedValue metric_value(const ResultSlot& slot, const at::Tensor& value)
{
    if (value.numel() != 1)
        throw MisconfigurationError(
            fmt::format("log('{}', metric): the metric's value has {} elements, and one is "
                        "logged; choose an average, or log each element of compute()",
                slot.name, value.numel()));
    if (is_of_16_bits(value)) // what is monitored stays so, unlike a logged tensor
        return {.device = value.reshape({})};
    return LoggedValue::of(value);
}

} // namespace

LoggedValue LoggedValue::of(const at::Tensor& value)
{
    LoggedValue logged;
    const auto type = value.scalar_type();
    logged.is_float64 = type == at::kDouble;
    logged.is_integral = !at::isFloatingType(type);
    if (value.device().type() != c10::kCPU) {
        logged.device = value.detach().reshape({});
        if (type != at::kDouble && type != at::kFloat)
            logged.device = logged.device.to(at::kFloat);
    } else if (type == at::kFloat) {
        logged.number = double(*static_cast<const float*>(value.const_data_ptr()));
    } else {
        logged.number = value.item<double>();
        if (!logged.is_float64)
            logged.number = double(float(logged.number));
    }
    return logged;
}

double LoggedValue::read() const
{
    return device.defined() ? device.item<double>() : number;
}

size_t MetricDict::intern(std::string_view name)
{
    for (size_t i = 0; i < entries_.size(); ++i) {
        if (entries_[i].name == name)
            return i;
    }
    entries_.push_back({std::string(name), {}, false});
    return entries_.size() - 1;
}

void MetricDict::clear()
{
    for (auto& entry : entries_) {
        entry.present = false;
        entry.value = {};
    }
    order_.clear();
}

StateTree MetricDict::state_dict() const
{
    auto state = StateTree::dict();
    for_each([&](const std::string& name, const LoggedValue& value) {
        state.set(name, value_state(value));
    });
    return state;
}

void MetricDict::load_state_dict(const StateTree& state)
{
    for (const auto& [key, value] : state.entries())
        set(intern(std::get<std::string>(key)), value_from(value));
}

const LoggedValue* MetricDict::find_value(std::string_view name) const
{
    for (const auto& entry : entries_) {
        if (entry.present && entry.name == name)
            return &entry.value;
    }
    return nullptr;
}

std::optional<double> MetricDict::find(std::string_view name) const
{
    const auto* value = find_value(name);
    return value ? std::optional(value->read()) : std::nullopt;
}

std::vector<std::string> MetricDict::names() const
{
    std::vector<std::string> result;
    for_each([&](const std::string& name, const LoggedValue&) { result.push_back(name); });
    return result;
}

void ResultSlot::reset()
{
    if (metric)
        metric->reset();
    sum = {.number = initial_value(reduce)};
    cumulated_batch_size = 0;
    step_value = {};
    has_step_value = false;
    has_reset = true;
}

void ResultSlot::accumulate(const LoggedValue& value, int64_t batch_size)
{
    if (value.device.defined() || sum.device.defined()) { // stays on its device: no synchronisation
        const auto tensor = value.device.defined()
            ? value.device
            : at::scalar_tensor(value.number, sum.device.options());
        const auto so_far
            = sum.device.defined() ? sum.device : at::scalar_tensor(sum.number, tensor.options());
        if (reduce == Reduce::Mean)
            sum.device = so_far + tensor * batch_size;
        else if (reduce == Reduce::Sum)
            sum.device = so_far + tensor;
        else
            sum.device
                = reduce == Reduce::Max ? at::maximum(so_far, tensor) : at::minimum(so_far, tensor);
    } else if (value.is_float64 || sum.is_float64) {
        sum.is_float64 = true;
        if (reduce == Reduce::Mean)
            sum.number += value.number * double(batch_size);
        else if (reduce == Reduce::Sum)
            sum.number += value.number;
        else
            sum.number = reduce == Reduce::Max ? larger(sum.number, value.number)
                                               : smaller(sum.number, value.number);
    } else { // the same roundings as float32 tensors
        const auto number = float(value.number);
        if (reduce == Reduce::Mean) {
            const float weighted = number * float(batch_size);
            sum.number = double(float(sum.number) + weighted);
        } else if (reduce == Reduce::Sum) {
            sum.number = double(float(sum.number) + number);
        } else {
            sum.number = reduce == Reduce::Max ? larger(sum.number, value.number)
                                               : smaller(sum.number, value.number);
        }
    }
    if (reduce == Reduce::Mean)
        cumulated_batch_size += batch_size;
}

LoggedValue ResultSlot::epoch_value() const
{
    if (metric)
        return metric_value(*this, metric->compute());
    if (reduce != Reduce::Mean)
        return sum;
    if (sum.device.defined()) // by a tensor: a GPU divides by a number by multiplying with its
                              // inverse
        return {
            .device = sum.device / at::scalar_tensor(cumulated_batch_size, sum.device.options())};
    if (sum.is_float64)
        return {.number = sum.number / double(cumulated_batch_size), .is_float64 = true};
    return {.number = double(float(sum.number) / float(cumulated_batch_size))};
}

LoggedValue ResultSlot::batch_value() const
{
    return metric_value(*this, metric->batch_value());
}

ResultSlot* ResultCollection::find(Hook hook, std::string_view name, int64_t loader)
{
    const auto count = slots_.size();
    for (size_t tried = 0; tried < count; ++tried, ++cursor_) {
        if (cursor_ >= count)
            cursor_ = 0;
        auto& slot = *slots_[cursor_];
        if (slot.hook == hook && slot.dataloader_idx == loader && slot.name == name) {
            ++cursor_;
            return &slot;
        }
    }
    return nullptr;
}

const ResultSlot* ResultCollection::find_of_other_loader(
    Hook hook, std::string_view name, int64_t loader) const
{
    for (const auto& slot : slots_) {
        if (slot->hook == hook && !slot->add_dataloader_idx && slot->dataloader_idx != loader
            && slot->name == name)
            return slot.get();
    }
    return nullptr;
}

ResultSlot& ResultCollection::add(ResultSlot slot)
{
    slots_.push_back(std::make_unique<ResultSlot>(std::move(slot)));
    cursor_ = slots_.size();
    return *slots_.back();
}

void ResultCollection::reset()
{
    for (auto& slot : slots_)
        slot->reset();
    cursor_ = 0;
    is_stale = false;
}

void ResultCollection::reset_tensors_of(Hook hook)
{
    for (auto& slot : slots_) {
        const bool is_of_a_loader = slot->add_dataloader_idx && slot->dataloader_idx >= 0;
        if (slot->hook == hook && !slot->metric && !is_of_a_loader)
            slot->reset();
    }
}

StateTree ResultCollection::state_dict() const
{
    auto state = StateTree::list();
    for (const auto& slot : slots_) {
        if (slot->has_reset)
            continue;
        auto entry = StateTree::dict({{"hook", hook_name(slot->hook)}, {"name", slot->name},
            {"dataloader_idx", slot->dataloader_idx}, {"on_step", slot->on_step},
            {"on_epoch", slot->on_epoch}, {"prog_bar", slot->prog_bar}, {"logger", slot->logger},
            {"add_dataloader_idx", slot->add_dataloader_idx}, {"reduce_fx", int64_t(slot->reduce)},
            {"value", value_state(slot->sum)},
            {"cumulated_batch_size", slot->cumulated_batch_size}});
        if (slot->has_step_value)
            entry.set("step_value", value_state(slot->step_value));
        if (slot->sync_dist)
            entry.set("sync_dist", true);
        if (slot->rank_zero_only)
            entry.set("rank_zero_only", true);
        if (slot->metric) {
            entry.set("metric_attribute", slot->metric_attribute);
            entry.set("metric", slot->metric->state_dict());
        }
        state.push_back(std::move(entry));
    }
    return state;
}

void ResultCollection::load_state_dict(const StateTree& state, const Metrics& metrics)
{
    for (const auto& entry : state.items()) {
        Hook hook = Hook::None;
        for (int i = 0; i < int(Hook::Count); ++i) {
            if (entry.at("hook").to_string() == hook_name(Hook(i)))
                hook = Hook(i);
        }
        const auto& name = entry.at("name").to_string();
        const auto loader = entry.at("dataloader_idx").to_int();
        auto* slot = find(hook, name, loader);
        if (!slot) {
            ResultSlot fresh;
            fresh.hook = hook;
            fresh.name = name;
            fresh.dataloader_idx = loader;
            fresh.on_step = entry.at("on_step").to_bool();
            fresh.on_epoch = entry.at("on_epoch").to_bool();
            fresh.prog_bar = entry.at("prog_bar").to_bool();
            fresh.logger = entry.at("logger").to_bool();
            fresh.add_dataloader_idx = entry.at("add_dataloader_idx").to_bool();
            fresh.reduce = Reduce(entry.at("reduce_fx").to_int());
            fresh.sync_dist = entry.contains("sync_dist");
            fresh.rank_zero_only = entry.contains("rank_zero_only");
            slot = &add(std::move(fresh));
        }
        if (const auto* metric_state = entry.find("metric")) {
            const auto& attribute = entry.at("metric_attribute").to_string();
            const auto found = std::find_if(metrics.begin(), metrics.end(),
                [&](const auto& metric) { return metric.first == attribute; });
            if (found == metrics.end())
                throw CheckpointError(
                    fmt::format("the checkpoint holds the state of a metric '{}', and this model "
                                "registers none of that name; use the model it was saved with",
                        attribute));
            found->second->load_state_dict(*metric_state);
            slot->metric = found->second;
            slot->metric_attribute = attribute;
        }
        slot->sum = value_from(entry.at("value"));
        slot->cumulated_batch_size = entry.at("cumulated_batch_size").to_int();
        if (const auto* step_value = entry.find("step_value")) {
            slot->step_value = value_from(*step_value);
            slot->has_step_value = true;
        }
        slot->has_reset = false;
        is_stale = is_stale || slot->on_epoch;
    }
}

} // namespace leyden
