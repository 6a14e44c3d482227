# SPDX-License-Identifier: GPL-3.0-or-later
"""Records what PyTorch Lightning's SimpleProfiler reports.

python record_profiler.py [--output DIR] [NAME ...]      writes DIR/{calls, reports}.json; DIR is ../data/profiler

calls: of a fit, a validation, a test and a prediction, how often each action ran. reports: texts for given durations.
"""
import pathlib
import tempfile
from unittest import mock

from lightning.pytorch.profilers import SimpleProfiler

from record import HERE, IRIS, case, checkpoint, step_lr
from recording import record_cases
from reference import run

DURATIONS = [
    {"run_training_epoch": [0.5, 0.25, 0.125], "[Strategy]SingleDeviceStrategy.backward": [0.0625], "save_checkpoint": [1.0]},
    {"a": [0.0009765625, 0.00390625], "b": [128.0, 4096.0, 0.5]},
    {"only": [2.0]},
]


def config_of_calls():
    config = case(IRIS, lr_scheduler=step_lr("epoch"), limit_train_batches=3, enable_model_summary=False, callbacks=[
        checkpoint(save_top_k=-1), {"class_path": "EarlyStopping", "init_args": {"monitor": "val_loss"}}])
    config["data"]["init_args"].update(path="datasets/iris.csv", test_fraction=0.2)
    return config


def calls():
    for verb in ("fit", "validate", "test", "predict"):
        config = config_of_calls()
        profiler = SimpleProfiler()
        resolved = {**config, "trainer": {**config["trainer"], "profiler": profiler}}
        resolved["data"] = {**config["data"], "init_args": {**config["data"]["init_args"], "path": str(
            HERE.parents[1] / "resources" / config["data"]["init_args"]["path"])}}
        with tempfile.TemporaryDirectory() as folder:
            run(resolved, pathlib.Path(folder), verb=verb)
        yield {"verb": verb, "config": config, "calls": {name: len(times) for name, times in profiler.recorded_durations.items()}}


def reports():
    for durations in DURATIONS:
        for extended in (True, False):
            profiler = SimpleProfiler(extended=extended)
            profiler.setup("fit")
            for action, times in durations.items():
                profiler.recorded_durations[action] = times
            seconds = sum(map(sum, durations.values())) + 1.0
            profiler.start_time = 0.0
            with mock.patch("time.perf_counter", return_value=seconds):
                yield {"durations": durations, "seconds": seconds, "extended": extended, "report": profiler.summary()}


if __name__ == "__main__":
    record_cases("profiler", {"calls": calls, "reports": reports})
