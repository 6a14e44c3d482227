// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/config/option_table.h"

#include <string>

namespace leyden {

enum class WriteInterval;

/// Ours: what users of Lightning write on top of BasePredictionWriter.
struct PredictionWriterOptions
{
    std::string output_dir;         ///< not empty
    WriteInterval write_interval{}; ///< OnBatch
};

void describe(OptionTable<PredictionWriterOptions>& table);

} // namespace leyden
