# SPDX-License-Identifier: GPL-3.0-or-later
"""Records what LightningCLI makes of YAML files.

python record_cli_yaml.py             writes ../data/cli_yaml/recorded.json, and saved_by_cli.yaml as LightningCLI saves it
python record_cli_yaml.py --output F  writes the record to F, of the files as they are
"""
import argparse
import importlib
import json
import logging
import math
import os
import pathlib
import sys
import tempfile
import warnings
from typing import List, Optional

import jsonargparse

FOLDER = pathlib.Path(__file__).parent.parent / "data" / "cli_yaml"
# file -> what is around it
CASES = {
    "aliases": {},
    "class_paths": {},
    "empty_and_extra": {"verb": "fit"},
    "environment": {"environment": {"PL_TRAINER__MAX_EPOCHS": "9", "PL_TRAINER__MIN_EPOCHS": "2"}, "parser": {"default_env": True}},
    "layout": {},
    "old_package": {"package": "pytorch_lightning"},
    "plateau": {},
    "plugins": {},
    "saved_by_cli": {"verb": "fit"},
    "scalars": {},
    "sections": {"verb": "fit", "is_whole": True},
    "seed_of_environment": {"environment": {"PL_GLOBAL_SEED": "1234"}},
    "seed_true": {},
    "short_forms": {},
}


def made_cli(package):
    """A LightningCLI that runs nothing, with a model and a data module of the options that Leyden's have."""
    lightning = importlib.import_module(package)
    cli = importlib.import_module(package + ".cli")

    class MLP(lightning.LightningModule):
        def __init__(self, hidden_sizes: List[int] = [128, 64], activation: str = "relu", dropout: float = 0.0,  # noqa: B006
                     batch_norm: bool = False):
            super().__init__()

    class CSVData(lightning.LightningDataModule):
        def __init__(self, path: str, target: str, features: Optional[List[str]] = None, batch_size: int = 32, shuffle: bool = True):
            super().__init__()

    class CLI(cli.LightningCLI):
        def instantiate_classes(self):
            pass

        def _run_subcommand(self, subcommand):
            pass

    for made in (MLP, CSVData):  # importable, as a user's own are
        made.__module__, made.__qualname__ = __name__, made.__name__
        setattr(sys.modules[__name__], made.__name__, made)
    return CLI


def parsed(file, package="lightning.pytorch", verb=None, is_whole=False, environment=None, parser=None):
    before = dict(os.environ)
    os.environ.update(environment or {})
    arguments = ["--config", str(file)]
    if verb:
        arguments = [*arguments, verb] if is_whole else [verb, *arguments]
    try:
        cli = made_cli(package)(args=arguments, run=verb is not None, save_config_callback=None, parser_kwargs=parser)
    finally:
        os.environ.clear()
        os.environ.update(before)
    return cli


def plain(value):
    """The infinities as JSON of Leyden's writes them."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return {math.inf: "Infinity", -math.inf: "-Infinity"}.get(value, value) if isinstance(value, float) else value


def config_of(cli):
    config = json.loads(cli.parser.dump(cli.config, skip_none=False, format="json"))
    return plain(config[cli.subcommand] if cli.subcommand else config)


def saved_by_cli():
    """What LightningCLI saves of class_paths.yaml beside a run. Model and data get Leyden's names, as a user has to do."""
    cli = parsed(FOLDER / "class_paths.yaml", verb="fit")
    with tempfile.TemporaryDirectory() as scratch:
        file = pathlib.Path(scratch) / "config.yaml"
        cli._subcommand_parsers["fit"].save(cli.config["fit"], file, skip_none=False)
        return file.read_text().replace(f"{__name__}.", "")


def record(name):
    case = CASES[name]
    config = config_of(parsed(FOLDER / f"{name}.yaml", **case))
    return {"file": f"{name}.yaml", "environment": case.get("environment", {}), "config": config}


if __name__ == "__main__":
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--output", type=pathlib.Path)
    output = arguments.parse_args().output
    sys.argv[1:] = []  # LightningCLI looks at them
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    if not output:
        output = FOLDER / "recorded.json"
        (FOLDER / "saved_by_cli.yaml").write_text(saved_by_cli())
    lightning_version = importlib.import_module("lightning.pytorch").__version__
    cases = ",\n".join(json.dumps(record(name)) for name in CASES)
    output.write_text(f'{{"lightning": "{lightning_version}", "jsonargparse": "{jsonargparse.__version__}", "cases": [\n{cases}\n]}}\n')
