// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/config/component_config.h"
#include "engine/config/json.h"
#include "engine/core/export.h"

#include <string>
#include <vector>

namespace leyden {

class Registry;

/// Our name of a class that Lightning or torch have under a path of modules:
/// "lightning.pytorch.callbacks.EarlyStopping", "pytorch_lightning.callbacks.EarlyStopping" and
/// "torch.optim.lr_scheduler.StepLR". Any other name as it is.
LEYDEN_API std::string our_class(
    ComponentKind kind, const std::string& class_path, const Registry& registry);

/// Which of a file's sections is meant: LightningCLI's files may have fit, validate, test and
/// predict as their only keys.
struct CliSection
{
    std::string name;    ///< "": the file has no such sections
    std::string problem; ///< "" if all is well; else a sentence
};
LEYDEN_API CliSection cli_section(const std::vector<std::string>& keys, const std::string& verb);

/// Makes of what LightningCLI writes what a run config of ours says: class paths become our names,
/// `seed_everything: true` is left out (PL_GLOBAL_SEED, else 0), `false` becomes a seed drawn now,
/// the `monitor` of its ReduceLROnPlateau comes to stand beside class_path, and what only matters to
/// Python (weights_only, verbose, return_predictions, dict_kwargs) is left out. Anything else stays
/// as it is.
LEYDEN_API void take_lightning_cli(Json& document, const Registry& registry);

} // namespace leyden
