// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/core/generators.h"

#include "engine/core/errors.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Context.h>

#include <mutex>

namespace leyden {
namespace {

at::Tensor state_of(const at::Generator& generator)
{
    auto copy = generator;
    const std::lock_guard lock(copy.mutex());
    return copy.get_state();
}

void set_state_of(at::Generator generator, const at::Tensor& state)
{
    const std::lock_guard lock(generator.mutex());
    generator.set_state(state);
}

size_t cuda_devices()
{
    return at::globalContext().hasCUDA() ? size_t(at::detail::getCUDAHooks().deviceCount()) : 0;
}

at::Generator cuda_generator(size_t index)
{
    return at::globalContext().defaultGenerator(at::Device(at::kCUDA, c10::DeviceIndex(index)));
}

} // namespace

StateTree generator_states()
{
    auto states = StateTree::dict({{"cpu", state_of(at::detail::getDefaultCPUGenerator())}});
    if (const auto devices = cuda_devices()) {
        auto cuda = StateTree::list();
        for (size_t i = 0; i < devices; ++i)
            cuda.push_back(state_of(cuda_generator(i)));
        states.set("cuda", std::move(cuda));
    }
    return states;
}

void set_generator_states(const StateTree& states)
{
    try {
        set_state_of(at::detail::getDefaultCPUGenerator(), states.at("cpu").tensor());
        if (const auto* cuda = states.find("cuda")) {
            for (size_t i = 0; i < std::min(cuda->size(), cuda_devices()); ++i)
                set_state_of(cuda_generator(i), (*cuda)[i].tensor());
        }
    } catch (const c10::Error& error) {
        throw CheckpointError(std::string("the random state in the checkpoint cannot be used: ")
            + error.what_without_backtrace());
    }
}

void seed_everything(int64_t seed)
{
    if (seed < 0 || seed > 0xffffffffLL)
        throw MisconfigurationError(
            "seed_everything = " + std::to_string(seed) + ": expected 0 to 4294967295");
    auto generator = at::detail::getDefaultCPUGenerator();
    {
        const std::lock_guard lock(generator.mutex());
        generator.set_current_seed(uint64_t(seed));
    }
    for (size_t i = 0; i < cuda_devices(); ++i) {
        auto device_generator = cuda_generator(i);
        const std::lock_guard lock(device_generator.mutex());
        device_generator.set_current_seed(uint64_t(seed));
    }
}

GeneratorGuard::~GeneratorGuard()
{
    try {
        set_generator_states(states_);
    } catch (const std::exception&) { // states of our own making fit; a destructor must not throw
    }
}

} // namespace leyden
