"""Layers as plain integer dot products, by the matrix product of a numeric library: exact, without faults."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from spinpim.array.forward import sums_handed_on
from spinpim.array.windows import padded
from spinpim.network.layers import Layer

BLOCK_BYTES = 1 << 20
"""Windows that are multiplied together: half of a second-level cache."""


class IntegerPath:
    """What computes the layers of a network from its whole weights.

    Floating-point numbers carry the products, because only they have a fast matrix product; every partial sum
    is a whole number below 2^24 in float32, or below 2^53 in float64, and so exact in any order.
    """

    def __init__(self, layers: tuple[Layer, ...]) -> None:
        """Decode the weights once, as matrices (elements, filters of a group)."""
        self.weights = [_weights(layer) for layer in layers]
        self.values = [_values(layer) for layer in layers]

    def __call__(self, number: int, layer: Layer, codes: NDArray[np.uint8]) -> NDArray[Any]:
        """Give what a layer hands on for coded images."""
        matrices = self.weights[number]
        table = self.values[number].astype(matrices[0].dtype)
        images = padded(codes, layer)
        rows, columns = layer.positions(*codes.shape[1:3])
        per_image = rows * columns
        block = max(1, BLOCK_BYTES // (per_image * layer.fan_in * table.itemsize))
        parts = [
            _block_output(layer, images[start : start + block], matrices, table, (rows, columns))
            for start in range(0, max(1, len(images)), block)
        ]
        return np.concatenate(parts).reshape(len(codes), rows, columns, layer.out_channels)


def _block_output(
    layer: Layer,
    images: NDArray[np.uint8],
    matrices: list[NDArray[Any]],
    table: NDArray[Any],
    positions: tuple[int, int],
) -> NDArray[Any]:
    count, height, width, channels = images.shape
    decoded = np.empty((count, height, width * channels), table.dtype)
    _decode(images.reshape(-1), table, decoded.reshape(-1))
    share = channels // layer.groups
    window = layer.window
    vectors = count * positions[0] * positions[1]
    sums = []
    for group, matrix in enumerate(matrices):
        if layer.kind == "dense":
            values = decoded.reshape(vectors, layer.fan_in)
        else:
            values = np.empty((vectors, layer.fan_in), table.dtype)
            _gather(
                decoded,
                channels,
                window.kernel,
                window.stride,
                window.dilation,
                *positions,
                group * share,
                share,
                values,
            )
        sums.append(values @ matrix)
    return sums_handed_on(
        sums[0] if len(sums) == 1 else np.concatenate(sums, axis=1), layer.quantiser, by_channel=False
    )


@njit(cache=True, nogil=True)
def _decode(codes: Any, table: Any, values: Any) -> None:
    """Value of each code; a numba loop, since an array of small codes indexes slowly in numpy."""
    for place in range(codes.size):
        values[place] = table[codes[place]]


@njit(cache=True, nogil=True)
def _gather(
    images: Any,
    channels: int,
    kernel: Any,
    stride: Any,
    dilation: Any,
    rows: int,
    columns: int,
    first: int,
    share: int,
    values: Any,
) -> None:
    """Windows, shape (vectors, elements), of padded decoded images, shape (images, height, width * channels).

    A row of windows is filled element by element: the innermost loop runs over its columns, which are more
    than the elements in a row of the kernel.
    """
    pitch = stride[1] * channels
    for image in range(images.shape[0]):
        for row in range(rows):
            line = (image * rows + row) * columns
            windows = values[line : line + columns]
            for down in range(kernel[0]):
                source = images[image, row * stride[0] + down * dilation[0]]
                for across in range(kernel[1]):
                    start = across * dilation[1] * channels + first
                    place = (down * kernel[1] + across) * share
                    for channel in range(share):
                        for column in range(columns):
                            windows[column, place + channel] = source[start + channel + column * pitch]


def _weights(layer: Layer) -> list[NDArray[Any]]:
    values = layer.weight_values.astype(layer.exact_type)
    return [np.ascontiguousarray(values[layer.filters_of(group)].T) for group in range(layer.groups)]


def _values(layer: Layer) -> NDArray[np.int64]:
    """Value of each code, the one that stands for zero taken off."""
    codes = np.arange(1 << layer.input_coding.bits)
    values: NDArray[np.int64] = layer.input_coding.decode(codes) - layer.input_zero
    return values
