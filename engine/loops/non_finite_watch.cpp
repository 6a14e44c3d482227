// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/loops/non_finite_watch.h"

#include "engine/core/lightning_module.h"
#include "engine/loops/fit_loop.h"
#include "engine/trainer/trainer.h"

#include <ATen/ops/isfinite.h>

#include <cmath>

namespace leyden {

bool NonFiniteWatch::is_first(const at::Tensor& loss) const
{
    if (has_told_ || !loss.defined() || loss.device().type() != c10::kCPU)
        return false;
    if (loss.numel() != 1)
        return !at::isfinite(loss.detach()).all().item<bool>();
    const bool is_float = loss.scalar_type() == at::kFloat;
    return !std::isfinite(
        is_float ? double(*static_cast<const float*>(loss.const_data_ptr())) : loss.item<double>());
}

void NonFiniteWatch::report(Trainer& trainer)
{
    has_told_ = true;
    NonFiniteEvent event{.metric = "loss",
        .epoch = trainer.current_epoch(),
        .batch_idx = trainer.fit_loop().epoch_loop.batch_idx(),
        .global_step = trainer.global_step(),
        .layer = {}};
    const auto is_bad = [](const at::Tensor& tensor) {
        return tensor.defined() && !at::isfinite(tensor.detach()).all().item<bool>();
    };
    const auto parameters = trainer.lightning_module().named_parameters();
    const auto name_first = [&](auto&& tensor_of) {
        for (const auto& parameter : parameters) {
            if (!event.layer.empty())
                return;
            if (is_bad(tensor_of(parameter.value())))
                event.layer = parameter.key();
        }
    };
    name_first([](const at::Tensor& parameter) { return parameter; });
    name_first([](const at::Tensor& parameter) { return parameter.grad(); });
    trainer.tell(event);
    trainer.warn("the loss is not finite at step " + std::to_string(event.global_step)
        + (event.layer.empty() ? std::string()
                               : "; the first layer with such values: " + event.layer));
}

} // namespace leyden
