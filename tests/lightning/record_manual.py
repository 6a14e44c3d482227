# SPDX-License-Identifier: GPL-3.0-or-later
"""Records what Lightning makes of manual optimization: traces, rows, counters, final weights, refusals.

python record_manual.py [--output FOLDER] [NAME ...]     writes FOLDER/gan.json (../data/manual)
The model is a small GAN on the digits; what a case says is how its training_step goes about it. The test has the same
model in C++. A trace is a list of texts, one a hook or call, and of {"log": row, "step": x}.
"""
import contextlib
import pathlib
import tempfile

import lightning.pytorch as pl
import torch
from lightning.pytorch.loggers import CSVLogger
from torch import nn
from torch.nn.functional import binary_cross_entropy_with_logits as bce

from csv_data import CSVData
from recording import record_cases
from tracer import Trace, traced_datamodule, traced_module, tracing_callback

DIGITS = pathlib.Path(__file__).parents[2] / "resources" / "datasets" / "digits.csv"

DEFAULTS = {
    "optimizer": "Adam",       # of both networks; LBFGS: of the discriminator, with a closure
    "toggle": "none",          # none, calls (toggle_optimizer and untoggle_optimizer), scope (toggled_optimizer), model (toggle_model)
    "returns": "nothing",      # nothing, loss, dict, dict without loss
    "closures": False,         # step(closure)
    "accumulate": 1,           # batches an optimizer step
    "clip": None,              # [value, algorithm] for the discriminator
    "schedulers": False,       # two StepLR, one stepped a batch, one in on_train_epoch_end
    "discriminator_every": 1,  # steps only in every n-th batch
    "raw": False,              # steps of the optimizers themselves, which do not count
    "automatic": False,        # the generator alone, under automatic optimization
    "manual_backward": False,  # called under automatic optimization
    "optimizers": 2,           # returned by configure_optimizers
    "foreign_scheduler": False,
    "clip_by_hook": None,      # [value, algorithm] given to clip_gradients in configure_gradient_clipping
    "trainer": {},
    # and, where rounding grows so much that fits of two CPUs part: "amplifies_rounding", from which step on
}


def case(name, **more):
    return {"name": name, **{key: more.pop(key, value) for key, value in DEFAULTS.items()}, **more}


CASES = [
    case("a GAN", toggle="calls"),
    case("no toggling, a loss returned", returns="loss"),
    case("a scope, a dict returned", toggle="scope", returns="dict"),
    case("a dict without a loss", toggle="model", returns="dict without loss"),
    case("closures", toggle="model", closures=True, optimizer="SGD"),
    case("LBFGS beside Adam", toggle="scope", optimizer="LBFGS", returns="loss", amplifies_rounding=3),
    case("accumulated by hand", toggle="calls", accumulate=3),
    case("clipped by norm, schedulers by hand", toggle="calls", clip=[0.05, "norm"], schedulers=True),
    case("clipped by value", toggle="scope", clip=[0.002, "value"], returns="loss"),
    case("the discriminator in every second batch", toggle="calls", discriminator_every=2),
    case("max_steps is overshot", toggle="calls", trainer={"max_steps": 3}),
    case("steps that do not count", raw=True),
    case("one optimizer", optimizers=1, returns="loss", trainer={"log_every_n_steps": 2}),
    case("no optimizer", optimizers=0, automatic=True),
    case("validation inside the epoch", toggle="calls", trainer={"val_check_interval": 0.5}),
    case("not a sanity check, a checkpoint", toggle="calls", trainer={"enable_checkpointing": True, "num_sanity_val_steps": 0}),
    # Refused
    case("refused: accumulate_grad_batches", trainer={"accumulate_grad_batches": 2}),
    case("refused: gradient_clip_val", trainer={"gradient_clip_val": 0.5}),
    case("gradient_clip_val below 0", trainer={"gradient_clip_val": -1.0}),
    case("refused: two optimizers, automatically", automatic=True),
    case("refused: manual_backward, automatically", automatic=True, optimizers=1, manual_backward=True),
    case("refused: another optimizer's scheduler", foreign_scheduler=True),
    case("refused: two clip values", automatic=True, optimizers=1, clip_by_hook=[0.25, "norm"], trainer={"gradient_clip_val": 0.5}),
    case("refused: two clip algorithms", automatic=True, optimizers=1, clip_by_hook=[0.5, "value"],
         trainer={"gradient_clip_val": 0.5, "gradient_clip_algorithm": "norm"}),
    case("the same clip value twice", automatic=True, optimizers=1, clip_by_hook=[0.5, "norm"], trainer={"gradient_clip_val": 0.5}),
    case("refused: a dict without a loss, automatically", automatic=True, optimizers=1, returns="dict without loss"),
]


class GAN(pl.LightningModule):
    def __init__(self, one):
        super().__init__()
        self.automatic_optimization = one["automatic"]
        self.one = one
        self.generator = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 64))
        self.discriminator = nn.Sequential(nn.Linear(64, 8), nn.LeakyReLU(0.2), nn.Linear(8, 1))

    def configure_gradient_clipping(self, optimizer, gradient_clip_val=None, gradient_clip_algorithm=None):
        value, algorithm = self.one["clip_by_hook"] or (gradient_clip_val, gradient_clip_algorithm)
        self.clip_gradients(optimizer, gradient_clip_val=value, gradient_clip_algorithm=algorithm)

    def generator_loss(self, rows):
        self.fake = self.generator(torch.randn(rows, 4))
        verdict = self.discriminator(self.fake)
        return bce(verdict, torch.ones_like(verdict))

    def discriminator_loss(self, real):
        on_real, on_fake = self.discriminator(real), self.discriminator(self.fake.detach())
        return (bce(on_real, torch.ones_like(on_real)) + bce(on_fake, torch.zeros_like(on_fake))) / 2

    def toggled(self, optimizer):
        kind = self.one["toggle"]
        if kind == "scope":
            return self.toggled_optimizer(optimizer)
        if kind == "model":
            return optimizer.toggle_model(sync_grad=False)
        if kind == "none":
            return contextlib.nullcontext()

        @contextlib.contextmanager
        def calls():
            self.toggle_optimizer(optimizer)
            yield
            self.untoggle_optimizer(optimizer)
        return calls()

    def turn(self, optimizer, make_loss, name, clip, batch_idx, steps):
        """Loss, backward pass and step of one network; the loss of the last evaluation."""
        one, losses = self.one, []
        every = one["accumulate"]

        def backward():
            losses.append(make_loss())
            if batch_idx % every == 0:
                optimizer.zero_grad()
            self.manual_backward(losses[-1] / every)
            return losses[-1]

        with self.toggled(optimizer):
            if one["closures"] or (one["optimizer"] == "LBFGS" and name == "d_loss"):
                optimizer.step(closure=backward)
            else:
                backward()
                if clip:
                    self.clip_gradients(optimizer, gradient_clip_val=clip[0], gradient_clip_algorithm=clip[1])
                if steps and (batch_idx + 1) % every == 0:
                    optimizer.step()
        self.log(name, losses[-1], on_step=True, on_epoch=True)
        return losses[-1]

    def training_step(self, batch, batch_idx):
        one, real = self.one, batch[0].flatten(1)
        if one["manual_backward"]:
            self.manual_backward(self.generator_loss(len(real)))
        if one["automatic"]:
            loss = self.generator_loss(len(real))
            self.log("g_loss", loss)
            return {"odd": loss} if one["returns"] == "dict without loss" else loss
        optimizers = self.optimizers(use_pl_optimizer=not one["raw"])
        g, d = optimizers if isinstance(optimizers, list) else (optimizers, None)
        g_loss = self.turn(g, lambda: self.generator_loss(len(real)), "g_loss", None, batch_idx, True)
        if d is not None:
            steps = batch_idx % one["discriminator_every"] == 0
            d_loss = self.turn(d, lambda: self.discriminator_loss(real), "d_loss", one["clip"], batch_idx, steps)
        if one["schedulers"]:
            self.lr_schedulers()[0].step()
            self.log("lr", g.param_groups[0]["lr"])
        if one["returns"] == "loss":
            return g_loss
        if one["returns"] == "dict":
            return {"loss": g_loss, "d": d_loss}
        if one["returns"] == "dict without loss":
            return {"d": d_loss.detach()}
        return None

    def on_train_batch_end(self, outputs, batch, batch_idx):
        for name in outputs or {}:
            self.log(f"out_{name}", outputs[name].detach())

    def on_train_epoch_end(self):
        if self.one["schedulers"]:
            self.lr_schedulers()[1].step()

    def validation_step(self, batch, batch_idx):
        verdict = self.discriminator(batch[0].flatten(1))
        self.log("val_loss", bce(verdict, torch.ones_like(verdict)))

    def configure_optimizers(self):
        kind = self.one["optimizer"]

        def make(network, kind):
            if kind == "Adam":
                return torch.optim.Adam(network.parameters(), lr=0.01, betas=(0.5, 0.999))
            if kind == "SGD":
                return torch.optim.SGD(network.parameters(), lr=0.05, momentum=0.9)
            return torch.optim.LBFGS(network.parameters(), lr=0.1, max_iter=3)

        g = make(self.generator, "Adam" if kind == "LBFGS" else kind)
        d = make(self.discriminator, kind)
        optimizers = [g, d][:self.one["optimizers"]]
        if not optimizers:
            return None
        if self.one["foreign_scheduler"]:
            other = make(self.discriminator, kind)
            return optimizers, [torch.optim.lr_scheduler.StepLR(other, 1)]
        if self.one["schedulers"]:
            return optimizers, [torch.optim.lr_scheduler.StepLR(g, 2, 0.9), torch.optim.lr_scheduler.StepLR(d, 1, 0.5)]
        return optimizers


def short(line):
    """A line of a trace as a text; rows stay what they are."""
    if "log" in line:
        return line
    where = {"callback": "C.", "module": "M.", "datamodule": "D."}[line["on"]] + line["hook"] if "hook" in line else line["call"]
    places = "".join(f" {key[0]}{line[key]}" for key in ("batch_idx", "dataloader_idx") if key in line)
    return f"{where} @{line['epoch']}.{line['global_step']}{places}"


def run(one):
    trace = Trace()
    data = traced_datamodule(CSVData, trace)(path=str(DIGITS), target="digit", batch_size=16)
    pl.seed_everything(3, verbose=False)
    model = traced_module(GAN, trace)(one)
    with tempfile.TemporaryDirectory() as folder:
        logger = CSVLogger(folder)
        arguments = {"max_epochs": 2, "limit_train_batches": 4, "limit_val_batches": 1, "num_sanity_val_steps": 1,
                     "log_every_n_steps": 1, "enable_checkpointing": False, **one["trainer"]}
        trainer = pl.Trainer(accelerator="cpu", logger=logger, callbacks=[tracing_callback(trace)], enable_progress_bar=False,
                             enable_model_summary=False, default_root_dir=folder, **arguments)
        trace.trainer = trainer
        trace.watch(logger)
        try:
            trainer.fit(model, datamodule=data)
        except Exception as error:
            return {**one, "refused": type(error).__name__}
    return {**one, "trace": [short(line) for line in trace.lines], "global_step": trainer.global_step,
            "current_epoch": trainer.current_epoch,
            "callback_metrics": {name: float(value) for name, value in trainer.callback_metrics.items()},
            "lr": [group["lr"] for optimizer in trainer.optimizers for group in optimizer.param_groups],
            "weights": {name: tensor.numpy().tobytes().hex() for name, tensor in model.state_dict().items()}}


if __name__ == "__main__":
    record_cases("manual", {"gan": lambda: [run(one) for one in CASES]})
