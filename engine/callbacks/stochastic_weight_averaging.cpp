// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/callbacks/stochastic_weight_averaging.h"

#include "engine/callbacks/device_option.h"
#include "engine/callbacks/model_checkpoint.h"
#include "engine/callbacks/module_tensors.h"
#include "engine/callbacks/open_epoch.h"
#include "engine/checkpoint/checkpoint_file.h"
#include "engine/config/check_options.h"
#include "engine/core/errors.h"
#include "engine/core/lightning_module.h"
#include "engine/optim/largest_lr.h"
#include "engine/optim/swa_lr.h"
#include "engine/trainer/checkpoint_connector.h"
#include "engine/trainer/run_checks.h"
#include "engine/trainer/trainer.h"
#include "engine/trainer/trainer_plan.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/add.h>
#include <ATen/ops/div.h>
#include <ATen/ops/sub.h>
#include <torch/nn/modules/batchnorm.h>

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <filesystem>
#include <limits>
#include <utility>

namespace leyden {
namespace {

std::string check_start(const Json& value)
{
    const bool is_right = value.is_number_integer()
        ? value.get<int64_t>() >= 1
        : value.get<double>() >= 0.0 && value.get<double>() <= 1.0;
    return is_right ? "" : "expected an epoch >= 1 or a share of max_epochs from 0.0 to 1.0";
}

at::Tensor running_mean(const at::Tensor& average, const at::Tensor& weights, int64_t n)
{
    return at::add(average, at::div(at::sub(weights, average), at::Scalar(n + 1)));
}

} // namespace

void describe(OptionTable<StochasticWeightAveragingOptions>& table)
{
    using Options = StochasticWeightAveragingOptions;
    table.add("swa_lrs", &Options::swa_lrs, "Learning rate while weights are averaged")
        .required()
        .above(0)
        .at_most(largest_lr)
        .each_above(0)
        .each_at_most(largest_lr)
        .details("A list has one rate a parameter group.");
    table.add("swa_epoch_start", &Options::swa_epoch_start, "Epoch from which weights are averaged")
        .check(check_start)
        .details("A whole number is an epoch, counted from 1; a number with a decimal point is a "
                 "share of max_epochs.");
    table
        .add("annealing_epochs", &Options::annealing_epochs,
            "Epochs in which the rate moves to swa_lrs")
        .at_least(0)
        .unit("epochs");
    table.add("annealing_strategy", &Options::annealing_strategy, "Shape of that move")
        .choices({{"cos", AnnealStrategy::Cos}, {"linear", AnnealStrategy::Linear}});
    describe_device(
        table, &Options::device, "Where the average is kept; unset: on the model's device");
}

StochasticWeightAveraging::StochasticWeightAveraging(
    StochasticWeightAveragingOptions options, AverageFn average_fn)
    : options_(std::move(options)), average_fn_(average_fn ? std::move(average_fn) : running_mean)
{
    check_options(options_);
}

int64_t StochasticWeightAveraging::swa_end() const
{
    return max_epochs_ == -1 ? std::numeric_limits<int64_t>::max() - 1 : max_epochs_ - 1;
}

void StochasticWeightAveraging::setup(Trainer&, LightningModule& module, TrainerFn)
{
    has_trained_ = false;
    if (!is_initialized_)
        average_ = module.module_state_dict().deep_copy();
}

void StochasticWeightAveraging::check_run(const RunFacts& facts, RunProblems& problems) const
{
    const auto epochs = facts.plan->live.max_epochs;
    const auto* epoch = std::get_if<int64_t>(&options_.swa_epoch_start);
    if (!epoch && epochs == -1)
        problems.error("swa_epoch_start",
            "swa_epoch_start is a share of max_epochs, and max_epochs = -1; give the epoch as a "
            "whole number");
    else if (epoch && epochs != -1 && *epoch >= epochs)
        problems.warn("swa_epoch_start",
            fmt::format("swa_epoch_start = {}, and the run ends before that epoch (max_epochs = "
                        "{}): nothing is averaged",
                *epoch, epochs));
    else
        facts.check_average(name(), problems);
    const auto* rates = std::get_if<std::vector<double>>(&options_.swa_lrs);
    if (rates && facts.optimizers && facts.optimizers->size() == 1) {
        const auto groups = facts.optimizers->front()->param_groups().size();
        if (rates->size() != groups)
            problems.error("swa_lrs",
                fmt::format("swa_lrs has {} rates, and the optimizer has {} parameter groups; give "
                            "one for each, or one number",
                    rates->size(), groups));
    }
}

void StochasticWeightAveraging::on_fit_start(Trainer& trainer, LightningModule& module)
{
    if (trainer.optimizers().size() != 1)
        throw MisconfigurationError(
            fmt::format("StochasticWeightAveraging works with one optimizer, the model has {}",
                trainer.optimizers().size()));
    if (trainer.lr_scheduler_configs().size() > 1)
        throw MisconfigurationError(
            fmt::format("StochasticWeightAveraging works with one lr_scheduler at most, the "
                        "model has {}",
                trainer.lr_scheduler_configs().size()));
    module_ = &module;
    max_epochs_ = trainer.live().max_epochs;
    if (const auto* epoch = std::get_if<int64_t>(&options_.swa_epoch_start))
        start_ = *epoch;
    else if (max_epochs_ == -1)
        throw MisconfigurationError(
            "swa_epoch_start is a share of max_epochs, and max_epochs = -1; give the epoch as "
            "a whole number");
    else
        start_ = int64_t(double(max_epochs_) * std::get<double>(options_.swa_epoch_start));
    has_batch_norm_ = contains_batch_norm(module);
    if (has_batch_norm_ && max_epochs_ != -1)
        ++trainer.live().max_epochs;  // for the statistics
    if (scheduler_state_.is_dict()) { // resumed: the checkpoint's scheduler is this one
        trainer.lr_scheduler_configs().clear();
        begin_schedule(trainer);
    }
    if (gradients_.is_dict()) {
        for (auto& parameter : module.named_parameters())
            if (const auto* gradient = gradients_.find(parameter.key()))
                parameter.value().mutable_grad()
                    = gradient->tensor().to(parameter.value().device()).clone();
        gradients_ = {};
    }
}

void StochasticWeightAveraging::on_train_start(Trainer& trainer, LightningModule& module)
{
    // Resumed within the epoch of the statistics: the model has the averaged weights already.
    if (has_open_epoch(trainer) && max_epochs_ != -1 && trainer.current_epoch() == swa_end() + 1)
        begin_statistics(trainer, module);
}

void StochasticWeightAveraging::begin_schedule(Trainer& trainer)
{
    auto& optimizer = *trainer.optimizers().front();
    const auto* same = std::get_if<double>(&options_.swa_lrs);
    const auto lrs = same ? std::vector<double>(optimizer.param_groups().size(), *same)
                          : std::get<std::vector<double>>(options_.swa_lrs);
    for (size_t i = 0; i < std::min(lrs.size(), optimizer.param_groups().size()); ++i)
        optimizer.param_groups()[i].options.set("initial_lr", lrs[i]);
    const bool is_cos = options_.annealing_strategy == AnnealStrategy::Cos;
    scheduler_ = std::make_shared<SWALR>(optimizer, lrs, options_.annealing_epochs,
        options_.annealing_strategy, is_cos ? trainer.live().max_epochs : -1);
    if (scheduler_state_.is_dict())
        scheduler_->load_state_dict(scheduler_state_);
    else if (trainer.current_epoch() != swa_start())
        trainer.warn("weights are averaged from a later epoch than swa_epoch_start says: the "
                     "checkpoint that this run "
                     "goes on from holds no average");
    LRSchedulerConfig config;
    config.scheduler = scheduler_;
    auto& configs = trainer.lr_scheduler_configs();
    if (!configs.empty()) {
        if (configs.front().interval != "epoch" || configs.front().frequency != 1)
            trainer.warn(
                fmt::format("{} steps every {} {}; SWALR, which takes its place, steps every epoch",
                    configs.front().scheduler->name(), configs.front().frequency,
                    configs.front().interval));
        trainer.message(MessageEvent::Level::Info,
            fmt::format("SWALR takes the place of {}", configs.front().scheduler->name()));
        configs.clear();
    }
    configs.push_back(std::move(config));
    is_initialized_ = true;
}

void StochasticWeightAveraging::on_train_epoch_start(Trainer& trainer, LightningModule& module)
{
    const auto epoch = trainer.current_epoch();
    const bool is_averaged = swa_start() <= epoch && epoch <= swa_end();
    if (!is_initialized_ && is_averaged)
        begin_schedule(trainer);
    if (is_averaged && epoch > latest_update_epoch_) {
        update(module);
        latest_update_epoch_ = epoch;
    }
    if (max_epochs_ != -1 && epoch == swa_end() + 1) {
        transfer_weights(module);
        for_each_batch_norm(module, [](auto& norm) {
            if (!norm.running_mean.defined() || !norm.running_var.defined())
                throw MisconfigurationError(
                    "StochasticWeightAveraging needs batch norms that keep running statistics; set "
                    "track_running_stats = true");
            norm.running_mean.zero_();
            norm.running_var.fill_(1);
            norm.num_batches_tracked.zero_();
        });
        begin_statistics(trainer, module);
    }
}

void StochasticWeightAveraging::begin_statistics(Trainer& trainer, LightningModule& module)
{
    momenta_.clear();
    for_each_batch_norm(module, [&](auto& norm) {
        momenta_.push_back(norm.options.momentum());
        norm.options.momentum(std::nullopt); // a plain mean of all batches
    });
    trainer.fit_loop().epoch_loop.automatic_optimization.skips_backward = true;
    accumulate_before_ = trainer.live().accumulate_grad_batches;
    const auto batches = trainer.num_training_batches(); // no step before their end
    trainer.live().accumulate_grad_batches = batches == unknown_size ? batches : batches + 1;
}

void StochasticWeightAveraging::on_train_epoch_end(Trainer& trainer, LightningModule&)
{
    trainer.fit_loop().epoch_loop.automatic_optimization.skips_backward = false;
}

void StochasticWeightAveraging::on_train_end(Trainer& trainer, LightningModule& module)
{
    has_trained_ = true;
    const auto last = trainer.current_epoch() - 1;
    if (has_batch_norm_ && max_epochs_ != -1 && last == swa_end() + 1) {
        trainer.live().accumulate_grad_batches = accumulate_before_;
        --trainer.live().max_epochs;
        size_t next = 0;
        for_each_batch_norm(module, [&](auto& norm) {
            if (next < momenta_.size())
                norm.options.momentum(momenta_[next++]);
        });
        momenta_.clear();
    } else if (last == swa_end() || max_epochs_ == -1) {
        transfer_weights(module);
    }
}

void StochasticWeightAveraging::on_fit_end(Trainer& trainer, LightningModule& module)
{
    const bool writes = std::any_of(
        trainer.callbacks().begin(), trainer.callbacks().end(), [](const auto& callback) {
            const auto* checkpoint = dynamic_cast<const ModelCheckpoint*>(callback.get());
            return checkpoint && checkpoint->has_saved();
        });
    const auto file = trainer.log_dir() / "checkpoints" / averaged_name;
    // Of a run that was over already: the file may have been lost, or could not be written.
    const bool is_missing = !trainer.resumed_from().empty() && !trainer.files().exists(file);
    if ((!std::exchange(has_trained_, false) && !is_missing) || n_averaged_ == 0 || !writes
        || trainer.plan().fast_dev_run > 0)
        return;
    try {
        auto state = CheckpointConnector(trainer).dump_untraced();
        auto weights = state.at("state_dict"); // of a run that was stopped it is not the average
        for (const auto& [key, tensor] : unique_parameters(module))
            weights.set(key, average_.at(key));
        state.set("state_dict", std::move(weights));
        save_checkpoint_file(trainer.files(), file, state);
    } catch (const CheckpointError& error) {
        trainer.checkpoint_failed(error.what());
        return;
    } catch (const FileError& error) {
        trainer.checkpoint_failed(error.what());
        return;
    }
    std::error_code failure;
    const auto bytes = std::filesystem::file_size(file, failure);
    trainer.tell(CheckpointEvent{.path = file.string(),
        .epoch = trainer.current_epoch(),
        .global_step = trainer.global_step(),
        .bytes = failure ? 0 : int64_t(bytes)});
    trainer.message(MessageEvent::Level::Info,
        fmt::format("the averaged weights are in '{}': --ckpt_path averaged", file.string()));
}

void StochasticWeightAveraging::update(LightningModule& module)
{
    const at::NoGradGuard no_grad;
    const auto device = device_from(options_.device, module);
    for (const auto& [key, weights] : unique_parameters(module)) {
        auto average = average_.at(key).tensor();
        if (average.device() != device) {
            average = average.to(device);
            average_.set(key, average);
        }
        const auto own = weights.detach().to(device);
        average.copy_(n_averaged_ == 0 ? own : average_fn_(average, own, n_averaged_));
    }
    ++n_averaged_;
}

void StochasticWeightAveraging::transfer_weights(LightningModule& module) const
{
    const at::NoGradGuard no_grad;
    for (const auto& [key, weights] : unique_parameters(module))
        weights.detach().copy_(average_.at(key).tensor());
}

StateTree StochasticWeightAveraging::state_dict() const
{
    return StateTree::dict(
        {{"n_averaged", n_averaged_}, {"latest_update_epoch", latest_update_epoch_},
            {"scheduler_state", scheduler_ ? scheduler_->state_dict() : StateTree()},
            {"average_model_state", average_}});
}

void StochasticWeightAveraging::load_state_dict(const StateTree& state)
{
    n_averaged_ = state.at("n_averaged").to_int();
    latest_update_epoch_ = state.at("latest_update_epoch").to_int();
    scheduler_state_ = state.at("scheduler_state");
    const auto& saved = state.at("average_model_state");
    if (!saved.is_dict())
        return;
    for (const auto& [key, mine] : average_.entries()) {
        const auto& name = std::get<std::string>(key);
        const auto& tensor = saved.at(name).tensor();
        if (tensor.sizes() != mine.tensor().sizes())
            throw CheckpointError(fmt::format("StochasticWeightAveraging: the saved average of {} "
                                              "has another shape than the model's",
                name));
        mine.tensor().detach().copy_(tensor);
    }
}

StateTree StochasticWeightAveraging::resume_state() const
{
    // The epoch of the statistics ends with a step on the gradients that the last epoch left, as
    // Lightning's does.
    if (!module_ || !has_batch_norm_ || max_epochs_ == -1 || latest_update_epoch_ != swa_end())
        return {};
    auto gradients = StateTree::dict();
    for (const auto& parameter : module_->named_parameters())
        if (parameter.value().grad().defined())
            gradients.set(parameter.key(), parameter.value().grad());
    return StateTree::dict({{"gradients", std::move(gradients)}});
}

void StochasticWeightAveraging::load_resume_state(const StateTree& state)
{
    if (const auto* gradients = state.find("gradients"))
        gradients_ = *gradients;
}

} // namespace leyden
