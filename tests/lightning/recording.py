# SPDX-License-Identifier: GPL-3.0-or-later
"""What scripts that record cases have in common: their command line, and a file of cases, one a line."""
import argparse
import json
import pathlib

import lightning.pytorch as pl
import torch

from reference import quieten


def record_cases(folder, files):
    """Writes NAME.json into ../data/FOLDER, or --output, for each name that the command line gives; none: for all.

    files: name -> function that gives the list of its cases.
    """
    parser = argparse.ArgumentParser()
    parser.add_argument("--output", type=pathlib.Path, default=pathlib.Path(__file__).parent.parent / "data" / folder)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(files))
    arguments = parser.parse_args()
    if unknown := set(arguments.names) - set(files):
        parser.error(f"no such file: {', '.join(sorted(unknown))}; there are: {', '.join(files)}")
    torch.set_num_threads(1)
    quieten()
    arguments.output.mkdir(parents=True, exist_ok=True)
    head = {"torch": torch.__version__, "lightning": pl.__version__, "cpu_capability": torch.backends.cpu.get_cpu_capability()}
    for name in arguments.names or files:
        cases = ",\n".join(json.dumps(case, allow_nan=False) for case in files[name]())
        (arguments.output / f"{name}.json").write_text(f'{json.dumps(head)[:-1]}, "cases": [\n{cases}\n]}}\n')
