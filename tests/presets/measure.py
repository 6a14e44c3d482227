#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs presets and writes how long each took into presets/index.json ("seconds").

    tests/presets/measure.py build/release/bin/leyden [PRESET ...]

The time is that between "started" and "ended" in run.json, the least of three runs: what else the
machine does only adds to it. Meant for a machine with two cores and nothing else to do; cores and
load are printed beside the times.
"""
import datetime
import json
import os
import pathlib
import subprocess
import sys
import tempfile

REPEATS = 3
INDEX = pathlib.Path(__file__).resolve().parents[2] / "presets" / "index.json"


def seconds_of_a_run(leyden, preset):
    with tempfile.TemporaryDirectory() as folder:
        run = pathlib.Path(folder) / "run"
        subprocess.run([leyden, "fit", "--preset", preset, "--run_dir", run, "--quiet"], check=True, cwd=folder)
        told = json.loads((run / "run.json").read_text())
    started, ended = (datetime.datetime.fromisoformat(told[key].replace("Z", "+00:00")) for key in ("started", "ended"))
    return (ended - started).total_seconds()


def main():
    leyden = os.path.abspath(sys.argv[1])
    index = json.loads(INDEX.read_text())
    wanted = sys.argv[2:] or [entry["name"] for entry in index]
    for entry in index:
        if entry["name"] not in wanted:
            continue
        load = os.getloadavg()[0]
        times = sorted(seconds_of_a_run(leyden, entry["name"]) for _ in range(REPEATS))
        entry["seconds"] = float(f"{times[0]:.2g}")
        print(f"{entry['name']}: {times} s; {os.cpu_count()} cores, load {load:.1f} before", flush=True)
    INDEX.write_text(json.dumps(index, indent=2, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
