// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/optim/composable_lr_scheduler.h"
#include "engine/optim/composite_lr_options.h"

#include <memory>

namespace leyden {

using LRSchedulers = std::vector<std::shared_ptr<LRScheduler>>;

/// Base of the schedulers that are made of others.
///
/// State:  "_last_lr" and, last, "_schedulers", a list of the others' states.
/// Throws: MisconfigurationError for an empty list, schedulers of another optimizer, and
///         ReduceLROnPlateau, whose steps need a metric.
/// Source: PyTorch 2.13, torch/optim/lr_scheduler.py.
class LEYDEN_API CompositeLRScheduler : public ComposableLRScheduler
{
public:
    StateTree state_dict() const override;
    void load_state_dict(const StateTree& state) override;
    std::vector<double> last_lr() const override { return last_lr_; }
    Optimizer& optimizer() const override { return optimizer_; }
    void initial_step() override;
    void undo_step() override;
    void restart() override;
    bool can_restart() const override { return false; } ///< PyTorch's cannot either

protected:
    CompositeLRScheduler(
        Optimizer& optimizer, const LRSchedulers& schedulers, const std::string& name);

    virtual StateTree own_state() const { return StateTree::dict(); } ///< before "_last_lr"
    virtual void load_own_state(const StateTree&) { }

    const std::vector<std::shared_ptr<ComposableLRScheduler>>& schedulers() const
    {
        return schedulers_;
    }
    void set_last_lr(std::vector<double> lrs) { last_lr_ = std::move(lrs); }
    void note_last_lr(); ///< the optimizer's present rates

private:
    Optimizer& optimizer_;
    std::vector<std::shared_ptr<ComposableLRScheduler>> schedulers_;
    std::vector<double> last_lr_;
    bool is_first_of_sequence_ = false; // PyTorch's then has attributes of the base class
};

/// Steps all its schedulers at once; each acts on what the one before it left.
class LEYDEN_API ChainedScheduler final : public CompositeLRScheduler
{
public:
    ChainedScheduler(Optimizer& optimizer, const LRSchedulers& schedulers);
    std::string name() const override { return "ChainedScheduler"; }
    std::optional<int64_t> most_steps() const override; ///< the shortest one's
    void step(std::optional<double> metric = {}) override;
};

/// Steps one scheduler after another: the next one starts anew at each milestone.
/// Throws: MisconfigurationError also where the number of milestones does not fit, or a composite
///         stands anywhere but first.
class LEYDEN_API SequentialLR : public CompositeLRScheduler
{
public:
    SequentialLR(
        Optimizer& optimizer, const LRSchedulers& schedulers, std::vector<int64_t> milestones);
    std::string name() const override { return "SequentialLR"; }
    std::optional<int64_t> most_steps() const override; ///< to where one ends before its turn does
    void step(std::optional<double> metric = {}) override;

protected:
    StateTree own_state() const override;
    void load_own_state(const StateTree& state) override;

private:
    size_t index_at(int64_t epoch) const; ///< whose turn it is

    std::vector<int64_t> milestones_;
    int64_t last_epoch_ = 0;
};

/// Raises every rate in equal steps, then lowers it along half a cosine.
/// State: that of the SequentialLR of a LinearLR and a CosineAnnealingLR, which PyTorch can load.
class LEYDEN_API WarmupCosineLR final : public SequentialLR
{
public:
    WarmupCosineLR(Optimizer& optimizer, const WarmupCosineLROptions& options);
    std::string name() const override { return "WarmupCosineLR"; }
};

} // namespace leyden
