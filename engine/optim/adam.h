// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/optim/adam_options.h"
#include "engine/optim/optimizer.h"

namespace leyden {

/// torch.optim.Adam.
///
/// State:  "step" ([] float32 on the CPU), "exp_avg", "exp_avg_sq" and, with amsgrad,
///         "max_exp_avg_sq" a parameter, from its first gradient on.
/// Throws: MisconfigurationError for bad options, complex parameters and sparse gradients.
/// Source: PyTorch 2.13, torch/optim/adam.py, single-tensor path; with foreach or fused those
///         paths.
class LEYDEN_API Adam : public Optimizer
{
public:
    explicit Adam(std::vector<at::Tensor> params, const AdamOptions& options = {});
    explicit Adam(std::vector<ParamGroup> groups); ///< of group()

    static ParamGroup group(std::vector<at::Tensor> params, const AdamOptions& options);

    std::string name() const override { return "Adam"; }

protected:
    void update(ParamGroup& group, size_t first_index) override;
    void resize_states(size_t count) override { states_.resize(count); }
    StateTree param_state(size_t index) const override;
    void load_param_state(size_t index, const at::Tensor& param, const StateTree& state) override;

private:
    void update_fused(const ParamGroup& group, size_t first_index);
    void update_foreach(const ParamGroup& group, size_t first_index);

    struct ParamState
    {
        float step = 0; // counts as PyTorch's float32 tensor does
        at::Tensor exp_avg;
        at::Tensor exp_avg_sq;
        at::Tensor max_exp_avg_sq;
    };
    static void begin(ParamState& state, const at::Tensor& param, bool amsgrad);

    std::vector<ParamState> states_; // by index of the parameter
};

/// torch.optim.AdamW: Adam with weight decay that does not pass through the moments.
/// Source: PyTorch 2.13, torch/optim/adamw.py.
class LEYDEN_API AdamW final : public Adam
{
public:
    explicit AdamW(std::vector<at::Tensor> params, const AdamWOptions& options = {});
    explicit AdamW(std::vector<ParamGroup> groups); ///< of group()

    static ParamGroup group(std::vector<at::Tensor> params, const AdamWOptions& options);

    std::string name() const override { return "AdamW"; }

protected:
    void update(ParamGroup& group, size_t first_index) override;
};

} // namespace leyden
