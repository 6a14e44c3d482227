// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/export.h"
#include "engine/core/state_tree.h"
#include "engine/trainer/restore_parts.h"

#include <filesystem>
#include <string>

namespace leyden {

class Trainer;

/// Between a run and the dict that a checkpoint file holds: Lightning's keys, and under "leyden"
/// what Lightning does not keep (generators, place in the data, pending values, the run's config).
///
/// Source: PyTorch Lightning 2.6, trainer/connectors/checkpoint_connector.py.
class CheckpointConnector
{
public:
    explicit CheckpointConnector(Trainer& trainer) : trainer_(trainer) { }

    StateTree dump(bool weights_only) const;
    StateTree dump_untraced() const; ///< weights only; Lightning writes no such file
    void load(const std::filesystem::path& file);
    /// of dump(), from memory
    void take(StateTree checkpoint) { checkpoint_ = std::move(checkpoint); }
    void restore_modules_and_callbacks(); ///< weights, data module, callbacks
    void restore_training_state();        ///< loops, optimizers, schedulers
    void restore_random_state();          ///< last of all, when nothing draws any more before the
                                          ///< loops
    bool has_checkpoint() const { return !checkpoint_.is_none(); }
    /// Whether the sanity check runs: not when resuming inside an epoch.
    bool wants_sanity_check() const;
    void end() { checkpoint_ = {}; }

private:
    const StateTree* own_loops() const; ///< our part of the file, where the loops are restored
    template <class Restore> void from_file(const Restore& restore);
    void restore_model();
    void restore_training();
    void restore_weights();
    void refuse_older_layout() const;
    void restore_loops();
    void restore_optimizers();
    void restore_position(const StateTree& own);

    Trainer& trainer_;
    StateTree checkpoint_;
    RestoreParts restore_;
    std::filesystem::path file_;
};

} // namespace leyden
