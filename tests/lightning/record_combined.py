# SPDX-License-Identifier: GPL-3.0-or-later
"""Records runs of Lightning over several loaders: every mode of CombinedLoader, limits, random orders, refusals.

python record_combined.py [--output FOLDER] [NAME ...]     writes FOLDER/combined.json (../data/combined)
A batch is written as the rows that it holds, so that orders are seen too; "draw" is the next number of the generator after
the run, which tells whether the same numbers were drawn.
"""
import tempfile

import lightning.pytorch as pl
import torch
from lightning.pytorch.utilities import CombinedLoader
from torch.utils.data import DataLoader, TensorDataset

from recording import record_cases

DEFAULTS = {
    "verb": "fit",
    "train": [10, 6],   # rows of each training loader
    "val": [],          # of each loader of validation, test, prediction
    "batch_size": 2,
    "shuffle": False,
    "mode": None,       # of the training loaders; none: a plain list
    "val_mode": None,   # of the others
    "names": None,      # of the training loaders: batches are dicts
    "trainer": {},
}


def case(name, **more):
    one = {"name": name, **DEFAULTS, **more}
    assert set(one) == {"name", *DEFAULTS}, set(one) - set(DEFAULTS)
    return one


MODES = ("min_size", "max_size", "max_size_cycle")
VAL = [8, 4, 6]
CASES = [
    case("a plain list"),
    case("a plain list, shuffled", shuffle=True),
    *[case(f"{mode}", mode=mode) for mode in MODES],
    *[case(f"{mode}, shuffled", mode=mode, shuffle=True, train=[10, 4, 7]) for mode in MODES],
    *[case(f"{mode}, names", mode=mode, names=["a", "b"], shuffle=True) for mode in MODES],
    *[case(f"{mode}, limit", mode=mode, trainer={"limit_train_batches": 3}) for mode in MODES],
    *[case(f"{mode}, share", mode=mode, trainer={"limit_train_batches": 0.5}) for mode in MODES],
    *[case(f"{mode}, validation", mode=mode, shuffle=True, val=VAL, val_mode=mode) for mode in MODES],
    *[case(f"{mode}, validation within epochs", mode=mode, val=[4], trainer={"val_check_interval": 2, "num_sanity_val_steps": 1})
      for mode in MODES],
    *[case(f"{mode}, overfit", mode=mode, shuffle=True, val=VAL, val_mode=mode, trainer={"overfit_batches": 2}) for mode in MODES],
    case("one loader of a combined one", train=[6], mode="min_size"),
    case("accumulation", mode="max_size_cycle", trainer={"accumulate_grad_batches": 2}),
    case("ended by steps", mode="max_size_cycle", shuffle=True, trainer={"max_steps": 7, "max_epochs": -1}),
    case("sequential", mode="sequential"),
    case("sanity check", train=[4], val=VAL, val_mode="max_size", trainer={"num_sanity_val_steps": 3}),
    case("sanity check, one after the other", train=[4], val=VAL, val_mode="sequential", trainer={"num_sanity_val_steps": 3}),
    case("validation, plain", train=[4], val=VAL),
    *[case(f"{verb}, {mode}", verb=verb, val=VAL, val_mode=mode) for verb in ("validate", "test", "predict")
      for mode in (None, *MODES, "sequential")],
    *[case(f"{verb}, {mode}, limit", verb=verb, val=VAL, val_mode=mode, trainer={f"limit_{short}_batches": 3})
      for verb, short in (("validate", "val"), ("test", "test")) for mode in (*MODES, "sequential")],
    case("predict, limit", verb="predict", val=VAL, trainer={"limit_predict_batches": 3}),
]


def rows_of(batch):
    """The rows that a batch holds, nested as it is."""
    if isinstance(batch, dict):
        return {key: rows_of(value) for key, value in batch.items()}
    if isinstance(batch, (list, tuple)):
        return [rows_of(item) for item in batch]
    return None if batch is None else [int(row) for row in batch.flatten()]


def tensors_of(batch):
    if isinstance(batch, dict):
        return tensors_of(list(batch.values()))
    if isinstance(batch, (list, tuple)):
        return [tensor for item in batch for tensor in tensors_of(item)]
    return [] if batch is None else [batch]


class Model(pl.LightningModule):
    def __init__(self):
        super().__init__()
        self.layer = torch.nn.Linear(1, 1)
        self.seen = []

    def loss(self, batch):
        return sum(self.layer(tensor / 100).square().mean() for tensor in tensors_of(batch))

    def note(self, what, batch, batch_idx, dataloader_idx):
        self.seen.append([what, batch_idx, dataloader_idx, rows_of(batch)])

    def training_step(self, batch, batch_idx):
        self.note("train", batch, batch_idx, 0)
        loss = self.loss(batch)
        self.log("train_loss", loss, on_step=True, on_epoch=True, batch_size=2)
        return loss

    def validation_step(self, batch, batch_idx, dataloader_idx=0):
        self.note("val", batch, batch_idx, dataloader_idx)
        self.log("val_loss", self.loss(batch), batch_size=len(tensors_of(batch)))

    def test_step(self, batch, batch_idx, dataloader_idx=0):
        self.note("test", batch, batch_idx, dataloader_idx)
        self.log("test_loss", self.loss(batch), batch_size=len(tensors_of(batch)))

    def forward(self, batch):  # what predict_step falls back to
        return self.layer(batch[0] / 100)

    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), lr=0.1)


def loaders_of(one, rows, mode, shuffle, names=None):
    made = [DataLoader(TensorDataset((torch.arange(float(count)) + 20 * i).reshape(count, 1)), batch_size=one["batch_size"],
                       shuffle=shuffle) for i, count in enumerate(rows)]
    if names:
        made = dict(zip(names, made))
    if mode:
        return CombinedLoader(made, mode)
    return made if len(rows) != 1 else made[0]


class Data(pl.LightningDataModule):
    def __init__(self, one):
        super().__init__()
        self.one = one

    def train_dataloader(self):
        return loaders_of(self.one, self.one["train"], self.one["mode"], self.one["shuffle"], self.one["names"])

    def val_dataloader(self):
        return loaders_of(self.one, self.one["val"], self.one["val_mode"], False)

    test_dataloader = predict_dataloader = val_dataloader


def run(one):
    pl.seed_everything(3, verbose=False)
    model = Model()
    result = dict(one)
    with tempfile.TemporaryDirectory() as folder:
        trainer = pl.Trainer(**{"max_epochs": 2, "num_sanity_val_steps": 0, **one["trainer"]}, accelerator="cpu", devices=1,
                             logger=False, enable_checkpointing=False, enable_progress_bar=False, enable_model_summary=False,
                             default_root_dir=folder)
        try:
            more = {"verbose": False} if one["verb"] in ("validate", "test") else {}
            output = getattr(trainer, one["verb"])(model, datamodule=Data(one), **more)
            if one["verb"] == "predict":
                output = output if isinstance(output[0], list) else [output]
                result["predictions"] = [[[row.item() for row in batch] for batch in loader] for loader in output]
            result["batches"] = trainer.num_training_batches if one["verb"] == "fit" else None
        except Exception as error:  # modes that a loop refuses
            result["error"] = type(error).__name__
            result["seen"] = []
            return result
    result.update(seen=model.seen, weights=[parameter.item() for parameter in model.parameters()], global_step=trainer.global_step,
                  metrics={key: value.item() for key, value in sorted(trainer.callback_metrics.items())},
                  draw=torch.empty((), dtype=torch.int64).random_().item())
    return result


if __name__ == "__main__":
    record_cases("combined", {"combined": lambda: [run(one) for one in CASES]})
