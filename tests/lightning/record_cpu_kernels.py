# SPDX-License-Identifier: GPL-3.0-or-later
"""Records what this CPU's kernels give: two CPUs of one capability can still round differently.

python record_cpu_kernels.py
Run it on the machine that recorded ../data; tests/support/recorded_cpu.h tells by it whether to compare bit for bit.
"""
import json
import pathlib

import torch

from reference import digest


def operations(x):
    """Name -> result, of a [64, 64] tensor in -1..1."""
    positive = x.abs() + 0.5
    return {"sqrt": positive.sqrt(), "rsqrt": positive.rsqrt(), "exp": x.exp(), "log": positive.log(), "tanh": x.tanh(),
            "sin": x.sin(), "erf": x.erf(), "sigmoid": x.sigmoid(), "log_softmax": x.log_softmax(1), "sum": x.sum(1),
            "matmul": x @ x, "matmul of few rows": x[:3, :33] @ x[:33, :7], "outer product": x[:, :1] @ x[:1],
            "linear": torch.nn.functional.linear(x[:16], x, x[0]),
            "convolution": torch.conv2d(x.view(4, 4, 16, 16), x.flatten()[:288].view(8, 4, 3, 3), x[1, :8])}


def main():
    torch.set_num_threads(1)
    numbers = torch.tensor([((i * 37 + 11) % 2001 - 1000) / 1000 for i in range(64 * 64)], dtype=torch.float64).view(64, 64)
    recorded = {"torch": torch.__version__, "cpu_capability": torch.backends.cpu.get_cpu_capability(), "kernels": {
        f"{name}, {dtype}": digest(value) for dtype in ("float32", "float64", "bfloat16", "float16")
        for name, value in operations(numbers.to(getattr(torch, dtype))).items()}}
    file = pathlib.Path(__file__).parent.parent / "data" / "cpu_kernels.json"
    file.write_text(json.dumps(recorded, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
