// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/callbacks/learning_rate_monitor.h"

#include "engine/core/errors.h"
#include "engine/core/lightning_module.h"
#include "engine/trainer/run_checks.h"
#include "engine/trainer/trainer.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>

namespace leyden {
namespace {

constexpr const char* no_logger_for_rates = "LearningRateMonitor needs a logger, and logger = "
                                            "false; set a logger, or remove the callback";

} // namespace

void describe(OptionTable<LearningRateMonitorOptions>& table)
{
    using Options = LearningRateMonitorOptions;
    table.add("logging_interval", &Options::logging_interval, "When the rates are logged")
        .choices({{"step", LoggingInterval::Step}, {"epoch", LoggingInterval::Epoch}})
        .details("step: with the training rows; epoch: where an epoch starts. Unset: each "
                 "scheduler at the "
                 "interval it steps at.");
    table.add("log_momentum", &Options::log_momentum, "Log the momentum too")
        .details("The first of the betas where the optimizer has betas; 0 where it has neither.");
    table.add("log_weight_decay", &Options::log_weight_decay, "Log the weight decay too");
}

LearningRateMonitor::LearningRateMonitor(LearningRateMonitorOptions options) : options_(options) { }

void LearningRateMonitor::check_options(const std::vector<NamedGroups>& all, Trainer& trainer) const
{
    for (const auto& [optimizer, interval, names] : all) {
        const auto& options = optimizer->defaults().options;
        if (options_.log_momentum && !options.contains("momentum") && !options.contains("betas"))
            trainer.warn(fmt::format("LearningRateMonitor: log_momentum = true, but {} has no "
                                     "momentum; 0 is logged for it",
                optimizer->name()));
        if (options_.log_weight_decay && !options.contains("weight_decay"))
            throw MisconfigurationError(fmt::format("LearningRateMonitor: log_weight_decay = true, "
                                                    "but {} has no weight_decay; set it to false",
                optimizer->name()));
    }
}

void LearningRateMonitor::check_run(const RunFacts& facts, RunProblems& problems) const
{
    if (!facts.has_loggers && facts.plan->fast_dev_run == 0)
        problems.error("", no_logger_for_rates);
}

std::optional<std::vector<std::string>> LearningRateMonitor::logged_names(
    const RunFacts& facts) const
{
    if (!facts.schedulers || !facts.optimizers)
        return std::nullopt;
    std::vector<std::string> names;
    for (const auto& named : lr_names(*facts.schedulers, *facts.optimizers)) {
        for (const auto& name : named.names) {
            names.push_back(name);
            if (options_.log_momentum)
                names.push_back(name + "-momentum");
            if (options_.log_weight_decay)
                names.push_back(name + "-weight_decay");
        }
    }
    return names;
}

void LearningRateMonitor::on_train_start(Trainer& trainer, LightningModule&)
{
    if (trainer.loggers().empty())
        throw MisconfigurationError(no_logger_for_rates);
    check_options(lr_names(trainer.lr_scheduler_configs(), trainer.optimizers()), trainer);
}

void LearningRateMonitor::on_train_batch_start(
    Trainer& trainer, LightningModule&, const Batch&, int64_t)
{
    if (options_.logging_interval != LoggingInterval::Epoch && trainer.should_update_logs())
        log(trainer, LoggingInterval::Step);
}

void LearningRateMonitor::on_train_epoch_start(Trainer& trainer, LightningModule&)
{
    if (options_.logging_interval != LoggingInterval::Step)
        log(trainer, LoggingInterval::Epoch);
}

void LearningRateMonitor::log(Trainer& trainer, LoggingInterval moment) const
{
    const std::string own_interval = moment == LoggingInterval::Step ? "step" : "epoch";
    MetricRow row;
    for (const auto& named : lr_names(trainer.lr_scheduler_configs(), trainer.optimizers())) {
        if (options_.logging_interval || named.interval.empty() || named.interval == own_interval)
            add_values(named, row.values);
    }
    for (const auto& value : row.values)
        trainer.connector().set_callback_metric(value.name, value.value);
    row.step = trainer.batches_that_stepped();
    trainer.log_row(std::move(row), /*with_epoch=*/false);
}

void LearningRateMonitor::add_values(
    const NamedGroups& named, std::vector<MetricRow::Value>& values) const
{
    const auto add = [&](const std::string& key, double value, bool is_whole = false) {
        const auto known = std::find_if(
            values.begin(), values.end(), [&](const auto& entry) { return entry.name == key; });
        if (known != values.end())
            *known = {key, value, is_whole}; // two schedulers of one name
        else
            values.push_back({key, value, is_whole});
    };
    const auto& groups = named.optimizer->param_groups();
    for (size_t i = 0; i < std::min(groups.size(), named.names.size()); ++i) {
        const auto& options = groups[i].options;
        add(named.names[i], groups[i].lr);
        if (options_.log_momentum) {
            const auto* betas = options.find("betas");
            const auto* momentum = betas ? &(*betas)[0] : options.find("momentum");
            add(named.names[i] + "-momentum", momentum ? momentum->to_double() : 0.0,
                !momentum || momentum->is_int());
        }
        if (options_.log_weight_decay) {
            const auto& decay = options.at("weight_decay");
            add(named.names[i] + "-weight_decay", decay.to_double(), decay.is_int());
        }
    }
}

} // namespace leyden
