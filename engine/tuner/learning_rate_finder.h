// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/tuner/learning_rate_finder_options.h"
#include "engine/tuner/lr_suggestion.h"
#include "engine/tuner/tuner_callback.h"

#include <optional>
#include <string>

namespace leyden {

/// Looks for a learning rate before a fit begins: trains with rates that rise from min_lr to
/// max_lr, and suggests one from how the loss went. Then everything is put back, and the fit starts
/// with the suggestion.
///
/// Curve:    the loss of each step, smoothed (0.98 of the average so far) and corrected for its
///           beginning; it ends early where it exceeds early_stop_threshold times its lowest value.
/// Sets:     the module's attribute (lr, learning_rate or attr_name) and every group's rate; a
///           model of a run config needs no attribute.
/// Throws:   MisconfigurationError for bad options (constructor), several optimizers or no
///           attribute (find).
/// Differs:  the random state is put back whole, so that the fit that follows is the one that would
///           have begun with that rate; Lightning's has drawn one number already. max_epochs is
///           that of the fit alone: it does not cut the search short.
/// Source:   PyTorch Lightning 2.6, callbacks/lr_finder.py, tuner/lr_finder.py.
class LEYDEN_API LearningRateFinder final : public TunerCallback
{
public:
    explicit LearningRateFinder(LearningRateFinderOptions options = {});

    std::string name() const override { return "LearningRateFinder"; }
    std::optional<std::vector<std::string>> logged_names(const RunFacts&) const override
    {
        return no_names();
    }
    void find(Trainer& trainer, LightningModule& module) override;

    const LRCurve& curve() const { return curve_; }
    std::optional<double> suggestion() const { return suggested_lr(curve_, options_.suggestion); }

private:
    std::string attribute_of(const LightningModule& module) const;
    void measure(Trainer& trainer);

    LearningRateFinderOptions options_;
    LRCurve curve_;
};

} // namespace leyden
