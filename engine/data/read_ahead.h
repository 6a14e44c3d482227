// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/export.h"
#include "engine/data/data_loader.h"

#include <exception>
#include <memory>

namespace leyden {

/// Reads one batch ahead, so that the last batch of a pass of unknown length is known as the last.
///
/// State:   that of the source after the batches given, without the one read ahead.
/// Source:  PyTorch Lightning 2.6, loops/fetchers.py (_PrefetchDataFetcher).
/// Differs: what reading ahead throws comes at the place of its own batch, after the batch before it
///          was given.
class LEYDEN_API ReadAhead final : public BatchIterator
{
public:
    explicit ReadAhead(std::unique_ptr<BatchIterator> source); ///< reads the first batch
    bool next(Batch& batch) override;
    StateTree state_dict() const override { return state_; }
    bool is_done() const { return is_done_; } ///< no batch follows the one given last

private:
    void read();

    std::unique_ptr<BatchIterator> source_;
    StateTree state_;
    Batch ahead_;
    bool has_ahead_ = false;
    bool is_done_ = false;
    std::exception_ptr error_;
};

} // namespace leyden
