// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/config/trainer_options.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <regex>
#include <set>
#include <sstream>

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

/// Ids in a text such as "0,2"; nothing where it is no such list.
std::optional<std::vector<int64_t>> device_ids(const std::string& text)
{
    const auto is_list = text.find(',') != std::string::npos
        && text.find_first_not_of("0123456789, ") == std::string::npos;
    if (!is_list || text.size() > 100)
        return std::nullopt;
    std::vector<int64_t> ids;
    std::stringstream stream(text);
    for (std::string part; std::getline(stream, part, ',');) {
        if (part.find_first_of("0123456789") != std::string::npos)
            ids.push_back(std::strtoll(part.c_str(), nullptr, 10));
    }
    return ids;
}

std::string check_device_count(int64_t count)
{
    return count == 0 ? "expected \"auto\" or 1; a run needs a device"
        : count < -1  ? "expected \"auto\", 1, or -1 for all GPUs"
        : count > 1   ? "which is not available yet; available: one device, as \"auto\", 1, or [0]"
                      : "";
}

/// Lightning's other profilers.
std::string check_profiler(const Json& value)
{
    const auto name = value.is_object() ? value.value("class_path", Json()) : value;
    for (const char* known :
        {"advanced", "AdvancedProfiler", "pytorch", "PyTorchProfiler", "xla", "XLAProfiler"}) {
        if (name == known)
            return "which is not available yet; available: \"simple\" and SimpleProfiler";
    }
    return "";
}

std::string check_device_ids(const std::set<int64_t>& ids, std::size_t size)
{
    return size == 0         ? "expected at least one device"
        : ids.size() != size ? "expected each device once"
        : size > 1 ? "which is not available yet; available: one device, as \"auto\", 1, or [0]"
                   : "";
}

std::string check_devices(const Json& value)
{
    std::set<int64_t> ids;
    if (value.is_array()) {
        for (const auto& id : value) {
            if (!id.is_number_integer()) // the rules say more
                return {};
            ids.insert(id.get<int64_t>());
        }
        return check_device_ids(ids, value.size());
    }
    if (value.is_number_integer())
        return check_device_count(value.get<int64_t>());
    if (!value.is_string())
        return {};
    const auto& text = value.get_ref<const std::string&>();
    if (const auto list = device_ids(text)) {
        ids.insert(list->begin(), list->end());
        return check_device_ids(ids, list->size());
    }
    static const std::regex number(" *-?[0-9]{1,9} *");
    return text.size() <= 100 && std::regex_match(text, number)
        ? check_device_count(std::stoll(text))
        : "";
}

/// Lightning has these, by a package that only Python can load.
std::string check_precision(const Json& value)
{
    return value.is_string()
            && value.get_ref<const std::string&>().starts_with("transformer-engine")
        ? "whose FP8 layers are a Python package of NVIDIA's, which a C++ program cannot load; use "
          "\"bf16-mixed\""
        : "";
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
    const auto add_limit = [&](const char* name, std::optional<IntOrFloat> T::* member,
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
        .details("A whole number counts batches, a number with a decimal point is a share. It "
                 "takes the place "
                 "of limit_train_batches and limit_val_batches, unless these are 0, and nothing is "
                 "shuffled. 0: off.");
    table
        .add("reload_dataloaders_every_n_epochs", &T::reload_dataloaders_every_n_epochs,
            "Ask for the loaders again every n epochs; 0: never")
        .at_least(0)
        .unit("epochs")
        .advanced();
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
        .pattern(" *(auto|-?[0-9]{1,9}|[0-9][0-9 ]*,[0-9, ]*) *",
            "\"auto\", a number of devices, or ids such as \"0,1\"")
        .each_at_least(0)
        .check(check_devices)
        .details("On GPUs a number of them, -1 for all, or ids in a list: [0]. On a CPU the number "
                 "of processes.")
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
        .choices({"32-true", "64-true", "16-mixed", "bf16-mixed", "16-true", "bf16-true", "32",
            "64", "16", "bf16", 32, 64, 16})
        .check(check_precision)
        .details("Unset: 32-true. mixed: operations compute in 16 bits, parameters stay float32; "
                 "true: everything has that format. 16-mixed on a CPU is bf16-mixed.");
    table.add("sync_batchnorm", &T::sync_batchnorm, "Batch norm over all devices")
        .advanced()
        .details("One device alone has nothing to share.");
    table
        .add("use_distributed_sampler", &T::use_distributed_sampler,
            "Give each device its own samples")
        .advanced()
        .details("One device alone gets them all.");
    table.add("plugins", &T::plugins, "Precision with arguments of its own, SLURMEnvironment")
        .component(ComponentKind::Precision)
        .details("A precision stands in place of the option precision. leyden list precisions "
                 "names them all.")
        .advanced();
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
        .output_path()
        .details("Unset: the working folder.")
        .advanced();
    table.add("profiler", &T::profiler, "Measure where the time goes")
        .component(ComponentKind::Profiler)
        .check(check_profiler)
        .advanced()
        .details("Its report comes at the end, in the log and in the run folder's profiler.");
    table
        .add("enable_autolog_hparams", &T::enable_autolog_hparams,
            "Write hyper-parameters to the loggers")
        .advanced();
    table.add("model_registry", &T::model_registry, "Name of a remote store of models")
        .advanced()
        .details("Taken as Lightning takes it without such a store: it has no effect.");
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
        .details("\"warn\": operations without such an algorithm warn instead of failing. Unset: "
                 "as LibTorch is.");
    table.add("benchmark", &T::benchmark, "Let cuDNN try which algorithm is fastest")
        .advanced()
        .details("Unset: as LibTorch is, but false with deterministic.");
    table.begin_group("Debugging");
    table.add("fast_dev_run", &T::fast_dev_run, "Run a few batches of everything, as a test")
        .at_least(0)
        .advanced()
        .details("true is one batch, a number that many. One epoch; no logs, checkpoints, sanity "
                 "check or early stop.");
    table
        .add("detect_anomaly", &T::detect_anomaly,
            "Say which operation made the first NaN in backward")
        .advanced()
        .details("The run ends there. Much slower: only to look for a fault.");
    table
        .add("barebones", &T::barebones, "Switch off everything beside the training, to measure it")
        .advanced()
        .details(
            "No logger, checkpoint, progress bar, summary or sanity check; log() does nothing.");
}

bool is_set(const std::optional<std::variant<bool, ComponentConfig, ComponentList>>& logger)
{
    const auto* flag = logger ? std::get_if<bool>(&*logger) : nullptr;
    return logger && (!flag || *flag);
}

void check_barebones(const TrainerOptions& options, OptionClashes& clashes)
{
    if (!options.barebones)
        return;
    const auto check = [&](const char* option, bool asks, const Json& value) {
        if (asks)
            clashes.add(option,
                "found " + (value.is_string() ? value.get<std::string>() : value.dump())
                    + " while barebones is true, which switches it off; remove one of them");
    };
    const auto dev_run
        = std::visit([](auto batches) { return Json(batches); }, options.fast_dev_run);
    const auto log_every = options.log_every_n_steps.value_or(0);
    const auto sanity = options.num_sanity_val_steps.value_or(0);
    check("enable_checkpointing", options.enable_checkpointing == true, true);
    check("logger", is_set(options.logger), "a logger");
    check("enable_progress_bar", options.enable_progress_bar == true, true);
    check("enable_model_summary", options.enable_model_summary == true, true);
    check("log_every_n_steps", log_every != 0, log_every);
    check("num_sanity_val_steps", sanity != 0, sanity);
    check("fast_dev_run", dev_run != false && dev_run != 0, dev_run);
    check("detect_anomaly", options.detect_anomaly, true);
    check("profiler", options.profiler.has_value(), "a profiler");
}

/// Ids and "all" are of GPUs. What `auto` means is known only where the run begins.
void check_cpu_devices(const TrainerOptions& options, OptionClashes& clashes)
{
    if (options.accelerator != "cpu")
        return;
    const auto* text = std::get_if<std::string>(&options.devices);
    const auto* count = std::get_if<int64_t>(&options.devices);
    const bool counts_all = count ? *count == -1 : text && text->find('-') != std::string::npos;
    if (counts_all || std::holds_alternative<std::vector<int64_t>>(options.devices)
        || (text && device_ids(*text)))
        clashes.add("devices",
            "found "
                + std::visit([](const auto& devices) { return Json(devices); }, options.devices)
                    .dump()
                + " while accelerator is \"cpu\", where devices is a number of processes; expected "
                  "\"auto\" or 1");
}

ComponentList callbacks_of(const TrainerOptions& options)
{
    if (!options.callbacks)
        return {};
    if (const auto* one = std::get_if<ComponentConfig>(&*options.callbacks))
        return {*one};
    return std::get<ComponentList>(*options.callbacks);
}

void check_plugins(const TrainerOptions& options, OptionClashes& clashes)
{
    ComponentList precisions;
    ComponentList environments;
    for (const auto& plugin : options.plugins.value_or(ComponentList{}))
        (plugin.class_path == slurm_environment ? environments : precisions).push_back(plugin);
    if (environments.size() > 1)
        clashes.add("plugins",
            "found " + std::to_string(environments.size()) + " times " + slurm_environment
                + ", expected one at most");
    if (precisions.size() > 1)
        clashes.add("plugins",
            "found " + std::to_string(precisions.size())
                + " precision plug-ins, expected one at most");
    if (!precisions.empty() && options.precision)
        clashes.add("precision",
            "found "
                + std::visit([](const auto& said) { return Json(said).dump(); }, *options.precision)
                + " while plugins has a " + precisions.front().class_path + "; remove one of them");
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
    // Set by themselves, or switched off by barebones.
    const bool has_no_bar = options.enable_progress_bar == false || options.barebones;
    const bool has_no_checkpoints = options.enable_checkpointing == false || options.barebones;
    const auto bars = std::count_if(callbacks.begin(), callbacks.end(), is_bar);
    if (bars > 1)
        clashes.add(
            "callbacks", "found " + std::to_string(bars) + " progress bars, expected one at most");
    const auto add = [&](const char* option, const std::string& what) {
        clashes.add(options.barebones ? "barebones" : option,
            (options.barebones ? "found true while callbacks has a "
                               : "found false while callbacks has a ")
                + what + "; remove one of them");
    };
    if (bars > 0 && has_no_bar)
        add("enable_progress_bar", "progress bar");
    const auto checkpoint = std::find_if(callbacks.begin(), callbacks.end(), is_checkpoint);
    if (checkpoint != callbacks.end() && has_no_checkpoints)
        add("enable_checkpointing", checkpoint->class_path);
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
    table.check(check_plugins);
    table.check(check_callbacks);
    table.check(check_barebones);
    table.check(check_cpu_devices);
}

} // namespace leyden
