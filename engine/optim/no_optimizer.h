// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/optim/optimizer.h"

namespace leyden {

/// In place of an optimizer where configure_optimizers gives none: evaluates the closure and
/// changes nothing. A checkpoint holds an empty dict for it.
class LEYDEN_API NoOptimizer final : public Optimizer
{
public:
    NoOptimizer();
    std::string name() const override { return "NoOptimizer"; }

protected:
    void update(ParamGroup&, size_t) override { }
    StateTree param_state(size_t) const override { return {}; }
    void load_param_state(size_t, const at::Tensor&, const StateTree&) override { }
    void resize_states(size_t) override { }
};

} // namespace leyden
