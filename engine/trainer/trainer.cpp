// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/trainer/trainer.h"

#include "engine/accelerators/accelerator.h"
#include "engine/callbacks/callback.h"
#include "engine/checkpoint/checkpoint_writer.h"
#include "engine/core/data_warnings.h"
#include "engine/core/errors.h"
#include "engine/core/generators.h"
#include "engine/core/lightning_module.h"
#include "engine/core/spin_throttle.h"
#include "engine/loggers/csv_logger.h"
#include "engine/loggers/dummy_logger.h"
#include "engine/loggers/logger_queue.h"
#include "engine/loops/evaluation_loop.h"
#include "engine/loops/fit_loop.h"
#include "engine/loops/prediction_loop.h"
#include "engine/profilers/profiler.h"
#include "engine/strategies/strategy.h"
#include "engine/trainer/backend_flags.h"
#include "engine/trainer/call.h"
#include "engine/trainer/checkpoint_connector.h"
#include "engine/trainer/run_command_text.h"
#include "engine/trainer/run_printer.h"
#include "engine/trainer/run_steering.h"
#include "engine/tuner/tuner_callback.h"

#include <ATen/Parallel.h>
#include <c10/util/Exception.h>
#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include <csignal>

namespace leyden {
namespace {

/// A precision that was handed over takes the place of the plan's.
std::unique_ptr<Strategy> make_strategy(
    TrainerPlan& plan, std::unique_ptr<Precision> precision, bool is_precision_named)
{
    auto accelerator = Accelerator::resolve(plan.accelerator, plan.devices);
    if (precision && is_precision_named)
        throw MisconfigurationError(
            "precision: a precision plug-in was given as well; leave out one of them");
    if (!precision) {
        if (plan.precision == PrecisionKind::Float16Mixed && accelerator.device.is_cpu()) {
            plan.precision = PrecisionKind::BFloat16Mixed;
            plan.notes.push_back({true,
                fmt::format("precision = {}: there is no float16 autocast on a CPU; {} is used",
                    "16-mixed", "bf16-mixed")}); // formatted: GCC 12 warns without cause where a
                                                 // literal is moved in
        }
        precision = Precision::make(plan.precision, accelerator.device.type());
    }
    return std::make_unique<SingleDeviceStrategy>(std::move(accelerator), std::move(precision));
}

/// The frames say nothing to those who read what(), and a program prints it. The type stays.
void drop_backtrace(c10::Error& error)
{
    c10::Error plain(error.msg(), nullptr, error.caller());
    for (const auto& place : error.context())
        plain.add_context(place);
    error = plain;
}

/// No command of a person is dropped without a word; a fit that went well can still be discarded.
std::optional<StopVerb> end_commands(Trainer& trainer, bool is_discardable, const char* why)
{
    std::optional<StopVerb> verb;
    if (!trainer.control())
        return verb;
    for (const auto& command : trainer.control()->take()) {
        const auto* stop = std::get_if<StopCommand>(&command);
        if (is_discardable && stop && stop->verb == StopVerb::Discard)
            verb = stop->verb;
        else
            trainer.warn(came_too_late(command, why));
    }
    return verb;
}

template <class Part>
void refuse_null(const char* name, const std::vector<std::unique_ptr<Part>>& parts)
{
    for (size_t i = 0; i < parts.size(); ++i) {
        if (!parts[i])
            throw MisconfigurationError(
                fmt::format("TrainerParts::{}: item {} is null; leave it out", name, i));
    }
}

double to_seconds(Clock::Duration duration)
{
    return std::chrono::duration<double>(duration).count();
}

} // namespace

TrainerParts::TrainerParts() = default;
TrainerParts::~TrainerParts() = default;
TrainerParts::TrainerParts(TrainerParts&&) noexcept = default;
TrainerParts& TrainerParts::operator=(TrainerParts&&) noexcept = default;

Trainer::Trainer(const TrainerOptions& options, TrainerParts parts)
    : plan_(resolve(options))
    , parts_(std::move(parts))
    , clock_(parts_.clock ? *parts_.clock : Clock::system())
    , files_(parts_.files ? *parts_.files : FileSystem::local())
    , own_control_(
          !parts_.control && parts_.handles_signals ? std::make_unique<RunControl>() : nullptr)
    , control_(own_control_ ? own_control_.get() : parts_.control)
    , observer_(parts_.observer)
    , callbacks_(std::move(parts_.callbacks))
    , loggers_(std::move(parts_.loggers))
    , strategy_(make_strategy(plan_, std::move(parts_.precision), options.precision.has_value()))
    , profiler_(std::move(parts_.profiler))
    , fit_loop_(std::make_unique<FitLoop>(*this))
    , validate_loop_(std::make_unique<EvaluationLoop>(*this, EvaluationKind::Validate))
    , test_loop_(std::make_unique<EvaluationLoop>(*this, EvaluationKind::Test))
    , predict_loop_(std::make_unique<PredictionLoop>(*this))
    , checkpoint_writer_(std::make_unique<CheckpointWriter>(
          files_, [this] { flush_loggers(); }, [this] { has_checkpoint_news_ = true; }))
{
    refuse_null("callbacks", callbacks_);
    refuse_null("loggers", loggers_);
    if (!observer_ && parts_.prints) {
        printer_ = std::make_unique<RunPrinter>(
            PrintStyle::of_terminal(), bar_style_of(plan_.enable_progress_bar, callbacks_));
        observer_ = printer_.get();
    }
    const bool uses_default_logger = !options.logger
        || (std::get_if<bool>(&*options.logger) && std::get<bool>(*options.logger));
    if (loggers_.empty() && uses_default_logger && !plan_.barebones)
        loggers_.push_back(std::make_unique<CSVLogger>(
            CSVLoggerOptions{.save_dir = plan_.default_root_dir.string()}));
    if (plan_.fast_dev_run > 0 && !loggers_.empty()) {
        loggers_.clear();
        loggers_.push_back(std::make_unique<DummyLogger>());
    }
    plan_.default_root_dir = parts_.root / plan_.default_root_dir;
    fit_loop_->steering().replay = std::move(parts_.replay);
    attach_callbacks(options);
    if (!parts_.trace_file.empty())
        trace_ = std::make_unique<TraceWriter>(files_, output_path(parts_.trace_file),
            [this](const std::string& text) { warn(text); });
}

Trainer::~Trainer() = default;

void Trainer::fit(
    LightningModule& module, LightningDataModule& data, const std::filesystem::path& ckpt_path)
{
    run(TrainerFn::Fit, module, &data, ckpt_path);
}

EvaluationResults Trainer::validate(
    LightningModule& module, LightningDataModule& data, const std::filesystem::path& ckpt_path)
{
    run(TrainerFn::Validate, module, &data, ckpt_path);
    return std::move(evaluation_results_);
}

EvaluationResults Trainer::test(
    LightningModule& module, LightningDataModule& data, const std::filesystem::path& ckpt_path)
{
    run(TrainerFn::Test, module, &data, ckpt_path);
    return std::move(evaluation_results_);
}

std::vector<std::vector<StateTree>> Trainer::predict(
    LightningModule& module, LightningDataModule& data, const std::filesystem::path& ckpt_path)
{
    run(TrainerFn::Predict, module, &data, ckpt_path);
    return std::move(predictions_);
}

void Trainer::fit(LightningModule& module, const std::filesystem::path& ckpt_path)
{
    run(TrainerFn::Fit, module, nullptr, ckpt_path);
}

EvaluationResults Trainer::validate(LightningModule& module, const std::filesystem::path& ckpt_path)
{
    run(TrainerFn::Validate, module, nullptr, ckpt_path);
    return std::move(evaluation_results_);
}

EvaluationResults Trainer::test(LightningModule& module, const std::filesystem::path& ckpt_path)
{
    run(TrainerFn::Test, module, nullptr, ckpt_path);
    return std::move(evaluation_results_);
}

std::vector<std::vector<StateTree>> Trainer::predict(
    LightningModule& module, const std::filesystem::path& ckpt_path)
{
    run(TrainerFn::Predict, module, nullptr, ckpt_path);
    return std::move(predictions_);
}

void Trainer::run_guarded(TrainerFn fn, LightningModule& module, LightningDataModule* data,
    const std::filesystem::path& ckpt_path)
{
    state_ = {TrainerStatus::Running, fn, RunningStage::None};
    resumed_from_
        = ckpt_path.empty() ? std::string() : std::filesystem::absolute(ckpt_path).string();
    is_checkpoint_failing_ = false;
    should_stop = false;
    fit_loop_->pending_stops = 0;
    is_beside_the_run_ = false;
    stopped_by_.reset();
    phase = LoopPhase::Start;
    module_ = &module;
    module_life_ = module.lifetime_.watch();
    data_ = data;
    data_life_ = data ? data->lifetime_.watch() : std::weak_ptr<const void>();
    is_automatic_ = module.automatic_optimization;
    auto* const outer = module.trainer_; // whose hook calls this one
    module.trainer_ = this;
    module.device_ = strategy_->root_device();
    connector_.attach(&module, [this](std::string text) { warn(std::move(text)); });
    for (const auto& note : plan_.notes)
        message(
            note.is_warning ? MessageEvent::Level::Warning : MessageEvent::Level::Info, note.text);
    const BackendFlags flags(plan_, strategy_->root_device().is_cuda());
    const TorchWarnings warnings(
        [this](std::string text) { connector_.warn_once(std::move(text)); });
    const SpinThrottle throttle(at::get_num_threads());
    const auto release = [&] {
        fit_loop_->release();
        validate_loop_->release();
        test_loop_->release();
        predict_loop_->release();
        connector_.set_results(nullptr);
        connector_.attach(nullptr, {});
        queues_.clear();
        module.trainer_ = outer;
        state_.stage = RunningStage::None;
    };
    try {
        try {
            run_stages(fn, ckpt_path);
        } catch (const TunerExit&) {
            strategy_->teardown(module);
            finish_run(fn);
        }
    } catch (c10::Error& error) {
        error.add_context(place_text());
        if (const std::string whole = error.what(); whole != error.what_without_backtrace())
            message(MessageEvent::Level::Debug, whole);
        drop_backtrace(error);
        state_.status = TrainerStatus::Interrupted;
        after_exception(error);
        release();
        throw;
    } catch (const std::exception& error) {
        state_.status = TrainerStatus::Interrupted;
        after_exception(error);
        release();
        throw;
    } catch (...) { // a user's hook may throw anything
        state_.status = TrainerStatus::Interrupted;
        after_exception(Error("an error of an unknown kind"));
        release();
        throw;
    }
    release();
    state_.status = TrainerStatus::Finished;
}

std::string Trainer::place_text() const
{
    const auto& training = fit_loop_->epoch_loop;
    const auto evaluating = [&](const char* what) {
        return fmt::format("{} batch {}", what, evaluation_loop().batch_progress.current.ready - 1);
    };
    switch (state_.stage) {
    case RunningStage::Training:
        return training.batch_progress.current.ready > 0
            ? fmt::format("epoch {}, training batch {}", current_epoch(), training.batch_idx())
            : std::string("before the first training batch");
    case RunningStage::SanityChecking:
        return evaluating("sanity check, validation");
    case RunningStage::Validating:
        return state_.fn == TrainerFn::Fit
            ? fmt::format("epoch {}, {}", current_epoch(), evaluating("validation"))
            : evaluating("validation");
    case RunningStage::Testing:
        return evaluating("test");
    case RunningStage::Predicting:
        return fmt::format("prediction batch {}", predict_loop_->batch_progress.current.ready - 1);
    case RunningStage::None:
        break;
    }
    return fmt::format("set-up of {}", to_string(state_.fn));
}

void Trainer::after_exception(const std::exception& error)
{
    // What happens here must not hide the error that brought us here.
    const auto attempt = [this](auto&& action) {
        try {
            action();
        } catch (const std::exception& second) {
            warn(fmt::format("while ending the run: {}", second.what()));
        }
    };
    attempt([&] { wait_for_checkpoints(); });
    const bool is_training = state_.fn == TrainerFn::Fit
        && (state_.stage == RunningStage::Training || state_.stage == RunningStage::Validating);
    const auto* interrupted = dynamic_cast<const RunInterrupted*>(&error);
    // it has its checkpoint
    const bool is_requeued = interrupted && interrupted->signal() == SIGUSR1;
    if (interrupted && !is_requeued && is_training && plan_.enable_checkpointing
        && plan_.fast_dev_run == 0)
        attempt([&] { save_checkpoint(log_dir() / "checkpoints" / "on_exception.ckpt"); });
    if (is_training) // how far it came, not how far it was 0.1 s ago
        attempt([&] {
            fit_loop_->steering().tell_progress(StageKind::Training,
                fit_loop_->epoch_loop.batch_progress.current.completed, fit_loop_->max_batches);
        });
    attempt([&] {
        if (is_requeued)
            return;
        call_callbacks(
            *this, Hook::OnException, [&](Callback& c) { c.on_exception(*this, *module_, error); });
        wait_for_checkpoints();
        call_datamodule(
            *this, Hook::OnException, [&](LightningDataModule& d) { d.on_exception(error); });
    });
    for (auto& queue : queues_)
        attempt(
            [&] { queue->finalize(is_requeued ? LoggerStatus::Success : LoggerStatus::Failed); });
    tell_reports();
    if (is_training) // as a person who interrupts it wants to see it
        attempt([&] { report_profile(); });
    end_commands(*this, false, "the run had ended by an error or an interrupt");
    attempt([&] { strategy_->teardown(*module_); });
}

void Trainer::run_stages(TrainerFn fn, const std::filesystem::path& ckpt_path)
{
    const bool fits = fn == TrainerFn::Fit;
    CheckpointConnector checkpoint(*this);
    const auto rows_logged_before = rows_logged_;
    check_steps(fn);
    attach_model_callbacks();
    if (fits)
        check_optimization();
    strategy_->setup_environment();
    if (profiler_)
        profiler_->setup(to_string(fn));
    call_datamodule(*this, Hook::PrepareData, [](LightningDataModule& d) { d.prepare_data(); });
    call_module(*this, Hook::PrepareData, [](LightningModule& m) { m.prepare_data(); });
    if (!ckpt_path.empty()) // read first: a file that cannot be used must leave no trace in the run
                            // folder
        checkpoint.load(ckpt_path);
    const bool is_first_run = !has_opened_loggers_;
    open_loggers();
    if (is_first_run
        && !parts_
            .resume_in_place) // there the folder stays untouched until the checkpoint turned out
                              // to fit
        tell_folder();
    call_datamodule(*this, Hook::Setup, [&](LightningDataModule& d) { d.setup(fn); });
    if (data_) {
        for (auto& warning : DataWarnings::of(*data_))
            warn(std::move(warning));
    }
    call_callbacks(*this, Hook::Setup, [&](Callback& c) { c.setup(*this, *module_, fn); });
    call_module(*this, Hook::Setup, [&](LightningModule& m) { m.setup(fn); });
    call_module(*this, Hook::ConfigureModel, [](LightningModule& m) { m.configure_model(); });
    if (fits && !plan_.limit_val_batches.is_zero()) {
        const bool has_loader = has_val_dataloader();
        if (has_loader && !module_->has_validation_step())
            warn("there is validation data, but the module has no validation_step: fit skips "
                 "validation");
        else if (!has_loader && module_->has_validation_step() && !module_->logged_names())
            warn("the module has a validation_step, but there is no val_dataloader: fit skips "
                 "validation");
    }

    checkpoint.restore_modules_and_callbacks();
    connector_.reset_metrics();
    strategy_->setup(*module_);
    if (fits) {
        setup_optimizers();
        run_tuners(*this);
        call_both(*this, Hook::OnFitStart, &Callback::on_fit_start, &LightningModule::on_fit_start);
    }
    for (auto& parameter : module_->parameters()) // of an earlier run, or of a hook
        parameter.mutable_grad().reset();
    if (fits)
        checkpoint.restore_training_state();
    resumes_in_place_ = std::exchange(parts_.resume_in_place, false); // a later run goes on here
    if (resumes_in_place_) {
        tell_folder();
        for (auto& logger : loggers_)
            logger->resume_at(rows_logged_);
    } else {
        rows_logged_ = rows_logged_before;
    }
    for (auto& queue : queues_) {
        if (plan_.enable_autolog_hparams && module_->logs_hparams && module_->hparams.size() > 0)
            queue->log_hyperparams(module_->hparams);
    }

    train_start_ = clock_.monotonic();
    paused_ = {};
    switch (fn) {
    case TrainerFn::Fit:
        if (checkpoint.wants_sanity_check())
            run_sanity_check();
        checkpoint.restore_random_state();
        checkpoint.end();
        state_.stage = RunningStage::Training;
        run_fit_loop();
        wait_for_checkpoints();
        break;
    case TrainerFn::Validate:
        state_.stage = RunningStage::Validating;
        evaluation_results_ = validate_loop_->run();
        break;
    case TrainerFn::Test:
        state_.stage = RunningStage::Testing;
        evaluation_results_ = test_loop_->run();
        break;
    case TrainerFn::Predict:
        state_.stage = RunningStage::Predicting;
        predictions_ = predict_loop_->run();
        break;
    }

    strategy_->teardown(*module_);
    if (fits)
        call_both(*this, Hook::OnFitEnd, &Callback::on_fit_end, &LightningModule::on_fit_end);
    finish_run(fn);
    if (fits)
        remove_emergency_checkpoint();
}

void Trainer::finish_run(TrainerFn fn)
{
    call_datamodule(*this, Hook::Teardown, [&](LightningDataModule& d) { d.teardown(fn); });
    call_callbacks(*this, Hook::Teardown, [&](Callback& c) { c.teardown(*this, *module_, fn); });
    call_module(*this, Hook::Teardown, [&](LightningModule& m) { m.teardown(fn); });
    for (auto& queue : queues_)
        queue->finalize(LoggerStatus::Success);
    tell_reports();
    report_profile();
    if (const auto verb = end_commands(*this, fn == TrainerFn::Fit, "the run had ended"))
        stopped_by_ = verb;
}

void Trainer::run_fit_loop()
{
    const AnomalyGuard guard(plan_.detect_anomaly);
    try {
        fit_loop_->run();
    } catch (const c10::Error& error) {
        const auto function = plan_.detect_anomaly
            ? anomaly_function(error.what_without_backtrace())
            : std::string();
        if (function.empty())
            throw;
        throw NonFiniteError(
            fmt::format("detect_anomaly: the gradient of '{}' became NaN in epoch {}, batch {}; "
                        "look for a division by zero, a "
                        "root or logarithm of 0, or a learning rate that is too high before it",
                function, current_epoch(), fit_loop_->epoch_loop.batch_idx()));
    }
}

void Trainer::run_sanity_check()
{
    if (plan_.num_sanity_val_steps == 0 || !enable_validation())
        return;
    auto& loop = fit_loop_->epoch_loop.val_loop;
    const GeneratorGuard guard;
    state_.stage = RunningStage::SanityChecking;
    const auto on_start = [&](Callback& c) { c.on_sanity_check_start(*this, *module_); };
    const auto on_end = [&](Callback& c) { c.on_sanity_check_end(*this, *module_); };
    call_callbacks(*this, Hook::OnSanityCheckStart, on_start);
    loop.run();
    call_callbacks(*this, Hook::OnSanityCheckEnd, on_end);
    connector_.reset_results();
    connector_.reset_metrics();
    loop.batch_progress = {};
    loop.is_last_batch = false;
    state_.stage = RunningStage::Training;
}

void Trainer::open_loggers()
{
    for (auto& logger : loggers_) {
        if (!has_opened_loggers_)
            logger->open(files_, parts_.root,
                &logger == loggers_.data() ? parts_.run_dir : std::filesystem::path());
        queues_.push_back(std::make_unique<LoggerQueue>(*logger, [this](std::string failure) {
            // From the writer's thread: kept until the run's thread comes by.
            const std::lock_guard lock(reports_mutex_);
            reports_.push_back(std::move(failure));
            has_reports_ = true;
        }));
    }
    has_opened_loggers_ = true;
}

void Trainer::tell_folder()
{
    const bool has_folder = !loggers_.empty() && plan_.fast_dev_run == 0;
    if (has_folder || !parts_.run_dir.empty())
        tell(FolderEvent{log_dir().string()});
}

void Trainer::tell_reports()
{
    const std::lock_guard lock(reports_mutex_);
    for (auto& report : reports_)
        warn(report.empty() ? "the logger writes again" : "the logger cannot write: " + report);
    reports_.clear();
    has_reports_ = false;
}

int64_t Trainer::current_epoch() const
{
    return fit_loop_->epoch_progress.current.completed;
}

int64_t Trainer::global_step() const
{
    const auto& loop = fit_loop_->epoch_loop;
    return is_automatic_ ? loop.automatic_optimization.optimizer_steps()
                         : loop.manual_optimization.optimizer_steps();
}

int64_t Trainer::batches_that_stepped() const
{
    return fit_loop_->epoch_loop.batches_that_stepped;
}

int64_t Trainer::num_training_batches() const
{
    return fit_loop_->max_batches;
}

int64_t Trainer::num_val_batches() const
{
    return fit_loop_->epoch_loop.val_loop.max_batches();
}

bool Trainer::is_last_batch() const
{
    return fit_loop_->epoch_loop.is_last_batch;
}

int64_t Trainer::estimated_stepping_batches() const
{
    const auto epochs = plan_.live.max_epochs;
    if (epochs == -1)
        return plan_.max_steps;
    const auto k = plan_.live.accumulate_grad_batches;
    if (fit_loop_->max_batches == unknown_size)
        return plan_.max_steps;
    const auto steps = (fit_loop_->max_batches + k - 1) / k * std::max<int64_t>(epochs, 1);
    return plan_.max_steps == -1 ? steps : std::min(steps, plan_.max_steps);
}

EvaluationLoop& Trainer::evaluation_loop() const
{
    return state_.fn == TrainerFn::Test ? *test_loop_
        : state_.fn == TrainerFn::Fit   ? fit_loop_->epoch_loop.val_loop
                                        : *validate_loop_;
}

std::filesystem::path Trainer::log_dir() const
{
    if (!loggers_.empty() && !loggers_.front()->log_dir().empty())
        return loggers_.front()->log_dir();
    return parts_.run_dir.empty() ? plan_.default_root_dir : parts_.run_dir;
}

bool Trainer::should_update_logs() const
{
    const auto every = plan_.live.log_every_n_steps;
    if (every == 0)
        return false;
    const bool evaluates = state_.stage == RunningStage::SanityChecking
        || state_.stage == RunningStage::Validating || state_.stage == RunningStage::Testing;
    const auto step = evaluates ? evaluation_loop().batch_progress.current.ready
        : state_.stage == RunningStage::Predicting
        ? predict_loop_->batch_progress.current.ready
        : batches_that_stepped() + 1; // asked before the step, too
    return step % every == 0 || fit_loop_->wants_to_stop();
}

double Trainer::seconds() const
{
    return to_seconds(clock_.monotonic() - train_start_);
}

double Trainer::active_seconds() const
{
    return seconds() - to_seconds(paused_);
}

} // namespace leyden
