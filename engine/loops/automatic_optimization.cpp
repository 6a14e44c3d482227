// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/loops/automatic_optimization.h"

#include "engine/core/errors.h"
#include "engine/strategies/strategy.h"
#include "engine/trainer/call.h"

#include <ATen/ops/isfinite.h>

#include <cmath>

namespace leyden {

AutomaticOptimization::AutomaticOptimization(Trainer& trainer)
    : trainer_(trainer)
    , outputs_(StateTree::dict({{"loss", StateTree()}}))
{
}

const StateTree& AutomaticOptimization::run(
    Optimizer& optimizer, const StateTree& batch, int64_t batch_idx, bool accumulates)
{
    has_loss_ = false;
    if (accumulates) {
        closure(optimizer, batch, batch_idx);
    } else {
        step_progress.increment_ready();
        const Closure step = [this, &optimizer, &batch, batch_idx] { return closure(optimizer, batch, batch_idx); };
        call_module(trainer_, Hook::OptimizerStep,
            [&](LightningModule& m) { m.optimizer_step(trainer_.current_epoch(), batch_idx, optimizer, step); });
        step_progress.increment_completed();
    }
    return has_loss_ ? outputs_ : no_outputs_;
}

at::Tensor AutomaticOptimization::closure(Optimizer& optimizer, const StateTree& batch, int64_t batch_idx)
{
    auto& trainer = trainer_;
    auto output = call_module(trainer, Hook::TrainingStep, [&](LightningModule& m) {
        const DefaultDtypeGuard dtype(trainer.strategy().precision().step_dtype());
        return m.training_step(batch, batch_idx);
    });
    auto& loss = output.loss;
    const auto accumulation = trainer.live().accumulate_grad_batches;
    if (loss.defined() && accumulation != 1)
        loss = loss / accumulation;

    if (batch_idx % accumulation == 0) { // first batch of a window
        zero_grad_progress.increment_ready();
        const auto before = [&](auto& target) { target.on_before_zero_grad(optimizer); };
        call_callbacks(trainer, Hook::OnBeforeZeroGrad,
            [&](Callback& c) { c.on_before_zero_grad(trainer, trainer.lightning_module(), optimizer); });
        call_module(trainer, Hook::OnBeforeZeroGrad, before);
        zero_grad_progress.increment_started();
        call_module(trainer, Hook::OptimizerZeroGrad, [&](LightningModule& m) {
            m.optimizer_zero_grad(trainer.current_epoch(), batch_idx, optimizer);
        });
        zero_grad_progress.increment_completed();
    }

    if (loss.defined()) {
        const bool turned_bad = is_first_non_finite(loss);
        call_callbacks(trainer, Hook::OnBeforeBackward,
            [&](Callback& c) { c.on_before_backward(trainer, trainer.lightning_module(), loss); });
        call_module(trainer, Hook::OnBeforeBackward, [&](LightningModule& m) { m.on_before_backward(loss); });
        call_module(trainer, Hook::Backward,
            [&](LightningModule& m) { trainer.strategy().backward(m, loss); });
        call_both(trainer, Hook::OnAfterBackward, &Callback::on_after_backward, &LightningModule::on_after_backward);
        if (turned_bad)
            report_non_finite(batch_idx);
        outputs_.entries().front().second = loss.variable_data(); // detached, without the dispatcher's cost
        if (output.extra.is_dict() || outputs_.size() > 1) {
            outputs_.entries().resize(1);
            if (output.extra.is_dict()) {
                for (const auto& entry : output.extra.entries())
                    outputs_.entries().push_back(entry);
            }
        }
        has_loss_ = true;
    } else if (!told_no_loss_) {
        told_no_loss_ = true;
        trainer.warn("training_step gave no loss; the batch is skipped. If that was on purpose, ignore this.");
    }
    return loss;
}

bool AutomaticOptimization::is_first_non_finite(const at::Tensor& loss) const
{
    if (told_non_finite_ || loss.device().type() != c10::kCPU) // elsewhere it would cost a synchronisation
        return false;
    const bool is_float = loss.scalar_type() == at::kFloat && loss.numel() == 1;
    return !std::isfinite(is_float ? double(*loss.const_data_ptr<float>()) : loss.item<double>());
}

void AutomaticOptimization::report_non_finite(int64_t batch_idx)
{
    told_non_finite_ = true;
    NonFiniteEvent event {.metric = "loss", .epoch = trainer_.current_epoch(), .batch_idx = batch_idx,
        .global_step = trainer_.global_step(), .layer = {}};
    const auto is_bad = [](const at::Tensor& tensor) {
        return tensor.defined() && !at::isfinite(tensor.detach()).all().item<bool>();
    };
    const auto parameters = trainer_.lightning_module().named_parameters();
    const auto name_first = [&](auto&& tensor_of) {
        for (const auto& parameter : parameters) {
            if (!event.layer.empty())
                return;
            if (is_bad(tensor_of(parameter.value())))
                event.layer = parameter.key();
        }
    };
    name_first([](const at::Tensor& parameter) { return parameter; });
    name_first([](const at::Tensor& parameter) { return parameter.grad(); });
    trainer_.tell(event);
    trainer_.warn("the loss is not finite at step " + std::to_string(event.global_step)
        + (event.layer.empty() ? std::string() : "; the first layer with such values: " + event.layer));
}

StateTree AutomaticOptimization::state_dict() const
{
    return StateTree::dict({{"optimizer",
        StateTree::dict({{"step", step_progress.state_dict(ProgressKind::ReadyCompleted)},
            {"zero_grad", zero_grad_progress.state_dict(ProgressKind::NoProcessed)}})}});
}

void AutomaticOptimization::load_state_dict(const StateTree& state)
{
    step_progress.load_state_dict(state.at("optimizer").at("step"));
    zero_grad_progress.load_state_dict(state.at("optimizer").at("zero_grad"));
}

} // namespace leyden
