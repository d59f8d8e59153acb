"""Small machines with chosen errors, so that each test knows what must come out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from spinpim.array.mapping import map_network
from spinpim.network.layers import Layer
from spinpim.network.model import Network
from spinpim.network.quantise import BitCoding


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
    channels = fan[1]
    kernel = (fan[0], fan[0]) if kind == "conv" else (1, 1)
    weight_coding = BitCoding(*coding)
    codes = rng.integers(
        0, 1 << weight_coding.bits, (filters, kernel[0] * kernel[1] * channels), dtype=np.uint8
    )
    return Layer(
        kind=kind,
        name=f"{kind}{filters}",
        kernel=kernel,
        stride=1,
        padding=1 if kind == "conv" else 0,
        in_channels=channels,
        out_channels=filters,
        weight_coding=weight_coding,
        input_coding=BitCoding("unsigned", bits),
        weight_codes=codes,
        scale=rng.uniform(0.05, 0.2, filters),
        offset=rng.uniform(0.0, 3.0, filters),
        output_bits=output_bits,
        pool=2 if kind == "conv" else 1,
    )


@pytest.fixture(scope="session")
def small_network():
    """A convolution (one column group, several filter groups) and a dense layer (several of both)."""
    rng = np.random.default_rng(5)
    return Network(
        name="small",
        title="two layers of random weights",
        input_shape=(6, 6, 1),
        input_maximum=7,
        input_bits=3,
        layers=(
            make_layer(rng, "conv", fan=(3, 1), filters=9, bits=3, output_bits=3),
            make_layer(rng, "dense", fan=(1, 81), filters=4, coding=("affine", 2), bits=3),
        ),
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

    return Chosen


@pytest.fixture(scope="session")
def unpack():
    """Digits out of packed words, one by one: shape (planes, vectors, elements)."""

    def digits(words, elements):
        k = np.arange(elements, dtype=np.uint64)
        chosen = words[:, (k >> np.uint64(6)).astype(int), :] >> (k & np.uint64(63))[:, np.newaxis]
        return (chosen & np.uint64(1)).astype(np.uint8).transpose(0, 2, 1)

    return digits
