// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/data_module.h"
#include "engine/core/export.h"
#include "engine/core/state_tree.h"
#include "engine/data/data_loader.h"

#include <exception>
#include <optional>
#include <string>
#include <vector>

namespace leyden {

class LightningModule;
class Optimizer;
class RunProblems;
class Trainer;
struct RunFacts;

/// Something that joins a run at its hooks. Override what you need; all hooks run on the trainer's
/// thread.
///
/// State: state_dict() goes into every checkpoint under state_key(); None stores nothing.
/// Source: PyTorch Lightning 2.6, callbacks/callback.py.
class LEYDEN_API Callback
{
public:
    virtual ~Callback();

    virtual std::string name() const = 0; ///< class name
    virtual std::string state_key() const { return name(); }
    virtual bool is_tuner() const { return false; }      ///< tuners go first
    virtual bool is_checkpoint() const { return false; } ///< checkpoint kinds go last
    /// Whether this one, given by a module's configure_callbacks, takes the place of `other` in the
    /// trainer's
    /// list: true for the same class; a class that extends another says true for that too.
    virtual bool replaces(const Callback& other) const;
    /// True: its on_train_epoch_end runs after the module's, so that it sees what the module logged
    ///       there.
    virtual bool is_monitoring() const { return false; }
    virtual StateTree state_dict() const { return {}; }
    virtual void load_state_dict(const StateTree&) { }
    /// What an exact resume needs beyond the state that Lightning has: kept in our own part of a
    /// checkpoint, given back after load_state_dict().
    virtual StateTree resume_state() const { return {}; }
    virtual void load_resume_state(const StateTree&) { }

    /// Names of the metrics that it logs and others can watch; unset: not known before the run.
    virtual std::optional<std::vector<std::string>> logged_names(const RunFacts&) const
    {
        return std::nullopt;
    }
    /// Adds what is known to be wrong with it before the first batch.
    virtual void check_run(const RunFacts&, RunProblems&) const { }

    virtual void setup(Trainer&, LightningModule&, TrainerFn) { }
    virtual void teardown(Trainer&, LightningModule&, TrainerFn) { }
    virtual void on_exception(Trainer&, LightningModule&, const std::exception&) { }
    virtual void on_save_checkpoint(Trainer&, LightningModule&, StateTree&) { }
    virtual void on_load_checkpoint(Trainer&, LightningModule&, const StateTree&) { }

    virtual void on_fit_start(Trainer&, LightningModule&) { }
    virtual void on_fit_end(Trainer&, LightningModule&) { }
    virtual void on_sanity_check_start(Trainer&, LightningModule&) { }
    virtual void on_sanity_check_end(Trainer&, LightningModule&) { }
    virtual void on_train_start(Trainer&, LightningModule&) { }
    virtual void on_train_end(Trainer&, LightningModule&) { }
    virtual void on_train_epoch_start(Trainer&, LightningModule&) { }
    virtual void on_train_epoch_end(Trainer&, LightningModule&) { }
    virtual void on_train_batch_start(Trainer&, LightningModule&, const Batch&, int64_t) { }
    virtual void on_train_batch_end(
        Trainer&, LightningModule&, const StateTree&, const Batch&, int64_t)
    {
    }
    virtual void on_before_zero_grad(Trainer&, LightningModule&, Optimizer&) { }
    virtual void on_before_backward(Trainer&, LightningModule&, const at::Tensor&) { }
    virtual void on_after_backward(Trainer&, LightningModule&) { }
    virtual void on_before_optimizer_step(Trainer&, LightningModule&, Optimizer&) { }

    virtual void on_validation_start(Trainer&, LightningModule&) { }
    virtual void on_validation_end(Trainer&, LightningModule&) { }
    virtual void on_validation_epoch_start(Trainer&, LightningModule&) { }
    virtual void on_validation_epoch_end(Trainer&, LightningModule&) { }
    virtual void on_validation_batch_start(
        Trainer&, LightningModule&, const Batch&, int64_t, int64_t)
    {
    }
    virtual void on_validation_batch_end(
        Trainer&, LightningModule&, const StateTree&, const Batch&, int64_t, int64_t)
    {
    }
    virtual void on_test_start(Trainer&, LightningModule&) { }
    virtual void on_test_end(Trainer&, LightningModule&) { }
    virtual void on_test_epoch_start(Trainer&, LightningModule&) { }
    virtual void on_test_epoch_end(Trainer&, LightningModule&) { }
    virtual void on_test_batch_start(Trainer&, LightningModule&, const Batch&, int64_t, int64_t) { }
    virtual void on_test_batch_end(
        Trainer&, LightningModule&, const StateTree&, const Batch&, int64_t, int64_t)
    {
    }
    virtual void on_predict_start(Trainer&, LightningModule&) { }
    virtual void on_predict_end(Trainer&, LightningModule&) { }
    virtual void on_predict_epoch_start(Trainer&, LightningModule&) { }
    virtual void on_predict_epoch_end(Trainer&, LightningModule&) { }
    virtual void on_predict_batch_start(Trainer&, LightningModule&, const Batch&, int64_t, int64_t)
    {
    }
    virtual void on_predict_batch_end(
        Trainer&, LightningModule&, const StateTree&, const Batch&, int64_t, int64_t)
    {
    }

protected:
    /// For logged_names() of a callback that logs nothing that others can watch.
    static std::optional<std::vector<std::string>> no_names() { return std::vector<std::string>{}; }
};

} // namespace leyden
