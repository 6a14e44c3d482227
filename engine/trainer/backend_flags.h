// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/trainer/trainer_plan.h"

#include <functional>
#include <memory>
#include <string>

namespace c10 {
class WarningHandler;
}

namespace leyden {

/// Sets LibTorch's switches of the process as `deterministic` and `benchmark` ask, for the length
/// of a run.
///
/// Differs: Lightning leaves them so; here the process has its own again after the run.
class BackendFlags
{
public:
    BackendFlags(const TrainerPlan& plan, bool uses_cuda);
    ~BackendFlags();
    BackendFlags(const BackendFlags&) = delete;
    BackendFlags& operator=(const BackendFlags&) = delete;

private:
    bool is_deterministic_;
    bool only_warns_;
    bool is_cudnn_deterministic_;
    bool benchmarks_;
};

/// Hands LibTorch's warnings of this thread to a function, for the length of a scope: by itself it
/// writes them to standard error, where a window's user sees nothing.
class TorchWarnings
{
public:
    explicit TorchWarnings(std::function<void(std::string)> tell);
    ~TorchWarnings();
    TorchWarnings(const TorchWarnings&) = delete;
    TorchWarnings& operator=(const TorchWarnings&) = delete;

private:
    std::unique_ptr<c10::WarningHandler> handler_;
    c10::WarningHandler* previous_;
};

/// Autograd's anomaly mode (detect_anomaly) for the length of a scope. It is a switch of the
/// process. LibTorch's own warning about the forward pass, a native stack trace, goes to the debug
/// log.
class AnomalyGuard
{
public:
    explicit AnomalyGuard(bool is_enabled);
    ~AnomalyGuard();
    AnomalyGuard(const AnomalyGuard&) = delete;
    AnomalyGuard& operator=(const AnomalyGuard&) = delete;

private:
    bool was_enabled_;
    bool checked_nan_;
    std::unique_ptr<c10::WarningHandler> handler_;
    c10::WarningHandler* previous_ = nullptr;
};

/// The function whose backward gave NaN ("LogBackward0"), from the text of LibTorch's error in
/// anomaly mode; empty: the error is another one.
std::string anomaly_function(const std::string& error);

} // namespace leyden
