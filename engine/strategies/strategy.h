// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/accelerators/accelerator.h"
#include "engine/core/export.h"
#include "engine/optim/optimizer.h"
#include "engine/precision/precision.h"

#include <c10/core/Device.h>

#include <functional>
#include <memory>
#include <string>

namespace leyden {

class LightningModule;
struct BackwardOptions;

/// How a run is spread over devices and processes. The processes of a distributed run differ only
/// by their Strategy; everything that the loops do to the model's parameters goes through it.
/// Source: PyTorch Lightning 2.6, strategies/strategy.py.
class LEYDEN_API Strategy
{
public:
    virtual ~Strategy();
    virtual std::string name() const = 0;
    virtual std::string class_name() const = 0; ///< Lightning's, for the profiler
    virtual c10::Device root_device() const = 0;
    virtual void setup_environment() { }
    virtual void setup(LightningModule& module) = 0;    ///< precision, device, wrapping
    virtual void teardown(LightningModule& module) = 0; ///< the module back on the CPU
    virtual void backward(
        LightningModule& module, const at::Tensor& loss, const BackwardOptions& options)
        = 0;
    /// While blocked, backward() leaves gradients where they are: processes exchange them later.
    virtual void block_backward_sync(bool) { }
    virtual at::Tensor optimizer_step(Optimizer& optimizer, const LightningModule& module,
        const Closure& closure, const std::function<void()>& after_closure)
        = 0;
    virtual bool is_global_zero() const { return true; }
    virtual bool reduce_boolean_decision(bool decision) { return decision; }
    virtual Precision& precision() = 0;
};

/// Blocks the exchange of gradients for a scope: all micro-batches of a window but the last.
class LEYDEN_API NoBackwardSync
{
public:
    explicit NoBackwardSync(Strategy& strategy) : strategy_(strategy)
    {
        strategy_.block_backward_sync(true);
    }
    ~NoBackwardSync() { strategy_.block_backward_sync(false); }
    NoBackwardSync(const NoBackwardSync&) = delete;
    NoBackwardSync& operator=(const NoBackwardSync&) = delete;

private:
    Strategy& strategy_;
};

/// One device, one process.
class LEYDEN_API SingleDeviceStrategy final : public Strategy
{
public:
    SingleDeviceStrategy(Accelerator accelerator, std::unique_ptr<Precision> precision);

    std::string name() const override { return "single_device"; }
    std::string class_name() const override { return "SingleDeviceStrategy"; }
    c10::Device root_device() const override { return accelerator_.device; }
    void setup(LightningModule& module) override;
    void teardown(LightningModule& module) override;
    void backward(
        LightningModule& module, const at::Tensor& loss, const BackwardOptions& options) override;
    at::Tensor optimizer_step(Optimizer& optimizer, const LightningModule& module,
        const Closure& closure, const std::function<void()>& after_closure) override;
    Precision& precision() override { return *precision_; }

private:
    Accelerator accelerator_;
    std::unique_ptr<Precision> precision_;
};

} // namespace leyden
