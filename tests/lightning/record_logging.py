# SPDX-License-Identifier: GPL-3.0-or-later
"""Records what Lightning makes of calls of self.log: rows, dictionaries, results of validate, refusals.

python record_logging.py [--output FOLDER] [NAME ...]     writes FOLDER/calls.json (../data/logging)
A case is a list of calls, each made in one hook of the module with a value that batch, loader and epoch give; the test
makes the same calls. Values are float32 widened; NaN is written as the text "nan".
"""
import argparse
import json
import logging
import math
import pathlib
import tempfile
import warnings

import lightning.pytorch as pl
import torch
from lightning.pytorch.loggers.logger import Logger
from torch.utils.data import DataLoader, TensorDataset
from torchmetrics.regression import MeanSquaredError

BOTH = {"on_step": True, "on_epoch": True}
EPOCH = {"on_step": False, "on_epoch": True}


def call(hook, name, value=(1, 1, 0, 0), kind="float32", **more):
    options = {key: more.pop(key) for key in list(more) if key not in ("nan_at", "loader")}
    return {"hook": hook, "name": name, "value": list(value), "kind": kind, "options": options, **more}


def case(name, *calls, **data):
    return {"name": name, "epochs": 2, "train_rows": 10, "val_rows": [10], "batch_size": 4, "log_every": 1,
            "val_check_interval": 1.0, **data, "calls": list(calls)}


TRAIN_HOOKS = ["on_train_start", "on_train_epoch_start", "on_train_batch_start", "on_train_batch_end", "on_train_epoch_end"]
VAL_HOOKS = ["on_validation_start", "on_validation_epoch_start", "on_validation_batch_start", "on_validation_batch_end",
             "on_validation_epoch_end"]
TWO = {"val_rows": [10, 5]}

CASES = [
    case("defaults of each hook", *[call(hook, f"x_{hook}", (1, 1, 0, 10)) for hook in TRAIN_HOOKS + ["training_step", "validation_step"] + VAL_HOOKS]),
    case("both in each batch hook", *[call(hook, f"x_{hook}", (1, 1, 0, 10), **BOTH) for hook in
         ["on_train_batch_start", "on_train_batch_end", "training_step", "validation_step", "on_validation_batch_start", "on_validation_batch_end"]]),
    *[case(f"{reduce}{' with NaN' if nan_at > 0 else ''}", call("training_step", "t", (3, -1, 0, 1), reduce_fx=reduce, nan_at=nan_at, **EPOCH),
           call("validation_step", "v", (3, -1, 0, 1), reduce_fx=reduce, nan_at=nan_at, **BOTH))
      for reduce in ("mean", "min", "max", "sum") for nan_at in (-1, 1)],
    *[case(f"values of kind {kind}", call("training_step", "t", (0.1, 0.3, 0, 0), kind, **BOTH), call("validation_step", "v", (0.1, 0.3, 0, 0), kind))
      for kind in ("float", "float64", "float16", "int", "bool", "long", "one element")],
    case("given batch sizes", call("training_step", "t", batch_size=1, **BOTH), call("validation_step", "v", batch_size=3)),
    case("where the values go", *[call(hook, f"{hook[0]}_{bar}_{logger}", prog_bar=bool(bar), logger=bool(logger), **BOTH)
         for hook in ("training_step", "validation_step") for bar in (0, 1) for logger in (0, 1)]),
    case("rows by steps", call("training_step", "t", **BOTH), call("validation_step", "v", **BOTH), log_every=2),
    case("validation inside the epoch", call("training_step", "t", **BOTH), call("validation_step", "v", **BOTH),
         call("validation_step", "m", kind="metric"), call("training_step", "n", kind="metric", **BOTH), train_rows=16, val_check_interval=0.5),
    case("two loaders", call("training_step", "t"), call("validation_step", "v", (1, 1, 100, 10), **BOTH),
         call("validation_step", "e", (1, 1, 100, 10)), call("on_validation_epoch_end", "end", (5, 0, 0, 1)), **TWO),
    case("two loaders in batch hooks", *[call(hook, hook, (1, 1, 100, 10), **BOTH) for hook in ("on_validation_batch_start", "on_validation_batch_end")], **TWO),
    case("two loaders, min and sum", *[call("validation_step", reduce, (1, 1, 100, 10), reduce_fx=reduce) for reduce in ("min", "max", "sum")], **TWO),
    case("two loaders, a metric", call("validation_step", "m", (1, 1, 3, 10), kind="metric", **BOTH), **TWO),
    case("two loaders, own names", call("validation_step", "first", (1, 1, 0, 1), loader=0, add_dataloader_idx=False, **BOTH),
         call("validation_step", "second", (7, 1, 0, 1), loader=1, add_dataloader_idx=False, **BOTH), **TWO),
    case("two loaders, one logs", call("validation_step", "second", (7, 1, 0, 1), loader=1), **TWO),
    case("three loaders", call("validation_step", "v", (1, 1, 100, 10)), val_rows=[10, 5, 1]),
    case("metrics", call("training_step", "a", (1, 1, 0, 1), "metric"), call("training_step", "b", (2, 1, 0, 1), "metric", **EPOCH),
         call("training_step", "c", (3, 1, 0, 1), "metric", **BOTH), call("validation_step", "d", (4, 1, 0, 1), "metric"),
         call("validation_step", "e", (5, 1, 0, 1), "metric", **BOTH)),
    case("a value twice in a step", call("training_step", "t", (1, 0, 0, 0), **BOTH), call("training_step", "t", (3, 0, 0, 0), **BOTH)),
    # Between the hooks of a batch, Lightning shows the batch before of the last hook: not a thing to copy.
    case("a name in several hooks", call("on_train_batch_start", "t", (1, 1, 0, 0)), call("training_step", "t", (5, 1, 0, 0)),
         call("on_train_batch_end", "t", (9, 1, 0, 0)), is_watched=False),
    case("step as x", call("training_step", "t"), call("training_step", "step", (100, 10, 0, 0)), call("validation_step", "v"),
         call("validation_step", "step", (7, 0, 0, 0))),
    case("epoch by hand", call("training_step", "t"), call("training_step", "epoch", (0.5, 0.25, 0, 0))),
    # Refused
    *[case(f"refused: on_step in {hook}", call(hook, "x", on_step=True)) for hook in
      ("on_train_start", "on_train_epoch_start", "on_train_epoch_end", "on_validation_start", "on_validation_epoch_start", "on_validation_epoch_end")],
    *[case(f"refused: {hook}", call(hook, "x")) for hook in ("on_fit_start", "on_fit_end", "on_train_end", "on_validation_end", "on_validation_model_eval", "setup")],
    case("refused: neither", call("training_step", "x", on_step=False, on_epoch=False)),
    case("refused: name of a loader", call("validation_step", "x/dataloader_idx_0")),
    case("a name of a loader, of its own", call("validation_step", "x/dataloader_idx_0", add_dataloader_idx=False)),
    case("refused: a name of two loaders", call("validation_step", "x", add_dataloader_idx=False), **TWO),
    case("refused: vector", call("training_step", "x", kind="vector")),
    case("refused: a metric that is no attribute", call("training_step", "x", kind="loose metric")),
    *[case(f"refused: other {what}", call("training_step", "x"), call("training_step", "x", **{what: value}))
      for what, value in (("prog_bar", True), ("logger", False), ("on_epoch", True), ("reduce_fx", "sum"), ("add_dataloader_idx", False))],
    case("refused: a metric and a number", call("training_step", "x"), call("training_step", "x", kind="metric")),
    case("other batch size", call("training_step", "x", **BOTH), call("training_step", "x", batch_size=1, **BOTH)),
]


def number(value):
    value = float(value)
    return "nan" if math.isnan(value) else value


def numbers(metrics):
    return {name: number(value) for name, value in metrics.items()}


class Rows(Logger):
    name, version = "rows", 0

    def __init__(self):
        super().__init__()
        self.rows = []

    def log_metrics(self, metrics, step=None):
        self.rows.append([step, numbers({name: value for name, value in metrics.items() if name != "epoch" or not isinstance(value, int)})])

    def log_hyperparams(self, *_):
        pass


class Model(pl.LightningModule):
    def __init__(self, calls):
        super().__init__()
        self.layer = torch.nn.Linear(1, 1)
        self.calls = calls
        self.metrics = torch.nn.ModuleDict({f"metric_{i}": MeanSquaredError() for i, one in enumerate(calls) if one["kind"] == "metric"})
        for hook in {one["hook"] for one in calls} - {"training_step", "validation_step"}:
            setattr(self, hook, lambda *arguments, hook=hook, **_: self.make_calls(hook, arguments))

    def make_calls(self, hook, arguments=()):
        # batch hooks: (batch, batch_idx[, loader]) or (outputs, batch, batch_idx[, loader])
        place = [a for a in arguments if isinstance(a, int)]
        idx, loader = (place + [0, 0])[:2]
        if hook == "on_validation_model_eval":
            self.eval()
        for i, one in enumerate(self.calls):
            if one["hook"] != hook or one.get("loader", loader) != loader:
                continue
            base, by_batch, by_loader, by_epoch = one["value"]
            value = base + by_batch * idx + by_loader * loader + by_epoch * self.trainer.current_epoch
            if idx == one.get("nan_at", -1):
                value = math.nan
            self.log(one["name"], self.made(value, one["kind"], i), **one["options"])

    def made(self, value, kind, index):
        dtypes = {"float32": torch.float32, "float64": torch.float64, "float16": torch.float16, "long": torch.long}
        if kind in dtypes:
            return torch.tensor(value).to(dtypes[kind])
        if kind in ("metric", "loose metric"):
            metric = MeanSquaredError() if kind == "loose metric" else self.metrics[f"metric_{index}"]
            metric(torch.full((3,), float(value)), torch.zeros(3))
            return metric
        return {"float": float, "int": int, "bool": bool, "one element": lambda v: torch.full((1, 1), v),
                "vector": lambda v: torch.full((2,), v)}[kind](value)

    def training_step(self, batch, batch_idx):
        self.make_calls("training_step", (batch, batch_idx))
        return self.layer(batch[0]).sum()

    def validation_step(self, batch, batch_idx, dataloader_idx=0):
        self.make_calls("validation_step", (batch, batch_idx, dataloader_idx))

    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), lr=0.0)


class Watch(pl.Callback):
    """What callback_metrics holds where callbacks look at it."""

    def __init__(self):
        self.seen = []

    def look(self, hook, trainer):
        self.seen.append([hook, numbers(trainer.callback_metrics)])

    def on_train_batch_end(self, trainer, *_):
        self.look("on_train_batch_end", trainer)

    def on_validation_end(self, trainer, *_):
        self.look("on_validation_end", trainer)

    def on_train_epoch_end(self, trainer, *_):
        self.look("on_train_epoch_end", trainer)


def run(one):
    def loader(rows):
        return DataLoader(TensorDataset(torch.zeros(rows, 1)), batch_size=one["batch_size"])

    rows, watch, model = Rows(), Watch(), Model(one["calls"])
    with tempfile.TemporaryDirectory() as folder:
        trainer = pl.Trainer(
            accelerator="cpu", max_epochs=one["epochs"], logger=rows, callbacks=[watch], enable_checkpointing=False,
            enable_progress_bar=False, enable_model_summary=False, num_sanity_val_steps=0, log_every_n_steps=one["log_every"],
            val_check_interval=one["val_check_interval"], default_root_dir=folder)
        val = [loader(count) for count in one["val_rows"]]
        try:
            trainer.fit(model, loader(one["train_rows"]), val)
        except Exception as error:  # MisconfigurationException, ValueError
            return {**one, "refused": type(error).__name__}
        fitted = {"rows": list(rows.rows), "seen": list(watch.seen), "callback_metrics": numbers(trainer.callback_metrics),
                  "logged_metrics": numbers(trainer.logged_metrics), "progress_bar_metrics": numbers(trainer.progress_bar_metrics)}
        results = [numbers(result) for result in trainer.validate(model, val, verbose=False)]
    if not one.get("is_watched", True):
        del fitted["seen"]
    return {**one, **fitted, "validate": results}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--output", type=pathlib.Path, default=pathlib.Path(__file__).parent.parent / "data" / "logging")
    parser.add_argument("names", nargs="*", metavar="NAME", help="calls")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
    head = {"torch": torch.__version__, "lightning": pl.__version__, "cpu_capability": torch.backends.cpu.get_cpu_capability()}
    cases = ",\n".join(json.dumps(run(one), allow_nan=False) for one in CASES)  # one a line
    (arguments.output / "calls.json").write_text(f'{json.dumps(head)[:-1]}, "cases": [\n{cases}\n]}}\n')


if __name__ == "__main__":
    main()
