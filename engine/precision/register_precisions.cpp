// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/precision/register_precisions.h"

#include "engine/config/check_options.h"
#include "engine/core/factories.h"
#include "engine/precision/mixed_precision.h"
#include "engine/precision/precision_options.h"
#include "engine/precision/true_precision.h"

#include <c10/core/Device.h>

#include <cmath>

namespace leyden {
namespace {

GradScalerOptions scaler_options(const std::map<std::string, double>& said)
{
    GradScalerOptions options;
    const auto take = [&](const char* name, auto& field) {
        if (const auto found = said.find(name); found != said.end())
            field = std::decay_t<decltype(field)>(found->second);
    };
    take("init_scale", options.init_scale);
    take("growth_factor", options.growth_factor);
    take("backoff_factor", options.backoff_factor);
    take("growth_interval", options.growth_interval);
    return options;
}

std::unique_ptr<Precision> make_mixed(const MixedPrecisionOptions& options)
{
    const auto device = c10::Device(options.device).type();
    if (options.precision == "bf16-mixed")
        return std::make_unique<MixedPrecision>(device);
    return std::make_unique<MixedPrecision>(
        device, scaler_options(options.scaler.value_or(std::map<std::string, double>())));
}

template <class Options, class Make>
void add(Registry& registry, const char* name, const char* help, Make make)
{
    registry.add<Options>(ComponentKind::Precision, name, help,
        PrecisionFactory(options_factory<PrecisionFactory, Options>(make)));
}

} // namespace

void describe(OptionTable<MixedPrecisionOptions>& table)
{
    using T = MixedPrecisionOptions;
    table.add("precision", &T::precision, "What operations compute in; parameters stay float32")
        .choices({"16-mixed", "bf16-mixed"})
        .required();
    table.add("device", &T::device, "Kind of device whose operations it reaches")
        .choices({"cpu", "cuda", "mps"})
        .required();
    table.add("scaler", &T::scaler, "How the loss is scaled in 16-mixed")
        .keys({"init_scale", "growth_factor", "backoff_factor", "growth_interval"})
        .each_above(0)
        .details("Arguments of GradScaler. Unset: 65536, 2, 0.5 and 2000.")
        .depends_on("precision", "16-mixed")
        .advanced();
    table.check([](const T& options, OptionClashes& clashes) {
        if (!options.scaler)
            return;
        if (options.precision == "bf16-mixed")
            clashes.add("scaler", "bf16-mixed needs none; leave it out");
        const auto said = scaler_options(*options.scaler);
        if (said.growth_factor <= 1)
            clashes.add("scaler", "expected a growth_factor above 1");
        if (said.backoff_factor >= 1)
            clashes.add("scaler", "expected a backoff_factor below 1");
        const auto interval = options.scaler->find("growth_interval");
        if (interval != options.scaler->end() && interval->second != std::floor(interval->second))
            clashes.add("scaler", "expected a growth_interval of whole steps");
    });
}

void describe(OptionTable<HalfPrecisionOptions>& table)
{
    table
        .add("precision", &HalfPrecisionOptions::precision,
            "Format of parameters, buffers and inputs")
        .choices({"16-true", "bf16-true"});
}

void describe(OptionTable<NoPrecisionOptions>&) { }

void register_precisions(Registry& registry)
{
    add<NoPrecisionOptions>(registry, "Precision",
        "precision 32-true: float32, nothing is converted",
        [](const NoPrecisionOptions&) { return std::make_unique<Precision>(); });
    add<MixedPrecisionOptions>(registry, "MixedPrecision",
        "precision 16-mixed, bf16-mixed: operations compute in 16 bits, parameters stay float32",
        make_mixed);
    add<HalfPrecisionOptions>(registry, "HalfPrecision",
        "precision 16-true, bf16-true: parameters and inputs have 16 bits",
        [](const HalfPrecisionOptions& options) {
            return std::make_unique<HalfPrecision>(
                options.precision == "16-true" ? at::kHalf : at::kBFloat16);
        });
    add<NoPrecisionOptions>(registry, "DoublePrecision",
        "precision 64-true: parameters and inputs are float64",
        [](const NoPrecisionOptions&) { return std::make_unique<DoublePrecision>(); });
}

} // namespace leyden
