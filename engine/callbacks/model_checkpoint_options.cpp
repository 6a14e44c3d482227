// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/callbacks/model_checkpoint_options.h"

namespace leyden {

void describe(OptionTable<ModelCheckpointOptions>& table)
{
    using Options = ModelCheckpointOptions;
    table
        .add("dirpath", &Options::dirpath,
            "Folder of the checkpoints; unset: checkpoints/ in the run folder")
        .output_path()
        .advanced();
    table.add("filename", &Options::filename,
        "Template of the file name, e.g. \"{epoch}-{val_loss:.2f}\"; unset: \"{epoch}-{step}\"");
    table
        .add("monitor", &Options::monitor,
            "Metric that decides which checkpoints are kept; unset: the newest")
        .names_of(NamesOf::Metrics);
    table.add("verbose", &Options::verbose, "Write a line for each checkpoint").advanced();
    table.add("save_last", &Options::save_last, "Also keep last.ckpt, the newest state")
        .choices({"link"})
        .advanced();
    table
        .add("always_refresh_last", &Options::always_refresh_last,
            "Write last.ckpt at each save; off: only where one of the best was saved, as Lightning "
            "does")
        .advanced();
    table.add("save_top_k", &Options::save_top_k, "How many of the best to keep; -1: all, 0: none")
        .at_least(-1);
    table.add("save_on_exception", &Options::save_on_exception, "Save when the run fails")
        .advanced();
    table
        .add("save_weights_only", &Options::save_weights_only,
            "Leave optimizer and loop state out; such a file cannot be resumed")
        .advanced();
    table.add("mode", &Options::mode, "Whether smaller or larger is better")
        .choices({{"min", MonitorMode::Min}, {"max", MonitorMode::Max}});
    table
        .add("auto_insert_metric_name", &Options::auto_insert_metric_name,
            "Write name=value for each field of the template")
        .advanced();
    table
        .add("every_n_train_steps", &Options::every_n_train_steps,
            "Save every n optimizer steps; 0: off")
        .at_least(0)
        .advanced();
    table
        .add("train_time_interval", &Options::train_time_interval,
            "Save when this much time has passed")
        .advanced();
    table
        .add("every_n_epochs", &Options::every_n_epochs,
            "Save every n epochs; 0: off; unset: 1 where no other trigger is set")
        .at_least(0);
    table
        .add("save_on_train_epoch_end", &Options::save_on_train_epoch_end,
            "Save at the end of training epochs instead of after validation")
        .advanced();
    table
        .add("enable_version_counter", &Options::enable_version_counter,
            "Add -v1, -v2 instead of overwriting a file")
        .advanced();
}

} // namespace leyden
