# SPDX-License-Identifier: GPL-3.0-or-later
"""Fits that begin with one of leyden and PyTorch Lightning and go on with the other.

python round_trip.py --leyden build/release/bin/leyden
Each config trains four epochs with either, and two epochs with either and the other two with the other one, from its last.ckpt
(read with weights_only=True). Rows of metrics.csv after the change, and all of the last checkpoint (weights, optimizers,
schedulers, loops, callbacks), equal the uninterrupted fit's, bit for bit. With shuffled rows and dropout Lightning gets the state
of the random generator from leyden's key in the file; a checkpoint of Lightning has none, so that way leyden goes on without.
"""
import argparse
import copy
import csv
import json
import os
import pathlib
import sys
import tempfile

os.environ["TORCH_FORCE_WEIGHTS_ONLY_LOAD"] = "1"

import torch  # noqa: E402, reads the variable

from differential import STATE, run_leyden, state_difference  # noqa: E402
from reference import RESOURCES, run  # noqa: E402

OPTIMIZERS = {
    "Adam": {"class_path": "Adam", "init_args": {"lr": 0.01}},
    "AdamW": {"class_path": "AdamW", "init_args": {"lr": 0.01, "amsgrad": True}},
    "SGD with momentum": {"class_path": "SGD", "init_args": {"lr": 0.05, "momentum": 0.9, "nesterov": True}},
}
SCHEDULERS = {
    "by epoch": {"class_path": "StepLR", "init_args": {"step_size": 1, "gamma": 0.5}},
    "by step": {"class_path": "CosineAnnealingLR", "init_args": {"T_max": 40}, "interval": "step"},
}


def config_of(optimizer, scheduler, is_random, epochs):
    return {
        "schema": 1, "seed_everything": 3, "num_threads": 1,
        "model": {"class_path": "MLP", "init_args": {"hidden_sizes": [16, 8], "dropout": 0.3 if is_random else 0.0}},
        "data": {"class_path": "CSVData", "init_args": {
            "path": str(RESOURCES / "datasets" / "iris.csv"), "target": "species", "batch_size": 16, "val_fraction": 0.2,
            "shuffle": is_random}},
        "optimizer": OPTIMIZERS[optimizer], "lr_scheduler": SCHEDULERS[scheduler],
        "trainer": {
            "max_epochs": epochs, "log_every_n_steps": 1, "accelerator": "cpu",
            "logger": [{"class_path": "CSVLogger", "init_args": {"save_dir": "runs", "name": "run"}}],
            "callbacks": [
                {"class_path": "EarlyStopping", "init_args": {"monitor": "val_loss", "patience": 3}},
                {"class_path": "ModelCheckpoint", "init_args": {"monitor": "val_loss", "save_last": True, "save_top_k": 2}}]},
    }


def last(run_dir):
    return next(run_dir.rglob("last.ckpt"))


def rows(run_dir, after):
    with open(run_dir / "metrics.csv", newline="", encoding="utf-8") as file:
        return [{key: value for key, value in row.items() if value} for row in csv.DictReader(file) if int(row["step"]) >= after]


def take_generator(file):
    """Lightning's model gets the generator's state where its training begins: it has none of its own in a checkpoint."""
    state = torch.load(file, weights_only=True)["leyden"]["random_states"]["cpu"]

    def on_train_start():
        torch.set_rng_state(state)
        torch.empty((), dtype=torch.int64).random_()  # the loader's iterator, which a resumed fit has made already, draws one

    def prepare(module):
        module.on_train_start = on_train_start
    return prepare


def problem_of(leyden, folder, case):
    """None, or where the continued fits differ."""
    optimizer, scheduler, is_random = case
    full, half = (config_of(optimizer, scheduler, is_random, epochs) for epochs in (4, 2))

    def ours(name, config, more=()):
        place = folder / name
        place.mkdir()
        (place / "config.json").write_text(json.dumps(config), encoding="utf-8")
        failure = run_leyden(leyden, place, "fit", more)
        if failure:
            raise RuntimeError(f"{name}: {failure}")
        return place / "leyden"

    def theirs(name, config, **more):
        place = folder / name / "leyden"  # of the same form, for the paths in callback states
        place.mkdir(parents=True)
        run(copy.deepcopy(config), place, **more)
        return place

    whole = ours("leyden_whole", full)
    begun = ours("leyden_begun", half)
    pairs = [("begun with leyden, ended with Lightning",
              theirs("lightning_ended", full, ckpt_path=str(last(begun)), prepare=take_generator(last(begun)) if is_random else None), whole)]
    if not is_random:
        lightning_whole = theirs("lightning_whole", full)
        lightning_begun = theirs("lightning_begun", half)
        pairs.append(("begun with Lightning, ended with leyden",
                      ours("leyden_ended", full, ["--ckpt_path", str(last(lightning_begun))]), lightning_whole))
    for what, continued, uninterrupted in pairs:
        after = torch.load(last(begun), weights_only=True)["global_step"]
        found, expected = rows(continued, after), rows(uninterrupted, after)
        if not expected or found != expected:
            number = next((i for i, (a, b) in enumerate(zip(found, expected)) if a != b), min(len(found), len(expected)))
            return f"{what}: row {number} of {len(found)} and {len(expected)}: {found[number:number + 1]} and {expected[number:number + 1]}"
        states = [torch.load(last(side), weights_only=True) for side in (continued, uninterrupted)]
        for key in STATE:
            if key == "callbacks":  # of ModelCheckpoint only the best so far: the folder is another
                states = [{**state, key: {name: value for name, value in state[key].items() if "ModelCheckpoint" not in name}} for state in states]
            if key in states[1]:
                difference = state_difference(states[0].get(key), states[1][key], key, folder)
                if difference:
                    return f"{what}: {difference}"
        best = [next(value for name, value in torch.load(last(side), weights_only=True)["callbacks"].items() if "ModelCheckpoint" in name)
                for side in (continued, uninterrupted)]
        if not torch.equal(best[0]["best_model_score"], best[1]["best_model_score"]):
            return f"{what}: best_model_score {best[0]['best_model_score']}, {best[1]['best_model_score']}"
    return None


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--leyden", type=pathlib.Path, required=True)
    leyden = parser.parse_args().leyden.resolve()
    cases = [(optimizer, scheduler, is_random) for optimizer in OPTIMIZERS for scheduler in SCHEDULERS for is_random in (False, True)]
    agreed = 0
    for case in cases:
        with tempfile.TemporaryDirectory() as folder:
            try:
                problem = problem_of(leyden, pathlib.Path(folder), case)
            except Exception as error:  # a side that cannot go on is what is looked for
                problem = f"{type(error).__name__}: {error}"
        name = f"{case[0]}, schedule {case[1]}, {'shuffled with dropout' if case[2] else 'in order'}"
        if problem:
            print(f"{name}: {problem}")
        agreed += problem is None
    print(f"round trips that end as the uninterrupted fit: {agreed} of {len(cases)}")
    return 0 if agreed == len(cases) else 1


if __name__ == "__main__":
    sys.exit(main())
