// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/callbacks/backbone_finetuning_options.h"
#include "engine/callbacks/base_finetuning.h"
#include "engine/core/export.h"

#include <functional>
#include <optional>

namespace leyden {

/// Trains the rest of the model first, and its backbone with it from an epoch on: the submodule
/// `backbone`, or those that the options name.
///
/// Rates:  the backbone begins at backbone_initial_lr, or at its share of the first group's rate;
///         in each later epoch its rate is multiplied with lambda_func(epoch + 1), and with
///         should_align stays at the first group's at most.
/// State:  BaseFinetuning's, and previous_backbone_lr.
/// Throws: MisconfigurationError for bad options (constructor) and for a model without such a
///         submodule (setup).
/// Differs: Lightning's backbone is always the submodule of that name.
/// Source: PyTorch Lightning 2.6, callbacks/finetuning.py.
class LEYDEN_API BackboneFinetuning final : public BaseFinetuning
{
public:
    using LambdaFunction = std::function<double(int64_t epoch)>;
    /// `lambda_func`, if given, takes the place of the options' formula.
    explicit BackboneFinetuning(BackboneFinetuningOptions options, LambdaFunction lambda_func = {});

    std::string name() const override { return "BackboneFinetuning"; }
    std::optional<std::vector<std::string>> logged_names(const RunFacts&) const override
    {
        return no_names();
    }
    void check_run(const RunFacts& facts, RunProblems& problems) const override;
    void freeze_before_training(LightningModule& module) override;
    void finetune_function(LightningModule& module, int64_t epoch, Optimizer& optimizer) override;
    StateTree state_dict() const override;
    void load_state_dict(const StateTree& state) override;

private:
    void tell_rates(double current, double backbone) const;

    BackboneFinetuningOptions options_;
    LambdaFunction lambda_func_;
    std::optional<double> previous_backbone_lr_;
};

} // namespace leyden
