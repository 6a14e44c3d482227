// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/callbacks/weight_averaging.h"

#include "engine/callbacks/device_option.h"
#include "engine/callbacks/module_tensors.h"
#include "engine/config/check_options.h"
#include "engine/core/errors.h"
#include "engine/core/lightning_module.h"
#include "engine/trainer/call.h"
#include "engine/trainer/run_checks.h"
#include "engine/trainer/trainer.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/_foreach_lerp.h>
#include <ATen/ops/add.h>
#include <ATen/ops/div.h>
#include <ATen/ops/mul.h>
#include <ATen/ops/scalar_tensor.h>
#include <ATen/ops/sub.h>

#include <spdlog/fmt/fmt.h>

#include <typeinfo>

namespace leyden {
namespace {

template <class Options> void describe_averaging(OptionTable<Options>& table)
{
    describe_device(
        table, &Options::device, "Where the average is kept; unset: on the model's device");
    table
        .add("use_buffers", &Options::use_buffers,
            "Average the buffers too, e.g. the statistics of batch norms")
        .details("false: the average has the buffers of the model in training.");
}

/// As torch.optim.swa_utils has it: on a GPU by interpolation, with a share that was rounded to
/// float32.
at::Tensor mean_of_all(const at::Tensor& average, const at::Tensor& weights, int64_t n)
{
    if (average.is_cuda() && average.is_floating_point()
        && average.scalar_type() == weights.scalar_type())
        return at::_foreach_lerp({average}, {weights}, double(1.0F / float(n + 1))).front();
    return at::add(average, at::div(at::sub(weights, average), at::Scalar(n + 1)));
}

/// Copies by name; strict, as both sides are of one model.
void copy_state(const StateTree& from, const StateTree& to)
{
    const at::NoGradGuard no_grad;
    for (const auto& [key, mine] : to.entries()) {
        const auto& name = std::get<std::string>(key);
        const auto* saved = from.find(name);
        if (!saved || saved->tensor().sizes() != mine.tensor().sizes())
            throw CheckpointError(fmt::format(
                "the checkpoint's averaged weights do not fit this model: {} is {}; use the "
                "config it was trained with",
                name, saved ? "of another shape" : "missing"));
        mine.tensor().detach().copy_(saved->tensor());
    }
}

/// A plain dict of the same entries: what Lightning writes here is no OrderedDict.
StateTree as_plain_dict(const StateTree& state)
{
    auto dict = StateTree::dict();
    for (const auto& [key, value] : state.entries())
        dict.set(std::get<std::string>(key), value);
    return dict;
}

} // namespace

void describe(OptionTable<WeightAveragingOptions>& table)
{
    describe_averaging(table);
}

void describe(OptionTable<EMAWeightAveragingOptions>& table)
{
    using Options = EMAWeightAveragingOptions;
    table.add("decay", &Options::decay, "Share of the average that stays at an update")
        .at_least(0)
        .at_most(1);
    table
        .add("update_every_n_steps", &Options::update_every_n_steps,
            "Optimizer steps between two updates; 0: none by steps")
        .at_least(0)
        .unit("steps");
    table
        .add("update_starting_at_step", &Options::update_starting_at_step,
            "First optimizer step, from 0, that may update; unset: all")
        .at_least(0);
    table
        .add("update_starting_at_epoch", &Options::update_starting_at_epoch,
            "First epoch, from 0, at whose end the average is updated too; unset: none")
        .at_least(0);
    describe_averaging(table);
}

WeightAveraging::WeightAveraging(WeightAveragingOptions options, AverageFn average_fn)
    : options_(std::move(options)), average_fn_(average_fn ? std::move(average_fn) : mean_of_all)
{
    check_options(options_);
}

bool WeightAveraging::should_update(std::optional<int64_t> step_idx, std::optional<int64_t>) const
{
    return step_idx.has_value();
}

void WeightAveraging::check_run(const RunFacts& facts, RunProblems& problems) const
{
    facts.check_average(name(), problems);
}

void WeightAveraging::setup(Trainer& trainer, LightningModule& module, TrainerFn fn)
{
    if (fn != TrainerFn::Fit)
        return;
    // The layers that it makes are averaged too; the trainer calls it once more, as Lightning's
    // does.
    call_module(trainer, Hook::ConfigureModel, [](LightningModule& m) { m.configure_model(); });
    const auto device = device_from(options_.device, module);
    average_ = module.module_state_dict().deep_copy();
    for (auto& [key, tensor] : average_.entries())
        tensor = tensor.tensor().to(device);
    n_averaged_ = 0;
    is_swapped_ = false;
}

void WeightAveraging::update(LightningModule& module)
{
    const at::NoGradGuard no_grad;
    const auto take = [&](const NamedTensors& tensors, bool is_averaged) {
        for (const auto& [key, tensor] : tensors) {
            const auto& average = average_.at(key).tensor();
            const auto own = tensor.detach().to(average.device());
            average.copy_(
                is_averaged && n_averaged_ > 0 ? average_fn_(average, own, n_averaged_) : own);
        }
    };
    take(unique_parameters(module), true);
    take(unique_buffers(module), options_.use_buffers);
    ++n_averaged_;
}

void WeightAveraging::on_train_batch_end(
    Trainer& trainer, LightningModule& module, const StateTree&, const Batch&, int64_t)
{
    const auto step = trainer.global_step();
    if (step > latest_update_step_ && should_update(step - 1, {})) {
        update(module);
        latest_update_step_ = step;
    }
}

void WeightAveraging::on_train_epoch_end(Trainer& trainer, LightningModule& module)
{
    const auto epoch = trainer.current_epoch();
    if (epoch > latest_update_epoch_ && should_update({}, epoch)) {
        update(module);
        latest_update_epoch_ = epoch;
    }
}

void WeightAveraging::swap(LightningModule& module)
{
    const at::NoGradGuard no_grad;
    const auto exchange = [&](const NamedTensors& tensors) {
        for (const auto& [key, tensor] : tensors) {
            const auto& average = average_.at(key).tensor();
            const auto kept = average.clone();
            average.copy_(tensor.detach());
            tensor.detach().copy_(kept);
        }
    };
    exchange(unique_parameters(module));
    exchange(unique_buffers(module));
    is_swapped_ = !is_swapped_;
}

void WeightAveraging::on_validation_epoch_start(Trainer&, LightningModule& module)
{
    if (average_.is_dict())
        swap(module);
}

void WeightAveraging::on_validation_epoch_end(Trainer&, LightningModule& module)
{
    if (average_.is_dict())
        swap(module);
}

void WeightAveraging::on_train_end(Trainer&, LightningModule& module)
{
    copy_state(average_, module.module_state_dict());
}

void WeightAveraging::on_save_checkpoint(Trainer& trainer, LightningModule&, StateTree& checkpoint)
{
    if (!average_.is_dict()) {
        trainer.message(MessageEvent::Level::Info,
            name()
                + ": a checkpoint saved outside fit holds the model's weights alone, and no "
                  "average");
        return;
    }
    auto weights = checkpoint.at("state_dict");
    auto average = as_plain_dict(average_);
    if (is_swapped_) // saved in the middle of a validation
        std::swap(weights, average);
    checkpoint.set("current_model_state", std::move(weights));
    checkpoint.set("state_dict", std::move(average));
    checkpoint.set("averaging_state",
        StateTree::dict({{"n_averaged", at::scalar_tensor(n_averaged_, at::kLong)}}));
}

void WeightAveraging::on_load_checkpoint(
    Trainer& trainer, LightningModule& module, const StateTree& checkpoint)
{
    const auto* weights = checkpoint.find("current_model_state");
    const auto* averaging = checkpoint.find("averaging_state");
    if (!average_.is_dict()) {
        trainer.warn(name()
            + ": the checkpoint is loaded outside fit, so that its averaged weights are used and "
              "the state of the "
              "average is left out; for test and predict that is right");
    } else if (weights && averaging) {
        copy_state(checkpoint.at("state_dict"), average_);
        n_averaged_ = averaging->at("n_averaged").tensor().item<int64_t>();
        module.load_module_state_dict(*weights);
    } else {
        trainer.warn(name()
            + ": the checkpoint was saved without an average; model and average both begin with "
              "its weights");
        const at::NoGradGuard no_grad;
        for (const auto& [key, mine] : average_.entries())
            if (const auto* saved = checkpoint.at("state_dict").find(std::get<std::string>(key));
                saved && saved->tensor().sizes() == mine.tensor().sizes())
                mine.tensor().detach().copy_(saved->tensor());
    }
}

StateTree WeightAveraging::state_dict() const
{
    return StateTree::dict({{"latest_update_step", latest_update_step_}});
}

void WeightAveraging::load_state_dict(const StateTree& state)
{
    latest_update_step_ = state.at("latest_update_step").to_int();
}

EMAWeightAveraging::EMAWeightAveraging(const EMAWeightAveragingOptions& options)
    : WeightAveraging({.device = options.device, .use_buffers = options.use_buffers},
          [decay = options.decay](const at::Tensor& average, const at::Tensor& weights, int64_t) {
              return at::add(
                  at::mul(average, at::Scalar(decay)), at::mul(weights, at::Scalar(1 - decay)));
          })
    , options_(options)
{
    check_options(options_);
}

bool EMAWeightAveraging::replaces(const Callback& other) const
{
    return Callback::replaces(other) || typeid(other) == typeid(WeightAveraging);
}

bool EMAWeightAveraging::should_update(
    std::optional<int64_t> step_idx, std::optional<int64_t> epoch_idx) const
{
    if (step_idx
        && (!options_.update_starting_at_step || *step_idx >= *options_.update_starting_at_step)
        && options_.update_every_n_steps > 0 && *step_idx % options_.update_every_n_steps == 0)
        return true;
    return epoch_idx && options_.update_starting_at_epoch
        && *epoch_idx >= *options_.update_starting_at_epoch;
}

} // namespace leyden
