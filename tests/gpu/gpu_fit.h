// SPDX-License-Identifier: GPL-3.0-or-later
// The runs that the checks on a GPU compare: fits of the digits, built as `leyden fit` builds them.
#pragma once

#include "engine/core/state_tree.h"
#include "engine/precision/grad_scaler_options.h"

#include <c10/core/DeviceType.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace leyden::gpu {

inline constexpr int64_t fit_steps = 50; ///< an epoch has 23, of 64 rows

struct FitOptions
{
    c10::DeviceType device = c10::kCPU;
    std::string precision = "32-true";
    std::optional<GradScalerOptions> scaler = {}; ///< 16-mixed with this loss scaler
    std::vector<int64_t> hidden_sizes = {128, 64};
    double dropout = 0.0; ///< drawn on the device
    int64_t save_at = 0;  ///< a step; 0: no checkpoint
    std::filesystem::path folder = {};
    std::filesystem::path resume_from = {};
};

struct FitResult
{
    std::vector<double> losses; ///< one a step, from the first or the resumed one on
    std::vector<double> scales; ///< after each step, with `scaler`
    StateTree weights;          ///< by name
    StateTree optimizer;
    std::filesystem::path checkpoint;
    int64_t parameter_bytes = 0;

    double end_loss() const; ///< mean of the last ten steps
};

FitResult fit(const FitOptions& options);

/// Whether two states are the same to the last bit.
bool is_same(const StateTree& a, const StateTree& b);

// What tensors hold of the device's memory, in bytes; 0 on a CPU.
int64_t allocated_bytes(c10::DeviceType device);
int64_t peak_bytes(c10::DeviceType device); ///< since reset_peak()
void reset_peak(c10::DeviceType device);

} // namespace leyden::gpu
