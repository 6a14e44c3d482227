// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/export.h"

#include <c10/core/DeviceType.h>
#include <c10/core/ScalarType.h>

#include <optional>

namespace leyden {

/// What a precision sets while a step runs. Nothing by default.
struct ForwardSettings
{
    std::optional<c10::ScalarType> default_dtype; ///< of new tensors
    std::optional<c10::ScalarType> autocast;      ///< what operations compute in
    c10::DeviceType device = c10::kCPU;           ///< whose operations autocast reaches
};

/// Sets the default dtype of new tensors for a scope.
class LEYDEN_API DefaultDtypeGuard
{
public:
    explicit DefaultDtypeGuard(c10::ScalarType dtype);
    ~DefaultDtypeGuard();
    DefaultDtypeGuard(const DefaultDtypeGuard&) = delete;
    DefaultDtypeGuard& operator=(const DefaultDtypeGuard&) = delete;

private:
    bool changed_ = false;
    c10::ScalarType previous_ = c10::kFloat;
};

/// Autocast for a scope, without its cache of converted weights: torch.autocast(...,
/// cache_enabled=False). Scopes nest; the thread's settings are put back.
class LEYDEN_API AutocastGuard
{
public:
    AutocastGuard(c10::DeviceType device, c10::ScalarType dtype);
    ~AutocastGuard();
    AutocastGuard(const AutocastGuard&) = delete;
    AutocastGuard& operator=(const AutocastGuard&) = delete;

private:
    c10::DeviceType device_;
    bool was_enabled_;
    bool was_cached_;
    c10::ScalarType previous_;
};

/// The settings of a precision for a scope: a training, validation, test or prediction step.
class ForwardContext
{
public:
    explicit ForwardContext(const ForwardSettings& settings)
    {
        if (settings.default_dtype)
            dtype_.emplace(*settings.default_dtype);
        if (settings.autocast)
            autocast_.emplace(settings.device, *settings.autocast);
    }

private:
    std::optional<DefaultDtypeGuard> dtype_;
    std::optional<AutocastGuard> autocast_;
};

} // namespace leyden
