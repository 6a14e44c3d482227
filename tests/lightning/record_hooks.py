# SPDX-License-Identifier: GPL-3.0-or-later
"""Records Lightning's order of hooks where the usual run has none of them: loaders of the module, transfer hooks of the
data module, model_train hooks, several loaders, callbacks of the module.

python record_hooks.py [--output FOLDER] [NAME ...]     writes FOLDER/hooks.json (../data/hooks)
Traces are shortened as record_manual.py shortens them.
"""
import tempfile

import lightning.pytorch as pl
import torch
from torch.utils.data import DataLoader, TensorDataset

from record_manual import short
from recording import record_cases
from tracer import Trace, traced_datamodule, traced_module, tracing_callback

DEFAULTS = {
    "verb": "fit",
    "own_loaders": False,    # of the module, without a data module
    "transfer": [],          # transfer hooks that the data module has
    "model_train": False,    # on_validation_model_train and on_test_model_train
    "loaders": 1,            # of validation, test and prediction
    "brings_callback": False,  # configure_callbacks gives one of a class that the Trainer has too
    "frozen": False,         # a layer is in eval mode beforehand
}


def case(name, **more):
    one = {"name": name, **DEFAULTS, **more}
    assert set(one) == {"name", *DEFAULTS}, set(one) - set(DEFAULTS)
    return one


CASES = [
    *[case(f"loaders of the module, {verb}", own_loaders=True, verb=verb) for verb in ("fit", "validate", "test", "predict")],
    *[case(f"{' and '.join(hooks)} of the data", transfer=hooks) for hooks in
      (["on_before_batch_transfer"], ["transfer_batch_to_device"], ["on_after_batch_transfer"],
       ["on_before_batch_transfer", "transfer_batch_to_device", "on_after_batch_transfer"])],
    *[case(f"model_train hooks, {verb}", model_train=True, verb=verb, frozen=True) for verb in ("fit", "validate", "test")],
    *[case(f"modes are put back, {verb}", verb=verb, frozen=True) for verb in ("fit", "validate", "test", "predict")],
    *[case(f"two loaders, {verb}", loaders=2, verb=verb) for verb in ("fit", "validate", "test", "predict")],
    case("a callback of the module", brings_callback=True),
]


class Model(pl.LightningModule):
    def __init__(self, one, seen):
        super().__init__()
        self.one, self.seen = one, seen
        self.layer, self.frozen = torch.nn.Linear(2, 1), torch.nn.Linear(1, 1)
        if one["frozen"]:
            self.frozen.eval()

    def loss(self, batch):
        return self.frozen(self.layer(batch[0])).square().mean()

    def training_step(self, batch, batch_idx):
        return self.loss(batch)

    def validation_step(self, batch, batch_idx, dataloader_idx=0):
        self.log("val_loss", self.loss(batch))

    def test_step(self, batch, batch_idx, dataloader_idx=0):
        self.log("test_loss", self.loss(batch))

    def predict_step(self, batch, batch_idx, dataloader_idx=0):
        return self.layer(batch[0])

    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), lr=0.1)

    def configure_callbacks(self):
        return [Named("module's", self.seen)] if self.one["brings_callback"] else []


class Named(pl.Callback):
    def __init__(self, name, seen):
        self.name, self.seen = name, seen

    def on_train_start(self, trainer, module):
        self.seen.append(self.name)


def loaders(rows, count):
    made = [DataLoader(TensorDataset(torch.arange(2.0 * rows).reshape(rows, 2) / 8), batch_size=2) for _ in range(count)]
    return made if count > 1 else made[0]


class Data(pl.LightningDataModule):
    def __init__(self, one):
        super().__init__()
        self.one = one

    def train_dataloader(self):
        return loaders(4, 1)

    def val_dataloader(self):
        return loaders(2, self.one["loaders"])

    test_dataloader = predict_dataloader = val_dataloader


def run(one):
    trace, seen = Trace(), []
    model_class = traced_module(Model, trace)
    more = {}
    if one["own_loaders"]:
        for name, rows in (("train", 4), ("val", 2), ("test", 2), ("predict", 2)):
            def loader(self, hook=f"{name}_dataloader", rows=rows):
                trace.hook(hook, "module")
                return loaders(rows, 1)
            more[f"{name}_dataloader"] = loader
    if one["model_train"]:
        for hook in ("on_validation_model_train", "on_test_model_train"):
            def train(self, hook=hook):
                trace.hook(hook, "module")
                self.train()
            more[hook] = train
    if one["loaders"] > 1:  # explicit signatures: Lightning looks at them
        def noted(name):
            def step(self, batch, batch_idx, dataloader_idx=0):
                trace.call(name)
                return getattr(Model, name)(self, batch, batch_idx, dataloader_idx)
            return step
        more.update({name: noted(name) for name in ("validation_step", "test_step", "predict_step")})
    model_class = type("Model", (model_class,), more)
    data_class = traced_datamodule(Data, trace)
    noting = {}
    for hook in one["transfer"]:
        def note(self, batch, *rest, hook=hook):
            trace.hook(hook, "datamodule", dataloader_idx=rest[-1])
            return getattr(Data, hook)(self, batch, *rest)
        noting[hook] = note
    data = type("Data", (data_class,), noting)(one)
    pl.seed_everything(2, verbose=False)
    model = model_class(one, seen)
    with tempfile.TemporaryDirectory() as folder:
        trainer = pl.Trainer(accelerator="cpu", logger=False, enable_checkpointing=False, enable_progress_bar=False, max_epochs=1,
                             enable_model_summary=False, default_root_dir=folder, num_sanity_val_steps=1, inference_mode=True,
                             callbacks=[tracing_callback(trace), *([Named("trainer's", seen)] if one["brings_callback"] else [])])
        trace.trainer = trainer
        getattr(trainer, one["verb"])(model, datamodule=None if one["own_loaders"] else data)
    return {**one, "trace": [short(line) for line in trace.lines], "seen": seen,
            "modes": [module.training for module in (model, model.layer, model.frozen)]}


if __name__ == "__main__":
    record_cases("hooks", {"hooks": lambda: [run(one) for one in CASES]})
