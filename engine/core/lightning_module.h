// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/data_module.h"
#include "engine/core/export.h"
#include "engine/core/lifetime.h"
#include "engine/core/lightning_optimizer.h"
#include "engine/core/log_options.h"
#include "engine/core/state_tree.h"
#include "engine/optim/lr_scheduler.h"
#include "engine/optim/optimizer.h"

#include <torch/nn/module.h>

#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace leyden {

class Callback;
class Metric;
class Trainer;
enum class ClipAlgorithm;
struct LoggedValue;

/// What training_step gives: the loss ([] floating, with its graph), or nothing to skip the batch.
/// `extra` reaches on_train_batch_end detached, beside "loss".
struct StepOutput
{
    at::Tensor loss{};
    StateTree extra{};

    StepOutput() = default;
    StepOutput(at::Tensor loss_) : loss(std::move(loss_)) { }
    StepOutput(at::Tensor loss_, StateTree extra_)
        : loss(std::move(loss_)), extra(std::move(extra_))
    {
    }
};

/// What a backward pass takes besides the loss, as at::Tensor::backward does.
struct BackwardOptions
{
    at::Tensor gradient{};              ///< of a loss that is no scalar
    std::optional<bool> retain_graph{}; ///< unset: as create_graph
    bool create_graph = false;
};

/// A scheduler and when the Trainer steps it.
///
/// Differs: ReduceLROnPlateau waits while validation has not run yet and is still to come; Lightning
///          fails where the metric is missing.
struct LRSchedulerConfig
{
    std::shared_ptr<LRScheduler> scheduler{};
    std::string interval = "epoch"; ///< "epoch" or "step"
    int64_t frequency = 1;
    std::string monitor{}; ///< what ReduceLROnPlateau watches
    bool strict = true;
    std::string name{};
};

/// Names that a module logs while it fits: as callbacks see them, on_step and on_epoch suffixes
/// included.
struct LoggedNames
{
    std::vector<std::string> training;
    std::vector<std::string> validation;
};

/// One value of log_dict.
struct LogEntry
{
    LogEntry(std::string_view name_, at::Tensor value_) : name(name_), value(std::move(value_)) { }
    LogEntry(std::string_view name_, double value_) : name(name_), value(value_) { }
    LogEntry(std::string_view name_, Metric& value_) : name(name_), value(&value_) { }

    std::string_view name{};
    std::variant<at::Tensor, double, Metric*> value{};
};

struct OptimizerSetup
{
    std::vector<std::shared_ptr<Optimizer>> optimizers{};
    std::vector<LRSchedulerConfig> lr_schedulers{};
};

/// A model with its training, validation, test and prediction steps.
///
/// Derive, register layers as in torch::nn::Module, override training_step and
/// configure_optimizers. Hooks are called by the Trainer on its own thread, in Lightning's order.
/// Source: PyTorch Lightning 2.6, core/module.py, core/hooks.py.
class LEYDEN_API LightningModule : public torch::nn::Module
{
public:
    using torch::nn::Module::Module;
    ~LightningModule() override;

    // Steps -----------------------------------------------------------------------------------
    virtual StepOutput training_step(const Batch& batch, int64_t batch_idx);
    virtual StateTree validation_step(
        const Batch& batch, int64_t batch_idx, int64_t dataloader_idx);
    virtual StateTree test_step(const Batch& batch, int64_t batch_idx, int64_t dataloader_idx);
    virtual StateTree predict_step(const Batch& batch, int64_t batch_idx, int64_t dataloader_idx);
    /// The network on example_input_array. Default: predict_step.
    virtual StateTree forward_example(const StateTree& input) { return predict_step(input, 0, 0); }
    /// Floating-point operations of one batch, where the model knows them; ThroughputMonitor logs
    /// them a second.
    virtual std::optional<int64_t> flops_per_batch() const { return {}; }
    /// Whether the step is overridden. False: fit runs no validation, and validate() throws.
    virtual bool has_validation_step() const;
    virtual bool has_test_step() const; ///< the same of test_step
    bool has_training_step() const;     ///< whether it is overridden
    bool has_val_dataloader() const;    ///< whether it is overridden
    /// What it logs in a fit, all of it; unset: not known before the run. Then a name that a
    /// callback watches is looked for only when it is needed.
    virtual std::optional<LoggedNames> logged_names() const { return {}; }

    // Set-up ----------------------------------------------------------------------------------
    virtual void prepare_data() { }
    virtual void setup(TrainerFn) { }
    virtual void configure_model() { }
    virtual std::vector<std::unique_ptr<Callback>> configure_callbacks();
    /// Default: what the run config names; throws MisconfigurationError where there is none.
    virtual OptimizerSetup configure_optimizers();
    /// For runs without a data module.
    virtual DataLoaders train_dataloader() { return {}; }
    virtual DataLoaders val_dataloader();
    virtual DataLoaders test_dataloader() { return {}; }
    virtual DataLoaders predict_dataloader() { return {}; }
    virtual void teardown(TrainerFn) { }

    // Fit -------------------------------------------------------------------------------------
    virtual void on_fit_start() { }
    virtual void on_fit_end() { }
    virtual void on_train_start() { }
    virtual void on_train_end() { }
    virtual void on_train_epoch_start() { }
    virtual void on_train_epoch_end() { }
    /// -1 skips the rest of the epoch
    virtual int on_train_batch_start(const Batch&, int64_t) { return 0; }
    virtual void on_train_batch_end(const StateTree&, const Batch&, int64_t) { }
    virtual void on_before_zero_grad(Optimizer&) { }
    virtual void on_before_backward(const at::Tensor&) { }
    virtual void on_after_backward() { }
    virtual void on_before_optimizer_step(Optimizer&) { }

    // Evaluation ------------------------------------------------------------------------------
    virtual void on_validation_start() { }
    virtual void on_validation_end() { }
    virtual void on_validation_epoch_start() { }
    virtual void on_validation_epoch_end() { }
    virtual void on_validation_batch_start(const Batch&, int64_t, int64_t) { }
    virtual void on_validation_batch_end(const StateTree&, const Batch&, int64_t, int64_t) { }
    virtual void on_validation_model_zero_grad(); ///< zero_grad()
    virtual void on_validation_model_eval();      ///< eval()
    /// True: on_validation_model_train and on_test_model_train set the modes after an evaluation.
    /// False: every submodule gets back the mode that it had before.
    virtual bool has_model_train_hooks() const { return false; }
    virtual void on_validation_model_train(); ///< train()
    virtual void on_test_model_train();       ///< train()
    virtual void on_test_start() { }
    virtual void on_test_end() { }
    virtual void on_test_epoch_start() { }
    virtual void on_test_epoch_end() { }
    virtual void on_test_batch_start(const Batch&, int64_t, int64_t) { }
    virtual void on_test_batch_end(const StateTree&, const Batch&, int64_t, int64_t) { }
    virtual void on_test_model_eval(); ///< eval()
    virtual void on_predict_start() { }
    virtual void on_predict_end() { }
    virtual void on_predict_epoch_start() { }
    virtual void on_predict_epoch_end() { }
    virtual void on_predict_batch_start(const Batch&, int64_t, int64_t) { }
    virtual void on_predict_batch_end(const StateTree&, const Batch&, int64_t, int64_t) { }
    virtual void on_predict_model_eval(); ///< eval()

    // Data transfer ---------------------------------------------------------------------------
    virtual Batch on_before_batch_transfer(Batch batch, int64_t) { return batch; }
    virtual Batch transfer_batch_to_device(Batch batch, const c10::Device& device, int64_t);
    virtual Batch on_after_batch_transfer(Batch batch, int64_t) { return batch; }

    // Optimization ----------------------------------------------------------------------------
    virtual void backward(const at::Tensor& loss, const BackwardOptions& options);
    /// Default: one step with the closure. One that never calls the closure trains nothing: fit
    /// throws.
    virtual void optimizer_step(
        int64_t epoch, int64_t batch_idx, Optimizer& optimizer, const Closure& closure);
    virtual void optimizer_zero_grad(int64_t epoch, int64_t batch_idx, Optimizer& optimizer);
    /// Called before every optimizer step; clip_val is unset where the Trainer does not clip.
    virtual void configure_gradient_clipping(
        Optimizer& optimizer, std::optional<double> clip_val, ClipAlgorithm algorithm);
    virtual void lr_scheduler_step(LRScheduler& scheduler, std::optional<double> metric);

    // Checkpoints -----------------------------------------------------------------------------
    virtual void on_save_checkpoint(StateTree&) { }
    virtual void on_load_checkpoint(const StateTree&) { }

    // Services --------------------------------------------------------------------------------
    /// Records a value under `name`; defaults of on_step and on_epoch depend on the hook it is
    /// called in. Callbacks log through the module that their hooks get. Without a trainer it warns
    /// and does nothing.
    /// Tensor: [] or one element, any dtype and device; read on the CPU without a synchronisation
    ///         of its own.
    /// Number: of the default dtype, as Lightning makes it.
    /// Metric: registered; on_step records its batch_value(), on_epoch its compute(), and the
    ///         Trainer resets it at the epoch's end. Log the object, not its value: that would be a
    ///         mean of means.
    /// Throws: MisconfigurationError where the hook does not allow it or the arguments clash.
    void log(std::string_view name, const at::Tensor& value, const LogOptions& options = {});
    void log(std::string_view name, double value, const LogOptions& options = {});
    void log(std::string_view name, Metric& metric, const LogOptions& options = {});
    /// log() of each: log_dict({{"loss", loss}, {"lr", 0.1}, {"acc", accuracy_}}).
    void log_dict(const std::vector<LogEntry>& values, const LogOptions& options = {});
    /// Names a metric of this module, as an attribute does in Lightning, so that it can be logged
    /// and a checkpoint in mid-epoch holds its state. It has to live as long as the module.
    /// Throws: MisconfigurationError where the name is taken.
    void register_metric(std::string name, Metric& metric);
    const std::vector<std::pair<std::string, Metric*>>& registered_metrics() const
    {
        return metrics_;
    }

    /// Clips the gradients of the optimizer's parameters; what is unset is the Trainer's, 0 and
    /// less clips nothing.
    /// Throws: MisconfigurationError where the Trainer was given other values: one place has to say
    ///         it.
    void clip_gradients(Optimizer& optimizer, std::optional<double> clip_val = {},
        std::optional<ClipAlgorithm> algorithm = {});

    // Manual optimization: automatic_optimization = false, training_step does it all ----------------
    // Throws: MisconfigurationError outside a fit.
    /// The run's optimizers in the order of configure_optimizers.
    std::vector<LightningOptimizer>& optimizers();
    /// The run's schedulers; step them by hand.
    std::vector<LRScheduler*> lr_schedulers();
    /// The backward pass with its hooks; in place of loss.backward(), which no precision or
    /// strategy sees.
    /// Throws: MisconfigurationError under automatic optimization.
    void manual_backward(const at::Tensor& loss, const BackwardOptions& options = {});
    /// Turns requires_grad off for the parameters that belong to the other optimizers alone, so
    /// that a backward pass leaves no gradients there; untoggle_optimizer gives each back what it
    /// had.
    void toggle_optimizer(Optimizer& optimizer);
    void untoggle_optimizer(Optimizer& optimizer);
    [[nodiscard]] ToggledOptimizer toggled_optimizer(Optimizer& optimizer)
    {
        return {*this, optimizer};
    }

    Trainer* trainer() const { return trainer_; } ///< null outside a run
    int64_t current_epoch() const;                ///< the Trainer's; 0 outside a run
    int64_t global_step() const;                  ///< the Trainer's; 0 outside a run
    void freeze();                                ///< no parameter wants gradients; eval()
    void unfreeze();                              ///< every parameter wants gradients; train()
    /// Adds to hparams: save_hyperparameters({{"lr", 0.1}, {"hidden", 64}}) in the constructor. They
    /// go into checkpoints, and with log = true to the loggers (hparams.yaml).
    void save_hyperparameters(std::initializer_list<StateTree::Entry> values, bool log = true);
    /// What the tuner finds and sets by name ("lr", "batch_size"): an entry of hparams, unless
    /// overridden.
    virtual StateTree attribute(std::string_view name) const; ///< None where there is none
    /// false where there is none
    virtual bool set_attribute(std::string_view name, const StateTree& value);
    c10::Device device() const { return device_; }

    /// Name -> tensor in PyTorch's order (parameters, then buffers, module by module), not copied.
    StateTree module_state_dict() const;
    /// Copies by name. Throws CheckpointError naming missing, unexpected and misshapen entries.
    void load_module_state_dict(const StateTree& state, bool strict = true);

    bool automatic_optimization = true; ///< false: training_step calls backward and the optimizers
    bool strict_loading = true;
    StateTree example_input_array; ///< an input that ModelSummary may run the model on; None:
                                   ///< it does not
    StateTree hparams;             ///< what save_hyperparameters kept; written to hparams.yaml
    bool logs_hparams = true;      ///< whether loggers get them
    /// set from the run config
    std::function<OptimizerSetup(LightningModule&)> configured_optimizers;

private:
    friend class Trainer;
    void record(
        std::string_view name, LoggedValue value, Metric* metric, const LogOptions& options);
    bool can_log(std::string_view name);
    Trainer& attached(const char* service) const;

    Lifetime lifetime_;
    std::vector<std::pair<std::string, Metric*>> metrics_;
    std::vector<std::pair<at::Tensor, bool>> requires_grad_before_; ///< of a toggled optimizer
    bool warned_without_trainer_ = false;
    Trainer* trainer_ = nullptr;
    c10::Device device_ = c10::kCPU;
};

} // namespace leyden
