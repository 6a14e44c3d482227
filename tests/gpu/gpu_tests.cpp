// SPDX-License-Identifier: GPL-3.0-or-later
// What has to hold on a GPU, in a program without Qt, for machines that have a card and little
// else; packaging/test.sh --gpu builds and calls it. Prints one line a check.
//
//   gpu_tests                  the checks; where there is no CUDA device, it says so and returns 77
//   gpu_tests --device cpu     the same on the CPU alone: whether the checks themselves work
//   gpu_tests --speed          see gpu_speed.h; with --device cpu too
#include "engine/accelerators/accelerator.h"
#include "tests/gpu/gpu_fit.h"
#include "tests/gpu/gpu_speed.h"

#include <spdlog/fmt/fmt.h>
#include <torch/headeronly/version.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <functional>
#include <stdexcept>
#include <string_view>

#include <unistd.h>

namespace {
using namespace leyden;
using namespace leyden::gpu;
namespace fs = std::filesystem;

constexpr int skipped = 77;        // CTest's SKIP_RETURN_CODE
constexpr int64_t saved_step = 30; // in the middle of the second epoch

/// What the checks share: the fits that several of them look at.
struct Runs
{
    c10::DeviceType device;
    fs::path folder;
    FitResult on_cpu, on_device;
};

/// A check that does not hold. The text says what was seen.
struct Failed : std::runtime_error
{
    using std::runtime_error::runtime_error;
};

void require(bool holds, const std::string& otherwise)
{
    if (!holds)
        throw Failed(otherwise);
}

double largest_difference(const std::vector<double>& a, const std::vector<double>& b)
{
    require(a.size() == b.size(), fmt::format("{} steps and {}", a.size(), b.size()));
    double largest = 0.0;
    for (size_t i = 0; i < a.size(); ++i)
        largest = std::max(largest, std::abs(a[i] - b[i]) / std::max(1.0, std::abs(b[i])));
    return std::isfinite(a.back()) ? largest : INFINITY;
}

/// The same batches and first weights: after 50 steps in float32 only rounding lies between.
std::string fits_alike(Runs& runs)
{
    const auto saving = [&](c10::DeviceType device, const char* folder) {
        return fit({.device = device, .save_at = saved_step, .folder = runs.folder / folder});
    };
    runs.on_cpu = saving(c10::kCPU, "cpu");
    runs.on_device = saving(runs.device, "device");
    const auto& losses = runs.on_device.losses;
    require(losses.size() == size_t(fit_steps), fmt::format("{} steps", losses.size()));
    const auto text = fmt::format(
        "loss {:.4f} to {:.4f}, on the CPU {:.4f}; largest difference {:.1e}", losses.front(),
        losses.back(), runs.on_cpu.losses.back(), largest_difference(losses, runs.on_cpu.losses));
    require(largest_difference(losses, runs.on_cpu.losses) <= 2e-3, text);
    require(runs.on_device.end_loss() < 0.5 * losses.front(), text);
    return text;
}

/// Mixed precision learns what float32 does, up to its rounding and some steps left out.
std::string learns_as_float32(Runs& runs, const char* precision)
{
    const auto mixed = fit({.device = runs.device, .precision = precision});
    const auto text = fmt::format("mean loss of the last 10 steps {:.4f}, with 32-true {:.4f}",
        mixed.end_loss(), runs.on_device.end_loss());
    require(std::abs(mixed.end_loss() - runs.on_device.end_loss())
            <= 0.1 * runs.on_device.end_loss() + 0.02,
        text);
    require(runs.device == c10::kCPU || !is_same(mixed.weights, runs.on_device.weights),
        "the weights are those of 32-true: nothing ran in lower precision");
    return text;
}

/// A scale that overflows at first: those steps are left out, then training goes on.
std::string scales_the_loss(Runs& runs)
{
    const auto scaled = fit({.device = runs.device,
        .scaler = GradScalerOptions{.init_scale = std::exp2(32), .growth_interval = 4}});
    int falls = 0, growths = 0;
    double before = std::exp2(32);
    for (const auto scale : scaled.scales) {
        falls += scale < before;
        growths += scale > before;
        before = scale;
    }
    const auto text = fmt::format(
        "scale 2^32, {} times halved, {} times doubled, 2^{:.0f} in the end; loss {:.4f}", falls,
        growths, std::log2(before), scaled.losses.back());
    require(falls > 0 && growths > 0, text);
    require(std::isfinite(scaled.losses.back()) && scaled.end_loss() < scaled.losses.front(), text);
    const auto steps = scaled.optimizer.at("state").at(0).at("step").tensor().item<double>();
    require(
        steps == double(fit_steps - falls), fmt::format("{}; AdamW made {} steps", text, steps));
    return text;
}

/// Weights, gradients and AdamW's two moments have to fit, and what one update puts aside; after the
/// run all of it is free again.
std::string holds_little_memory(Runs& runs)
{
    const FitOptions options{.device = runs.device, .hidden_sizes = {2048, 2048}};
    fit(options); // what the libraries keep for themselves is there from now on
    const auto before = allocated_bytes(runs.device);
    reset_peak(runs.device);
    const auto weights = double(fit(options).parameter_bytes);
    const auto peak = double(peak_bytes(runs.device) - before);
    const auto left = allocated_bytes(runs.device) - before;
    const auto text = fmt::format(
        "{:.1f} MiB at most, {:.2f} times weights, gradients and moments; {} bytes left",
        peak / 1048576, peak / (4 * weights), left);
    require(peak >= 4 * weights && peak <= 2 * 4 * weights + 32 * 1048576, text);
    require(left <= 1048576, text);
    return text;
}

/// With dropout, so that the device's random generator has to be taken up too.
std::string resumes_bit_for_bit(Runs& runs)
{
    FitOptions options{.device = runs.device,
        .dropout = 0.2,
        .save_at = saved_step,
        .folder = runs.folder / "uninterrupted"};
    const auto whole = fit(options);
    options.resume_from = whole.checkpoint;
    options.folder = runs.folder / "resumed";
    const auto rest = fit(options);
    const std::vector<double> expected(whole.losses.begin() + saved_step, whole.losses.end());
    require(rest.losses == expected,
        fmt::format("losses from step {} on: largest difference {:.1e}", saved_step + 1,
            largest_difference(rest.losses, expected)));
    require(is_same(rest.weights, whole.weights), "same losses, other weights");
    require(is_same(rest.optimizer, whole.optimizer), "same losses, another state of AdamW");
    return fmt::format(
        "from step {}, within epoch 2, to {}: losses, weights and AdamW's state are the same",
        saved_step, fit_steps);
}

std::string goes_on_on_the_cpu(Runs& runs)
{
    const auto rest = fit({.device = c10::kCPU, .resume_from = runs.on_device.checkpoint});
    const std::vector<double> expected(
        runs.on_device.losses.begin() + saved_step, runs.on_device.losses.end());
    const auto text = fmt::format(
        "largest difference of a loss {:.1e}", largest_difference(rest.losses, expected));
    require(largest_difference(rest.losses, expected) <= 2e-3, text);
    return text;
}

struct Check
{
    const char* name;
    std::function<std::string(Runs&)> run;
    bool needs_gpu = false; ///< has nothing to say on a CPU
};

const std::vector<Check> checks = {
    {"50 steps, CPU and GPU", fits_alike},
    {"16-mixed", [](Runs& runs) { return learns_as_float32(runs, "16-mixed"); }},
    {"16-mixed, GradScaler", scales_the_loss},
    {"bf16-mixed", [](Runs& runs) { return learns_as_float32(runs, "bf16-mixed"); }},
    {"peak memory", holds_little_memory, true},
    {"resume on the GPU", resumes_bit_for_bit},
    {"GPU's checkpoint on the CPU", goes_on_on_the_cpu},
};

void print_row(const std::string& name, const std::string& result, const std::string& text)
{
    fmt::print("{:<28} {:<8} {}\n", name, result, text);
    std::fflush(stdout);
}

int run_checks(c10::DeviceType device)
{
    Runs runs{device, fs::temp_directory_path() / fmt::format("leyden-gpu-{}", getpid()), {}, {}};
    int failures = 0;
    for (const auto& check : checks) {
        if (check.needs_gpu && device == c10::kCPU) {
            print_row(check.name, "skipped", "a CPU counts no memory");
            continue;
        }
        try {
            print_row(check.name, "passed", check.run(runs));
        } catch (const std::exception& error) {
            ++failures;
            print_row(check.name, "FAILED", error.what());
        }
    }
    std::error_code ignored;
    fs::remove_all(runs.folder, ignored);
    return failures == 0 ? 0 : 1;
}

} // namespace

int main(int argc, char** argv)
{
    auto device = c10::kCUDA;
    bool is_speed = false;
    for (int i = 1; i < argc; ++i) {
        const std::string_view argument = argv[i];
        if (argument == "--speed") {
            is_speed = true;
        } else if (argument == "--device" && i + 1 < argc
            && argv[i + 1] == std::string_view("cpu")) {
            device = c10::kCPU;
            ++i;
        } else {
            fmt::print(stderr, "gpu_tests [--device cpu] [--speed]\n");
            return 2;
        }
    }
    const auto available = Accelerator::available();
    const bool has_device = device == c10::kCPU
        || std::find(available.begin(), available.end(), "cuda") != available.end();
    if (is_speed && has_device)
        return answer_speed(device);
    print_row("LibTorch", TORCH_VERSION,
        device == c10::kCPU ? "a rehearsal: the CPU in the GPU's place"
            : has_device    ? "with a CUDA device"
                            : "without a CUDA device");
    if (has_device)
        return run_checks(device);
    for (const auto& check : checks)
        print_row(check.name, "skipped", "no CUDA device");
    fmt::print("SKIP   : gpu_tests: no CUDA device\n");
    return skipped;
}
