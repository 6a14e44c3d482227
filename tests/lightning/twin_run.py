# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs that a config cannot say, with a C++ program on the engine and with PyTorch Lightning, compared bit for bit.

python twin_run.py --program build/dev/tests/example_twin_run --seed 7 --count 10
Draws fits one after another on one Trainer, manual optimization, accumulation, runs without validation data, a weighted
sampler, and iterable datasets, with limits, intervals and worker processes. The program is tests/examples/twin_run.cpp. Exit code 0 if all agree.
"""
import argparse
import contextlib
import io
import logging
import random
import subprocess
import sys
import warnings

import torch
from lightning.pytorch import LightningDataModule, LightningModule, Trainer, seed_everything
from torch.utils.data import DataLoader, IterableDataset, TensorDataset, WeightedRandomSampler, get_worker_info


class Model(LightningModule):
    def __init__(self, case, lines):
        super().__init__()
        self.case, self.lines = case, lines
        self.layer = torch.nn.Linear(4, 1)
        self.automatic_optimization = not case["manual"]

    def loss_of(self, batch):
        return torch.nn.functional.mse_loss(self.layer(batch[0]), batch[1])

    def training_step(self, batch, batch_idx):
        loss = self.loss_of(batch)
        if self.case["stream"]:
            loss = loss * torch.rand(())  # between the draws of the stream
        self.log("train_loss", loss, on_step=True, on_epoch=True)
        self.log("mean_loss", loss, on_step=False, on_epoch=True)
        self.lines.append(f"loss {loss.item()!r}")
        if self.case["manual"]:
            optimizer = self.optimizers()
            self.manual_backward(loss)
            if (batch_idx + 1) % self.case["step_every"] == 0:
                optimizer.step()
                optimizer.zero_grad()
        return loss

    def validation_step(self, batch, batch_idx):
        self.log("val_loss", self.loss_of(batch))

    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), lr=0.05, momentum=0.5)


class Stream(IterableDataset):
    """Rows in order, noisy where they are read in the loader's process; worker w of n gives each n-th row."""

    def __init__(self, rows, draws):
        super().__init__()
        self.rows, self.draws = rows, draws

    def __iter__(self):
        info = get_worker_info()
        for index in range(info.id if info else 0, len(self.rows), info.num_workers if info else 1):
            x, y = self.rows[index]
            yield (x + torch.randn(4) if self.draws else x), y


class Data(LightningDataModule):
    def __init__(self, case):
        super().__init__()
        self.case = case
        if not case["validated"]:
            self.val_dataloader = None  # as though it were not there

    @staticmethod
    def rows(count, seed):
        generator = torch.Generator().manual_seed(seed)
        x = torch.randn((count, 4), generator=generator)
        return TensorDataset(x, torch.randn((count, 1), generator=generator))

    def train_dataloader(self):
        rows, workers = self.case["rows"], self.case["workers"]
        common = {"batch_size": self.case["batch_size"], "drop_last": bool(self.case["drop_last"])}
        if self.case["stream"]:
            return DataLoader(Stream(self.rows(rows, 7), workers == 0), num_workers=workers, **common)
        if self.case["weighted"]:
            sampler = WeightedRandomSampler([row % 3 + 1.0 for row in range(rows)], rows)
            return DataLoader(self.rows(rows, 7), sampler=sampler, **common)
        return DataLoader(self.rows(rows, 7), shuffle=True, **common)

    def val_dataloader(self):
        if self.case["validated"] == 2:
            return []
        rows = self.rows(6, 8)
        return DataLoader(Stream(rows, True) if self.case["val_stream"] else rows, batch_size=2)


def run(case):
    lines = []
    seed_everything(case["seed"])
    model, data = Model(case, lines), Data(case)
    counts = {"check_val_every_n_epoch": case["check_val"]}
    if case["limit"]:
        counts["limit_train_batches"] = case["limit"]
    if case["interval"]:
        counts |= {"val_check_interval": case["interval"], "check_val_every_n_epoch": None}
    trainer = Trainer(accelerator="cpu", logger=False, enable_checkpointing=False, enable_progress_bar=False,
                      enable_model_summary=False, max_epochs=0, accumulate_grad_batches=case["accumulate"],
                      num_sanity_val_steps=case["sanity"], **counts)
    for epochs in case["epochs"]:
        trainer.fit_loop.max_epochs = epochs
        trainer.fit(model, datamodule=data)
        lines.append(f"step {trainer.global_step} epoch {trainer.current_epoch}")
        lines += [f"{name} {value.item()!r}" for name, value in trainer.callback_metrics.items()]
    return lines + [f"weight {value!r}" for tensor in model.parameters() for value in tensor.flatten().tolist()]


def draw(rng):
    manual = rng.random() < 0.5
    epochs = [rng.randint(1, 3)]
    while rng.random() < 0.5 and len(epochs) < 3:
        epochs.append(epochs[-1] + rng.randint(0, 2))
    case = {"seed": rng.randint(0, 99), "manual": int(manual), "step_every": rng.randint(1, 4),
            "validated": rng.choice([0, 1, 1, 2]), "rows": rng.randint(5, 14), "batch_size": rng.randint(1, 4),
            "epochs": epochs, "weighted": int(rng.random() < 0.3), "accumulate": 1 if manual else rng.randint(1, 3),
            "sanity": rng.choice([0, 2]), "check_val": rng.randint(1, 2), **draw_lengths(rng)}
    if case["rows"] // max(case["workers"], 1) < case["batch_size"]:
        case["drop_last"] = 0  # else there may be no batch at all, which Leyden takes for an error
    return case


def draw_lengths(rng):
    stream = rng.random() < 0.5
    return {"stream": int(stream), "workers": rng.choice([0, 0, 0, 2]) if stream else 0,
            "drop_last": int(rng.random() < 0.3), "val_stream": int(rng.random() < 0.3),
            "limit": rng.randint(1, 6) if rng.random() < 0.3 else 0,
            "interval": rng.randint(1, 6) if rng.random() < 0.3 else 0}


def words(case):
    return [f"{key}={','.join(map(str, value)) if isinstance(value, list) else value}" for key, value in case.items()]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", required=True)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--count", type=int, default=10)
    options = parser.parse_args()
    warnings.filterwarnings("ignore")
    logging.disable(logging.INFO)
    torch.set_num_threads(1)
    failed = 0
    for number in range(options.count):
        case = draw(random.Random(f"{options.seed}/{number}"))
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            expected = run(case)
        done = subprocess.run([options.program, *words(case)], capture_output=True, text=True, timeout=120, check=False)
        found = done.stdout.splitlines()
        different = next((i for i, pair in enumerate(zip(found, expected)) if pair[0] != pair[1]), None)
        if done.returncode == 0 and found == expected:
            continue
        failed += 1
        place = min(len(found), len(expected)) if different is None else different
        print(f"{options.seed}/{number} {' '.join(words(case))}: exit code {done.returncode}, line {place + 1}: "
              f"leyden {found[place:place + 1]}, Lightning {expected[place:place + 1]} {done.stderr.strip()[-300:]}")
    print(f"agreed: {options.count - failed} of {options.count}")
    return 1 if failed or not options.count else 0


if __name__ == "__main__":
    sys.exit(main())
