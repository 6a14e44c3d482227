# SPDX-License-Identifier: GPL-3.0-or-later
"""Records splits by torch.randperm and features scaled by NumPy, for CSVData.

python record_csv_data.py ../../resources/datasets > ../data/csv_data/reference.json
"""
import csv
import json
import pathlib
import sys

import numpy
import torch


def read(folder, name):
    with open(pathlib.Path(folder) / name, newline="", encoding="utf-8") as file:
        header, *rows = list(csv.reader(file))
    return header, rows


def is_number(text):
    try:
        float(text)
    except ValueError:
        return False
    return True


def encode(folder, name, target, *, drop=False, val_rows=None, test_rows=0, val_fraction=0.2, test_fraction=0.0,
           split_seed=0, standardize=True, standardize_target=False, classification=True):
    header, rows = read(folder, name)
    if drop:
        rows = [row for row in rows if not any(cell in ("", "NA") for cell in row)]
    n = len(rows)
    if val_rows is not None:
        n_val, n_test = val_rows, test_rows
        order = list(range(n))
    else:
        n_val, n_test = int(n * val_fraction), int(n * test_fraction)
        order = torch.randperm(n, generator=torch.Generator().manual_seed(split_seed)).tolist()
    n_train = n - n_val - n_test
    rows = [rows[i] for i in order]

    columns = []
    means = []
    for j, column in enumerate(header):
        if column == target:
            continue
        cells = [row[j] for row in rows]
        if all(is_number(cell) for cell in cells):
            values = numpy.array([float(cell) for cell in cells])
            if standardize:
                # a column of its own in a table of rows: summed row by row
                train = numpy.stack([values[:n_train], values[:n_train]], axis=1)
                mean, deviation = train.mean(axis=0)[0], train.std(axis=0)[0]
                if (values[:n_train] == values[0]).all():
                    mean, deviation = values[0], 1.0
                means.append(float(mean))
                values = (values - mean) / deviation
            columns.append(values.astype(numpy.float32))
        else:
            for category in sorted(set(cells[:n_train])):
                columns.append(numpy.array([cell == category for cell in cells], dtype=numpy.float32))
    features = numpy.stack(columns, axis=1)

    j = header.index(target)
    cells = [row[j] for row in rows]
    scale = [0.0, 1.0]
    if classification:
        classes = sorted(set(cells), key=float if all(is_number(cell) for cell in cells) else None)
        targets = [classes.index(cell) for cell in cells]
    else:
        classes = []
        values = numpy.array([float(cell) for cell in cells])
        if standardize_target:
            train = numpy.stack([values[:n_train], values[:n_train]], axis=1)
            scale = [float(train.mean(axis=0)[0]), float(train.std(axis=0)[0])]
            values = (values - scale[0]) / scale[1]
        targets = values.astype(numpy.float32).tolist()

    shown = sorted({0, 1, 2, n_train - 1, n_train, n - 1})
    return {
        "file": name, "target": target, "drop": drop, "val_rows": val_rows, "test_rows": test_rows,
        "val_fraction": val_fraction, "test_fraction": test_fraction, "split_seed": split_seed,
        "standardize": standardize, "standardize_target": standardize_target,
        "sizes": [n_train, n_val, n_test], "width": features.shape[1], "classes": classes, "means": means,
        "target_scale": scale, "targets": targets, "shown": shown,
        "features": [[float(value) for value in features[i]] for i in shown],
        "sum": float(features.astype(numpy.float64).sum()),
    }


def main():
    folder = sys.argv[1]
    cases = [
        encode(folder, "digits.csv", "digit", val_rows=297, test_rows=100),
        encode(folder, "iris.csv", "species", test_fraction=0.1, split_seed=3),
        encode(folder, "wine.csv", "cultivar"),
        encode(folder, "breast_cancer.csv", "diagnosis", standardize=False),
        encode(folder, "diabetes.csv", "progression", classification=False, standardize_target=True),
        encode(folder, "diabetes.csv", "progression", classification=False, val_rows=50),
        encode(folder, "penguins.csv", "species", drop=True, val_fraction=0.25, test_fraction=0.15),
    ]
    json.dump({"torch": torch.__version__, "numpy": numpy.__version__, "cases": cases}, sys.stdout)
    sys.stdout.write("\n")


main()
