// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/trainer/slurm_options.h"

#include "engine/config/registry.h"
#include "engine/config/run_config.h"
#include "engine/core/factories.h"
#include "engine/precision/precision.h"

#include <algorithm>
#include <utility>
#include <vector>

#include <csignal>

namespace leyden {
namespace {

/// Those that a job may be sent and that mean nothing else to a run.
const std::vector<std::pair<const char*, int>> signals{
    {"SIGUSR1", SIGUSR1}, {"SIGUSR2", SIGUSR2}, {"SIGALRM", SIGALRM}, {"SIGCONT", SIGCONT}};

} // namespace

void describe(OptionTable<SLURMEnvironmentOptions>& table)
{
    using T = SLURMEnvironmentOptions;
    table.add("auto_requeue", &T::auto_requeue,
        "Give the job back to the queue when its signal comes, with a checkpoint to go on from");
    std::vector<Json> names;
    for (const auto& [name, number] : signals)
        names.emplace_back(name);
    table
        .add("requeue_signal", &T::requeue_signal,
            "Signal by which SLURM says that the time is nearly over")
        .choices(names)
        .depends_on("auto_requeue")
        .details("That of #SBATCH --signal=USR1@90.");
}

SLURMEnvironmentOptions slurm_options(const RunConfig& config)
{
    for (const auto& plugin : config.trainer.plugins.value_or(ComponentList{}))
        if (plugin.class_path == slurm_environment)
            return read_options<SLURMEnvironmentOptions>(plugin.init_args);
    return {};
}

int requeue_signal(const SLURMEnvironmentOptions& options)
{
    const auto found = std::find_if(signals.begin(), signals.end(),
        [&](const auto& signal) { return options.requeue_signal == signal.first; });
    return found == signals.end() ? SIGUSR1 : found->second;
}

void register_environments(Registry& registry)
{
    // No precision: whoever handles signals asks slurm_options().
    const auto make = [](const SLURMEnvironmentOptions&) { return std::unique_ptr<Precision>(); };
    registry.add<SLURMEnvironmentOptions>(ComponentKind::Precision, slurm_environment,
        "A job of SLURM: whether and by which signal it goes back to the queue",
        PrecisionFactory(options_factory<PrecisionFactory, SLURMEnvironmentOptions>(make)));
}

} // namespace leyden
