# SPDX-License-Identifier: GPL-3.0-or-later
"""Records what Lightning's Tuner finds: rates, smoothed losses and suggestions of lr_find, sizes of scale_batch_size.

python record_tuner.py [--output FOLDER] [NAME ...]     writes FOLDER/{lr_find, batch_size}.json (../data/tuner)
A batch does not fit where it has more rows than a case's `memory`: then training_step raises what CUDA raises.
"""
import logging
import math
import tempfile

import lightning.pytorch as pl
import torch
from lightning.pytorch.callbacks import LearningRateFinder
from lightning.pytorch.tuner import Tuner
from torch.utils.data import DataLoader, TensorDataset

from record_manual import short
from recording import record_cases
from tracer import Trace, traced_datamodule, traced_module, tracing_callback

LR = {"min_lr": 1e-8, "max_lr": 1.0, "num_training": 100, "mode": "exponential", "early_stop_threshold": 4.0, "attr_name": ""}
SIZES = {"mode": "power", "steps_per_trial": 3, "init_val": 2, "max_trials": 25, "margin": 0.05, "max_val": 8192}
DEFAULTS = {
    "options": {},           # of the search
    "trainer": {},
    "rows": 92, "val_rows": 8, "batch_size": 4, "shuffle": True,
    "dropout": 0.0,
    "optimizer": "SGD",
    "scheduler": False,      # a StepLR by steps
    "none_at": [],           # batches of each epoch whose training_step gives nothing
    "attribute": "lr",       # of the model's hparams; "" for none
    "callback": False,       # LearningRateFinder in a fit, of which the trace and the weights are kept
    "memory": None,          # rows
    "method": "fit",
}


def case(name, **more):
    one = {"name": name, **DEFAULTS, **more}
    assert set(one) == {"name", *DEFAULTS}, set(one) - set(DEFAULTS)
    return one


LR_CASES = [
    case("defaults", trainer={"max_epochs": 20}),
    case("linear", options={"mode": "linear"}, trainer={"max_epochs": 20}),
    case("between other rates", options={"min_lr": 1e-4, "max_lr": 10.0, "num_training": 40}, trainer={"max_epochs": 20}),
    case("never stopped early", options={"early_stop_threshold": None, "max_lr": 3.0}, trainer={"max_epochs": 20}),
    case("stopped early", options={"early_stop_threshold": 1.1, "max_lr": 30.0}, trainer={"max_epochs": 20}),
    case("stopped by max_epochs", options={"num_training": 60}, trainer={"max_epochs": 2}),
    case("max_epochs of a second run", options={"num_training": 30}, trainer={"max_epochs": 1}),
    case("windows of 2", options={"num_training": 50}, trainer={"accumulate_grad_batches": 2, "max_epochs": 20}),
    case("windows of 3", options={"num_training": 20}, trainer={"accumulate_grad_batches": 3, "max_epochs": 20}),
    case("dropout", dropout=0.3, options={"num_training": 50}, trainer={"max_epochs": 20}),
    case("Adam", optimizer="Adam", options={"num_training": 50}, trainer={"max_epochs": 20}),
    case("a scheduler of its own", scheduler=True, options={"num_training": 50}, trainer={"max_epochs": 20}),
    case("steps that give nothing", none_at=[3, 4, 17], options={"num_training": 50}, trainer={"max_epochs": 20}),
    case("learning_rate", attribute="learning_rate", options={"num_training": 30}, trainer={"max_epochs": 20}),
    case("another attribute", attribute="rate", options={"num_training": 30, "attr_name": "rate"}, trainer={"max_epochs": 20}),
    case("too few points", options={"num_training": 10}, trainer={"max_epochs": 20}),
    case("no validation rows", val_rows=0, options={"num_training": 50}, trainer={"max_epochs": 20}),
    case("validation inside the epoch", options={"num_training": 50}, trainer={"max_epochs": 20, "val_check_interval": 0.25}),
    case("clipped", options={"num_training": 50}, trainer={"max_epochs": 20, "gradient_clip_val": 0.1}),
    case("refused: no attribute", attribute=""),
    case("refused: another attribute that is not there", options={"attr_name": "rate"}),
    case("in a fit", callback=True, shuffle=False, options={"num_training": 40}, trainer={"max_epochs": 3}),
    case("in a fit, with a scheduler", callback=True, shuffle=False, scheduler=True, options={"num_training": 30}, trainer={"max_epochs": 3}),
]

SIZE_CASES = [
    case("power, 30 rows fit", memory=30, rows=1000),
    case("power, 16 rows fit", memory=16, rows=1000),
    case("power, from 5", memory=30, rows=1000, options={"init_val": 5}),
    case("power, the first does not fit", memory=5, rows=1000, options={"init_val": 16}),
    case("power, 3 trials", rows=1000, options={"max_trials": 3}),
    case("power, at most 64", rows=1000, options={"max_val": 64}),
    case("power, the data ends it", rows=50),
    case("power, one step", memory=30, rows=1000, options={"steps_per_trial": 1}),
    case("power, without validation rows", memory=30, rows=1000, val_rows=0),
    case("binsearch, 37 rows fit", memory=37, rows=1000, options={"mode": "binsearch"}),
    case("binsearch, without margin", memory=37, rows=1000, options={"mode": "binsearch", "margin": 0.0}),
    case("binsearch, half", memory=100, rows=1000, options={"mode": "binsearch", "margin": 0.5}),
    case("binsearch, 64 rows fit", memory=64, rows=1000, options={"mode": "binsearch", "margin": 0.0}),
    case("binsearch, from 3", memory=23, rows=1000, options={"mode": "binsearch", "init_val": 3, "margin": 0.0}),
    case("binsearch, the first does not fit", memory=5, rows=1000, options={"mode": "binsearch", "init_val": 16, "margin": 0.0}),
    case("binsearch, 4 trials", memory=37, rows=1000, options={"mode": "binsearch", "max_trials": 4, "margin": 0.0}),
    case("binsearch, at most 48", rows=1000, options={"mode": "binsearch", "max_val": 48, "margin": 0.0}),
    case("binsearch, the data ends it", rows=50, options={"mode": "binsearch", "margin": 0.0}),
    *[case(f"power, {method}", memory=30, rows=1000, val_rows=1000, method=method) for method in ("validate", "test", "predict")],
]


class Model(pl.LightningModule):
    def __init__(self, one):
        super().__init__()
        self.one = one
        if one["attribute"]:
            self.save_hyperparameters({one["attribute"]: 0.05})
        self.layer = torch.nn.Linear(4, 1)
        self.tried = []

    def loss(self, batch):
        self.check_memory(batch)
        x = torch.nn.functional.dropout(batch[0], self.one["dropout"], self.training) if self.one["dropout"] else batch[0]
        return torch.nn.functional.mse_loss(self.layer(x), batch[1])

    def check_memory(self, batch):
        size = self.trainer.datamodule.batch_size
        if self.trainer.fit_loop.epoch_loop.batch_idx <= 0 or not self.trainer.training:
            if not self.tried or self.tried[-1] != size:
                self.tried.append(size)
        # The size that is tried: Lightning's first trial still has the loader of before.
        if self.one["memory"] and size > self.one["memory"]:
            raise RuntimeError("CUDA out of memory")

    def training_step(self, batch, batch_idx):
        loss = self.loss(batch)
        self.log("train_loss", loss)
        return None if batch_idx in self.one["none_at"] else loss

    def validation_step(self, batch, batch_idx):
        self.log("val_loss", self.loss(batch))

    def test_step(self, batch, batch_idx):
        self.loss(batch)

    def predict_step(self, batch, batch_idx):
        self.check_memory(batch)
        return self.layer(batch[0])

    def configure_optimizers(self):
        lr = self.hparams[self.one["attribute"]] if self.one["attribute"] else 0.05
        if self.one["optimizer"] == "Adam":
            optimizer = torch.optim.Adam(self.parameters(), lr=lr)
        else:
            optimizer = torch.optim.SGD(self.parameters(), lr=lr, momentum=0.9)
        if self.one["scheduler"]:
            return [optimizer], [{"scheduler": torch.optim.lr_scheduler.StepLR(optimizer, 2, 0.9), "interval": "step"}]
        return optimizer


class Data(pl.LightningDataModule):
    def __init__(self, one):
        super().__init__()
        self.one, self.batch_size = one, one["batch_size"]

    def loader(self, rows, phase, shuffle=False):
        x = ((torch.arange(rows * 4) * 7 + phase) % 11 - 5).reshape(rows, 4) / 8
        return DataLoader(TensorDataset(x, x.sum(1, keepdim=True) * 0.5 + 0.25), batch_size=self.batch_size, shuffle=shuffle)

    def train_dataloader(self):
        return self.loader(self.one["rows"], 0, self.one["shuffle"])

    def val_dataloader(self):
        return self.loader(self.one["val_rows"], 3) if self.one["val_rows"] else []

    def test_dataloader(self):
        return self.loader(self.one["val_rows"], 3)

    def predict_dataloader(self):
        return self.loader(self.one["val_rows"], 3)


def number(value):
    return value if math.isfinite(value) else "NaN"


def hexes(model):
    return {name: tensor.numpy().tobytes().hex() for name, tensor in model.state_dict().items()}


def run(one, kind):
    trace = Trace()
    pl.seed_everything(7, verbose=False)
    model = (traced_module(Model, trace) if one["callback"] else Model)(one)
    data = (traced_datamodule(Data, trace) if one["callback"] else Data)(one)
    arguments = {"log_every_n_steps": 1, "num_sanity_val_steps": 0, **one["trainer"]}
    options = {**(LR if kind == "lr_find" else SIZES), **one["options"]}
    finder = None
    if one["callback"]:
        options["num_training_steps"] = options.pop("num_training")
        finder = LearningRateFinder(**options)
    with tempfile.TemporaryDirectory() as folder:
        trainer = pl.Trainer(accelerator="cpu", logger=False, enable_checkpointing=False, enable_progress_bar=False,
                             enable_model_summary=False, default_root_dir=folder,
                             callbacks=[finder, tracing_callback(trace)] if finder else [], **arguments)
        trace.trainer = trainer
        try:
            if kind == "batch_size":
                found = Tuner(trainer).scale_batch_size(model, datamodule=data, method=one["method"], **options)
                return {**one, "batch_size_found": found, "attribute_after": data.batch_size, "tried": model.tried}
            if finder:
                trainer.fit(model, datamodule=data)
                result = finder.optimal_lr
            else:
                result = Tuner(trainer).lr_find(model, datamodule=data, **options)
        except Exception as error:
            return {**one, "refused": type(error).__name__}
        return {**one, "lr": result.results["lr"], "loss": [number(value) for value in result.results["loss"]],
                "suggestion": result.suggestion(), "attribute_after": model.hparams[one["attribute"]],
                "global_step": trainer.global_step, "current_epoch": trainer.current_epoch, "weights": hexes(model),
                **({"trace": [short(line) for line in trace.lines],
                    "rates": [group["lr"] for group in trainer.optimizers[0].param_groups]} if finder else {})}


if __name__ == "__main__":
    logging.getLogger("lightning.pytorch.tuner").setLevel(logging.CRITICAL)
    record_cases("tuner", {"lr_find": lambda: [run(one, "lr_find") for one in LR_CASES],
                           "batch_size": lambda: [run(one, "batch_size") for one in SIZE_CASES]})
