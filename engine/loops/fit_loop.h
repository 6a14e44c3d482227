// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/clock.h"
#include "engine/data/combined_loader.h"
#include "engine/loops/speed_meter.h"
#include "engine/loops/training_epoch_loop.h"
#include "engine/trainer/progress.h"
#include "engine/trainer/states.h"

#include <memory>
#include <optional>

namespace leyden {

class RunSteering;
class Trainer;

/// The epochs of a fit.
///
/// Source: PyTorch Lightning 2.6, loops/fit_loop.py.
class FitLoop
{
public:
    explicit FitLoop(Trainer& trainer);
    ~FitLoop();

    void run();
    void setup_data(); ///< asks for the loaders, once a run
    bool can_stop_early() const;
    CombinedLoader& loader() { return *loader_; }
    RunSteering& steering() const { return *steering_; }

    StateTree state_dict() const; ///< Lightning's loops["fit_loop"]
    void load_state_dict(const StateTree& state);
    StateTree position() const;                 ///< ours: phase, place in the data, pending values
    void load_position(const StateTree& state); ///< after load_state_dict
    void derive_position();                     ///< from the counts alone, for a file of
                                                ///< Lightning's
    void set_results_state();                   ///< training values that a resumed epoch goes on
                                                ///< with
    void release();                             ///< what belongs to one run: loader, iterator,
                                                ///< slots

    Progress epoch_progress;
    TrainingEpochLoop epoch_loop;
    int64_t max_batches = 0;
    int64_t val_check_batch = 1;
    Clock::Duration last_validation{0};
    SpeedMeter speed;
    LoopPhase resume_phase = LoopPhase::Start;
    bool is_trial = false; ///< a search of the tuner, which is not checked as a fit is

private:
    bool has_validation();      ///< asks for the validation loaders
    bool should_reload() const; ///< reload_dataloaders_every_n_epochs
    bool done();
    void start_epoch();
    void finish_epoch();
    void finish_epoch_tail();
    void tell_end(const std::string& why);
    int64_t batches_done() const;

    Trainer& trainer_;
    std::optional<CombinedLoader> loader_;
    int64_t loaded_in_epoch_ = 0;
    std::unique_ptr<RunSteering> steering_;
    StateTree iterator_position_;
    StateTree pending_results_;
    StateTree pending_callback_metrics_;
    int pending_loop_iter_ = 0;
};

} // namespace leyden
