// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/optim/adam_variants_options.h"
#include "engine/optim/buffered_optimizer.h"

namespace leyden {

// State:  as PyTorch's, for parameters that had a gradient; see each.
// Throws: MisconfigurationError for bad options, complex parameters and sparse gradients.
// Source: PyTorch 2.13, torch/optim, single-tensor paths, and with foreach its foreach paths.

/// Adam with Nesterov's momentum. State: "step", "mu_product", "exp_avg", "exp_avg_sq".
class LEYDEN_API NAdam final : public BufferedOptimizer
{
public:
    explicit NAdam(std::vector<at::Tensor> params, const NAdamOptions& options = {});
    explicit NAdam(std::vector<ParamGroup> groups); ///< of group()

    static ParamGroup group(std::vector<at::Tensor> params, const NAdamOptions& options);

    std::string name() const override { return "NAdam"; }

protected:
    void begin(const ParamGroup& group, const at::Tensor& param, const at::Tensor& grad,
        StateTree& state) override;
    void update_param(const ParamGroup& group, const at::Tensor& param, at::Tensor grad,
        StateTree& state) override;
    void update_list(const ParamGroup& group, ForeachList& list) override;
    bool is_scalar(const std::string& key) const override
    {
        return key == "step" || key == "mu_product";
    }
};

/// Adam whose scaling waits until the mean square is known well. State: "step", "exp_avg",
/// "exp_avg_sq".
class LEYDEN_API RAdam final : public BufferedOptimizer
{
public:
    explicit RAdam(std::vector<at::Tensor> params, const RAdamOptions& options = {});
    explicit RAdam(std::vector<ParamGroup> groups); ///< of group()

    static ParamGroup group(std::vector<at::Tensor> params, const RAdamOptions& options);

    std::string name() const override { return "RAdam"; }

protected:
    void begin(const ParamGroup& group, const at::Tensor& param, const at::Tensor& grad,
        StateTree& state) override;
    void update_param(const ParamGroup& group, const at::Tensor& param, at::Tensor grad,
        StateTree& state) override;
    void update_list(const ParamGroup& group, ForeachList& list) override;
};

/// Adam with the largest gradient in place of the mean square. State: "step", "exp_avg", "exp_inf".
class LEYDEN_API Adamax final : public BufferedOptimizer
{
public:
    explicit Adamax(std::vector<at::Tensor> params, const AdamaxOptions& options = {});
    explicit Adamax(std::vector<ParamGroup> groups); ///< of group()

    static ParamGroup group(std::vector<at::Tensor> params, const AdamaxOptions& options);

    std::string name() const override { return "Adamax"; }

protected:
    void begin(const ParamGroup& group, const at::Tensor& param, const at::Tensor& grad,
        StateTree& state) override;
    void update_param(const ParamGroup& group, const at::Tensor& param, at::Tensor grad,
        StateTree& state) override;
    void update_list(const ParamGroup& group, ForeachList& list) override;
};

} // namespace leyden
