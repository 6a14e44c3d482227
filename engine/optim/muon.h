// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/optim/buffered_optimizer.h"
#include "engine/optim/muon_options.h"

namespace leyden {

// State:  as PyTorch's, for parameters that had a gradient; see each.
// Throws: MisconfigurationError for bad options, complex parameters and sparse gradients.
// Source: PyTorch 2.13, torch/optim, single-tensor paths, and with foreach its foreach paths.

/// Steps along the nearest orthogonal matrix to the momentum. State: "momentum_buffer".
/// Throws: MisconfigurationError also for a parameter that is no matrix.
class LEYDEN_API Muon final : public BufferedOptimizer
{
public:
    explicit Muon(std::vector<at::Tensor> params, const MuonOptions& options = {});
    explicit Muon(std::vector<ParamGroup> groups); ///< of group()

    static ParamGroup group(std::vector<at::Tensor> params, const MuonOptions& options);

    std::string name() const override { return "Muon"; }

protected:
    void begin(const ParamGroup& group, const at::Tensor& param, const at::Tensor& grad,
        StateTree& state) override;
    void update_param(const ParamGroup& group, const at::Tensor& param, at::Tensor grad,
        StateTree& state) override;
    void update_list(const ParamGroup&, ForeachList&) override; ///< never: it has no foreach
};

} // namespace leyden
