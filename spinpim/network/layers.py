"""One layer of whole numbers: what is computed, said once for every way of computing it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spinpim.errors import InputError
from spinpim.network.checks import check_layer
from spinpim.network.quantise import BitCoding


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    r"""A convolution or dense layer on coded activations.

    .. math:: a = \sum_k w_k x_k, \qquad o = \mathrm{scale} \cdot a + \mathrm{offset}, \qquad
              q = \min(\max(\mathrm{round}(o), 0), 2^n - 1)

    with the decoded weights w and activations x, ``n = output_bits`` and ties rounded to even; then the
    largest q of each pooling square. The last layer has no ``output_bits``: its o are the class scores.

    Attributes
    ----------
    kind : str
        "conv" or "dense".
    name : str
        Name for tables.
    kernel : tuple of int
        Height and width of the window; (1, 1) in a dense layer.
    stride, padding : int
        Step of the window, and rows and columns of zeros put around the image; 1 and 0 in a dense layer.
    in_channels, out_channels : int
        Channels; in a dense layer all numbers of its input, and its outputs.
    weight_coding, input_coding : BitCoding
        Codings of weights and input activations; the latter is unsigned.
    weight_codes : array of uint8, shape (out_channels, fan_in)
        Columns in the order (kernel row, kernel column, channel), dense: (row, column, channel).
    scale, offset : array of float64, shape (out_channels,)
        Normalisation folded into one line per channel [1].
    output_bits : int or None
        Digits of the activations that it hands on; None in the last layer.
    pool : int
        Side and stride of the max pooling; 1 means none. Incomplete squares at the far edges are dropped.

    Raises
    ------
    InputError
        If the parts do not fit together.
    """

    kind: str
    name: str
    kernel: tuple[int, int]
    stride: int
    padding: int
    in_channels: int
    out_channels: int
    weight_coding: BitCoding
    input_coding: BitCoding
    weight_codes: NDArray[np.uint8]
    scale: NDArray[np.float64]
    offset: NDArray[np.float64]
    output_bits: int | None = None
    pool: int = 1

    def __post_init__(self) -> None:
        for name in ("weight_codes", "scale", "offset"):
            object.__setattr__(self, name, _read_only(getattr(self, name)))
        check_layer(self)

    @property
    def fan_in(self) -> int:
        """Numbers that enter one dot product, K."""
        return self.kernel[0] * self.kernel[1] * self.in_channels

    @property
    def weight_values(self) -> NDArray[np.int64]:
        """Decoded weights, shape (out_channels, fan_in)."""
        return self.weight_coding.decode(self.weight_codes)

    def positions(self, height: int, width: int) -> tuple[int, int]:
        """Rows and columns of windows on an input of that size, before pooling; (1, 1) in a dense layer."""
        if self.kind == "dense":
            return 1, 1
        rows, columns = (
            (size + 2 * self.padding - side) // self.stride + 1
            for size, side in zip((height, width), self.kernel, strict=True)
        )
        return rows, columns

    def output_shape(self, height: int, width: int) -> tuple[int, int, int]:
        """Height, width and channels handed on, after pooling, for an input of that height and width."""
        rows, columns = self.positions(height, width)
        return rows // self.pool, columns // self.pool, self.out_channels


def im2col(codes: NDArray[np.uint8], layer: Layer) -> NDArray[np.uint8]:
    """Windows of coded images as rows, in the column order of ``layer.weight_codes``.

    Parameters
    ----------
    codes : array of uint8, shape (images, height, width, channels)
        Coded input of the layer.
    layer : Layer
        Gives kernel, stride and padding (with code 0, the value zero).

    Returns
    -------
    array of uint8, shape (images, positions, fan_in)
        Positions row by row.

    Raises
    ------
    InputError
        If the codes do not have the layer's number of channels.
    """
    if codes.ndim != 4:
        raise InputError(
            f"codes must have four axes (images, height, width, channels); received shape {codes.shape}."
        )
    if layer.kind == "dense":
        rows = codes.reshape(codes.shape[0], 1, -1)
    else:
        margin = (layer.padding, layer.padding)
        padded = np.pad(codes, ((0, 0), margin, margin, (0, 0)))
        windows = np.lib.stride_tricks.sliding_window_view(padded, layer.kernel, axis=(1, 2))
        windows = windows[:, :: layer.stride, :: layer.stride]
        in_order = windows.transpose(0, 1, 2, 4, 5, 3)
        rows = in_order.reshape(codes.shape[0], -1, math.prod(in_order.shape[3:]))
    if rows.shape[-1] != layer.fan_in:
        raise InputError(
            f"layer {layer.name!r} takes {layer.fan_in} numbers per window; the input of shape "
            f"{codes.shape} gives {rows.shape[-1]}."
        )
    return np.ascontiguousarray(rows)


def requantise(accumulators: NDArray[np.int64], layer: Layer, height: int, width: int) -> NDArray[np.uint8]:
    """Codes that a hidden layer hands on: scale, offset, rounding, clipping, max pooling.

    Parameters
    ----------
    accumulators : array of int64, shape (images, positions, out_channels)
        Dot products of decoded values.
    layer : Layer
        A layer with ``output_bits``.
    height, width : int
        Size of the layer's input.

    Returns
    -------
    array of uint8, shape (images, height, width, channels) of the output
        The input of the next layer.
    """
    if layer.output_bits is None:
        raise InputError(f"layer {layer.name!r} is the last: it gives scores, not codes.")
    rows, columns = layer.positions(height, width)
    top = (1 << layer.output_bits) - 1
    codes = np.clip(np.rint(scores(accumulators, layer)), 0, top).astype(np.uint8)
    image = codes.reshape(-1, rows, columns, layer.out_channels)
    if layer.pool == 1:
        return image
    rows, columns = rows // layer.pool, columns // layer.pool
    image = image[:, : rows * layer.pool, : columns * layer.pool]
    # Maxima of whole strided slices: ten times the speed of a reduction over two short axes.
    pooled = np.zeros((len(image), rows, columns, layer.out_channels), dtype=np.uint8)
    for row in range(layer.pool):
        for column in range(layer.pool):
            np.maximum(pooled, image[:, row :: layer.pool, column :: layer.pool], out=pooled)
    return pooled


def scores(accumulators: NDArray[np.int64], layer: Layer) -> NDArray[np.float64]:
    """``scale * accumulator + offset`` per channel (last axis), in float64 with two roundings."""
    result: NDArray[np.float64] = layer.scale * accumulators + layer.offset
    return result


def _read_only(values: Any) -> NDArray[Any]:
    array = np.array(values)
    array.setflags(write=False)
    return array
