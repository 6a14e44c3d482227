// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/config/component_config.h"
#include "engine/config/option_table.h"
#include "engine/core/export.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace leyden {

using IntOrFloat = std::variant<int64_t, double>; ///< int 1 is one batch, float 1.0 is everything
/// "DD:HH:MM:SS" or a dict of timedelta fields (days, hours, minutes, seconds, ...).
using TimeText = std::variant<std::string, std::map<std::string, double>>;
using ComponentList = std::vector<ComponentConfig>;
inline constexpr const char* slurm_environment = "SLURMEnvironment"; ///< of `plugins`

/// What was said about the Trainer: every argument of Lightning's, under its name, with its type
/// and default. `resolve()` turns it into a TrainerPlan; loops never read it.
///
/// Differs: min_epochs = -1 and other texts than "warn" for deterministic are refused.
/// Source: PyTorch Lightning 2.6, trainer/trainer.py.
struct TrainerOptions
{
    std::string accelerator = "auto";
    std::string strategy = "auto";
    std::variant<int64_t, std::string, std::vector<int64_t>> devices = std::string("auto");
    int64_t num_nodes = 1;
    std::optional<std::variant<int64_t, std::string>> precision{}; ///< unset: "32-true"
    std::optional<std::variant<bool, ComponentConfig, ComponentList>> logger{}; ///< unset: true
    std::optional<std::variant<ComponentConfig, ComponentList>> callbacks{};
    std::variant<bool, int64_t> fast_dev_run = false;
    std::optional<int64_t> max_epochs{}; ///< unset: 1000, or -1 with max_steps or max_time
    std::optional<int64_t> min_epochs{};
    int64_t max_steps = -1; ///< optimizer steps; -1: no limit
    std::optional<int64_t> min_steps{};
    std::optional<TimeText> max_time{};
    std::optional<IntOrFloat> limit_train_batches{}; ///< unset: 1.0
    std::optional<IntOrFloat> limit_val_batches{};
    std::optional<IntOrFloat> limit_test_batches{};
    std::optional<IntOrFloat> limit_predict_batches{};
    IntOrFloat overfit_batches = 0.0;
    std::optional<std::variant<int64_t, double, std::string, std::map<std::string, double>>>
        val_check_interval{};                           ///< unset: 1.0
    std::optional<int64_t> check_val_every_n_epoch = 1; ///< null: the interval counts across epochs
    std::optional<int64_t> num_sanity_val_steps{};      ///< unset: 2
    std::optional<int64_t> log_every_n_steps{};         ///< unset: 50
    std::optional<bool> enable_checkpointing{};         ///< unset: true
    std::optional<bool> enable_progress_bar{};          ///< unset: true
    std::optional<bool> enable_model_summary{};         ///< unset: true
    int64_t accumulate_grad_batches = 1;
    std::optional<double> gradient_clip_val{};
    std::optional<std::string> gradient_clip_algorithm{}; ///< unset: "norm"
    std::optional<std::variant<bool, std::string>> deterministic{};
    std::optional<bool> benchmark{};
    bool inference_mode = true;
    bool use_distributed_sampler = true;
    std::optional<ComponentConfig> profiler{};
    bool detect_anomaly = false;
    bool barebones = false;
    std::optional<ComponentList> plugins{};
    bool sync_batchnorm = false;
    int64_t reload_dataloaders_every_n_epochs = 0;
    std::optional<std::string> default_root_dir{}; ///< unset: the working directory
    bool enable_autolog_hparams = true;
    std::optional<std::string> model_registry{};
};

LEYDEN_API void describe(OptionTable<TrainerOptions>& table);

} // namespace leyden
