// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/callbacks/model_summary.h"

#include "engine/callbacks/layer_shapes.h"
#include "engine/config/check_options.h"
#include "engine/core/generators.h"
#include "engine/core/lightning_module.h"
#include "engine/core/nested.h"
#include "engine/loops/module_mode.h"
#include "engine/trainer/trainer.h"

#include <ATen/core/grad_mode.h>

#include <spdlog/fmt/fmt.h>
#include <spdlog/fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

namespace leyden {
namespace {

using torch::nn::Module;

template <class Function> void for_each_parameter(const Module& module, Function&& function)
{
    std::set<const void*> seen; // tied weights count once
    for (const auto& parameter : module.parameters()) {
        if (seen.insert(parameter.unsafeGetTensorImpl()).second)
            function(parameter);
    }
}

int64_t count_parameters(const Module& module)
{
    int64_t count = 0;
    for_each_parameter(module, [&](const at::Tensor& parameter) { count += parameter.numel(); });
    return count;
}

std::string short_type(const Module& module)
{
    auto name = module.name();
    const auto colon = name.rfind("::");
    if (colon != std::string::npos)
        name = name.substr(colon + 2);
    if (name.size() > 4 && name.ends_with("Impl"))
        name.resize(name.size() - 4);
    return name;
}

/// 1234567 -> "1,234,567"
std::string with_commas(int64_t number)
{
    auto text = std::to_string(number);
    for (auto place = int64_t(text.size()) - 3; place > 0; place -= 3)
        text.insert(size_t(place), ",");
    return text;
}

/// "999  ", "1.0 K", "12.3 M", as Lightning writes counts, its space for no unit included.
std::string readable(int64_t count)
{
    static constexpr std::array units{" ", "K", "M", "B", "T"};
    const auto digits = std::to_string(count).size();
    const auto unit = std::min((digits + 2) / 3, units.size()) - 1;
    const double value = double(count) * std::pow(10.0, -3.0 * double(unit));
    if (unit == 0 || value >= 100)
        return with_commas(int64_t(value)) + " " + units[unit];
    return fmt::format("{:.1f} {}", value, units[unit]);
}

void add_layers(const Module& module, const std::string& prefix, int64_t depth,
    const ForwardShapes& shapes, std::set<const Module*>& seen, ModuleSummary& summary)
{
    if (depth == 0)
        return;
    for (const auto& child : module.named_children()) {
        const auto& layer = *child.value();
        if (!seen.insert(&layer).second)
            continue;
        const auto name = prefix + child.key();
        LayerSummary line{
            name, short_type(layer), count_parameters(layer), layer.is_training(), 0, {}, {}};
        if (const auto shape = shapes.layers.find(&layer); shape != shapes.layers.end()) {
            line.flops = shape->second.flops;
            line.in_size = shape->second.in_size;
            line.out_size = shape->second.out_size;
        }
        summary.layers.push_back(std::move(line));
        add_layers(layer, name + ".", depth - 1, shapes, seen, summary);
    }
}

/// The example in the dtype of the parameters. Lightning leaves it as it is, and a run of 16 or 64
/// bits fails.
StateTree in_dtype_of(const LightningModule& module, StateTree example)
{
    const auto parameters = module.parameters();
    const auto first = std::find_if(
        parameters.begin(), parameters.end(), [](const auto& p) { return p.is_floating_point(); });
    if (first == parameters.end())
        return example;
    return map_tensors(
        std::move(example), [dtype = first->scalar_type()](const at::Tensor& tensor) {
            return tensor.is_floating_point() ? tensor.to(dtype) : tensor;
        });
}

/// One forward pass of the example, as Lightning makes it.
ForwardShapes run_example(LightningModule& module, ModuleSummary& summary)
{
    const GeneratorGuard random;
    const at::NoGradGuard no_grad;
    const ModuleMode mode(module);
    ForwardShapes shapes;
    try {
        auto input
            = module.on_before_batch_transfer(in_dtype_of(module, module.example_input_array), 0);
        input = module.transfer_batch_to_device(std::move(input), module.device(), 0);
        input = module.on_after_batch_transfer(std::move(input), 0);
        module.eval();
        shapes = observe_forward(module, [&] { module.forward_example(input); });
        summary.has_sizes = true;
    } catch (const c10::Error& error) {
        summary.problem = error.what_without_backtrace();
    }
    mode.restore();
    return shapes;
}

void add_totals(
    const Module& module, int64_t max_depth, const ForwardShapes& shapes, ModuleSummary& summary)
{
    summary.total_flops = shapes.flops;
    std::set<const Module*> seen;
    add_layers(module, "", max_depth, shapes, seen, summary);
    for_each_parameter(module, [&](const at::Tensor& parameter) {
        summary.total_parameters += parameter.numel();
        if (parameter.requires_grad())
            summary.trainable_parameters += parameter.numel();
        summary.megabytes += double(parameter.nbytes()) * 1e-6;
    });
    seen.clear();
    for (const auto& submodule : module.modules(/*include_self=*/false))
        if (seen.insert(submodule.get()).second)
            ++(submodule->is_training() ? summary.modules_in_train_mode
                                        : summary.modules_in_eval_mode);
}

using Row = std::vector<std::string>;

Row header(bool has_sizes)
{
    Row row{" ", "Name", "Type", "Params", "Mode", "FLOPs"};
    if (has_sizes)
        row.insert(row.end(), {"In sizes", "Out sizes"});
    return row;
}

std::vector<Row> rows_of(const ModuleSummary& summary)
{
    std::vector<Row> rows{header(summary.has_sizes)};
    const auto known
        = [](const std::string& size) { return size.empty() ? std::string("?") : size; };
    int64_t in_layers = 0;
    for (size_t i = 0; i < summary.layers.size(); ++i) {
        const auto& layer = summary.layers[i];
        in_layers += layer.parameters;
        Row row{std::to_string(i), layer.name, layer.type, readable(layer.parameters),
            layer.is_training ? "train" : "eval", readable(layer.flops)};
        if (summary.has_sizes)
            row.insert(row.end(), {known(layer.in_size), known(layer.out_size)});
        rows.push_back(std::move(row));
    }
    if (summary.total_parameters > in_layers) {
        Row row{" ", "other params", "n/a", readable(summary.total_parameters - in_layers)};
        row.resize(rows.front().size(), "n/a");
        rows.push_back(std::move(row));
    }
    return rows;
}

} // namespace

void describe(OptionTable<ModelSummaryOptions>& table)
{
    table
        .add("max_depth", &ModelSummaryOptions::max_depth, "Levels of layers in the table; -1: all")
        .at_least(-1)
        .details("0 prints no table.");
}

void describe(OptionTable<RichModelSummaryOptions>& table)
{
    table
        .add("max_depth", &RichModelSummaryOptions::max_depth,
            "Levels of layers in the table; -1: all")
        .at_least(-1)
        .details("0 prints no table. The table is that of ModelSummary.");
}

ModuleSummary summarize(const Module& module, int64_t max_depth)
{
    ModuleSummary summary;
    add_totals(module, max_depth, {}, summary);
    return summary;
}

ModuleSummary summarize(LightningModule& module, int64_t max_depth)
{
    ModuleSummary summary;
    ForwardShapes shapes;
    if (!module.example_input_array.is_none())
        shapes = run_example(module, summary);
    add_totals(module, max_depth, shapes, summary);
    return summary;
}

std::string summary_table(const ModuleSummary& summary)
{
    const auto rows = rows_of(summary);
    std::vector<size_t> widths(rows.front().size());
    for (const auto& row : rows) {
        for (size_t c = 0; c < row.size(); ++c)
            widths[c] = std::max(widths[c], row[c].size());
    }
    size_t width = 3 * (widths.size() + 1);
    for (const auto column : widths)
        width += column;
    const std::string rule(width, '-');
    std::string text;
    for (const auto& row : rows) {
        Row cells;
        for (size_t c = 0; c < row.size(); ++c)
            cells.push_back(fmt::format("{:<{}}", row[c], widths[c]));
        text += fmt::format("{}\n", fmt::join(cells, " | "));
        if (&row == rows.data())
            text += rule + "\n";
    }
    text += rule + "\n";
    const auto total = [&](const std::string& value, const char* what) {
        text += fmt::format("{:<10}{}\n", value, what);
    };
    total(readable(summary.trainable_parameters), "Trainable params");
    total(
        readable(summary.total_parameters - summary.trainable_parameters), "Non-trainable params");
    total(readable(summary.total_parameters), "Total params");
    const auto whole = int64_t(summary.megabytes);
    const auto thousandths = int64_t(std::llround((summary.megabytes - double(whole)) * 1000));
    total(fmt::format("{}.{:03}", with_commas(whole + thousandths / 1000), thousandths % 1000),
        "Total estimated model params size (MB)");
    total(std::to_string(summary.modules_in_train_mode), "Modules in train mode");
    total(std::to_string(summary.modules_in_eval_mode), "Modules in eval mode");
    total(readable(summary.total_flops), "Total Flops");
    return text;
}

ModelSummary::ModelSummary(const ModelSummaryOptions& options, std::string name)
    : max_depth_(options.max_depth), name_(std::move(name))
{
    check_options(options);
}

void ModelSummary::on_fit_start(Trainer& trainer, LightningModule& module)
{
    if (max_depth_ == 0)
        return;
    const auto summary = summarize(module, max_depth_);
    if (!summary.problem.empty())
        trainer.warn(
            "the table of layers has no sizes: the model cannot be run on its example_input_array: "
            + summary.problem);
    trainer.tell(SummaryEvent{summary_table(summary)});
}

} // namespace leyden
