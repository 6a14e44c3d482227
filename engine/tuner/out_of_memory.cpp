// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/tuner/out_of_memory.h"

#include <ATen/DeviceAccelerator.h>
#include <c10/util/Exception.h>

#include <new>
#include <string_view>

namespace leyden {

bool is_out_of_memory(const std::exception& error)
{
    if (dynamic_cast<const std::bad_alloc*>(&error)
        || dynamic_cast<const c10::OutOfMemoryError*>(&error))
        return true;
    const auto* torch_error = dynamic_cast<const c10::Error*>(&error);
    const std::string_view text
        = torch_error ? torch_error->what_without_backtrace() : error.what();
    const auto has
        = [&](std::string_view part) { return text.find(part) != std::string_view::npos; };
    return (has("CUDA") && has("out of memory")) || has("cuDNN error: CUDNN_STATUS_NOT_SUPPORTED.")
        || has("DefaultCPUAllocator: can't allocate memory")
        || has("DefaultCPUAllocator: not enough memory");
}

void empty_device_cache()
{
    if (const auto device = at::accelerator::getAccelerator(); device && *device != c10::kCPU)
        at::accelerator::emptyCache();
}

} // namespace leyden
