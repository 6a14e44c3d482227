// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/callback_case.h"

#include "engine/callbacks/throughput_monitor.h"
#include "engine/callbacks/timer.h"
#include "engine/core/factories.h"
#include "engine/core/generators.h"
#include "engine/loggers/logger.h"
#include "engine/loops/fit_loop.h"
#include "engine/trainer/builtin_registry.h"
#include "tests/support/parts_model.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <fstream>
#include <iterator>
#include <limits>
#include <map>
#include <mutex>

namespace leyden::test {
namespace {

namespace fs = std::filesystem;

Json plain_number(double value)
{
    if (std::isfinite(value))
        return value;
    return std::isnan(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity";
}

const char* dtype_name(const at::Tensor& tensor)
{
    switch (tensor.scalar_type()) {
    case at::kFloat:
        return "float32";
    case at::kDouble:
        return "float64";
    case at::kLong:
        return "int64";
    case at::kByte:
        return "uint8";
    default:
        return c10::toString(tensor.scalar_type());
    }
}

Json plain_tensor(const at::Tensor& given)
{
    const auto tensor = given.detach().cpu().contiguous();
    const QByteArray bytes(
        static_cast<const char*>(tensor.const_data_ptr()), qsizetype(tensor.nbytes()));
    return {{"dtype", dtype_name(tensor)}, {"shape", tensor.sizes().vec()},
        {"hex", bytes.toHex().toStdString()}};
}

/// Keeps the rows; called on its own writer thread.
class RowLogger final : public Logger
{
public:
    explicit RowLogger(Json& rows) : rows_(rows) { }
    std::string name() const override { return "rows"; }
    std::string version() const override { return "0"; }
    fs::path log_dir() const override { return {}; }
    void open(FileSystem&, const fs::path&, const fs::path&) override { }
    void resume_at(int64_t) override { }
    void log_metrics(const MetricRow& row) override
    {
        const std::lock_guard lock(mutex_);
        auto values = Json::object();
        for (const auto& value : row.values)
            values[value.name]
                = value.is_integer ? Json(int64_t(value.value)) : plain_number(value.value);
        rows_.push_back({{"step", row.step}, {"values", std::move(values)}});
    }
    void finalize(LoggerStatus) override { }

private:
    std::mutex mutex_;
    Json& rows_;
};

/// What a checkpoint holds at the end of each epoch, and the points where one may be saved.
class Recorder final : public Callback
{
public:
    Recorder(CaseRun& run, std::function<void(Trainer&)> at_save_point)
        : run_(run), at_save_point_(std::move(at_save_point))
    {
    }
    std::string name() const override { return "Recorder"; }
    bool is_checkpoint() const override { return true; }
    bool is_monitoring() const override { return true; }
    void on_train_batch_end(
        Trainer& trainer, LightningModule&, const StateTree&, const Batch&, int64_t) override
    {
        save(trainer);
    }
    void on_validation_end(Trainer& trainer, LightningModule&) override
    {
        if (!trainer.sanity_checking())
            save(trainer);
    }
    void on_train_epoch_end(Trainer& trainer, LightningModule& module) override
    {
        auto parts = plain(trainer.dump_checkpoint());
        if (parts.contains("leyden"))
            parts["leyden"].erase("rows_logged"); // of the files of this folder alone
        parts["param_groups"] = parts.at("optimizer_states").at(0).at("param_groups");
        parts["accumulate_grad_batches"] = trainer.live().accumulate_grad_batches;
        parts["requires_grad"] = Json::array();
        for (const auto& parameter : module.named_parameters())
            if (parameter.value().requires_grad())
                parts["requires_grad"].push_back(parameter.key());
        std::sort(parts["requires_grad"].begin(), parts["requires_grad"].end());
        run_.epochs.push_back(std::move(parts));
        save(trainer);
    }

private:
    void save(Trainer& trainer)
    {
        if (at_save_point_)
            at_save_point_(trainer);
    }

    CaseRun& run_;
    std::function<void(Trainer&)> at_save_point_;
};

/// Time that stands still unless the run moves it on.
class ManualClock final : public Clock
{
public:
    Duration monotonic() const override { return now_; }
    Duration wall() const override { return now_; }
    void pass(double seconds)
    {
        now_ += std::chrono::duration_cast<Duration>(std::chrono::duration<double>(seconds));
    }

private:
    Duration now_ = std::chrono::seconds(100);
};

/// Seconds a batch, a validation batch, and before a validation; the recorder's Ticker.
class Ticker final : public Callback
{
public:
    Ticker(Json seconds, ManualClock& clock) : seconds_(std::move(seconds)), clock_(clock) { }
    std::string name() const override { return "Ticker"; }
    void on_fit_start(Trainer&, LightningModule&) override { tick("fit_start"); }
    void on_train_batch_start(Trainer&, LightningModule&, const Batch&, int64_t) override
    {
        tick("batch");
    }
    void on_validation_start(Trainer&, LightningModule&) override { tick("validation"); }
    void on_validation_batch_start(
        Trainer&, LightningModule&, const Batch&, int64_t, int64_t) override
    {
        tick("validation_batch");
    }

private:
    void tick(const char* name) { clock_.pass(seconds_.value(name, 0.0)); }

    Json seconds_;
    ManualClock& clock_;
};

/// From the registry, as a config's; what only code can say besides.
std::unique_ptr<Callback> make_callback(const Json& config)
{
    auto arguments = config.at("init_args");
    const auto name = config.at("class_path").get<std::string>();
    if (name == "ThroughputMonitor" && arguments.contains("items")) {
        const auto items = arguments.at("items").get<int64_t>();
        arguments.erase("items");
        return std::make_unique<ThroughputMonitor>(
            ThroughputMonitorOptions{.window_size = arguments.value("window_size", int64_t(100)),
                .separator = arguments.value("separator", std::string("/")),
                .available_flops = {}},
            nullptr, [items](const Batch& batch) { return batch[0].tensor().size(0) * items; });
    }
    return factory_of<CallbackFactory>(registry(), ComponentKind::Callback, name)(arguments);
}

TrainerOptions trainer_options(const Json& recorded)
{
    auto said = recorded.at("trainer");
    said["accelerator"] = "cpu";
    said["devices"] = 1;
    said["enable_progress_bar"] = said["enable_model_summary"] = false;
    for (const auto& [key, value] :
        {std::pair("log_every_n_steps", 1), std::pair("num_sanity_val_steps", 0)})
        if (!said.contains(key))
            said[key] = value;
    if (!recorded.value("logger", true))
        said["logger"] = false;
    return read_options<TrainerOptions>(said);
}

std::unique_ptr<Trainer> make_trainer(
    const Json& recorded, CaseOptions& options, CaseRun& run, EventList& events, ManualClock& clock)
{
    TrainerParts parts;
    parts.root = options.folder;
    parts.observer = &events;
    if (recorded.contains("seconds")) {
        parts.clock = &clock;
        parts.callbacks.push_back(std::make_unique<Ticker>(recorded.at("seconds"), clock));
    }
    for (const auto& config : recorded.at("callbacks"))
        parts.callbacks.push_back(make_callback(config));
    for (auto& callback : options.more)
        parts.callbacks.push_back(std::move(callback));
    parts.callbacks.push_back(std::make_unique<Recorder>(run, options.at_save_point));
    if (recorded.value("logger", true))
        parts.loggers.push_back(std::make_unique<RowLogger>(run.rows));
    if (recorded.value("traced", false))
        parts.trace_file = options.folder / "trace.jsonl";
    auto trainer_said = trainer_options(recorded);
    trainer_said.default_root_dir = options.folder.string();
    return std::make_unique<Trainer>(trainer_said, std::move(parts));
}

template <class Number> std::vector<double> numbers_of(const QByteArray& bytes)
{
    std::vector<double> numbers;
    for (qsizetype i = 0; i < bytes.size(); i += qsizetype(sizeof(Number))) {
        Number number = 0;
        std::memcpy(&number, bytes.constData() + i, sizeof number);
        numbers.push_back(double(number));
    }
    return numbers;
}

bool are_near_numbers(const std::vector<double>& found, const std::vector<double>& expected,
    const Tolerance& tolerance)
{
    double largest = 0;
    for (const auto number : expected)
        largest = std::max(largest, std::abs(number));
    return std::equal(found.begin(), found.end(), expected.begin(),
        [&](double x, double y) { return tolerance.accepts(x, y, largest); });
}

bool are_near_bytes(const Json& found, const Json& expected, const Tolerance& tolerance)
{
    const auto bytes = [](const Json& tensor) {
        return QByteArray::fromHex(QByteArray::fromStdString(tensor.at("hex").get<std::string>()));
    };
    const auto a = bytes(found), b = bytes(expected);
    if (found.at("dtype") != expected.at("dtype") || found.at("shape") != expected.at("shape")
        || a.size() != b.size())
        return false;
    if (found.at("dtype") == "float32")
        return are_near_numbers(numbers_of<float>(a), numbers_of<float>(b), tolerance);
    if (found.at("dtype") == "float64")
        return are_near_numbers(numbers_of<double>(a), numbers_of<double>(b), tolerance);
    return a == b;
}

bool are_near(const Json& found, const Json& expected, const Tolerance& tolerance)
{
    if (found == expected)
        return true;
    if (found.is_number_float() || expected.is_number_float())
        return found.is_number() && expected.is_number()
            && tolerance.accepts(found.get<double>(), expected.get<double>());
    if (found.is_object() && expected.is_object() && found.contains("hex")
        && expected.contains("hex"))
        return are_near_bytes(found, expected, tolerance);
    if (found.type() != expected.type() || found.size() != expected.size()
        || !found.is_structured())
        return false;
    if (found.is_array()) {
        for (size_t i = 0; i < found.size(); ++i)
            if (!are_near(found[i], expected[i], tolerance))
                return false;
        return true;
    }
    for (const auto& [key, value] : found.items())
        if (!expected.contains(key) || !are_near(value, expected.at(key), tolerance))
            return false;
    return true;
}

/// The first place where two values differ; empty: none.
QByteArray first_difference(
    const Json& found, const Json& expected, const std::string& place, const Tolerance& tolerance)
{
    if (tolerance.is_bitwise() ? found == expected : are_near(found, expected, tolerance))
        return {};
    const auto text = [](const Json& value) { return value.dump().substr(0, 300); };
    if (found.is_array() && expected.is_array()) {
        for (size_t i = 0; i < std::max(found.size(), expected.size()); ++i) {
            const auto here = place + "/" + std::to_string(i);
            if (i >= found.size() || i >= expected.size())
                return QByteArray::fromStdString(here + ": found "
                    + (i < found.size() ? text(found[i]) : "nothing") + ", expected "
                    + (i < expected.size() ? text(expected[i]) : "nothing"));
            if (auto inner = first_difference(found[i], expected[i], here, tolerance);
                !inner.isEmpty())
                return inner;
        }
    }
    if (found.is_object() && expected.is_object()) {
        for (const auto& [key, value] : expected.items())
            if (!found.contains(key))
                return QByteArray::fromStdString(
                    place + "/" + key + ": found nothing, expected " + text(value));
        for (const auto& [key, value] : found.items()) {
            if (!expected.contains(key))
                return QByteArray::fromStdString(
                    place + "/" + key + ": found " + text(value) + ", expected nothing");
            if (auto inner
                = first_difference(value, expected.at(key), place + "/" + key, tolerance);
                !inner.isEmpty())
                return inner;
        }
    }
    return QByteArray::fromStdString(
        place + ": found " + text(found) + ", expected " + text(expected));
}

/// Paths are those of the machine.
void blur_paths(Json& callbacks)
{
    for (auto& [key, state] : callbacks.items()) {
        if (state.contains("bad_batches_path"))
            state["bad_batches_path"] = state["bad_batches_path"].is_string();
    }
}

/// The parts of our checkpoint that were recorded of Lightning's.
Json recorded_parts(const Json& ours, const Json& expected)
{
    auto parts = Json::object();
    for (const auto& [key, value] : expected.items())
        if (ours.contains(key))
            parts[key] = ours.at(key);
    return parts;
}

/// A point of a run at which the time of its Timer is used up.
struct OutOfTime
{
    fs::path file;
    int64_t global_step = 0;
    Json weights;
};

bool has_reached_minima(const Trainer& trainer)
{
    const auto& plan = trainer.plan();
    const auto epochs = trainer.fit_loop().epoch_progress.current.processed;
    return epochs >= plan.min_epochs && trainer.global_step() >= plan.min_steps;
}

bool is_out_of_time(const Trainer& trainer)
{
    return std::any_of(
        trainer.callbacks().begin(), trainer.callbacks().end(), [](const auto& callback) {
            const auto* timer = dynamic_cast<const Timer*>(callback.get());
            const auto left = timer ? timer->time_remaining() : std::nullopt;
            return left && *left <= 0.0;
        });
}

} // namespace

Json plain(const StateTree& state)
{
    if (state.is_none())
        return nullptr;
    if (state.is_bool())
        return state.to_bool();
    if (state.is_int())
        return state.to_int();
    if (state.is_string())
        return state.to_string();
    if (state.is_tensor())
        return plain_tensor(state.tensor());
    if (state.is_dict()) {
        auto object = Json::object();
        for (const auto& [key, item] : state.entries()) {
            const auto* name = std::get_if<std::string>(&key);
            object[name ? *name : std::to_string(std::get<int64_t>(key))] = plain(item);
        }
        return object;
    }
    if (state.is_list()) {
        auto list = Json::array();
        for (const auto& item : state.items())
            list.push_back(plain(item));
        return list;
    }
    return plain_number(state.to_double());
}

CaseRun run_case(const Json& recorded, CaseOptions options)
{
    at::set_num_threads(1);
    fs::create_directories(options.folder);
    CaseRun run;
    EventList events;
    ManualClock clock;
    seed_everything(recorded.value("seed", int64_t(1)));
    PartsModel model(recorded);
    PartsData data(recorded);
    const auto trace_file = options.folder / "trace.jsonl";
    const auto ckpt_path = options.ckpt_path;
    const auto folder = options.folder;
    try {
        const auto trainer = make_trainer(recorded, options, run, events, clock);
        for (const auto& callback : trainer->callbacks())
            run.callback_order.push_back(callback->name());
        trainer->fit(model, data, ckpt_path);
        run.global_step = trainer->global_step();
        run.current_epoch = trainer->current_epoch();
    } catch (const std::exception& error) {
        run.error = error.what();
    }
    run.weights = plain(model.module_state_dict());
    run.messages = events.messages();
    if (std::ifstream file(folder / "skip_batches.json"); file)
        run.skip_batches.assign(std::istreambuf_iterator<char>(file), {});
    if (std::ifstream file(trace_file); file)
        for (std::string line; std::getline(file, line);)
            run.trace.push_back(Json::parse(line));
    return run;
}

/// Keys in one order: files are read by name. Pruning moves a parameter to the end of Python's
/// dict, and a group of parameters begins with what the caller named.
Json by_name(const Json& value)
{
    if (value.is_array()) {
        auto result = Json::array();
        for (const auto& item : value)
            result.push_back(by_name(item));
        return result;
    }
    if (!value.is_object())
        return value;
    std::map<std::string, Json> sorted;
    for (const auto& [name, item] : value.items())
        sorted[name] = by_name(item);
    auto result = Json::object();
    for (auto& [name, item] : sorted)
        result[name] = std::move(item);
    return result;
}

/// What callbacks say of files, without the folder of the run.
Json without_folder(Json epochs)
{
    for (auto& epoch : epochs)
        if (epoch.contains("callbacks") && epoch["callbacks"].contains("SpikeDetection"))
            epoch["callbacks"]["SpikeDetection"].erase("bad_batches_path");
    return by_name(epochs);
}

QByteArray difference_from_lightning(
    const CaseRun& run, const Json& recorded, const Tolerance& tolerance)
{
    const auto amplified_from
        = recorded.value("amplifies_rounding", std::numeric_limits<int64_t>::max());
    const auto tolerance_of_steps = [&](int64_t steps) {
        return tolerance.is_bitwise() || steps <= amplified_from ? tolerance : any_number;
    };
    if (recorded.contains("error") != !run.error.empty())
        return QByteArray::fromStdString(recorded.contains("error")
                ? "no error, expected a " + recorded.at("error").get<std::string>()
                : "failed: " + run.error);
    const auto& rows = recorded.at("rows");
    for (size_t i = 0; i < std::min(rows.size(), run.rows.size()); ++i)
        if (auto found = first_difference(run.rows[i], rows[i], "rows/" + std::to_string(i),
                tolerance_of_steps(rows[i].at("step").get<int64_t>() + 1));
            !found.isEmpty())
            return found;
    if (run.rows.size() != rows.size())
        return "logged " + QByteArray::number(qulonglong(run.rows.size())) + " rows, expected "
            + QByteArray::number(qulonglong(rows.size()));
    const auto& epochs = recorded.at("epochs");
    for (size_t i = 0; i < std::min(epochs.size(), run.epochs.size()); ++i) {
        auto expected = epochs[i];
        auto found = recorded_parts(run.epochs[i], expected);
        blur_paths(expected["callbacks"]);
        blur_paths(found["callbacks"]);
        const auto steps = run.epochs[i].at("global_step").get<int64_t>();
        if (auto text = first_difference(by_name(found), by_name(expected),
                "epoch " + std::to_string(i), tolerance_of_steps(steps));
            !text.isEmpty())
            return text;
        for (const auto* key : {"param_groups", "lr_schedulers"}) // rates are computed in double
            if (auto text = expected.contains(key)
                    ? first_difference(by_name(found.at(key)), by_name(expected.at(key)),
                          "epoch " + std::to_string(i) + "/" + key, tolerance)
                    : QByteArray();
                !text.isEmpty())
                return text;
    }
    if (run.epochs.size() != epochs.size())
        return "ran " + QByteArray::number(qulonglong(run.epochs.size())) + " epochs, expected "
            + QByteArray::number(qulonglong(epochs.size()));
    if (run.skip_batches != recorded.value("skip_batches", std::string()))
        return "other skip_batches.json: " + QByteArray::fromStdString(run.skip_batches);
    if (auto found = first_difference(by_name(run.weights), by_name(recorded.at("weights")),
            "weights", tolerance_of_steps(run.global_step));
        !found.isEmpty())
        return found;
    if (recorded.contains("error"))
        return {};
    if (recorded.contains("trace"))
        if (auto found = first_difference(
                run.trace, recorded.at("trace"), "trace", tolerance_of_steps(run.global_step));
            !found.isEmpty())
            return found;
    const Json counters{{"global_step", run.global_step}, {"current_epoch", run.current_epoch}};
    return first_difference(counters, recorded.at("counters"), "counters", {});
}

QByteArray difference_when_resumed(const Json& recorded, const fs::path& folder, int* runs)
{
    std::vector<fs::path> files;
    std::vector<OutOfTime> ends;
    CaseOptions whole_options;
    whole_options.folder = folder / "whole";
    whole_options.at_save_point = [&](Trainer& trainer) {
        auto file = folder / ("point-" + std::to_string(files.size() + ends.size()) + ".ckpt");
        trainer.save_checkpoint(file);
        // A resumed fit trains no further step, as Lightning's, once the minima are reached.
        if (is_out_of_time(trainer) && has_reached_minima(trainer))
            ends.push_back({std::move(file), trainer.global_step(),
                plain(trainer.lightning_module().module_state_dict())});
        else
            files.push_back(std::move(file));
    };
    const auto whole = run_case(recorded, std::move(whole_options));
    if (!whole.error.empty())
        return {};
    if (files.empty() && ends.empty())
        return whole.epochs.empty() ? "" : "the run has no point where it can be saved";
    if (!files.empty() && ends.empty())
        files
            .pop_back(); // the end of the last epoch: from there a fit does nothing, as Lightning's
    for (const auto& end : ends) {
        CaseOptions options;
        options.folder = folder / end.file.stem();
        options.ckpt_path = end.file;
        const auto resumed = run_case(recorded, std::move(options));
        const auto place = "resumed out of time from " + end.file.stem().string();
        if (!resumed.error.empty())
            return QByteArray::fromStdString(place + ": failed: " + resumed.error);
        if (runs)
            ++*runs;
        if (resumed.global_step != end.global_step)
            return QByteArray::fromStdString(place + ": trained to step "
                + std::to_string(resumed.global_step) + " from step "
                + std::to_string(end.global_step));
        if (auto found = first_difference(resumed.weights, end.weights, place + ": weights", {});
            !found.isEmpty())
            return found;
    }
    const auto tail = [](const Json& list, size_t count) {
        auto end = Json::array();
        for (size_t i = list.size() - std::min(count, list.size()); i < list.size(); ++i)
            end.push_back(list[i]);
        return end;
    };
    for (const auto& file : files) {
        CaseOptions options;
        options.folder = folder / file.stem();
        options.ckpt_path = file;
        const auto resumed = run_case(recorded, std::move(options));
        const auto place = "resumed from " + file.stem().string();
        if (!resumed.error.empty())
            return QByteArray::fromStdString(place + ": failed: " + resumed.error);
        if (runs)
            ++*runs;
        auto found = first_difference(
            resumed.rows, tail(whole.rows, resumed.rows.size()), place + ": rows", {});
        if (found.isEmpty())
            found = first_difference(without_folder(resumed.epochs),
                without_folder(tail(whole.epochs, resumed.epochs.size())), place + ": epoch", {});
        if (found.isEmpty())
            found = first_difference(resumed.weights, whole.weights, place + ": weights", {});
        if (found.isEmpty()
            && (resumed.global_step != whole.global_step
                || resumed.current_epoch != whole.current_epoch))
            found = QByteArray::fromStdString(place + ": ended at another step or epoch");
        if (!found.isEmpty())
            return found;
    }
    return {};
}

} // namespace leyden::test
