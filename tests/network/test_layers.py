"""One layer: its windows, its rounding, its refusals."""

import numpy as np
import pytest
from example_networks import random_layer

from spinpim.errors import InputError
from spinpim.network import BitCoding, im2col, requantise


@pytest.mark.parametrize("kernel", [(1, 1), (2, 3), (3, 3), (5, 4)])
@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("padding", [0, 1])
def test_windows_are_those_of_a_direct_loop(kernel, stride, padding):
    padding = min(padding, min(kernel) - 1)
    layer = random_layer(1, kernel=kernel, stride=stride, padding=padding)
    codes = np.random.default_rng(2).integers(1, 16, (2, 7, 6, 2), dtype=np.uint8)
    rows, columns = layer.positions(7, 6)
    windows = im2col(codes, layer).reshape(2, rows, columns, *kernel, 2)
    for image, row, column, i, j, channel in np.ndindex(windows.shape):
        y, x = row * stride + i - padding, column * stride + j - padding
        inside = 0 <= y < 7 and 0 <= x < 6
        expected = codes[image, y, x, channel] if inside else 0
        assert windows[image, row, column, i, j, channel] == expected


def test_a_dense_layer_reads_rows_then_columns_then_channels():
    layer = random_layer(1, kind="dense", kernel=(1, 1), padding=0, in_channels=12)
    codes = np.arange(24, dtype=np.uint8).reshape(2, 2, 3, 2)
    assert np.array_equal(im2col(codes, layer)[:, 0], np.arange(24).reshape(2, 12))


def test_windows_refuse_an_image_with_other_channels():
    with pytest.raises(InputError, match="takes 18 numbers per window"):
        im2col(np.zeros((1, 8, 8, 3), dtype=np.uint8), random_layer(1))
    with pytest.raises(InputError, match="four axes"):
        im2col(np.zeros((8, 8, 3), dtype=np.uint8), random_layer(1))


def test_outputs_are_rounded_to_even_and_saturate():
    layer = random_layer(1, scale=np.full(3, 0.5), offset=np.array([0.0, 1.0, -1.0]))
    sums = np.array([1, 3, 5, -9, 90]).reshape(5, 1, 1).repeat(3, axis=2)
    codes = requantise(sums, layer, 1, 1)
    assert codes.dtype == np.uint8
    assert codes[:, 0, 0, 0].tolist() == [0, 2, 2, 0, 15]
    assert codes[:, 0, 0, 1].tolist() == [2, 2, 4, 0, 15]
    assert codes[:, 0, 0, 2].tolist() == [0, 0, 2, 0, 15]


@pytest.mark.parametrize("pool", [2, 3])
def test_pooling_takes_the_largest_code_of_each_complete_square(pool):
    layer = random_layer(1, pool=pool, scale=np.ones(3), offset=np.zeros(3))
    sums = np.random.default_rng(3).integers(0, 16, (2, 7 * 5, 3))
    codes = requantise(sums, layer, 7, 5)
    image = sums.reshape(2, 7, 5, 3)
    assert codes.shape == (2, *layer.output_shape(7, 5)) == (2, 7 // pool, 5 // pool, 3)
    for row, column in np.ndindex(codes.shape[1:3]):
        square = image[:, row * pool : (row + 1) * pool, column * pool : (column + 1) * pool]
        assert np.array_equal(codes[:, row, column], square.max(axis=(1, 2)))


def test_the_last_layer_gives_no_codes():
    with pytest.raises(InputError, match="is the last"):
        requantise(np.zeros((1, 1, 3), dtype=np.int64), random_layer(1, output_bits=None), 1, 1)


def test_a_layer_cannot_be_changed_in_place():
    layer = random_layer(1)
    with pytest.raises(ValueError, match="read-only"):
        layer.weight_codes[0, 0] = 1


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"kind": "pool"}, 'kind must be "conv" or "dense"'),
        ({"kernel": (0, 3), "padding": 0}, "kernel height must be a whole number"),
        ({"stride": 0}, "stride must be"),
        ({"stride": 1.0}, "stride must be"),
        ({"padding": 3}, "padding 3 must be smaller than the kernel"),
        ({"pool": 0}, "pool must be"),
        ({"output_bits": 9}, "output_bits must be"),
        ({"kind": "dense"}, "a dense layer has kernel"),
        ({"input_coding": BitCoding("signed", 4)}, 'input_coding must be "unsigned"'),
        ({"weight_codes": np.zeros((3, 17), dtype=np.uint8)}, "weight_codes must be uint8"),
        ({"weight_codes": np.zeros((3, 18), dtype=np.int64)}, "weight_codes must be uint8"),
        ({"weight_codes": np.full((3, 18), 2, dtype=np.uint8)}, "exceeds 1 bits"),
        ({"scale": np.zeros(4)}, "scale must be float64"),
        ({"offset": np.zeros(3, dtype=np.float32)}, "offset must be float64"),
        ({"scale": np.array([1.0, np.nan, 1.0])}, "scale must be finite"),
    ],
)
def test_parts_that_do_not_fit_are_refused_with_the_layer_named(changes, message):
    with pytest.raises(InputError, match="layer 'conv1': .*" + message.replace("(", r"\(")):
        random_layer(1, **changes)
