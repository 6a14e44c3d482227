// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/callbacks/callback.h"

#include <typeinfo>

namespace leyden {

Callback::~Callback() = default;

bool Callback::replaces(const Callback& other) const
{
    return typeid(*this) == typeid(other);
}

} // namespace leyden
