// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/callbacks/callback.h"
#include "engine/callbacks/on_exception_checkpoint_options.h"
#include "engine/core/export.h"

#include <filesystem>

namespace leyden {

/// Saves the run where an exception ends it. A fit without ckpt_path resumes from that file by itself,
/// with a warning; where there is none, a warning says that it starts afresh.
///
/// Files:   dirpath/filename.ckpt, written when a fit fails or is interrupted, removed when a fit
///          ends well. A relative dirpath lies below TrainerParts::root.
/// Counts:  as a checkpoint callback: the Trainer adds no ModelCheckpoint of its own beside it.
/// Throws:  MisconfigurationError for an empty dirpath or filename (constructor); FileError for a
///          dirpath that cannot be written to (setup of a fit).
/// Source:  PyTorch Lightning 2.6, callbacks/on_exception_checkpoint.py.
/// Differs: validate, test, predict and fast_dev_run do not remove the file.
class LEYDEN_API OnExceptionCheckpoint final : public Callback
{
public:
    explicit OnExceptionCheckpoint(OnExceptionCheckpointOptions options);

    std::string name() const override { return "OnExceptionCheckpoint"; }
    std::optional<std::vector<std::string>> logged_names(const RunFacts&) const override
    {
        return no_names();
    }
    bool is_checkpoint() const override { return true; }
    bool is_monitoring() const override { return true; }
    void setup(Trainer& trainer, LightningModule& module, TrainerFn fn) override;
    void on_exception(
        Trainer& trainer, LightningModule& module, const std::exception& error) override;
    void teardown(Trainer& trainer, LightningModule& module, TrainerFn fn) override;

    std::filesystem::path ckpt_path(const Trainer& trainer) const;

private:
    OnExceptionCheckpointOptions options_;
};

} // namespace leyden
