"""Nonsense in the calls of network and array: a sentence each, and nothing runs."""

import numpy as np
import pytest

from spinpim.array import execute, map_layer
from spinpim.errors import InputError
from spinpim.network import Network, accuracy
from spinpim.network.architectures import random_network
from spinpim.network.datasets import load_dataset


@pytest.fixture(scope="module")
def digits():
    return load_dataset("digits")


@pytest.fixture(scope="module")
def network():
    return Network.load("digits_w1a4")


CALLS = {
    "a name for a network": lambda n, d: execute("digits_w1a4", d.images, d.labels, seed=1),
    "a text for an array": lambda n, d: execute(n, d.images, d.labels, "array", seed=1),
    "ragged labels": lambda n, d: execute(n, d.images[:2], [[1], [2, 3]], seed=1),
    "an unhashable path": lambda n, d: execute(n, d.images, d.labels, seed=1, path=[]),
    "images that are none": lambda n, d: execute(n, 5, d.labels, seed=1),
    "a number for a name": lambda n, d: Network.load(3),
    "a folder for a file": lambda n, d: Network.load("."),
    "an accuracy of a text": lambda n, d: accuracy("x", d.images, d.labels),
    "a list for an architecture": lambda n, d: random_network([], seed=1),
    "a text for a share": lambda n, d: map_layer(n.layers[0], 64, weight_row_fraction="x"),
    "windows below none": lambda n, d: map_layer(n.layers[0], -5),
    "rows that are not whole": lambda n, d: map_layer(n.layers[0], 64, rows=1e9),
    "columns without end": lambda n, d: map_layer(n.layers[0], 64, columns=10**30),
    "a share of nothing": lambda n, d: map_layer(n.layers[0], 64, weight_row_fraction=np.nan),
}


@pytest.mark.parametrize("what", CALLS)
def test_nonsense_is_told_in_a_sentence(network, digits, what):
    with pytest.raises(InputError, match=r"\.$"):
        CALLS[what](network, digits)
