// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/loops/automatic_optimization.h"

#include "engine/core/errors.h"
#include "engine/loops/step_outputs.h"
#include "engine/strategies/strategy.h"
#include "engine/trainer/call.h"

#include <spdlog/fmt/fmt.h>

#include <functional>
#include <utility>

namespace leyden {

AutomaticOptimization::AutomaticOptimization(Trainer& trainer)
    : trainer_(trainer), outputs_(StateTree::dict())
{
}

const StateTree& AutomaticOptimization::run(
    Optimizer& optimizer, const StateTree& batch, int64_t batch_idx, bool accumulates)
{
    has_loss_ = false;
    was_closure_called_ = false;
    if (accumulates) {
        const NoBackwardSync no_sync(trainer_.strategy()); // the window's last batch exchanges them
                                                           // all
        closure(optimizer, batch, batch_idx);
    } else {
        step_progress.increment_ready();
        const auto step = [&] { return closure(optimizer, batch, batch_idx); };
        const Closure by_reference = std::ref(step); // a copy would be put on the heap at each step
        call_module(trainer_, Hook::OptimizerStep, [&](LightningModule& m) {
            m.optimizer_step(trainer_.current_epoch(), batch_idx, optimizer, by_reference);
        });
        step_progress.increment_completed();
        if (!was_closure_called_)
            throw MisconfigurationError(fmt::format(
                "{}: the closure was not called in optimizer_step, so nothing is trained; hand it "
                "to the optimizer (optimizer.step(closure)), or call it yourself",
                trainer_.lightning_module().name()));
    }
    return has_loss_ ? outputs_ : no_outputs_;
}

at::Tensor AutomaticOptimization::closure(
    Optimizer& optimizer, const StateTree& batch, int64_t batch_idx)
{
    auto& trainer = trainer_;
    was_closure_called_ = true;
    auto output = call_module(trainer, Hook::TrainingStep, [&](LightningModule& m) {
        const ForwardContext context(trainer.strategy().precision().forward());
        return m.training_step(batch, batch_idx);
    });
    auto& loss = output.loss;
    if (!loss.defined() && !output.extra.is_none())
        throw MisconfigurationError(
            "training_step gave extra entries without a loss; automatic optimization needs the "
            "loss beside them, or nothing at all to skip the batch");
    const auto accumulation = trainer.live().accumulate_grad_batches;
    if (loss.defined() && accumulation != 1)
        loss = loss / accumulation;

    if (!skips_backward && batch_idx % accumulation == 0) { // first batch of a window
        zero_grad_progress.increment_ready();
        const auto before = [&](auto& target) { target.on_before_zero_grad(optimizer); };
        call_callbacks(trainer, Hook::OnBeforeZeroGrad, [&](Callback& c) {
            c.on_before_zero_grad(trainer, trainer.lightning_module(), optimizer);
        });
        call_module(trainer, Hook::OnBeforeZeroGrad, before);
        zero_grad_progress.increment_started();
        call_module(trainer, Hook::OptimizerZeroGrad, [&](LightningModule& m) {
            m.optimizer_zero_grad(trainer.current_epoch(), batch_idx, optimizer);
        });
        zero_grad_progress.increment_completed();
    }

    if (loss.defined()) {
        if (!skips_backward)
            trainer.run_backward(loss);
        fill_outputs(outputs_, loss, output.extra);
        has_loss_ = true;
    } else if (!told_no_loss_) {
        told_no_loss_ = true;
        trainer.warn("training_step gave no loss; the batch is skipped. If that was on purpose, "
                     "ignore this.");
    }
    return std::move(loss);
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
