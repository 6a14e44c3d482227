# SPDX-License-Identifier: GPL-3.0-or-later
"""Records tables of PyTorch Lightning's ModelSummary, and what LearningRateMonitor calls the groups of several optimizers.

python record_model_summary.py [--output DIR]      writes DIR/tables.json and DIR/lr_names.json; DIR is ../data/model_summary
"""
import argparse
import json
import pathlib
import types
import warnings

import torch
from lightning.pytorch import LightningModule, callbacks
from lightning.pytorch.utilities.model_summary import ModelSummary
from lightning.pytorch.utilities.types import LRSchedulerConfig
from torch import nn

OUTPUT = pathlib.Path(__file__).parent.parent / "data" / "model_summary"


class Model(LightningModule):
    """The twins of these are in tests/engine/callbacks/tst_model_summary.cpp."""

    def __init__(self, example=None):
        super().__init__()
        self.example_input_array = None if example is None else torch.zeros(example)


class Mlp(Model):
    def __init__(self, width=6, frozen=False, **arguments):
        super().__init__(**arguments)
        self.backbone = nn.Sequential(nn.Linear(4, width), nn.BatchNorm1d(width), nn.Tanh(), nn.Dropout(0.5))
        self.head = nn.Linear(width, 1)
        if frozen:
            self.backbone.requires_grad_(False)
            self.backbone.eval()

    def forward(self, inputs):
        return self.head(self.backbone(inputs))


class Conv(Model):
    def __init__(self, **arguments):
        super().__init__(**arguments)
        self.features = nn.Sequential(nn.Conv2d(1, 3, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(3, 4, 3, stride=2),
                                      nn.ReLU())
        self.flatten = nn.Flatten()
        self.classifier = nn.Linear(36, 10)

    def forward(self, inputs):
        return self.classifier(self.flatten(self.features(inputs)))


class WithOwnParameters(Model):
    def __init__(self, **arguments):
        super().__init__(**arguments)
        self.scale = nn.Parameter(torch.ones(5))
        self.layer = nn.Linear(5, 2)
        self.tied = self.layer

    def forward(self, inputs):
        return self.layer(inputs * self.scale)


class Empty(Model):
    pass


TABLES = {
    "no example": (Mlp(), 1), "example": (Mlp(example=[2, 4]), 1), "two levels": (Mlp(example=[2, 4]), 2),
    "all levels": (Conv(example=[2, 1, 16, 16]), -1), "convolutions": (Conv(example=[1, 1, 16, 16]), 1),
    "totals": (Conv(example=[1, 1, 16, 16]), 0),
    "frozen": (Mlp(frozen=True), 2), "large": (Mlp(width=3000000), 1), "hundreds of thousands": (Mlp(width=55555), 1),
    "thousands": (Mlp(width=170), 2), "own parameters": (WithOwnParameters(example=[3, 5]), 1), "empty": (Empty(), 1),
}


def table(model, depth):
    return "\n".join(line.rstrip() for line in str(ModelSummary(model, max_depth=depth)).split("\n"))


def sgd(**arguments):
    return torch.optim.SGD([nn.Parameter(torch.ones(1))], lr=0.1, **arguments)


def groups(*names):
    return torch.optim.Adam([{"params": [nn.Parameter(torch.ones(1))], **({"name": name} if name else {})} for name in names], lr=0.1)


def scheduled(optimizer, name=None, interval="epoch"):
    return LRSchedulerConfig(torch.optim.lr_scheduler.StepLR(optimizer, 1), interval=interval, name=name)


def lr_names():
    """(optimizers by kind, schedulers: which optimizer, name, interval) -> names."""
    cases = [
        (["SGD"], []), (["SGD", "SGD"], []), (["SGD", "SGD", "SGD"], [(0, None), (1, None)]),
        (["SGD", "Adam:,"], [(1, None)]), (["Adam:a,b", "SGD", "Adam:,"], [(2, None), (0, "warm")]),
        (["SGD", "SGD"], [(0, "one"), (1, "two")]), (["SGD"], [(0, None), (0, None)]), (["SGD"], [(0, "named"), (0, None)]),
        (["SGD", "SGD"], [(0, "one"), (1, None)]), (["Adam:only", "Adam:"], [(0, None)]), (["Adam:a,", "SGD"], [(0, None), (1, None)]),
        (["SGD", "SGD"], [(0, None), (1, "late"), (1, None)]),
    ]
    recorded = []
    for kinds, schedules in cases:
        made = [sgd() if kind == "SGD" else groups(*kind.partition(":")[2].split(",")) for kind in kinds]
        configs = [scheduled(made[index], name) for index, name in schedules]
        monitor = callbacks.LearningRateMonitor()
        names, seen, kinds_seen = monitor._find_names_from_schedulers(configs)
        more, _ = monitor._find_names_from_optimizers(made, seen_optimizers=seen, seen_optimizer_types=kinds_seen)
        recorded.append({"optimizers": kinds, "schedulers": schedules, "names": names + more})
    return recorded


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", type=pathlib.Path, default=OUTPUT)
    options = parser.parse_args()
    warnings.filterwarnings("ignore")
    options.output.mkdir(parents=True, exist_ok=True)
    tables = {name: table(*case) for name, case in TABLES.items()}
    (options.output / "tables.json").write_text(json.dumps(tables, indent=1) + "\n", encoding="utf-8")
    (options.output / "lr_names.json").write_text(
        "[\n" + ",\n".join(json.dumps(case) for case in lr_names()) + "\n]\n", encoding="utf-8")


if __name__ == "__main__":
    main()
