// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/optim/register_optimizers.h"

#include "engine/core/factories.h"
#include "engine/optim/adagrad.h"
#include "engine/optim/adam.h"
#include "engine/optim/adam_variants.h"
#include "engine/optim/composite_lr.h"
#include "engine/optim/cosine_annealing_lr.h"
#include "engine/optim/cosine_annealing_warm_restarts.h"
#include "engine/optim/cyclic_lr.h"
#include "engine/optim/decay_lr.h"
#include "engine/optim/lambda_lr.h"
#include "engine/optim/lbfgs.h"
#include "engine/optim/muon.h"
#include "engine/optim/one_cycle_lr.h"
#include "engine/optim/param_groups.h"
#include "engine/optim/reduce_lr_on_plateau.h"
#include "engine/optim/rprop.h"
#include "engine/optim/sgd.h"
#include "engine/optim/step_lr.h"

#include <nlohmann/json.hpp>

#include <utility>

namespace leyden {

namespace {

void register_lr_schedulers(Registry& registry);

/// One group of all parameters, or one of those that no pattern matches and one a pattern.
template <class Made, class Options>
std::shared_ptr<Optimizer> make_optimizer(Options options, const NamedParameters& parameters)
{
    if constexpr (requires { options.param_groups; }) {
        const auto own = std::exchange(options.param_groups, {});
        const auto lists = split_parameters(parameters, own);
        std::vector<ParamGroup> groups;
        if (!lists.front().empty() || own.empty())
            groups.push_back(Made::group(lists.front(), options));
        for (size_t i = 0; i < own.size(); ++i) {
            groups.push_back(Made::group(lists[i + 1], overridden(options, own[i])));
            if (const auto name = own[i].find("name"); name != own[i].end())
                groups.back().options.set("name", std::get<std::string>(name->second));
        }
        auto optimizer = std::make_shared<Made>(std::move(groups));
        optimizer->set_defaults(Made::group({}, options));
        return optimizer;
    } else {
        std::vector<at::Tensor> params;
        for (const auto& [name, param] : parameters)
            params.push_back(param);
        return std::make_shared<Made>(std::move(params), options);
    }
}

template <class Made, class Options>
void add_optimizer(Registry& registry, const char* name, const char* help)
{
    registry.add<Options>(ComponentKind::Optimizer, name, help,
        OptimizerFactory(
            options_factory<OptimizerFactory, Options>(make_optimizer<Made, Options>)));
}

template <class Made, class Options> LRSchedulerFactory scheduler_factory()
{
    return options_factory<LRSchedulerFactory, Options>(
        [](const Options& options, Optimizer& optimizer) {
            return std::make_shared<Made>(optimizer, options);
        });
}

/// The schedulers that a composite names: those of this folder.
LRSchedulers schedulers_from(const std::vector<ComponentConfig>& configs, Optimizer& optimizer)
{
    Registry registry;
    register_lr_schedulers(registry);
    LRSchedulers schedulers;
    for (const auto& config : configs)
        schedulers.push_back(factory_of<LRSchedulerFactory>(
            registry, ComponentKind::LRScheduler, config.class_path)(config.init_args, optimizer));
    return schedulers;
}

void register_composites(Registry& registry)
{
    registry.add<SequentialLROptions>(ComponentKind::LRScheduler, "SequentialLR",
        "Lets several schedulers take turns",
        LRSchedulerFactory(options_factory<LRSchedulerFactory, SequentialLROptions>(
            [](const SequentialLROptions& options, Optimizer& optimizer) {
                return std::make_shared<SequentialLR>(
                    optimizer, schedulers_from(options.schedulers, optimizer), options.milestones);
            })));
    registry.add<ChainedSchedulerOptions>(ComponentKind::LRScheduler, "ChainedScheduler",
        "Lets several schedulers act together",
        LRSchedulerFactory(options_factory<LRSchedulerFactory, ChainedSchedulerOptions>(
            [](const ChainedSchedulerOptions& options, Optimizer& optimizer) {
                return std::make_shared<ChainedScheduler>(
                    optimizer, schedulers_from(options.schedulers, optimizer));
            })));
}

template <class Made, class Options>
void add_scheduler(Registry& registry, const char* name, const char* help)
{
    registry.add<Options>(
        ComponentKind::LRScheduler, name, help, scheduler_factory<Made, Options>());
}

void register_lr_schedulers(Registry& registry)
{
    add_scheduler<StepLR, StepLROptions>(
        registry, "StepLR", "Multiplies the rate by a factor at fixed distances");
    add_scheduler<MultiStepLR, MultiStepLROptions>(
        registry, "MultiStepLR", "Multiplies the rate by a factor at given steps");
    add_scheduler<ConstantLR, ConstantLROptions>(
        registry, "ConstantLR", "Keeps the rate at a share of itself for some steps");
    add_scheduler<LinearLR, LinearLROptions>(
        registry, "LinearLR", "Moves the rate in equal steps from one share of itself to another");
    add_scheduler<ExponentialLR, ExponentialLROptions>(
        registry, "ExponentialLR", "Multiplies the rate by a factor at every step");
    add_scheduler<PolynomialLR, PolynomialLROptions>(
        registry, "PolynomialLR", "Lowers the rate to 0 along a power of the steps left");
    add_scheduler<CosineAnnealingLR, CosineAnnealingLROptions>(
        registry, "CosineAnnealingLR", "Lowers the rate along half a cosine");
    add_scheduler<WarmupCosineLR, WarmupCosineLROptions>(registry, "WarmupCosineLR",
        "Raises the rate in equal steps, then lowers it along half a cosine");
    add_scheduler<CosineAnnealingWarmRestarts, CosineAnnealingWarmRestartsOptions>(registry,
        "CosineAnnealingWarmRestarts", "Lowers the rate along half a cosine, again and again");
    add_scheduler<OneCycleLR, OneCycleLROptions>(
        registry, "OneCycleLR", "Raises the rate, then lowers it far below the first one");
    add_scheduler<CyclicLR, CyclicLROptions>(
        registry, "CyclicLR", "Moves the rate up and down between two values");
    add_scheduler<ReduceLROnPlateau, ReduceLROnPlateauOptions>(registry, "ReduceLROnPlateau",
        "Multiplies the rate by a factor when a metric no longer improves");
    add_scheduler<LambdaLR, LambdaLROptions>(
        registry, "LambdaLR", "Multiplies the first rate by a formula of the step");
    register_composites(registry);
}

} // namespace

void register_optimizers(Registry& registry)
{
    add_optimizer<SGD, SGDOptions>(
        registry, "SGD", "Stochastic gradient descent, optionally with momentum");
    add_optimizer<Adam, AdamOptions>(
        registry, "Adam", "Steps scaled by running means of gradient and square");
    add_optimizer<AdamW, AdamWOptions>(registry, "AdamW", "Adam with decoupled weight decay");
    add_optimizer<NAdam, NAdamOptions>(registry, "NAdam", "Adam with Nesterov's momentum");
    add_optimizer<RAdam, RAdamOptions>(
        registry, "RAdam", "Adam whose scaling waits until the mean square is known well");
    add_optimizer<Adamax, AdamaxOptions>(
        registry, "Adamax", "Adam with the largest gradient in place of the mean square");
    add_optimizer<Adagrad, AdagradOptions>(
        registry, "Adagrad", "Steps scaled by the sum of all squares of the gradient");
    add_optimizer<Adadelta, AdadeltaOptions>(registry, "Adadelta",
        "Steps scaled by running means of the squares of gradients and updates");
    add_optimizer<RMSprop, RMSpropOptions>(
        registry, "RMSprop", "Steps scaled by the running mean of the gradient's square");
    add_optimizer<ASGD, ASGDOptions>(
        registry, "ASGD", "Stochastic gradient descent that also averages the parameters");
    add_optimizer<Rprop, RpropOptions>(
        registry, "Rprop", "Steps by the gradient's sign alone; for whole data sets in a batch");
    add_optimizer<LBFGS, LBFGSOptions>(registry, "LBFGS",
        "Newton's method with an estimated curvature; for whole data sets in a batch");
    add_optimizer<Muon, MuonOptions>(
        registry, "Muon", "Orthogonalized momentum, for models whose parameters are matrices");
    register_lr_schedulers(registry);
}

} // namespace leyden
