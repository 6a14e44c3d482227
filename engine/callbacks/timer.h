// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/callbacks/callback.h"
#include "engine/callbacks/timer_options.h"
#include "engine/core/clock.h"
#include "engine/core/export.h"

#include <array>
#include <optional>

namespace leyden {

/// Ends training when its time is used up; max_time of the Trainer adds one. Measures the time of
/// training, validation and test.
///
/// Tested:  at fit start, then after every batch (step) or at the end of every epoch (epoch).
/// Time:    of the trainer's clock; pauses do not count.
/// State:   {"time_elapsed": {stage: seconds}}; on resume the stored time of training counts.
/// Throws:  MisconfigurationError for a duration that is no time (constructor).
/// Source:  PyTorch Lightning 2.6, callbacks/timer.py.
class LEYDEN_API Timer final : public Callback
{
public:
    explicit Timer(const TimerOptions& options);
    explicit Timer(Clock::Duration duration);

    std::string name() const override { return "Timer"; }
    std::optional<std::vector<std::string>> logged_names(const RunFacts&) const override
    {
        return no_names();
    }
    void setup(Trainer& trainer, LightningModule& module, TrainerFn fn) override;
    void on_fit_start(Trainer& trainer, LightningModule& module) override;
    void on_train_start(Trainer& trainer, LightningModule& module) override;
    void on_train_end(Trainer& trainer, LightningModule& module) override;
    void on_train_batch_end(Trainer& trainer, LightningModule& module, const StateTree& outputs,
        const Batch& batch, int64_t batch_idx) override;
    void on_train_epoch_end(Trainer& trainer, LightningModule& module) override;
    void on_validation_start(Trainer& trainer, LightningModule& module) override;
    void on_validation_end(Trainer& trainer, LightningModule& module) override;
    void on_test_start(Trainer& trainer, LightningModule& module) override;
    void on_test_end(Trainer& trainer, LightningModule& module) override;
    StateTree state_dict() const override;
    void load_state_dict(const StateTree& state) override;
    StateTree resume_state() const override;
    void load_resume_state(const StateTree& state) override;

    enum class Stage { Train, Validate, Test };
    /// seconds of the clock, without pauses
    std::optional<double> start_time(Stage stage = Stage::Train) const;
    std::optional<double> end_time(Stage stage = Stage::Train) const;
    double time_elapsed(Stage stage = Stage::Train) const; ///< seconds; 0 where the stage has not
                                                           ///< begun
    bool is_used_up() const;                               ///< of the training
    /// empty without a duration
    std::optional<double> time_remaining(Stage stage = Stage::Train) const;

private:
    struct Span
    {
        std::optional<double> start;
        std::optional<double> end;
    };
    double now() const;
    void begin(Stage stage);
    void finish(Stage stage);
    void check(Trainer& trainer);
    const Span& span(Stage stage) const { return spans_[size_t(stage)]; }

    std::optional<double> duration_; ///< seconds
    TimerInterval interval_;
    bool verbose_;
    const Trainer* trainer_ = nullptr; ///< of the run; it owns this callback
    std::array<Span, 3> spans_;
    double offset_ = 0.0;            ///< seconds of the runs that this one goes on from
    std::array<double, 3> before_{}; ///< what the other stages took there last, until they begin
                                     ///< anew
};

} // namespace leyden
