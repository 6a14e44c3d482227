// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/trainer/trainer_plan.h"

#include "engine/config/path_roots.h"
#include "engine/core/errors.h"
#include "engine/core/overloaded.h"
#include "engine/data/data_loader.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <map>
#include <regex>
#include <sstream>
#include <vector>

namespace leyden {
namespace {

[[noreturn]] void refuse(const std::string& text)
{
    throw MisconfigurationError(text);
}

BatchLimit batch_limit(const std::optional<IntOrFloat>& said, const char* option)
{
    if (!said)
        return {};
    if (const auto* count = std::get_if<int64_t>(&*said)) {
        if (*count < 0)
            refuse(fmt::format(
                "{} = {}: expected a number of batches >= 0 or a share in [0, 1]", option, *count));
        return {.is_fraction = false, .fraction = 0.0, .count = *count};
    }
    const auto value = std::get<double>(*said);
    if (value >= 0.0 && value <= 1.0)
        return {.is_fraction = true, .fraction = value};
    if (value > 1.0 && value == std::floor(value)) // as Lightning: 2.0 is 2 batches
        return {.is_fraction = false, .fraction = 0.0, .count = int64_t(value)};
    refuse(fmt::format(
        "{} = {}: expected a number of batches >= 0 or a share in [0, 1]", option, value));
}

Clock::Duration seconds(double value)
{
    return std::chrono::duration_cast<Clock::Duration>(std::chrono::duration<double>(value));
}

/// Four whole numbers D:H:M:S as fields: val_check_interval takes them as Python's int() does, with
/// signs, spaces and any number of digits, where max_time wants two digits each.
std::optional<std::map<std::string, double>> whole_numbers(const std::string& text)
{
    const std::string number_text = "\\s*([+-]?\\d{1,9})\\s*";
    static const std::regex four(fmt::format("{0}:{0}:{0}:{0}", number_text));
    std::smatch parts;
    if (text.size() > 200 || !std::regex_match(text, parts, four))
        return std::nullopt;
    const auto number = [&](size_t part) { return double(std::stoll(parts[part].str())); };
    return std::map<std::string, double>{
        {"days", number(1)}, {"hours", number(2)}, {"minutes", number(3)}, {"seconds", number(4)}};
}

ValidationInterval validation_interval(const TrainerOptions& options)
{
    using Kind = ValidationInterval::Kind;
    if (!options.val_check_interval)
        return {};
    const auto time = [](const TimeText& text) {
        const auto* written = std::get_if<std::string>(&text);
        const auto whole = written ? whole_numbers(*written) : std::nullopt;
        return ValidationInterval{.kind = Kind::Time,
            .time = parse_duration(whole ? TimeText(*whole) : text, "val_check_interval")};
    };
    return std::visit(
        Overloaded{
            [](int64_t batches) {
                if (batches < 1)
                    refuse(fmt::format("val_check_interval = {}: expected a fraction in [0, 1], a "
                                       "whole number of batches >= 1, or a time",
                        batches));
                return ValidationInterval{.kind = Kind::Batches, .batches = batches};
            },
            [](double share) {
                if (share >= 0.0 && share <= 1.0)
                    return ValidationInterval{.kind = Kind::Fraction, .fraction = share};
                if (share > 1.0 && share == std::floor(share))
                    return ValidationInterval{.kind = Kind::Batches, .batches = int64_t(share)};
                refuse(fmt::format("val_check_interval = {}: expected a fraction in [0, 1], a "
                                   "whole number of batches >= 1, or a time",
                    share));
            },
            [&](const std::string& text) { return time(text); },
            [&](const std::map<std::string, double>& fields) { return time(fields); },
        },
        *options.val_check_interval);
}

PrecisionKind precision_kind(const TrainerOptions& options, std::vector<PlanNote>& notes)
{
    using Kind = PrecisionKind;
    if (!options.precision)
        return Kind::Float32True;
    const auto text = std::visit(Overloaded{
                                     [](int64_t bits) { return std::to_string(bits); },
                                     [](const std::string& name) { return name; },
                                 },
        *options.precision);
    if (text == "16" || text == "bf16")
        notes.push_back(
            {true, fmt::format("precision = {}: an old name; write {}-mixed", text, text)});
    const std::map<std::string, Kind> kinds{{"32", Kind::Float32True},
        {"32-true", Kind::Float32True}, {"64", Kind::Float64True}, {"64-true", Kind::Float64True},
        {"16", Kind::Float16Mixed}, {"16-mixed", Kind::Float16Mixed}, {"bf16", Kind::BFloat16Mixed},
        {"bf16-mixed", Kind::BFloat16Mixed}, {"16-true", Kind::Float16True},
        {"bf16-true", Kind::BFloat16True}};
    if (const auto kind = kinds.find(text); kind != kinds.end())
        return kind->second;
    if (text.starts_with("transformer-engine"))
        refuse(fmt::format("precision = {}: the FP8 layers of Transformer Engine are a Python "
                           "package of NVIDIA's, which a "
                           "C++ program cannot load; use bf16-mixed",
            text));
    refuse(fmt::format(
        "precision = {}: expected 32-true, 64-true, 16-mixed, bf16-mixed, 16-true or bf16-true",
        text));
}

} // namespace

int64_t BatchLimit::resolve(int64_t length, const char* option) const
{
    if (!is_fraction)
        return std::min(count, length);
    if (length == unknown_size && fraction != 0.0 && fraction != 1.0)
        refuse(
            fmt::format("{} = {}: with an IterableDataset, whose length is not known, it must be "
                        "1.0 or a whole number of batches",
                option, fraction));
    if (length == unknown_size)
        return fraction == 0.0 ? 0 : unknown_size;
    const auto batches = int64_t(std::floor(double(length) * fraction));
    if (batches == 0 && fraction > 0.0 && length > 0)
        refuse(fmt::format("{} = {}: that is no batch of the {} there are; use at least {:.4g}",
            option, fraction, length, 1.0 / double(length)));
    return batches;
}

Clock::Duration parse_duration(const TimeText& text, const char* option)
{
    if (const auto* fields = std::get_if<std::map<std::string, double>>(&text)) {
        double total = 0.0;
        for (const auto& [name, value] : *fields) {
            const double unit = name == "weeks" ? 604800.0
                : name == "days"                ? 86400.0
                : name == "hours"               ? 3600.0
                : name == "minutes"             ? 60.0
                : name == "seconds"             ? 1.0
                : name == "milliseconds"        ? 1e-3
                : name == "microseconds"        ? 1e-6
                                                : 0.0;
            if (unit == 0.0)
                refuse(fmt::format(
                    "{}: '{}' is no field of a time; use weeks, days, hours, minutes, seconds, "
                    "milliseconds or microseconds",
                    option, name));
            total += value * unit;
        }
        if (!(total >= 0.0) || total > 9e9)
            refuse(fmt::format("{} = {} s: expected a time from 0 to 9e9 seconds", option, total));
        return seconds(total);
    }
    const auto& written = std::get<std::string>(text);
    std::vector<std::string> parts;
    std::stringstream stream(written);
    for (std::string part; std::getline(stream, part, ':');)
        parts.push_back(part);
    const auto is_number = [](const std::string& part) {
        return !part.empty() && part.size() <= 9
            && std::all_of(part.begin(), part.end(), [](char c) { return c >= '0' && c <= '9'; });
    };
    const bool two_digits = parts.size() == 4
        && std::all_of(
            parts.begin() + 1, parts.end(), [](const auto& part) { return part.size() == 2; });
    if (!two_digits || !std::all_of(parts.begin(), parts.end(), is_number))
        refuse(fmt::format(
            "{} = '{}': expected \"DD:HH:MM:SS\", for example \"00:01:30:00\"", option, written));
    return seconds(std::stod(parts[0]) * 86400 + std::stod(parts[1]) * 3600
        + std::stod(parts[2]) * 60 + std::stod(parts[3]));
}

namespace {

int64_t dev_batches(const TrainerOptions& options)
{
    const auto batches
        = std::visit([](auto value) { return int64_t(value); }, options.fast_dev_run);
    if (batches < 0)
        refuse(fmt::format(
            "fast_dev_run = {}: expected true, false or a number of batches >= 0", batches));
    return batches;
}

/// A few batches of everything, whatever else was said. overfit_batches wins over it.
void apply_fast_dev_run(TrainerPlan& plan)
{
    const BatchLimit limit{.is_fraction = false, .fraction = 0.0, .count = plan.fast_dev_run};
    plan.limit_train_batches = plan.limit_val_batches = limit;
    plan.limit_test_batches = plan.limit_predict_batches = limit;
    plan.max_steps = plan.fast_dev_run;
    plan.live.max_epochs = 1;
    plan.num_sanity_val_steps = 0;
    plan.val_check_interval = {};
    plan.check_val_every_n_epoch = 1;
}

/// A stage that was switched off stays off.
void apply_overfit_batches(TrainerPlan& plan, const BatchLimit& overfit)
{
    for (auto* limit : {&plan.limit_train_batches, &plan.limit_val_batches}) {
        if (!limit->is_zero())
            *limit = overfit;
    }
}

void refuse_beside_barebones(const TrainerOptions& options)
{
    const auto check = [](bool clashes, const char* said) {
        if (clashes)
            refuse(fmt::format(
                "barebones = true switches off what {} asks for; remove one of them", said));
    };
    check(options.enable_checkpointing == true, "enable_checkpointing = true");
    const auto* logs = options.logger ? std::get_if<bool>(&*options.logger) : nullptr;
    check(options.logger && (!logs || *logs), "logger");
    check(options.enable_progress_bar == true, "enable_progress_bar = true");
    check(options.enable_model_summary == true, "enable_model_summary = true");
    check(options.log_every_n_steps.value_or(0) != 0, "log_every_n_steps");
    check(options.num_sanity_val_steps.value_or(0) != 0, "num_sanity_val_steps");
    check(dev_batches(options) != 0, "fast_dev_run");
    check(options.detect_anomaly, "detect_anomaly = true");
    check(options.profiler.has_value(), "profiler");
}

void apply_barebones(TrainerPlan& plan)
{
    plan.enable_checkpointing = plan.enable_progress_bar = plan.enable_model_summary = false;
    plan.live.log_every_n_steps = 0;
    plan.num_sanity_val_steps = 0;
}

/// 1 is one batch and 1.0 is everything, which is easily mistaken.
void note_one(TrainerPlan& plan, const char* option, const std::optional<IntOrFloat>& said,
    const char* one, const char* all)
{
    if (said == IntOrFloat(int64_t(1)))
        plan.notes.push_back({false, fmt::format("{} = 1: {}; 1.0 would be {}", option, one, all)});
    else if (said == IntOrFloat(1.0))
        plan.notes.push_back({false, fmt::format("{} = 1.0: {}; 1 would be {}", option, all, one)});
}

void add_notes(TrainerPlan& plan, const TrainerOptions& options)
{
    const auto note = [&](std::string text) { plan.notes.push_back({false, std::move(text)}); };
    const auto warn = [&](std::string text) { plan.notes.push_back({true, std::move(text)}); };
    if (plan.fast_dev_run > 0)
        note(fmt::format("fast_dev_run: {} of each stage, and no logs or checkpoints",
            plan.fast_dev_run == 1 ? std::string("one batch")
                                   : fmt::format("{} batches", plan.fast_dev_run)));
    else {
        note_one(plan, "limit_train_batches", options.limit_train_batches, "one batch an epoch",
            "all of them");
        note_one(plan, "limit_val_batches", options.limit_val_batches, "one batch", "all of them");
        note_one(
            plan, "limit_test_batches", options.limit_test_batches, "one batch", "all of them");
        note_one(plan, "limit_predict_batches", options.limit_predict_batches, "one batch",
            "all of them");
    }
    if (options.val_check_interval == decltype(options.val_check_interval)(int64_t(1)))
        note("val_check_interval = 1: validation after every batch; 1.0 would be after every "
             "epoch");
    else if (options.val_check_interval == decltype(options.val_check_interval)(1.0))
        note("val_check_interval = 1.0: validation after every epoch; 1 would be after every "
             "batch");
    note_one(plan, "overfit_batches", options.overfit_batches, "one batch", "all of them");
    if (const auto* share = std::get_if<double>(&options.overfit_batches); share && *share > 1.0)
        warn(fmt::format(
            "overfit_batches = {0:.1f}: taken as every batch, as Lightning takes it; for {0:.0f} "
            "batches write {0:.0f}",
            *share));
    if (options.model_registry)
        warn(fmt::format(
            "model_registry = '{}': there is no remote store of models here, so it has no effect",
            *options.model_registry));
    if (plan.detect_anomaly)
        note("detect_anomaly: training is much slower with it; meant only to look for a fault");
    if (plan.barebones)
        note("barebones: no logs, checkpoints, progress bar, summary or sanity check, so that only "
             "the training "
             "is measured");
    if (plan.benchmark == true && plan.deterministic && plan.deterministic != Determinism::Off)
        warn("benchmark = true beside deterministic: cuDNN may take another algorithm in each run; "
             "remove one of them");
}

std::optional<Determinism> determinism(const TrainerOptions& options)
{
    if (!options.deterministic)
        return std::nullopt;
    if (const auto* flag = std::get_if<bool>(&*options.deterministic))
        return *flag ? Determinism::On : Determinism::Off;
    const auto& text = std::get<std::string>(*options.deterministic);
    if (text != "warn")
        refuse(fmt::format("deterministic = '{}': expected true, false or \"warn\"", text));
    return Determinism::Warn;
}

} // namespace

TrainerPlan resolve(const TrainerOptions& options)
{
    TrainerPlan plan;
    if (options.max_epochs && *options.max_epochs < -1)
        refuse(fmt::format(
            "max_epochs = {}: expected a number >= 0, or -1 for no limit", *options.max_epochs));
    if (options.max_steps < -1)
        refuse(fmt::format(
            "max_steps = {}: expected a number >= 0, or -1 for no limit", options.max_steps));
    if (options.accumulate_grad_batches < 1)
        refuse(fmt::format("accumulate_grad_batches = {}: expected a number >= 1",
            options.accumulate_grad_batches));

    if (options.max_time)
        plan.max_time = parse_duration(*options.max_time, "max_time");
    plan.max_steps = options.max_steps;
    plan.min_steps = options.min_steps.value_or(0);
    plan.min_epochs = options.min_epochs.value_or(options.min_steps ? 1 : 0);
    const bool has_other_limit = options.max_steps != -1 || options.max_time;
    plan.live.max_epochs = options.max_epochs.value_or(has_other_limit ? -1 : 1000);

    plan.has_no_limit = !options.max_epochs && !has_other_limit;

    plan.limit_train_batches = batch_limit(options.limit_train_batches, "limit_train_batches");
    plan.limit_val_batches = batch_limit(options.limit_val_batches, "limit_val_batches");
    plan.limit_test_batches = batch_limit(options.limit_test_batches, "limit_test_batches");
    plan.limit_predict_batches
        = batch_limit(options.limit_predict_batches, "limit_predict_batches");
    plan.val_check_interval = validation_interval(options);
    plan.check_val_every_n_epoch = options.check_val_every_n_epoch;
    if (plan.check_val_every_n_epoch == 0) // Lightning takes -2 for 2
        refuse(fmt::format("check_val_every_n_epoch = 0: expected a number other than 0, or null"));
    const bool counts_across_epochs = !plan.check_val_every_n_epoch;
    if (counts_across_epochs && options.val_check_interval
        && plan.val_check_interval.kind == ValidationInterval::Kind::Fraction)
        refuse(fmt::format(
            "val_check_interval = {}: with check_val_every_n_epoch = null expected a whole number "
            "of batches, or a time",
            plan.val_check_interval.fraction));
    plan.num_sanity_val_steps = options.num_sanity_val_steps.value_or(2);
    if (plan.num_sanity_val_steps < -1)
        plan.num_sanity_val_steps = 0; // as Lightning

    plan.live.log_every_n_steps = std::abs(options.log_every_n_steps.value_or(50));
    plan.live.accumulate_grad_batches = options.accumulate_grad_batches;
    if (options.gradient_clip_val && *options.gradient_clip_val > 0.0)
        plan.live.gradient_clip_val = options.gradient_clip_val;
    if (options.gradient_clip_algorithm) {
        auto name = *options.gradient_clip_algorithm;
        std::transform(name.begin(), name.end(), name.begin(),
            [](unsigned char c) { return char(std::tolower(c)); });
        if (name != "norm" && name != "value")
            refuse(fmt::format("gradient_clip_algorithm = '{}': expected norm or value",
                *options.gradient_clip_algorithm));
        plan.has_clip_algorithm = true;
        plan.gradient_clip_algorithm = name == "value" ? ClipAlgorithm::Value : ClipAlgorithm::Norm;
    }
    plan.precision = precision_kind(options, plan.notes);
    plan.accelerator = options.accelerator;
    plan.enable_checkpointing = options.enable_checkpointing.value_or(true);
    plan.enable_progress_bar = options.enable_progress_bar.value_or(true);
    plan.enable_model_summary = options.enable_model_summary.value_or(true);
    plan.inference_mode = options.inference_mode;
    plan.default_root_dir = output_path(options.default_root_dir.value_or("."), "default_root_dir");
    if (options.reload_dataloaders_every_n_epochs < 0)
        refuse(fmt::format("reload_dataloaders_every_n_epochs = {}: expected a number >= 0",
            options.reload_dataloaders_every_n_epochs));
    plan.reload_dataloaders_every_n_epochs = options.reload_dataloaders_every_n_epochs;
    plan.detect_anomaly = options.detect_anomaly;
    plan.enable_autolog_hparams = options.enable_autolog_hparams;
    plan.deterministic = determinism(options);
    plan.benchmark = options.benchmark;
    if (!plan.benchmark && plan.deterministic && plan.deterministic != Determinism::Off)
        plan.benchmark = false;
    plan.devices = options.devices;
    if (options.barebones)
        refuse_beside_barebones(options);
    plan.barebones = options.barebones;
    if (plan.barebones)
        apply_barebones(plan);
    plan.fast_dev_run = dev_batches(options);
    if (plan.fast_dev_run > 0)
        apply_fast_dev_run(plan);
    auto overfit = batch_limit(options.overfit_batches, "overfit_batches");
    plan.is_overfitting = !overfit.is_zero();
    if (const auto* share = std::get_if<double>(&options.overfit_batches); share && *share > 1.0)
        overfit = {}; // Lightning multiplies the loader's length by it
    if (plan.is_overfitting)
        apply_overfit_batches(plan, overfit);
    add_notes(plan, options);
    return plan;
}

} // namespace leyden
