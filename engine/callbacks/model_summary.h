// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/callbacks/callback.h"
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
};

struct ModuleSummary
{
    std::vector<LayerSummary> layers;
    int64_t trainable_parameters = 0;
    int64_t total_parameters = 0;
    double megabytes = 0.0;
    int64_t modules_in_train_mode = 0;
    int64_t modules_in_eval_mode = 0;
};

/// Layers down to max_depth (1: direct children, -1: all, 0: totals only).
LEYDEN_API ModuleSummary summarize(const torch::nn::Module& module, int64_t max_depth = 1);
LEYDEN_API std::string summary_table(const ModuleSummary& summary);

/// Tells the table of layers at the start of a fit.
/// Source: PyTorch Lightning 2.6, callbacks/model_summary.py.
class LEYDEN_API ModelSummary final : public Callback
{
public:
    explicit ModelSummary(int64_t max_depth = 1) : max_depth_(max_depth) {}
    std::string name() const override { return "ModelSummary"; }
    void on_fit_start(Trainer& trainer, LightningModule& module) override;

private:
    int64_t max_depth_;
};

} // namespace leyden
