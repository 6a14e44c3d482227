// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/callbacks/callback.h"
#include "engine/core/lightning_module.h"
#include "engine/profilers/profile_scope.h"
#include "engine/trainer/trainer.h"

#include <utility>

namespace leyden {

/// The one way to call a hook: notes which hook runs (for the rules of log()), writes the trace,
/// tells the profiler.
class HookScope
{
public:
    HookScope(Trainer& trainer, Hook hook, HookOwner owner, HookPlace place, bool is_traced = true)
        : trainer_(trainer)
        , profile_(trainer.profiler(), trainer, hook, owner)
        , previous_(std::exchange(trainer.hook_, hook))
    {
        if (trainer.trace_ && is_traced) [[unlikely]]
            trainer.trace_->hook(
                hook, owner, trainer.current_epoch(), trainer.global_step(), place);
    }
    ~HookScope() { trainer_.hook_ = previous_; }
    HookScope(const HookScope&) = delete;
    HookScope& operator=(const HookScope&) = delete;

    /// a hook runs in a run, which has one
    LightningModule& module() const { return *trainer_.module_; }

private:
    Trainer& trainer_;
    ProfileScope profile_;
    Hook previous_;
};

/// Which callbacks a call reaches: on_train_epoch_end is split around the module's hook.
enum class Audience { All, Ordinary, Monitoring };

template <class Function>
void call_callbacks(Trainer& trainer, Hook hook, Function&& function, HookPlace place = {},
    Audience audience = Audience::All)
{
    // The trace shows one ordinary callback, so the monitoring half of a split hook leaves no line.
    const HookScope scope(
        trainer, hook, HookOwner::Callback, place, audience != Audience::Monitoring);
    for (const auto& callback : trainer.callbacks()) {
        if (audience != Audience::All
            && callback->is_monitoring() != (audience == Audience::Monitoring))
            continue;
        const ProfileScope profile(trainer.profiler(), *callback, hook);
        function(*callback);
    }
}

template <class Function>
decltype(auto) call_module(Trainer& trainer, Hook hook, Function&& function, HookPlace place = {})
{
    const HookScope scope(trainer, hook, HookOwner::Module, place);
    return function(scope.module());
}

/// Of a run without a data module nothing.
template <class Function> void call_datamodule(Trainer& trainer, Hook hook, Function&& function)
{
    if (!trainer.has_datamodule())
        return;
    const HookScope scope(trainer, hook, HookOwner::DataModule, {});
    function(trainer.datamodule());
}

/// The loaders of the data module, or of the module where the run has none.
using DataModuleLoaders = DataLoaders (LightningDataModule::*)();
using ModuleLoaders = DataLoaders (LightningModule::*)();

inline DataLoaders call_loaders(
    Trainer& trainer, Hook hook, DataModuleLoaders on_data, ModuleLoaders on_module)
{
    const bool has_data = trainer.has_datamodule();
    const HookScope scope(trainer, hook, has_data ? HookOwner::DataModule : HookOwner::Module, {});
    return has_data ? (trainer.datamodule().*on_data)() : (trainer.lightning_module().*on_module)();
}

/// A hook without arguments, on the callbacks and then on the module.
using CallbackHook = void (Callback::*)(Trainer&, LightningModule&);
using ModuleHook = void (LightningModule::*)();

inline void call_both(Trainer& trainer, Hook hook, CallbackHook on_callback, ModuleHook on_module)
{
    call_callbacks(
        trainer, hook, [&](Callback& c) { (c.*on_callback)(trainer, trainer.lightning_module()); });
    call_module(trainer, hook, [&](LightningModule& m) { (m.*on_module)(); });
}

} // namespace leyden
