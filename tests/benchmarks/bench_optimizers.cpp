// SPDX-License-Identifier: GPL-3.0-or-later
// Microseconds of an AdamW step on 10 million parameters in 150 tensors, one thread;
// optimizer_step.py does the same in Python. Prints one JSON line: {"default": us, "fused": us}.
// bench_optimizers STEPS
#include "engine/core/generators.h"
#include "engine/optim/adam.h"

#include <ATen/Parallel.h>
#include <ATen/ops/randn.h>

#include <chrono>
#include <climits>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include <malloc.h>

namespace {
using namespace leyden;
constexpr int warm_up = 3;

double time_steps(bool is_fused, int steps)
{
    seed_everything(1);
    std::vector<at::Tensor> params;
    for (int i = 0; i < 75; ++i) {
        params.push_back(at::randn({365, 365}).set_requires_grad(true));
        params.push_back(at::randn({365}).set_requires_grad(true));
    }
    for (const auto& param : params)
        param.mutable_grad() = at::randn(param.sizes());
    AdamWOptions options;
    if (is_fused)
        options.fused = true;
    AdamW optimizer(params, options);
    auto begin = std::chrono::steady_clock::now();
    for (int step = 0; step < warm_up + steps; ++step) {
        if (step == warm_up)
            begin = std::chrono::steady_clock::now();
        optimizer.step();
    }
    return 1e6 * std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count()
        / steps;
}

} // namespace

int main(int argc, char** argv)
{
    if (argc != 2) {
        std::fputs("bench_optimizers STEPS\n", stderr);
        return 2;
    }
    mallopt(M_MMAP_THRESHOLD, 1 << 30); // as the program leyden does
    mallopt(M_TRIM_THRESHOLD, INT_MAX);
    at::set_num_threads(1);
    const int steps = std::atoi(argv[1]);
    const auto plain = time_steps(false, steps);
    std::printf("{\"default\": %.1f, \"fused\": %.1f}\n", plain, time_steps(true, steps));
    return 0;
}
