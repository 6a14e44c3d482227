# SPDX-License-Identifier: GPL-3.0-or-later
"""The run of a Leyden config, done by PyTorch Lightning.

python reference.py fit --config config.json --run_dir DIR [--trace FILE] [--weights FILE]
Writes DIR/metrics.csv and DIR/checkpoints/ as Lightning does, and prints a digest of each final tensor.
"""
import argparse
import datetime
import hashlib
import json
import logging
import pathlib
import re
import sys
import warnings

import torch
from lightning.pytorch import LightningModule, Trainer, callbacks, loggers, profilers, seed_everything
from lightning.pytorch.callbacks.spike import SpikeDetection
from lightning.pytorch.plugins import precision as precision_plugins
from torch import nn
from torch.nn import functional
from torchmetrics import MeanSquaredError
from torchmetrics.classification import MulticlassAccuracy

from csv_data import CSVData
from tracer import Trace, traced_datamodule, traced_module, tracing_callback

ACTIVATIONS = {"relu": nn.ReLU, "tanh": nn.Tanh, "gelu": nn.GELU, "sigmoid": nn.Sigmoid, "silu": nn.SiLU}
RESOURCES = pathlib.Path(__file__).parents[2] / "resources"
# Lightning's load_state_dict asks for an attribute of this name, and so fails with any checkpoint of its own.
SpikeDetection.running = property(lambda self: self.running_mean)
BARS = ("TQDMProgressBar", "RichProgressBar", "ProgressBar", "ModelSummary", "RichModelSummary")


class RootMeanSquaredError(MeanSquaredError):
    """Over all rows, in the target's own unit."""

    def __init__(self, deviation):
        super().__init__(squared=False)
        self.deviation = deviation

    def compute(self):
        return super().compute() * self.deviation


class MLP(LightningModule):
    def __init__(self, data, configured_optimizers, hidden_sizes=(128, 64), activation="relu", dropout=0.0,
                 batch_norm=False):
        super().__init__()
        self.configured_optimizers = configured_optimizers
        self.is_classification = data.is_classification
        layers, width = [], data.feature_count
        for size in hidden_sizes:
            layers.append(nn.Linear(width, size))
            layers += [nn.BatchNorm1d(size)] if batch_norm else []
            layers.append(ACTIVATIONS[activation]())
            layers += [nn.Dropout(dropout)] if dropout > 0 else []
            width = size
        self.net = nn.Sequential(*layers, nn.Linear(width, data.outputs))
        for stage in ("val", "test"):
            setattr(self, f"{stage}_metric", MulticlassAccuracy(data.outputs, average="micro")
                    if data.is_classification else RootMeanSquaredError(data.target_deviation))

    def forward(self, inputs):
        return self.net(inputs.flatten(1))

    def loss(self, outputs, targets):
        return (functional.cross_entropy if self.is_classification else functional.mse_loss)(outputs, targets)

    def training_step(self, batch, batch_idx):
        inputs, targets = batch
        loss = self.loss(self(inputs), targets)
        self.log("train_loss", loss)
        return loss

    def _evaluate(self, batch, stage):
        inputs, targets = batch
        outputs = self(inputs)
        self.log(f"{stage}_loss", self.loss(outputs, targets))
        metric = getattr(self, f"{stage}_metric")
        metric.update(outputs, targets)
        self.log(f"{stage}_acc" if self.is_classification else f"{stage}_rmse", metric)

    def validation_step(self, batch, batch_idx):
        self._evaluate(batch, "val")

    def test_step(self, batch, batch_idx):
        self._evaluate(batch, "test")

    def predict_step(self, batch, batch_idx):
        return self(batch[0])

    def configure_optimizers(self):
        return self.configured_optimizers(self.parameters())


def component(config):
    """(name, init_args) of a component, given in full or by its name alone."""
    if isinstance(config, str):
        return config, {}
    return config["class_path"].rpartition(".")[2], dict(config.get("init_args") or {})


def as_list(value):
    return value if isinstance(value, list) else [] if value is None else [value]


def scheduler_of(name, arguments, optimizer):
    made = getattr(torch.optim.lr_scheduler, name)
    if "schedulers" not in arguments:
        return made(optimizer, **arguments)
    parts = [scheduler_of(*component(part), optimizer) for part in arguments["schedulers"]]
    more = {key: value for key, value in arguments.items() if key != "schedulers"}
    return made(schedulers=parts, optimizer=optimizer, **more)


def optimizers_of(config):
    def build(parameters):
        name, arguments = component(config["optimizer"])
        arguments = {key: tuple(value) if isinstance(value, list) else value for key, value in arguments.items()}
        result = {"optimizer": getattr(torch.optim, name)(parameters, **arguments)}
        scheduler = config.get("lr_scheduler")
        if scheduler is not None:
            name, arguments = component(scheduler)
            timing = {key: value for key, value in scheduler.items() if key not in ("class_path", "init_args")} \
                if isinstance(scheduler, dict) else {}
            scheduler = scheduler_of(name, arguments, result["optimizer"])
            result["lr_scheduler"] = {"scheduler": scheduler, **timing}
        return result
    return build


def loggers_of(trainer, run_dir):
    """CSVLogger whose folder is the run folder itself, where the config wants a logger."""
    config = trainer.get("logger")
    if config is False or config == [] or trainer.get("barebones"):
        return []
    (name, arguments), = [component(logger) for logger in as_list(config if config not in (None, True) else "CSVLogger")]
    arguments.update(save_dir=str(run_dir), name="", version="")
    return [getattr(loggers, name)(**arguments)]


def plugins_of(config):
    """Precision plug-ins; the arguments of a scaler are those of GradScaler."""
    plugins = []
    for name, arguments in map(component, as_list(config)):
        if arguments.get("scaler") is not None:
            scaler = {key: int(value) if key == "growth_interval" else float(value) for key, value in arguments["scaler"].items()}
            arguments["scaler"] = torch.amp.GradScaler(arguments["device"], **scaler)
        plugins.append(getattr(precision_plugins, name)(**arguments))
    return plugins


def callback_of(name, arguments, module):
    """A callback, where Leyden's config says what in Python is an object: patterns of parameters, a formula."""
    if name == "GradientAccumulationScheduler":
        arguments["scheduling"] = {int(epoch): factor for epoch, factor in arguments["scheduling"].items()}
    if name == "BackboneFinetuning" and "lambda_func" in arguments:
        formula = arguments["lambda_func"]
        arguments["lambda_func"] = lambda epoch: float(eval(formula, {"epoch": epoch}))
    if name == "ModelPruning" and "parameters_to_prune" in arguments:
        patterns = arguments["parameters_to_prune"]
        kinds = arguments.get("parameter_names") or ["weight", "bias"]  # which Lightning minds only without a list
        names = [key for key, _ in module.named_parameters()
                 if key.rpartition(".")[2] in kinds and any(re.fullmatch(pattern, key) for pattern in patterns)]
        arguments["parameters_to_prune"] = [
            (module.get_submodule(key.rpartition(".")[0]), key.rpartition(".")[2]) for key in names]
    if name == "ModelCheckpoint" and "train_time_interval" in arguments:
        days, hours, minutes, seconds = map(int, arguments["train_time_interval"].split(":"))
        arguments["train_time_interval"] = datetime.timedelta(days, seconds, hours=hours, minutes=minutes)
    return (SpikeDetection if name == "SpikeDetection" else getattr(callbacks, name))(**arguments)


def trainer_of(config, module, run_dir, trace):
    arguments = dict(config.get("trainer") or {})
    run_loggers = loggers_of(arguments, run_dir)
    run_callbacks = [callback_of(name, init_args, module)
                     for name, init_args in map(component, as_list(arguments.get("callbacks"))) if name not in BARS]
    if isinstance(arguments.get("profiler"), dict):
        name, init_args = component(arguments["profiler"])
        arguments["profiler"] = getattr(profilers, name)(**init_args)
    if trace:
        run_callbacks.insert(0, tracing_callback(trace))
    arguments["plugins"] = plugins_of(arguments.get("plugins"))
    arguments.update(logger=run_loggers or False, callbacks=run_callbacks, default_root_dir=str(run_dir))
    trainer = Trainer(**{"enable_progress_bar": False, "enable_model_summary": False, **arguments})
    if trace:
        trace.trainer = trainer
        if trainer.loggers:  # with fast_dev_run another than was given
            trace.watch(trainer.loggers[0])
    return trainer


def run(config, run_dir, trace=None, verb="fit", ckpt_path=None, prepare=None):
    """Runs `verb` of a resolved config in run_dir and gives the module back; `trace` is filled if given, `prepare` gets the module."""
    quieten()
    torch.set_num_threads(config["num_threads"])
    torch.use_deterministic_algorithms(False)  # an earlier run of this process may have left it on
    torch.backends.cudnn.benchmark = False
    name, arguments = component(config["data"])
    assert name == "CSVData", name
    data = (traced_datamodule(CSVData, trace) if trace else CSVData)(**arguments)
    seed_everything(config.get("seed_everything", 0), workers=True, verbose=False)
    name, arguments = component(config["model"])
    assert name == "MLP", name
    module = (traced_module(MLP, trace) if trace else MLP)(data, optimizers_of(config), **arguments)
    trainer = trainer_of(config, module, run_dir, trace)
    if prepare:
        prepare(module)
    getattr(trainer, verb)(module, datamodule=data, ckpt_path=ckpt_path or config.get("ckpt_path"))
    return module


def load_config(file):
    """A config with the path of its data made absolute, from the config's folder or the resource folder."""
    config = json.loads(file.read_text(encoding="utf-8"))
    arguments = config["data"]["init_args"]
    places = [folder.resolve() / arguments["path"] for folder in (file.parent, RESOURCES)]
    arguments["path"] = str(next((place for place in places if place.exists()), places[0]))
    return config


def quieten():
    warnings.filterwarnings("ignore")
    for name in ("lightning.pytorch", "lightning.fabric"):
        logging.getLogger(name).setLevel(logging.ERROR)


def digest(tensor):
    """SHA-256 over the tensor's bytes, in its own dtype."""
    return hashlib.sha256(tensor.detach().contiguous().flatten().view(torch.uint8).numpy().tobytes()).hexdigest()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("verb", choices=["fit", "validate", "test", "predict"])
    parser.add_argument("--config", type=pathlib.Path, required=True)
    parser.add_argument("--run_dir", type=pathlib.Path, required=True)
    parser.add_argument("--ckpt_path")
    parser.add_argument("--trace", type=pathlib.Path)
    parser.add_argument("--weights", type=pathlib.Path, help="file for the final state dict")
    options = parser.parse_args()

    config = load_config(options.config)
    trace = Trace() if options.trace else None
    try:
        module = run(config, options.run_dir, trace, options.verb, options.ckpt_path)
    finally:
        if trace:
            trace.write(options.trace)
    if options.weights:
        torch.save(module.state_dict(), options.weights)
    json.dump({"metrics": str(options.run_dir / "metrics.csv"),
               "weights": {name: digest(tensor) for name, tensor in module.state_dict().items()}}, sys.stdout, indent=1)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
