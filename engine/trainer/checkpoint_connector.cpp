// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/trainer/checkpoint_connector.h"

#include "engine/checkpoint/checkpoint_file.h"
#include "engine/checkpoint/weights_file.h"
#include "engine/core/errors.h"
#include "engine/core/generators.h"
#include "engine/loops/fit_loop.h"
#include "engine/loops/prediction_loop.h"
#include "engine/optim/lr_scheduler.h"
#include "engine/optim/no_optimizer.h"
#include "engine/optim/optimizer.h"
#include "engine/strategies/strategy.h"
#include "engine/trainer/call.h"
#include "engine/trainer/run_steering.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <sstream>
#include <vector>

namespace leyden {
namespace {
constexpr int64_t own_version = 1;

bool is_stand_in(const Optimizer& optimizer)
{
    return dynamic_cast<const NoOptimizer*>(&optimizer) != nullptr;
}

/// "2.6.6" as [2, 6, 6], for comparison.
std::vector<int> numbers_of(const std::string& version)
{
    std::vector<int> numbers;
    std::istringstream text(version);
    for (int number = 0; text >> number; text.ignore(1, '.'))
        numbers.push_back(number);
    return numbers;
}

/// What schedules set in each group of an optimizer.
std::vector<ParamGroup> scheduled_values(const Optimizer& optimizer)
{
    std::vector<ParamGroup> values;
    for (const auto& group : optimizer.param_groups()) {
        auto& value = values.emplace_back();
        value.lr = group.lr;
        for (const char* name : {"initial_lr", "max_lr", "min_lr", "momentum", "betas",
                 "max_momentum", "base_momentum"}) {
            if (const auto* option = group.options.find(name))
                value.options.set(name, *option);
        }
    }
    return values;
}

void set_scheduled_values(Optimizer& optimizer, const std::vector<ParamGroup>& values)
{
    auto value = values.begin();
    for (auto& group : optimizer.param_groups()) {
        group.lr = value->lr;
        for (const auto& [key, option] : value->options.entries())
            group.options.set(std::get<std::string>(key), option);
        ++value;
    }
}

void set_lrs(Optimizer& optimizer, const std::vector<double>& lrs)
{
    auto& groups = optimizer.param_groups();
    for (size_t i = 0; i < std::min(groups.size(), lrs.size()); ++i)
        groups[i].lr = lrs[i];
}
} // namespace

StateTree CheckpointConnector::dump(bool weights_only) const
{
    auto& trainer = trainer_;
    auto& module = trainer.lightning_module();
    auto& fit_loop = trainer.fit_loop();
    auto file = StateTree::dict({{"epoch", trainer.current_epoch()},
        {"global_step", trainer.global_step()}, {"pytorch-lightning_version", lightning_version},
        {"state_dict", module.module_state_dict()},
        {"loops",
            StateTree::dict({{"fit_loop", fit_loop.state_dict()},
                {"validate_loop", trainer.validate_loop_->state_dict()},
                {"test_loop", trainer.test_loop_->state_dict()},
                {"predict_loop", trainer.predict_loop_->state_dict()}})}});
    if (!weights_only) {
        auto callbacks = StateTree::dict();
        for (const auto& callback : trainer.callbacks()) {
            if (auto state = callback->state_dict(); !state.is_none())
                callbacks.set(callback->state_key(), std::move(state));
        }
        file.set("callbacks", std::move(callbacks));
        auto optimizers = StateTree::list();
        for (const auto& optimizer : trainer.optimizers_)
            optimizers.push_back(
                is_stand_in(*optimizer) ? StateTree::dict() : optimizer->state_dict());
        file.set("optimizer_states", std::move(optimizers));
        auto schedulers = StateTree::list();
        for (const auto& config : trainer.schedulers_)
            schedulers.push_back(config.scheduler->state_dict());
        file.set("lr_schedulers", std::move(schedulers));
        const auto& precision = trainer.strategy().precision();
        if (auto state = precision.state_dict(); state.size() > 0)
            file.set(precision.class_name(), std::move(state));
    }
    if (module.hparams.size() > 0) {
        file.set("hparams_name", "kwargs");
        file.set("hyper_parameters", module.hparams);
    }
    if (trainer.has_datamodule()) {
        if (const auto& hparams = trainer.datamodule().hparams; hparams.size() > 0) {
            file.set("datamodule_hparams_name", "kwargs");
            file.set("datamodule_hyper_parameters", hparams);
        }
        const ProfileScope profile(trainer.profiler(), trainer.datamodule(), "state_dict");
        if (auto state = trainer.datamodule().state_dict(); !state.is_none())
            file.set(trainer.datamodule().name(), std::move(state));
    }
    auto own = StateTree::dict({{"version", own_version}});
    own.set("config", trainer.run_config_text);
    if (weights_only && !trainer.run_config_text.empty()) { // of which model and data they are
        file.set("leyden", std::move(own));
    } else if (!weights_only) {
        const auto& before = fit_loop.epoch_loop.val_loop.random_state_before;
        const bool is_in_validation
            = trainer.phase == LoopPhase::BeforeValidation && !before.is_none();
        own.set("random_states", is_in_validation ? before : generator_states());
        own.set("position", fit_loop.position());
        own.set("rows_logged", fit_loop.rows_logged());
        own.set("interventions", fit_loop.steering().state_dict());
        auto resume_states = StateTree::dict();
        for (const auto& callback : trainer.callbacks()) {
            if (auto state = callback->resume_state(); !state.is_none())
                resume_states.set(callback->state_key(), std::move(state));
        }
        own.set("callbacks", std::move(resume_states));
        // Of the window that is still open; under manual optimization only the module knows which.
        const auto& batches = fit_loop.epoch_loop.batch_progress.current;
        const bool has_open_window = !trainer.is_automatic_optimization()
            || fit_loop.epoch_loop.should_accumulate()
            || batches.ready > batches.processed; // failed in it: its window's earlier batches
        if (has_open_window) {
            auto gradients = StateTree::dict();
            for (const auto& parameter : module.named_parameters()) {
                if (parameter.value().grad().defined())
                    gradients.set(parameter.key(), parameter.value().grad());
            }
            own.set("gradients", std::move(gradients));
        }
        file.set("leyden", std::move(own));
        call_callbacks(trainer, Hook::OnSaveCheckpoint,
            [&](Callback& c) { c.on_save_checkpoint(trainer, module, file); });
    }
    call_module(
        trainer, Hook::OnSaveCheckpoint, [&](LightningModule& m) { m.on_save_checkpoint(file); });
    return file;
}

StateTree CheckpointConnector::dump_untraced() const
{
    auto trace = std::move(trainer_.trace_);
    auto state = dump(/*weights_only=*/true);
    trainer_.trace_ = std::move(trace);
    return state;
}

void CheckpointConnector::load(const std::filesystem::path& file)
{
    checkpoint_ = trainer_.preloaded_file_ == file
        ? std::move(trainer_.preloaded_)
        : load_checkpoint_or_weights(trainer_.files(), file);
    trainer_.preloaded_file_.clear();
    file_ = file;
    if (trainer_.state().fn == TrainerFn::Fit)
        restore_ = trainer_.parts_.restore;
    if (!checkpoint_.is_dict() || !checkpoint_.contains("state_dict"))
        throw CheckpointError(
            fmt::format("'{}' is no Lightning checkpoint: it has no state_dict", file.string()));
    if (const auto* version = checkpoint_.find("pytorch-lightning_version"); version
        && version->is_string() && numbers_of(version->to_string()) > numbers_of(lightning_version))
        trainer_.warn(
            fmt::format("'{}' was written by Lightning {}; what came after {} may not be restored",
                file.string(), version->to_string(), lightning_version));
    if (const auto* own = checkpoint_.find("leyden")) {
        const auto* version = own->is_dict() ? own->find("version") : nullptr;
        if (!version || !version->is_int())
            throw CheckpointError(
                fmt::format("'{}' is damaged: its part \"leyden\" has no version", file.string()));
        if (version->to_int() > own_version)
            throw CheckpointError(
                fmt::format("'{}' was written by a newer Leyden (format {}, this one knows {}); "
                            "update leyden, or use an older checkpoint",
                    file.string(), version->to_int(), own_version));
    }
}

/// Says which file it was whose content did not fit.
template <class Restore> void CheckpointConnector::from_file(const Restore& restore)
{
    try {
        restore();
    } catch (const CheckpointError& error) {
        const std::string reason = error.what();
        if (file_.empty() || reason.find(file_.string()) != std::string::npos)
            throw;
        throw CheckpointError(
            fmt::format("cannot use the checkpoint '{}': {}", file_.string(), reason));
    }
}

void CheckpointConnector::restore_modules_and_callbacks()
{
    if (has_checkpoint())
        from_file([this] { restore_model(); });
}

void CheckpointConnector::restore_training_state()
{
    if (has_checkpoint())
        from_file([this] { restore_training(); });
}

void CheckpointConnector::restore_random_state()
{
    if (const auto* own = own_loops())
        from_file([own] { set_generator_states(own->at("random_states")); });
}

void CheckpointConnector::restore_model()
{
    auto& trainer = trainer_;
    if (restore_.weights)
        restore_weights();
    const auto* states = checkpoint_.find("callbacks");
    if (!states || !restore_.loops)
        return;
    auto& module = trainer.lightning_module();
    call_callbacks(trainer, Hook::OnLoadCheckpoint,
        [&](Callback& c) { c.on_load_checkpoint(trainer, module, checkpoint_); });
    for (const auto& [key, state] : states->entries()) {
        const auto* name = std::get_if<std::string>(&key);
        bool is_taken = false;
        for (const auto& callback : trainer.callbacks()) {
            if (name && callback->state_key() == *name) {
                callback->load_state_dict(state);
                is_taken = true;
            }
        }
        if (name && !is_taken)
            trainer.warn(fmt::format(
                "the checkpoint holds the state of {}, which this run does not have; it is ignored",
                *name));
    }
    const auto* own = checkpoint_.find("leyden");
    const auto* resume_states = own ? own->find("callbacks") : nullptr;
    if (!resume_states)
        return;
    for (const auto& callback : trainer.callbacks()) {
        if (const auto* state = resume_states->find(callback->state_key()))
            callback->load_resume_state(*state);
    }
}

void CheckpointConnector::restore_weights()
{
    auto& trainer = trainer_;
    auto& module = trainer.lightning_module();
    call_module(trainer, Hook::OnLoadCheckpoint,
        [&](LightningModule& m) { m.on_load_checkpoint(checkpoint_); });
    // A fit goes on with the weights as they were. Lightning reads float64 weights into float32
    // parameters first; for an evaluation, whose numbers are compared with its, so do we.
    if (trainer.state().fn == TrainerFn::Fit)
        trainer.strategy().precision().convert_module(module);
    module.load_module_state_dict(checkpoint_.at("state_dict"), module.strict_loading);
    if (trainer.has_datamodule()) {
        if (const auto* state = checkpoint_.find(trainer.datamodule().name()))
            trainer.datamodule().load_state_dict(*state);
    }
}

const StateTree* CheckpointConnector::own_loops() const
{
    return restore_.loops ? checkpoint_.find("leyden") : nullptr;
}

bool CheckpointConnector::wants_sanity_check() const
{
    const auto* own = own_loops();
    if (!own)
        return true;
    const auto& batches = checkpoint_.at("loops").at("fit_loop").at("epoch_loop.batch_progress");
    const bool is_whole_epoch = batches.at("is_last_batch").to_bool();
    return is_whole_epoch
        && own->at("position").at("phase").to_string() == to_string(LoopPhase::EpochEnd);
}

void CheckpointConnector::restore_training()
{
    const bool has_state
        = checkpoint_.contains("optimizer_states") && checkpoint_.contains("lr_schedulers");
    if (!has_state && (restore_.optimizer || restore_.lr_scheduler || restore_.loops))
        throw CheckpointError(fmt::format(
            "'{}' holds weights only; training cannot go on from it without the "
            "optimizer's state. ckpt_restore = [\"weights\"] starts a training from its weights",
            file_.string()));
    if (restore_.loops)
        restore_loops();
    if (restore_.optimizer || restore_.lr_scheduler)
        restore_optimizers();
    if (const auto* own = own_loops())
        restore_position(*own);
    else if (restore_.loops)
        trainer_.fit_loop().derive_position();
}

/// Lightning 2.0 changed what it stores of the loops.
void CheckpointConnector::refuse_older_layout() const
{
    const auto* loops = checkpoint_.find("loops");
    const auto* fit_loop = loops && loops->is_dict() ? loops->find("fit_loop") : nullptr;
    if (fit_loop && fit_loop->contains("epoch_loop.automatic_optimization.optim_progress")
        && fit_loop->contains("epoch_loop.val_loop.batch_progress"))
        return;
    const auto* version = checkpoint_.find("pytorch-lightning_version");
    throw CheckpointError(fmt::format(
        "'{0}' was written by Lightning {1}, whose layout of the loops is another; rewrite it with "
        "Lightning 2: python -m lightning.pytorch.utilities.upgrade_checkpoint '{0}'; or take its "
        "weights alone: ckpt_restore = [\"weights\"]",
        file_.string(),
        version && version->is_string() ? version->to_string() : "of an unknown version"));
}

void CheckpointConnector::restore_loops()
{
    auto& trainer = trainer_;
    auto& fit_loop = trainer.fit_loop();
    refuse_older_layout();
    const auto& loops = checkpoint_.at("loops");
    fit_loop.load_state_dict(loops.at("fit_loop"));
    trainer.validate_loop_->load_state_dict(loops.at("validate_loop"));
    trainer.test_loop_->load_state_dict(loops.at("test_loop"));
    const auto max_epochs = trainer.plan().live.max_epochs;
    if (max_epochs != -1 && trainer.current_epoch() > max_epochs)
        throw MisconfigurationError(
            fmt::format("max_epochs = {}: the checkpoint has {} epochs already; raise it to go on",
                max_epochs, fit_loop.epoch_progress.current.processed));
}

void CheckpointConnector::restore_optimizers()
{
    auto& trainer = trainer_;
    const auto& optimizers = checkpoint_.at("optimizer_states");
    const auto& schedulers = checkpoint_.at("lr_schedulers");
    if (restore_.optimizer && optimizers.size() != trainer.optimizers_.size())
        throw CheckpointError(fmt::format(
            "'{}' was written with {} optimizers, this run has {}; use the config it was trained "
            "with, or leave optimizer out of ckpt_restore, with ckpt_path naming the file",
            file_.string(), optimizers.size(), trainer.optimizers_.size()));
    if (restore_.lr_scheduler && schedulers.size() != trainer.schedulers_.size())
        trainer.warn(fmt::format("the checkpoint was written with {} lr_schedulers, this run has "
                                 "{}: {}",
            schedulers.size(), trainer.schedulers_.size(),
            schedulers.size() < trainer.schedulers_.size()
                ? "the further ones begin anew"
                : "what it says of the further ones is ignored, and the learning rate stays as "
                  "it was"));
    const bool has_schedule = schedulers.size() > 0 || !trainer.schedulers_.empty();
    if (restore_.optimizer) {
        auto& precision = trainer.strategy().precision();
        if (const auto* state = checkpoint_.find(precision.class_name()))
            precision.load_state_dict(*state);
        for (size_t i = 0; i < optimizers.size(); ++i) {
            auto& optimizer = *trainer.optimizers_[i];
            if (is_stand_in(optimizer))
                continue;
            const auto scheduled = scheduled_values(optimizer);
            optimizer.load_state_dict(optimizers[i]);
            if (!restore_.lr_scheduler && has_schedule)
                set_scheduled_values(optimizer, scheduled);
        }
    }
    if (restore_.lr_scheduler) {
        for (size_t i = 0; i < std::min(schedulers.size(), trainer.schedulers_.size()); ++i) {
            auto& scheduler = *trainer.schedulers_[i].scheduler;
            try {
                scheduler.load_state_dict(schedulers[i]);
            } catch (const CheckpointError& error) {
                throw CheckpointError(fmt::format(
                    "what it says of the schedule is not that of a {} ({}); use the one it was "
                    "trained with, or leave lr_scheduler out of ckpt_restore, with ckpt_path "
                    "naming the file",
                    scheduler.name(), error.what()));
            }
            if (!restore_.optimizer)
                set_lrs(scheduler.optimizer(), scheduler.last_lr());
        }
    }
}

void CheckpointConnector::restore_position(const StateTree& own)
{
    auto& trainer = trainer_;
    trainer.fit_loop().load_position(own.at("position"));
    trainer.fit_loop().steering().load_state_dict(own.at("interventions"));
    trainer.rows_logged_ = own.at("rows_logged").to_int();
    const auto* gradients = own.find("gradients");
    if (!gradients || !restore_.weights) // they are those of the weights
        return;
    auto parameters = trainer.lightning_module().named_parameters();
    for (const auto& [key, gradient] : gradients->entries()) {
        if (auto* parameter = parameters.find(std::get<std::string>(key)))
            parameter->mutable_grad() = gradient.tensor().to(parameter->device()).clone();
    }
}

} // namespace leyden
