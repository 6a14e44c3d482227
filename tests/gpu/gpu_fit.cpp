// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/gpu/gpu_fit.h"

#include "engine/callbacks/callback.h"
#include "engine/optim/optimizer.h"
#include "engine/precision/mixed_precision.h"
#include "engine/trainer/build_run.h"
#include "engine/trainer/builtin_registry.h"

#include <ATen/Context.h>
#include <ATen/ops/equal.h>
#include <c10/core/CachingDeviceAllocator.h>

#include <algorithm>
#include <numeric>

namespace leyden::gpu {
namespace {

/// Writes down loss and scale of each step.
class Recorder final : public Callback
{
public:
    Recorder(FitResult& result, GradScaler* scaler) : result_(result), scaler_(scaler) { }
    std::string name() const override { return "Recorder"; }
    void on_train_batch_end(
        Trainer&, LightningModule&, const StateTree& outputs, const Batch&, int64_t) override
    {
        result_.losses.push_back(outputs.at("loss").tensor().item<double>());
        if (scaler_)
            result_.scales.push_back(scaler_->get_scale());
    }

private:
    FitResult& result_;
    GradScaler* scaler_;
};

Json component(const char* class_path, Json init_args)
{
    return {{"class_path", class_path}, {"init_args", std::move(init_args)}};
}

RunConfig config_of(const FitOptions& options, const Registry& registry)
{
    auto callbacks = Json::array();
    if (options.save_at > 0)
        callbacks.push_back(component("ModelCheckpoint",
            {{"dirpath", options.folder.string()}, {"filename", "{step}"}, {"save_top_k", -1},
                {"every_n_train_steps", options.save_at}}));
    Json document = {{"schema", 1}, {"seed_everything", 42}};
    document["model"]
        = component("MLP", {{"hidden_sizes", options.hidden_sizes}, {"dropout", options.dropout}});
    document["data"] = component(
        "CSVData", {{"path", "datasets/digits.csv"}, {"target", "digit"}, {"batch_size", 64}});
    document["optimizer"] = component("AdamW", {{"lr", 0.002}});
    document["trainer"] = {{"accelerator", options.device == c10::kCPU ? "cpu" : "cuda"},
        {"max_steps", fit_steps}, {"logger", false}, {"enable_checkpointing", options.save_at > 0},
        {"enable_model_summary", false}, {"enable_progress_bar", false}, {"callbacks", callbacks}};
    if (!options.scaler) // fit() hands over the precision then
        document["trainer"]["precision"] = options.precision;
    const auto root = std::filesystem::path(LEYDEN_SOURCE_DIR);
    return load_run_config(document, "gpu_tests", {}, registry,
        {.config_folder = root / "presets", .resource_folder = root / "resources"});
}

/// An allocator knows its devices only once they are set up.
at::DeviceAllocator& allocator_of(c10::DeviceType device)
{
    at::globalContext().lazyInitDevice(device);
    return *at::getDeviceAllocator(device);
}

auto stats_of(c10::DeviceType device)
{
    return allocator_of(device).getDeviceStats(0);
}

} // namespace

double FitResult::end_loss() const
{
    return std::accumulate(losses.end() - 10, losses.end(), 0.0) / 10;
}

FitResult fit(const FitOptions& options)
{
    static const auto registry = builtin_registry();
    FitResult result;
    TrainerParts parts;
    GradScaler* scaler = nullptr;
    if (options.scaler) {
        auto precision = std::make_unique<MixedPrecision>(options.device, *options.scaler);
        scaler = precision->scaler();
        parts.precision = std::move(precision);
    }
    parts.callbacks.push_back(std::make_unique<Recorder>(result, scaler));
    parts.root = options.folder;
    auto run
        = build_run(config_of(options, registry), registry, std::move(parts), options.resume_from);
    run.trainer->fit(*run.module, *run.data, options.resume_from);

    for (const auto& parameter : run.module->named_parameters()) {
        result.weights.set(parameter.key(), parameter.value().detach().cpu());
        result.parameter_bytes += int64_t(parameter.value().nbytes());
    }
    result.optimizer = run.trainer->optimizers().at(0)->state_dict().with_tensors(
        [](const at::Tensor& tensor) { return tensor.cpu(); });
    if (options.save_at > 0)
        result.checkpoint = options.folder / ("step=" + std::to_string(options.save_at) + ".ckpt");
    return result;
}

bool is_same(const StateTree& a, const StateTree& b)
{
    if (a.is_tensor() || b.is_tensor())
        return a.is_tensor() && b.is_tensor() && at::equal(a.tensor(), b.tensor());
    if (a.is_dict() && b.is_dict())
        return std::ranges::equal(a.entries(), b.entries(), [](const auto& x, const auto& y) {
            return x.first == y.first && is_same(x.second, y.second);
        });
    if (a.is_list() && b.is_list())
        return std::ranges::equal(a.items(), b.items(), is_same);
    if (a.is_double() && b.is_double())
        return a.to_double() == b.to_double();
    if (a.is_int() && b.is_int())
        return a.to_int() == b.to_int();
    if (a.is_bool() && b.is_bool())
        return a.to_bool() == b.to_bool();
    if (a.is_string() && b.is_string())
        return a.to_string() == b.to_string();
    return a.is_none() && b.is_none();
}

int64_t allocated_bytes(c10::DeviceType device)
{
    return device == c10::kCPU ? 0 : stats_of(device).allocated_bytes[0].current;
}

int64_t peak_bytes(c10::DeviceType device)
{
    return device == c10::kCPU ? 0 : stats_of(device).allocated_bytes[0].peak;
}

void reset_peak(c10::DeviceType device)
{
    if (device != c10::kCPU)
        allocator_of(device).resetPeakStats(0);
}

} // namespace leyden::gpu
