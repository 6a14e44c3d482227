// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/data/iterable_dataset.h"

#include "engine/core/errors.h"

#include <c10/util/Type.h>

#include <typeinfo>

namespace leyden {

SampleStream::~SampleStream() = default;

std::string IterableDataset::name() const
{
    return c10::demangle(typeid(*this).name());
}

int64_t IterableDataset::size() const
{
    return unknown_size;
}

Batch IterableDataset::get_batch(std::span<const int64_t>) const
{
    throw DataError(name() + " is an IterableDataset: its samples come in order and have no index");
}

Batch IterableDataset::get_sample(int64_t) const
{
    return get_batch({});
}

} // namespace leyden
