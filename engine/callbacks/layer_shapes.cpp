// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/callbacks/layer_shapes.h"

#include <ATen/core/ivalue.h>
#include <ATen/record_function.h>
#include <torch/nn/module.h>

#include <spdlog/fmt/fmt.h>
#include <spdlog/fmt/ranges.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <set>
#include <string_view>
#include <vector>

namespace leyden {
namespace {

using torch::nn::Module;
using Shape = std::vector<int64_t>;

/// One operation, as it was called.
struct Operation
{
    std::string name;          ///< "aten::linear"
    std::vector<Shape> inputs; ///< shapes of its tensors
    std::string in_size;
    std::string out_size;
    const void* layer = nullptr; ///< whose parameters it, or the operation around it, uses
    size_t depth = 0;            ///< 0: called by the model itself
    bool is_counted = false;     ///< within an operation whose products were counted
    int64_t flops = 0;
};

int64_t product(const Shape& shape, size_t from = 0)
{
    int64_t result = 1;
    for (size_t i = from; i < shape.size(); ++i)
        result *= shape[i];
    return result;
}

std::string size_text(const at::Tensor& tensor)
{
    if (!tensor.defined())
        return {};
    return fmt::format("[{}]", fmt::join(tensor.sizes(), ", "));
}

/// Of a tensor, or of the tensors in a list or tuple.
std::string size_text(const c10::IValue& value)
{
    if (value.isTensor())
        return size_text(value.toTensor());
    std::vector<std::string> parts;
    if (value.isTensorList()) {
        for (const at::Tensor& tensor : value.toTensorVector())
            parts.push_back(size_text(tensor));
    }
    return parts.empty() ? "" : fmt::format("[{}]", fmt::join(parts, ", "));
}

/// 2 for each multiply-add, by the formulas of torch.utils.flop_counter.
int64_t products_of(
    std::string_view name, const std::vector<Shape>& in, const Shape& out, bool is_transposed)
{
    const auto of_matrices = [](const Shape& a, const Shape& b) {
        return a.size() == 2 && b.size() == 2 ? 2 * a[0] * a[1] * b[1] : 0;
    };
    const auto of_batches = [](const Shape& a, const Shape& b) {
        return a.size() == 3 && b.size() == 3 ? 2 * a[0] * a[1] * a[2] * b[2] : 0;
    };
    if (name == "aten::mm" && in.size() >= 2)
        return of_matrices(in[0], in[1]);
    if (name == "aten::addmm" && in.size() >= 3)
        return of_matrices(in[1], in[2]);
    if (name == "aten::bmm" && in.size() >= 2)
        return of_batches(in[0], in[1]);
    if (name == "aten::baddbmm" && in.size() >= 3)
        return of_batches(in[1], in[2]);
    if (name == "aten::convolution" && in.size() >= 2 && in[0].size() > 2)
        return 2 * in[0][0] * product(is_transposed ? in[0] : out, 2) * product(in[1]);
    return 0;
}

/// Operations that a layer without parameters is known by.
const std::map<std::string_view, std::set<std::string_view>> operations_of_kinds = {
    {"ReLU", {"aten::relu", "aten::relu_"}},
    {"Tanh", {"aten::tanh"}},
    {"GELU", {"aten::gelu"}},
    {"Sigmoid", {"aten::sigmoid"}},
    {"SiLU", {"aten::silu", "aten::silu_"}},
    {"ELU", {"aten::elu", "aten::elu_"}},
    {"LeakyReLU", {"aten::leaky_relu", "aten::leaky_relu_"}},
    {"Softmax", {"aten::softmax"}},
    {"LogSoftmax", {"aten::log_softmax"}},
    {"Dropout", {"aten::dropout", "aten::dropout_"}},
    {"Dropout2d", {"aten::feature_dropout", "aten::feature_dropout_"}},
    {"Flatten", {"aten::flatten"}},
    {"MaxPool1d", {"aten::max_pool1d"}},
    {"MaxPool2d", {"aten::max_pool2d"}},
    {"MaxPool3d", {"aten::max_pool3d"}},
    {"AvgPool1d", {"aten::avg_pool1d"}},
    {"AvgPool2d", {"aten::avg_pool2d"}},
    {"AvgPool3d", {"aten::avg_pool3d"}},
    {"AdaptiveAvgPool1d", {"aten::adaptive_avg_pool1d"}},
    {"AdaptiveAvgPool2d", {"aten::adaptive_avg_pool2d"}},
    {"AdaptiveMaxPool2d", {"aten::adaptive_max_pool2d"}},
    {"Softplus", {"aten::softplus"}},
};

/// "torch::nn::ReLUImpl" -> "ReLU"
std::string kind_of(const Module& module)
{
    auto name = module.name();
    if (const auto colon = name.rfind("::"); colon != std::string::npos)
        name.erase(0, colon + 2);
    return name.size() > 4 && name.ends_with("Impl") ? name.substr(0, name.size() - 4) : name;
}

/// Hears every operation of this thread while it lives.
class Recorder
{
public:
    explicit Recorder(const Module& module)
    {
        const auto note = [&](const Module& layer) {
            for (const auto& parameter : layer.parameters(/*recurse=*/false))
                owners_.emplace(parameter.unsafeGetTensorImpl(), &layer);
        };
        note(module);
        // self need not live in a shared_ptr
        for (const auto& layer : module.modules(/*include_self=*/false))
            note(*layer);
        current_ = this;
        handle_ = at::addThreadLocalCallback(
            at::RecordFunctionCallback(&Recorder::begin, &Recorder::end)
                .needsInputs(true)
                .needsOutputs(true)
                .scopes({at::RecordScope::FUNCTION}));
    }
    ~Recorder()
    {
        at::removeCallback(handle_);
        current_ = nullptr;
    }
    Recorder(const Recorder&) = delete;
    Recorder& operator=(const Recorder&) = delete;

    std::vector<Operation> operations; ///< in the order of their beginnings

private:
    static std::unique_ptr<at::ObserverContext> begin(const at::RecordFunction& function)
    {
        auto& self = *current_;
        Operation operation;
        operation.name = function.name();
        operation.depth = self.open_.size();
        if (!self.open_.empty()) {
            const auto& outer = self.operations[self.open_.back()];
            operation.layer = outer.layer;
            operation.is_counted = outer.is_counted || outer.name == "aten::convolution";
        }
        const auto note = [&](const at::Tensor& tensor) {
            if (!tensor.defined())
                return;
            const auto owner = self.owners_.find(tensor.unsafeGetTensorImpl());
            operation.inputs.emplace_back(tensor.sizes().begin(), tensor.sizes().end());
            if (owner != self.owners_.end())
                operation.layer = owner->second;
            else if (operation.in_size.empty())
                operation.in_size = size_text(tensor);
        };
        for (const auto& input : function.inputs()) {
            if (input.isTensor())
                note(input.toTensor());
            else if (input.isTensorList())
                for (const at::Tensor& tensor : input.toTensorVector())
                    note(tensor);
        }
        if (operation.name == "aten::convolution" && function.inputs().size() > 6
            && function.inputs()[6].isBool())
            self.is_transposed_ = function.inputs()[6].toBool();
        self.open_.push_back(self.operations.size());
        self.operations.push_back(std::move(operation));
        return nullptr;
    }

    static void end(const at::RecordFunction& function, at::ObserverContext*)
    {
        auto& self = *current_;
        if (self.open_.empty())
            return;
        auto& operation = self.operations[self.open_.back()];
        self.open_.pop_back();
        Shape out;
        if (const auto& outputs = function.outputs(); !outputs.empty()) {
            operation.out_size = size_text(outputs.front());
            if (outputs.front().isTensor() && outputs.front().toTensor().defined())
                out = outputs.front().toTensor().sizes().vec();
        }
        if (!operation.is_counted)
            operation.flops
                = products_of(operation.name, operation.inputs, out, self.is_transposed_);
    }

    static thread_local Recorder* current_;
    std::map<const void*, const Module*> owners_;
    std::vector<size_t> open_;
    bool is_transposed_ = false;
    at::CallbackHandle handle_{};
};

thread_local Recorder* Recorder::current_ = nullptr;

/// First and last place in the list of operations where a layer was at work.
struct Span
{
    size_t first = 0;
    size_t last = 0;
};

class Assignment
{
public:
    explicit Assignment(std::vector<Operation> operations) : operations_(std::move(operations)) { }

    ForwardShapes of(const Module& module)
    {
        for (size_t i = 0; i < operations_.size(); ++i) {
            const auto& operation = operations_[i];
            if (const auto* layer = static_cast<const Module*>(operation.layer);
                layer && operation.depth == 0)
                grow(layer, {i, i});
            shapes_.flops += operation.flops;
            if (operation.layer)
                flops_[operation.layer] += operation.flops;
        }
        place_quiet_layers(module);
        for (const auto& child : module.children())
            describe(*child);
        return std::move(shapes_);
    }

private:
    void grow(const Module* layer, Span span)
    {
        const auto [known, is_new] = spans_.try_emplace(layer, span);
        if (!is_new)
            known->second = {
                std::min(known->second.first, span.first), std::max(known->second.last, span.last)};
    }

    /// Layers without parameters take the next operation of their kind.
    void place_quiet_layers(const Module& module)
    {
        size_t next = 0;
        for (const auto& layer : module.modules(/*include_self=*/false)) {
            if (const auto known = spans_.find(layer.get()); known != spans_.end()) {
                next = known->second.last + 1;
                continue;
            }
            const auto kind = operations_of_kinds.find(kind_of(*layer));
            if (kind == operations_of_kinds.end())
                continue;
            for (size_t i = next; i < operations_.size(); ++i) {
                const auto& operation = operations_[i];
                if (operation.depth != 0 || operation.layer
                    || !kind->second.contains(operation.name))
                    continue;
                grow(layer.get(), {i, i});
                next = i + 1;
                break;
            }
        }
    }

    /// Of the first operation that takes more than parameters: a linear layer begins by transposing
    /// its weight.
    std::string in_size_of(const Span& span) const
    {
        for (size_t i = span.first; i <= span.last; ++i)
            if (operations_[i].depth == 0 && !operations_[i].in_size.empty())
                return operations_[i].in_size;
        return {};
    }

    /// Fills in the layer and those below it; gives its span, with its flops added up.
    std::pair<std::optional<Span>, int64_t> describe(const Module& layer)
    {
        std::optional<Span> span;
        if (const auto own = spans_.find(&layer); own != spans_.end())
            span = own->second;
        int64_t flops = flops_.contains(&layer) ? flops_.at(&layer) : 0;
        for (const auto& child : layer.children()) {
            const auto [below, more] = describe(*child);
            flops += more;
            if (below)
                span = span
                    ? Span{std::min(span->first, below->first), std::max(span->last, below->last)}
                    : *below;
        }
        if (span)
            shapes_.layers[&layer] = {in_size_of(*span), operations_[span->last].out_size, flops};
        return {span, flops};
    }

    std::vector<Operation> operations_;
    std::map<const void*, Span> spans_;
    std::map<const void*, int64_t> flops_;
    ForwardShapes shapes_;
};

} // namespace

ForwardShapes observe_forward(const Module& module, const std::function<void()>& forward)
{
    std::vector<Operation> operations;
    {
        Recorder recorder(module);
        forward();
        operations = std::move(recorder.operations);
    }
    return Assignment(std::move(operations)).of(module);
}

} // namespace leyden
