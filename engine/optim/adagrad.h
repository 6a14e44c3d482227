// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/optim/adagrad_options.h"
#include "engine/optim/buffered_optimizer.h"

namespace leyden {

// State:  as PyTorch's, for parameters that had a gradient; see each.
// Throws: MisconfigurationError for bad options, complex parameters and sparse gradients.
// Source: PyTorch 2.13, torch/optim, single-tensor paths, and with foreach its foreach paths.

/// Divides by the root of the sum of all squares. State: "step" and "sum", of every parameter from
/// the beginning.
class LEYDEN_API Adagrad final : public BufferedOptimizer
{
public:
    explicit Adagrad(std::vector<at::Tensor> params, const AdagradOptions& options = {});
    explicit Adagrad(std::vector<ParamGroup> groups); ///< of group()

    static ParamGroup group(std::vector<at::Tensor> params, const AdagradOptions& options);

    std::string name() const override { return "Adagrad"; }

protected:
    void begin(const ParamGroup& group, const at::Tensor& param, const at::Tensor& grad,
        StateTree& state) override;
    void update_param(const ParamGroup& group, const at::Tensor& param, at::Tensor grad,
        StateTree& state) override;
    void update_list(const ParamGroup& group, ForeachList& list) override;
    void update(ParamGroup& group, size_t first_index) override;
};

/// Divides by the root mean square of gradients, multiplies by that of updates. State: "step",
/// "square_avg", "acc_delta".
class LEYDEN_API Adadelta final : public BufferedOptimizer
{
public:
    explicit Adadelta(std::vector<at::Tensor> params, const AdadeltaOptions& options = {});
    explicit Adadelta(std::vector<ParamGroup> groups); ///< of group()

    static ParamGroup group(std::vector<at::Tensor> params, const AdadeltaOptions& options);

    std::string name() const override { return "Adadelta"; }

protected:
    void begin(const ParamGroup& group, const at::Tensor& param, const at::Tensor& grad,
        StateTree& state) override;
    void update_param(const ParamGroup& group, const at::Tensor& param, at::Tensor grad,
        StateTree& state) override;
    void update_list(const ParamGroup& group, ForeachList& list) override;
};

/// Divides by the root of the running mean of squares. State: "step", "square_avg" and, with
/// momentum, "momentum_buffer", and, if centered, "grad_avg".
class LEYDEN_API RMSprop final : public BufferedOptimizer
{
public:
    explicit RMSprop(std::vector<at::Tensor> params, const RMSpropOptions& options = {});
    explicit RMSprop(std::vector<ParamGroup> groups); ///< of group()

    static ParamGroup group(std::vector<at::Tensor> params, const RMSpropOptions& options);

    std::string name() const override { return "RMSprop"; }

protected:
    void begin(const ParamGroup& group, const at::Tensor& param, const at::Tensor& grad,
        StateTree& state) override;
    void update_param(const ParamGroup& group, const at::Tensor& param, at::Tensor grad,
        StateTree& state) override;
    void update_list(const ParamGroup& group, ForeachList& list) override;
};

} // namespace leyden
