// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/callbacks/throughput_monitor.h"

#include "engine/config/check_options.h"
#include "engine/core/lightning_module.h"
#include "engine/loops/evaluation_loop.h"
#include "engine/loops/fit_loop.h"
#include "engine/loops/prediction_loop.h"
#include "engine/strategies/strategy.h"
#include "engine/trainer/log_connector.h"
#include "engine/trainer/trainer.h"

#include <c10/core/impl/VirtualGuardImpl.h>

#include <spdlog/fmt/fmt.h>

#include <array>

namespace leyden {
namespace {

double now(const Trainer& trainer)
{
    return std::chrono::duration<double>(trainer.clock().monotonic()).count();
}

void wait_for(const c10::Device& device)
{
    if (!device.is_cpu())
        c10::impl::VirtualGuardImpl(device.type())
            .synchronizeDevice(device.has_index() ? device.index() : c10::DeviceIndex(0));
}

} // namespace

void describe(OptionTable<ThroughputMonitorOptions>& table)
{
    using Options = ThroughputMonitorOptions;
    table.add("window_size", &Options::window_size, "Batches that a speed is taken over")
        .at_least(2)
        .unit("batches");
    table.add("separator", &Options::separator, "What stands between the parts of a name")
        .advanced();
    table
        .add("available_flops", &Options::available_flops,
            "Operations a second that the device can do; unset: no mfu is logged")
        .above(0)
        .advanced()
        .unit("per second");
}

ThroughputMonitor::ThroughputMonitor(
    ThroughputMonitorOptions options, CountFn batch_size_fn, CountFn length_fn)
    : options_(std::move(options))
    , batch_size_fn_(batch_size_fn ? std::move(batch_size_fn)
                                   : [](const Batch& batch) { return extract_batch_size(batch); })
    , length_fn_(std::move(length_fn))
{
    check_options(options_);
}

ThroughputMonitor::Meter& ThroughputMonitor::meter(Stage stage)
{
    const auto known = meters_.find(stage);
    if (known != meters_.end())
        return known->second;
    return meters_
        .emplace(stage,
            Meter{.throughput
                = Throughput(options_.window_size, options_.separator, options_.available_flops)})
        .first->second;
}

void ThroughputMonitor::start(Trainer& trainer, Stage stage)
{
    const bool is_new = !meters_.contains(stage);
    auto& one = meter(stage);
    if (is_new || trainer.state().fn == TrainerFn::Fit) {
        one.throughput.reset();
        one.batches = one.samples = one.lengths = 0;
        one.seconds = 0.0;
    }
    if (stage == Stage::Train && resumed_.is_dict()) {
        one.batches = resumed_.at("batches").to_int();
        one.samples = resumed_.at("samples").to_int();
        one.lengths = resumed_.at("lengths").to_int();
        one.seconds = resumed_.at("seconds").to_double();
        resumed_ = {};
    }
    one.begin = now(trainer) - (stage == Stage::Train ? one.seconds : 0.0);
}

StateTree ThroughputMonitor::resume_state() const
{
    const auto found = meters_.find(Stage::Train);
    if (found == meters_.end())
        return resumed_;
    const auto& one = found->second;
    return StateTree::dict({{"batches", one.batches}, {"samples", one.samples},
        {"lengths", one.lengths}, {"seconds", one.seconds}});
}

void ThroughputMonitor::update(
    Trainer& trainer, const LightningModule& module, const Batch& batch, Stage stage)
{
    auto& one = meter(stage);
    wait_for(trainer.strategy().root_device());
    const auto elapsed = now(trainer) - one.begin;
    const auto flops = module.flops_per_batch();
    if (!flops && !std::exchange(told_no_flops_, true))
        trainer.warn("ThroughputMonitor logs no FLOPs: the model does not say flops_per_batch()");
    one.seconds = elapsed;
    one.batches += 1;
    one.samples += batch_size_fn_(batch);
    if (length_fn_)
        one.lengths += length_fn_(batch);
    one.throughput.update({.time = elapsed,
        .batches = one.batches,
        .samples = one.samples,
        .lengths = length_fn_ ? std::optional(one.lengths) : std::nullopt,
        .flops = flops});
}

void ThroughputMonitor::log(Trainer& trainer, Stage stage, std::optional<int64_t> iter_num)
{
    if (!trainer.should_update_logs())
        return;
    static constexpr std::array prefixes{"train", "validate", "test", "predict"};
    MetricRow row;
    row.values = meter(stage).throughput.compute();
    for (auto& value : row.values)
        value.name = prefixes[size_t(stage)] + options_.separator + value.name;
    row.step = iter_num.value_or(0);
    trainer.log_row(std::move(row), /*with_epoch=*/!iter_num);
}

void ThroughputMonitor::on_train_start(Trainer& trainer, LightningModule&)
{
    start(trainer, Stage::Train);
}

void ThroughputMonitor::on_train_batch_end(
    Trainer& trainer, LightningModule& module, const StateTree&, const Batch& batch, int64_t)
{
    update(trainer, module, batch, Stage::Train);
    if (!trainer.fit_loop().epoch_loop.should_accumulate())
        log(trainer, Stage::Train, {});
}

void ThroughputMonitor::on_validation_start(Trainer& trainer, LightningModule&)
{
    if (!trainer.sanity_checking())
        start(trainer, Stage::Validate);
}

void ThroughputMonitor::on_validation_batch_end(Trainer& trainer, LightningModule& module,
    const StateTree&, const Batch& batch, int64_t, int64_t)
{
    if (trainer.sanity_checking())
        return;
    update(trainer, module, batch, Stage::Validate);
    log(trainer, Stage::Validate, trainer.evaluation_loop().batch_progress.total.ready);
}

void ThroughputMonitor::on_validation_end(Trainer& trainer, LightningModule&)
{
    if (trainer.sanity_checking() || trainer.state().fn != TrainerFn::Fit)
        return;
    auto& training = meter(Stage::Train);
    const auto& validation = meter(Stage::Validate);
    const auto training_finished = training.begin + training.seconds;
    const auto between = validation.begin - training_finished;
    training.begin += between + validation.throughput.last_time();
}

void ThroughputMonitor::on_test_start(Trainer& trainer, LightningModule&)
{
    start(trainer, Stage::Test);
}

void ThroughputMonitor::on_test_batch_end(Trainer& trainer, LightningModule& module,
    const StateTree&, const Batch& batch, int64_t, int64_t)
{
    update(trainer, module, batch, Stage::Test);
    log(trainer, Stage::Test, trainer.evaluation_loop().batch_progress.total.ready);
}

void ThroughputMonitor::on_predict_start(Trainer& trainer, LightningModule&)
{
    start(trainer, Stage::Predict);
}

void ThroughputMonitor::on_predict_batch_end(Trainer& trainer, LightningModule& module,
    const StateTree&, const Batch& batch, int64_t, int64_t)
{
    update(trainer, module, batch, Stage::Predict);
    log(trainer, Stage::Predict, trainer.predict_loop().batch_progress.total.ready);
}

} // namespace leyden
