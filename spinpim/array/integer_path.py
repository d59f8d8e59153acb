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
    share = layer.in_channels // layer.groups
    window = layer.window
    vectors = len(images) * positions[0] * positions[1]
    sums = []
    for group, matrix in enumerate(matrices):
        if layer.kind == "dense":
            values = table[images.reshape(len(images), -1)]
        else:
            values = np.empty((vectors, layer.fan_in), table.dtype)
            _gather(
                images,
                table,
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
def _gather(
    images: Any,
    table: Any,
    kernel: Any,
    stride: Any,
    dilation: Any,
    rows: int,
    columns: int,
    first: int,
    share: int,
    values: Any,
) -> None:
    """Values of the windows of padded coded images, shape (vectors, elements)."""
    vector = 0
    for image in range(images.shape[0]):
        for row in range(rows):
            for column in range(columns):
                place = 0
                target = values[vector]
                for down in range(kernel[0]):
                    source = images[image, row * stride[0] + down * dilation[0]]
                    for across in range(kernel[1]):
                        pixel = source[column * stride[1] + across * dilation[1]]
                        for channel in range(share):
                            target[place + channel] = table[pixel[first + channel]]
                        place += share
                vector += 1


def _weights(layer: Layer) -> list[NDArray[Any]]:
    values = layer.weight_values.astype(layer.exact_type)
    return [np.ascontiguousarray(values[layer.filters_of(group)].T) for group in range(layer.groups)]


def _values(layer: Layer) -> NDArray[np.int64]:
    """Value of each code, the one that stands for zero taken off."""
    codes = np.arange(1 << layer.input_coding.bits)
    values: NDArray[np.int64] = layer.input_coding.decode(codes) - layer.input_zero
    return values
