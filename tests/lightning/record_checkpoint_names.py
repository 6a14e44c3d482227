# SPDX-License-Identifier: GPL-3.0-or-later
"""Records ../data/checkpoint_names/model_checkpoint.json: the files that Lightning's ModelCheckpoint leaves behind.

python record_checkpoint_names.py [--output DIR]
A case: its Trainer's arguments, files that are there before, then every file's name and the optimizer steps that it holds; or, where
Lightning refuses the arguments, the kind of its error.
"""
import pathlib
import tempfile

import torch

from recording import record_cases
from reference import RESOURCES, run

DATA = {"path": "datasets/iris.csv", "target": "species", "batch_size": 32, "split_seed": 3}


def saver(**arguments):
    return {"class_path": "ModelCheckpoint", "init_args": arguments}


def case(name, *savers, before=(), **trainer):
    return {"name": name, "before": list(before), "trainer": {"max_epochs": 4, **trainer, "callbacks": list(savers)}}


BEST = {"monitor": "val_loss", "save_top_k": 2}
CASES = [
    case("defaults", saver()),
    case("no callback at all"),
    case("epoch", saver(filename="{epoch}")),
    case("step", saver(filename="{step}", save_top_k=-1)),
    case("padded", saver(filename="{epoch:03d}-{step:05d}", save_top_k=-1)),
    case("a metric", saver(filename="{epoch}-{val_loss:.2f}", **BEST)),
    case("two metrics", saver(filename="{val_acc:.3f}_{val_loss:.1f}", **BEST)),
    case("a metric's full precision", saver(filename="{val_loss}", **BEST)),
    case("the largest", saver(filename="{epoch}-{val_acc:.2f}", monitor="val_acc", mode="max", save_top_k=3)),
    case("text alone", saver(filename="best", **BEST)),
    case("text alone, kept all", saver(filename="each", save_top_k=-1)),
    case("text around", saver(filename="run-{epoch}-of-4", save_top_k=-1)),
    case("names left out", saver(filename="{epoch}-{step}-{val_loss:.2f}", auto_insert_metric_name=False, **BEST)),
    case("own names", saver(filename="e={epoch:02d} loss={val_loss:.3f}", auto_insert_metric_name=False, **BEST)),
    case("a folder in the name", saver(filename="kept/{epoch}", save_top_k=-1)),
    case("a folder named by epoch", saver(filename="{epoch}/{step}", save_top_k=-1)),
    case("an unknown metric", saver(filename="{epoch}-{nothing:.2f}", save_top_k=-1)),
    case("an unknown metric, names left out", saver(filename="{nothing}", auto_insert_metric_name=False, save_top_k=-1)),
    case("twice in one name", saver(filename="{epoch}-{epoch}", save_top_k=-1)),
    case("scientific", saver(filename="{val_loss:.1e}", **BEST)),
    case("width and sign", saver(filename="{val_loss:+08.3f}", **BEST)),
    case("all", saver(save_top_k=-1)),
    case("none", saver(save_top_k=0)),
    case("none, monitored", saver(monitor="val_loss", save_top_k=0)),
    case("none but last", saver(save_top_k=0, save_last=True)),
    case("last", saver(save_last=True)),
    case("last beside the best", saver(save_last=True, **BEST)),
    case("last as a link", saver(save_last="link", **BEST)),
    case("last beside all", saver(save_last=True, save_top_k=-1)),
    case("every 3 steps", saver(every_n_train_steps=3, save_top_k=-1)),
    case("every 3 steps, the best", saver(every_n_train_steps=3, monitor="train_loss", save_top_k=2, filename="{step}-{train_loss:.3f}")),
    case("every step, last", saver(every_n_train_steps=1, save_last=True)),
    case("every 2 epochs", saver(every_n_epochs=2, save_top_k=-1)),
    case("every 2 epochs, at the training's end", saver(every_n_epochs=2, save_top_k=-1, save_on_train_epoch_end=True)),
    case("never", saver(every_n_epochs=0)),
    case("every 100 steps", saver(every_n_train_steps=100, save_last=True)),
    case("by time, long", saver(train_time_interval="00:01:00:00", save_top_k=-1)),
    case("at the training's end", saver(save_on_train_epoch_end=True, filename="{epoch}-{val_loss:.2f}", **BEST)),
    case("after validation", saver(save_on_train_epoch_end=False, save_top_k=-1)),
    case("validated twice an epoch", saver(save_top_k=-1), val_check_interval=0.5),
    case("validated twice an epoch, the best", saver(filename="{epoch}-{step}-{val_loss:.2f}", **BEST), val_check_interval=0.5),
    case("validated in every second epoch", saver(save_top_k=-1), check_val_every_n_epoch=2),
    case("no validation", saver(save_top_k=-1), limit_val_batches=0),
    case("no validation, train_loss", saver(monitor="train_loss", filename="{train_loss:.2f}"), limit_val_batches=0),
    case("weights only", saver(save_weights_only=True, **BEST)),
    case("stopped by steps", saver(save_last=True), max_steps=6, max_epochs=-1),
    case("windows of 2", saver(save_top_k=-1, every_n_train_steps=1), accumulate_grad_batches=2),
    case("two of one name", saver(filename="{epoch}", monitor="val_loss"), saver(filename="{epoch}", monitor="val_acc", mode="max")),
    case("two triggers", saver(filename="s{step}", every_n_train_steps=4, save_top_k=-1), saver(filename="e{epoch}", every_n_epochs=2, save_top_k=-1)),
    case("two lasts", saver(save_last=True, filename="a{epoch}", monitor="val_loss"),
         saver(save_last=True, filename="b{epoch}", monitor="val_acc", mode="max")),
    case("a name that is taken", saver(), before=["epoch=3-step=16.ckpt"]),
    case("names that are taken", saver(filename="x", save_top_k=-1), before=["x.ckpt", "x-v1.ckpt", "x-v3.ckpt"]),
    case("a last that is there", saver(save_last=True), before=["last.ckpt"]),
    case("overwritten", saver(filename="x", save_top_k=-1, enable_version_counter=False), before=["x.ckpt"]),
    case("overwritten, the best", saver(filename="x", enable_version_counter=False, **BEST)),
    case("a short run", saver(), fast_dev_run=True),
    case("checkpointing off", enable_checkpointing=False),
    # Refused
    case("refused: fewer than -1", saver(save_top_k=-2)),
    case("refused: the best of nothing", saver(save_top_k=2)),
    case("refused: two triggers", saver(every_n_train_steps=2, every_n_epochs=1)),
    case("refused: a negative trigger", saver(every_n_train_steps=-1)),
    case("refused: a mode", saver(monitor="val_loss", mode="best")),
    case("refused: a metric that nobody logs", saver(monitor="loss_of_hair")),
    case("refused: checkpointing off", saver(), enable_checkpointing=False),
]


def steps_of(file):
    """None for a file that holds no checkpoint."""
    return torch.load(file, weights_only=True)["global_step"] if file.stat().st_size else None


def record():
    for one in CASES:
        with tempfile.TemporaryDirectory() as scratch:
            folder = pathlib.Path(scratch)
            (folder / "checkpoints").mkdir()
            for name in one["before"]:
                (folder / "checkpoints" / name).touch()
            config = {"schema": 1, "seed_everything": 7, "num_threads": 1,
                      "model": {"class_path": "MLP", "init_args": {"hidden_sizes": [8]}},
                      "data": {"class_path": "CSVData", "init_args": DATA},
                      "optimizer": {"class_path": "Adam", "init_args": {"lr": 0.05}},
                      "trainer": {"accelerator": "cpu", "devices": 1, **one["trainer"]}}
            one = {"name": one["name"], "before": one["before"], "config": config}
            absolute = {**config, "data": {"class_path": "CSVData", "init_args": {**DATA, "path": str(RESOURCES / DATA["path"])}}}
            try:
                run(absolute, folder)
                one["files"] = {str(file.relative_to(folder)): steps_of(file) for file in sorted(folder.rglob("*.ckpt"))}
            except Exception as error:  # whatever Lightning throws
                one["refused"] = type(error).__name__
            yield one


if __name__ == "__main__":
    record_cases("checkpoint_names", {"model_checkpoint": record})
