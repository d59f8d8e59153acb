"""Speed of the packed AND and popcount, beside numpy's own popcount in the same run.

Run with ``pytest tests/benchmarks --benchmark-only``; the column ``Gbit_and_per_s`` counts useful bit-ANDs.
"""

from dataclasses import dataclass

import numpy as np
import pytest

from spinpim.array.bit_path import BitPath
from spinpim.array.bitops import accumulate, pack_bits
from spinpim.array.executor import PATHS, execute
from spinpim.array.fault_kinds import Faults
from spinpim.array.forward import forward
from spinpim.array.machine import Chip, draw_chip
from spinpim.array.mapping import map_network
from spinpim.array.protection import Majority, Parity, SingleCorrection
from spinpim.array.stored import weight_rows
from spinpim.array.windows import pack_windows, plan_windows, slice_codes
from spinpim.network import Affine, BitCoding, Layer, Network, Window
from spinpim.network.architectures import random_network
from spinpim.network.datasets import load_dataset

SHAPES = [
    pytest.param(6272, 6, 25, id="LeNet conv1, K = 25"),
    pytest.param(1600, 16, 150, id="LeNet conv2, K = 150"),
    pytest.param(256, 120, 400, id="LeNet dense, K = 400"),
    pytest.param(784, 32, 512, id="K = 512"),
    pytest.param(576, 64, 1152, id="K = 1152"),
    pytest.param(1024, 64, 3200, id="K = 3200"),
]
ACTIVATION_BITS = 4


CODING = BitCoding("unsigned", ACTIVATION_BITS)


def operands(vectors, filters, elements):
    """Packed activations, packed rows, the output and the coefficient of each row."""
    rng = np.random.default_rng(0)
    codes = rng.integers(0, 1 << ACTIVATION_BITS, (vectors, elements), dtype=np.uint8)
    weights = rng.integers(0, 2, (filters, elements), dtype=np.uint8)
    digits, outputs, coefficients = weight_rows(weights, BitCoding("unsigned", 1), all_ones=None)
    rows = np.ascontiguousarray(pack_bits(digits[np.newaxis])[0].T)
    return pack_bits(CODING.planes(codes)), rows, outputs, coefficients


def report(benchmark, vectors, filters, elements):
    pairs = vectors * filters * elements * ACTIVATION_BITS
    benchmark.extra_info["Gbit_and_per_s"] = round(1e-9 * pairs / benchmark.stats.stats.min, 1)


@pytest.mark.parametrize(("vectors", "filters", "elements"), SHAPES)
def test_packed_accumulation(benchmark, vectors, filters, elements):
    totals = np.zeros((filters, vectors), np.int64)
    arguments = (*operands(vectors, filters, elements), CODING.coefficients, totals)
    accumulate(*arguments)
    benchmark(accumulate, *arguments)
    report(benchmark, vectors, filters, elements)


@pytest.mark.parametrize(("vectors", "filters", "elements"), SHAPES)
def test_numpy_bitwise_count(benchmark, vectors, filters, elements):
    activations, rows, outputs, coefficients = operands(vectors, filters, elements)

    def count():
        totals = np.zeros((filters, vectors), np.int64)
        for plane, coefficient in zip(activations, CODING.coefficients, strict=True):
            for word in range(rows.shape[1]):
                totals += coefficient * np.bitwise_count(rows[:, word, np.newaxis] & plane[word])
        return totals

    totals = np.zeros((filters, vectors), np.int64)
    accumulate(activations, rows, outputs, coefficients, CODING.coefficients, totals)
    np.testing.assert_array_equal(count(), totals)
    benchmark(count)
    report(benchmark, vectors, filters, elements)


@pytest.mark.parametrize(("side", "channels"), [(5, 1), (3, 64), (3, 256)])
def test_packing_of_windows(benchmark, side, channels):
    layer = Layer(
        kind="conv",
        name="conv",
        in_channels=channels,
        out_channels=1,
        weight_coding=BitCoding("unsigned", 1),
        input_coding=CODING,
        weight_codes=np.zeros((1, side * side * channels), np.uint8),
        quantiser=Affine(np.ones(1), np.zeros(1)),
        window=Window.square(side),
    )
    codes = np.random.default_rng(0).integers(0, 16, (8, 32, 32, channels), dtype=np.uint8)
    plan = plan_windows(layer, 32, 32)
    packed = np.empty((ACTIVATION_BITS, plan.words, 8 * plan.rows * plan.columns), np.uint64)

    def pack():
        streams = slice_codes(codes.reshape(8, 32, -1), ACTIVATION_BITS)
        steps = plan.bits_per_step, plan.rows_per_step, plan.rows, plan.columns
        pack_windows(streams, plan.pieces, *steps, packed)

    pack()
    benchmark(pack)
    in_windows = packed.shape[2] * layer.fan_in
    benchmark.extra_info["Mcodes_per_s"] = round(1e-6 * in_windows / benchmark.stats.stats.min)


@pytest.mark.parametrize("path", PATHS)
def test_ideal_execution_of_the_digits_network(benchmark, path):
    network, digits = Network.load("digits_w1a4"), load_dataset("digits")
    execute(network, digits.images, digits.labels, seed=0, path=path)
    benchmark(execute, network, digits.images, digits.labels, seed=0, path=path)
    benchmark.extra_info["images_per_s"] = round(len(digits.images) / benchmark.stats.stats.min)


@dataclass(frozen=True)
class _NoisyColumns:
    """Every access flips at the same rate."""

    rate: float

    def column_errors(self, standard_normals):
        shape = len(standard_normals), 4
        return np.zeros(shape), np.full(shape, self.rate)


@pytest.mark.parametrize("rate", [1e-4, 1e-2])
@pytest.mark.parametrize(
    "protection", [None, Majority(), Parity(8, 1), SingleCorrection(64)], ids=lambda one: type(one).__name__
)
def test_noisy_layers_of_lenet(benchmark, rate, protection):
    network = random_network("lenet5", seed=1)
    mappings = map_network(network, rows=256, columns=128)
    chip = Chip(mappings, Faults(_NoisyColumns(rate)), 1, 0, protection)
    path = BitPath(draw_chip(network.layers, chip))
    raw = np.random.default_rng(0).integers(0, 256, (32, *network.input_shape))
    codes = network.encode_input(raw)
    benchmark(forward, network, codes, path)
    benchmark.extra_info["images_per_s"] = round(len(raw) / benchmark.stats.stats.min)
