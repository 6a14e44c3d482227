# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the same configs with leyden and with PyTorch Lightning, and says where they differ.

python differential.py --leyden build/release/bin/leyden --seed 7 --count 20
python differential.py --leyden build/release/bin/leyden --config presets/digits-mlp.json
python differential.py --leyden build/release/bin/leyden --seed 7 --count 20 --accelerator cuda
Compares metrics.csv byte for byte, traces line by line, checkpoints by name, counter and tensor, then the traces of
validate, test and predict with the first checkpoint. Exit code 0 if all agree.
"""
import argparse
import contextlib
import io
import json
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile

import torch

from random_config import Drawer
from reference import RESOURCES, digest, load_config, run
from tracer import Trace

AVERAGED = "averaged.ckpt"  # Leyden alone writes what StochasticWeightAveraging ended with
STATE = ("epoch", "global_step", "state_dict", "optimizer_states", "lr_schedulers", "MixedPrecision", "loops", "callbacks")


# What ends a run of Lightning and is no refusal: (how the error begins, what the config names, why leyden goes on).
DEFECTS = [
    ("ZeroDivisionError: float division by zero", "LBFGS", "PyTorch's line search divides by zero where two steps are equal"),
    ("RuntimeError: Expected !nested_tensorlist[0].empty()", "StochasticWeightAveraging",
     "the epoch that averages batch norms has no gradients, and clipping by value fails without"),
    ("RuntimeError: Tensors of the same index must be on the same device and the same dtype", "WeightAveraging",
     "the mean was made in float32 before the weights were converted, and PyTorch takes no mean over dtypes"),
    ("RuntimeError: expected dtype float for `end` but got dtype", "WeightAveraging",
     "the mean was made in float32 before the weights were converted, as above, here by a GPU's operations"),
    ("RuntimeError: Integer division with addcdiv is no longer supported", "WeightAveraging",
     "on a GPU PyTorch takes no mean of whole numbers, which batch norms count in"),
    ("RuntimeError: Error(s) in loading state_dict", "ModelPruning",
     "masks that were not made permanent are in the checkpoint, and Lightning gives its model none before it loads them"),
]


# Lightning looks for the value when it is due, which in a short run may be never.
REFUSED_EARLY = "which only validation gives, and none runs"


def defect_of(failure, config):
    """Why leyden goes on where a failure ended Lightning's run; None: there is no reason to."""
    return next((why for text, name, why in DEFECTS if failure.startswith(text) and name in json.dumps(config)), None)


def run_leyden(leyden, folder, verb="fit", more=()):
    """None, or why the run failed."""
    call = [leyden, verb, "--config", folder / "config.json", "--run_dir", run_dir(folder, "leyden", verb), "--trace",
            trace_file(folder, verb), "--quiet", *more]
    # Without the seed that Lightning leaves in the environment of this process.
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PL_")}
    done = subprocess.run(call, env={**environment, "OMP_NUM_THREADS": "1"}, cwd=folder, capture_output=True, text=True,
                          timeout=600, check=False)
    return None if done.returncode == 0 else f"exit code {done.returncode}: {done.stderr.strip()[-400:]}"


def run_lightning(config, folder, verb="fit", ckpt_path=None):
    """(trace lines, None or why the run failed)."""
    trace = Trace()
    try:
        with contextlib.redirect_stdout(io.StringIO()):  # validate and test print tables
            run(config, run_dir(folder, "lightning", verb), trace, verb, ckpt_path)
    except Exception as error:  # whatever Lightning throws, leyden has to refuse too
        return trace, f"{type(error).__name__}: {error}"
    return trace, None


def run_dir(folder, side, verb="fit"):
    return folder / (side if verb == "fit" else f"{side}_{verb}")


def trace_file(folder, verb):
    return folder / f"leyden_{verb}.jsonl"


def first_difference(found, expected, what="line"):
    for number, (left, right) in enumerate(zip(found, expected), 1):
        if left != right:
            return f"{what} {number}: leyden {left!r}, Lightning {right!r}"
    if len(found) != len(expected):
        longer, name = (found, "leyden") if len(found) > len(expected) else (expected, "Lightning")
        return f"{len(found)} {what}s, Lightning {len(expected)}; first more in {name}: {longer[min(len(found), len(expected))]!r}"
    return None


def read_lines(file):
    return file.read_bytes().splitlines(keepends=True) if file.exists() else []


def compare_metrics(folder):
    return first_difference(*(read_lines(run_dir(folder, side) / "metrics.csv") for side in ("leyden", "lightning")))


def compare_traces(folder, trace, verb="fit"):
    file = trace_file(folder, verb)
    found = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()] if file.exists() else []
    return first_difference(found, json.loads(json.dumps(trace.lines)))


def tensor_difference(found, expected, place):
    if (found.dtype, found.shape) != (expected.dtype, expected.shape):
        return f"{place}: leyden {found.dtype} {list(found.shape)}, Lightning {expected.dtype} {list(expected.shape)}"
    if digest(found) == digest(expected):
        return None
    values = found.double(), expected.double()
    return f"{place} {list(found.shape)}: largest difference {(values[0] - values[1]).abs().max().item():g}"


def state_difference(found, expected, place, folder):
    """The first place where two states differ; paths inside the run folders are taken as equal."""
    if isinstance(expected, torch.Tensor) and isinstance(found, torch.Tensor):
        return tensor_difference(found, expected, place)
    if isinstance(expected, dict) and isinstance(found, dict):
        def strip(key):
            return key.replace(str(folder / "leyden"), "").replace(str(folder / "lightning"), "") if isinstance(key, str) else key
        found, expected = ({strip(key): value for key, value in state.items()} for state in (found, expected))
        if list(found) != list(expected):
            return f"{place}: keys {list(found)}, Lightning {list(expected)}"
        pairs = [(found[key], expected[key], f"{place}[{key!r}]") for key in expected]
    elif isinstance(expected, (list, tuple)) and isinstance(found, (list, tuple)) and len(found) == len(expected):
        pairs = [(left, right, f"{place}[{i}]") for i, (left, right) in enumerate(zip(found, expected))]
    else:
        if place.endswith("['stopping_reason_message']") or "['Timer']['time_elapsed']" in place:
            return None  # words for people, and seconds, each side's own
        if isinstance(expected, str) and isinstance(found, str):
            found, expected = found.replace(str(folder / "leyden"), ""), expected.replace(str(folder / "lightning"), "")
        same = type(found) is type(expected) and (found == expected or found != found and expected != expected)
        return None if same else f"{place}: leyden {found!r}, Lightning {expected!r}"
    return next(filter(None, (state_difference(*pair, folder) for pair in pairs)), None)


def in_one_order(checkpoint):
    """Where masks are made permanent Lightning goes through a set: the order of its weights is another in each process."""
    weights = checkpoint["state_dict"]
    checkpoint["state_dict"] = {name: weights[name] for name in sorted(weights)}


def compare_checkpoints(folder, config):
    files = [{file.name: file for file in (folder / name).rglob("*.ckpt") if file.name != AVERAGED} for name in ("leyden", "lightning")]
    if files[0].keys() != files[1].keys():
        return f"files {sorted(files[0])}, Lightning {sorted(files[1])}"
    for name in sorted(files[0]):
        found, expected = (torch.load(side[name], weights_only=True, map_location="cpu") for side in files)
        if "ModelPruning" in json.dumps(config):
            in_one_order(found)
            in_one_order(expected)
        for key in STATE:
            if (key in found) != (key in expected):
                return f"{name}: key {key} is only in one of them"
            difference = state_difference(found.get(key), expected.get(key), key, folder)
            if difference:
                return f"{name}: {difference}"
    return None


def compare_evaluations(leyden, config, folder, data):
    """validate, test and predict with the first checkpoint, each side with its own, or with the first weights."""
    checkpoints = [min((file for file in run_dir(folder, side).rglob("*.ckpt") if file.name != AVERAGED), default=None)
                   for side in ("leyden", "lightning")]
    for verb, rows in (("validate", data.sets[1]), ("test", data.sets[2]), ("predict", data.everything)):
        if not rows:
            continue
        refusal = run_leyden(leyden, folder, verb, ["--ckpt_path", checkpoints[0]] if checkpoints[0] else [])
        trace, failure = run_lightning(config, folder, verb, checkpoints[1])
        if failure and (refusal or defect_of(failure, config)):
            continue
        if refusal or failure:
            return f"{verb}: leyden {refusal}, Lightning {failure}"
        difference = compare_traces(folder, trace, verb)
        if difference:
            return f"{verb}: {difference}"
    return None


def disagreements(leyden, config, folder):
    """Texts that say where the two runs of one config differ; None where both refuse it, and a str where a defect ended
    Lightning's run."""
    (folder / "config.json").write_text(json.dumps(config, indent=1), encoding="utf-8")
    refusal = run_leyden(leyden, folder)
    if refusal and REFUSED_EARLY in refusal:
        return "refused before its first batch: " + REFUSED_EARLY
    shutil.rmtree(folder / "failed", ignore_errors=True)  # Lightning would go on from the checkpoint that is there
    trace, failure = run_lightning(config, folder)
    if failure and not refusal and defect_of(failure, config):
        return defect_of(failure, config)
    if refusal or failure:
        return None if refusal and failure else [f"leyden failed: {refusal}" if refusal else f"only Lightning failed: {failure}"]
    found = {"metrics.csv": compare_metrics(folder), "trace": compare_traces(folder, trace),
             "checkpoints": compare_checkpoints(folder, config)}
    if not any(found.values()):
        found["evaluation"] = compare_evaluations(leyden, config, folder, trace.trainer.datamodule)
    return [f"{what}: {difference}" for what, difference in found.items() if difference]


def on_one_device(config, accelerator):
    """A config of any machine as one whose result depends on the accelerator alone."""
    config["num_threads"] = 1
    config.setdefault("trainer", {}).update(accelerator=accelerator, devices=1)
    return config


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--leyden", type=pathlib.Path, required=True)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--count", type=int, default=0, help="how many configs to draw")
    parser.add_argument("--only", type=int, help="number of the one drawn config to run")
    parser.add_argument("--config", type=pathlib.Path, action="append", default=[], help="a config to compare as well")
    parser.add_argument("--keep", type=pathlib.Path, help="folder where runs that differ are kept")
    parser.add_argument("--accelerator", choices=["cpu", "cuda"], default="cpu", help="what both train on")
    options = parser.parse_args()
    leyden = options.leyden.resolve()
    schema = json.loads(subprocess.run([leyden, "schema"], capture_output=True, check=True).stdout)

    failed = refused = total = set_aside = 0
    with tempfile.TemporaryDirectory() as scratch:
        def compare(name, config, folder):
            nonlocal failed, refused, total, set_aside
            found = disagreements(leyden, config, folder)
            if isinstance(found, str):
                print(f"{name}: set aside: {found}", flush=True)
                set_aside += 1
                shutil.rmtree(folder)
                return
            total += 1
            refused += found is None
            found = found or []
            failed += bool(found)
            for text in found:
                print(f"{name}: {text}", flush=True)
            if found and options.keep:
                shutil.copytree(folder, options.keep / name, dirs_exist_ok=True)
            shutil.rmtree(folder)

        for file in options.config:
            folder = pathlib.Path(scratch) / file.stem
            folder.mkdir()
            compare(file.stem, on_one_device(load_config(file), options.accelerator), folder)
        for number in range(options.count):
            folder = pathlib.Path(scratch) / str(number)
            folder.mkdir()
            rng = random.Random(f"{options.seed}/{number}")
            config = Drawer(rng, RESOURCES / "datasets", schema["$defs"].keys(), options.accelerator).config(folder)
            if options.only in (None, number):
                compare(f"{options.seed}-{number}", config, folder)
    print(f"agreed: {total - failed} of {total}, {refused} of them in that both refuse the config; {set_aside} set aside")
    return 1 if failed or not total else 0


if __name__ == "__main__":
    sys.exit(main())
