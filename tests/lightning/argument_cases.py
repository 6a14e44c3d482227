# SPDX-License-Identifier: GPL-3.0-or-later
"""Run configs that between them give every argument of the Trainer another value than its default, in pairs."""
import itertools
import json
import random

CASES = 54  # beside those that record.py writes by hand
CANDIDATES = 60  # drawn for each case; the one with most new pairs is kept
MOST_ARGUMENTS = 17  # of one case


def checkpoint(**arguments):
    return {"class_path": "ModelCheckpoint", "init_args": arguments}


def early_stopping(**arguments):
    return {"class_path": "EarlyStopping", "init_args": {
        "monitor": "val_loss", "strict": False, "check_on_train_epoch_end": False, **arguments}}


# Values other than the default. num_nodes has none on one machine; strategy and model_registry, which have no effect
# there, are in cases of their own in record.py.
VALUES = {
    "accelerator": ["cpu"],
    "devices": [1, "1"],
    "precision": ["64-true", 64, "32-true"],
    "logger": [False, [], True, {"class_path": "CSVLogger", "init_args": {"save_dir": "runs"}}],
    "callbacks": [[], early_stopping(patience=1, min_delta=0.2), [checkpoint(every_n_train_steps=2, save_top_k=-1)],
                  [early_stopping(patience=2), checkpoint(monitor="train_loss", save_top_k=2)]],
    "fast_dev_run": [True, 2, 3],
    "max_epochs": [0, 1, 2, 3, -1],
    "min_epochs": [1, 2, 3],
    "max_steps": [0, 2, 3, 5],
    "min_steps": [2, 5],
    "max_time": ["00:12:00:00", {"days": 1}, "00:00:00:00"],
    "limit_train_batches": [1, 2, 0.5, 0.75, 3.0],
    "limit_val_batches": [1, 0, 0.5],
    "limit_test_batches": [1, 0.5],
    "limit_predict_batches": [1, 0.5],
    "overfit_batches": [1, 2, 0.5],
    "val_check_interval": [0.5, 2, 0.0, "00:00:00:00", {"hours": 1}],
    "check_val_every_n_epoch": [2, None, -1],
    "num_sanity_val_steps": [0, 1, -1],
    "log_every_n_steps": [1, 2, 0, -3],
    "enable_checkpointing": [True, False],
    "enable_progress_bar": [True, False],
    "enable_model_summary": [True, False],
    "accumulate_grad_batches": [2, 3],
    "gradient_clip_val": [0.05, 1, -1.0],
    "gradient_clip_algorithm": ["value", "NORM"],
    "deterministic": [True, "warn", False],
    "benchmark": [True, False],
    "inference_mode": [False],
    "use_distributed_sampler": [False],
    "plugins": [[]],
    "detect_anomaly": [True],
    "barebones": [True],
    "sync_batchnorm": [True],
    "reload_dataloaders_every_n_epochs": [1, 2],
    "default_root_dir": ["elsewhere", "a/b"],
    "enable_autolog_hparams": [False],
}
# Values that leave little of a run occur only so often.
MOST_USES = {"fast_dev_run": 9, "barebones": 5, ("max_epochs", "0"): 2, ("max_steps", "0"): 2,
             ("max_time", '"00:00:00:00"'): 2, ("logger", "false"): 5, ("logger", "[]"): 3, ("limit_val_batches", "0"): 3}
ALWAYS = ("accelerator", "devices")  # no case depends on the machine


def works(trainer):
    """Whether Lightning takes these arguments together."""
    callbacks = trainer.get("callbacks") or []
    names = [callback["class_path"] for callback in (callbacks if isinstance(callbacks, list) else [callbacks])]
    if "ModelCheckpoint" in names and (trainer.get("enable_checkpointing") is False or trainer.get("barebones")):
        return False
    if trainer.get("barebones"):
        if trainer.get("logger", False) is not False:
            return False
        if any(trainer.get(name) for name in ("enable_checkpointing", "enable_progress_bar", "enable_model_summary",
                                              "log_every_n_steps", "num_sanity_val_steps", "fast_dev_run",
                                              "detect_anomaly")):
            return False
    if trainer.get("check_val_every_n_epoch", 1) is None and isinstance(trainer.get("val_check_interval"), float):
        return False
    has_end = trainer.get("max_epochs", -1) != -1 or trainer.get("max_steps") or trainer.get("fast_dev_run")
    few = trainer.get("overfit_batches", trainer.get("limit_train_batches", 4))
    batches = few if isinstance(few, int) else int(4 * few) if few <= 1 else int(few)
    interval = trainer.get("val_check_interval")
    if isinstance(interval, int) and interval > batches and trainer.get("check_val_every_n_epoch", 1) is not None:
        return bool(trainer.get("fast_dev_run")) and has_end
    return bool(has_end)


def pairs_of(trainer):
    return set(itertools.combinations(sorted(trainer), 2))


def value_pairs_of(trainer):
    said = [(name, json.dumps(trainer[name])) for name in sorted(trainer)]
    return set(itertools.combinations(said, 2))


def count(uses, name, value):
    return uses.get((name, json.dumps(value)), 0)


def draw(rng, uses):
    """One case's arguments: rarely used values first."""
    while True:
        names = [name for name in VALUES if name not in ALWAYS and uses.get(name, 0) < MOST_USES.get(name, CASES)]
        chosen = [*ALWAYS, *rng.sample(names, rng.randint(8, MOST_ARGUMENTS - len(ALWAYS)))]
        trainer = {}
        for name in VALUES:
            if name in chosen:
                values = [value for value in VALUES[name]
                          if count(uses, name, value) < MOST_USES.get((name, json.dumps(value)), CASES)]
                least = min(count(uses, name, value) for value in values)
                trainer[name] = rng.choice([value for value in values if count(uses, name, value) <= least + 1])
        trainer.setdefault("max_epochs", 2)
        if works(trainer):
            return trainer


def argument_cases():
    """The Trainer's arguments of each case, always the same."""
    rng, covered, covered_values, uses, cases = random.Random(26), set(), set(), {}, []
    while len(cases) < CASES:
        def gain(trainer):
            fresh = len(pairs_of(trainer) - covered)
            return 5 * fresh + len(value_pairs_of(trainer) - covered_values)
        best = max((draw(rng, uses) for _ in range(CANDIDATES)), key=gain)
        cases.append(best)
        covered |= pairs_of(best)
        covered_values |= value_pairs_of(best)
        for name, value in best.items():
            key = (name, json.dumps(value))
            uses[key] = uses.get(key, 0) + 1
            uses[name] = uses.get(name, 0) + 1
    return cases


if __name__ == "__main__":
    every = argument_cases()
    found = set().union(*map(pairs_of, every))
    pairs = len(VALUES) * (len(VALUES) - 1) // 2
    values = {(name, json.dumps(value)) for case in every for name, value in case.items()}
    missing = [(name, value) for name in VALUES for value in VALUES[name] if (name, json.dumps(value)) not in values]
    print(f"{len(every)} cases, {len(found)} of {pairs} pairs of arguments; values not used: {missing}")
    print("no pair:", [pair for pair in itertools.combinations(sorted(VALUES), 2) if pair not in found])
