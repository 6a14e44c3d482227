// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/callbacks/model_summary.h"

#include "engine/core/lightning_module.h"
#include "engine/trainer/trainer.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <array>
#include <set>

namespace leyden {
namespace {

int64_t count_parameters(const torch::nn::Module& module)
{
    int64_t count = 0;
    std::set<const void*> seen;
    for (const auto& parameter : module.parameters()) {
        if (seen.insert(parameter.unsafeGetTensorImpl()).second)
            count += parameter.numel();
    }
    return count;
}

std::string short_type(const torch::nn::Module& module)
{
    auto name = module.name();
    const auto colon = name.rfind("::");
    if (colon != std::string::npos)
        name = name.substr(colon + 2);
    if (name.size() > 4 && name.ends_with("Impl"))
        name.resize(name.size() - 4);
    return name;
}

/// 999, 1.0 K, 12.3 M, as Lightning writes counts.
std::string readable(int64_t count)
{
    static constexpr std::array units {"", "K", "M", "B", "T"};
    size_t unit = 0;
    double value = double(count);
    while (value >= 1000 && unit + 1 < units.size()) {
        value /= 1000;
        ++unit;
    }
    if (unit == 0)
        return std::to_string(count);
    return value < 100 ? fmt::format("{:.1f} {}", value, units[unit]) : fmt::format("{} {}", int64_t(value), units[unit]);
}

void add_layers(const torch::nn::Module& module, const std::string& prefix, int64_t depth, ModuleSummary& summary)
{
    if (depth == 0)
        return;
    for (const auto& child : module.named_children()) {
        const auto name = prefix + child.key();
        summary.layers.push_back({name, short_type(*child.value()), count_parameters(*child.value()), child.value()->is_training()});
        add_layers(*child.value(), name + ".", depth - 1, summary);
    }
}

} // namespace

ModuleSummary summarize(const torch::nn::Module& module, int64_t max_depth)
{
    ModuleSummary summary;
    add_layers(module, "", max_depth, summary);
    std::set<const void*> seen;
    for (const auto& parameter : module.parameters()) {
        if (!seen.insert(parameter.unsafeGetTensorImpl()).second)
            continue;
        summary.total_parameters += parameter.numel();
        if (parameter.requires_grad())
            summary.trainable_parameters += parameter.numel();
        summary.megabytes += double(parameter.nbytes()) * 1e-6;
    }
    for (const auto& submodule : module.modules(/*include_self=*/false))
        ++(submodule->is_training() ? summary.modules_in_train_mode : summary.modules_in_eval_mode);
    return summary;
}

std::string summary_table(const ModuleSummary& summary)
{
    std::vector<std::array<std::string, 5>> rows {{"", "Name", "Type", "Params", "Mode"}};
    for (size_t i = 0; i < summary.layers.size(); ++i) {
        const auto& layer = summary.layers[i];
        rows.push_back({std::to_string(i), layer.name, layer.type, readable(layer.parameters), layer.is_training ? "train" : "eval"});
    }
    std::array<size_t, 5> widths {};
    for (const auto& row : rows) {
        for (size_t c = 0; c < row.size(); ++c)
            widths[c] = std::max(widths[c], row[c].size());
    }
    std::vector<std::string> lines;
    for (const auto& row : rows)
        lines.push_back(fmt::format("{:<{}} | {:<{}} | {:<{}} | {:<{}} | {:<{}}", row[0], widths[0], row[1], widths[1], row[2],
            widths[2], row[3], widths[3], row[4], widths[4]));
    const std::string rule(lines.front().size(), '-');
    auto text = lines.front() + "\n" + rule + "\n";
    for (size_t i = 1; i < lines.size(); ++i)
        text += lines[i] + "\n";
    text += rule + "\n";
    const auto total = [&](const std::string& value, const char* what) { text += fmt::format("{:<9} {}\n", value, what); };
    total(readable(summary.trainable_parameters), "Trainable params");
    total(readable(summary.total_parameters - summary.trainable_parameters), "Non-trainable params");
    total(readable(summary.total_parameters), "Total params");
    total(fmt::format("{:.3f}", summary.megabytes), "Total estimated model params size (MB)");
    total(std::to_string(summary.modules_in_train_mode), "Modules in train mode");
    total(std::to_string(summary.modules_in_eval_mode), "Modules in eval mode");
    return text;
}

void ModelSummary::on_fit_start(Trainer& trainer, LightningModule& module)
{
    trainer.tell(SummaryEvent {summary_table(summarize(module, max_depth_))});
}

} // namespace leyden
