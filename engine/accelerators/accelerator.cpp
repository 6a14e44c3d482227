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

std::string shown(const Accelerator::Devices& devices)
{
    if (const auto* count = std::get_if<int64_t>(&devices))
        return std::to_string(*count);
    if (const auto* ids = std::get_if<std::vector<int64_t>>(&devices))
        return fmt::format("[{}]", fmt::join(*ids, ", "));
    return fmt::format("\"{}\"", std::get<std::string>(devices));
}

[[noreturn]] void refuse(const Accelerator::Devices& devices, const std::string& why)
{
    throw MisconfigurationError(fmt::format("devices = {}: {}", shown(devices), why));
}

std::string stripped(const std::string& text)
{
    const auto first = text.find_first_not_of(" \t");
    return first == std::string::npos ? "" : text.substr(first, text.find_last_not_of(" \t") - first + 1);
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
        refuse(devices, fmt::format("this machine has {} CUDA devices; use a number from 1 to {}, or -1 for all",
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
            refuse(devices, fmt::format("there is no CUDA device {}; this machine has {}", id, present));
    }
    return ids;
}

} // namespace

Accelerator Accelerator::resolve(const std::string& accelerator, const Devices& devices)
{
    const bool has_cuda = at::globalContext().hasCUDA();
    if (accelerator == "cpu" || (accelerator == "auto" && !has_cuda)) {
        check_processes(devices);
        return {"cpu", c10::Device(c10::kCPU)};
    }
    if (accelerator == "auto" || accelerator == "cuda" || accelerator == "gpu") {
        if (!has_cuda)
            throw MisconfigurationError("accelerator = '" + accelerator
                + "': no CUDA device was found on this machine; use cpu or auto");
        const auto ids = gpu_ids(devices, at::detail::getCUDAHooks().deviceCount());
        if (ids.size() > 1)
            refuse(devices, "several devices are not available yet; use one, such as [0]");
        return {"cuda", c10::Device(c10::kCUDA, c10::DeviceIndex(ids.front()))};
    }
    throw MisconfigurationError(
        "accelerator = '" + accelerator + "': not available yet; use auto, cpu, gpu or cuda");
}

} // namespace leyden
