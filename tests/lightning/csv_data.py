# SPDX-License-Identifier: GPL-3.0-or-later
"""CSVData as a Lightning data module: the same rows, the same numbers, read without a random draw of the default generator."""
import csv
import decimal
import gzip
import io
import math

import numpy
import torch
from lightning.pytorch import LightningDataModule
from torch.utils.data import DataLoader, TensorDataset

MOST_CLASSES = 20


def read_cells(path, sep=",", encoding="utf-8-sig"):
    """Column name -> texts, in the file's order; of a repeated name the last column."""
    with open(path, "rb") as file:
        data = file.read()
    if data.startswith(b"\x1f\x8b"):
        data = gzip.decompress(data)
    lines = csv.reader(io.StringIO(data.decode(encoding), newline=""), delimiter=sep)
    header, *rows = [row for row in lines if row and not (len(row) == 1 and not row[0].strip(" \t"))]
    return {name.strip(): unify_booleans([row[i] for row in rows]) for i, name in enumerate(header)}


def unify_booleans(texts):
    """True and False where a column spells them in several ways."""
    present = {text.strip(" \t") for text in texts if not is_missing(text)}
    spellings = [present & {"True", "TRUE", "true"}, present & {"False", "FALSE", "false"}]
    if not present or present != spellings[0] | spellings[1] or max(map(len, spellings)) < 2:
        return texts
    return [text if is_missing(text) else text.strip(" \t").capitalize() for text in texts]


def plain_number(text, marks):
    """With a decimal point and without thousands separators, where that makes it a number."""
    plain = text.translate(marks)
    return plain if numbers_of([plain]) is not None and not is_missing(text) else text


def is_missing(text):
    text = text.strip(" \t")
    return text in ("", "NA") or text.lower() == "nan"


def numbers_of(texts):
    """float64 with NaN where missing, or None for a column of texts."""
    try:
        return numpy.array([math.nan if is_missing(text) else float(text) for text in texts])
    except ValueError:
        return None


def running_sum(values):
    """Value after value: NumPy's own sum goes by pairs."""
    return numpy.cumsum(values)[-1]


def mean_and_deviation(values):
    if (values == values[0]).all():
        return values[0], 1.0
    mean = running_sum(values) / len(values)
    return mean, math.sqrt(running_sum((values - mean) * (values - mean)) / len(values)) or 1.0


class CSVData(LightningDataModule):
    def __init__(self, path, target, features=None, task="auto", batch_size=32, shuffle=True, drop_last=False,
                 num_workers=0, val_rows=None, test_rows=None, val_fraction=None, test_fraction=None, split_seed=0,
                 standardize=True, standardize_target=False, missing="error", sep="auto", decimal="auto",
                 thousands="auto", encoding="auto", na_values=("", "NA", "NaN")):
        super().__init__()
        self.batch_size, self.shuffle, self.drop_last = batch_size, shuffle, drop_last
        assert list(na_values) == ["", "NA", "NaN"], na_values
        cells = read_cells(path, "," if sep == "auto" else sep, "utf-8-sig" if encoding in ("auto", "utf-8") else encoding)
        if decimal == "," or thousands not in (None, "auto"):
            marks = str.maketrans("," if decimal == "," else ".", ".", "" if thousands in (None, "auto") else thousands)
            cells = {name: [plain_number(text, marks) for text in texts] for name, texts in cells.items()}
        names = features if features is not None else [name for name in cells if name != target]
        rows = self._usable_rows(cells, [*names, target], missing)
        train, val, test = self._split(rows, val_rows, test_rows, val_fraction, test_fraction, split_seed)
        rows = [*train, *val, *test]

        columns = []
        for name in names:
            texts = [cells[name][row] for row in rows]
            columns += self._encode(texts, len(train), standardize)
        inputs = torch.from_numpy(numpy.stack(columns, axis=1).astype(numpy.float32))
        targets = self._encode_target([cells[target][row] for row in rows], len(train), task, standardize_target)
        self.feature_count = inputs.shape[1]
        bounds = [0, len(train), len(train) + len(val), len(rows)]
        self.sets = [TensorDataset(inputs[first:last], targets[first:last])
                     for first, last in zip(bounds, bounds[1:])]
        if not val:
            self.val_dataloader = None  # for Lightning it is not there then
        in_file_order = sorted(range(len(rows)), key=rows.__getitem__)
        self.everything = TensorDataset(inputs[in_file_order], targets[in_file_order])

    @staticmethod
    def _usable_rows(cells, names, missing):
        count = len(cells[names[0]])
        lacking = {row for name in names for row in range(count) if is_missing(cells[name][row])}
        if lacking and missing == "error":
            raise ValueError(f"{len(lacking)} rows lack a value; set missing to drop or mean")
        return [row for row in range(count) if row not in lacking or missing == "mean"]

    @staticmethod
    def _split(rows, val_rows, test_rows, val_fraction, test_fraction, seed):
        from_end = (val_rows or 0) + (test_rows or 0)
        first = len(rows) - from_end
        val, test = rows[first:first + (val_rows or 0)], rows[first + (val_rows or 0):]
        rows = rows[:first]
        val_fraction = val_fraction if val_fraction is not None else 0.2 if val_rows is None else 0.0
        drawn_val, drawn_test = math.floor(first * val_fraction), math.floor(first * (test_fraction or 0.0))
        if val_fraction or test_fraction:
            rows = [rows[i] for i in torch.randperm(first, generator=torch.Generator().manual_seed(seed)).tolist()]
        train = first - drawn_val - drawn_test
        return rows[:train], rows[train:train + drawn_val] + val, rows[train + drawn_val:] + test

    @staticmethod
    def _encode(texts, train_count, standardize):
        """Columns in float64: one of numbers, or one for each text of the training rows."""
        values = numbers_of(texts)
        if values is None:
            categories = sorted({text for text in texts[:train_count] if not is_missing(text)},
                                key=lambda text: text.encode())
            return [numpy.array([text == category for text in texts], dtype=float) for category in categories]
        present = values[:train_count][~numpy.isnan(values[:train_count])]
        values = numpy.where(numpy.isnan(values), running_sum(present) / len(present), values)
        if not standardize:
            return [values]
        mean, deviation = mean_and_deviation(values[:train_count])
        return [(values - mean) / deviation]

    def _encode_target(self, texts, train_count, task, standardize_target):
        values = numbers_of(texts)
        self.target_deviation = 1.0
        exact = None if values is None else [decimal.Decimal(text.strip(" \t")) for text in texts]
        is_class = values is None or ((values == numpy.floor(values)).all() and len(set(exact)) <= MOST_CLASSES)
        self.is_classification = task == "classification" or (task == "auto" and is_class)
        if self.is_classification:
            labels = texts if values is None else exact
            classes = sorted(set(labels), key=lambda label: label.encode() if values is None else label)
            self.outputs = len(classes)
            number = {label: i for i, label in enumerate(classes)}
            return torch.tensor([number[label] for label in labels])
        self.outputs = 1
        if standardize_target:
            mean, self.target_deviation = mean_and_deviation(values[:train_count])
            values = (values - mean) / self.target_deviation
        return torch.from_numpy(values.astype(numpy.float32)).unsqueeze(1)

    def _loader(self, dataset, **options):
        return DataLoader(dataset, batch_size=self.batch_size, **options) if len(dataset) else []

    def train_dataloader(self):
        return self._loader(self.sets[0], shuffle=self.shuffle, drop_last=self.drop_last)

    def val_dataloader(self):
        return self._loader(self.sets[1])

    def test_dataloader(self):
        return self._loader(self.sets[2])

    def predict_dataloader(self):
        return self._loader(self.sets[2] if len(self.sets[2]) else self.everything)
