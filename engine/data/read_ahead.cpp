// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/data/read_ahead.h"

#include <utility>

namespace leyden {

ReadAhead::ReadAhead(std::unique_ptr<BatchIterator> source) : source_(std::move(source))
{
    read();
}

void ReadAhead::read()
{
    state_ = source_->state_dict();
    try {
        has_ahead_ = source_->next(ahead_);
        is_done_ = !has_ahead_;
    } catch (...) {
        error_ = std::current_exception();
    }
}

bool ReadAhead::next(Batch& batch)
{
    if (!has_ahead_ && !is_done_ && !error_)
        read(); // the batch that could not be read when it was asked for before
    if (error_)
        std::rethrow_exception(std::exchange(error_, nullptr));
    if (!has_ahead_)
        return false;
    batch = std::exchange(ahead_, {});
    has_ahead_ = false;
    read();
    return true;
}

} // namespace leyden
