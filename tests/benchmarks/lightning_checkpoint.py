# SPDX-License-Identifier: GPL-3.0-or-later
"""What a checkpoint costs PyTorch Lightning and torch, on the model of bench_checkpoints.cpp, one thread.

lightning_checkpoint.py MEGABYTES SAVES FOLDER FILE prints {"pause_ms": [of each save but the first], "save_s": torch.save of
FILE's content, "load_s": torch.load(mmap=False) of FILE}.
"""

import json
import logging
import statistics
import sys
import time
import warnings
from pathlib import Path

import lightning
import torch
from lightning.pytorch.callbacks import Callback, ModelCheckpoint
from torch import nn

WIDTH = 2048


class Model(lightning.LightningModule):
    def __init__(self, layers):
        super().__init__()
        for i in range(layers):
            self.add_module(f"layer{i}", nn.Linear(WIDTH, WIDTH))

    def training_step(self, batch, batch_idx):
        x = batch[0]
        for layer in self.children():
            x = layer(x)
        return x.mean()

    def configure_optimizers(self):
        return torch.optim.AdamW(self.parameters())


class StopWatch(Callback):
    def __init__(self):
        self.pauses = []

    def on_train_batch_end(self, *_):
        self.begin = time.perf_counter()

    def on_train_batch_start(self, trainer, module, batch, batch_idx):
        if batch_idx > 1:
            self.pauses.append(1e3 * (time.perf_counter() - self.begin))


def main():
    megabytes, saves, folder, file = int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]), sys.argv[4]
    warnings.filterwarnings("ignore")
    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
    torch.set_num_threads(1)
    layers = max(1, megabytes * 1024 * 1024 // (WIDTH * (WIDTH + 1) * 4))
    data = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(torch.randn(saves + 2, WIDTH)))
    watch = StopWatch()
    checkpoint = ModelCheckpoint(dirpath=folder / "lightning", every_n_train_steps=1)
    trainer = lightning.Trainer(
        max_epochs=1, logger=False, enable_progress_bar=False, enable_model_summary=False, accelerator="cpu", callbacks=[watch, checkpoint]
    )
    trainer.fit(Model(layers), data)
    loads = []
    for _ in range(3):
        begin = time.perf_counter()
        state = torch.load(file, mmap=False)
        loads.append(time.perf_counter() - begin)
    begin = time.perf_counter()
    torch.save(state, folder / "torch.ckpt")
    print(json.dumps({"pause_ms": watch.pauses, "save_s": time.perf_counter() - begin, "load_s": statistics.median(loads)}))


if __name__ == "__main__":
    main()
