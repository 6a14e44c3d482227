# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the benchmarks in interleaved rounds and prints medians with 95 % intervals.

run.py --build build/release [--rounds 7] [--peer] [--only trainer|optimizers|checkpoints|window|threads]
Needs a Python with lightning (tests/lightning/requirements.txt) for --peer, with torch for the optimizers, with both for the checkpoints (and 8 GB of memory, 10 GB of disk). The window's part needs no display. The threads' part wants a machine that does nothing else: it starts the busy processes itself.
A bound is met where the interval reaches it.
"""

import argparse
import contextlib
import datetime
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


MALLOC = {"MALLOC_MMAP_THRESHOLD_": str(1 << 30), "MALLOC_TRIM_THRESHOLD_": str(2**31 - 1)}  # as bench_optimizers sets


def optimizers_part(build, rounds):
    """AdamW against torch.optim's, in turns."""
    ours, theirs = [], []
    for _ in range(rounds):
        ours.append(last_json([str(build / "bin" / "bench_optimizers"), "20"]))
        theirs.append(last_json([sys.executable, str(HERE / "optimizer_step.py"), "20"], {**ONE_THREAD, **MALLOC}))
    met = []
    for kind, bound in (("default", 1.0), ("fused", 1.05)):
        for name, side in (("ours", ours), ("Python's", theirs)):
            print(f"AdamW {kind}, {name}: median {statistics.median(r[kind] for r in side):.0f} us a step")
        ratios = [our[kind] / their[kind] for our, their in zip(ours, theirs)]
        met.append(verdict(f"AdamW {kind} against Python's", ratios, bound, True))
    return met


def trainer_rounds(build, model, steps, rounds, peer):
    results = []
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(rounds):
            figures = last_json([str(build / "bin" / "bench_trainer"), model, str(steps), "1", folder])
            if peer:
                figures |= last_json([sys.executable, str(HERE / "lightning_step.py"), model, str(min(steps, 1500)), folder, *peer])
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
    kinds = ["lightning_bare", "lightning_callbacks5", "lightning_csv1", "lightning_csv5", "lightning_csv10"] if peer else []
    linear = trainer_rounds(build, "linear", 20000, rounds, kinds)
    mlp = trainer_rounds(build, "mlp", 4000, rounds, kinds[2:3])
    raw = lambda r: (r["raw"] + r["raw_again"]) / 2
    met = [
        verdict("linear: us over raw, bare", [r["bare"] - raw(r) for r in linear], 3, True),
        verdict("linear: us over bare, 5 empty callbacks", [r["callbacks5"] - r["bare"] for r in linear], 0.5, True),
        verdict("linear: us over bare, 1 logged value", [r["csv1"] - r["bare"] for r in linear], 0.5, True),
        verdict("linear: us a value, of 5", [(r["csv5"] - r["bare"]) / 5 for r in linear], 0.5, True),
        verdict("linear: us a value, of 10", [(r["csv10"] - r["bare"]) / 10 for r in linear], 0.5, True),
        verdict("mlp: speed against raw, 1 logged value", [raw(r) / r["csv1"] for r in mlp], 0.98, False),
    ]
    if peer:
        met.append(verdict("mlp: speed against Lightning", [r["lightning_csv1"] / r["csv1"] for r in mlp], 3, False))
    met.append(verdict("start: leyden --help against an empty program", start_ratio(build, 4 * rounds), 1.5, True))
    return met


def checkpoints_part(build, rounds):
    """Saving and loading 500 MB of parameters with AdamW, against memcpy, Lightning and torch, in turns."""
    ours, theirs = [], []
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as folder:
            ours.append(last_json([str(build / "bin" / "bench_checkpoints"), "500", "4", folder]))
            theirs.append(last_json([sys.executable, str(HERE / "lightning_checkpoint.py"), "500", "4", folder, ours[-1]["file"]], {**ONE_THREAD, **MALLOC}))
    pause = lambda side: [statistics.median(r["pause_ms"]) for r in side]
    copy = [statistics.median(r["memcpy_ms"]) for r in ours]
    print(f"checkpoints: file of {ours[0]['bytes'] / 1e9:.2f} GB; a step waits {statistics.median(pause(ours)):.0f} ms (memcpy "
          f"{statistics.median(copy):.0f} ms), Lightning's {statistics.median(pause(theirs)):.0f} ms")
    for what in ("save_s", "load_s"):
        middle = [statistics.median(r[what] for r in side) for side in (ours, theirs)]
        print(f"checkpoints: {what}: ours {middle[0]:.2f}, torch's {middle[1]:.2f}")
    return [
        verdict("checkpoints: what a step waits against memcpy", [o / c for o, c in zip(pause(ours), copy)], 1.5, True),
        verdict("checkpoints: what a step waits against Lightning's", [o / t for o, t in zip(pause(ours), pause(theirs))], 1, True),
        verdict("checkpoints: load against torch.load", [o["load_s"] / t["load_s"] for o, t in zip(ours, theirs)], 1.2, True),
    ]


CUTS, COLORS, CLARITIES = "Fair Good Ideal Premium Very".split(), "DEFGHIJ", "I1 IF SI1 SI2 VS1 VS2 VVS1 VVS2".split()


def write_diamonds(file, rows=53940):
    """A made-up table of the size and the kinds of columns of ggplot2's diamonds."""
    draw = random.Random(0)
    with open(file, "w") as out:
        out.write("carat,cut,color,clarity,depth,table,price,x,y,z\n")
        for _ in range(rows):
            carat = 0.2 + draw.expovariate(1.7)
            size = 6.3 * carat ** (1 / 3)
            price = int(4000 * carat**1.6 * draw.uniform(0.7, 1.4)) + 300
            out.write(f"{carat:.2f},{draw.choice(CUTS)},{draw.choice(COLORS)},{draw.choice(CLARITIES)},{draw.gauss(61.7, 1.4):.1f},"
                      f"{draw.gauss(57.5, 2.2):.0f},{price},{size:.2f},{size * 1.01:.2f},{size * 0.62:.2f}\n")


def thread_configs(folder):
    """Three runs of about a second each: two small models, and one whose operations are worth a second thread."""
    def config(hidden_sizes, dropout, table, target, batch_size, epochs):
        return {"seed_everything": 1, "model": {"class_path": "MLP", "init_args": {"hidden_sizes": hidden_sizes, "dropout": dropout}},
                "data": {"class_path": "CSVData", "init_args": {"path": str(table), "target": target, "batch_size": batch_size}},
                "optimizer": {"class_path": "AdamW", "init_args": {"lr": 0.001}},
                "trainer": {"max_epochs": epochs, "enable_checkpointing": False, "enable_progress_bar": False, "log_every_n_steps": 10}}

    digits = HERE.parent.parent / "resources" / "datasets" / "digits.csv"
    diamonds = Path(folder) / "diamonds.csv"
    write_diamonds(diamonds)
    configs = {"digits-mlp": config([128, 64], 0.1, digits, "digit", 64, 40), "diamonds 64-32": config([64, 32], 0.0, diamonds, "price", 128, 6),
               "MLP 1024-1024": config([1024, 1024], 0.0, digits, "digit", 128, 5)}
    files = {}
    for name, document in configs.items():
        files[name] = Path(folder) / f"{name.replace(' ', '_')}.json"
        files[name].write_text(json.dumps(document))
    return files


@contextlib.contextmanager
def busy_processes(count):
    """Loops that do nothing, each as long as its core lets it."""
    loops = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(count)]
    try:
        yield
    finally:
        for loop in loops:
            loop.kill()
            loop.wait()


def training_seconds(build, config, folder, threads, wait_policy):
    """What `leyden fit` needs from its first to its last word in run.json: without start and loading."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("OMP_", "GOMP_"))}
    if wait_policy:
        environment["OMP_WAIT_POLICY"] = wait_policy
    with tempfile.TemporaryDirectory(dir=folder) as run:
        subprocess.run([str(build / "bin" / "leyden"), "fit", "--config", str(config), "--quiet", "--run_dir", f"{run}/run",
                        *([f"--num_threads={threads}"] if threads else [])], env=environment, check=True, stdout=subprocess.DEVNULL)
        facts = json.loads(Path(run, "run", "run.json").read_text())
    began, ended = (datetime.datetime.strptime(facts[key], "%Y-%m-%dT%H:%M:%S.%fZ") for key in ("started", "ended"))
    return (ended - began).total_seconds()


def threads_part(build, rounds):
    """The default number of threads and way of waiting against others, on a quiet machine and beside busy processes."""
    default, one = (None, None), (1, None)
    quiet = [default] + [(threads, policy) for threads in (1, 2) for policy in ("active", "passive")]
    loads = {"quiet": (0, quiet), "2 busy processes": (2, [default, one]), "6 busy processes": (6, [default, one])}
    seconds = {}
    with tempfile.TemporaryDirectory() as folder:
        configs = thread_configs(folder)
        for _ in range(rounds):
            for load, (count, kinds) in loads.items():
                with busy_processes(count):
                    for model, config in configs.items():
                        for kind in kinds:
                            seconds.setdefault((load, model, kind), []).append(training_seconds(build, config, folder, *kind))
    met = []
    for load, (_, kinds) in loads.items():
        for model in configs:
            middle = {kind: statistics.median(seconds[load, model, kind]) for kind in kinds}
            print(f"threads: {load}: {model}: " + ", ".join(
                f"{'default' if kind == default else ' '.join(str(word) for word in kind if word)} {middle[kind]:.2f} s" for kind in kinds))
            rival = min(kinds[1:], key=middle.get)
            ratios = [ours / theirs for ours, theirs in zip(seconds[load, model, default], seconds[load, model, rival])]
            against = "the best of 1 and 2 threads" if load == "quiet" else "1 thread"
            met.append(verdict(f"threads: {load}: {model}: default against {against}", ratios, 1.15 if load == "quiet" else 1.6, True))
    return met


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", type=Path, required=True)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--peer", action="store_true")
    parser.add_argument("--only", choices=("trainer", "optimizers", "checkpoints", "window", "threads"))
    arguments = parser.parse_args()
    build, rounds = arguments.build, arguments.rounds
    met = []
    if arguments.only in (None, "trainer"):
        met += trainer_part(build, rounds, arguments.peer)
    if arguments.only == "optimizers" or (arguments.peer and not arguments.only):
        met += optimizers_part(build, rounds)
    if arguments.only == "checkpoints" or (arguments.peer and not arguments.only):
        met += checkpoints_part(build, rounds)
    if arguments.only in (None, "window") and (build / "bin" / "bench_window").exists():
        met += window_rounds(build, rounds)
    if arguments.only in (None, "threads"):
        met += threads_part(build, rounds)
    return 0 if all(met) else 1


if __name__ == "__main__":
    sys.exit(main())
