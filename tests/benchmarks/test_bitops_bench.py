"""Speed of the packed AND and popcount, beside numpy's own popcount in the same run.

Run with ``pytest tests/benchmarks --benchmark-only``; the column ``Gbit_and_per_s`` counts useful bit-ANDs.
"""

import numpy as np
import pytest

from spinpim.array.bitops import accumulate, pack_codes
from spinpim.array.executor import execute
from spinpim.array.stored import dot_products, store
from spinpim.network.datasets import load_dataset
from spinpim.network.model import Network
from spinpim.network.quantise import BitCoding

SHAPES = [
    pytest.param(6272, 6, 25, id="LeNet conv1, K = 25"),
    pytest.param(1600, 16, 150, id="LeNet conv2, K = 150"),
    pytest.param(256, 120, 400, id="LeNet dense, K = 400"),
    pytest.param(784, 32, 512, id="K = 512"),
    pytest.param(576, 64, 1152, id="K = 1152"),
    pytest.param(1024, 64, 3200, id="K = 3200"),
]
ACTIVATION_BITS = 4


def operands(vectors, filters, elements):
    rng = np.random.default_rng(0)
    codes = rng.integers(0, 1 << ACTIVATION_BITS, (vectors, elements), dtype=np.uint8)
    weights = rng.integers(0, 2, (filters, elements), dtype=np.uint8)
    layer = store(weights, BitCoding("unsigned", 1), BitCoding("unsigned", ACTIVATION_BITS))
    return layer, pack_codes(codes, ACTIVATION_BITS)


def report(benchmark, vectors, filters, elements):
    pairs = vectors * filters * elements * ACTIVATION_BITS
    benchmark.extra_info["Gbit_and_per_s"] = round(1e-9 * pairs / benchmark.stats.stats.min, 1)


@pytest.mark.parametrize(("vectors", "filters", "elements"), SHAPES)
def test_packed_accumulation(benchmark, vectors, filters, elements):
    layer, activations = operands(vectors, filters, elements)
    group, planes = layer.groups[0], layer.input_coding.coefficients
    totals = np.zeros((filters + 1, vectors), np.int64)
    accumulate(activations, group.stored, group.outputs, group.coefficients, planes, totals)
    benchmark(accumulate, activations, group.stored, group.outputs, group.coefficients, planes, totals)
    report(benchmark, vectors, filters, elements)


@pytest.mark.parametrize(("vectors", "filters", "elements"), SHAPES)
def test_numpy_bitwise_count(benchmark, vectors, filters, elements):
    layer, activations = operands(vectors, filters, elements)
    rows, planes = layer.groups[0].stored, layer.input_coding.coefficients

    def count():
        totals = np.zeros((filters, vectors), np.int64)
        for plane, coefficient in zip(activations, planes, strict=True):
            for word in range(rows.shape[1]):
                totals += coefficient * np.bitwise_count(rows[:, word, np.newaxis] & plane[word])
        return totals

    np.testing.assert_array_equal(count(), dot_products(layer, activations))
    benchmark(count)
    report(benchmark, vectors, filters, elements)


@pytest.mark.parametrize("elements", [25, 400, 3200])
def test_packing_of_codes(benchmark, elements):
    codes = np.random.default_rng(0).integers(0, 16, (2000, elements), dtype=np.uint8)
    pack_codes(codes, 4)
    benchmark(pack_codes, codes, 4)
    benchmark.extra_info["Mcodes_per_s"] = round(1e-6 * codes.size / benchmark.stats.stats.min)


def test_ideal_execution_of_the_digits_network(benchmark):
    network, digits = Network.load("digits_w1a4"), load_dataset("digits")
    execute(network, digits.images, digits.labels, seed=0)
    benchmark(execute, network, digits.images, digits.labels, seed=0)
    benchmark.extra_info["images_per_s"] = round(len(digits.images) / benchmark.stats.stats.min)
