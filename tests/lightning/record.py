# SPDX-License-Identifier: GPL-3.0-or-later
"""Records runs of PyTorch Lightning that Leyden is compared with where there is no Lightning.

python record.py [CASE ...]      writes ../data/lightning/CASE/{config.json, metrics.csv, trace.jsonl, meta.json}, and where
evaluations are recorded too, {validate, test, predict}.jsonl: traces of these verbs with the first of the run's checkpoints,
or without one where the run wrote none
"""
import contextlib
import io
import json
import pathlib
import shutil
import sys
import tempfile

import lightning
import torch

from argument_cases import argument_cases
from reference import digest, load_config, run
from tracer import Trace

HERE = pathlib.Path(__file__).parent
OUTPUT = HERE.parent / "data" / "lightning"
DATASETS = "../../../../resources/datasets"
UNTRACED = {"digits_mlp"}  # whole trainings, whose traces would be long


def csv_data(file, target, **arguments):
    return {"class_path": "CSVData", "init_args": {"path": f"{DATASETS}/{file}", "target": target, **arguments}}


IRIS = csv_data("iris.csv", "species", batch_size=30)  # 4 training batches, 1 of validation


def checkpoint(**arguments):
    return {"class_path": "ModelCheckpoint", "init_args": arguments}


def case(data=IRIS, model=None, optimizer=None, lr_scheduler=None, seed=1, **trainer):
    # No default stays unsaid where it decides how the run goes on one machine and not on another.
    return {
        "schema": 1, "seed_everything": seed, "num_threads": 1,
        "model": {"class_path": "MLP", "init_args": model or {"hidden_sizes": [8]}},
        "data": data,
        "optimizer": optimizer or {"class_path": "SGD", "init_args": {"lr": 0.1, "momentum": 0.9}},
        "lr_scheduler": lr_scheduler,
        "trainer": {"accelerator": "cpu", "devices": 1, "max_epochs": 2, "log_every_n_steps": 1,
                    "logger": [{"class_path": "CSVLogger", "init_args": {"save_dir": "runs"}}], **trainer},
    }


def step_lr(interval, frequency=1):
    return {"class_path": "StepLR", "init_args": {"step_size": 1, "gamma": 0.5}, "interval": interval,
            "frequency": frequency}


BATCH_NORM = {"hidden_sizes": [8], "batch_norm": True, "dropout": 0.1}
ADAMW = {"class_path": "AdamW", "init_args": {"lr": 0.01}}
CASES = {
    "hook_order": case(lr_scheduler=step_lr("step"), max_epochs=1, limit_train_batches=2, num_sanity_val_steps=1),
    "accumulation": case(csv_data("iris.csv", "species", batch_size=25), lr_scheduler=step_lr("step", 2),
                         accumulate_grad_batches=2, gradient_clip_val=0.5, num_sanity_val_steps=0),
    "accumulation_short_window": case(accumulate_grad_batches=3, gradient_clip_val=0.01,
                                      gradient_clip_algorithm="value", log_every_n_steps=2),
    "partial_epoch_validation": case(csv_data("iris.csv", "species", batch_size=25), val_check_interval=0.5,
                                     callbacks=[checkpoint(save_top_k=-1)]),
    "validation_across_epochs": case(val_check_interval=3, check_val_every_n_epoch=None, max_epochs=3),
    "validation_in_every_second_epoch": case(val_check_interval=2, check_val_every_n_epoch=2, max_epochs=4,
                                             num_sanity_val_steps=0),
    "limited_by_steps": case(lr_scheduler={"class_path": "CosineAnnealingLR", "init_args": {"T_max": 3}},
                             max_epochs=-1, max_steps=6),
    "early_stopping": case(callbacks=[{"class_path": "EarlyStopping", "init_args": {
        "monitor": "val_loss", "min_delta": 1000.0, "patience": 1}}], min_steps=10, max_epochs=9),
    "checkpoints_by_steps": case(callbacks=[checkpoint(every_n_train_steps=3, save_top_k=-1)], max_epochs=3,
                                 limit_val_batches=0),
    "no_validation_data": case(csv_data("iris.csv", "species", batch_size=50, val_fraction=0.0),
                               lr_scheduler=step_lr("epoch")),
    "nothing_trained": case(max_epochs=0),
    "regression": case(csv_data("diabetes.csv", "progression", batch_size=64, standardize_target=True,
                                drop_last=True),
                       {"hidden_sizes": [16, 8], "activation": "gelu", "dropout": 0.2, "batch_norm": True},
                       {"class_path": "Adam", "init_args": {"lr": 0.01, "weight_decay": 0.1, "amsgrad": True}},
                       step_lr("epoch"), max_epochs=3, log_every_n_steps=2),
    "text_columns": case(csv_data("penguins.csv", "species", batch_size=64, missing="drop", test_fraction=0.2),
                         {"hidden_sizes": [12], "activation": "tanh"},
                         {"class_path": "AdamW", "init_args": {"lr": 0.01}}, max_epochs=3, log_every_n_steps=3,
                         callbacks=[checkpoint(monitor="val_acc", mode="max", save_top_k=2)]),
    "bf16_mixed": case(precision="bf16-mixed", gradient_clip_val=0.5),
    "bf16_true": case(model=BATCH_NORM, optimizer=ADAMW, precision="bf16-true", gradient_clip_val=0.5),
    "bf16_true_momentum": case(csv_data("diabetes.csv", "progression", batch_size=64, standardize_target=True),
                               precision="bf16-true", gradient_clip_val=0.3, max_epochs=6, callbacks=[
                                   {"class_path": "EarlyStopping", "init_args": {
                                       "monitor": "val_rmse", "patience": 2, "min_delta": 0.3}},
                                   checkpoint(monitor="val_rmse", save_top_k=2, filename="{epoch}-{val_rmse:.3f}")]),
    "half_mixed_on_a_cpu": case(precision="16", accumulate_grad_batches=2),
    "half_true": case(optimizer=ADAMW, precision="16-true"),
    "double_true": case(model=BATCH_NORM, optimizer=ADAMW, precision="64-true", gradient_clip_val=0.5),
    "half_plugin": case(csv_data("diabetes.csv", "progression", batch_size=64, standardize_target=True), precision=None,
                        plugins=[{"class_path": "HalfPrecision", "init_args": {"precision": "bf16-true"}}]),
    "double_plugin": case(optimizer=ADAMW, precision=None, plugins=[{"class_path": "DoublePrecision", "init_args": {}}]),
    "loss_scaler": case(optimizer=ADAMW, gradient_clip_val=0.5, max_epochs=3, callbacks=[checkpoint(save_top_k=-1)], plugins=[{
        "class_path": "MixedPrecision", "init_args": {"precision": "16-mixed", "device": "cpu", "scaler": {
            "init_scale": 2.0**126, "backoff_factor": 2.0**-30, "growth_interval": 3}}}]),
    "strategy_by_name": case(csv_data("iris.csv", "species", batch_size=23, test_fraction=0.2), strategy="single_device", profiler="simple",
                             model_registry="team/model", precision="64-true", accumulate_grad_batches=2, gradient_clip_val=0.5,
                             limit_train_batches=3, limit_val_batches=1, val_check_interval=2, min_epochs=1, max_steps=4,
                             num_sanity_val_steps=1, detect_anomaly=True, inference_mode=False, deterministic=True, benchmark=False,
                             enable_checkpointing=True, enable_progress_bar=False, enable_model_summary=False,
                             callbacks=[checkpoint(save_top_k=-1)], reload_dataloaders_every_n_epochs=1, default_root_dir="elsewhere"),
    "strategy_in_capitals": case(csv_data("iris.csv", "species", batch_size=23, test_fraction=0.2), strategy="SINGLE_DEVICE",
                                 profiler={"class_path": "SimpleProfiler", "init_args": {"extended": False}},
                                 model_registry="other", overfit_batches=2, check_val_every_n_epoch=2, gradient_clip_val=0.05,
                                 gradient_clip_algorithm="value", min_steps=2, max_time="00:12:00:00",
                                 limit_test_batches=1, limit_predict_batches=1, enable_autolog_hparams=False,
                                 use_distributed_sampler=False, sync_batchnorm=True, plugins=[], fast_dev_run=2),
    "digits_mlp": case(csv_data("digits.csv", "digit", batch_size=64),
                       {"hidden_sizes": [128, 64], "activation": "relu", "dropout": 0.1},
                       {"class_path": "AdamW", "init_args": {"lr": 0.002, "weight_decay": 0.01}}, seed=42,
                       max_epochs=20, log_every_n_steps=10, callbacks=[
                           {"class_path": "EarlyStopping", "init_args": {"monitor": "val_loss", "patience": 5}},
                           checkpoint(monitor="val_loss")]),
}


OPTIMIZERS = [
    {"class_path": "SGD", "init_args": {"lr": 0.1, "momentum": 0.9}},
    {"class_path": "AdamW", "init_args": {"lr": 0.01}},
    {"class_path": "RMSprop", "init_args": {"lr": 0.01}},
]
SCHEDULERS = [None, step_lr("step"), step_lr("epoch"), {
    "class_path": "ReduceLROnPlateau", "init_args": {"patience": 0, "factor": 0.5, "min_lr": 0.0}, "monitor": "val_loss",
    "strict": False}]

for number, arguments in enumerate(argument_cases()):
    made = case(csv_data("iris.csv", "species", batch_size=23, test_fraction=0.2), {"hidden_sizes": [4], "dropout": 0.1},
                OPTIMIZERS[number % len(OPTIMIZERS)], SCHEDULERS[number % len(SCHEDULERS)], seed=100 + number)
    made["trainer"] = arguments
    CASES[f"arguments_{number:02}"] = made

EVALUATED = {"text_columns"} | {name for name, made in CASES.items() if {
    "limit_test_batches", "limit_predict_batches", "inference_mode"} & made["trainer"].keys()}
# Runs in which Leyden once differed, as differential.py drew them: their configs lie in their folders.
for found in sorted(OUTPUT.glob("found_*/config.json")):
    CASES[found.parent.name] = json.loads(found.read_text(encoding="utf-8"))


def digests(state, name=""):
    """Of each tensor in dicts and lists, by its keys with dots between them."""
    if isinstance(state, torch.Tensor):
        return {name: digest(state)}
    items = state.items() if isinstance(state, dict) else enumerate(state) if isinstance(state, (list, tuple)) else ()
    return {key: found for part, value in items for key, found in digests(value, f"{name}.{part}" if name else str(part)).items()}


def tensors_of(checkpoint):
    return digests({key: checkpoint[key] for key in ("state_dict", "optimizer_states") if key in checkpoint})


def record(name):
    folder = OUTPUT / name
    folder.mkdir(parents=True, exist_ok=True)
    for file in folder.iterdir():
        if file.name != "table.csv":  # data that was drawn
            file.unlink()
    (folder / "config.json").write_text(json.dumps(CASES[name], indent=2) + "\n", encoding="utf-8")
    trace = Trace()
    config = load_config(folder / "config.json")
    with tempfile.TemporaryDirectory() as scratch:
        run_dir = pathlib.Path(scratch) / "run"
        with contextlib.redirect_stdout(io.StringIO()):  # bars and tables
            module = run(config, run_dir, trace)
        if (run_dir / "metrics.csv").exists():
            shutil.copyfile(run_dir / "metrics.csv", folder / "metrics.csv")
        checkpoints = sorted(run_dir.glob("checkpoints/*"))
        for verb in ("validate", "test", "predict") if name in EVALUATED else ():
            evaluation = Trace()
            with contextlib.redirect_stdout(io.StringIO()):
                run(config, pathlib.Path(scratch) / verb, evaluation, verb, checkpoints[0] if checkpoints else None)
            evaluation.write(folder / f"{verb}.jsonl")
        checkpoints = {file.name: tensors_of(torch.load(file, weights_only=False)) for file in checkpoints}
    if name not in UNTRACED:
        trace.write(folder / "trace.jsonl")
    meta = {"torch": torch.__version__, "lightning": lightning.__version__,
            "cpu_capability": torch.backends.cpu.get_cpu_capability(), "checkpoints": list(checkpoints),
            "weights": digests(module.state_dict()), "checkpoint_tensors": checkpoints}
    (folder / "meta.json").write_text(json.dumps(meta, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    for chosen in sys.argv[1:] or CASES:
        record(chosen)
        print(chosen)
