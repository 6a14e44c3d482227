// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/export.h"
#include "engine/core/state_tree.h"
#include "engine/data/data_loader.h"
#include "engine/optim/optimizer.h"
#include "engine/precision/forward_context.h"

#include <c10/core/DeviceType.h>

#include <functional>
#include <memory>
#include <string>

namespace leyden {

class LightningModule;
enum class PrecisionKind;

/// The number formats of a run. The base is 32-true: nothing is converted.
/// Source: PyTorch Lightning 2.6, plugins/precision.
class LEYDEN_API Precision
{
public:
    virtual ~Precision();
    virtual std::string name() const { return "32-true"; }
    virtual const char* class_name() const { return "Precision"; } ///< its key in a checkpoint

    virtual void convert_module(LightningModule&) const { }
    virtual Batch convert_input(Batch batch) const { return batch; }
    /// What holds while a step of the module runs.
    const ForwardSettings& forward() const { return forward_; }

    /// The loss that backward gets.
    virtual at::Tensor pre_backward(const at::Tensor& loss) { return loss; }
    /// The closure (forward, zero_grad, backward), `after_closure` (hooks and clipping), the
    /// update.
    virtual at::Tensor optimizer_step(Optimizer& optimizer, const LightningModule& module,
        const Closure& closure, const std::function<void()>& after_closure);
    /// Throws MisconfigurationError where this optimizer's gradients cannot be clipped.
    virtual void check_clipping(const Optimizer&) const { }

    /// empty: not in checkpoints
    virtual StateTree state_dict() const { return StateTree::dict(); }
    virtual void load_state_dict(const StateTree&) { }

    /// 16-mixed on a CPU is bf16-mixed, as in Lightning.
    static std::unique_ptr<Precision> make(PrecisionKind kind, c10::DeviceType device);

protected:
    ForwardSettings forward_;
};

} // namespace leyden
