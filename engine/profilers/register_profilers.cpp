// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/profilers/register_profilers.h"

#include "engine/core/factories.h"
#include "engine/profilers/simple_profiler.h"

namespace leyden {

void register_profilers(Registry& registry)
{
    ComponentInfo simple;
    simple.kind = ComponentKind::Profiler;
    simple.name = "simple";
    simple.help = "SimpleProfiler with its defaults";
    simple.factory
        = ProfilerFactory([](const Json&) { return std::make_unique<SimpleProfiler>(); });
    registry.add(std::move(simple));
    registry.add<SimpleProfilerOptions>(ComponentKind::Profiler, "SimpleProfiler",
        "Reports how often each hook and step ran, and how long it took",
        ProfilerFactory(options_factory<ProfilerFactory, SimpleProfilerOptions>(
            [](SimpleProfilerOptions options) {
                return std::make_unique<SimpleProfiler>(std::move(options));
            })));
}

} // namespace leyden
