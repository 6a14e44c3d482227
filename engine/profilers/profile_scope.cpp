// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/profilers/profile_scope.h"

#include "engine/callbacks/callback.h"
#include "engine/core/lightning_module.h"
#include "engine/strategies/strategy.h"
#include "engine/trainer/trainer.h"

namespace leyden {
namespace {

bool is_of_strategy(Hook hook)
{
    return hook == Hook::TrainingStep || hook == Hook::ValidationStep || hook == Hook::TestStep
        || hook == Hook::PredictStep || hook == Hook::Backward;
}

/// As in Python: without the namespace.
std::string class_name(const LightningModule& module)
{
    const auto& name = module.name();
    const auto colons = name.rfind("::");
    return colons == std::string::npos ? name : name.substr(colons + 2);
}

} // namespace

std::string ProfileScope::action_of(const Trainer& trainer, Hook hook, HookOwner owner)
{
    if (is_of_strategy(hook))
        return action_of(trainer.strategy(), hook_name(hook));
    if (owner == HookOwner::DataModule)
        return action_of(trainer.datamodule(), hook_name(hook));
    return "[LightningModule]" + class_name(trainer.lightning_module()) + "." + hook_name(hook);
}

std::string ProfileScope::action_of(const Callback& callback, Hook hook)
{
    return "[Callback]" + callback.state_key() + "." + hook_name(hook);
}

std::string ProfileScope::action_of(const LightningDataModule& data, const char* hook)
{
    return "[LightningDataModule]" + data.name() + "." + hook;
}

std::string ProfileScope::action_of(const Strategy& strategy, const char* call)
{
    return "[Strategy]" + strategy.class_name() + "." + call;
}

} // namespace leyden
