# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the benchmarks in interleaved rounds and prints medians with 95 % intervals.

run.py --build build/release [--rounds 7] [--peer] [--only trainer|window]
Needs a Python with lightning (tests/lightning/requirements.txt) for --peer. The window's part needs no display.
A bound is met where the interval reaches it.
"""

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).parent
ONE_THREAD = {**os.environ, "OMP_NUM_THREADS": "1"}
NO_DISPLAY = {**ONE_THREAD, "QT_QPA_PLATFORM": "offscreen"}


def interval(values):
    """Median, and the 95 % interval of the median by bootstrap."""
    draw = random.Random(0)
    medians = sorted(statistics.median(draw.choices(values, k=len(values))) for _ in range(2000))
    return statistics.median(values), medians[49], medians[1949]


def verdict(name, values, bound, at_most):
    middle, low, high = interval(values)
    met = low <= bound if at_most else high >= bound
    sign = "at most" if at_most else "at least"
    print(f"{name}: {middle:.3f} [{low:.3f}, {high:.3f}], {sign} {bound}: {'met' if met else 'NOT MET'}")
    return met


def json_lines(command, environment=ONE_THREAD):
    output = subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout
    return [json.loads(line[line.index("{"):]) for line in output.splitlines() if line.endswith("}")]


def last_json(command, environment=ONE_THREAD):
    return json_lines(command, environment)[-1]


def trainer_rounds(build, model, steps, rounds, peer):
    results = []
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(rounds):
            figures = last_json([str(build / "bin" / "bench_trainer"), model, str(steps), "1", folder])
            if peer:
                figures |= last_json([sys.executable, str(HERE / "lightning_step.py"), model, str(min(steps, 2000)), folder])
            results.append(figures)
    for key in results[0]:
        print(f"{model} {key}: median {statistics.median(r[key] for r in results):.2f} us a step")
    return results


def start_ratio(build, rounds):
    def seconds(command):
        begin = time.perf_counter()
        subprocess.run(command, env=ONE_THREAD, check=True, stdout=subprocess.DEVNULL)
        return time.perf_counter() - begin

    commands = [str(build / "bin" / "leyden"), "--help"], [str(build / "bin" / "bench_empty")]
    for command in commands:
        seconds(list(command) if isinstance(command, list) else [command])
    return [seconds(commands[0]) / seconds(commands[1]) for _ in range(rounds)]


def window_rounds(build, rounds):
    """First frame, the event loop's gaps, repaint, rows through the bridge, what the open window costs a run."""
    program = str(build / "bin" / "bench_window")
    bench = lambda *arguments: last_json([program, *arguments], NO_DISPLAY)
    bench("first-frame")  # warm
    first, gaps, rows, repaint = [], [], [], []
    for _ in range(rounds):
        first.append(bench("first-frame")["first_frame_ms"])
        gaps.append(bench("gaps"))
        rows.append(bench("rows")["rows_per_second"])
        repaint.append({line["what"]: line for line in json_lines([str(build / "bin" / "bench_plots"), "repaint"], NO_DISPLAY)})
    for name in ("gap_p50_ms", "gap_p95_ms", "gap_max_ms"):
        print(f"window: {name}: median {statistics.median(g[name] for g in gaps):.1f}")
    for what in repaint[0]:
        middle = [statistics.median(r[what][name] for r in repaint) for name in ("replot_p50_ms", "replot_p95_ms")]
        print(f"window: repaint of {what}: p50 {middle[0]:.1f} ms, p95 {middle[1]:.1f} ms")
    pairs = bench("cost", str(4 * rounds))
    print(f"window: steps a second: open {statistics.median(pairs['open']):.0f}, hidden {statistics.median(pairs['hidden']):.0f}")
    return [
        verdict("window: first frame in ms", first, 1000, True),
        verdict("window: p99 of the event loop's gaps in ms", [g["gap_p99_ms"] for g in gaps], 33, True),
        verdict("window: repaint p95 of 10 x 100k in ms", [r["10 x 100k"]["replot_p95_ms"] for r in repaint], 16, True),
        verdict("window: rows a second", rows, 50000, False),
        verdict("window: share of training speed it costs", [1 - o / h for o, h in zip(pairs["open"], pairs["hidden"])], 0.01, True),
    ]


def trainer_part(build, rounds, peer):
    linear = trainer_rounds(build, "linear", 20000, rounds, peer)
    mlp = trainer_rounds(build, "mlp", 4000, rounds, peer)
    raw = lambda r: (r["raw"] + r["raw_again"]) / 2
    met = [
        verdict("linear: us over raw, bare", [r["bare"] - raw(r) for r in linear], 5, True),
        verdict("linear: us over raw, 1 logged value", [r["csv1"] - raw(r) for r in linear], 5, True),
        verdict("mlp: speed against raw, 1 logged value", [raw(r) / r["csv1"] for r in mlp], 0.98, False),
    ]
    middle, low, high = interval([r["csv10"] - raw(r) for r in linear])
    print(f"linear: us over raw, 10 logged values: {middle:.3f} [{low:.3f}, {high:.3f}]")
    if peer:
        met.append(verdict("mlp: speed against Lightning", [r["lightning"] / r["csv1"] for r in mlp], 3, False))
    met.append(verdict("start: leyden --help against an empty program", start_ratio(build, 4 * rounds), 1.5, True))
    return met


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", type=Path, required=True)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--peer", action="store_true")
    parser.add_argument("--only", choices=("trainer", "window"))
    arguments = parser.parse_args()
    build, rounds = arguments.build, arguments.rounds
    met = []
    if arguments.only != "window":
        met += trainer_part(build, rounds, arguments.peer)
    if arguments.only != "trainer" and (build / "bin" / "bench_window").exists():
        met += window_rounds(build, rounds)
    return 0 if all(met) else 1


if __name__ == "__main__":
    sys.exit(main())
