// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/config/trainer_options.h"

#include <algorithm>
#include <cmath>

namespace leyden {

namespace {

const std::vector<std::string> timedelta_fields
    = {"days", "hours", "minutes", "seconds", "weeks", "milliseconds", "microseconds"};

/// A float is a share up to 1; above, it has to be a whole number of batches.
std::string check_share(const Json& value)
{
    if (!value.is_number_float())
        return {};
    const auto share = value.get<double>();
    return share > 1 && share != std::floor(share)
        ? "expected a share from 0.0 to 1.0 or a whole number of batches"
        : "";
}

std::string check_devices(const Json& value)
{
    const std::string later = "which is not available yet; available: \"auto\" or 1";
    if (value.is_array())
        return value.empty() ? "expected at least one device" : "";
    if (value.is_number_integer())
        return value == 0 ? "expected \"auto\" or 1; a run needs a device"
            : value == 1  ? ""
                          : later;
    if (!value.is_string())
        return {};
    const auto& text = value.get_ref<const std::string&>();
    const auto is_list
        = !text.empty() && text.find_first_not_of("0123456789,- ") == std::string::npos;
    return is_list && text != "1" && text != "0" ? later : "";
}

void describe_duration(OptionTable<TrainerOptions>& table)
{
    using T = TrainerOptions;
    table.begin_group("Duration");
    table.add("max_epochs", &T::max_epochs, "Epochs after which training ends; -1: no limit")
        .at_least(-1)
        .details("Unset: 1000, or no limit where max_steps or max_time is set. 0 trains nothing.");
    table.add("min_epochs", &T::min_epochs, "Epochs before a request to stop is followed")
        .at_least(0)
        .advanced();
    table.add("max_steps", &T::max_steps, "Optimizer steps after which training ends; -1: no limit")
        .at_least(-1)
        .unit("steps");
    table.add("min_steps", &T::min_steps, "Optimizer steps before a request to stop is followed")
        .at_least(0)
        .unit("steps")
        .advanced();
    table.add("max_time", &T::max_time, "Time after which training ends, as \"DD:HH:MM:SS\"")
        .pattern("\\d+:\\d\\d:\\d\\d:\\d\\d", "a time \"DD:HH:MM:SS\"")
        .keys(timedelta_fields)
        .each_at_least(0)
        .details("Or an object with days, hours, minutes, seconds. Looked at after every batch.");
}

void describe_batches(OptionTable<TrainerOptions>& table)
{
    using T = TrainerOptions;
    table.begin_group("Batches");
    const auto add_limit = [&](const char* name, std::optional<IntOrFloat> T::*member,
                               const char* help) {
        table.add(name, member, help)
            .at_least(0)
            .check(check_share)
            .advanced()
            .details(
                "A whole number counts batches, a number with a decimal point is a share: 1 is one "
                "batch, 1.0 is everything. 0 switches the stage off. Unset: everything.");
    };
    add_limit("limit_train_batches", &T::limit_train_batches,
        "Training batches of an epoch, or their share");
    add_limit("limit_val_batches", &T::limit_val_batches, "Validation batches, or their share");
    add_limit("limit_test_batches", &T::limit_test_batches, "Test batches, or their share");
    add_limit(
        "limit_predict_batches", &T::limit_predict_batches, "Prediction batches, or their share");
    table
        .add("overfit_batches", &T::overfit_batches, "Train and validate on the first batches only")
        .at_least(0)
        .check(check_share)
        .advanced()
        .not_yet();
    table
        .add("reload_dataloaders_every_n_epochs", &T::reload_dataloaders_every_n_epochs,
            "Ask for the loaders again every n epochs; 0: never")
        .at_least(0)
        .advanced()
        .not_yet();
}

void describe_validation(OptionTable<TrainerOptions>& table)
{
    using T = TrainerOptions;
    table.begin_group("Validation");
    table.add("val_check_interval", &T::val_check_interval, "When to validate inside an epoch")
        .at_least(0)
        .int_at_least(1)
        .pattern("\\s*[+-]?\\d+\\s*:\\s*[+-]?\\d+\\s*:\\s*[+-]?\\d+\\s*:\\s*[+-]?\\d+\\s*",
            "a time \"DD:HH:MM:SS\"")
        .keys(timedelta_fields)
        .each_at_least(0)
        .check(check_share)
        .details(
            "A share of the epoch (0.5: twice), a whole number of batches, or the time between two "
            "validations. Unset: 1.0, after the last batch. 0.0 validates after every batch.");
    table
        .add("check_val_every_n_epoch", &T::check_val_every_n_epoch,
            "Validate only in every n-th epoch")
        .not_value(0)
        .unit("epochs")
        .details("null: val_check_interval counts batches across epochs.");
    table
        .add("num_sanity_val_steps", &T::num_sanity_val_steps,
            "Validation batches that are tried before training; -1: all")
        .details(
            "Unset: 2. They find a broken validation step early and count for nothing. 0: none.")
        .advanced();
    table.add("inference_mode", &T::inference_mode, "Validate, test and predict in inference mode")
        .details("Off: gradients are only switched off. Validation inside fit never uses inference "
                 "mode.")
        .advanced();
}

void describe_optimization(OptionTable<TrainerOptions>& table)
{
    using T = TrainerOptions;
    table.begin_group("Optimization");
    table
        .add(
            "accumulate_grad_batches", &T::accumulate_grad_batches, "Batches of one optimizer step")
        .at_least(1)
        .unit("batches");
    table.add(
        "gradient_clip_val", &T::gradient_clip_val, "Largest gradient; unset or 0: no clipping");
    table
        .add("gradient_clip_algorithm", &T::gradient_clip_algorithm,
            "What is clipped: the norm of all gradients, or each value")
        .choices({"norm", "value"})
        .ignore_case()
        .depends_on("gradient_clip_val")
        .details("Unset: norm.");
}

void describe_hardware(OptionTable<TrainerOptions>& table)
{
    using T = TrainerOptions;
    table.begin_group("Hardware");
    table.add("accelerator", &T::accelerator, "Kind of device to train on")
        .choices({"auto", "cpu", "gpu", "cuda", "mps", "tpu"})
        .details("auto: the best one that is there. gpu: CUDA or MPS.");
    table.add("devices", &T::devices, "How many devices, or which")
        .choices({"auto", "1", 1})
        .later(ValueType::List)
        .check(check_devices)
        .advanced();
    table.add("strategy", &T::strategy, "How devices work together")
        .choices({"auto", "single_device"})
        .later({"ddp", "ddp_find_unused_parameters_false", "ddp_find_unused_parameters_true",
            "ddp_spawn", "ddp_spawn_find_unused_parameters_false",
            "ddp_spawn_find_unused_parameters_true", "ddp_fork",
            "ddp_fork_find_unused_parameters_false", "ddp_fork_find_unused_parameters_true",
            "ddp_notebook", "ddp_notebook_find_unused_parameters_false",
            "ddp_notebook_find_unused_parameters_true", "fsdp", "fsdp_cpu_offload", "deepspeed",
            "deepspeed_stage_1", "deepspeed_stage_2", "deepspeed_stage_2_offload",
            "deepspeed_stage_3", "deepspeed_stage_3_offload", "deepspeed_stage_3_offload_nvme",
            "xla", "single_xla"})
        .ignore_case()
        .advanced();
    table.add("num_nodes", &T::num_nodes, "Machines in the job").at_least(1).advanced().not_yet();
    table.add("precision", &T::precision, "Number format of parameters and gradients")
        .choices({"32-true", "64-true", "32", "64", 32, 64})
        .later({"16-mixed", "bf16-mixed", "16-true", "bf16-true", "16", "bf16", 16,
            "transformer-engine", "transformer-engine-float16"})
        .details("Unset: 32-true.");
    table.add("sync_batchnorm", &T::sync_batchnorm, "Batch norm over all devices")
        .advanced()
        .not_yet();
    table
        .add("use_distributed_sampler", &T::use_distributed_sampler,
            "Give each device its own samples")
        .advanced()
        .not_yet();
    table.add("plugins", &T::plugins, "Other precision, checkpoint or cluster plug-ins")
        .component(ComponentKind::Precision)
        .advanced()
        .not_yet({Json::array()});
}

void describe_logging(OptionTable<TrainerOptions>& table)
{
    using T = TrainerOptions;
    table.begin_group("Logging");
    table.add("logger", &T::logger, "Where metrics go")
        .component(ComponentKind::Logger)
        .details("true or unset: CSVLogger. false or []: metrics are written nowhere.");
    table.add("callbacks", &T::callbacks, "What happens beside the training")
        .component(ComponentKind::Callback);
    table
        .add("log_every_n_steps", &T::log_every_n_steps,
            "Optimizer steps between two rows of training metrics")
        .unit("steps")
        .details("Unset: 50. 0: never. Metrics of an epoch are always written.");
    table.add("enable_checkpointing", &T::enable_checkpointing, "Write checkpoints")
        .details("Unset: true. Without a ModelCheckpoint among the callbacks, the newest epoch is "
                 "kept.");
    table.add("enable_progress_bar", &T::enable_progress_bar, "Show a progress bar").advanced();
    table.add("enable_model_summary", &T::enable_model_summary, "Print the table of layers")
        .advanced();
    table
        .add("default_root_dir", &T::default_root_dir,
            "Folder of logs and checkpoints without a logger")
        .details("Unset: the working folder.")
        .advanced();
    table.add("profiler", &T::profiler, "Measure where the time goes")
        .component(ComponentKind::Profiler)
        .advanced()
        .not_yet();
    table
        .add("enable_autolog_hparams", &T::enable_autolog_hparams,
            "Write hyper-parameters to the loggers")
        .advanced()
        .not_yet();
    table.add("model_registry", &T::model_registry, "Name of a remote store of models")
        .advanced()
        .not_yet();
}

void describe_debugging(OptionTable<TrainerOptions>& table)
{
    using T = TrainerOptions;
    table.begin_group("Reproducibility");
    table
        .add("deterministic", &T::deterministic,
            "Only algorithms that give the same numbers every time")
        .choices({"warn"})
        .advanced()
        .not_yet({false});
    table.add("benchmark", &T::benchmark, "Let cuDNN try which algorithm is fastest")
        .advanced()
        .not_yet({false});
    table.begin_group("Debugging");
    table.add("fast_dev_run", &T::fast_dev_run, "Run a few batches of everything, as a test")
        .at_least(0)
        .advanced()
        .not_yet({0});
    table
        .add("detect_anomaly", &T::detect_anomaly,
            "Say which operation made the first NaN in backward")
        .advanced()
        .not_yet();
    table
        .add("barebones", &T::barebones, "Switch off everything beside the training, to measure it")
        .advanced()
        .not_yet();
}

ComponentList callbacks_of(const TrainerOptions& options)
{
    if (!options.callbacks)
        return {};
    if (const auto* one = std::get_if<ComponentConfig>(&*options.callbacks))
        return {*one};
    return std::get<ComponentList>(*options.callbacks);
}

void check_interval(const TrainerOptions& options, OptionClashes& clashes)
{
    if (!options.check_val_every_n_epoch && options.val_check_interval
        && std::holds_alternative<double>(*options.val_check_interval))
        clashes.add("val_check_interval",
            "found " + Json(std::get<double>(*options.val_check_interval)).dump()
                + " while check_val_every_n_epoch is null; expected a whole number of batches or a "
                  "time");
}

void check_callbacks(const TrainerOptions& options, OptionClashes& clashes)
{
    const auto is_bar = [](const ComponentConfig& callback) {
        return callback.class_path == "TQDMProgressBar" || callback.class_path == "RichProgressBar"
            || callback.class_path == "ProgressBar";
    };
    const auto is_checkpoint = [](const ComponentConfig& callback) {
        return callback.class_path == "ModelCheckpoint"
            || callback.class_path == "OnExceptionCheckpoint";
    };
    const auto callbacks = callbacks_of(options);
    const auto bars = std::count_if(callbacks.begin(), callbacks.end(), is_bar);
    if (bars > 1)
        clashes.add(
            "callbacks", "found " + std::to_string(bars) + " progress bars, expected one at most");
    if (bars > 0 && options.enable_progress_bar == false)
        clashes.add("enable_progress_bar",
            "found false while callbacks has a progress bar; remove one of them");
    const auto checkpoint = std::find_if(callbacks.begin(), callbacks.end(), is_checkpoint);
    if (checkpoint != callbacks.end() && options.enable_checkpointing == false)
        clashes.add("enable_checkpointing",
            "found false while callbacks has a " + checkpoint->class_path + "; remove one of them");
}

} // namespace

void describe(OptionTable<TrainerOptions>& table)
{
    describe_duration(table);
    describe_validation(table);
    describe_batches(table);
    describe_optimization(table);
    describe_hardware(table);
    describe_logging(table);
    describe_debugging(table);
    table.check(check_interval);
    table.check(check_callbacks);
}

} // namespace leyden
