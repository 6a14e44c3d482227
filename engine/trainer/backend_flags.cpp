// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/trainer/backend_flags.h"

#include <ATen/Context.h>
#include <c10/util/Exception.h>
#include <spdlog/spdlog.h>
#include <torch/csrc/autograd/anomaly_mode.h>

#include <cstdlib>
#include <string_view>
#include <utility>

namespace leyden {
namespace {
using torch::autograd::AnomalyMode;

class ToldWarnings final : public c10::WarningHandler
{
public:
    explicit ToldWarnings(std::function<void(std::string)> tell) : tell_(std::move(tell)) { }

    void process(const c10::Warning& warning) override
    {
        tell_("LibTorch: " + warning.msg().substr(0, warning.msg().find('\n')));
    }

private:
    std::function<void(std::string)> tell_;
};

class AnomalyWarnings final : public c10::WarningHandler
{
public:
    explicit AnomalyWarnings(c10::WarningHandler& next) : next_(next) { }

    void process(const c10::Warning& warning) override
    {
        if (warning.msg().starts_with("Error detected in "))
            spdlog::debug("detect_anomaly: {}", warning.msg());
        else
            next_.process(warning);
    }

private:
    c10::WarningHandler& next_;
};

/// cuBLAS gives the same numbers every time only with such a workspace; it reads this when it
/// starts.
void choose_cublas_workspace()
{
    constexpr const char* name = "CUBLAS_WORKSPACE_CONFIG";
    const char* said = std::getenv(name);
    const std::string_view text = said ? said : "";
    if (text != ":4096:8" && text != ":16:8")
        setenv(name, ":4096:8", 1);
}

} // namespace

BackendFlags::BackendFlags(const TrainerPlan& plan, bool uses_cuda)
    : is_deterministic_(at::globalContext().deterministicAlgorithms())
    , only_warns_(at::globalContext().deterministicAlgorithmsWarnOnly())
    , is_cudnn_deterministic_(at::globalContext().deterministicCuDNN())
    , benchmarks_(at::globalContext().benchmarkCuDNN())
{
    auto& context = at::globalContext();
    if (plan.benchmark)
        context.setBenchmarkCuDNN(*plan.benchmark);
    if (!plan.deterministic)
        return;
    const bool is_on = *plan.deterministic != Determinism::Off;
    context.setDeterministicAlgorithms(is_on, *plan.deterministic == Determinism::Warn);
    context.setDeterministicCuDNN(is_on);
    if (is_on && uses_cuda)
        choose_cublas_workspace();
}

BackendFlags::~BackendFlags()
{
    auto& context = at::globalContext();
    context.setDeterministicAlgorithms(is_deterministic_, only_warns_);
    context.setDeterministicCuDNN(is_cudnn_deterministic_);
    context.setBenchmarkCuDNN(benchmarks_);
}

TorchWarnings::TorchWarnings(std::function<void(std::string)> tell)
    : handler_(std::make_unique<ToldWarnings>(std::move(tell)))
    , previous_(c10::WarningUtils::get_warning_handler())
{
    c10::WarningUtils::set_warning_handler(handler_.get());
}

TorchWarnings::~TorchWarnings()
{
    c10::WarningUtils::set_warning_handler(previous_);
}

AnomalyGuard::AnomalyGuard(bool is_enabled)
    : was_enabled_(AnomalyMode::is_enabled()), checked_nan_(AnomalyMode::should_check_nan())
{
    if (!is_enabled)
        return;
    AnomalyMode::set_enabled(true, true);
    previous_ = c10::WarningUtils::get_warning_handler();
    handler_ = std::make_unique<AnomalyWarnings>(*previous_);
    c10::WarningUtils::set_warning_handler(handler_.get());
}

AnomalyGuard::~AnomalyGuard()
{
    AnomalyMode::set_enabled(was_enabled_, checked_nan_);
    if (handler_)
        c10::WarningUtils::set_warning_handler(previous_);
}

std::string anomaly_function(const std::string& error)
{
    constexpr std::string_view head = "Function '";
    const auto end = error.find("' returned nan values");
    const auto begin = error.rfind(head, end);
    if (end == std::string::npos || begin == std::string::npos)
        return {};
    return error.substr(begin + head.size(), end - begin - head.size());
}

} // namespace leyden
