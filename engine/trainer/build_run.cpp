// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/trainer/build_run.h"

#include "engine/callbacks/callback.h"
#include "engine/checkpoint/weights_file.h"
#include "engine/checkpoint/with_file_name.h"
#include "engine/core/data_findings.h"
#include "engine/core/data_warnings.h"
#include "engine/core/factories.h"
#include "engine/core/generators.h"
#include "engine/core/state_tree_json.h"
#include "engine/loggers/logger.h"
#include "engine/precision/precision.h"
#include "engine/profilers/profiler.h"
#include "engine/trainer/thread_count.h"

#include <ATen/Parallel.h>

namespace leyden {
namespace {

/// A field that holds nothing, a flag, one component or a list of them.
template <class Field> ComponentList component_list(const Field& field)
{
    if (!field)
        return {};
    if constexpr (std::is_same_v<Field, std::optional<ComponentList>>) {
        return *field;
    } else {
        if (const auto* one = std::get_if<ComponentConfig>(&*field))
            return {*one};
        if (const auto* list = std::get_if<ComponentList>(&*field))
            return *list;
        return {};
    }
}

/// Those that train: what a callback froze joins the optimizer when it lets it go.
NamedParameters parameters_of(const LightningModule& module)
{
    NamedParameters parameters;
    for (const auto& parameter : module.named_parameters())
        if (parameter.value().requires_grad())
            parameters.emplace_back(parameter.key(), parameter.value());
    return parameters;
}

BuiltRun make_module(const RunConfig& config, const Registry& registry, const StateTree* checkpoint,
    const std::filesystem::path& file)
{
    BuiltRun run;
    if (config.num_threads)
        at::set_num_threads(int(*config.num_threads));
    seed_everything(config.seed_everything);
    run.data = factory_of<DataFactory>(registry, ComponentKind::Data, config.data.class_path)(
        config.data.init_args);
    run.data->hparams = from_json(config.data.init_args);
    if (const auto* state = checkpoint ? checkpoint->find(run.data->name()) : nullptr)
        with_file_name("use the checkpoint", file, [&] { run.data->load_state_dict(*state); });
    const auto& spec = run.data->spec();
    Json found;
    found["data"]["init_args"] = config.data.init_args;
    DataFindings::write(*run.data, found);
    run.data->hparams = from_json(found["data"]["init_args"]);
    run.module = factory_of<ModelFactory>(registry, ComponentKind::Model, config.model.class_path)(
        config.model.init_args, spec);
    if (!config.strict_loading)
        run.module->strict_loading = false;
    return run;
}

} // namespace

OptimizerSetup optimizers_of(
    const RunConfig& config, const Registry& registry, LightningModule& module)
{
    OptimizerSetup setup;
    const auto& make = factory_of<OptimizerFactory>(
        registry, ComponentKind::Optimizer, config.optimizer.class_path);
    setup.optimizers.push_back(make(config.optimizer.init_args, parameters_of(module)));
    if (const auto& said = config.lr_scheduler) {
        const auto& make_scheduler = factory_of<LRSchedulerFactory>(
            registry, ComponentKind::LRScheduler, said->scheduler.class_path);
        setup.lr_schedulers.push_back(
            {.scheduler = make_scheduler(said->scheduler.init_args, *setup.optimizers.front()),
                .interval = said->interval,
                .frequency = said->frequency,
                .monitor = said->monitor.value_or(""),
                .strict = said->strict,
                .name = said->name.value_or("")});
    }
    return setup;
}

ComponentList callbacks_of(const RunConfig& config)
{
    return component_list(config.trainer.callbacks);
}

BuiltRun build_run(const RunConfig& config, const Registry& registry, TrainerParts parts,
    const std::filesystem::path& checkpoint)
{
    auto& files = parts.files ? *parts.files : FileSystem::local();
    StateTree loaded;
    if (!checkpoint.empty())
        loaded = load_checkpoint_or_weights(files, checkpoint);
    const auto restore = parts.restore;
    auto run = make_module(
        config, registry, checkpoint.empty() || !restore.weights ? nullptr : &loaded, checkpoint);
    if (!config.num_threads)
        choose_threads(*run.module, *run.data);
    run.module->configured_optimizers = [config, &registry](LightningModule& module) {
        return optimizers_of(config, registry, module);
    };
    for (const auto& callback : callbacks_of(config))
        parts.callbacks.push_back(factory_of<CallbackFactory>(
            registry, ComponentKind::Callback, callback.class_path)(callback.init_args));
    for (const auto& logger : component_list(config.trainer.logger))
        parts.loggers.push_back(factory_of<LoggerFactory>(
            registry, ComponentKind::Logger, logger.class_path)(logger.init_args));
    for (const auto& plugin : component_list(config.trainer.plugins))
        if (plugin.class_path != slurm_environment) // that is read where signals are handled
            parts.precision = factory_of<PrecisionFactory>(
                registry, ComponentKind::Precision, plugin.class_path)(plugin.init_args);
    if (const auto& profiler = config.trainer.profiler)
        parts.profiler = factory_of<ProfilerFactory>(
            registry, ComponentKind::Profiler, profiler->class_path)(profiler->init_args);
    run.trainer = std::make_unique<Trainer>(config.trainer, std::move(parts));
    for (auto& warning : DataWarnings::of(*run.data))
        run.trainer->warn(std::move(warning));
    auto resolved = config.resolved;
    DataFindings::write(*run.data, resolved);
    run.trainer->run_config_text = resolved.dump(-1, ' ', false, Json::error_handler_t::replace);
    if (const auto* step = loaded.find("global_step"); step && step->is_int() && restore.loops)
        run.resumed_step = step->to_int();
    if (!checkpoint.empty())
        run.trainer->preload_checkpoint(checkpoint, std::move(loaded));
    return run;
}

BuiltRun build_model(const RunConfig& config, const Registry& registry, const StateTree* checkpoint,
    const std::filesystem::path& file)
{
    const GeneratorGuard guard;
    return make_module(config, registry, checkpoint, file);
}

} // namespace leyden
