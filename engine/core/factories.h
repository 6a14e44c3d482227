// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/config/component_config.h"
#include "engine/config/registry.h"
#include "engine/core/data_module.h"
#include "engine/core/errors.h"
#include "engine/optim/lr_scheduler.h"
#include "engine/optim/optimizer.h"

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace leyden {

class Callback;
class LightningModule;
class Logger;
class Precision;
class Profiler;

using NamedParameters = std::vector<std::pair<std::string, at::Tensor>>;

// How each kind of component is made from its checked init_args.
using ModelFactory = std::function<std::shared_ptr<LightningModule>(const Json&, const DataSpec&)>;
using DataFactory = std::function<std::shared_ptr<LightningDataModule>(const Json&)>;
using OptimizerFactory
    = std::function<std::shared_ptr<Optimizer>(const Json&, const NamedParameters&)>;
using LRSchedulerFactory = std::function<std::shared_ptr<LRScheduler>(const Json&, Optimizer&)>;
using CallbackFactory = std::function<std::unique_ptr<Callback>(const Json&)>;
using LoggerFactory = std::function<std::unique_ptr<Logger>(const Json&)>;
using PrecisionFactory = std::function<std::unique_ptr<Precision>(const Json&)>;
using ProfilerFactory = std::function<std::unique_ptr<Profiler>(const Json&)>;

/// The factory of a component. Throws MisconfigurationError where the name is unknown or the kind
/// has no such factory.
template <class Factory>
const Factory& factory_of(const Registry& registry, ComponentKind kind, const std::string& name)
{
    const auto* info = registry.find(kind, name);
    const auto* factory = info ? std::any_cast<Factory>(&info->factory) : nullptr;
    if (!factory)
        throw MisconfigurationError(std::string(kind_name(kind)) + " '" + name + "': unknown");
    return *factory;
}

/// Wraps `make(Options, args...)` so that it reads the options from init_args first.
template <class Factory, class Options, class Make> Factory options_factory(Make make)
{
    return [make](const Json& init_args, auto&&... rest) {
        return make(read_options<Options>(init_args), std::forward<decltype(rest)>(rest)...);
    };
}

} // namespace leyden
