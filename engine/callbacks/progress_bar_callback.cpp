// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/callbacks/progress_bar_callback.h"

#include "engine/config/check_options.h"

namespace leyden {

void describe(OptionTable<TQDMProgressBarOptions>& table)
{
    using Options = TQDMProgressBarOptions;
    table
        .add("refresh_rate", &Options::refresh_rate,
            "Batches between two updates of the bar; 0: no bar")
        .at_least(0)
        .unit("batches")
        .details("The bar is drawn ten times a second at most.");
    table
        .add("process_position", &Options::process_position,
            "Lines that the bar stands below the cursor")
        .at_least(0)
        .at_most(100)
        .advanced()
        .details("For several programs that draw in one terminal.");
    table.add("leave", &Options::leave, "Leave the bar of each epoch standing");
}

void describe(OptionTable<RichProgressBarOptions>& table)
{
    using Options = RichProgressBarOptions;
    table.add("refresh_rate", &Options::refresh_rate, "Updates of the bar a second; 0: no bar")
        .at_least(0)
        .unit("per second")
        .details("The bar is drawn ten times a second at most.");
    table.add("leave", &Options::leave, "Leave the bar of each epoch standing");
}

ProgressBarCallback::ProgressBarCallback(const TQDMProgressBarOptions& options)
    : name_("TQDMProgressBar")
    , style_{.batches_between = options.refresh_rate,
          .seconds_between = 0.0,
          .position = options.process_position,
          .stays = options.leave,
          .is_shown = options.refresh_rate > 0}
{
    check_options(options);
}

ProgressBarCallback::ProgressBarCallback(const RichProgressBarOptions& options)
    : name_("RichProgressBar")
    , style_{.batches_between = 1,
          .seconds_between = options.refresh_rate > 0 ? 1.0 / double(options.refresh_rate) : 0.0,
          .position = 0,
          .stays = options.leave,
          .is_shown = options.refresh_rate > 0}
{
    check_options(options);
}

} // namespace leyden
