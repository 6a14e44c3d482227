// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/optim/buffered_optimizer.h"
#include "engine/optim/rprop_options.h"

namespace leyden {

// State:  as PyTorch's, for parameters that had a gradient; see each.
// Throws: MisconfigurationError for bad options, complex parameters and sparse gradients.
// Source: PyTorch 2.13, torch/optim, single-tensor paths, and with foreach its foreach paths.

/// SGD that also averages the parameters ("ax"). State: "step", "eta", "mu", "ax".
class LEYDEN_API ASGD final : public BufferedOptimizer
{
public:
    explicit ASGD(std::vector<at::Tensor> params, const ASGDOptions& options = {});
    explicit ASGD(std::vector<ParamGroup> groups); ///< of group()

    static ParamGroup group(std::vector<at::Tensor> params, const ASGDOptions& options);

    std::string name() const override { return "ASGD"; }

protected:
    void begin(const ParamGroup& group, const at::Tensor& param, const at::Tensor& grad,
        StateTree& state) override;
    void update_param(const ParamGroup& group, const at::Tensor& param, at::Tensor grad,
        StateTree& state) override;
    void update_list(const ParamGroup& group, ForeachList& list) override;
    bool is_scalar(const std::string& key) const override
    {
        return key == "step" || key == "eta" || key == "mu";
    }
};

/// Steps by the sign of the gradient, by a size that grows while the sign stays. State: "step",
/// "prev", "step_size".
class LEYDEN_API Rprop final : public BufferedOptimizer
{
public:
    explicit Rprop(std::vector<at::Tensor> params, const RpropOptions& options = {});
    explicit Rprop(std::vector<ParamGroup> groups); ///< of group()

    static ParamGroup group(std::vector<at::Tensor> params, const RpropOptions& options);

    std::string name() const override { return "Rprop"; }

protected:
    void begin(const ParamGroup& group, const at::Tensor& param, const at::Tensor& grad,
        StateTree& state) override;
    void update_param(const ParamGroup& group, const at::Tensor& param, at::Tensor grad,
        StateTree& state) override;
    void update_list(const ParamGroup& group, ForeachList& list) override;
};

} // namespace leyden
