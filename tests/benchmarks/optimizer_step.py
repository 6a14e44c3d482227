# SPDX-License-Identifier: GPL-3.0-or-later
"""Microseconds of torch.optim.AdamW's step on the parameters of bench_optimizers.cpp, one thread.

optimizer_step.py STEPS prints {"default": us, "fused": us}. run.py sets the malloc options that the C++ program sets itself.
"""
import json
import sys
import time

import torch

WARM_UP = 3


def time_steps(steps, **arguments):
    torch.manual_seed(1)
    params = []
    for _ in range(75):
        params += [torch.nn.Parameter(torch.randn(365, 365)), torch.nn.Parameter(torch.randn(365))]
    for param in params:
        param.grad = torch.randn_like(param)
    optimizer = torch.optim.AdamW(params, **arguments)
    for step in range(WARM_UP + steps):
        if step == WARM_UP:
            begin = time.perf_counter()
        optimizer.step()
    return 1e6 * (time.perf_counter() - begin) / steps


if __name__ == "__main__":
    torch.set_num_threads(1)
    count = int(sys.argv[1])
    print(json.dumps({"default": time_steps(count), "fused": time_steps(count, fused=True)}))
