// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/optim/composable_lr_scheduler.h"

namespace leyden {

/// Base of the schedulers that compute each rate from the present one (PyTorch's chainable form),
/// so that several can act on one optimizer and a rate that was changed by hand is carried on.
///
/// State: settings(), "base_lrs", "last_epoch", "_step_count", "_is_initial",
///        "_get_lr_called_within_step", "_last_lr", as PyTorch's. Loading it leaves the optimizer's
///        rates alone: they are in the optimizer's own state.
/// Source: PyTorch 2.13, torch/optim/lr_scheduler.py, LRScheduler.
class LEYDEN_API ChainableLRScheduler : public ComposableLRScheduler
{
public:
    void step(std::optional<double> metric = {}) override;
    StateTree state_dict() const override;
    /// Throws CheckpointError where the number of groups differs.
    void load_state_dict(const StateTree& state) override;
    std::vector<double> last_lr() const override { return last_lr_; }
    Optimizer& optimizer() const override { return optimizer_; }
    void initial_step() override; ///< the last thing a constructor does
    void undo_step() override { --last_epoch_; }
    void restart() override;

    int64_t last_epoch() const { return last_epoch_; } ///< steps taken, the first one is number 0

protected:
    explicit ChainableLRScheduler(Optimizer& optimizer); ///< notes initial_lr

    virtual std::vector<double> next_lr() const = 0; ///< one a group, for last_epoch()
    /// The rates of last_epoch() from the base rates alone, where PyTorch has such a form.
    virtual std::vector<double> closed_form_lr() const { return next_lr(); }
    virtual StateTree settings() const = 0; ///< dict of the constructor's arguments
    virtual void load_settings(const StateTree& state) = 0;

    bool is_initial() const { return is_initial_; }
    int64_t step_count() const { return step_count_; }
    const std::vector<double>& base_lrs() const { return base_lrs_; }
    std::vector<double> group_lrs() const;
    /// Every base rate times a factor.
    std::vector<double> base_lrs_times(double factor) const;

    void set_base_lrs(std::vector<double> lrs) { base_lrs_ = std::move(lrs); }
    void set_last_epoch(int64_t epoch) { last_epoch_ = epoch; }
    void set_group_lrs(const std::vector<double>& lrs); ///< of the first groups; last_lr() is that
                                                        ///< of all

private:
    Optimizer& optimizer_;
    std::vector<double> base_lrs_;
    std::vector<double> last_lr_;
    int64_t last_epoch_ = -1;
    int64_t step_count_ = 0;
    bool is_initial_ = false;
};

} // namespace leyden
