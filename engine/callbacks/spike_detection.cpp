// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/callbacks/spike_detection.h"

#include "engine/config/check_options.h"
#include "engine/config/path_roots.h"
#include "engine/core/number_text.h"
#include "engine/trainer/trainer.h"

#include <spdlog/fmt/fmt.h>
#include <spdlog/fmt/ranges.h>

#include <cmath>

namespace leyden {

void describe(OptionTable<SpikeDetectionOptions>& table)
{
    using Options = SpikeDetectionOptions;
    table.add("mode", &Options::mode, "Whether smaller or larger losses are better")
        .choices({{"min", MonitorMode::Min}, {"max", MonitorMode::Max}});
    table.add("window", &Options::window, "Losses in the moving mean").at_least(1).unit("batches");
    table.add("warmup", &Options::warmup, "First batches of each epoch that are not judged")
        .at_least(0)
        .unit("batches");
    table.add("atol", &Options::atol, "Least distance to the mean that makes a spike; unset: any")
        .unit("of the loss");
    table.add("rtol", &Options::rtol, "The same as a multiple of the mean; unset: any");
    table
        .add("exclude_batches_path", &Options::exclude_batches_path,
            "Where the list of batches to leave out is written")
        .output_path()
        .advanced()
        .details("A .json file, or the folder of a skip_batches.json; unset: default_root_dir.");
    table.add("finite_only", &Options::finite_only, "Losses that are not finite are spikes");
}

TrainingSpikeError::~TrainingSpikeError() = default;

SpikeDetection::SpikeDetection(SpikeDetectionOptions options)
    : options_(std::move(options))
    , window_(size_t(std::max<int64_t>(options_.window, 1)), 0.0F)
    , weights_(window_.size(), 0.0F)
{
    check_options(options_);
    if (options_.exclude_batches_path)
        file_ = output_path(*options_.exclude_batches_path, "SpikeDetection: exclude_batches_path");
}

float SpikeDetection::running_mean() const
{
    float sum = 0;
    float weight = 0;
    for (size_t i = 0; i < window_.size(); ++i) {
        sum += window_[i];
        weight += weights_[i];
    }
    return sum / weight;
}

bool SpikeDetection::is_spike(double loss, bool is_float64) const
{
    if (options_.finite_only && !std::isfinite(loss))
        return true;
    const auto change = loss - last_val_;
    if (options_.mode == MonitorMode::Min ? change <= 0 : change >= 0)
        return false;
    const float mean = running_mean();
    const double distance
        = is_float64 ? std::abs(loss - double(mean)) : double(std::abs(float(loss) - mean));
    const double atol = options_.atol && !is_float64 ? double(float(*options_.atol))
                                                     : options_.atol.value_or(0.0);
    const bool is_far = !options_.atol || distance >= std::abs(atol);
    const bool is_relatively_far
        = !options_.rtol || distance >= double(std::abs(float(*options_.rtol) * mean));
    return is_far && is_relatively_far;
}

void SpikeDetection::on_train_batch_end(
    Trainer& trainer, LightningModule&, const StateTree& outputs, const Batch&, int64_t batch_idx)
{
    const auto* value = outputs.find("loss");
    if (!value || !value->is_tensor())
        return; // the step gave no loss
    if (!file_)
        file_ = trainer.plan().default_root_dir;
    if (file_->extension() != ".json")
        *file_ /= "skip_batches.json";
    const auto loss = value->tensor().item<double>();
    if (batch_idx >= options_.warmup
        && is_spike(loss, value->tensor().scalar_type() == at::kDouble))
        handle_spike(trainer, loss, batch_idx);
    if (!options_.finite_only && !std::isfinite(loss))
        return;
    const auto place = size_t(seen_++) % window_.size();
    const bool is_number = !std::isnan(loss);
    window_[place] = is_number ? float(loss) : 0.0F;
    weights_[place] = is_number ? 1.0F : 0.0F;
    last_val_ = loss;
}

void SpikeDetection::handle_spike(Trainer& trainer, double loss, int64_t batch_idx)
{
    bad_batches_.insert(bad_batches_.end(), {batch_idx - 1, batch_idx});
    trainer.files().create_directories(file_->parent_path());
    trainer.files().write_atomic(
        *file_, fmt::format("[\n    {}\n]", fmt::join(bad_batches_, ",\n    ")));
    throw TrainingSpikeError(batch_idx,
        fmt::format("the loss of batch {} is a spike: {}, after a mean of {} over the last {} "
                    "batches; '{}' lists the batches to leave "
                    "out",
            batch_idx, python_repr(loss), python_repr(running_mean()),
            std::min(seen_, int64_t(window_.size())), file_->string()));
}

StateTree SpikeDetection::state_dict() const
{
    const auto optional = [](const std::optional<double>& value) {
        return value ? StateTree(*value) : StateTree();
    };
    return StateTree::dict({{"last_val", last_val_},
        {"mode", options_.mode == MonitorMode::Min ? "min" : "max"}, {"warmup", options_.warmup},
        {"atol", optional(options_.atol)}, {"rtol", optional(options_.rtol)},
        {"bad_batches", StateTree::list({bad_batches_.begin(), bad_batches_.end()})},
        {"bad_batches_path", file_ ? StateTree(file_->string()) : StateTree()},
        {"running", StateTree::ordered_dict()}, {"mean", StateTree::ordered_dict()}});
}

void SpikeDetection::load_state_dict(const StateTree& state)
{
    const auto optional = [&](const char* key) {
        const auto& value = state.at(key);
        return value.is_none() ? std::nullopt : std::optional(value.to_double());
    };
    last_val_ = state.at("last_val").to_double();
    options_.mode = state.at("mode").to_string() == "max" ? MonitorMode::Max : MonitorMode::Min;
    options_.warmup = state.at("warmup").to_int();
    options_.atol = optional("atol");
    options_.rtol = optional("rtol");
    bad_batches_.clear();
    for (const auto& batch : state.at("bad_batches").items())
        bad_batches_.push_back(batch.to_int());
    // The file stays where this run's options put it.
}

StateTree SpikeDetection::resume_state() const
{
    const auto numbers = [](const std::vector<float>& values) {
        auto list = StateTree::list();
        for (const auto value : values)
            list.push_back(double(value));
        return list;
    };
    return StateTree::dict(
        {{"window", numbers(window_)}, {"weights", numbers(weights_)}, {"seen", seen_}});
}

void SpikeDetection::load_resume_state(const StateTree& state)
{
    const auto& window = state.at("window").items();
    const auto& weights = state.at("weights").items();
    if (window.size() != window_.size() || weights.size() != window_.size())
        return; // another window: the mean begins anew
    for (size_t i = 0; i < window.size(); ++i) {
        window_[i] = float(window[i].to_double());
        weights_[i] = float(weights[i].to_double());
    }
    seen_ = state.at("seen").to_int();
}

} // namespace leyden
