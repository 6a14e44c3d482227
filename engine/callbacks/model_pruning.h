// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/callbacks/callback.h"
#include "engine/callbacks/model_pruning_options.h"
#include "engine/callbacks/pruning_masks.h"
#include "engine/core/export.h"

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace torch::nn {
class Module;
}

namespace leyden {

/// What depends on the epoch; unset: the options' value.
struct PruningFunctions
{
    std::function<PruningAmount(int64_t epoch)> amount{};
    std::function<bool(int64_t epoch)> apply_pruning{};
    std::function<bool(int64_t epoch)> use_lottery_ticket_hypothesis{};
};

/// Sets parameters to zero for good, more of them after each epoch.
///
/// Masks:   a pruned parameter is used as mask * its own values; its own values go on being
///          stepped, as PyTorch's weight_orig. What a backward pass adds to the gradient is masked
///          by the mask of that pass alone: what was accumulated before a pruning stays. Scores are
///          what the last forward pass used, as there.
/// Lottery: what is left goes back to its values before the training, or to new ones
///          (resample_parameters).
/// Files:   with make_pruning_permanent the masked values under the usual names, else weight_orig
///          and weight_mask.
/// Throws:  MisconfigurationError for bad options (constructor), a pattern that matches nothing
///          (setup), and with LBFGS (on_fit_start).
/// Source:  PyTorch Lightning 2.6, callbacks/pruning.py; PyTorch 2.13, torch/nn/utils/prune.py.
/// Several: a later one in the list prunes what the earlier ones left of the same parameter.
/// Differs: parameters to prune are named by patterns. A run that is resumed keeps its masks;
///          Lightning's loses them. As there, on the device where the model was made the lottery's
///          first values are reached only once: later prunings leave the weights as they are.
class LEYDEN_API ModelPruning final : public Callback
{
public:
    explicit ModelPruning(ModelPruningOptions options, PruningFunctions functions = {});

    std::string name() const override { return "ModelPruning"; }
    std::optional<std::vector<std::string>> logged_names(const RunFacts&) const override
    {
        return no_names();
    }
    void setup(Trainer& trainer, LightningModule& module, TrainerFn fn) override;
    void on_fit_start(Trainer& trainer, LightningModule& module) override;
    void on_train_batch_start(
        Trainer& trainer, LightningModule& module, const Batch& batch, int64_t batch_idx) override;
    void on_before_backward(
        Trainer& trainer, LightningModule& module, const at::Tensor& loss) override;
    void on_before_optimizer_step(
        Trainer& trainer, LightningModule& module, Optimizer& optimizer) override;
    void on_train_batch_end(Trainer& trainer, LightningModule& module, const StateTree& outputs,
        const Batch& batch, int64_t batch_idx) override;
    void on_train_epoch_end(Trainer& trainer, LightningModule& module) override;
    void on_validation_batch_start(Trainer& trainer, LightningModule& module, const Batch& batch,
        int64_t batch_idx, int64_t dataloader_idx) override;
    void on_validation_epoch_end(Trainer& trainer, LightningModule& module) override;
    void on_train_end(Trainer& trainer, LightningModule& module) override;
    void on_save_checkpoint(
        Trainer& trainer, LightningModule& module, StateTree& checkpoint) override;
    StateTree resume_state() const override;
    void load_resume_state(const StateTree& state) override;

    struct Sparsity
    {
        int64_t pruned = 0;
        int64_t total = 0;
    };
    Sparsity sparsity() const; ///< over all parameters that are pruned

private:
    /// Of one parameter; several ModelPruning of a run share it.
    struct Masked
    {
        at::Tensor mask{}; ///< undefined: nothing is pruned yet
        at::Tensor own{};  ///< its values without the mask
        at::Tensor used{}; ///< defined: what the last forward pass used, where that is not the
                           ///< parameter
    };
    struct Pruned
    {
        std::string name;           ///< full, e.g. "net.0.weight"
        std::string parameter_name; ///< "weight" or "bias"
        torch::nn::Module* layer = nullptr;
        at::Tensor param;   ///< the model's: masked, but while the optimizer steps
        at::Tensor first{}; ///< its values before the training, for the lottery
        std::shared_ptr<Masked> state = std::make_shared<Masked>();
        bool is_owner = true; ///< an earlier ModelPruning takes it through the steps otherwise
        std::shared_ptr<at::Tensor> pass_mask{}; ///< for the hook on `param`'s gradient; null: it
                                                 ///< has none
        unsigned hook = 0;
    };
    void collect(LightningModule& module);
    void share(const Trainer& trainer); ///< the masks of earlier ones in the list
    void run_pruning(Trainer& trainer);
    void prune(const PruningAmount& amount);
    void set_mask(Pruned& pruned, const at::Tensor& mask);
    void draw_tickets();
    void forward_comes(); ///< the next pass uses `param`
    void remove_hooks();
    void tell_sparsity(
        Trainer& trainer, const std::vector<int64_t>& before, const PruningAmount& amount) const;
    std::vector<int64_t> zeros() const; ///< one a parameter

    ModelPruningOptions options_;
    PruningFunctions functions_;
    PruningRule rule_;
    std::vector<Pruned> pruned_;
    StateTree saved_;                ///< of a checkpoint
    bool are_tickets_drawn_ = false; ///< the first values are the weights themselves from then on
    bool is_stepping_ = false;
};

} // namespace leyden
