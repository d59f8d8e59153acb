"""One layer: its windows and its refusals."""

import numpy as np
import pytest
from example_networks import random_layer

from spinpim.errors import InputError
from spinpim.network import Affine, BitCoding, Window, im2col


@pytest.mark.parametrize("kernel", [(1, 1), (2, 3), (3, 3), (5, 4)])
@pytest.mark.parametrize("stride", [(1, 1), (2, 2), (3, 3), (1, 3)])
@pytest.mark.parametrize("padding", [(0, 0, 0, 0), (1, 1, 1, 1), (0, 2, 1, 0)])
@pytest.mark.parametrize("dilation", [(1, 1), (1, 2)])
def test_windows_are_those_of_a_direct_loop(kernel, stride, padding, dilation):
    extent = Window(kernel, dilation=dilation).extent
    padding = tuple(min(side, extent[axis % 2] - 1) for axis, side in enumerate(padding))
    layer = random_layer(1, window=Window(kernel, stride, padding, dilation))
    codes = np.random.default_rng(2).integers(1, 16, (2, 7, 7, 2), dtype=np.uint8)
    rows, columns = layer.positions(7, 7)
    windows = im2col(codes, layer).reshape(2, rows, columns, *kernel, 2)
    for image, row, column, i, j, channel in np.ndindex(windows.shape):
        y = row * stride[0] + i * dilation[0] - padding[0]
        x = column * stride[1] + j * dilation[1] - padding[1]
        inside = 0 <= y < 7 and 0 <= x < 7
        expected = codes[image, y, x, channel] if inside else 0
        assert windows[image, row, column, i, j, channel] == expected


def test_beyond_the_edge_lies_the_code_that_stands_for_zero():
    for name, zero, code in (("unsigned", 5, 5), ("signed", -2, 14), ("bipolar", 3, 9)):
        layer = random_layer(1, input_coding=BitCoding(name, 4), input_zero=zero)
        assert layer.zero_code == code
        corner = im2col(np.full((1, 4, 4, 2), 15, dtype=np.uint8), layer)[0, 0].reshape(3, 3, 2)
        assert set(corner[0].flat) == set(corner[:, 0].flat) == {code}
        assert set(corner[1:, 1:].flat) == {15}


def test_a_group_sees_its_own_channels_and_no_others():
    layer = random_layer(1, in_channels=6, out_channels=3, groups=3)
    codes = np.random.default_rng(2).integers(0, 16, (2, 5, 5, 6), dtype=np.uint8)
    alone = random_layer(1)
    filters = []
    for group in range(3):
        expected = im2col(codes[..., 2 * group : 2 * group + 2], alone)
        assert np.array_equal(im2col(codes, layer, group), expected)
        filters += range(3)[layer.filters_of(group)]
    assert filters == [0, 1, 2]


def test_a_dense_layer_reads_rows_then_columns_then_channels():
    layer = random_layer(1, kind="dense", window=Window(), in_channels=12)
    codes = np.arange(24, dtype=np.uint8).reshape(2, 2, 3, 2)
    assert np.array_equal(im2col(codes, layer)[:, 0], np.arange(24).reshape(2, 12))


def test_windows_refuse_an_image_with_other_channels():
    with pytest.raises(InputError, match=r"takes 2 channels; the input of shape .* has 3"):
        im2col(np.zeros((1, 8, 8, 3), dtype=np.uint8), random_layer(1))
    dense = random_layer(1, kind="dense", window=Window(), in_channels=12)
    with pytest.raises(InputError, match=r"takes 12 channels; the input of shape .* has 18"):
        im2col(np.zeros((1, 3, 3, 2), dtype=np.uint8), dense)
    with pytest.raises(InputError, match="four axes"):
        im2col(np.zeros((8, 8, 3), dtype=np.uint8), random_layer(1))


def test_a_layer_cannot_be_changed_in_place():
    layer = random_layer(1)
    for array in (layer.weight_codes[0], layer.quantiser.scale, layer.quantiser.offset):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"kind": "pool"}, 'kind must be "conv" or "dense"'),
        ({"in_channels": 0}, "in_channels must be a whole number"),
        ({"groups": True}, "groups must be a whole number"),
        ({"groups": 2}, "out_channels 3 is no multiple of 2 groups"),
        ({"in_channels": 4, "out_channels": 6, "groups": 3}, "in_channels 4 is no multiple of 3 groups"),
        ({"kind": "dense"}, "a dense layer has a window of 1 x 1 and one group"),
        ({"kind": "dense", "window": Window(), "out_channels": 4, "groups": 2}, "and one group"),
        ({"input_zero": 0.5}, "input_zero must be a whole number"),
        ({"input_zero": True}, "input_zero must be a whole number"),
        ({"input_zero": 16}, "zero must be among the activations, .* 16 is not among the values of unsigned"),
        ({"input_coding": BitCoding("affine", 4)}, "zero must be among the activations"),
        ({"weight_codes": np.zeros((3, 17), dtype=np.uint8)}, "weight_codes must be uint8"),
        ({"weight_codes": np.zeros((3, 18), dtype=np.int64)}, "weight_codes must be uint8"),
        ({"weight_codes": np.full((3, 18), 2, dtype=np.uint8)}, "exceeds 1 bits"),
        ({"quantiser": Affine(np.ones(4), np.zeros(4))}, "its quantiser has 4 channels instead of 3"),
    ],
)
def test_parts_that_do_not_fit_are_refused_with_the_layer_named(changes, message):
    with pytest.raises(InputError, match="layer 'conv1': .*" + message):
        random_layer(1, **changes)
