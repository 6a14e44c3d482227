# SPDX-License-Identifier: GPL-3.0-or-later
"""Records what torch.amp.GradScaler does on a CPU while some gradients overflow.

python record_precision.py [--output FOLDER] [NAME ...]     writes FOLDER/NAME.json (../data/precision)
"""
import argparse
import json
import pathlib

import torch
from torch import nn

from record_optimizers import bits, parameters, pattern

SHORT = {"init_scale": 2.0**10, "growth_interval": 3}
CASES = [  # name, optimizer, arguments, the scaler's, {step: what is wrong with the gradients}, clip
    ("no overflow", "SGD", {"lr": 0.1}, SHORT, {}, None),
    ("overflows", "SGD", {"lr": 0.1, "momentum": 0.9}, SHORT, {1: "inf", 5: "inf", 6: "nan", 14: "inf"}, None),
    ("unscaled before clipping", "Adam", {"lr": 0.01}, SHORT, {4: "inf", 9: "nan"}, 0.5),
    ("grows to infinity", "SGD", {"lr": 0.1}, {"init_scale": 2.0**120, "growth_interval": 1, "growth_factor": 8.0}, {}, None),
    ("falls back far", "AdamW", {"lr": 0.01}, {"init_scale": 2.0**127, "backoff_factor": 0.125}, {3: "inf"}, None),
    ("defaults", "AdamW", {"lr": 0.01}, {}, {2: "inf"}, None),
    ("fused", "AdamW", {"lr": 0.01, "fused": True}, SHORT, {2: "inf", 7: "nan"}, None),
    ("fused momentum", "SGD", {"lr": 0.1, "momentum": 0.9, "fused": True}, SHORT, {3: "inf"}, None),
    ("fused sums", "Adagrad", {"lr": 0.1, "fused": True}, SHORT, {3: "inf"}, None),
    ("fused, unscaled before", "Adam", {"lr": 0.01, "fused": True, "amsgrad": True}, SHORT, {3: "inf"}, 0.5),
]
STEPS = 15
FACTORS = {"inf": float("inf"), "nan": float("nan")}


def loss_of(params, step, fault):
    """Gradients of a pattern; the last parameter's are faulty."""
    weights = [pattern(param.shape, 7919, 15485 * k + 104729 * step) for k, param in enumerate(params)]
    weights[-1] = weights[-1] * FACTORS.get(fault, 1.0)
    return sum((param * weight).sum() for param, weight in zip(params, weights))


def grad_scaler():
    for name, class_path, arguments, scaler_arguments, faults, clip in CASES:
        params = parameters()
        optimizer = getattr(torch.optim, class_path)(params, **arguments)
        scaler = torch.amp.GradScaler("cpu", **scaler_arguments)
        steps = []
        for step in range(1, STEPS + 1):
            optimizer.zero_grad()
            scaled = scaler.scale(loss_of(params, step, faults.get(step)))
            scaled.backward()
            if clip is not None:
                scaler.unscale_(optimizer)
                nn.utils.clip_grad_norm_(params, clip)
            scaler.step(optimizer)
            gradients = [bits(param.grad) for param in params]
            scaler.update()
            steps.append({"gradients": gradients, "params": [bits(param) for param in params], "state": scaler.state_dict()})
        for entry in steps:  # an infinite scale as text
            if entry["state"]["scale"] == float("inf"):
                entry["state"]["scale"] = "Infinity"
        state = optimizer.state_dict()["state"]
        yield {
            "name": name, "class_path": class_path, "init_args": arguments, "scaler": scaler_arguments,
            "faults": {str(step): fault for step, fault in faults.items()}, "clip": clip, "steps": steps,
            "state": {str(i): {key: bits(value) for key, value in entry.items()} for i, entry in state.items()},
        }


RECORDS = {"grad_scaler": grad_scaler}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--output", type=pathlib.Path, default=pathlib.Path(__file__).parent.parent / "data" / "precision")
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(RECORDS))
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    arguments.output.mkdir(exist_ok=True)
    for name in arguments.names or RECORDS:
        head = {"torch": torch.__version__, "cpu_capability": torch.backends.cpu.get_cpu_capability()}
        cases = ",\n".join(json.dumps(case) for case in RECORDS[name]())  # one a line
        (arguments.output / f"{name}.json").write_text(f'{json.dumps(head)[:-1]}, "cases": [\n{cases}\n]}}\n')


if __name__ == "__main__":
    main()
