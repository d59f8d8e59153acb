"""Four ways to the same numbers: plain loops, the reference, products of matrices, packed digits."""

import numpy as np
import pytest
from example_networks import (
    inside,
    node_by_loops,
    random_images,
    random_layer,
    random_network,
    random_quantiser,
    residual_network,
    values_by_loops,
)
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from spinpim.array import bit_path, integer_path
from spinpim.array.bit_path import BitPath
from spinpim.array.digital import largest_codes
from spinpim.array.forward import forward, sums_handed_on
from spinpim.array.integer_path import IntegerPath
from spinpim.array.machine import ideal_machine
from spinpim.network import Affine, BitCoding, Layer, Pool, Thresholds, Window, class_scores
from spinpim.network.quantise import CODING_NAMES
from spinpim.network.quantiser import level_limits
from spinpim.network.reference import handed_on, node_output

codings = st.builds(BitCoding, st.sampled_from(CODING_NAMES), st.integers(1, 8))


@st.composite
def quantisers(draw, channels, spread):
    """Lines with and without coding, and thresholds, whose outputs spread over the levels."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    coding = draw(st.none() | codings)
    if coding is None:
        return random_quantiser(rng, channels, 1.0 / spread, None)
    low, high = level_limits(coding)
    if draw(st.booleans()):
        line = (high - low) * rng.normal(size=channels) / spread, rng.uniform(low, high, channels)
        lowest = draw(st.integers(low, high))
        return Affine(*line, coding, lowest, draw(st.integers(lowest, high)))
    lowest = draw(st.integers(low, high))
    steps = rng.normal(size=(channels, draw(st.integers(0, high - lowest)))) * spread
    return Thresholds(np.sort(steps, axis=1).astype(np.int64), rng.choice([-1, 1], channels), coding, lowest)


@st.composite
def layers(draw):
    """A layer of any kind with a few coded images."""
    dense = draw(st.booleans())
    groups = 1 if dense else draw(st.integers(1, 3))
    share, leaving = draw(st.integers(1, 4)), draw(st.integers(1, 3))
    weights, inputs = draw(codings), draw(codings)
    values = inputs.decode(np.arange(1 << inputs.bits))
    window = Window() if dense else draw(windows())
    size = draw(sizes(window))
    fan_in = share * (size[0] * size[1] if dense else int(np.prod(window.kernel)))
    spread = np.sqrt(fan_in) * weights.largest_magnitude * inputs.largest_magnitude
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    zero = 0 if 0 in values and draw(st.booleans()) else int(rng.choice(values))
    layer = Layer(
        kind="dense" if dense else "conv",
        name="layer",
        in_channels=fan_in if dense else groups * share,
        out_channels=groups * leaving,
        weight_coding=weights,
        input_coding=inputs,
        weight_codes=rng.integers(0, 1 << weights.bits, (groups * leaving, fan_in), dtype=np.uint8),
        quantiser=draw(quantisers(groups * leaving, spread)),
        window=window,
        groups=groups,
        input_zero=zero,
    )
    return layer, rng.integers(0, 1 << inputs.bits, (2, *size, groups * share), dtype=np.uint8)


@st.composite
def windows(draw):
    kernel, stride, dilation = (draw(st.tuples(st.integers(1, 3), st.integers(1, 3))) for _ in range(3))
    extent = Window(kernel, dilation=dilation).extent
    margins = tuple(draw(st.integers(0, extent[axis % 2] - 1)) for axis in range(4))
    return Window(kernel, stride, margins, dilation)


@st.composite
def sizes(draw, window):
    """Height and width of an image on which the window fits."""
    return tuple(
        max(1, window.extent[axis] - window.padding[axis] - window.padding[axis + 2])
        + draw(st.integers(0, 3))
        for axis in (0, 1)
    )


@settings(max_examples=400, deadline=None)
@given(layers())
def test_a_layer_gives_the_same_in_loops_matrices_products_and_digits(case):
    layer, codes = case
    coding = layer.quantiser.coding
    expected = node_output(layer, [codes], [layer.input_coding])
    values = expected if coding is None else coding.decode(expected)
    for image, found in zip(layer.input_coding.decode(codes).tolist(), values.tolist(), strict=True):
        assert found == node_by_loops(layer, [image])
    for compute in (IntegerPath((layer,)), BitPath(ideal_machine((layer,)))):
        output = compute(0, layer, codes)
        assert output.dtype == expected.dtype
        np.testing.assert_array_equal(output, expected)


def assert_four_ways_agree(network, images):
    expected = class_scores(network, images)
    by_loops = [values_by_loops(network, image)[network.nodes[-1].name][0][0] for image in images]
    assert expected.tolist() == by_loops
    codes = network.encode_input(images)
    for compute in (IntegerPath(network.layers), BitPath(ideal_machine(network.layers))):
        np.testing.assert_array_equal(forward(network, codes, compute), expected)


@settings(max_examples=20, deadline=None)
@given(codings, st.integers(0, 2**32))
def test_a_network_gives_the_same_scores_in_four_ways(coding, seed):
    network = random_network(seed, weight_coding=coding)
    assert_four_ways_agree(network, random_images(network, 2, seed))


@settings(max_examples=20, deadline=None)
@given(st.booleans(), st.integers(0, 2**32))
def test_a_network_of_branches_gives_the_same_scores_in_four_ways(signed, seed):
    network = residual_network(seed, signed=signed)
    assert_four_ways_agree(network, random_images(network, 2, seed))


@pytest.mark.parametrize("channels", [1, 4])
@pytest.mark.parametrize("images", [1, 20])
def test_averages_of_real_numbers_do_not_depend_on_who_computed_these(channels, images):
    # Sums of real numbers depend on their order, which must be the same on every path.
    line = Affine(np.full(channels, 1.0 / 72.0), np.zeros(channels))
    nodes = (
        random_layer(1, out_channels=channels, output_bits=None),
        Pool("average", "mean", Window((9, 8)), line),
    )
    network = random_network(1, nodes=nodes)
    raw = random_images(network, images, 1)
    codes = network.encode_input(raw)
    for compute in (IntegerPath(network.layers), BitPath(ideal_machine(network.layers))):
        np.testing.assert_array_equal(forward(network, codes, compute), class_scores(network, raw))


@pytest.mark.parametrize("make", [random_network, residual_network])
@pytest.mark.parametrize("block_bytes", [1, 20_000])
def test_images_in_blocks_of_any_size_give_the_same_scores(monkeypatch, make, block_bytes):
    network = make(4)
    images = random_images(network, 70, 1)
    codes = network.encode_input(images)
    for module in (integer_path, bit_path):
        monkeypatch.setattr(module, "BLOCK_BYTES", block_bytes)
    for compute in (IntegerPath(network.layers), BitPath(ideal_machine(network.layers))):
        np.testing.assert_array_equal(forward(network, codes, compute), class_scores(network, images))


def test_products_beyond_single_precision_are_exact():
    rng = np.random.default_rng(1)
    layer = Layer(
        kind="dense",
        name="dense",
        in_channels=3001,
        out_channels=2,
        weight_coding=BitCoding("affine", 8),
        input_coding=BitCoding("unsigned", 8),
        weight_codes=np.array([[255], [0]], np.uint8).repeat(3001, axis=1),
        quantiser=Affine(np.ones(2), np.zeros(2)),
    )
    codes = rng.integers(250, 256, (3, 1, 1, 3001), dtype=np.uint8)
    sums = codes.reshape(3, -1).sum(axis=1, dtype=np.int64) * 255
    assert sums.max() > 1 << 24
    for compute in (IntegerPath((layer,)), BitPath(ideal_machine((layer,)))):
        assert compute(0, layer, codes).tolist() == [[[[total, -total]]] for total in sums.tolist()]


@settings(deadline=None)
@given(st.data(), st.integers(1, 200), st.integers(1, 5))
def test_sums_become_what_the_quantiser_makes_of_them_in_either_order(data, vectors, channels):
    quantiser = data.draw(quantisers(channels, 300.0))
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32)))
    sums = rng.integers(-999, 1000, (vectors, channels))
    # Halves make ties, which go to the even level.
    if isinstance(quantiser, Affine) and quantiser.coding is not None:
        halves = np.full(channels, 0.5), rng.integers(-9, 9, channels) / 2.0
        quantiser = Affine(*halves, quantiser.coding, quantiser.lowest, quantiser.highest)
        sums //= 50
    expected = handed_on(sums, quantiser)
    for one in (sums, sums.astype(np.float32), sums.astype(np.float64)):
        np.testing.assert_array_equal(sums_handed_on(one, quantiser, by_channel=False), expected)
        turned = np.ascontiguousarray(one.T)
        np.testing.assert_array_equal(sums_handed_on(turned, quantiser, by_channel=True), expected)


@settings(max_examples=200, deadline=None)
@given(st.data(), codings, st.integers(1, 3))
def test_the_largest_code_is_that_of_the_largest_value(data, coding, channels):
    window = data.draw(windows())
    size = data.draw(sizes(window))
    # Every maximum has an element on the image.
    places = np.ndindex(window.positions(*size))
    assume(all(list(inside(window, *place, *size)) for place in places))
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32)))
    codes = rng.integers(0, 1 << coding.bits, (2, *size, channels), dtype=np.uint8)
    pooled = np.empty((2, *window.positions(*size), channels), np.uint8)
    turned = np.uint8(1 << (coding.bits - 1) if coding.name == "signed" else 0)
    largest_codes(codes, window.kernel, window.stride, window.padding, window.dilation, turned, pooled)
    pool = Pool("max", "pool", window)
    for image, found in zip(coding.decode(codes).tolist(), coding.decode(pooled).tolist(), strict=True):
        assert found == node_by_loops(pool, [image])
