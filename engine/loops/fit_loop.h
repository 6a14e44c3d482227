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
#include <string>

namespace leyden {

class RunSteering;
class Trainer;

/// The epochs of a fit.
///
/// Source:  PyTorch Lightning 2.6, loops/fit_loop.py.
/// Differs: an epoch that a limit or a stop cut off goes on where it was cut when the run is
///          resumed; Lightning does so under max_steps alone. A batch that an error left half done
///          is trained once more, with its own rows. An epoch without a batch, of a stream that gives no
///          sample, is an error; Lightning goes through it without training. A whole
///          val_check_interval above the batches of an epoch is refused only where there is
///          validation data.
class FitLoop
{
public:
    explicit FitLoop(Trainer& trainer);
    ~FitLoop();

    void run();
    void setup_data(); ///< asks for the loaders, once a run
    bool can_stop_early() const;
    /// should_stop, or a stop that is asked for below the minima and may be taken back.
    bool wants_to_stop();
    bool writes_open_rows() const; ///< of the batch or epoch that a resumed run ends first
    CombinedLoader& loader() { return *loader_; }
    RunSteering& steering() const { return *steering_; }

    StateTree state_dict() const; ///< Lightning's loops["fit_loop"]
    void load_state_dict(const StateTree& state);
    StateTree position() const;                 ///< ours: phase, place in the data, pending values
    int64_t rows_logged() const;                ///< up to that position
    void load_position(const StateTree& state); ///< after load_state_dict
    void derive_position();                     ///< from the counts alone, for a file of
                                                ///< Lightning's
    void set_results_state();                   ///< training values that a resumed epoch goes on
                                                ///< with
    void release();                             ///< what belongs to one run: loader, iterator,
                                                ///< slots

    Progress epoch_progress;
    TrainingEpochLoop epoch_loop;
    int64_t max_batches = 0;     ///< of an epoch; unknown_size of an IterableDataset
    int64_t val_check_batch = 1; ///< unknown_size: at the epoch's last batch
    bool is_stream = false;      ///< an epoch may have fewer batches than max_batches
    Clock::Duration last_validation{0};
    SpeedMeter speed;
    LoopPhase resume_phase = LoopPhase::Start;
    int64_t pending_stops = 0; ///< of callbacks that may take them back (EarlyStopping)
    bool is_trial = false;     ///< a search of the tuner, which is not checked as a fit is

private:
    bool has_validation();      ///< asks for the validation loaders
    bool should_reload() const; ///< reload_dataloaders_every_n_epochs
    bool done();
    std::optional<std::string> why_done(); ///< none: the run goes on
    LoopPhase resume_at_epoch_end();
    void reset_unfinished(); ///< what an error left half done
    void start_epoch();
    void finish_epoch();
    void finish_epoch_tail(bool writes_row = true);
    void tell_end(const std::string& why);
    int64_t batches_done() const;

    Trainer& trainer_;
    std::optional<CombinedLoader> loader_;
    int64_t loaded_in_epoch_ = 0;
    std::optional<int64_t> pending_loaded_in_epoch_; ///< of the run that is resumed
    std::unique_ptr<RunSteering> steering_;
    StateTree iterator_position_;
    StateTree cut_position_; ///< of the epoch that ended before its last batch
    int64_t rows_at_cut_ = 0;
    bool was_stopped_early_ = false; ///< the run that this one goes on from
    StateTree pending_results_;
    StateTree pending_callback_metrics_;
    int pending_loop_iter_ = 0;
};

} // namespace leyden
