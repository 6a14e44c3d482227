// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/data_module.h"
#include "engine/core/export.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace leyden {

enum class CombinedMode {
    MinSize,      ///< a batch of each; ends with the shortest
    MaxSize,      ///< a batch of each, None of those that have ended; ends with the longest
    MaxSizeCycle, ///< a batch of each; shorter ones begin again; ends with the longest
    Sequential,   ///< one loader after the other
};
LEYDEN_API const char* to_string(CombinedMode mode); ///< "min_size", ...

/// Several loaders as one. What a loader hook returns:
///
///     DataLoaders train_dataloader() override { return CombinedLoader({a, b},
///     CombinedMode::MinSize); }
///
/// A hook that returns several plain loaders gets Lightning's defaults: MaxSizeCycle in training,
/// where Sequential is refused; Sequential elsewhere, which predict alone insists on. One plain
/// loader is that
/// loader: its batches are not wrapped.
///
/// Batch:  a list of each loader's batch, in their order; of named loaders a dict. Sequential: that
///         of one loader.
/// Draws:  each loader's own, when its iterator is made: at once, of Sequential and where a cycle
///         begins again later.
/// Throws: MisconfigurationError for no loader (constructor).
/// Source: PyTorch Lightning 2.6, utilities/combined_loader.py.
class LEYDEN_API CombinedLoader
{
public:
    using Named = std::vector<std::pair<std::string, std::shared_ptr<DataLoader>>>;

    CombinedLoader(DataLoaders loaders, CombinedMode mode);
    CombinedLoader(Named loaders, CombinedMode mode); ///< batches are dicts
    operator DataLoaders() const;

    /// What a hook returned: a combined loader, or plain ones that take `mode`.
    static CombinedLoader of(const DataLoaders& returned, CombinedMode mode);

    CombinedMode mode() const { return mode_; }
    const DataLoaders& loaders() const { return loaders_; }
    bool shuffles() const;
    int64_t rows() const; ///< of the data sets, as the mode counts
    /// Batches of one pass where each loader gives so many.
    int64_t size(const std::vector<int64_t>& batches) const;

    /// One pass; of Sequential there is none: take the loaders.
    std::unique_ptr<BatchIterator> iterate();
    std::unique_ptr<BatchIterator> resume(const StateTree& position);
    CombinedLoader in_order() const; ///< over the same data, never shuffled

private:
    bool is_single() const { return is_plain_ && loaders_.size() == 1; }

    DataLoaders loaders_;
    std::vector<std::string> names_; ///< empty: batches are lists
    CombinedMode mode_;
    bool is_plain_ = false; ///< of a hook that combined nothing
};

} // namespace leyden
