// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/callbacks/callback.h"
#include "engine/core/export.h"

#include <ATen/core/Tensor.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace torch::nn {
class Module;
}

namespace leyden {

/// Base of callbacks that begin with frozen layers and let them go later.
///
/// Derive: freeze_before_training() freezes, before the optimizers are made; finetune_function() is
///         called where each epoch starts and may add parameters to the optimizer.
///         configure_optimizers should take the parameters that require gradients alone; a run
///         config's optimizer does.
/// Frozen: a batch norm computes with its batch's statistics in training, as in PyTorch, and keeps
///         its running ones as they are.
/// State:  internal_optimizer_metadata: optimizer's index -> its groups, with the names of their
///         parameters, so that a resumed run has the same groups.
/// Source: PyTorch Lightning 2.6, callbacks/finetuning.py.
/// Differs: a resumed run also has the layers trainable that were when it was saved; in Lightning
///          they stay frozen.
class LEYDEN_API BaseFinetuning : public Callback
{
public:
    using Modules = std::vector<torch::nn::Module*>;
    using Parameters = std::vector<at::Tensor>;

    virtual void freeze_before_training(LightningModule& module) = 0;
    virtual void finetune_function(LightningModule& module, int64_t epoch, Optimizer& optimizer)
        = 0;

    void setup(Trainer& trainer, LightningModule& module, TrainerFn fn) override;
    void on_fit_start(Trainer& trainer, LightningModule& module) override;
    void on_train_epoch_start(Trainer& trainer, LightningModule& module) override;
    StateTree state_dict() const override;
    void load_state_dict(const StateTree& state) override;
    StateTree resume_state() const override;
    void load_resume_state(const StateTree& state) override;

protected:
    /// The module and all below that have parameters of their own or no children.
    static Modules flatten_modules(torch::nn::Module& module);
    /// Their parameters that require gradients, or do not; train_bn = false leaves batch norms out.
    static Parameters filter_params(
        torch::nn::Module& module, bool train_bn = true, bool requires_grad = true);
    void make_trainable(torch::nn::Module& module);
    void freeze_module(torch::nn::Module& module); ///< the one, without those below
    /// train_bn = true leaves batch norms trainable.
    void freeze(torch::nn::Module& module, bool train_bn = true);
    /// Those whose values no parameter of the optimizer has; warns where some are left out.
    Parameters filter_on_optimizer(const Optimizer& optimizer, const Parameters& params) const;
    /// Makes the layers trainable and adds their parameters as a group: at `lr`, or at the first
    /// group's rate divided by initial_denom_lr.
    void unfreeze_and_add_param_group(torch::nn::Module& module, Optimizer& optimizer,
        std::optional<double> lr = {}, double initial_denom_lr = 10.0, bool train_bn = true);
    void unfreeze_and_add_param_group(const Modules& modules, Optimizer& optimizer,
        std::optional<double> lr = {}, double initial_denom_lr = 10.0, bool train_bn = true);
    Trainer* trainer() const { return trainer_; }

private:
    void store(
        LightningModule& module, int64_t index, const Optimizer& optimizer, size_t groups_before);
    void restore_groups(LightningModule& module);
    void restore_frozen(LightningModule& module);

    Trainer* trainer_ = nullptr; ///< of the run; it owns this callback
    LightningModule* module_ = nullptr;
    StateTree metadata_ = StateTree::dict();
    bool is_restarting_ = false;
    StateTree frozen_;                                                       ///< of a checkpoint
    std::map<const torch::nn::Module*, std::optional<double>> frozen_norms_; ///< their momentum
};

} // namespace leyden
