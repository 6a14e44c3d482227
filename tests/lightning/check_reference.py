# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks the reference itself: tracing changes no number, and traces show Lightning's known order of calls.

python check_reference.py      exit code 0 if all hold
"""
import copy
import pathlib
import sys
import tempfile

import torch

from record import CASES, OUTPUT, case, csv_data, step_lr
from reference import run
from tracer import Trace


def outcome(config, trace=None, **trainer):
    """(bytes of metrics.csv, final state dict, names of checkpoints) of a case with changed trainer options."""
    config = copy.deepcopy(config)
    config["trainer"].update(trainer)
    arguments = config["data"]["init_args"]
    arguments["path"] = str((OUTPUT / "case" / arguments["path"]).resolve())
    with tempfile.TemporaryDirectory() as run_dir:
        module = run(config, run_dir, trace)
        files = {path.name: path for path in pathlib.Path(run_dir).rglob("*") if path.is_file()}
        metrics = files["metrics.csv"].read_bytes() if "metrics.csv" in files else b""
        return metrics, module.state_dict(), sorted(name for name in files if name.endswith(".ckpt"))


def traced(config, **trainer):
    """The lines of the case's trace."""
    trace = Trace()
    outcome(config, trace, **trainer)
    return trace.lines


def batches(lines):
    """t0 for a training batch, * where it steps, z where it clears gradients, V for a validation run."""
    words = []
    for line in lines:
        name = line.get("hook") or line.get("call")
        if name == "on_train_batch_start" and line["on"] == "module":
            words.append(f"t{line['batch_idx']}")
        elif name == "optimizer_step":
            words[-1] = "*" + words[-1]
        elif name == "optimizer_zero_grad":
            words[-1] += "z"
        elif name == "on_validation_start" and line["on"] == "module":
            words.append("V")
    return " ".join(words)


def five_batches(**trainer):
    return case(csv_data("iris.csv", "species", batch_size=25), num_sanity_val_steps=0, **trainer)


def four_batches(**trainer):
    return case(num_sanity_val_steps=0, **trainer)


def check_neutrality(claim):
    for name, config in CASES.items():
        trace = Trace()
        metrics, weights, checkpoints = outcome(config, trace)
        plain_metrics, plain_weights, plain_checkpoints = outcome(config)
        same = all(torch.equal(weights[key], plain_weights[key]) for key in plain_weights)
        claim(f"{name}: a traced run has the numbers and checkpoints of an untraced one",
              same and metrics == plain_metrics and checkpoints == plain_checkpoints)


def check_batches(claim):
    def shows(config, expected):
        words = batches(traced(config))
        claim(f"{expected}   (found {words})", words == expected)

    shows(five_batches(max_epochs=1, accumulate_grad_batches=2), "t0z *t1 t2z *t3 *t4z V")
    shows(four_batches(max_epochs=1, accumulate_grad_batches=3), "t0z t1 *t2 *t3z V")
    t = ["*t%dz" % i for i in range(5)]
    shows(four_batches(max_epochs=1, val_check_interval=0.5), f"{t[0]} {t[1]} V {t[2]} {t[3]} V")
    shows(five_batches(max_epochs=1, val_check_interval=0.5), f"{t[0]} {t[1]} V {t[2]} {t[3]} V {t[4]}")
    shows(four_batches(max_epochs=1, val_check_interval=0.25), f"{t[0]} V {t[1]} V {t[2]} V {t[3]} V")
    shows(four_batches(max_epochs=1, val_check_interval=3), f"{t[0]} {t[1]} {t[2]} V {t[3]}")
    shows(four_batches(max_epochs=3, val_check_interval=3, check_val_every_n_epoch=None),
          f"{t[0]} {t[1]} {t[2]} V {t[3]} {t[0]} {t[1]} V {t[2]} {t[3]} {t[0]} V {t[1]} {t[2]} {t[3]} V")
    shows(four_batches(max_epochs=-1, max_steps=6), " ".join([*t[:4], "V", t[0], t[1]]))
    stop = [{"class_path": "EarlyStopping", "init_args": {"monitor": "val_loss", "min_delta": 1000.0, "patience": 1}}]
    shows(four_batches(max_epochs=9, callbacks=stop, min_steps=10), " ".join([*t[:4], "V"] * 2 + [t[0], t[1], "V"]))


def check_counts(claim):
    def callback_calls(lines):
        return sum(line.get("on") == "callback" and "checkpoint" not in line["hook"] for line in lines)

    data = csv_data("iris.csv", "species", batch_size=25)
    config = case(data, max_epochs=2, limit_train_batches=4, num_sanity_val_steps=0)
    claim("E=2, n=4, m=2: 74 callback calls", callback_calls(traced(config)) == 74)
    claim("with a sanity check of 2: 84", callback_calls(traced(config, num_sanity_val_steps=2)) == 84)
    stepped = traced(case(data, lr_scheduler=step_lr("step", 2), max_epochs=1, accumulate_grad_batches=2))
    steps = [line["global_step"] for line in stepped if line.get("call") == "lr_scheduler_step"]
    claim("a step scheduler's frequency counts batches: k=2, frequency=2, 5 batches: after t1 and t3", steps == [1, 2])


def check_order(claim):
    """Section "one training run, hook by hook": the module's hooks of the first batch, in order."""
    lines = traced(CASES["hook_order"])
    names = [line.get("hook") or line.get("call") or "log" for line in lines
             if line.get("on") in (None, "module") and line.get("global_step", 0) == 0]
    start = names.index("on_train_batch_start")
    claim("the order inside a batch", names[start - 3:start + 10] == [
        "on_before_batch_transfer", "transfer_batch_to_device", "on_after_batch_transfer", "on_train_batch_start",
        "optimizer_step", "training_step", "on_before_zero_grad", "optimizer_zero_grad", "on_before_backward", "backward",
        "on_after_backward", "on_before_optimizer_step", "configure_gradient_clipping"])
    tail = [line["hook"] for line in lines if line.get("on") == "module"][-6:]
    claim("the order at the end of a run", tail == ["on_validation_end", "on_train_epoch_end", "on_save_checkpoint",
                                                    "on_train_end", "on_fit_end", "teardown"])


def main():
    failed = []

    def claim(text, holds):
        print("holds " if holds else "FAILED", text)
        if not holds:
            failed.append(text)

    for check in (check_neutrality, check_batches, check_counts, check_order):
        check(claim)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
