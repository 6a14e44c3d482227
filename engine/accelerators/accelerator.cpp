// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/accelerators/accelerator.h"

#include "engine/core/errors.h"

#include <ATen/Context.h>
#include <ATen/detail/CUDAHooksInterface.h>

#include <spdlog/fmt/fmt.h>
#include <spdlog/fmt/ranges.h>

#include <algorithm>
#include <numeric>
#include <optional>
#include <set>
#include <sstream>

namespace leyden {
namespace {

std::string devices_text(const Accelerator::Devices& devices)
{
    if (const auto* count = std::get_if<int64_t>(&devices))
        return std::to_string(*count);
    if (const auto* ids = std::get_if<std::vector<int64_t>>(&devices))
        return fmt::format("[{}]", fmt::join(*ids, ", "));
    return fmt::format("\"{}\"", std::get<std::string>(devices));
}

[[noreturn]] void refuse(const Accelerator::Devices& devices, const std::string& why)
{
    throw MisconfigurationError(fmt::format("devices = {}: {}", devices_text(devices), why));
}

/// Of a kind that this machine does not have.
[[noreturn]] void refuse_accelerator(
    const std::string& accelerator, const std::vector<std::string>& there)
{
    std::string why = "unknown; expected auto, cpu, gpu, cuda or mps";
    if (accelerator == "gpu")
        why = "this machine has no GPU that can be used (neither CUDA nor MPS); use cpu or auto";
    else if (accelerator == "cuda" || accelerator == "mps")
        why = fmt::format(
            "no {} device was found on this machine, which has: {}; use one of them or auto",
            accelerator == "cuda" ? "CUDA" : "MPS", fmt::join(there, ", "));
    else if (accelerator == "tpu")
        why = "TPUs are driven by torch_xla, a Python package, which a C++ program cannot load; "
              "use auto, cpu, gpu, cuda "
              "or mps";
    throw MisconfigurationError(fmt::format("accelerator = '{}': {}", accelerator, why));
}

std::string stripped(const std::string& text)
{
    const auto first = text.find_first_not_of(" \t");
    return first == std::string::npos
        ? ""
        : text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

/// A number written as text, or nothing.
std::optional<int64_t> number_in(const std::string& text)
{
    const auto digits = stripped(text);
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    const auto first = digits.starts_with('-') ? digits.begin() + 1 : digits.begin();
    if (first == digits.end() || digits.size() > 9 || !std::all_of(first, digits.end(), is_digit))
        return std::nullopt;
    return std::stoll(digits);
}

void check_processes(const Accelerator::Devices& devices)
{
    constexpr const char* allowed = "on a CPU expected \"auto\" or a number of processes >= 1";
    const auto* text = std::get_if<std::string>(&devices);
    if (text && *text == "auto")
        return;
    const auto* number = std::get_if<int64_t>(&devices);
    const auto count = number ? std::optional(*number) : text ? number_in(*text) : std::nullopt;
    if (!count || *count < 1)
        refuse(devices, allowed);
    if (*count > 1)
        refuse(devices, "several processes are not available yet; use 1");
}

std::vector<int64_t> first_ids(const Accelerator::Devices& devices, int64_t count, int64_t present)
{
    if (count == 0)
        refuse(devices, "a run needs a device; use \"auto\" or 1");
    if (count < -1 || count > present)
        refuse(devices,
            fmt::format(
                "this machine has {} such devices; use a number from 1 to {}, or -1 for all",
                present, present));
    std::vector<int64_t> ids(size_t(count == -1 ? present : count));
    std::iota(ids.begin(), ids.end(), int64_t(0));
    return ids;
}

std::vector<int64_t> ids_in(const Accelerator::Devices& devices, const std::string& text)
{
    std::vector<int64_t> ids;
    std::stringstream stream(text);
    for (std::string part; std::getline(stream, part, ',');) {
        if (part.empty())
            continue;
        const auto id = number_in(part);
        if (!id)
            refuse(devices, "expected \"auto\", a number of devices, or ids such as \"0,1\"");
        ids.push_back(*id);
    }
    return ids;
}

/// Ids of the GPUs that `devices` names, checked against those that there are.
std::vector<int64_t> gpu_ids(const Accelerator::Devices& devices, int64_t present)
{
    if (const auto* count = std::get_if<int64_t>(&devices))
        return first_ids(devices, *count, present);
    const auto* text = std::get_if<std::string>(&devices);
    if (text && *text == "auto")
        return {0};
    if (text && text->find(',') == std::string::npos) {
        const auto count = number_in(*text);
        if (!count)
            refuse(devices, "expected \"auto\", a number of devices, or ids such as \"0,1\"");
        return first_ids(devices, *count, present);
    }
    const auto ids = text ? ids_in(devices, *text) : std::get<std::vector<int64_t>>(devices);
    if (ids.empty())
        refuse(devices, "a run needs a device; use \"auto\" or 1");
    if (std::set<int64_t>(ids.begin(), ids.end()).size() != ids.size())
        refuse(devices, "a device stands there twice; name each once");
    for (const auto id : ids) {
        if (id < 0 || id >= present)
            refuse(devices, fmt::format("there is no device {}; this machine has {}", id, present));
    }
    return ids;
}

} // namespace

std::vector<std::string> Accelerator::available()
{
    std::vector<std::string> names{"cpu"};
    if (at::globalContext().hasMPS())
        names.emplace_back("mps");
    if (at::globalContext().hasCUDA())
        names.emplace_back("cuda");
    return names;
}

Accelerator Accelerator::resolve(const std::string& accelerator, const Devices& devices)
{
    const auto there = available();
    const bool has_gpu = there.size() > 1;
    const auto name = (accelerator == "auto" || accelerator == "gpu") && has_gpu ? there[1]
        : accelerator == "auto"                                                  ? there[0]
                                                                                 : accelerator;
    if (std::find(there.begin(), there.end(), name) == there.end())
        refuse_accelerator(name, there);
    if (name == "cpu") {
        check_processes(devices);
        return {name, c10::Device(c10::kCPU)};
    }
    const auto present = name == "cuda" ? int64_t(at::detail::getCUDAHooks().deviceCount()) : 1;
    const auto ids = gpu_ids(devices, present);
    if (ids.size() > 1)
        refuse(devices, "several devices are not available yet; use one, such as [0]");
    return {
        name, c10::Device(name == "cuda" ? c10::kCUDA : c10::kMPS, c10::DeviceIndex(ids.front()))};
}

} // namespace leyden
