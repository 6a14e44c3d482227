# SPDX-License-Identifier: GPL-3.0-or-later
"""Records runs of version 0.1 for tst_older_runs: each was cut off, and is recorded as it ended without the cut.

python record.py LEYDEN     with the command of version 0.1; a later one would record itself
Writes, for each case: config.json, cut/ (the run folder after max_steps), whole.ckpt and whole.csv (checkpoints/last.ckpt
and metrics.csv of the run that was not cut off).
"""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

import torch

HERE = pathlib.Path(__file__).resolve().parent


def named(class_path, **init_args):
    return {"class_path": class_path, "init_args": init_args}


def config(optimizer, callbacks, lr_scheduler=None, model=None, data=None, **trainer):
    return {
        "schema": 1, "seed_everything": 7, "num_threads": 1,
        "model": named("MLP", **{"hidden_sizes": [6], **(model or {})}),
        "data": named("CSVData", path="../table.csv", target="species", batch_size=16, shuffle=True, **(data or {})),
        "optimizer": optimizer, "lr_scheduler": lr_scheduler,
        "trainer": {"accelerator": "cpu", "max_epochs": 4, "log_every_n_steps": 1, "callbacks": callbacks, **trainer},
    }


LAST = named("ModelCheckpoint", save_last=True, monitor="val_loss", save_top_k=2)
CASES = {  # name: (config, steps before the cut)
    "schedule_and_stop": (config(
        named("AdamW", lr=0.01, weight_decay=0.01),
        [LAST, named("EarlyStopping", monitor="val_loss", patience=3), named("LearningRateMonitor")],
        {**named("OneCycleLR", max_lr=0.05, total_steps=16), "interval": "step"},
        model={"dropout": 0.2}, accumulate_grad_batches=2), 5),
    "averages": (config(
        named("SGD", lr=0.05, momentum=0.9),
        [named("StochasticWeightAveraging", swa_lrs=0.01, swa_epoch_start=1), named("ModelCheckpoint", save_last=True)],
        {**named("CosineAnnealingLR", T_max=4), "interval": "epoch"}), 20),
    "pruned": (config(
        named("RMSprop", lr=0.01, momentum=0.5, centered=True),
        [named("ModelPruning", pruning_fn="l1_unstructured", amount=0.2), LAST],
        {**named("ReduceLROnPlateau", patience=0), "monitor": "val_loss"},
        precision="64-true", val_check_interval=0.5), 11),
    "mixed": (config(
        named("Adam", lr=0.01), [named("EMAWeightAveraging", decay=0.9, update_every_n_steps=2), LAST],
        model={"batch_norm": True}, data={"missing": "mean", "num_workers": 2, "drop_last": True},
        precision="bf16-mixed", gradient_clip_val=0.5), 13),
}


def fit(leyden, case, folder, *more):
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    subprocess.run([leyden, "fit", "--config", case / "config.json", "--run_dir", folder, "--quiet", *more],
                   check=True, env=environment)


def main():
    leyden = pathlib.Path(sys.argv[1]).resolve()
    shutil.copy(HERE.parents[2] / "resources/datasets/iris.csv", HERE / "table.csv")
    for name, (settings, steps) in CASES.items():
        case = HERE / name
        shutil.rmtree(case, ignore_errors=True)
        case.mkdir()
        (case / "config.json").write_text(json.dumps(settings, indent=1) + "\n")
        with tempfile.TemporaryDirectory() as scratch:
            whole, cut = pathlib.Path(scratch, "whole"), pathlib.Path(scratch, "cut")
            fit(leyden, case, whole)
            fit(leyden, case, cut, f"--trainer.max_steps={steps}")
            shutil.copy(whole / "checkpoints/last.ckpt", case / "whole.ckpt")
            shutil.copy(whole / "metrics.csv", case / "whole.csv")
            shutil.copytree(cut, case / "cut")
    head = {"torch": "2.13.0+cpu", "cpu_capability": torch.backends.cpu.get_cpu_capability()}
    (HERE / "head.json").write_text(json.dumps(head) + "\n")


main()
