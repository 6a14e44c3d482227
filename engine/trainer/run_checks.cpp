// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/trainer/run_checks.h"

#include "engine/callbacks/callback.h"
#include "engine/callbacks/model_checkpoint.h"
#include "engine/config/config_problem.h"
#include "engine/config/nearest_name.h"
#include "engine/core/errors.h"
#include "engine/core/factories.h"
#include "engine/core/lightning_module.h"
#include "engine/loops/fit_loop.h"
#include "engine/trainer/build_run.h"
#include "engine/trainer/run_place.h"
#include "engine/trainer/trainer.h"

#include <nlohmann/json.hpp>

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cstdlib>

namespace leyden {
namespace {

bool contains(const std::vector<std::string>& names, const std::string& name)
{
    return std::find(names.begin(), names.end(), name) != names.end();
}

void add_names(RunFacts& facts, const std::vector<std::string>& names)
{
    for (const auto& name : names)
        if (!contains(facts.names, name))
            facts.names.push_back(name);
}

/// A callback of the user's that counts as a checkpoint is taken to write files.
bool saves_checkpoints(const TrainerPlan& plan, const std::vector<PlacedCallback>& callbacks)
{
    if (!plan.enable_checkpointing)
        return false;
    bool has_own = false;
    for (const auto& [callback, pointer] : callbacks) {
        if (!callback->is_checkpoint())
            continue;
        has_own = true;
        const auto* checkpoint = dynamic_cast<const ModelCheckpoint*>(callback);
        if (checkpoint ? checkpoint->can_save() : callback->name() != "OnExceptionCheckpoint")
            return true;
    }
    return !has_own; // then the Trainer adds one
}

/// What module and callbacks say of themselves.
void gather(
    RunFacts& facts, const LightningModule& module, const std::vector<PlacedCallback>& callbacks)
{
    facts.module = &module;
    facts.has_validation_step = module.has_validation_step();
    facts.may_end_early = facts.plan->max_time.has_value();
    facts.saves_checkpoints = saves_checkpoints(*facts.plan, callbacks);
    const auto own = module.logged_names();
    facts.declares_names = facts.knows_all_names = own && facts.has_one_val_loader;
    if (own) {
        add_names(facts, own->training);
        add_names(facts, own->validation);
        for (const auto& name : own->validation)
            if (!contains(own->training, name))
                facts.validation_names.push_back(name);
    }
    for (const auto& [callback, pointer] : callbacks) {
        const auto names = callback->logged_names(facts);
        facts.knows_all_names = facts.knows_all_names && names;
        if (names)
            add_names(facts, *names);
        const auto name = callback->name();
        facts.may_end_early
            = facts.may_end_early || name == "EarlyStopping" || name == "Timer" || !names;
        facts.accumulates_evenly
            = facts.accumulates_evenly && name != "GradientAccumulationScheduler" && names;
        if (name == "BatchSizeFinder") // the size, and with it the number of batches, is to come
            facts.train_batches = facts.val_batches = std::nullopt;
    }
}

/// The states of two could not be told apart in a checkpoint.
void check_state_keys(const std::vector<PlacedCallback>& callbacks, RunProblems& problems)
{
    for (size_t i = 0; i < callbacks.size(); ++i) {
        for (size_t j = i + 1; j < callbacks.size(); ++j) {
            const auto& [second, pointer] = callbacks[j];
            const auto key = second->state_key();
            if (second->state_dict().is_none() || callbacks[i].callback->state_key() != key)
                continue;
            problems.place = pointer;
            problems.error("",
                fmt::format("two callbacks have the same state key {}; give them other arguments "
                            "or remove one",
                    key));
        }
    }
}

void check_interval(const RunFacts& facts, RunProblems& problems)
{
    const auto& plan = *facts.plan;
    const auto& interval = plan.val_check_interval;
    const bool counts_in_epoch = interval.kind == ValidationInterval::Kind::Batches
        && plan.check_val_every_n_epoch && facts.has_validation_step
        && !plan.limit_val_batches.is_zero() && facts.val_batches != 0;
    if (counts_in_epoch && facts.train_batches.value_or(0) > 0
        && interval.batches > *facts.train_batches)
        problems.error("val_check_interval",
            fmt::format("val_check_interval = {}: an epoch has only {} training batches; lower "
                        "it, set limit_val_batches = 0 to validate never, or "
                        "check_val_every_n_epoch = null to count across epochs",
                interval.batches, *facts.train_batches));
}

void check_validation(const RunFacts& facts, RunProblems& problems)
{
    const auto& plan = *facts.plan;
    if (facts.validation_names.empty() || plan.limit_val_batches.is_zero())
        return; // any module has the hook; one that names what it logs there means it
    if (facts.val_batches == 0)
        problems.warn("",
            "there is no validation data, so no validation runs, though the model "
            "has a validation step");
    else if (const auto why = facts.why_no_validation(); !why.empty())
        problems.warn("", fmt::format("no validation runs: {}", why));
}

void check_length(const LRSchedulerConfig& config, const RunFacts& facts, RunProblems& problems)
{
    const auto most = config.scheduler->most_steps();
    if (!most)
        return;
    const auto name = config.scheduler->name();
    if (config.interval == "epoch")
        problems.warn("interval",
            fmt::format("{} is stepped once an epoch, since interval = \"epoch\"; it is meant to "
                        "be stepped after every optimizer step: interval = \"step\"",
                name));
    const auto steps = facts.schedule_steps(config);
    if (!steps || (facts.is_resumed && !facts.has_restored_schedules))
        return;
    const auto& plan = *facts.plan;
    const auto run = fmt::format("{} of {} batches{}{}",
        plan.live.max_epochs < 0        ? std::string("epochs")
            : plan.live.max_epochs == 1 ? std::string("one epoch")
                                        : fmt::format("{} epochs", plan.live.max_epochs),
        *facts.train_batches,
        plan.live.accumulate_grad_batches > 1
            ? fmt::format(", {} to an optimizer step", plan.live.accumulate_grad_batches)
            : "",
        plan.max_steps >= 0 ? fmt::format(", max_steps = {}", plan.max_steps) : "");
    if (*steps > *most) {
        const bool is_whole = name == "OneCycleLR"; // else one of several schedulers
        auto text = fmt::format("{}: {} = {}, but the run takes {} steps of it ({}); set "
                                "total_steps = {}",
            name, is_whole ? "total_steps" : "the last step of its OneCycleLR", *most, *steps, run,
            is_whole ? std::to_string(*steps) : fmt::format("{} more", *steps - *most));
        if (facts.has_restored_schedules)
            text = fmt::format(
                "{}: the checkpoint's schedule, which is resumed as PyTorch resumes it, ends after "
                "{} steps, but the run takes {} ({}); name the checkpoint's file in ckpt_path, and "
                "set ckpt_restore = [\"weights\", \"optimizer\", \"loops\"] to begin this "
                "config's schedule",
                name, *most, *steps, run);
        const auto place = is_whole ? "init_args/total_steps" : "init_args";
        if (facts.may_end_early)
            problems.warn(place, text);
        else
            problems.error(place, text);
    } else if (!facts.is_resumed && name == "OneCycleLR" && *steps < *most && *steps > 0) {
        problems.warn("init_args/total_steps",
            fmt::format("{}: total_steps = {}, of which the run takes {} ({}), so it ends before "
                        "the rate has come down; set total_steps = {}",
                name, *most, *steps, run, *steps));
    }
}

void check_schedulers(const RunFacts& facts, RunProblems& problems)
{
    if (!facts.schedulers)
        return;
    for (const auto& config : *facts.schedulers) {
        if (!config.scheduler)
            continue;
        if (config.scheduler->needs_metric() && !config.monitor.empty())
            facts.check_metric({.name = config.monitor,
                                   .watcher = "lr_scheduler " + config.scheduler->name(),
                                   .is_strict = config.strict,
                                   .needs_value = config.strict,
                                   .also = {}},
                problems);
        check_length(config, facts, problems);
    }
}

/// Batches that a loader over `rows` gives, with the limit; nothing where the data has no such
/// options.
std::optional<int64_t> batches_of(const Json& init_args, int64_t rows, bool drops_last,
    const BatchLimit& limit, const char* option, RunProblems& problems)
{
    const auto size = init_args.find("batch_size");
    if (size == init_args.end() || !size->is_number_integer() || size->get<int64_t>() < 1)
        return std::nullopt;
    const auto batch_size = size->get<int64_t>();
    const auto length = drops_last ? rows / batch_size : (rows + batch_size - 1) / batch_size;
    try {
        return limit.is_zero() ? 0 : limit.resolve(length, option);
    } catch (const MisconfigurationError& error) {
        problems.error(option, error.what());
        return std::nullopt;
    }
}

} // namespace

void RunProblems::add(bool is_error, const std::string& option, std::string text)
{
    found.push_back({is_error, option.empty() ? place : place + "/" + option, std::move(text)});
}

void RunProblems::error(const std::string& option, std::string text)
{
    add(true, option, std::move(text));
}

void RunProblems::warn(const std::string& option, std::string text)
{
    add(false, option, std::move(text));
}

bool RunProblems::has_errors() const
{
    return std::any_of(
        found.begin(), found.end(), [](const RunProblem& problem) { return problem.is_error; });
}

bool RunFacts::knows(const std::string& name) const
{
    return contains(names, name);
}

bool RunFacts::is_of_validation(const std::string& name) const
{
    return contains(validation_names, name);
}

std::string RunFacts::why_no_validation() const
{
    if (!has_validation_step)
        return "the model has no validation step";
    if (plan->limit_val_batches.is_zero())
        return "limit_val_batches = 0";
    if (val_batches == 0)
        return "there is no validation data";
    const auto epochs = plan->live.max_epochs;
    const auto every = plan->check_val_every_n_epoch;
    if (const auto first = first_validation(); first && plan->max_steps != -1 && !is_resumed
        && accumulates_evenly && plan->max_steps * plan->live.accumulate_grad_batches < *first)
        return fmt::format("max_steps = {} ends the run before its first validation, which comes "
                           "after {} batches",
            plan->max_steps, *first);
    if (every && epochs > 0 && std::abs(*every) > epochs && !is_resumed)
        return fmt::format("check_val_every_n_epoch = {}, and max_epochs = {}", *every, epochs);
    const auto& interval = plan->val_check_interval;
    if (!every && interval.kind == ValidationInterval::Kind::Batches && train_batches && epochs > 0
        && interval.batches > *train_batches * epochs && !is_resumed)
        return fmt::format("val_check_interval = {}, and the run has {} training batches",
            interval.batches, *train_batches * epochs);
    return {};
}

std::optional<int64_t> RunFacts::first_validation() const
{
    const auto& interval = plan->val_check_interval;
    if (!train_batches || *train_batches == 0 || interval.kind == ValidationInterval::Kind::Time)
        return {};
    const auto within = interval.kind == ValidationInterval::Kind::Batches
        ? interval.batches
        : std::max<int64_t>(1, int64_t(double(*train_batches) * interval.fraction));
    const auto every = std::abs(plan->check_val_every_n_epoch.value_or(1));
    return (std::max<int64_t>(every, 1) - 1) * *train_batches + within;
}

std::optional<int64_t> RunFacts::optimizer_steps() const
{
    const auto epochs = plan->live.max_epochs;
    const auto most = plan->max_steps;
    if (!accumulates_evenly || !train_batches || (epochs < 0 && most < 0))
        return std::nullopt;
    const auto k = plan->live.accumulate_grad_batches;
    const auto in_epoch = (*train_batches + k - 1) / k;
    if (epochs < 0)
        return most;
    return most < 0 ? in_epoch * epochs : std::min(most, in_epoch * epochs);
}

std::optional<int64_t> RunFacts::schedule_steps(const LRSchedulerConfig& config) const
{
    const auto steps = optimizer_steps();
    if (!steps || *train_batches == 0)
        return steps;
    const auto k = plan->live.accumulate_grad_batches;
    const auto in_epoch = (*train_batches + k - 1) / k;
    if (config.interval == "epoch")
        return (*steps + in_epoch - 1) / in_epoch / std::max<int64_t>(config.frequency, 1);
    if (config.frequency == 1)
        return steps;
    // Lightning counts batches, and looks only where an optimizer step ends.
    int64_t taken = 0;
    const auto last_epoch_steps = *steps % in_epoch;
    int64_t of_last_epoch = 0;
    for (int64_t step = 1; step <= in_epoch; ++step) {
        const auto batch = std::min(step * k, *train_batches);
        taken += batch % config.frequency == 0;
        if (step == last_epoch_steps)
            of_last_epoch = taken;
    }
    return *steps / in_epoch * taken + of_last_epoch;
}

void RunFacts::check_metric(const WatchedMetric& watched, RunProblems& problems) const
{
    if (contains(watched.also, watched.name))
        return;
    const auto add = [&](bool is_error, const std::string& text) {
        const auto whole = fmt::format("{} watches '{}', {}", watched.watcher, watched.name, text);
        if (is_error)
            problems.error("monitor", whole);
        else
            problems.warn("monitor", whole);
    };
    if (knows(watched.name)) {
        const auto why = is_of_validation(watched.name) ? why_no_validation() : std::string();
        if (!why.empty())
            add(watched.needs_value && watched.is_strict,
                fmt::format("which only validation gives, and none runs: {}", why));
        return;
    }
    auto all = names;
    all.insert(all.end(), watched.also.begin(), watched.also.end());
    const auto near = did_you_mean(watched.name, all);
    if (!knows_all_names && !declares_names && near.empty())
        return; // whoever does not say what it logs may log it
    const auto known = all.empty()
        ? std::string("nothing is logged")
        : fmt::format("logged {} {}", all.size() == 1 ? "is" : "are", fmt::join(all, ", "));
    if (knows_all_names)
        add(watched.is_strict, fmt::format("which nothing logs; {}{}", known, near));
    else
        add(false, fmt::format("which nothing is known to log; {}{}", known, near));
}

void RunFacts::check_average(const std::string& averager, RunProblems& problems) const
{
    if (!saves_checkpoints && plan->fast_dev_run == 0)
        problems.warn("",
            fmt::format("{}: the averaged weights are saved in no file, since {}; {}", averager,
                plan->enable_checkpointing ? "no ModelCheckpoint saves any"
                                           : "enable_checkpointing = false",
                plan->enable_checkpointing ? "set save_top_k = 1 or save_last = true of one"
                                           : "remove that setting"));
}

std::vector<RunProblem> check_run(RunFacts facts, const LightningModule& module,
    const std::vector<PlacedCallback>& callbacks, const std::string& scheduler_pointer)
{
    RunProblems problems;
    gather(facts, module, callbacks);
    problems.place = scheduler_pointer.empty() ? "" : "/trainer";
    if (facts.plan->has_no_limit && facts.plan->fast_dev_run == 0)
        problems.warn(scheduler_pointer.empty() ? "" : "max_epochs",
            fmt::format("no max_epochs, max_steps or max_time is set, so the run has {} epochs; "
                        "max_epochs = -1 sets no limit",
                facts.plan->live.max_epochs));
    check_interval(facts, problems);
    check_validation(facts, problems);
    for (const auto& [callback, pointer] : callbacks) {
        problems.place = pointer;
        callback->check_run(facts, problems);
    }
    check_state_keys(callbacks, problems);
    problems.place = scheduler_pointer;
    check_schedulers(facts, problems);
    return std::move(problems.found);
}

std::vector<RunProblem> check_run(const RunConfig& config, const Registry& registry,
    LightningModule& module, const DataSpec& spec)
{
    RunProblems problems;
    RunFacts facts;
    problems.place = "/trainer";
    TrainerPlan plan;
    try {
        plan = resolve(config.trainer);
    } catch (const std::exception& error) {
        problems.error("", error.what());
        return std::move(problems.found);
    }
    facts.plan = &plan;
    facts.is_resumed = config.ckpt_path.has_value();
    facts.has_loggers = has_loggers(config);
    const auto& data = config.data.init_args;
    if (spec.train_rows > 0) {
        const auto* limit = plan.is_overfitting ? "overfit_batches" : nullptr;
        facts.train_batches = batches_of(data, spec.train_rows, data.value("drop_last", false),
            plan.limit_train_batches, limit ? limit : "limit_train_batches", problems);
        facts.val_batches = batches_of(data, spec.val_rows, false, plan.limit_val_batches,
            limit ? limit : "limit_val_batches", problems);
    }
    OptimizerSetup setup;
    problems.place = "";
    try {
        setup = optimizers_of(config, registry, module);
    } catch (const std::exception& error) {
        problems.error(config.lr_scheduler ? "lr_scheduler" : "optimizer", error.what());
    }
    facts.optimizers = &setup.optimizers;
    facts.schedulers = &setup.lr_schedulers;
    std::vector<std::unique_ptr<Callback>> callbacks;
    std::vector<PlacedCallback> placed;
    const bool is_list = config.trainer.callbacks
        && std::holds_alternative<ComponentList>(*config.trainer.callbacks);
    const auto named = callbacks_of(config);
    for (size_t i = 0; i < named.size(); ++i) {
        const auto pointer = is_list ? fmt::format("/trainer/callbacks/{}/init_args", i)
                                     : std::string("/trainer/callbacks/init_args");
        problems.place = pointer;
        try {
            callbacks.push_back(factory_of<CallbackFactory>(
                registry, ComponentKind::Callback, named[i].class_path)(named[i].init_args));
            placed.push_back({callbacks.back().get(), pointer});
        } catch (const std::exception& error) {
            problems.error("", error.what());
        }
    }
    try {
        auto found = check_run(facts, module, placed, "/lr_scheduler");
        problems.found.insert(problems.found.end(), found.begin(), found.end());
    } catch (const std::exception& error) { // of a component that is no good at all
        problems.place = "";
        problems.error("", error.what());
    }
    return std::move(problems.found);
}

void throw_errors(const std::vector<RunProblem>& problems)
{
    std::vector<ConfigProblem> errors;
    for (const auto& problem : problems)
        if (problem.is_error)
            errors.push_back({problem.pointer, problem.text});
    if (errors.empty())
        return;
    const bool has_places = std::any_of(
        errors.begin(), errors.end(), [](const auto& error) { return !error.pointer.empty(); });
    if (has_places)
        throw MisconfigurationError(problem_lines(errors, "/"));
    std::string text;
    for (const auto& error : errors)
        text += (text.empty() ? "" : "\n") + error.message;
    throw MisconfigurationError(text);
}

void check_before_training(Trainer& trainer)
{
    if (trainer.fit_loop().max_batches == 0)
        return;
    RunFacts facts;
    facts.plan = &trainer.plan();
    facts.is_resumed = !trainer.resumed_from().empty();
    facts.has_restored_schedules = trainer.resumes_schedules();
    facts.has_loggers = !trainer.loggers().empty();
    if (trainer.fit_loop().max_batches != unknown_size)
        facts.train_batches = trainer.fit_loop().max_batches;
    const auto& validation = trainer.fit_loop().epoch_loop.val_loop;
    if (validation.is_set_up() && validation.max_batches() != unknown_size)
        facts.val_batches = validation.max_batches();
    else if (!validation.is_set_up() && !trainer.has_val_dataloader())
        facts.val_batches = 0;
    facts.has_one_val_loader = validation.passes().size() < 2
        && (validation.passes().empty() || validation.passes().front().loaders().size() < 2);
    if (trainer.is_automatic_optimization())
        facts.schedulers = &trainer.lr_scheduler_configs();
    else // the module steps them, and the optimizers, when it likes
        facts.accumulates_evenly = false;
    facts.optimizers = &trainer.optimizers();
    std::vector<PlacedCallback> callbacks;
    for (const auto& callback : trainer.callbacks())
        callbacks.push_back({callback.get(), ""});
    auto problems = check_run(facts, trainer.lightning_module(), callbacks);
    for (auto& problem : problems)
        problem.pointer.clear(); // there may be no config
    throw_errors(problems);
    for (const auto& problem : problems)
        trainer.connector().warn_once(problem.text);
}

} // namespace leyden
