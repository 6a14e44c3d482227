// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/export.h"
#include "engine/profilers/profiler.h"
#include "engine/trainer/hook.h"

#include <string>

namespace leyden {

class Callback;
class LightningDataModule;
class Strategy;
class Trainer;

/// An action of the profiler for as long as it lives; without a profiler nothing.
class ProfileScope final
{
public:
    ProfileScope(Profiler* profiler, const char* action)
    {
        if (profiler) [[unlikely]]
            begin(*profiler, action);
    }
    /// A hook of the module or the data module, or a step or backward pass, which Lightning counts
    /// as the strategy's.
    ProfileScope(Profiler* profiler, const Trainer& trainer, Hook hook, HookOwner owner)
    {
        if (profiler && owner != HookOwner::Callback) [[unlikely]]
            begin(*profiler, action_of(trainer, hook, owner));
    }
    ProfileScope(Profiler* profiler, const Callback& callback, Hook hook)
    {
        if (profiler) [[unlikely]]
            begin(*profiler, action_of(callback, hook));
    }
    ProfileScope(Profiler* profiler, const Strategy& strategy, const char* call)
    {
        if (profiler) [[unlikely]]
            begin(*profiler, action_of(strategy, call));
    }
    ProfileScope(Profiler* profiler, const LightningDataModule& data, const char* hook)
    {
        if (profiler) [[unlikely]]
            begin(*profiler, action_of(data, hook));
    }
    ~ProfileScope()
    {
        if (profiler_) [[unlikely]]
            profiler_->stop(action_);
    }
    ProfileScope(const ProfileScope&) = delete;
    ProfileScope& operator=(const ProfileScope&) = delete;

private:
    LEYDEN_API static std::string action_of(const Trainer& trainer, Hook hook, HookOwner owner);
    LEYDEN_API static std::string action_of(const Callback& callback, Hook hook);
    LEYDEN_API static std::string action_of(const Strategy& strategy, const char* call);
    LEYDEN_API static std::string action_of(const LightningDataModule& data, const char* hook);
    void begin(Profiler& profiler, std::string action)
    {
        profiler.start(action);
        action_ = std::move(action);
        profiler_ = &profiler;
    }

    Profiler* profiler_ = nullptr;
    std::string action_;
};

} // namespace leyden
