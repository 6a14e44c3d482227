// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/export.h"
#include "engine/optim/optimizer.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace leyden {

class LightningModule;
class NoBackwardSync;
class Trainer;

/// While it lives, only the parameters of one optimizer want gradients: those that belong to the
/// run's other optimizers alone do not. At its end each has again what it had.
/// Made by LightningModule::toggled_optimizer and LightningOptimizer::toggle_model.
class LEYDEN_API ToggledOptimizer
{
public:
    ToggledOptimizer(LightningModule& module, Optimizer& optimizer, bool sync_grad = true);
    ~ToggledOptimizer();
    ToggledOptimizer(const ToggledOptimizer&) = delete;
    ToggledOptimizer& operator=(const ToggledOptimizer&) = delete;

private:
    LightningModule& module_;
    Optimizer& optimizer_;
    std::unique_ptr<NoBackwardSync> no_sync_;
};

/// An optimizer as training_step uses it under manual optimization: its step goes through the
/// strategy and the precision, calls on_before_optimizer_step, and counts as a step of the run.
///
///     auto& opts = optimizers();
///     opts[0].zero_grad();
///     manual_backward(loss);
///     opts[0].step();
///
/// Counts: global_step grows by one a call, whatever its closure does, but only inside
///         training_step of a module with automatic_optimization = false.
/// Source: PyTorch Lightning 2.6, core/optimizer.py.
class LEYDEN_API LightningOptimizer
{
public:
    LightningOptimizer(Trainer& trainer, std::shared_ptr<Optimizer> optimizer);

    /// The closure (if there is one) with gradients enabled, on_before_optimizer_step, then the
    /// update. Returns what the closure gave.
    at::Tensor step(const Closure& closure = {});
    void zero_grad() { optimizer_->zero_grad(); }
    /// sync_grad = false: a strategy of several processes exchanges no gradients meanwhile.
    [[nodiscard]] ToggledOptimizer toggle_model(bool sync_grad = true);

    Optimizer& optimizer() const { return *optimizer_; } ///< a step of it is not counted
    operator Optimizer&() const { return *optimizer_; }
    std::string name() const { return optimizer_->name(); }
    std::vector<ParamGroup>& param_groups() { return optimizer_->param_groups(); }
    const std::vector<ParamGroup>& param_groups() const
    {
        return std::as_const(*optimizer_).param_groups();
    }
    StateTree state_dict() const { return optimizer_->state_dict(); }

private:
    Trainer* trainer_;
    std::shared_ptr<Optimizer> optimizer_;
};

} // namespace leyden
