// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/trainer/hook.h"

#include <array>
#include <cstddef>

namespace leyden {
namespace {

constexpr LogRule forbidden{};
constexpr LogRule train_batch{true, true, false, true, true};
constexpr LogRule eval_batch{true, false, true, true, true};
constexpr LogRule epoch_only{true, false, true, false, true};

struct HookInfo
{
    const char* name;
    LogRule rule;
};

// In the order of the enum. Source: PyTorch Lightning 2.6, logger_connector/fx_validator.py.
constexpr std::array<HookInfo, size_t(Hook::Count)> hooks{{
    {"", forbidden},
    {"prepare_data", forbidden},
    {"setup", forbidden},
    {"configure_model", forbidden},
    {"configure_callbacks", forbidden},
    {"configure_optimizers", forbidden},
    {"train_dataloader", forbidden},
    {"val_dataloader", forbidden},
    {"test_dataloader", forbidden},
    {"predict_dataloader", forbidden},
    {"teardown", forbidden},
    {"on_exception", forbidden},
    {"on_save_checkpoint", forbidden},
    {"on_load_checkpoint", forbidden},
    {"on_fit_start", forbidden},
    {"on_fit_end", forbidden},
    {"on_sanity_check_start", forbidden},
    {"on_sanity_check_end", forbidden},
    {"on_train_start", epoch_only},
    {"on_train_end", forbidden},
    {"on_train_epoch_start", epoch_only},
    {"on_train_epoch_end", epoch_only},
    {"on_train_batch_start", train_batch},
    {"on_train_batch_end", train_batch},
    {"on_before_zero_grad", train_batch},
    {"on_before_backward", train_batch},
    {"on_after_backward", train_batch},
    {"on_before_optimizer_step", train_batch},
    {"on_validation_start", epoch_only},
    {"on_validation_end", forbidden},
    {"on_validation_epoch_start", epoch_only},
    {"on_validation_epoch_end", epoch_only},
    {"on_validation_batch_start", eval_batch},
    {"on_validation_batch_end", eval_batch},
    {"on_validation_model_zero_grad", forbidden},
    {"on_validation_model_eval", forbidden},
    {"on_validation_model_train", forbidden},
    {"on_test_start", epoch_only},
    {"on_test_end", forbidden},
    {"on_test_epoch_start", epoch_only},
    {"on_test_epoch_end", epoch_only},
    {"on_test_batch_start", eval_batch},
    {"on_test_batch_end", eval_batch},
    {"on_test_model_eval", forbidden},
    {"on_test_model_train", forbidden},
    {"on_predict_start", forbidden},
    {"on_predict_end", forbidden},
    {"on_predict_epoch_start", forbidden},
    {"on_predict_epoch_end", forbidden},
    {"on_predict_batch_start", forbidden},
    {"on_predict_batch_end", forbidden},
    {"on_predict_model_eval", forbidden},
    {"on_before_batch_transfer", forbidden},
    {"transfer_batch_to_device", forbidden},
    {"on_after_batch_transfer", forbidden},
    {"configure_gradient_clipping", train_batch},
    {"training_step", train_batch},
    {"validation_step", eval_batch},
    {"test_step", eval_batch},
    {"predict_step", forbidden},
    {"backward", train_batch},
    {"optimizer_step", train_batch},
    {"optimizer_zero_grad", train_batch},
    {"lr_scheduler_step", forbidden},
}};

} // namespace

const char* hook_name(Hook hook)
{
    return hooks[size_t(hook)].name;
}

bool is_call(Hook hook)
{
    return hook >= Hook::TrainingStep;
}

const LogRule& log_rule(Hook hook)
{
    return hooks[size_t(hook)].rule;
}

} // namespace leyden
