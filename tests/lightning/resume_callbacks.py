# SPDX-License-Identifier: GPL-3.0-or-later
"""Goes on, in PyTorch Lightning, with checkpoints that Leyden wrote of the fits that record_callbacks.py knows.

python resume_callbacks.py FOLDER      reads FOLDER/NAME.json (a case) and FOLDER/NAME.ckpt, writes FOLDER/results.json:
NAME -> {"weights", "counters"}, or {"error"}
"""
import json
import logging
import pathlib
import sys
import tempfile
import warnings

import torch
from lightning.pytorch import Trainer, seed_everything

from record_callbacks import PartsData, PartsModel, Recorder, RowLogger, made, plain


def resumed(case, checkpoint):
    seed_everything(99, workers=True, verbose=False)  # whatever is drawn: the weights come from the file
    module = PartsModel(case)
    with tempfile.TemporaryDirectory() as folder:
        trainer = Trainer(**{"log_every_n_steps": 1, "num_sanity_val_steps": 0, **case["trainer"]}, accelerator="cpu", devices=1,
                          logger=RowLogger(), callbacks=[*(made(config, module) for config in case["callbacks"]), Recorder()],
                          enable_progress_bar=False, enable_model_summary=False, default_root_dir=folder)
        trainer.fit(module, datamodule=PartsData(case), ckpt_path=checkpoint)
    return {"weights": plain(dict(module.state_dict())),
            "counters": {"global_step": trainer.global_step, "current_epoch": trainer.current_epoch}}


def main():
    warnings.filterwarnings("ignore")
    for name in ("lightning.pytorch", "lightning.fabric"):
        logging.getLogger(name).setLevel(logging.ERROR)
    torch.set_num_threads(1)
    folder = pathlib.Path(sys.argv[1])
    results = {}
    for file in sorted(folder.glob("*.ckpt")):
        try:
            results[file.stem] = resumed(json.loads(file.with_suffix(".json").read_text(encoding="utf-8")), file)
        except Exception as error:
            results[file.stem] = {"error": f"{type(error).__name__}: {error}"}
    (folder / "results.json").write_text(json.dumps(results), encoding="utf-8")


if __name__ == "__main__":
    main()
