# SPDX-License-Identifier: GPL-3.0-or-later
"""Steps a second of a Trainer against Python on the same device, in turns; one line a figure, as gpu_tests prints them.

compare_speed.py PROGRAM [--device cuda|cpu] [--rounds 9]
PROGRAM is gpu_tests. Needs a Python with torch; with lightning, that is compared too. Python's side is a plain loop over
torch (no logging, no hooks, batches by one index operation) and Lightning's Trainer with a DataLoader without workers.
Model, batches, optimizer and loss are those of gpu_speed.cpp. Brackets: the 95 % interval of the median ratio.
"""

import argparse
import gc
import json
import logging
import os
import statistics
import subprocess
import sys
import time
import warnings
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "benchmarks"))
from run import interval  # noqa: E402

try:
    import torch
    from torch import nn
    from torch.nn import functional
except ImportError:
    torch = None
try:
    import lightning.pytorch as lightning
except ImportError:
    try:
        import pytorch_lightning as lightning
    except ImportError:
        lightning = None

# features, width of both hidden layers, batch size, steps before the clock runs, steps
CASES = {"small": (64, 128, 64, 50, 500), "large": (1024, 4096, 4096, 5, 40)}
rows_of = {}


def rows(case):
    if case not in rows_of:
        features, _, batch, _, _ = case
        torch.manual_seed(1)
        rows_of[case] = torch.randn(16 * batch, features), torch.randint(10, (16 * batch,))
    return rows_of[case]


def make_model(case):
    features, hidden = case[:2]
    torch.manual_seed(1)
    return nn.Sequential(nn.Linear(features, hidden), nn.ReLU(), nn.Linear(hidden, hidden), nn.ReLU(), nn.Linear(hidden, 10))


def synchronize(device):
    if device == "cuda":
        torch.cuda.synchronize()


class Peak:
    """The most memory that a run held on the device, beside what was there before."""

    def __init__(self, device):
        self.device = device
        gc.collect()
        if device == "cuda":
            torch.cuda.reset_peak_memory_stats()
            self.held = torch.cuda.memory_allocated()

    def mib(self):
        return (torch.cuda.max_memory_allocated() - self.held) / 2**20 if self.device == "cuda" else 0.0


def plain_loop(case, device):
    """PyTorch alone."""
    _, _, batch, warm_up, steps = case
    x, y = rows(case)
    peak = Peak(device)
    model = make_model(case).to(device)
    optimizer = torch.optim.AdamW(model.parameters(), foreach=True)
    step = 0
    while step < warm_up + steps:
        for chosen in torch.randperm(len(x)).split(batch):
            if step == warm_up:
                synchronize(device)
                begin = time.perf_counter()
            if step == warm_up + steps:
                break
            optimizer.zero_grad()
            functional.cross_entropy(model(x[chosen].to(device)), y[chosen].to(device)).backward()
            optimizer.step()
            step += 1
    synchronize(device)
    return {"steps_per_second": steps / (time.perf_counter() - begin), "peak_mib": peak.mib()}


def lightning_trainer(case, device):
    _, _, batch, warm_up, steps = case

    class Model(lightning.LightningModule):
        def __init__(self):
            super().__init__()
            self.net = make_model(case)

        def training_step(self, batch, batch_idx):
            loss = functional.cross_entropy(self.net(batch[0]), batch[1])
            self.log("train_loss", loss)
            return loss

        def configure_optimizers(self):
            return torch.optim.AdamW(self.parameters(), foreach=True)

    class StopWatch(lightning.Callback):
        def on_train_batch_end(self, trainer, *_):
            if trainer.global_step in (warm_up, warm_up + steps):
                synchronize(device)
                self.seconds = time.perf_counter() - getattr(self, "begin", 0.0)
                self.begin = time.perf_counter()

    peak = Peak(device)
    loader = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(*rows(case)), batch_size=batch, shuffle=True)
    watch = StopWatch()
    trainer = lightning.Trainer(
        max_epochs=-1, max_steps=warm_up + steps, accelerator=device, devices=1, logger=False, callbacks=[watch],
        enable_checkpointing=False, enable_progress_bar=False, enable_model_summary=False)
    trainer.fit(Model(), loader)
    return {"steps_per_second": steps / watch.seconds, "peak_mib": peak.mib()}


class Program:
    """gpu_tests --speed, which answers one line with one."""

    def __init__(self, path, device):
        arguments = ["--device", "cpu"] if device == "cpu" else []
        self.process = subprocess.Popen([path, "--speed", *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def __call__(self, case, _device):
        self.process.stdin.write(" ".join(map(str, case)) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit("gpu_tests --speed ended early; its message is above")
        return json.loads(line)


def print_row(name, result, text):
    print(f"{name:<28} {result:<8} {text}", flush=True)


def compare(name, case, sides, device, rounds):
    results = {side: [] for side in sides}
    for turn in range(rounds):
        order = list(sides) if turn % 2 == 0 else list(reversed(sides))
        for side in order:
            results[side].append(sides[side](case, device))
    ours = [r["steps_per_second"] for r in results["leyden"]]
    print_row(f"steps a second, {name}", "measured", f"{statistics.median(ours):.0f}")
    for side in list(sides)[1:]:
        theirs = [r["steps_per_second"] for r in results[side]]
        middle, low, high = interval([our / their for our, their in zip(ours, theirs)])
        print_row(f"  against {side}", "measured", f"{statistics.median(theirs):.0f}; {middle:.2f} times as many [{low:.2f}, {high:.2f}]")
    if device == "cuda":
        peaks = ", ".join(f"{side} {statistics.median(r['peak_mib'] for r in results[side]):.1f} MiB" for side in sides)
        print_row(f"  peak memory, {name}", "measured", peaks)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--device", choices=("cuda", "cpu"), default="cuda")
    parser.add_argument("--rounds", type=int, default=9)
    arguments = parser.parse_args()
    reason = None
    if torch is None:
        reason = f"no torch in {sys.executable}"
    elif arguments.device == "cuda" and not torch.cuda.is_available():
        reason = "no CUDA device"
    if reason:
        print_row("steps a second", "skipped", reason)
        return
    if arguments.device == "cuda":
        torch.cuda.init()
    warnings.filterwarnings("ignore")
    for name in ("lightning.pytorch", "pytorch_lightning"):
        logging.getLogger(name).setLevel(logging.ERROR)
    if os.environ.get("OMP_NUM_THREADS"):
        torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
    sides = {"leyden": Program(arguments.program, arguments.device), f"PyTorch {torch.__version__}": plain_loop}
    if lightning is not None:
        sides[f"Lightning {lightning.__version__}"] = lightning_trainer
    for name, case in CASES.items():
        if arguments.device == "cuda" or name == "small":
            compare(name, case, sides, arguments.device, arguments.rounds)


if __name__ == "__main__":
    main()
