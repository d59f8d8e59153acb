"""Packed windows against a direct loop over their elements."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from spinpim.array.bitops import pack_bits
from spinpim.array.windows import pack_windows, padded, plan_windows, slice_codes
from spinpim.network import Affine, BitCoding, Layer, Window, im2col


def layer_of(kind, channels, window, groups, bits, zero=0):
    fan_in = window.kernel[0] * window.kernel[1] * channels // groups
    return Layer(
        kind=kind,
        name=kind,
        in_channels=channels,
        out_channels=groups,
        weight_coding=BitCoding("unsigned", 1),
        input_coding=BitCoding("unsigned", bits),
        weight_codes=np.zeros((groups, fan_in), np.uint8),
        quantiser=Affine(np.ones(groups), np.zeros(groups)),
        window=window,
        groups=groups,
        input_zero=zero,
    )


def packed_windows(codes, layer, group):
    """Packed windows, in memory that held something before."""
    images = padded(codes, layer)
    plan = plan_windows(layer, *images.shape[1:3], group)
    streams = slice_codes(images.reshape(len(images), images.shape[1], -1), layer.input_coding.bits)
    windows = len(codes) * plan.rows * plan.columns
    packed = np.full((layer.input_coding.bits, plan.words, windows), ~np.uint64(0))
    steps = plan.bits_per_step, plan.rows_per_step, plan.rows, plan.columns
    pack_windows(streams, plan.pieces, *steps, packed)
    return packed


@st.composite
def cases(draw):
    groups = draw(st.sampled_from([1, 1, 2, 3, 5]))
    share = draw(
        st.one_of(st.integers(1, 130 // groups), st.sampled_from([1, 2, 64 // groups, 128 // groups]))
    )
    kernel, stride, dilation = (draw(st.tuples(st.integers(1, 3), st.integers(1, 3))) for _ in range(3))
    extent = Window(kernel, dilation=dilation).extent
    padding = tuple(draw(st.integers(0, min(2, extent[axis % 2] - 1))) for axis in range(4))
    window = Window(kernel, stride, padding, dilation)
    size = [
        max(1, extent[axis] - padding[axis] - padding[axis + 2]) + draw(st.integers(0, 4)) for axis in (0, 1)
    ]
    bits = draw(st.integers(1, 8))
    layer = layer_of("conv", groups * share, window, groups, bits, draw(st.integers(0, (1 << bits) - 1)))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    codes = rng.integers(0, 1 << bits, (draw(st.integers(1, 2)), *size, groups * share), dtype=np.uint8)
    return layer, codes, draw(st.integers(0, groups - 1))


def elements_by_loops(codes, layer, group):
    """Codes of the elements of all windows, shape (windows, elements)."""
    images, height, width, channels = codes.shape
    window, share = layer.window, channels // layer.groups
    found = []
    for image, row, column in np.ndindex(images, *layer.positions(height, width)):
        seen = []
        for i, j in np.ndindex(window.kernel):
            y = row * window.stride[0] + i * window.dilation[0] - window.padding[0]
            x = column * window.stride[1] + j * window.dilation[1] - window.padding[1]
            inside = 0 <= y < height and 0 <= x < width
            for channel in range(group * share, (group + 1) * share):
                seen.append(codes[image, y, x, channel] if inside else layer.zero_code)
        found.append(seen)
    return np.array(found, np.uint8)


@settings(max_examples=200, deadline=None)
@given(cases())
def test_packed_windows_hold_the_digits_of_a_direct_loop(unpack, case):
    layer, codes, group = case
    elements = elements_by_loops(codes, layer, group)
    packed = packed_windows(codes, layer, group)
    digits = layer.input_coding.planes(elements)
    np.testing.assert_array_equal(unpack(packed, layer.fan_in), digits)
    assert np.bitwise_count(packed).sum() == digits.sum()
    np.testing.assert_array_equal(im2col(codes, layer, group).reshape(-1, layer.fan_in), elements)


@settings(deadline=None)
@given(
    st.integers(1, 3), st.integers(1, 5), st.integers(1, 5), st.integers(1, 130), st.integers(1, 8), st.data()
)
def test_a_dense_layer_takes_the_whole_image_as_one_window(images, height, width, channels, bits, data):
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32)))
    codes = rng.integers(0, 1 << bits, (images, height, width, channels), dtype=np.uint8)
    layer = layer_of("dense", height * width * channels, Window(), 1, bits)
    planes = layer.input_coding.planes(codes.reshape(images, -1))
    np.testing.assert_array_equal(packed_windows(codes, layer, 0), pack_bits(planes))


@settings(deadline=None)
@given(st.integers(1, 8), st.integers(1, 200), st.integers(0, 2**32))
def test_a_stream_holds_one_digit_of_all_codes_of_a_row(bits, length, seed):
    codes = np.random.default_rng(seed).integers(0, 1 << bits, (2, 3, length), dtype=np.uint8)
    streams = slice_codes(codes, bits)
    assert streams.shape[3] > -(-length // 64)
    for image, row, bit, k in np.ndindex(2, 3, bits, 64 * streams.shape[3]):
        digit = int(streams[image, row, bit, k // 64]) >> (k % 64) & 1
        assert digit == (codes[image, row, k] >> bit & 1 if k < length else 0)
