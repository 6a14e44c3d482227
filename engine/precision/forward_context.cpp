// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/precision/forward_context.h"

#include <ATen/autocast_mode.h>
#include <c10/core/DefaultDtype.h>

namespace leyden {

DefaultDtypeGuard::DefaultDtypeGuard(c10::ScalarType dtype)
{
    previous_ = c10::get_default_dtype_as_scalartype();
    changed_ = previous_ != dtype;
    if (changed_)
        c10::set_default_dtype(c10::scalarTypeToTypeMeta(dtype));
}

DefaultDtypeGuard::~DefaultDtypeGuard()
{
    if (changed_)
        c10::set_default_dtype(c10::scalarTypeToTypeMeta(previous_));
}

AutocastGuard::AutocastGuard(c10::DeviceType device, c10::ScalarType dtype)
    : device_(device)
    , was_enabled_(at::autocast::is_autocast_enabled(device))
    , was_cached_(at::autocast::is_autocast_cache_enabled())
    , previous_(at::autocast::get_autocast_dtype(device))
{
    at::autocast::set_autocast_enabled(device, true);
    at::autocast::set_autocast_dtype(device, dtype);
    at::autocast::increment_nesting();
    at::autocast::set_autocast_cache_enabled(false);
}

AutocastGuard::~AutocastGuard()
{
    if (at::autocast::decrement_nesting() == 0)
        at::autocast::clear_cache();
    at::autocast::set_autocast_enabled(device_, was_enabled_);
    at::autocast::set_autocast_dtype(device_, previous_);
    at::autocast::set_autocast_cache_enabled(was_cached_);
}

} // namespace leyden
