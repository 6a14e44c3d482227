# SPDX-License-Identifier: GPL-3.0-or-later
"""Checkpoints as PyTorch and Lightning write and read them, told in one canonical text.

  describe_checkpoint.py describe FILE       load FILE with weights_only=True and print its description
  describe_checkpoint.py make KIND FILE      write a checkpoint and print its description
  describe_checkpoint.py record FOLDER       write KIND.ckpt and KIND.txt of the kinds that tests read

Recorded with torch 2.13.0 and lightning 2.6.6 into tests/data/checkpoint.
"""
import collections
import pathlib
import shutil
import struct
import sys
import tempfile
import zipfile

import torch


def describe(value):
    """One text for one value: types, order, bits. tst_checkpoint_file.cpp has its twin."""
    if value is None:
        return "None"
    if isinstance(value, torch.Tensor):
        data = bytes(value.detach().contiguous().reshape(-1).view(torch.uint8).tolist()) if value.numel() else b""
        return "Tensor:%s:%s:%s:%d:%s" % (str(value.dtype).removeprefix("torch."), list(value.shape),
                                          list(value.stride()), value.requires_grad, data.hex())
    name = type(value).__name__
    if isinstance(value, bool):
        return "bool:%d" % value
    if isinstance(value, int):
        return "int:%d" % value
    if isinstance(value, float):
        return "float:" + struct.pack(">d", value).hex()
    if isinstance(value, str):
        return "str:" + value
    if isinstance(value, dict):
        return name + "{" + ", ".join(describe(k) + " = " + describe(v) for k, v in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return ("tuple" if isinstance(value, tuple) else name) + "[" + ", ".join(map(describe, value)) + "]"
    raise TypeError(name)


def plain():
    torch.manual_seed(1)
    base = torch.arange(24, dtype=torch.float32).reshape(4, 6)
    tied = torch.randn(3)
    dtypes = [torch.float16, torch.bfloat16, torch.float32, torch.float64, torch.int8, torch.uint8, torch.int16,
              torch.int32, torch.int64, torch.bool, torch.complex64]
    return {
        "none": None, "true": True, "false": False, "one": 1, "negative": -1, "byte": 255, "short": 65535,
        "int32": -2**31, "int33": 2**31, "int64": -2**63, "max": 2**63 - 1, "pi": 3.141592653589793,
        "nan": float("nan"), "inf": float("-inf"), "text": "häßlich 漢字 \U0001f600\n", "empty": "",
        "list": [1, [2, (3,)], []], "tuple": (), "pair": (0.9, 0.999), "triple": (1, 2.0, "3"), "four": (1, 2, 3, 4),
        "dict": {}, 7: {0: "int keys", -1: None, 2**40: True},
        "ordered": collections.OrderedDict([("b", 1), ("a", collections.OrderedDict())]),
        "dtypes": [torch.arange(5).to(d) for d in dtypes],
        "scalar": torch.tensor(0.5), "no elements": torch.empty(0, 3), "transposed": base.t(),
        "row": base[2], "column": base[:, 1], "every other": base[::2, 1::3], "expanded": torch.ones(1, 2).expand(3, 2),
        "requires_grad": torch.ones(2, requires_grad=True), "parameter": torch.nn.Parameter(torch.zeros(2)),
        "size": torch.Size([2, 3]), "tied": tied, "again": {"tied": tied}, "list tied": [tied, tied],
        "module": torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.BatchNorm1d(3)).state_dict(),
    }


def lightning(path):
    import lightning as L
    from lightning.pytorch.callbacks import EarlyStopping, ModelCheckpoint

    class Module(L.LightningModule):
        def __init__(self, width=4, rate=0.1):
            super().__init__()
            self.save_hyperparameters()
            self.layer = torch.nn.Linear(width, 2)

        def training_step(self, batch, batch_idx):
            return self.layer(batch).square().mean()

        def validation_step(self, batch, batch_idx):
            self.log("val_loss", self.layer(batch).square().mean())

        def configure_optimizers(self):
            optimizer = torch.optim.Adam(self.parameters(), lr=self.hparams.rate)
            return [optimizer], [torch.optim.lr_scheduler.StepLR(optimizer, 1)]

    L.seed_everything(1, verbose=False)
    loader = torch.utils.data.DataLoader(torch.randn(8, 4), batch_size=4)
    folder = pathlib.Path(tempfile.gettempdir(), "leyden_recording")  # a fixed name, for it is part of the file
    trainer = L.Trainer(max_epochs=2, accelerator="cpu", logger=False, enable_progress_bar=False,
                        enable_model_summary=False, default_root_dir=folder,
                        callbacks=[ModelCheckpoint(folder, monitor="val_loss"), EarlyStopping("val_loss")])
    trainer.fit(Module(), loader, loader)
    trainer.save_checkpoint(path)
    shutil.rmtree(folder)


def make(kind, path):
    if kind == "plain":
        torch.save(plain(), path)
    elif kind == "protocol4":
        torch.save({"text": "short", "long": "x" * 300, "list": [(1, 2.5, None)]}, path, pickle_protocol=4)
        return describe(torch.load(path, weights_only=False))
    elif kind == "lightning":
        lightning(path)
    elif kind == "custom":
        torch.save({"path": pathlib.PurePosixPath("a")}, path)
        return ""
    elif kind == "old":
        torch.save({"a": 1}, path, _use_new_zipfile_serialization=False)
    return describe(torch.load(path, weights_only=True))


def main():
    command, *rest = sys.argv[1:]
    if command == "describe":
        with zipfile.ZipFile(rest[0]) as archive:
            damaged = archive.testzip()
        text = describe(torch.load(rest[0], weights_only=True))
        mapped = describe(torch.load(rest[0], weights_only=True, mmap=True))
        assert damaged is None and text == mapped, (damaged, mapped)
    elif command == "make":
        text = make(*rest)
    elif command == "record":
        for kind in ("plain", "lightning", "custom", "old"):
            folder = pathlib.Path(rest[0])
            text = make(kind, folder / (kind + ".ckpt"))
            if kind in ("plain", "lightning"):
                (folder / (kind + ".txt")).write_text(text, encoding="utf-8")
        return
    sys.stdout.buffer.write(text.encode())


main()
