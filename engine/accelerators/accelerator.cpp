// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/accelerators/accelerator.h"

#include "engine/core/errors.h"

#include <ATen/Context.h>

namespace leyden {

Accelerator Accelerator::resolve(const std::string& accelerator)
{
    const bool has_cuda = at::globalContext().hasCUDA();
    if (accelerator == "cpu" || (accelerator == "auto" && !has_cuda))
        return {"cpu", c10::Device(c10::kCPU)};
    if (accelerator == "auto" || accelerator == "cuda" || accelerator == "gpu") {
        if (!has_cuda)
            throw MisconfigurationError("accelerator = '" + accelerator
                + "': no CUDA device was found on this machine; use cpu or auto");
        return {"cuda", c10::Device(c10::kCUDA, 0)};
    }
    throw MisconfigurationError(
        "accelerator = '" + accelerator + "': not available yet; use auto, cpu, gpu or cuda");
}

} // namespace leyden
