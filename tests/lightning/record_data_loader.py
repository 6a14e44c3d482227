# SPDX-License-Identifier: GPL-3.0-or-later
"""Records what PyTorch's DataLoader draws and in which order it gives rows.

python record_data_loader.py > ../data/data_loader/orders.json
"""
import json
import sys

import torch
from torch.utils.data import DataLoader, TensorDataset


def epochs(seed, rows, batch_size, shuffle, drop_last, count):
    torch.manual_seed(seed)
    loader = DataLoader(TensorDataset(torch.arange(rows)), batch_size=batch_size, shuffle=shuffle, drop_last=drop_last)
    result = []
    for _ in range(count):
        iterator = iter(loader)
        after_iter = torch.get_rng_state()
        # the next number that the default generator would give, without taking it
        next_after_iter = int(torch.empty((), dtype=torch.int64).random_())
        torch.set_rng_state(after_iter)
        batches = []
        for (batch,) in iterator:
            batches.append(batch.tolist())
            torch.rand(1)  # a model's dropout draws in between
        result.append({"next_after_iter": next_after_iter, "batches": batches})
    return {
        "seed": seed, "rows": rows, "batch_size": batch_size, "shuffle": shuffle, "drop_last": drop_last,
        "epochs": result, "next_at_end": int(torch.empty((), dtype=torch.int64).random_()),
    }


def main():
    cases = [
        epochs(0, 10, 3, True, False, 3),
        epochs(42, 10, 3, True, True, 2),
        epochs(42, 9, 3, True, False, 2),
        epochs(7, 2, 4, True, True, 2),  # no batch at all, and yet a draw
        epochs(1, 7, 2, False, False, 2),
        epochs(4294967295, 500, 64, True, False, 1),
    ]
    json.dump({"torch": torch.__version__, "cases": cases}, sys.stdout)
    sys.stdout.write("\n")


main()
