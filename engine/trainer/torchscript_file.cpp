// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/trainer/torchscript_file.h"

#include "engine/checkpoint/with_file_name.h"
#include "engine/core/errors.h"
#include "engine/core/generators.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/rand_like.h>
#include <torch/csrc/jit/api/module.h>
#include <torch/csrc/jit/frontend/tracer.h>

#include <spdlog/fmt/fmt.h>

#include <memory>
#include <sstream>

namespace leyden {
namespace {

/// The same tree of modules with the same tensors, as TorchScript keeps it.
torch::jit::Module mirror(const torch::nn::Module& module, const std::string& name,
    const std::shared_ptr<torch::jit::CompilationUnit>& unit)
{
    torch::jit::Module script(c10::QualifiedName(name), unit, /*shouldMangle=*/true);
    script.register_attribute("training", c10::BoolType::get(), false);
    for (const auto& parameter : module.named_parameters(/*recurse=*/false))
        script.register_parameter(parameter.key(), parameter.value(), /*is_buffer=*/false);
    for (const auto& buffer : module.named_buffers(/*recurse=*/false))
        script.register_buffer(buffer.key(), buffer.value());
    for (const auto& child : module.named_children())
        script.register_module(child.key(), mirror(*child.value(), name, unit));
    return script;
}

at::Tensor output_of(LightningModule& module, const at::Tensor& input)
{
    auto output = module.forward_example(input);
    if (!output.is_tensor())
        throw MisconfigurationError(
            fmt::format("{}: its forward gives a {}; a torchscript needs a single tensor",
                module.name(), output.type_name()));
    return output.tensor();
}

torch::jit::Module traced(LightningModule& module, const at::Tensor& input)
{
    auto script = mirror(
        module, "leyden." + module.name(), std::make_shared<torch::jit::CompilationUnit>());
    const auto forward = [&](torch::jit::Stack inputs) -> torch::jit::Stack {
        return {output_of(module, inputs.at(0).toTensor())};
    };
    const auto no_name = [](const torch::autograd::Variable&) { return std::string(); };
    const auto [state, outputs] = torch::jit::tracer::trace(
        {input}, forward, no_name, /*strict=*/true, /*force_outplace=*/false, &script, {"input"});
    const auto name = c10::QualifiedName(*script.type()->name(), "forward");
    script.type()->addMethod(
        script._ivalue()->compilation_unit()->create_function(name, state->graph));
    return script;
}

/// Runs with the module in evaluation mode and without gradients, then puts its mode back.
class EvaluationMode
{
public:
    explicit EvaluationMode(LightningModule& module)
    {
        for (const auto& part : module.modules())
            modes_.emplace_back(part, part->is_training());
        module.eval();
    }
    ~EvaluationMode()
    {
        for (const auto& [part, is_training] : modes_)
            part->train(is_training); // parents come first: each child is set after them
    }
    EvaluationMode(const EvaluationMode&) = delete;
    EvaluationMode& operator=(const EvaluationMode&) = delete;

private:
    at::NoGradGuard no_grad_;
    std::vector<std::pair<std::shared_ptr<torch::nn::Module>, bool>> modes_;
};

} // namespace

void save_torchscript_file(FileSystem& files, const FileSystem::path& file, LightningModule& module)
{
    if (!module.example_input_array.is_tensor())
        throw MisconfigurationError(fmt::format(
            "{}: it has no example_input_array, a tensor; a torchscript needs it", module.name()));
    const auto input = module.example_input_array.tensor();
    with_file_name("write the torchscript", file, [&] {
        const GeneratorGuard guard; // the other input is drawn
        const EvaluationMode evaluation(module);
        auto script = traced(module, input);
        const auto other = input.is_floating_point() ? at::rand_like(input) : input.clone();
        if (!at::equal(script.forward({other}).toTensor(), output_of(module, other)))
            throw CheckpointError("what was traced gives other numbers than the model; its path "
                                  "depends on its input");
        std::ostringstream bytes;
        script.save(bytes);
        files.write_atomic(file, bytes.view());
    });
}

} // namespace leyden
