// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/callbacks/callback.h"
#include "engine/callbacks/progress_bar_options.h"
#include "engine/core/export.h"

#include <cstdint>
#include <string>

namespace leyden {

/// How the bar of a run is drawn.
struct BarStyle
{
    int64_t batches_between = 1;  ///< updates at most every n batches
    double seconds_between = 0.0; ///< and at most this often
    int64_t position = 0;         ///< lines below the cursor
    bool stays = false;           ///< the bar of an epoch is left standing
    bool is_shown = true;
};

/// The bar under Lightning's two names. It does nothing in its hooks: who shows the run (the
/// program's RunObserver) asks it how.
///
/// Source: PyTorch Lightning 2.6, callbacks/progress.
class LEYDEN_API ProgressBarCallback final : public Callback
{
public:
    explicit ProgressBarCallback(const TQDMProgressBarOptions& options);
    explicit ProgressBarCallback(const RichProgressBarOptions& options);

    std::string name() const override { return name_; }
    std::optional<std::vector<std::string>> logged_names(const RunFacts&) const override
    {
        return no_names();
    }
    const BarStyle& style() const { return style_; }

private:
    std::string name_;
    BarStyle style_;
};

} // namespace leyden
