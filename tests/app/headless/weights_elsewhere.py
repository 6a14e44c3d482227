# SPDX-License-Identifier: GPL-3.0-or-later
"""Weights as PyTorch, Lightning's readers and safetensors take and give them.

  weights_elsewhere.py compare CKPT SAFETENSORS STATE_DICT TORCHSCRIPT   all hold the checkpoint's weights, bit for bit
  weights_elsewhere.py make CKPT FOLDER                                  writes its weights under other names: theirs.{pt, safetensors}
  weights_elsewhere.py same CKPT FILE                                    FILE is a checkpoint of those weights
"""
import sys
import warnings

import safetensors
import safetensors.torch
import torch
from torch import nn


def weights(file):
    return torch.load(file, weights_only=True)["state_dict"]


def check_same(found, expected, what):
    assert list(sorted(found)) == list(sorted(expected)), f"{what}: {list(found)}"
    for name, tensor in expected.items():
        other = found[name]
        assert other.dtype == tensor.dtype and torch.equal(other, tensor), f"{what}: {name} differs"


def compare(checkpoint, tensors, state_dict, script):
    expected = weights(checkpoint)
    check_same(safetensors.torch.load_file(tensors), expected, "safetensors")
    with safetensors.safe_open(tensors, "pt") as file:
        assert file.metadata() == {"format": "pt"}, file.metadata()
    check_same(torch.load(state_dict, weights_only=True), expected, "state_dict")

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        module = torch.jit.load(script)
    check_same(module.state_dict(), expected, "torchscript")
    assert not module.training
    linear = [name.removesuffix(".weight") for name, tensor in expected.items() if name.endswith(".weight")]
    layers = []
    for name in linear:
        rows, columns = expected[name + ".weight"].shape
        layer = nn.Linear(columns, rows)
        layer.load_state_dict({"weight": expected[name + ".weight"], "bias": expected[name + ".bias"]})
        layers += [layer, nn.ReLU()]
    eager = nn.Sequential(*layers[:-1])
    for rows in (1, 7):  # other than the example's
        x = torch.randn(rows, layers[0].in_features, generator=torch.Generator().manual_seed(rows))
        assert torch.equal(module(x), eager(x)), "the torchscript gives other numbers"


def make(checkpoint, folder):
    theirs = {name.replace("net.", "backbone.layers."): tensor.clone() for name, tensor in weights(checkpoint).items()}
    theirs["extra"] = torch.ones(2)
    torch.save(theirs, f"{folder}/theirs.pt")
    safetensors.torch.save_file(theirs, f"{folder}/theirs.safetensors")


def same(checkpoint, file):
    check_same(weights(file), weights(checkpoint), file)


if __name__ == "__main__":
    torch.set_num_threads(1)
    {"compare": compare, "make": make, "same": same}[sys.argv[1]](*sys.argv[2:])
