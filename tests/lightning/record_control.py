# SPDX-License-Identifier: GPL-3.0-or-later
"""Records how Lightning's loops go where a run is not plain: steps that give nothing, epochs that are cut, stop requests
against minima, an exception in each hook.

python record_control.py [--output FOLDER] [NAME ...]     writes FOLDER/{flow, exceptions}.json (../data/control)
Traces are shortened as record_manual.py shortens them. Of a run that an exception ends, only what comes after the plain
run's lines is kept: it has the same `shared` lines before.
"""
import tempfile

import lightning.pytorch as pl
import torch
from lightning.pytorch.loggers import CSVLogger
from torch.utils.data import DataLoader, TensorDataset

from record_manual import short
from recording import record_cases
from tracer import CALLBACK_HOOKS, EVALUATIONS, MODULE_HOOKS, Trace, traced_datamodule, traced_module, tracing_callback

DEFAULTS = {
    "none_at": [],          # batches of each epoch whose training_step gives nothing
    "skip_at": None,        # batch at which on_train_batch_start returns -1
    "skip_in": None,        # only in this epoch
    "stop": None,           # {"hook", "epoch", "batch"}: should_stop is set there, once
    "stop_always": False,   # ... or at each call
    "scheduler": None,      # {"interval", "frequency"} of a StepLR(1, 0.5), or {"plateau": true, ...}
    "raise": None,          # {"on", "hook", "nth"}
    "verb": "fit",
    "train_batches": 4,
    "val_batches": 2,
    "trainer": {},
}


def case(name, **more):
    one = {"name": name, **DEFAULTS, **more}
    assert set(one) == {"name", *DEFAULTS}, set(one) - set(DEFAULTS)
    return one


def stop(hook, epoch=0, batch=None):
    return {"hook": hook, "epoch": epoch, "batch": batch}


STEP, EPOCH = {"interval": "step", "frequency": 1}, {"interval": "epoch", "frequency": 1}
FLOW = [
    case("plain", scheduler=STEP),
    *[case(f"nothing at batch {b}", none_at=[b], scheduler=STEP) for b in (0, 1, 3)],
    case("nothing in any batch", none_at=[0, 1, 2, 3], scheduler=EPOCH),
    *[case(f"nothing at batches {b}, windows of {k}", none_at=b, trainer={"accumulate_grad_batches": k}, scheduler=STEP)
      for b, k in (([0], 2), ([1], 2), ([0, 1], 2), ([2], 3), ([3], 3))],
    case("nothing at batch 1, clipped", none_at=[1], trainer={"gradient_clip_val": 0.1}),
    case("nothing at batch 1, rows by two steps", none_at=[1], trainer={"log_every_n_steps": 2}),
    *[case(f"cut at batch {b}, {s['interval']} scheduler", skip_at=b, scheduler=s) for b in (0, 1, 3) for s in (STEP, EPOCH)],
    case("cut in the second epoch", skip_at=2, skip_in=1, scheduler=EPOCH, trainer={"max_epochs": 3}),
    case("cut, windows of 2", skip_at=2, trainer={"accumulate_grad_batches": 2}),
    case("cut inside a window of 3", skip_at=2, trainer={"accumulate_grad_batches": 3}, scheduler=STEP),
    case("cut, validation inside the epoch", skip_at=3, trainer={"val_check_interval": 0.5}),
    case("cut, validation across epochs", skip_at=2, trainer={"val_check_interval": 3, "check_val_every_n_epoch": None, "max_epochs": 4}),
    case("cut, checkpoints", skip_at=2, trainer={"enable_checkpointing": True}),
    case("cut, max_steps", skip_at=2, trainer={"max_steps": 5, "max_epochs": -1}),
    case("cut at once, plateau", skip_at=2, scheduler={"plateau": True, "monitor": "train_loss_epoch", "interval": "epoch", "frequency": 1}),
    *[case(f"stop in {hook}", stop=stop(hook, batch=1 if "batch" in hook or "step" in hook else None), trainer={"max_epochs": 3})
      for hook in ("on_fit_start", "on_train_start", "on_train_epoch_start", "on_train_batch_start", "training_step", "on_before_zero_grad",
                   "on_after_backward", "on_before_optimizer_step", "on_train_batch_end", "on_validation_start", "validation_step",
                   "on_validation_end", "on_train_epoch_end")],
    *[case(f"stop at once, {limit} batches, min_epochs {epochs}, min_steps {steps}", stop=stop("on_train_batch_end"), stop_always=True,
           train_batches=5, trainer={"limit_train_batches": limit, "min_epochs": epochs, "min_steps": steps, "max_epochs": 10})
      for limit, epochs, steps in ((3, 0, 10), (5, 0, 10), (3, 2, None), (5, 2, None), (3, 1, 10), (5, 1, 10), (3, 3, 10), (5, 3, 10))],
    *[case(f"stop once, min_epochs {epochs}, min_steps {steps}", stop=stop("on_train_batch_end", batch=1), scheduler=EPOCH,
           trainer={"min_epochs": epochs, "min_steps": steps, "max_epochs": 6}) for epochs, steps in ((2, None), (None, 3), (None, 6), (3, 5))],
    case("stop, validation inside the epoch", stop=stop("on_validation_end"), trainer={"val_check_interval": 0.5, "max_epochs": 3}),
    case("stop, an epoch without validation", stop=stop("on_train_batch_end", batch=1), trainer={"check_val_every_n_epoch": 2, "max_epochs": 3}),
    case("stop, validation across epochs", stop=stop("on_train_batch_end", batch=1),
         trainer={"val_check_interval": 3, "check_val_every_n_epoch": None, "max_epochs": 3}),
    case("stop inside a window", stop=stop("on_train_batch_end", batch=0), trainer={"accumulate_grad_batches": 3, "max_epochs": 3}, scheduler=STEP),
    case("stop, rows by three steps", stop=stop("training_step", batch=1), trainer={"log_every_n_steps": 3, "max_epochs": 3}),
    case("stop in the sanity check", stop=stop("on_sanity_check_end"), trainer={"num_sanity_val_steps": 1}),
    case("stop, no validation", stop=stop("on_train_batch_end", batch=2), val_batches=0, scheduler=EPOCH),
    case("stop, checkpoints", stop=stop("on_train_batch_end", batch=1), trainer={"enable_checkpointing": True, "max_epochs": 3}),
    case("max_steps in mid-epoch", trainer={"max_steps": 6, "max_epochs": -1}, scheduler=EPOCH),
    case("max_steps at an epoch's end", trainer={"max_steps": 4, "max_epochs": -1}, scheduler=EPOCH),
    case("max_epochs 0", trainer={"max_epochs": 0, "num_sanity_val_steps": 1}),
    case("max_steps 0", trainer={"max_steps": 0}),
    case("no training batches", trainer={"limit_train_batches": 0, "num_sanity_val_steps": 1}),
]

EXCEPTIONS = [
    *[case(f"module.{hook}", **{"raise": {"on": "module", "hook": hook, "nth": 0}}) for hook in
      [name for names in MODULE_HOOKS.values() for name in names
       if not any(part in name for part in ("test", "predict", "checkpoint"))] +
      ["on_before_batch_transfer", "transfer_batch_to_device", "on_after_batch_transfer", "on_train_batch_start", "on_train_batch_end",
       "on_validation_batch_start", "on_validation_batch_end", "configure_gradient_clipping", "training_step", "validation_step", "backward",
       "optimizer_step", "optimizer_zero_grad", "lr_scheduler_step"]],
    *[case(f"callback.{hook}", **{"raise": {"on": "callback", "hook": hook, "nth": 0}}) for hook in
      [name for name in CALLBACK_HOOKS if not any(part in name for part in ("test", "predict", "checkpoint", "exception"))] +
      ["on_train_batch_start", "on_train_batch_end", "on_validation_batch_start", "on_validation_batch_end"]],
    *[case(f"datamodule.{hook}", **{"raise": {"on": "datamodule", "hook": hook, "nth": 0}})
      for hook in ("prepare_data", "setup", "train_dataloader", "val_dataloader", "teardown")],
    *[case(f"{on}.{hook}, call {nth}", **{"raise": {"on": on, "hook": hook, "nth": nth}}) for on, hook, nth in
      (("module", "training_step", 5), ("module", "validation_step", 3), ("callback", "on_train_batch_end", 4), ("module", "on_train_epoch_end", 1),
       ("callback", "on_validation_epoch_end", 2), ("module", "backward", 3))],
]


class Planned(Exception):
    pass


def once(one, on, hook, counts):
    """Raises where the case wants an exception at this call."""
    wanted = one["raise"]
    if wanted and wanted["on"] == on and wanted["hook"] == hook:
        counts[on, hook] = counts.get((on, hook), -1) + 1
        if counts[on, hook] == wanted["nth"]:
            raise Planned


class Model(pl.LightningModule):
    def __init__(self, one, counts):
        super().__init__()
        self.one, self.counts = one, counts
        self.layer = torch.nn.Linear(4, 1)
        self.has_stopped = False

    def loss(self, batch):
        return torch.nn.functional.mse_loss(self.layer(batch[0]), batch[1])

    def training_step(self, batch, batch_idx):
        loss = self.loss(batch)
        self.log("train_loss", loss, on_step=True, on_epoch=True)
        return None if batch_idx in self.one["none_at"] else loss

    def validation_step(self, batch, batch_idx):
        self.log("val_loss", self.loss(batch))

    def on_train_batch_start(self, batch, batch_idx):
        if batch_idx == self.one["skip_at"] and self.one["skip_in"] in (None, self.trainer.current_epoch):
            return -1
        return None

    def configure_optimizers(self):
        optimizer = torch.optim.SGD(self.parameters(), lr=0.05, momentum=0.9)
        timing = dict(self.one["scheduler"] or {})
        if not timing:
            return optimizer
        if timing.pop("plateau", False):
            scheduler = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, patience=0, factor=0.5)
        else:
            scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 1, 0.5)
        return {"optimizer": optimizer, "lr_scheduler": {"scheduler": scheduler, **timing}}


class Data(pl.LightningDataModule):
    def __init__(self, one, counts):
        super().__init__()
        self.one, self.counts = one, counts

    def loader(self, batches, phase):
        rows = 4 * batches
        x = ((torch.arange(rows * 4) * 7 + phase) % 11 - 5).reshape(rows, 4) / 8
        return DataLoader(TensorDataset(x, x.sum(1, keepdim=True) * 0.5 + 0.25), batch_size=4)

    def train_dataloader(self):
        return self.loader(self.one["train_batches"], 0)

    def val_dataloader(self):
        return self.loader(self.one["val_batches"], 3) if self.one["val_batches"] else []


def raising(base, on, hooks):
    """A subclass whose hooks ask `once` first, then do what `base` does."""
    methods = {}

    def wrap(hook, original):
        def method(self, *args, **kwargs):
            once(self.one, on, hook, self.counts)
            return original(self, *args, **kwargs)
        methods[hook] = method

    for hook in hooks:
        wrap(hook, getattr(base, hook))
    return type(base.__name__, (base,), methods)


def second_callback(one, counts):
    """Comes after the tracing one: raises, and asks for stops."""
    class Second(pl.Callback):
        pass

    done = []

    def act(hook, trainer, args):
        once(one, "callback", hook, counts)
        wanted = one["stop"]
        if not wanted or wanted["hook"] != hook or (done and not one["stop_always"]) or trainer.sanity_checking and "sanity" not in hook:
            return
        place = [a for a in args if isinstance(a, int)]
        if trainer.current_epoch < wanted["epoch"] or (wanted["batch"] is not None and place[:1] != [wanted["batch"]] and "batch_" in hook):
            return
        done.append(True)
        trainer.should_stop = True

    batch_hooks = [f"on_{stage}_batch_{end}" for stage in ("train", *EVALUATIONS) for end in ("start", "end")]
    for hook in CALLBACK_HOOKS + batch_hooks:
        setattr(Second, hook, lambda self, trainer, module, *args, hook=hook, **_: act(hook, trainer, args))
    return Second()


def run(one):
    trace, counts = Trace(), {}
    hook = (one["raise"] or {}).get("hook")
    on = (one["raise"] or {}).get("on")
    data_class = raising(Data, "datamodule", [hook] if on == "datamodule" else [])
    model_class = raising(Model, "module", [hook] if on == "module" else [])
    stop_in_step = one["stop"] and one["stop"]["hook"] in ("training_step", "validation_step")
    if stop_in_step:
        wanted, name = one["stop"], one["stop"]["hook"]

        def step(self, batch, batch_idx, name=name, base=getattr(model_class, name)):
            if batch_idx == wanted["batch"] and not self.has_stopped and not self.trainer.sanity_checking:
                self.has_stopped = self.trainer.should_stop = True
            return base(self, batch, batch_idx)
        model_class = type(model_class.__name__, (model_class,), {name: step})
    data = traced_datamodule(data_class, trace)(one, counts)
    pl.seed_everything(5, verbose=False)
    model = traced_module(model_class, trace)(one, counts)
    refused = None
    with tempfile.TemporaryDirectory() as folder:
        logger = CSVLogger(folder)
        arguments = {"max_epochs": 2, "num_sanity_val_steps": 1 if one["raise"] else 0, "log_every_n_steps": 1,
                     "enable_checkpointing": False, **one["trainer"]}
        trainer = pl.Trainer(accelerator="cpu", logger=logger, callbacks=[tracing_callback(trace), second_callback(one, counts)],
                             enable_progress_bar=False, enable_model_summary=False, default_root_dir=folder, **arguments)
        trace.trainer = trainer
        trace.watch(logger)
        try:
            trainer.fit(model, datamodule=data)
        except Planned:
            refused = "planned"
        except Exception as error:
            refused = type(error).__name__
    return {**one, "refused": refused, "trace": [short(line) for line in trace.lines], "global_step": trainer.global_step,
            "current_epoch": trainer.current_epoch, "x": trainer.fit_loop.epoch_loop._batches_that_stepped,
            "status": trainer.state.status.value,
            "lr": [group["lr"] for optimizer in trainer.optimizers for group in optimizer.param_groups],
            "weights": {name: tensor.numpy().tobytes().hex() for name, tensor in model.state_dict().items()}}


def shortened(result, plain):
    """Without the lines that the plain run has too."""
    lines = result["trace"]
    shared = next((i for i, line in enumerate(lines) if i >= len(plain) or line != plain[i]), len(lines))
    return {**result, "shared": shared, "trace": lines[shared:]}


def exceptions():
    plain = run(case("plain", scheduler=EPOCH, **{"raise": {"on": "nobody", "hook": "", "nth": 0}}))
    return [plain, *(shortened(run({**one, "scheduler": EPOCH}), plain["trace"]) for one in EXCEPTIONS)]


if __name__ == "__main__":
    record_cases("control", {"flow": lambda: [run(one) for one in FLOW], "exceptions": exceptions})
