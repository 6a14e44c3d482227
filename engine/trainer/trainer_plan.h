// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/config/trainer_options.h"
#include "engine/core/clock.h"
#include "engine/core/export.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace leyden {

/// How many batches of a loader count: a share (1.0 is all) or a number.
struct LEYDEN_API BatchLimit
{
    bool is_fraction = true;
    double fraction = 1.0;
    int64_t count = 0;

    bool is_zero() const { return is_fraction ? fraction == 0.0 : count == 0; }
    /// Batches of a loader with `length` batches. Throws MisconfigurationError (naming `option`)
    /// where a share above 0 comes to no batch at all, or where it is a share of an unknown_size.
    int64_t resolve(int64_t length, const char* option) const;
};

/// When to validate inside a fit.
struct ValidationInterval
{
    enum class Kind { Fraction, Batches, Time };
    Kind kind = Kind::Fraction;
    double fraction = 1.0; ///< of the epoch's batches
    int64_t batches = 0;
    Clock::Duration time{0};
    /// Whether Lightning takes it for "once an epoch": it compares with 1.0, which a whole 1 equals
    /// too.
    bool is_whole_epoch() const
    {
        return kind == Kind::Fraction ? fraction == 1.0 : kind == Kind::Batches && batches == 1;
    }
};

enum class ClipAlgorithm { Norm, Value };
enum class PrecisionKind {
    Float32True,
    Float64True,
    Float16Mixed,
    BFloat16Mixed,
    Float16True,
    BFloat16True
};
enum class Determinism { Off, On, Warn };

/// What may change while a run goes on. Written between batches by callbacks and RunControl alone.
struct LivePlan
{
    int64_t max_epochs = 1000; ///< -1: no limit
    int64_t log_every_n_steps = 50;
    int64_t accumulate_grad_batches = 1;
    std::optional<double> gradient_clip_val; ///< unset: no clipping
};

/// Something worth telling about the options, at the start of a run.
struct PlanNote
{
    bool is_warning = false;
    std::string text;
};

/// What will happen: TrainerOptions checked and resolved. Loops read only this.
///
/// Differs: limit_train_batches = 0 and limit_val_batches = 0 switch their stage off beside
///          overfit_batches too; Lightning forgets them.
struct TrainerPlan
{
    int64_t min_epochs = 0;
    int64_t max_steps = -1; ///< -1: no limit
    int64_t min_steps = 0;
    std::optional<Clock::Duration> max_time;
    BatchLimit limit_train_batches;
    BatchLimit limit_val_batches;
    BatchLimit limit_test_batches;
    BatchLimit limit_predict_batches;
    ValidationInterval val_check_interval;
    std::optional<int64_t> check_val_every_n_epoch = 1; ///< unset: the interval counts across
                                                        ///< epochs
    int64_t num_sanity_val_steps = 2;                   ///< -1: all
    ClipAlgorithm gradient_clip_algorithm = ClipAlgorithm::Norm;
    bool has_clip_algorithm = false; ///< whether it was said
    PrecisionKind precision = PrecisionKind::Float32True;
    std::string accelerator = "auto";
    bool enable_checkpointing = true;
    bool enable_progress_bar = true;
    bool enable_model_summary = true;
    bool inference_mode = true;
    int64_t fast_dev_run = 0;    ///< batches of each stage; 0: an ordinary run
    bool has_no_limit = false;   ///< nothing was said of max_epochs, max_steps or max_time
    bool is_overfitting = false; ///< training and validation data are not shuffled
    int64_t reload_dataloaders_every_n_epochs = 0; ///< 0: never
    bool detect_anomaly = false;
    bool barebones = false; ///< log() does nothing
    bool enable_autolog_hparams = true;
    std::optional<Determinism> deterministic; ///< unset: the process's own setting stays
    std::optional<bool> benchmark;            ///< likewise
    decltype(TrainerOptions::devices) devices = std::string("auto");
    std::filesystem::path default_root_dir;
    LivePlan live;
    std::vector<PlanNote> notes;
};

/// Throws MisconfigurationError naming the option, its value and what is allowed.
LEYDEN_API TrainerPlan resolve(const TrainerOptions& options);

/// "DD:HH:MM:SS" or timedelta fields. Throws MisconfigurationError naming `option`.
LEYDEN_API Clock::Duration parse_duration(const TimeText& text, const char* option);

} // namespace leyden
