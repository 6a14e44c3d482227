// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/callbacks/callback.h"
#include "engine/core/export.h"

#include <functional>
#include <string>

namespace leyden {

/// A function a hook, under its name; those left empty do nothing.
struct LambdaHooks
{
    using Stage = std::function<void(Trainer&, LightningModule&, TrainerFn)>;
    using Plain = std::function<void(Trainer&, LightningModule&)>;
    using BatchStart = std::function<void(Trainer&, LightningModule&, const Batch&, int64_t)>;
    using BatchEnd
        = std::function<void(Trainer&, LightningModule&, const StateTree&, const Batch&, int64_t)>;
    using WithOptimizer = std::function<void(Trainer&, LightningModule&, Optimizer&)>;
    using WithLoss = std::function<void(Trainer&, LightningModule&, const at::Tensor&)>;
    using EvaluationBatchStart
        = std::function<void(Trainer&, LightningModule&, const Batch&, int64_t, int64_t)>;
    using EvaluationBatchEnd = std::function<void(
        Trainer&, LightningModule&, const StateTree&, const Batch&, int64_t, int64_t)>;
    using Exception = std::function<void(Trainer&, LightningModule&, const std::exception&)>;
    using Save = std::function<void(Trainer&, LightningModule&, StateTree&)>;
    using Load = std::function<void(Trainer&, LightningModule&, const StateTree&)>;

    Stage setup{};
    Stage teardown{};
    Plain on_fit_start{};
    Plain on_fit_end{};
    Plain on_sanity_check_start{};
    Plain on_sanity_check_end{};
    Plain on_train_start{};
    Plain on_train_end{};
    Plain on_train_epoch_start{};
    Plain on_train_epoch_end{};
    Plain on_after_backward{};
    Plain on_validation_start{};
    Plain on_validation_end{};
    Plain on_validation_epoch_start{};
    Plain on_validation_epoch_end{};
    Plain on_test_start{};
    Plain on_test_end{};
    Plain on_test_epoch_start{};
    Plain on_test_epoch_end{};
    Plain on_predict_start{};
    Plain on_predict_end{};
    Plain on_predict_epoch_start{};
    Plain on_predict_epoch_end{};
    BatchStart on_train_batch_start{};
    BatchEnd on_train_batch_end{};
    WithOptimizer on_before_zero_grad{};
    WithOptimizer on_before_optimizer_step{};
    WithLoss on_before_backward{};
    EvaluationBatchStart on_validation_batch_start{};
    EvaluationBatchStart on_test_batch_start{};
    EvaluationBatchStart on_predict_batch_start{};
    EvaluationBatchEnd on_validation_batch_end{};
    EvaluationBatchEnd on_test_batch_end{};
    EvaluationBatchEnd on_predict_batch_end{};
    Exception on_exception{};
    Save on_save_checkpoint{};
    Load on_load_checkpoint{};
};

/// A callback made of functions, for what is not worth a class:
/// LambdaCallback({.on_train_start = [](Trainer&, LightningModule&) { ... }})
///
/// Source: PyTorch Lightning 2.6, callbacks/lambda_function.py.
class LEYDEN_API LambdaCallback final : public Callback
{
public:
    explicit LambdaCallback(LambdaHooks hooks) : hooks_(std::move(hooks)) { }

    std::string name() const override { return "LambdaCallback"; }
    void setup(Trainer& trainer, LightningModule& module, TrainerFn fn) override;
    void teardown(Trainer& trainer, LightningModule& module, TrainerFn fn) override;
    void on_fit_start(Trainer& trainer, LightningModule& module) override;
    void on_fit_end(Trainer& trainer, LightningModule& module) override;
    void on_sanity_check_start(Trainer& trainer, LightningModule& module) override;
    void on_sanity_check_end(Trainer& trainer, LightningModule& module) override;
    void on_train_start(Trainer& trainer, LightningModule& module) override;
    void on_train_end(Trainer& trainer, LightningModule& module) override;
    void on_train_epoch_start(Trainer& trainer, LightningModule& module) override;
    void on_train_epoch_end(Trainer& trainer, LightningModule& module) override;
    void on_train_batch_start(
        Trainer& trainer, LightningModule& module, const Batch& batch, int64_t batch_idx) override;
    void on_train_batch_end(Trainer& trainer, LightningModule& module, const StateTree& outputs,
        const Batch& batch, int64_t batch_idx) override;
    void on_before_zero_grad(
        Trainer& trainer, LightningModule& module, Optimizer& optimizer) override;
    void on_before_backward(
        Trainer& trainer, LightningModule& module, const at::Tensor& loss) override;
    void on_after_backward(Trainer& trainer, LightningModule& module) override;
    void on_before_optimizer_step(
        Trainer& trainer, LightningModule& module, Optimizer& optimizer) override;
    void on_validation_start(Trainer& trainer, LightningModule& module) override;
    void on_validation_end(Trainer& trainer, LightningModule& module) override;
    void on_validation_epoch_start(Trainer& trainer, LightningModule& module) override;
    void on_validation_epoch_end(Trainer& trainer, LightningModule& module) override;
    void on_validation_batch_start(Trainer& trainer, LightningModule& module, const Batch& batch,
        int64_t batch_idx, int64_t dataloader_idx) override;
    void on_validation_batch_end(Trainer& trainer, LightningModule& module,
        const StateTree& outputs, const Batch& batch, int64_t batch_idx,
        int64_t dataloader_idx) override;
    void on_test_start(Trainer& trainer, LightningModule& module) override;
    void on_test_end(Trainer& trainer, LightningModule& module) override;
    void on_test_epoch_start(Trainer& trainer, LightningModule& module) override;
    void on_test_epoch_end(Trainer& trainer, LightningModule& module) override;
    void on_test_batch_start(Trainer& trainer, LightningModule& module, const Batch& batch,
        int64_t batch_idx, int64_t dataloader_idx) override;
    void on_test_batch_end(Trainer& trainer, LightningModule& module, const StateTree& outputs,
        const Batch& batch, int64_t batch_idx, int64_t dataloader_idx) override;
    void on_predict_start(Trainer& trainer, LightningModule& module) override;
    void on_predict_end(Trainer& trainer, LightningModule& module) override;
    void on_predict_epoch_start(Trainer& trainer, LightningModule& module) override;
    void on_predict_epoch_end(Trainer& trainer, LightningModule& module) override;
    void on_predict_batch_start(Trainer& trainer, LightningModule& module, const Batch& batch,
        int64_t batch_idx, int64_t dataloader_idx) override;
    void on_predict_batch_end(Trainer& trainer, LightningModule& module, const StateTree& outputs,
        const Batch& batch, int64_t batch_idx, int64_t dataloader_idx) override;
    void on_exception(
        Trainer& trainer, LightningModule& module, const std::exception& error) override;
    void on_save_checkpoint(
        Trainer& trainer, LightningModule& module, StateTree& checkpoint) override;
    void on_load_checkpoint(
        Trainer& trainer, LightningModule& module, const StateTree& checkpoint) override;

private:
    LambdaHooks hooks_;
};

} // namespace leyden
