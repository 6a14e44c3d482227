// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/loops/manual_optimization.h"

#include "engine/loops/step_outputs.h"
#include "engine/strategies/strategy.h"
#include "engine/trainer/call.h"

namespace leyden {
namespace {

/// True for a scope, also where an exception ends it.
class Flag
{
public:
    explicit Flag(bool& flag) : flag_(flag) { flag_ = true; }
    ~Flag() { flag_ = false; }
    Flag(const Flag&) = delete;
    Flag& operator=(const Flag&) = delete;

private:
    bool& flag_;
};

} // namespace

const StateTree& ManualOptimization::run(const StateTree& batch, int64_t batch_idx)
{
    const Flag running(is_running_);
    const auto output = call_module(trainer_, Hook::TrainingStep, [&](LightningModule& m) {
        const ForwardContext context(trainer_.strategy().precision().forward());
        return m.training_step(batch, batch_idx);
    });
    fill_outputs(outputs_, output.loss, output.extra);
    return outputs_;
}

at::Tensor ManualOptimization::step(Optimizer& optimizer, const Closure& closure)
{
    if (!is_running_)
        return trainer_.step_optimizer(optimizer, closure);
    step_progress.increment_ready();
    const ProfileScope profile(trainer_.profiler(), "optimizer_step");
    auto loss = trainer_.step_optimizer(optimizer, closure);
    step_progress.increment_completed();
    return loss;
}

} // namespace leyden
