// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/export.h"

#include <filesystem>
#include <string>

namespace leyden {

/// Measures what a run spends its time on. The Trainer names its actions as Lightning does:
/// "[LightningModule]MLP.on_train_start", "[Callback]EarlyStopping....",
/// "[Strategy]SingleDeviceStrategy.backward", "run_training_batch",
/// "[_TrainingEpochLoop].train_dataloader_next", "save_checkpoint". Actions nest; each time
/// includes what happens inside.
///
/// Threads: that of the run alone.
/// Differs: Lightning counts hooks of the strategy in which nothing happens, and prepare_data and
///          configure_model only where a class has its own. It writes a file only where filename is
///          said, else to the log alone.
/// Source:  PyTorch Lightning 2.6, profilers/profiler.py.
class LEYDEN_API Profiler
{
public:
    /// dirpath: folder of the report; empty: `profiler` in the run folder. filename: what its name
    /// holds beside the stage; with one the report goes to the file alone, otherwise to the log
    /// too.
    explicit Profiler(std::filesystem::path dirpath = {}, std::string filename = {});
    virtual ~Profiler();
    Profiler(const Profiler&) = delete;
    Profiler& operator=(const Profiler&) = delete;

    virtual void start(const std::string& action) = 0; ///< may throw; then the action does not
                                                       ///< begin
    virtual void stop(const std::string& action) noexcept = 0; ///< of an action that was not begun:
                                                               ///< nothing
    virtual std::string summary() const = 0; ///< the report, without its first line

    /// A run of this stage ("fit", "validate", ...) begins.
    void setup(std::string stage);
    /// "FIT Profiler Report" and the summary.
    std::string report() const;
    bool has_filename() const { return !filename_.empty(); }
    /// Where the report is written: `<stage>-<filename>.txt` in dirpath, else in the run folder's
    /// `profiler`, else, where there is a filename, in root. Empty: nowhere.
    ///
    /// root: a relative dirpath lies below it; run_folder: empty where the run has none.
    std::filesystem::path report_file(
        const std::filesystem::path& root, const std::filesystem::path& run_folder) const;

private:
    std::filesystem::path dirpath_;
    std::string filename_;
    std::string stage_;
};

} // namespace leyden
