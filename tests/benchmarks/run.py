# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the benchmarks in interleaved rounds and prints medians with 95 % intervals.

run.py --build build/release [--rounds 7] [--peer]
Needs a Python with lightning (tests/lightning/requirements.txt) for --peer.
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


def last_json(command):
    output = subprocess.run(command, env=ONE_THREAD, check=True, capture_output=True, text=True).stdout
    return json.loads([line for line in output.splitlines() if line.startswith("{")][-1])


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


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", type=Path, required=True)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--peer", action="store_true")
    arguments = parser.parse_args()
    build, rounds = arguments.build, arguments.rounds

    linear = trainer_rounds(build, "linear", 20000, rounds, arguments.peer)
    mlp = trainer_rounds(build, "mlp", 4000, rounds, arguments.peer)
    raw = lambda r: (r["raw"] + r["raw_again"]) / 2
    met = [
        verdict("linear: us over raw, bare", [r["bare"] - raw(r) for r in linear], 5, True),
        verdict("linear: us over raw, 1 logged value", [r["csv1"] - raw(r) for r in linear], 5, True),
        verdict("mlp: speed against raw, 1 logged value", [raw(r) / r["csv1"] for r in mlp], 0.98, False),
    ]
    middle, low, high = interval([r["csv10"] - raw(r) for r in linear])
    print(f"linear: us over raw, 10 logged values: {middle:.3f} [{low:.3f}, {high:.3f}]")
    if arguments.peer:
        met.append(verdict("mlp: speed against Lightning", [r["lightning"] / r["csv1"] for r in mlp], 3, False))
    met.append(verdict("start: leyden --help against an empty program", start_ratio(build, 4 * rounds), 1.5, True))
    return 0 if all(met) else 1


if __name__ == "__main__":
    sys.exit(main())
