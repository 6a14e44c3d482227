// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/export.h"
#include "engine/optim/optimizer.h"

#include <memory>
#include <string>

namespace torch::optim {
class Optimizer;
}

namespace leyden {

/// An optimizer of LibTorch in configure_optimizers:
///
///     return {{std::make_shared<TorchOptimizer>(
///         std::make_shared<torch::optim::Adam>(parameters(), 1e-3), "Adam")}, {}};
///
/// Rates:  those of param_groups() here are given to it before each step, so that schedulers work;
///         its other options are its own.
/// State:  LibTorch's archive as one tensor: a checkpoint resumes with this optimizer here, and not
///         in Python.
/// Differs: a loss scale (16-mixed) needs an optimizer of ours.
/// Throws: MisconfigurationError for a null optimizer (constructor) or a step under a loss scale.
class LEYDEN_API TorchOptimizer final : public Optimizer
{
public:
    explicit TorchOptimizer(
        std::shared_ptr<torch::optim::Optimizer> optimizer, std::string name = "TorchOptimizer");
    std::string name() const override { return name_; }
    at::Tensor step(const Closure& closure = {}) override;
    torch::optim::Optimizer& wrapped() const { return *optimizer_; }

protected:
    void update(ParamGroup& group, size_t first_index) override;
    void resize_states(size_t) override { }
    StateTree param_state(size_t index) const override;
    void load_param_state(size_t index, const at::Tensor& param, const StateTree& state) override;

private:
    void give_rates();

    std::shared_ptr<torch::optim::Optimizer> optimizer_;
    std::string name_;
};

} // namespace leyden
