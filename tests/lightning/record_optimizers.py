# SPDX-License-Identifier: GPL-3.0-or-later
"""Records what PyTorch computes: optimizers, schedulers, gradient clipping, the MLP's layers, metrics.

python record_optimizers.py [--output FOLDER] [NAME ...]     writes FOLDER/NAME.json (../data/optim)
Tensors are written as the hexadecimal text of their float32 bytes, so that nothing is rounded.
"""
import argparse
import json
import pathlib

import torch
from torch import nn

SHAPES = [(3, 17), (5,), (2,)]
SNAPSHOTS = (1, 2, 10, 100)


def bits(tensor):
    return tensor.detach().to(torch.float32).contiguous().numpy().tobytes().hex()


def pattern(shape, a, b, scale=1000):
    """Numbers that the tests can make again without a random generator."""
    count = torch.Size(shape).numel()
    values = [((i * a + b) % (2 * scale + 1) - scale) / scale for i in range(count)]
    return torch.tensor(values, dtype=torch.float64).to(torch.float32).reshape(shape)


def parameters():
    return [nn.Parameter(pattern(shape, 31, 17 * k, 50)) for k, shape in enumerate(SHAPES)]


def set_gradients(params, step):
    """The last parameter has a gradient at every second step only."""
    for k, param in enumerate(params):
        has_none = k == len(params) - 1 and step % 2 == 1
        param.grad = None if has_none else pattern(param.shape, 7919, 15485 * k + 104729 * step)


def snapshot(optimizer, params):
    state = optimizer.state_dict()
    return {
        "params": [bits(param) for param in params],
        "state": {str(i): {key: bits(value) for key, value in entry.items()} for i, entry in state["state"].items()},
        "group_keys": [list(group) for group in state["param_groups"]],
        "group_values": [{key: group[key] for key in group} for group in state["param_groups"]],
    }


OPTIMIZERS = [
    ("SGD plain", "SGD", {"lr": 0.1}),
    ("SGD momentum", "SGD", {"lr": 0.01, "momentum": 0.9}),
    ("SGD dampening", "SGD", {"lr": 0.01, "momentum": 0.9, "dampening": 0.3}),
    ("SGD nesterov", "SGD", {"lr": 0.01, "momentum": 0.9, "nesterov": True}),
    ("SGD weight decay", "SGD", {"lr": 0.05, "weight_decay": 0.03}),
    ("SGD maximize", "SGD", {"lr": 0.05, "maximize": True, "momentum": 0.5}),
    ("SGD all", "SGD", {"lr": 0.03, "momentum": 0.8, "weight_decay": 0.02, "nesterov": True, "maximize": True}),
    ("Adam default", "Adam", {}),
    ("Adam weight decay", "Adam", {"lr": 0.01, "weight_decay": 0.1}),
    ("Adam amsgrad", "Adam", {"lr": 0.01, "amsgrad": True}),
    ("Adam maximize", "Adam", {"lr": 0.01, "maximize": True}),
    ("Adam betas", "Adam", {"lr": 0.02, "betas": [0.8, 0.95], "eps": 1e-3}),
    ("Adam decoupled", "Adam", {"lr": 0.02, "weight_decay": 0.1, "decoupled_weight_decay": True}),
    ("AdamW default", "AdamW", {}),
    ("AdamW weight decay", "AdamW", {"lr": 0.01, "weight_decay": 0.3}),
    ("AdamW amsgrad", "AdamW", {"lr": 0.01, "amsgrad": True, "maximize": True}),
    ("AdamW no decay", "AdamW", {"lr": 0.01, "weight_decay": 0.0}),
]


def optimizers():
    for name, class_path, arguments in OPTIMIZERS:
        params = parameters()
        given = {**arguments, "betas": tuple(arguments["betas"])} if "betas" in arguments else arguments
        optimizer = getattr(torch.optim, class_path)(params, **given)
        snapshots = {}
        for step in range(1, max(SNAPSHOTS) + 1):
            set_gradients(params, step)
            optimizer.step()
            if step in SNAPSHOTS:
                snapshots[str(step)] = snapshot(optimizer, params)
        yield {"name": name, "class_path": class_path, "init_args": arguments, "snapshots": snapshots}


SCHEDULERS = [
    ("StepLR", "StepLR", {"step_size": 7}),
    ("StepLR every step", "StepLR", {"step_size": 1, "gamma": 0.93}),
    ("Cosine once", "CosineAnnealingLR", {"T_max": 50}),
    ("Cosine up again", "CosineAnnealingLR", {"T_max": 8, "eta_min": 0.001}),
    ("Cosine of one step", "CosineAnnealingLR", {"T_max": 1}),
]


def schedulers():
    for name, class_path, arguments in SCHEDULERS:
        params = parameters()
        optimizer = torch.optim.SGD([{"params": params[:1]}, {"params": params[1:], "lr": 0.3}], lr=0.1)
        scheduler = getattr(torch.optim.lr_scheduler, class_path)(optimizer, **arguments)
        rates = [[group["lr"] for group in optimizer.param_groups]]
        for _ in range(50):
            optimizer.step()
            scheduler.step()
            rates.append([group["lr"] for group in optimizer.param_groups])
        state = scheduler.state_dict()
        yield {
            "name": name, "class_path": class_path, "init_args": arguments, "rates": rates, "state": state,
            "group_keys": list(optimizer.state_dict()["param_groups"][0]),
        }


CLIPS = [
    ("norm 2", {"max_norm": 0.5}),
    ("norm 1", {"max_norm": 3.0, "norm_type": 1.0}),
    ("norm inf", {"max_norm": 0.5, "norm_type": "Infinity"}),
    ("norm 2, not reached", {"max_norm": 1e6}),
    ("norm 3", {"max_norm": 0.25, "norm_type": 3.0}),
    ("value", {"clip_value": 0.25}),
]


def clipping():
    for name, arguments in CLIPS:
        params = [*parameters(), nn.Parameter(pattern((21, 13), 5, 3))]
        set_gradients(params, 4)
        params[1].grad = None
        case = {"name": name, **arguments}
        if "clip_value" in arguments:
            nn.utils.clip_grad_value_(params, arguments["clip_value"])
        else:
            norm_type = float(arguments.get("norm_type", 2.0))
            case["total_norm"] = bits(nn.utils.clip_grad_norm_(params, arguments["max_norm"], norm_type))
        case["gradients"] = [None if param.grad is None else bits(param.grad) for param in params]
        yield case


ACTIVATIONS = {"relu": nn.ReLU, "tanh": nn.Tanh, "gelu": nn.GELU, "sigmoid": nn.Sigmoid, "silu": nn.SiLU}
MLPS = [
    ("default", {}, 7, (4,), 3),
    ("linear", {"hidden_sizes": []}, 1, (4,), 3),
    ("images", {"hidden_sizes": [6], "activation": "tanh"}, 2, (1, 4, 4), 3),
    ("all layers", {"hidden_sizes": [9, 5], "activation": "gelu", "dropout": 0.25, "batch_norm": True}, 3, (4,), 3),
    ("sigmoid", {"hidden_sizes": [5], "activation": "sigmoid"}, 4, (4,), 1),
    ("silu", {"hidden_sizes": [5], "activation": "silu", "dropout": 0.5}, 5, (4,), 1),
]


def mlp():
    for name, arguments, seed, feature_shape, outputs in MLPS:
        torch.manual_seed(seed)
        layers, width = [], torch.Size(feature_shape).numel()
        for hidden in arguments.get("hidden_sizes", [128, 64]):
            layers.append(nn.Linear(width, hidden))
            if arguments.get("batch_norm", False):
                layers.append(nn.BatchNorm1d(hidden))
            layers.append(ACTIVATIONS[arguments.get("activation", "relu")]())
            if arguments.get("dropout", 0) > 0:
                layers.append(nn.Dropout(arguments["dropout"]))
            width = hidden
        layers.append(nn.Linear(width, outputs))
        model = nn.Module()
        model.net = nn.Sequential(*layers)
        parameters = [[key, list(value.shape), bits(value)] for key, value in model.named_parameters()]
        buffers = [[key, list(value.shape)] for key, value in model.named_buffers()]
        output = model.net(pattern((8, *feature_shape), 37, 5, 40).flatten(1))
        yield {
            "name": name, "init_args": arguments, "seed": seed, "feature_shape": feature_shape, "outputs": outputs,
            "parameters": parameters, "buffers": buffers, "output": bits(output),
        }


def metrics():
    from torchmetrics.classification import MulticlassAccuracy
    from torchmetrics.regression import MeanSquaredError

    accuracy, rmse = MulticlassAccuracy(num_classes=4, average="micro"), MeanSquaredError(squared=False)
    batches = []
    for i, rows in enumerate((16, 16, 5)):
        batches.append({
            "rows": rows,
            "accuracy": bits(accuracy(pattern((rows, 4), 7919, i, 500), torch.arange(rows) % 4)),
            "rmse": bits(rmse(pattern((rows, 1), 7919, i, 500), pattern((rows, 1), 31, i, 50))),
        })
    yield {"name": "three batches", "batches": batches, "accuracy": bits(accuracy.compute()), "rmse": bits(rmse.compute())}


RECORDS = {f.__name__: f for f in (optimizers, schedulers, clipping, mlp, metrics)}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--output", type=pathlib.Path, default=pathlib.Path(__file__).parent.parent / "data" / "optim")
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(RECORDS))
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    for name in arguments.names or RECORDS:
        head = {"torch": torch.__version__, "cpu_capability": torch.backends.cpu.get_cpu_capability()}
        cases = ",\n".join(json.dumps(case) for case in RECORDS[name]())  # one a line
        (arguments.output / f"{name}.json").write_text(f'{json.dumps(head)[:-1]}, "cases": [\n{cases}\n]}}\n')


if __name__ == "__main__":
    main()
