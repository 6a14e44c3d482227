# SPDX-License-Identifier: GPL-3.0-or-later
"""Microseconds a step of PyTorch Lightning on the models of bench_trainer.cpp, one thread.

lightning_step.py linear|mlp STEPS FOLDER [KIND ...] prints {KIND: us}; kinds: lightning_bare, lightning_callbacks5 (five
empty callbacks) and lightning_csvN (CSVLogger and N logged values), by default lightning_csv1.
"""

import json
import logging
import sys
import time
import warnings

import lightning
import torch
from lightning.pytorch.callbacks import Callback
from lightning.pytorch.loggers import CSVLogger
from torch import nn
from torch.nn import functional

WARM_UP = 200


class Model(lightning.LightningModule):
    def __init__(self, is_mlp, logged):
        super().__init__()
        self.is_mlp = is_mlp
        self.names = [f"value_{i}" for i in range(logged)]
        self.first = nn.Linear(784, 128) if is_mlp else nn.Linear(4, 1)
        self.second = nn.Linear(128, 10) if is_mlp else None

    def training_step(self, batch, batch_idx):
        x = self.first(batch[0])
        loss = functional.cross_entropy(self.second(torch.relu(x)), batch[1]) if self.is_mlp else functional.mse_loss(x, batch[1])
        for name in self.names:
            self.log(name, loss)
        return loss

    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), lr=1e-3)


class StopWatch(Callback):
    def __init__(self, steps):
        self.steps, self.microseconds = steps, None

    def on_train_batch_end(self, trainer, *_):
        if trainer.global_step == WARM_UP:
            self.begin = time.perf_counter()
        if trainer.global_step == self.steps:
            self.microseconds = 1e6 * (time.perf_counter() - self.begin) / (self.steps - WARM_UP)


class EmptyCallback(Callback):
    pass


def time_trainer(name, steps, folder, kind):
    logged = int(kind.rpartition("csv")[2]) if "csv" in kind else 0
    lightning.seed_everything(1, verbose=False)
    is_mlp = name == "mlp"
    batch = 64 if is_mlp else 4
    rows = min(batch * steps, 64 * 1000)
    x = torch.randn(rows, 784 if is_mlp else 4)
    y = torch.randint(10, (rows,)) if is_mlp else torch.randn(rows, 1)
    loader = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(x, y), batch_size=batch, shuffle=True)
    watch = StopWatch(steps)
    # As bench_trainer.cpp has it: no checkpoints, no bar, no summary.
    trainer = lightning.Trainer(
        max_epochs=-1, max_steps=steps, accelerator="cpu", logger=CSVLogger(folder) if logged else False,
        callbacks=[watch] + [EmptyCallback() for _ in range(5 if kind.endswith("callbacks5") else 0)],
        enable_checkpointing=False, enable_progress_bar=False, enable_model_summary=False)
    trainer.fit(Model(is_mlp, logged), loader)
    return watch.microseconds


def main(name, steps, folder, *kinds):
    warnings.filterwarnings("ignore")
    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
    torch.set_num_threads(1)
    print(json.dumps({kind: time_trainer(name, steps, folder, kind) for kind in kinds or ["lightning_csv1"]}))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), *sys.argv[3:])
