// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/optim/optimizer.h"
#include "engine/optim/sgd_options.h"

namespace leyden {

/// torch.optim.SGD, with momentum and Nesterov's variant.
///
/// State:  "momentum_buffer" a parameter, from the first step with momentum on.
/// Throws: MisconfigurationError for bad options.
/// Source: PyTorch 2.13, torch/optim/sgd.py, single-tensor path; with foreach or fused those paths.
class LEYDEN_API SGD final : public Optimizer
{
public:
    explicit SGD(std::vector<at::Tensor> params, const SGDOptions& options = {});
    explicit SGD(std::vector<ParamGroup> groups); ///< of group()

    static ParamGroup group(std::vector<at::Tensor> params, const SGDOptions& options);

    std::string name() const override { return "SGD"; }

protected:
    void update(ParamGroup& group, size_t first_index) override;
    void resize_states(size_t count) override { momentum_buffers_.resize(count); }
    StateTree param_state(size_t index) const override;
    void load_param_state(size_t index, const at::Tensor& param, const StateTree& state) override;

private:
    void update_fused(const ParamGroup& group, size_t first_index);
    void update_foreach(const ParamGroup& group, size_t first_index);

    std::vector<at::Tensor> momentum_buffers_; // by index of the parameter
};

} // namespace leyden
