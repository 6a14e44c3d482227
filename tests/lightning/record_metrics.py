# SPDX-License-Identifier: GPL-3.0-or-later
"""Records what torchmetrics computes, batch by batch and over all batches.

python record_metrics.py [--output FOLDER] [NAME ...]     writes FOLDER/NAME.json (../data/metrics)
Inputs are not written: the test makes the same ones from the formulas below. Values are the hexadecimal text of
their float32 bytes.
"""
import argparse
import json
import pathlib
import warnings

import torch
import torchmetrics
from torchmetrics import classification, regression, text

from record_optimizers import bits, pattern

ROWS = (16, 16, 5)
IGNORED = 9  # every IGNORED-th target is ignore_index


def scores(shape, batch, kind):
    if kind == "labels":
        return integers(shape[:1] + shape[2:], 3, batch + 5)
    values = pattern(shape, 7919, 15485 * batch, 20)  # 41 values: many ties
    return values * 3 if kind == "logits" else (values + 1) / 2


def integers(shape, classes, batch):
    count = torch.Size(shape).numel()
    values = [(i * i * 31 + i * 17 + 7 * batch) // 5 % classes for i in range(count)]
    return torch.tensor(values).reshape(shape)


def with_ignored(target, ignore_index):
    if ignore_index is not None:
        flat = target.flatten().clone()
        flat[::IGNORED] = ignore_index
        target = flat.reshape(target.shape)
    return target


def recorded(name, measured, make, **fields):
    """Steps as a logged object is stepped: each batch's own value, then the value of all."""
    batches = [bits(measured(*make(rows, i))) for i, rows in enumerate(ROWS)]
    value = measured.compute()
    return {"name": name, **fields, "rows": ROWS, "batches": batches, "shape": list(value.shape), "value": bits(value)}


def class_inputs(task, classes, kind, ignore_index, extra=(), absent=()):
    def inputs(rows, batch):
        wide = {"binary": (rows, *extra)}.get(task, (rows, classes, *extra))
        preds = scores(wide, batch, kind)
        if task == "multiclass":
            target = integers((rows, *extra), classes, batch)
        else:
            target = integers(wide, 2, batch)
        for missing in absent:
            target = target.masked_fill(target == missing, 0)
        return preds, with_ignored(target, ignore_index)
    return inputs


def classes():
    """Accuracy, Precision, Recall, F1Score, ConfusionMatrix."""
    shared = [
        ("binary", {"task": "binary"}, "scores"),
        ("binary logits", {"task": "binary", "threshold": 0.7}, "logits"),
        ("binary ignored", {"task": "binary", "ignore_index": -1}, "scores"),
        ("binary 0 ignored", {"task": "binary", "ignore_index": 0}, "scores"),
        *[(f"multiclass {average}", {"task": "multiclass", "num_classes": 4, "average": average}, "scores")
          for average in ("micro", "macro", "weighted", "none")],
        *[(f"multiclass {average} ignored", {"task": "multiclass", "num_classes": 4, "average": average, "ignore_index": ignored}, "logits")
          for average in ("micro", "macro", "weighted", "none") for ignored in (-100, 1)],
        *[(f"multiclass {average} top 2", {"task": "multiclass", "num_classes": 4, "average": average, "top_k": 2}, "scores")
          for average in ("micro", "macro", "weighted", "none")],
        ("multiclass macro top 2 ignored", {"task": "multiclass", "num_classes": 4, "average": "macro", "top_k": 2, "ignore_index": -1}, "scores"),
        *[(f"multiclass {average} of labels", {"task": "multiclass", "num_classes": 6, "average": average}, "labels")
          for average in ("micro", "macro", "weighted", "none")],
        *[(f"multilabel {average}", {"task": "multilabel", "num_classes": 3, "average": average}, "scores")
          for average in ("micro", "macro", "weighted", "none")],
        ("multilabel macro ignored", {"task": "multilabel", "num_classes": 3, "average": "macro", "ignore_index": -1}, "logits"),
        ("multilabel micro ignored", {"task": "multilabel", "num_classes": 3, "average": "micro", "threshold": 0.3, "ignore_index": -1}, "scores"),
    ]
    for kind in ("Accuracy", "Precision", "Recall", "F1Score"):
        for name, options, input_kind in shared:
            yield class_case(kind, name, options, input_kind)
        if kind != "Accuracy":
            yield class_case(kind, "multiclass none, 1 where nothing is",
                             {"task": "multiclass", "num_classes": 6, "average": "none", "zero_division": 1.0}, "labels")
        for task, classes_, extra in (("binary", 0, [3]), ("multiclass", 4, [2, 3]), ("multilabel", 3, [2])):
            yield class_case(kind, f"{task} macro, more dimensions", {"task": task, "num_classes": classes_, "average": "macro"}, "scores", extra)
    for task, classes_ in (("binary", 0), ("multiclass", 4), ("multilabel", 3)):
        for normalize in ("none", "true", "pred", "all"):
            for ignored in (None, -1):
                options = {"task": task, "num_classes": classes_, **({} if ignored is None else {"ignore_index": ignored})}
                yield class_case("ConfusionMatrix", f"{task} {normalize} {'ignored' if ignored else ''}".strip(), options, "logits", normalize=normalize)


def class_case(kind, name, options, input_kind, extra=(), **more):
    task = options["task"]
    given = {key: value for key, value in options.items() if key not in ("task", "num_classes", "average" if task == "binary" else "")}
    if task != "binary":
        given["num_labels" if task == "multilabel" else "num_classes"] = options["num_classes"]
    metric = getattr(classification, task.capitalize() + kind)(**given, **more)
    inputs = class_inputs(task, options.get("num_classes", 0), input_kind, options.get("ignore_index"), tuple(extra))
    return recorded(f"{kind} {name}", metric, inputs, metric=kind, options=options, inputs=input_kind, extra=list(extra), **more)


def curves():
    """AUROC and AveragePrecision, exact and binned."""
    for kind in ("AUROC", "AveragePrecision"):
        for thresholds in (None, 11):
            for task, classes_, averages in (("binary", 0, ("macro",)), ("multiclass", 4, ("macro", "weighted", "none")),
                                             ("multilabel", 3, ("micro", "macro", "weighted", "none"))):
                for average in averages:
                    for input_kind, ignored, absent in (("scores", None, []), ("logits", -1, []), ("scores", None, [1])):
                        options = {"task": task, "num_classes": classes_, "average": average}
                        if thresholds:
                            options["thresholds"] = thresholds
                        if ignored is not None:
                            options["ignore_index"] = ignored
                        given = {key: value for key, value in options.items() if key not in ("task", "num_classes", "average" if task == "binary" else "")}
                        if task != "binary":
                            given["num_labels" if task == "multilabel" else "num_classes"] = classes_
                        metric = getattr(classification, task.capitalize() + kind)(**given)
                        name = f"{kind} {task} {average} {input_kind}{' ignored' if ignored else ''}{' without 1' if absent else ''} {'binned' if thresholds else 'exact'}"
                        yield recorded(name, metric, class_inputs(task, classes_, input_kind, ignored, (), absent),
                                       metric=kind, options=options, inputs=input_kind, extra=[], absent=absent)


def numbers():
    """MAE, MSE, R2Score, Perplexity."""
    def pair(*tail):
        return lambda rows, i: (pattern((rows, *tail), 7919, i, 500), pattern((rows, *tail), 31, i, 50))

    def tokens(ignore_index):
        return lambda rows, i: (pattern((rows, 6, 5), 7919, i, 500) * 4, with_ignored(integers((rows, 6), 5, i), ignore_index))

    for kind, made in (("MAE", regression.MeanAbsoluteError), ("MSE", regression.MeanSquaredError)):
        yield recorded(kind, made(), pair(), metric=kind, options={}, extra=[])
        yield recorded(f"{kind} of columns together", made(), pair(3), metric=kind, options={}, extra=[3])
        yield recorded(f"{kind} of columns", made(num_outputs=3), pair(3), metric=kind, options={"num_outputs": 3}, extra=[3])
    for options, tail in (({}, []), ({"adjusted": 3}, []), ({"adjusted": 4}, []), ({"adjusted": 10}, []),
                          *[({"multioutput": which}, [3]) for which in ("raw_values", "uniform_average", "variance_weighted")]):
        yield recorded(f"R2Score {options} {tail}", regression.R2Score(**options), pair(*tail), metric="R2Score", options=options, extra=tail)
    for ignored in (None, -100, 2):
        options = {} if ignored is None else {"ignore_index": ignored}
        yield recorded(f"Perplexity {options}", text.Perplexity(**options), tokens(ignored), metric="Perplexity", options=options, extra=[])


RECORDS = {f.__name__: f for f in (classes, curves, numbers)}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--output", type=pathlib.Path, default=pathlib.Path(__file__).parent.parent / "data" / "metrics")
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(RECORDS))
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")  # of classes without cases, which are what some rows are for
    for name in arguments.names or RECORDS:
        head = {"torch": torch.__version__, "torchmetrics": torchmetrics.__version__,
                "cpu_capability": torch.backends.cpu.get_cpu_capability()}
        cases = ",\n".join(json.dumps(case) for case in RECORDS[name]())  # one a line
        (arguments.output / f"{name}.json").write_text(f'{json.dumps(head)[:-1]}, "cases": [\n{cases}\n]}}\n')


if __name__ == "__main__":
    main()
