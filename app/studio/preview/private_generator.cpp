// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/preview/private_generator.h"

#include "engine/core/errors.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <c10/core/ScalarType.h>
#include <c10/core/impl/LocalDispatchKeySet.h>
#include <torch/library.h>

#include <string>

namespace leyden::app {
namespace {

// LibTorch keeps this key for modes of tests: no kernel of its own stands there, and a thread that
// includes it in its dispatch set has every operator pass through our fallback first.
constexpr auto modeKey = c10::DispatchKey::TESTING_ONLY_GenericMode;

struct Allowance
{
    at::Generator generator;
    double bytesLeft;
};

thread_local Allowance* t_allowance = nullptr;

void count(const c10::IValue& size, const c10::IValue& dtype, Allowance& allowance)
{
    double bytes = dtype.isInt() ? double(c10::elementSize(dtype.toScalarType())) : 4.0;
    for (const auto extent : size.toIntVector())
        bytes *= double(extent);
    allowance.bytesLeft -= bytes;
    if (allowance.bytesLeft < 0)
        throw MisconfigurationError(
            "the model is too large to be made for a look at it; it is shown when it runs");
}

void passThrough(const c10::OperatorHandle& op, c10::DispatchKeySet keys, torch::jit::Stack* stack)
{
    const auto& arguments = op.schema().arguments();
    const auto first = stack->size() - arguments.size();
    const c10::IValue* size = nullptr;
    const c10::IValue* dtype = nullptr;
    for (size_t i = 0; i < arguments.size() && t_allowance; ++i) {
        auto& value = (*stack)[first + i];
        const auto& name = arguments[i].name();
        if (name == "generator" && value.isNone())
            value = c10::IValue(t_allowance->generator);
        else if (name == "size" && value.isIntList())
            size = &value;
        else if (name == "dtype")
            dtype = &value;
    }
    // Every factory comes down to an "empty" in the end.
    if (size && dtype && op.operator_name().name.starts_with("aten::empty"))
        count(*size, *dtype, *t_allowance);
    op.redispatchBoxed(keys & c10::DispatchKeySet(c10::DispatchKeySet::FULL_AFTER, modeKey), stack);
}

} // namespace

// Before main(): a fallback that is registered later changes tables that a run is reading.
TORCH_LIBRARY_IMPL(_, TESTING_ONLY_GenericMode, library)
{
    library.fallback(torch::CppFunction::makeFromBoxedFunction<&passThrough>());
}

struct PrivateGenerator::Impl
{
    explicit Impl(int64_t maxBytes)
        : allowance{at::detail::createCPUGenerator(), double(maxBytes)}
        , outer(t_allowance)
        , guard(modeKey)
    {
        t_allowance = &allowance;
    }
    ~Impl() { t_allowance = outer; }

    Allowance allowance;
    Allowance* outer;
    c10::impl::IncludeDispatchKeyGuard guard;
};

PrivateGenerator::PrivateGenerator(int64_t maxBytes) : m_impl(std::make_unique<Impl>(maxBytes)) { }

PrivateGenerator::~PrivateGenerator() = default;

} // namespace leyden::app
