# SPDX-License-Identifier: GPL-3.0-or-later
"""Records what PyTorch computes: optimizers, schedulers, gradient clipping, the MLP's layers, metrics.

python record_optimizers.py [--output FOLDER] [NAME ...]     writes FOLDER/NAME.json (../data/optim)
Tensors are written as the hexadecimal text of their bytes as float32, which holds 16 bits exactly, so that nothing is rounded.
"""
import argparse
import json
import math
import pathlib
import re

import torch
from torch import nn

SHAPES = [(3, 17), (5,), (2,)]
MATRICES = [(3, 17), (8, 5), (2, 2)]
SNAPSHOTS = (1, 2, 10, 100)


def bits(tensor):
    return tensor.detach().to(torch.float32).contiguous().numpy().tobytes().hex()


def pattern(shape, a, b, scale=1000):
    """Numbers that the tests can make again without a random generator."""
    count = torch.Size(shape).numel()
    values = [((i * a + b) % (2 * scale + 1) - scale) / scale for i in range(count)]
    return torch.tensor(values, dtype=torch.float64).to(torch.float32).reshape(shape)


def parameters(shapes=SHAPES, dtype=torch.float32):
    return [nn.Parameter(pattern(shape, 31, 17 * k, 50).to(dtype)) for k, shape in enumerate(shapes)]


def set_gradients(params, step, for_all=False):
    """The last parameter has a gradient at every second step only."""
    for k, param in enumerate(params):
        has_none = k == len(params) - 1 and step % 2 == 1 and not for_all
        param.grad = None if has_none else pattern(param.shape, 7919, 15485 * k + 104729 * step).to(param.dtype)


def snapshot(optimizer, params, with_state):
    recorded = {"params": [bits(param) for param in params]}
    if with_state:
        state = optimizer.state_dict()
        recorded |= {
            "state": {str(i): {key: bits(value) for key, value in entry.items()} for i, entry in state["state"].items()},
            "groups": [{**{key: group[key] for key in state["param_groups"][0]}, "params": len(group["params"])}
                       for group in state["param_groups"]],  # in one order: a group's own options stand first
        }
    return recorded


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
    ("NAdam default", "NAdam", {}),
    ("NAdam weight decay", "NAdam", {"lr": 0.01, "weight_decay": 0.1, "momentum_decay": 0.02, "maximize": True}),
    ("NAdam decoupled", "NAdam", {"lr": 0.02, "weight_decay": 0.1, "decoupled_weight_decay": True}),
    ("RAdam default", "RAdam", {}),
    ("RAdam weight decay", "RAdam", {"lr": 0.01, "weight_decay": 0.1, "betas": [0.85, 0.97], "maximize": True}),
    ("RAdam decoupled", "RAdam", {"lr": 0.02, "weight_decay": 0.1, "decoupled_weight_decay": True}),
    ("Adamax default", "Adamax", {}),
    ("Adamax weight decay", "Adamax", {"lr": 0.01, "weight_decay": 0.1, "betas": [0.8, 0.95], "maximize": True}),
    ("Adagrad default", "Adagrad", {}),
    ("Adagrad all", "Adagrad", {
        "lr": 0.05, "lr_decay": 0.01, "weight_decay": 0.1, "initial_accumulator_value": 0.2, "maximize": True}),
    ("Adadelta default", "Adadelta", {}),
    ("Adadelta all", "Adadelta", {"lr": 0.5, "rho": 0.8, "weight_decay": 0.1, "maximize": True}),
    ("RMSprop default", "RMSprop", {}),
    ("RMSprop momentum", "RMSprop", {"lr": 0.003, "momentum": 0.9, "weight_decay": 0.1}),
    ("RMSprop centered", "RMSprop", {"centered": True, "momentum": 0.5, "alpha": 0.9, "maximize": True}),
    ("ASGD default", "ASGD", {}),
    ("ASGD averaging", "ASGD", {"lr": 0.05, "t0": 20.0, "lambd": 0.01, "alpha": 0.6, "weight_decay": 0.1, "maximize": True}),
    ("Rprop default", "Rprop", {}),
    ("Rprop all", "Rprop", {"lr": 0.02, "etas": [0.3, 1.7], "step_sizes": [1e-3, 0.5], "maximize": True}),
    ("Muon default", "Muon", {}),
    ("Muon all", "Muon", {"lr": 0.02, "momentum": 0.8, "nesterov": False, "weight_decay": 0.3, "ns_steps": 3,
                          "adjust_lr_fn": "match_rms_adamw"}),
    ("SGD fused", "SGD", {"lr": 0.1, "weight_decay": 0.03, "fused": True}),
    ("SGD fused momentum", "SGD", {"lr": 0.03, "momentum": 0.8, "weight_decay": 0.02, "nesterov": True, "fused": True}),
    ("Adam fused", "Adam", {"lr": 0.01, "weight_decay": 0.1, "fused": True}),
    ("Adam fused amsgrad", "Adam", {"lr": 0.01, "amsgrad": True, "maximize": True, "fused": True}),
    ("AdamW fused", "AdamW", {"lr": 0.01, "fused": True}),
    ("Adagrad fused", "Adagrad", {"lr": 0.05, "lr_decay": 0.01, "weight_decay": 0.1, "fused": True}),
    ("SGD foreach", "SGD", {"lr": 0.1, "weight_decay": 0.03, "foreach": True}),
    ("SGD foreach momentum", "SGD", {"lr": 0.03, "momentum": 0.8, "dampening": 0.2, "maximize": True, "foreach": True}),
    ("SGD foreach nesterov", "SGD", {"lr": 0.03, "momentum": 0.8, "weight_decay": 0.02, "nesterov": True, "foreach": True}),
    ("Adam foreach", "Adam", {"lr": 0.01, "weight_decay": 0.1, "foreach": True}),
    ("Adam foreach amsgrad", "Adam", {"lr": 0.01, "amsgrad": True, "maximize": True, "foreach": True}),
    ("AdamW foreach", "AdamW", {"lr": 0.01, "betas": [0.8, 0.95], "foreach": True}),
    ("NAdam foreach", "NAdam", {"lr": 0.01, "weight_decay": 0.1, "momentum_decay": 0.02, "foreach": True}),
    ("NAdam foreach decoupled", "NAdam", {"lr": 0.02, "weight_decay": 0.1, "decoupled_weight_decay": True, "maximize": True, "foreach": True}),
    ("RAdam foreach", "RAdam", {"lr": 0.01, "weight_decay": 0.1, "betas": [0.85, 0.97], "maximize": True, "foreach": True}),
    ("RAdam foreach decoupled", "RAdam", {"lr": 0.02, "weight_decay": 0.1, "decoupled_weight_decay": True, "foreach": True}),
    ("Adamax foreach", "Adamax", {"lr": 0.01, "weight_decay": 0.1, "betas": [0.8, 0.95], "foreach": True}),
    ("Adagrad foreach", "Adagrad", {
        "lr": 0.05, "lr_decay": 0.01, "weight_decay": 0.1, "initial_accumulator_value": 0.2, "maximize": True, "foreach": True}),
    ("Adagrad foreach default", "Adagrad", {"foreach": True}),
    ("Adadelta foreach", "Adadelta", {"lr": 0.5, "rho": 0.8, "weight_decay": 0.1, "maximize": True, "foreach": True}),
    ("RMSprop foreach", "RMSprop", {"lr": 0.003, "momentum": 0.9, "weight_decay": 0.1, "foreach": True}),
    ("RMSprop foreach centered", "RMSprop", {"centered": True, "alpha": 0.9, "maximize": True, "foreach": True}),
    ("ASGD foreach", "ASGD", {
        "lr": 0.05, "t0": 20.0, "lambd": 0.01, "alpha": 0.6, "weight_decay": 0.1, "maximize": True, "foreach": True}),
    ("Rprop foreach", "Rprop", {"lr": 0.02, "etas": [0.3, 1.7], "step_sizes": [1e-3, 0.5], "maximize": True, "foreach": True}),
    ("AdamW groups", "AdamW", {"lr": 0.01, "param_groups": [
        {"params": "p1", "lr": 0.03, "weight_decay": 0.2}, {"params": "p[12]", "betas": [0.8, 0.95], "amsgrad": True}]}),
]


# Of those, with parameters of 16 bits: each kind of number that an update multiplies by. No fused SGD with momentum:
# there PyTorch's kernel reads memory that nobody wrote, and gives other momenta each time.
IN_16_BITS = ("SGD dampening", "SGD all", "Adam weight decay", "AdamW weight decay", "NAdam weight decay", "NAdam decoupled",
              "RAdam weight decay", "RAdam decoupled", "Adamax weight decay", "Adagrad all", "Adadelta all", "RMSprop momentum",
              "RMSprop centered", "ASGD averaging", "Rprop all", "Muon all", "SGD foreach momentum", "AdamW foreach",
              "SGD fused", "AdamW fused")


def python_arguments(arguments):
    return {key: tuple(value) if isinstance(value, list) else value for key, value in arguments.items()}


def optimizer_of(class_path, arguments, params):
    """`param_groups` as leyden reads it: the first pattern that matches a name counts."""
    given = python_arguments(arguments)
    groups = given.pop("param_groups", ())
    lists = [[] for _ in range(len(groups) + 1)]
    for k, param in enumerate(params):
        lists[next((i for i, group in enumerate(groups, 1) if re.fullmatch(group["params"], f"p{k}")), 0)].append(param)
    more = [{**python_arguments(group), "params": own} for group, own in zip(groups, lists[1:])]
    return getattr(torch.optim, class_path)([{"params": lists[0]}, *more], **given)


def optimizers():
    in_16_bits = [(f"{name}, {dtype}", *case, dtype) for dtype in ("bfloat16", "float16") for name, *case in OPTIMIZERS
                  if name in IN_16_BITS[:None if dtype == "bfloat16" else 2]]
    for name, class_path, arguments, dtype in [*((*case, "float32") for case in OPTIMIZERS), *in_16_bits]:
        shapes = MATRICES if class_path == "Muon" else SHAPES
        for_all = arguments.get("fused", False)  # Python's fused SGD cannot do without a momentum of the others' age
        params = parameters(shapes, getattr(torch, dtype))
        optimizer = optimizer_of(class_path, arguments, params)
        snapshots = {}
        for step in range(1, max(SNAPSHOTS) + 1):
            set_gradients(params, step, for_all)
            optimizer.step()
            if step in SNAPSHOTS:
                snapshots[str(step)] = snapshot(optimizer, params, step in SNAPSHOTS[1::2])
        yield {
            "name": name, "class_path": class_path, "init_args": arguments, "shapes": shapes, "all_gradients": for_all,
            "dtype": dtype, "snapshots": snapshots,
        }


LBFGS = [
    ("default", {}),
    ("small steps", {"lr": 0.1, "history_size": 3}),
    ("line search", {"line_search_fn": "strong_wolfe", "history_size": 4}),
    ("few evaluations", {"line_search_fn": "strong_wolfe", "max_iter": 5, "max_eval": 7}),
    ("one iteration", {"lr": 0.01, "max_iter": 1}),
    ("tall steps", {"lr": 3.0, "line_search_fn": "strong_wolfe", "max_iter": 2, "max_eval": 40}),
]
LBFGS_SNAPSHOTS = (1, 2, 3, 5, 10, 20, 100)


def rosenbrock(x, y):
    """A bent valley; the last number of y has no gradient at all."""
    return ((1 - x) ** 2 + 100 * (y[:-1] - x ** 2) ** 2).sum()


def hex_state(value):
    if isinstance(value, torch.Tensor):
        return bits(value)
    if isinstance(value, dict):
        return {key: hex_state(item) for key, item in value.items()}
    return [hex_state(item) for item in value] if isinstance(value, list) else value


def lbfgs():
    for name, arguments in LBFGS:
        x, y = parameters([(4,), (5,)])
        optimizer = torch.optim.LBFGS([x, y], **arguments)

        def closure():
            optimizer.zero_grad()
            loss = rosenbrock(x, y)
            loss.backward()
            return loss

        snapshots = {}
        for step in range(1, max(LBFGS_SNAPSHOTS) + 1):
            loss = optimizer.step(closure)
            if step in LBFGS_SNAPSHOTS:
                snapshots[str(step)] = {"loss": bits(loss), "params": [bits(x), bits(y)]}
            if step in (1, 5):
                state = optimizer.state_dict()
                snapshots[str(step)] |= {"state": hex_state(state["state"][0]), "group": state["param_groups"][0]}
        yield {"name": name, "init_args": arguments, "snapshots": snapshots}


SCHEDULER_STEPS = 100
PLATEAUS = [1.0 / (1 + step // 7) + 0.001 * (step % 3) for step in range(SCHEDULER_STEPS)]


def component(class_path, **init_args):
    return {"class_path": class_path, "init_args": init_args}


CYCLIC = {"base_lr": 0.01, "max_lr": [0.1, 0.3], "step_size_up": 9}
# name, class, arguments, more of the case
SCHEDULERS = [
    ("StepLR", "StepLR", {"step_size": 7}),
    ("StepLR every step", "StepLR", {"step_size": 1, "gamma": 0.93}),
    ("Cosine once", "CosineAnnealingLR", {"T_max": 100}),
    ("Cosine up again", "CosineAnnealingLR", {"T_max": 8, "eta_min": 0.001}),
    ("Cosine of one step", "CosineAnnealingLR", {"T_max": 1}),
    ("MultiStep", "MultiStepLR", {"milestones": [30, 4, 4, 11], "gamma": 0.3}),
    ("Constant", "ConstantLR", {}),
    ("Constant longer", "ConstantLR", {"factor": 0.7, "total_iters": 25}),
    ("Linear", "LinearLR", {}),
    ("Linear down", "LinearLR", {"start_factor": 0.9, "end_factor": 0.05, "total_iters": 60}),
    ("Exponential", "ExponentialLR", {"gamma": 0.97}),
    ("Polynomial", "PolynomialLR", {}),
    ("Polynomial of a power", "PolynomialLR", {"total_iters": 80, "power": 1.7}),
    ("WarmRestarts", "CosineAnnealingWarmRestarts", {"T_0": 6}),
    ("WarmRestarts longer", "CosineAnnealingWarmRestarts", {"T_0": 5, "T_mult": 3, "eta_min": 0.002}),
    ("OneCycle", "OneCycleLR", {"max_lr": 0.5, "total_steps": 100}),
    ("OneCycle linear", "OneCycleLR", {
        "max_lr": [0.5, 0.2], "epochs": 10, "steps_per_epoch": 11, "anneal_strategy": "linear", "pct_start": 0.21}),
    ("OneCycle three phases", "OneCycleLR", {
        "max_lr": 0.3, "total_steps": 101, "three_phase": True, "div_factor": 10.0, "final_div_factor": 50.0}, "Adam"),
    ("OneCycle without momentum", "OneCycleLR", {"max_lr": 0.3, "total_steps": 120, "cycle_momentum": False}),
    ("Cyclic", "CyclicLR", {**CYCLIC, "step_size_down": 4}),
    ("Cyclic halving", "CyclicLR", {**CYCLIC, "mode": "triangular2", "base_momentum": 0.7}, "Adam"),
    ("Cyclic shrinking", "CyclicLR", {**CYCLIC, "mode": "exp_range", "gamma": 0.98, "cycle_momentum": False}),
    ("Plateau", "ReduceLROnPlateau", {"patience": 3}),
    ("Plateau of a share", "ReduceLROnPlateau", {
        "factor": 0.5, "patience": 1, "threshold": 0.05, "cooldown": 4, "min_lr": [0.01, 0.02]}),
    ("Plateau upwards", "ReduceLROnPlateau", {
        "mode": "max", "threshold_mode": "abs", "threshold": 0.3, "patience": 2, "factor": 0.3, "eps": 1e-3}),
    ("Lambda", "LambdaLR", {"lr_lambda": "0.95 ** epoch"}),
    ("Lambda by cases", "LambdaLR", {"lr_lambda": [
        "(epoch + 1) / 10 if epoch < 10 else max(0.1, 1 - epoch // 7 * 0.05) * 0.9 ** (epoch % 4)",
        "math.exp(-epoch / 40) * (1 + math.cos(math.pi * epoch / 20)) / 2 + 1e-3 if not epoch == 3 else -2 ** 2 + 5"]}),
    ("Sequential", "SequentialLR", {"schedulers": [
        component("ConstantLR", factor=0.5, total_iters=3), component("ExponentialLR", gamma=0.9),
        component("StepLR", step_size=4), component("MultiStepLR", milestones=[2, 3]),
        component("PolynomialLR", total_iters=20), component("CosineAnnealingLR", T_max=7),
        component("CosineAnnealingWarmRestarts", T_0=3), component("LinearLR", total_iters=6)],
        "milestones": [4, 9, 19, 30, 41, 60, 75]}),
    ("Sequential from the first step on", "SequentialLR", {
        "schedulers": [component("LinearLR"), component("ExponentialLR", gamma=0.9)], "milestones": [0]}),
    ("Chained", "ChainedScheduler", {"schedulers": [
        component("ConstantLR", factor=0.1, total_iters=12), component("ExponentialLR", gamma=0.95)]}),
    ("Sequence of a chain", "SequentialLR", {"milestones": [7], "schedulers": [
        component("ChainedScheduler", schedulers=[component("ConstantLR"), component("ExponentialLR", gamma=0.8)]),
        component("LambdaLR", lr_lambda="1 / (1 + epoch)")]}),
    ("WarmupCosine", "WarmupCosineLR", {"warmup_steps": 10, "total_steps": 90, "eta_min": 0.001}),
]


def scheduler_of(class_path, arguments, optimizer):
    arguments = dict(arguments)
    if class_path == "WarmupCosineLR":  # ours: the two of PyTorch in one
        warmup, total = arguments["warmup_steps"], arguments["total_steps"]
        return scheduler_of("SequentialLR", {"milestones": [warmup], "schedulers": [
            component("LinearLR", start_factor=0.01, total_iters=warmup),
            component("CosineAnnealingLR", T_max=total - warmup, eta_min=arguments["eta_min"])]}, optimizer)
    if class_path == "LambdaLR":
        texts = arguments["lr_lambda"]
        functions = [eval(f"lambda epoch: {text}", {"math": math}) for text in ([texts] if isinstance(texts, str) else texts)]
        arguments["lr_lambda"] = functions[0] if isinstance(texts, str) else functions
    if "schedulers" in arguments:
        arguments["schedulers"] = [scheduler_of(c["class_path"], c["init_args"], optimizer) for c in arguments["schedulers"]]
    if class_path != "ChainedScheduler":
        return getattr(torch.optim.lr_scheduler, class_path)(optimizer, **arguments)
    return torch.optim.lr_scheduler.ChainedScheduler(optimizer=optimizer, **arguments)


def plain(value):
    """A state as JSON has it: text for infinities."""
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, float) and math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    return value


def rates_of(optimizer):
    return [[group["lr"], group["betas"][0] if "betas" in group else group["momentum"]] for group in optimizer.param_groups]


def schedulers():
    for name, class_path, arguments, *more in SCHEDULERS:
        params = parameters()
        made = getattr(torch.optim, more[0] if more else "SGD")
        optimizer = made([{"params": params[:1]}, {"params": params[1:], "lr": 0.3}], lr=0.1)
        scheduler = scheduler_of(class_path, arguments, optimizer)
        takes_metric = class_path == "ReduceLROnPlateau"
        rates = {"0": rates_of(optimizer)}
        for step in range(1, SCHEDULER_STEPS + 1):
            optimizer.step()
            scheduler.step(*([PLATEAUS[step - 1]] if takes_metric else []))
            if step <= 12 or step % 4 == 0:
                rates[str(step)] = rates_of(optimizer)
        yield {
            "name": name, "class_path": class_path, "init_args": arguments, "optimizer": made.__name__,
            "metrics": PLATEAUS if takes_metric else [], "rates": rates, "state": plain(scheduler.state_dict()),
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


RECORDS = {f.__name__: f for f in (optimizers, lbfgs, schedulers, clipping, mlp, metrics)}


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
