// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/data/iterable_dataset.h"

#include <cstdint>
#include <memory>

namespace leyden {

/// One pass of a loader over an IterableDataset. `position` is that of an earlier pass, or None.
std::unique_ptr<BatchIterator> stream_iterator(std::shared_ptr<const IterableDataset> dataset,
    const DataLoaderOptions& options, int64_t base_seed, const StateTree& position);

} // namespace leyden
