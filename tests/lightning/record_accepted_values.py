# SPDX-License-Identifier: GPL-3.0-or-later
"""Records what PyTorch Lightning does with values of Trainer arguments that one might expect it to refuse.

python record_accepted_values.py      writes ../data/accepted_values.json: each run's config and how often it made each call
"""
import collections
import contextlib
import io
import json
import pathlib
import tempfile

import lightning

from record import case
from reference import load_config, run
from tracer import Trace

OUTPUT = pathlib.Path(__file__).parent.parent / "data" / "accepted_values.json"

VALUES = [
    {"fast_dev_run": 1.0},
    {"max_epochs": 0},
    {"max_steps": 0},
    {"min_epochs": 3, "max_epochs": 1},
    {"max_time": {"days": 1}},
    *({limit: value} for limit in ("limit_train_batches", "limit_val_batches", "overfit_batches") for value in (2.0, 0, 0.0)),
    *({limit: value} for limit in ("limit_test_batches", "limit_predict_batches") for value in (2.0, 0, 0.0)),
    {"val_check_interval": 0.0},
    {"check_val_every_n_epoch": -1},
    {"check_val_every_n_epoch": -2},
    {"check_val_every_n_epoch": None},
    {"num_sanity_val_steps": -1},
    {"num_sanity_val_steps": -3},
    {"log_every_n_steps": 0},
    {"log_every_n_steps": -2},
    {"gradient_clip_val": -1.0},
    {"gradient_clip_val": 0.1, "gradient_clip_algorithm": "NORM"},
    {"enable_model_summary": False, "callbacks": ["ModelSummary"]},
]


def record(arguments):
    config = case(**{"num_sanity_val_steps": 1, **arguments})
    with tempfile.TemporaryDirectory() as scratch:
        file = pathlib.Path(scratch) / "config.json"
        config["data"]["init_args"]["path"] = "datasets/iris.csv"
        file.write_text(json.dumps(config), encoding="utf-8")
        trace = Trace()
        with contextlib.redirect_stdout(io.StringIO()):
            run(load_config(file), pathlib.Path(scratch) / "run", trace)
    calls = collections.Counter(line["call"] if "call" in line else "log" for line in trace.lines if {"call", "log"} & line.keys())
    return {"name": json.dumps(arguments), "config": config, "trainer": json.dumps(config["trainer"]),
            "calls": dict(sorted(calls.items()))}


if __name__ == "__main__":
    cases = ",\n".join(json.dumps(record(arguments)) for arguments in VALUES)
    OUTPUT.write_text(f'{{"lightning": "{lightning.__version__}", "cases": [\n{cases}\n]}}\n', encoding="utf-8")
