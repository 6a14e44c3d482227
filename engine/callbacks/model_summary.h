// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/callbacks/callback.h"
#include "engine/callbacks/model_summary_options.h"
#include "engine/core/export.h"

#include <cstdint>
#include <string>
#include <vector>

namespace torch::nn {
class Module;
}

namespace leyden {

/// One line of the table of layers.
struct LayerSummary
{
    std::string name;
    std::string type;
    int64_t parameters = 0;
    bool is_training = true;
    int64_t flops = 0;   ///< of the example input's forward pass
    std::string in_size; ///< "[1, 4]"; empty: not known
    std::string out_size;
};

struct ModuleSummary
{
    std::vector<LayerSummary> layers;
    int64_t trainable_parameters = 0;
    int64_t total_parameters = 0;
    double megabytes = 0.0;
    int64_t modules_in_train_mode = 0;
    int64_t modules_in_eval_mode = 0;
    int64_t total_flops = 0;
    bool has_sizes = false; ///< an example input was run
    std::string problem;    ///< why the example input could not be run; empty: it could
};

/// Layers down to max_depth (1: direct children, -1: all, 0: totals only).
LEYDEN_API ModuleSummary summarize(const torch::nn::Module& module, int64_t max_depth = 1);
/// The same; runs the example_input_array, where there is one, in eval mode and without gradients.
/// The random state stays as it is.
LEYDEN_API ModuleSummary summarize(LightningModule& module, int64_t max_depth = 1);
/// Lightning's table, with a column of FLOPs, and of sizes where an example input was run.
LEYDEN_API std::string summary_table(const ModuleSummary& summary);

/// Tells the table of layers at the start of a fit.
///
/// Throws:  MisconfigurationError for a max_depth below -1 (constructor).
/// Source:  PyTorch Lightning 2.6, callbacks/model_summary.py, utilities/model_summary.
/// Differs: the size in MB is that of the parameters' own number formats. Sizes of layers come from
///          the operations that ran (observe_forward), as C++ modules have no hooks.
///          RichModelSummary is the same table.
class LEYDEN_API ModelSummary final : public Callback
{
public:
    explicit ModelSummary(
        const ModelSummaryOptions& options = {}, std::string name = "ModelSummary");
    std::string name() const override { return name_; }
    std::optional<std::vector<std::string>> logged_names(const RunFacts&) const override
    {
        return no_names();
    }
    void on_fit_start(Trainer& trainer, LightningModule& module) override;

private:
    int64_t max_depth_;
    std::string name_;
};

} // namespace leyden
