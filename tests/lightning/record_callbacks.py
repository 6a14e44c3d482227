# SPDX-License-Identifier: GPL-3.0-or-later
"""Records what PyTorch Lightning's callbacks do in small fits: rows, checkpoints' parts, weights.

python record_callbacks.py [--output DIR] [NAME ...]      writes DIR/NAME.json, one file a callback; DIR is ../data/callbacks

A case says model, data, optimizer, schedulers, callbacks and trainer arguments; tests/support/callback_case.cpp reads it and
does the same run. Recorded beside it: "rows" that the logger got, "epochs": parts of a checkpoint made at the end of each
epoch, "weights" at the end, counters, "trace" where asked for, and "error" where the run failed.
"""
import argparse
import json
import logging
import math
import pathlib
import re
import tempfile
import types
import warnings

import lightning
import torch
from lightning.pytorch import LightningDataModule, LightningModule, Trainer, callbacks, seed_everything
from lightning.pytorch.callbacks import Callback, Checkpoint, throughput_monitor, timer
from lightning.pytorch.loggers.logger import Logger
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from callback_cases import CASES
from reference import callback_of
from tracer import Trace, traced_datamodule, traced_module, tracing_callback

OUTPUT = pathlib.Path(__file__).parent.parent / "data" / "callbacks"


def pattern(shape, a, b, scale=1000):
    """Numbers in a fixed order, exact in float32's decimals; the twin of pattern() in tests/support/torch_reference.h."""
    count = math.prod(shape)
    values = [((i * a + b) % (2 * scale + 1) - scale) / scale for i in range(count)]
    return torch.tensor(values, dtype=torch.float64).float().reshape(shape)


class PartsModel(LightningModule):
    """Two layers: what can be frozen or pruned, with and without batch norm. The twin of tests/support/parts_model.h."""

    def __init__(self, case):
        super().__init__()
        options = case.get("model", {})
        self.case = case
        layers = [nn.Linear(4, 6)]
        if options.get("batch_norm"):
            layers.append(nn.BatchNorm1d(6))
        layers.append(nn.Tanh())
        if options.get("dropout"):
            layers.append(nn.Dropout(options["dropout"]))
        self.backbone = nn.Sequential(*layers)
        self.head = nn.Linear(6, 1)
        if "flops_per_batch" in options:
            self.flops_per_batch = options["flops_per_batch"]

    def forward(self, inputs):
        return self.head(self.backbone(inputs))

    def loss(self, batch):
        return nn.functional.mse_loss(self(batch[0]), batch[1])

    def training_step(self, batch, batch_idx):
        loss = self.loss(batch)
        losses = self.case.get("train_losses")
        if losses is not None:  # scripted: the number is that of the step, the gradient stays
            loss = loss - loss.detach() + number(losses[min(self.global_step, len(losses) - 1)])
        self.log("train_loss", loss)
        return loss

    def validation_step(self, batch, batch_idx):
        losses = self.case.get("val_losses")
        value = self.loss(batch) if losses is None else number(losses[min(self.current_epoch, len(losses) - 1)])
        self.log(self.case.get("val_name", "val_loss"), value)

    def predict_step(self, batch, batch_idx):
        return self(batch[0])

    def configure_optimizers(self):
        optimizer = build_optimizer(self, self.case["optimizer"])
        configs = []
        for scheduler in self.case.get("schedulers", []):
            made = getattr(torch.optim.lr_scheduler, scheduler["class_path"])(optimizer, **scheduler["init_args"])
            timing = {key: value for key, value in scheduler.items() if key not in ("class_path", "init_args")}
            configs.append({"scheduler": made, **timing})
        return [optimizer], configs


def number(value):
    return float(value.replace("Infinity", "inf")) if isinstance(value, str) else value


def build_optimizer(module, config):
    arguments = dict(config["init_args"])
    own = arguments.pop("param_groups", [])
    parameters = [(name, weights) for name, weights in module.named_parameters() if weights.requires_grad]
    lists = [[] for _ in range(len(own) + 1)]
    for name, weights in parameters:
        index = next((i for i, group in enumerate(own) if re.fullmatch(group["params"], name)), -1)
        lists[index + 1].append(weights)
    groups = [{"params": lists[0]}] if lists[0] or not own else []
    groups += [{**group, "params": lists[i + 1]} for i, group in enumerate(own)]
    return getattr(torch.optim, config["class_path"])(groups, **arguments)


class PartsData(LightningDataModule):
    def __init__(self, case):
        super().__init__()
        self.options = {"rows": 20, "val_rows": 8, "batch_size": 4, **case.get("data", {})}

    def loader(self, rows, shuffle):
        inputs, targets = pattern([rows, 4], 37, 11), pattern([rows, 1], 53, 29)
        return DataLoader(TensorDataset(inputs, targets), batch_size=self.options["batch_size"], shuffle=shuffle)

    def train_dataloader(self):
        return self.loader(self.options["rows"], self.options.get("shuffle", True))

    def val_dataloader(self):
        return self.loader(self.options["val_rows"], False) if self.options["val_rows"] else []

    def predict_dataloader(self):
        return self.loader(self.options["val_rows"], False)


class RowLogger(Logger):
    def __init__(self):
        super().__init__()
        self.rows = []

    @property
    def name(self):
        return "rows"

    @property
    def version(self):
        return 0

    def log_hyperparams(self, *_):
        pass

    def log_metrics(self, metrics, step):
        self.rows.append({"step": step, "values": {name: plain(value) for name, value in metrics.items()}})


def plain(value):
    """Of state: JSON, with tensors as bytes and what is not finite as text."""
    if isinstance(value, torch.Tensor):
        tensor = value.detach().cpu().contiguous()
        data = tensor.flatten().view(torch.uint8).numpy().tobytes().hex() if tensor.numel() else ""
        return {"dtype": str(tensor.dtype).removeprefix("torch."), "shape": list(tensor.shape), "hex": data}
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return value


PARTS = ("callbacks", "state_dict", "current_model_state", "averaging_state", "lr_schedulers")


class Recorder(Checkpoint):
    """What a checkpoint holds at the end of each epoch."""

    def __init__(self):
        self.epochs = []

    def on_train_epoch_end(self, trainer, module):
        dump = trainer._checkpoint_connector.dump_checkpoint(weights_only=False)
        parts = {key: plain(dump[key]) for key in PARTS if key in dump}
        if "SpikeDetection" in parts.get("callbacks", {}):  # the folder of the recording says nothing
            state = parts["callbacks"]["SpikeDetection"]
            state["bad_batches_path"] = pathlib.Path(state["bad_batches_path"]).name
        parts["param_groups"] = plain(dump["optimizer_states"][0]["param_groups"])
        parts["accumulate_grad_batches"] = trainer.accumulate_grad_batches
        parts["requires_grad"] = sorted(name.removesuffix("_orig") for name, weights in module.named_parameters()
                                        if weights.requires_grad)
        self.epochs.append(parts)


class Ticker(Callback):
    """A clock that the run itself moves on: seconds a batch, a validation batch, and before a validation."""

    def __init__(self, seconds):
        self.seconds = seconds
        self.now = 100.0
        clock = types.SimpleNamespace(monotonic=lambda: self.now, perf_counter=lambda: self.now)
        timer.time = throughput_monitor.time = clock

    def tick(self, name):
        self.now += self.seconds.get(name, 0.0)

    def on_fit_start(self, *_):
        self.tick("fit_start")

    def on_train_batch_start(self, *_):
        self.tick("batch")

    def on_validation_start(self, *_):
        self.tick("validation")

    def on_validation_batch_start(self, *_):
        self.tick("validation_batch")


def made(config, module):
    name, arguments = config["class_path"], dict(config["init_args"])
    if name == "ThroughputMonitor":
        available, items = arguments.pop("available_flops", None), arguments.pop("items", None)
        throughput_monitor.get_available_flops = lambda *_: available
        length_fn = None if items is None else lambda batch: len(batch[0]) * items
        return callbacks.ThroughputMonitor(batch_size_fn=lambda batch: len(batch[0]), length_fn=length_fn, **arguments)
    return callback_of(name, arguments, module)


def with_masks_applied(state):
    """The weights that a pruned model computes with, under their usual names."""
    folded = {name: value for name, value in state.items() if not name.endswith(("_orig", "_mask"))}
    for name, value in state.items():
        if name.endswith("_mask"):
            folded[name.removesuffix("_mask")] = value * state[name.removesuffix("_mask") + "_orig"]
    return folded


def record(case):
    torch.set_num_threads(1)
    case = json.loads(json.dumps(case))
    result = dict(case)
    trace = Trace() if case.get("traced") else None
    seed_everything(case.get("seed", 1), workers=True, verbose=False)
    module = (traced_module(PartsModel, trace) if trace else PartsModel)(case)
    data = (traced_datamodule(PartsData, trace) if trace else PartsData)(case)
    recorder, logger = Recorder(), RowLogger()
    with tempfile.TemporaryDirectory() as folder:
        try:
            used = [made(config, module) for config in case["callbacks"]]
            if "seconds" in case:
                used.insert(0, Ticker(case["seconds"]))
            if trace:
                used.insert(0, tracing_callback(trace))
            trainer = Trainer(**{"log_every_n_steps": 1, "num_sanity_val_steps": 0, **case["trainer"]}, accelerator="cpu",
                              devices=1, logger=logger if case.get("logger", True) else False, callbacks=[*used, recorder],
                              enable_progress_bar=False, enable_model_summary=False, default_root_dir=folder)
            if trace:
                trace.trainer = trainer
                trace.watch(logger)
            trainer.fit(module, datamodule=data)
            result["counters"] = {"global_step": trainer.global_step, "current_epoch": trainer.current_epoch}
        except Exception as error:  # what is refused, and what a callback raises
            result["error"] = type(error).__name__
        skipped = pathlib.Path(folder) / "skip_batches.json"
        if skipped.exists():
            result["skip_batches"] = skipped.read_text(encoding="utf-8")  # what is written is the callback's own text
    result.update(rows=logger.rows, epochs=recorder.epochs, weights=plain(with_masks_applied(dict(module.state_dict()))))
    if trace:
        result["trace"] = [json.loads(line) if isinstance(line, str) else line for line in trace.lines]
    return result


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", type=pathlib.Path, default=OUTPUT)
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()
    warnings.filterwarnings("ignore")
    for name in ("lightning.pytorch", "lightning.fabric"):
        logging.getLogger(name).setLevel(logging.ERROR)
    options.output.mkdir(parents=True, exist_ok=True)
    for name in options.names or CASES:
        document = {"torch": torch.__version__, "lightning": lightning.__version__,
                    "cpu_capability": torch.backends.cpu.get_cpu_capability(),
                    "cases": [record({"name": key, **case}) for key, case in CASES[name].items()]}
        text = json.dumps(document, separators=(",", ":"), allow_nan=False)
        text = text.replace('{"name":', '\n{"name":')  # a line a case
        (options.output / f"{name}.json").write_text(text + "\n", encoding="utf-8")
        print(name, [case["name"] + (": " + case["error"] if "error" in case else "") for case in document["cases"]])


if __name__ == "__main__":
    main()
