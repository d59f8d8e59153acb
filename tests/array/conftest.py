"""Small machines with chosen errors, so that each test knows what must come out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from spinpim.array.bitops import pack_bits
from spinpim.array.mapping import map_network
from spinpim.array.stored import dot_products, empty_totals, sense_rows
from spinpim.network import Affine, BitCoding, Layer, Network, Pool, Window, pixel_table


@dataclass(frozen=True)
class ChosenErrors:
    """The same error probabilities in every column, or in those whose amplifier drew above a threshold."""

    fixed: tuple[float, ...] = (0.0, 0.0, 0.0, 0.0)
    temporal: tuple[float, ...] = (0.0, 0.0, 0.0, 0.0)
    threshold: float = -np.inf

    def column_errors(self, standard_normals):
        hit = (standard_normals[:, 0] > self.threshold)[:, np.newaxis]
        return hit * np.array(self.fixed), hit * np.array(self.temporal)


@dataclass(frozen=True)
class ChosenWrite:
    conservative: float = 0.0


@dataclass(frozen=True)
class ChosenArray:
    """What the executor asks of an array model."""

    sensing: ChosenErrors = ChosenErrors()
    write: ChosenWrite = ChosenWrite()
    rows: int = 32
    columns: int = 16

    def map(self, network):
        return map_network(network, rows=self.rows, columns=self.columns)


def make_layer(rng, kind="dense", *, fan=(5, 5), filters=7, coding=("affine", 2), bits=3, output_bits=None):
    side, channels = fan if kind == "conv" else (1, fan[1])
    weight_coding = BitCoding(*coding)
    codes = rng.integers(0, 1 << weight_coding.bits, (filters, side * side * channels), dtype=np.uint8)
    handed_on = None if output_bits is None else BitCoding("unsigned", output_bits)
    return Layer(
        kind=kind,
        name=f"{kind}{filters}",
        in_channels=channels,
        out_channels=filters,
        weight_coding=weight_coding,
        input_coding=BitCoding("unsigned", bits),
        weight_codes=codes,
        quantiser=Affine(rng.uniform(0.05, 0.2, filters), rng.uniform(0.0, 3.0, filters), handed_on),
        window=Window.square(side, padding=1 if kind == "conv" else 0),
    )


def make_network(*nodes, shape, bits=3):
    """Nodes on images whose raw values are the codes."""
    top = (1 << bits) - 1
    table = pixel_table(bits, top, shape[2])
    return Network("small", "random weights", shape, table, BitCoding("unsigned", bits), nodes)


@pytest.fixture(scope="session")
def small_network():
    """A convolution (one column group, several filter groups) and a dense layer (several of both)."""
    rng = np.random.default_rng(5)
    return make_network(
        make_layer(rng, "conv", fan=(3, 1), filters=9, bits=3, output_bits=3),
        Pool("max", "pool", Window.square(2, stride=2)),
        make_layer(rng, "dense", fan=(1, 81), filters=4, coding=("affine", 2), bits=3),
        shape=(6, 6, 1),
    )


@pytest.fixture(scope="session")
def small_images():
    rng = np.random.default_rng(6)
    return rng.integers(0, 8, (37, 6, 6, 1)), rng.integers(0, 4, 37)


@pytest.fixture(scope="session")
def chosen():
    """The classes above, for tests that choose their own errors."""

    class Chosen:
        Errors = ChosenErrors
        Write = ChosenWrite
        Array = ChosenArray
        layer = staticmethod(make_layer)
        network = staticmethod(make_network)

    return Chosen


@pytest.fixture(scope="session")
def unpack():
    """Digits out of packed words, one by one: shape (planes, vectors, elements)."""

    def digits(words, elements):
        k = np.arange(elements, dtype=np.uint64)
        chosen = words[:, (k >> np.uint64(6)).astype(int), :] >> (k & np.uint64(63))[:, np.newaxis]
        return (chosen & np.uint64(1)).astype(np.uint8).transpose(0, 2, 1)

    return digits


@pytest.fixture(scope="session")
def sensed():
    """Dot products of packed codes (vectors, elements) with stored rows, one group of channels."""

    def products(stored, codes):
        totals = empty_totals(stored, len(codes))
        activations = pack_bits(stored.input_coding.planes(codes))
        for group in stored.groups:
            sense_rows(group, activations, stored.input_coding, totals)
        return dot_products(stored, totals)

    return products
