// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/trainer/batch_norm_check.h"

#include "engine/callbacks/module_tensors.h"
#include "engine/config/trainer_options.h"
#include "engine/core/data_module.h"
#include "engine/core/errors.h"
#include "engine/core/generators.h"
#include "engine/core/lightning_module.h"
#include "engine/trainer/trainer_plan.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/zeros.h>
#include <c10/util/Exception.h>

#include <algorithm>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace leyden {
namespace {

/// Whether a training batch of one row makes a batch norm fail.
bool fails_with_one_row(LightningModule& module, const DataSpec& spec)
{
    if (spec.feature_shape.empty() || !module.is_training())
        return false;
    const at::NoGradGuard no_grad;
    std::vector<std::pair<torch::nn::Module*, bool>> modes;
    for (auto* layer : modules_below(module))
        modes.emplace_back(layer, layer->is_training());
    // train() reaches what is below a layer too, and the layers come from the outside in.
    for (const auto& [layer, was_training] : modes)
        layer->train(is_batch_norm(*layer) && was_training); // so that dropout draws nothing
    const auto buffers = unique_buffers(module);
    std::vector<at::Tensor> before;
    for (const auto& [name, buffer] : buffers)
        before.push_back(buffer.clone());
    const auto parameters = unique_parameters(module);
    auto shape = spec.feature_shape;
    shape.insert(shape.begin(), 1);
    at::TensorOptions options(spec.feature_dtype);
    if (!parameters.empty())
        options = options.device(parameters.front().second.device());
    bool has_failed = false;
    try {
        module.predict_step(StateTree::tuple({at::zeros(shape, options)}), 0, 0);
    } catch (const c10::Error& error) {
        has_failed = std::string_view(error.what()).find("more than 1 value per channel")
            != std::string_view::npos;
    } catch (const std::exception&) { // not for this check to tell
    }
    for (size_t i = 0; i < buffers.size(); ++i)
        buffers[i].second.copy_(before[i]);
    for (const auto& [layer, was_training] : modes) // from the outside in
        layer->train(was_training);
    return has_failed;
}

bool sets_batch_size(const TrainerOptions& options)
{
    if (!options.callbacks)
        return false;
    const auto is_finder
        = [](const ComponentConfig& callback) { return callback.class_path == "BatchSizeFinder"; };
    if (const auto* one = std::get_if<ComponentConfig>(&*options.callbacks))
        return is_finder(*one);
    const auto& list = std::get<ComponentList>(*options.callbacks);
    return std::any_of(list.begin(), list.end(), is_finder);
}

} // namespace

int64_t TrainingBatches::count() const
{
    return drop_last ? rows / batch_size : (rows + batch_size - 1) / batch_size;
}

std::optional<TrainingBatches> training_batches(LightningDataModule& data)
{
    const auto size = data.attribute("batch_size");
    const auto drops = data.attribute("drop_last");
    const auto rows = data.spec().train_rows;
    if (!size.is_int() || size.to_int() < 1 || !drops.is_bool() || rows < 1)
        return {};
    return TrainingBatches{rows, size.to_int(), drops.to_bool()};
}

std::string batch_norm_problem(
    LightningModule& module, const DataSpec& spec, const TrainingBatches& batches, int64_t used)
{
    const auto count = batches.count();
    if (batches.batch_size < 1 || used < 1)
        return {};
    const bool always = batches.batch_size == 1 && count > 0;
    const bool at_the_end
        = !batches.drop_last && batches.rows % batches.batch_size == 1 && used >= count;
    if ((!always && !at_the_end) || !contains_batch_norm(module)
        || !fails_with_one_row(module, spec))
        return {};
    const auto rows = std::to_string(batches.rows) + (batches.rows == 1 ? " row" : " rows");
    if (always)
        return "each training batch has one row, which batch norm cannot use; set another "
               "batch_size";
    return "the last training batch has one row (" + rows + " in batches of "
        + std::to_string(batches.batch_size)
        + "), which batch norm cannot use; set drop_last = true, or another batch_size";
}

void check_batch_norm(
    LightningModule& module, LightningDataModule& data, const TrainerOptions& options)
{
    if (!contains_batch_norm(module))
        return;
    const GeneratorGuard generators;
    if (const auto batches = training_batches(data))
        check_batch_norm(module, data.spec(), *batches, options);
}

void check_batch_norm(LightningModule& module, const DataSpec& spec, const TrainingBatches& batches,
    const TrainerOptions& options)
{
    if (sets_batch_size(options))
        return;
    int64_t used = 0;
    try {
        const auto plan = resolve(options);
        const auto& limit = plan.limit_train_batches;
        used = limit.is_zero() ? 0 : limit.resolve(batches.count(), "limit_train_batches");
        if (plan.max_steps != -1)
            used = std::min(used, plan.max_steps * plan.live.accumulate_grad_batches);
    } catch (const MisconfigurationError&) {
        return;
    }
    const auto problem = batch_norm_problem(module, spec, batches, used);
    if (!problem.empty())
        throw MisconfigurationError("/data/init_args/batch_size: " + problem);
}

} // namespace leyden
