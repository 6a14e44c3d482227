// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/clock.h"
#include "engine/core/cpu_wait_meter.h"
#include "engine/core/state_tree.h"
#include "engine/trainer/run_control.h"
#include "engine/trainer/run_observer.h"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace leyden {

class Trainer;

/// A command of an earlier run, to be carried out after the same batch.
struct ReplayedCommand
{
    int64_t epoch = 0;
    int64_t batch_idx = 0;
    RunCommand command;
};

/// Carries out between batches what RunControl (or a replay) asks for, and tells how far the run
/// is.
class RunSteering
{
public:
    explicit RunSteering(Trainer& trainer) : trainer_(trainer) { }

    void begin(bool is_within_epoch); ///< training starts, or goes on inside an epoch
    void between_batches();
    /// Between the batches of an evaluation: pauses (but where it was asked for in a pause), and
    /// ends by exception on an interrupt.
    void in_evaluation(StageKind stage, int64_t batch, int64_t batches);
    void after_epoch();
    void checkpoint_written(); ///< for StopVerb::AfterCheckpoint
    bool stops_at_checkpoint() const { return leaves_after_checkpoint_; }
    bool leaves_epoch() const { return leaves_epoch_; } ///< the running epoch is cut
    bool leaves_run() const { return leaves_run_ || leaves_epoch_; }
    void tell_progress(StageKind stage, int64_t batch, int64_t batches);

    StateTree state_dict() const; ///< options that were changed by hand; a resumed run keeps them
    void load_state_dict(const StateTree& state);

    std::vector<ReplayedCommand> replay; ///< in order

private:
    void carry_out(const RunCommand& command, const char* by);
    void begin_pause(StageKind stage, int64_t batch, int64_t batches);
    template <class Wait> void hold(const Wait& wait); ///< waits, and counts the time as paused
    void save_later(const std::string& name); ///< into the run's checkpoints/, while it goes on
    bool save(const std::string& name);       ///< at once; false: it could not be written
    void stop(StopVerb verb, const char* by);
    void set_option(const SetOptionCommand& command, const char* by);
    bool set_live(const std::string& option, double value);
    bool set_patience(int64_t patience);
    void validate_now();
    void record(InterventionEvent event, const char* by);
    void check_interrupt();
    double remaining_seconds() const;
    std::vector<std::pair<std::string, double>> live_values() const;

    Trainer& trainer_;
    bool leaves_epoch_ = false;
    bool leaves_run_ = false;
    bool leaves_after_epoch_ = false;
    bool leaves_after_checkpoint_ = false;
    bool is_validating_in_pause_ = false; ///< by hand; the pause does not hold it
    size_t replayed_ = 0;
    std::map<std::string, double> changed_; ///< live options of the plan
    Clock::Duration last_progress_{0};
    CpuWaitMeter cpu_wait_{usable_cores()};
};

} // namespace leyden
