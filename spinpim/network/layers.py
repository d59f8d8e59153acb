"""A layer that the memory computes: dot products of coded weights with coded activations."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spinpim.errors import InputError
from spinpim.network.quantise import BitCoding
from spinpim.network.quantiser import Quantiser
from spinpim.network.window import Window

KINDS = ("conv", "dense")


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    r"""A convolution or dense layer on coded activations, and what the digital unit makes of its sums.

    .. math:: a_o = \sum_k w_{ok} (x_k - z)

    with the decoded weights w and activations x and the activation z that stands for zero, which also is what
    lies beyond the edge of an image.

    Attributes
    ----------
    kind : str
        "conv" or "dense"; a dense layer takes all numbers of its input, row by row.
    name : str
        Name for tables and for the ``inputs`` of later nodes.
    in_channels, out_channels : int
        Channels; in a dense layer all numbers of its input, and its outputs.
    weight_coding, input_coding : BitCoding
        Codings of weights and input activations.
    weight_codes : array of uint8, shape (out_channels, fan_in)
        Columns in the order (kernel row, kernel column, channel of the group), dense: (row, column, channel).
    quantiser : Affine, Thresholds or SinglePrecision
        Real numbers or codes of the sums, one channel each.
    window : Window
        1 x 1 in a dense layer.
    groups : int
        Groups of channels that do not see each other; 1 in a dense layer.
    input_zero : int
        z of the formula, one of the decoded activations.
    inputs : tuple of str
        Name of the node whose codes enter, or "image"; empty for the node before.

    Raises
    ------
    InputError
        If the parts do not fit together.
    """

    kind: str
    name: str
    in_channels: int
    out_channels: int
    weight_coding: BitCoding
    input_coding: BitCoding
    weight_codes: NDArray[np.uint8]
    quantiser: Quantiser
    window: Window = field(default_factory=Window)
    groups: int = 1
    input_zero: int = 0
    inputs: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Check that the parts fit together."""
        from spinpim.network.checks import check_layer

        codes = np.array(self.weight_codes)
        codes.setflags(write=False)
        object.__setattr__(self, "weight_codes", codes)
        check_layer(self)

    @property
    def fan_in(self) -> int:
        """Numbers that enter one dot product, K."""
        return math.prod(self.window.kernel) * (self.in_channels // self.groups)

    @property
    def weight_values(self) -> NDArray[np.int64]:
        """Decoded weights, shape (out_channels, fan_in)."""
        return self.weight_coding.decode(self.weight_codes)

    @property
    def exact_type(self) -> np.dtype[Any]:
        """Shortest floating-point type in which every partial sum of a dot product is a whole number."""
        activation = self.input_coding.largest_magnitude + abs(self.input_zero)
        largest = self.fan_in * self.weight_coding.largest_magnitude * activation
        return np.dtype(np.float32 if largest < 1 << 24 else np.float64)

    @property
    def zero_code(self) -> int:
        """Code of the activation that stands for zero."""
        return int(self.input_coding.encode(np.array([self.input_zero]))[0])

    def filters_of(self, group: int) -> slice:
        """Filters that see a group of channels."""
        size = self.out_channels // self.groups
        return slice(group * size, (group + 1) * size)

    def positions(self, height: int, width: int) -> tuple[int, int]:
        """Rows and columns of windows on an input of that size; (1, 1) in a dense layer."""
        return (1, 1) if self.kind == "dense" else self.window.positions(height, width)

    def output_shape(self, height: int, width: int) -> tuple[int, int, int]:
        """Height, width and channels handed on, for an input of that height and width."""
        return (*self.positions(height, width), self.out_channels)


def im2col(codes: NDArray[np.uint8], layer: Layer, group: int = 0) -> NDArray[np.uint8]:
    """Windows of coded images as rows, in the column order of ``layer.weight_codes``.

    Parameters
    ----------
    codes : array of uint8, shape (images, height, width, channels)
        Coded input of the layer.
    layer : Layer
        Gives the window, and the code that lies beyond the edge.
    group : int
        Which group of channels.

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
    arriving = math.prod(codes.shape[1:]) if layer.kind == "dense" else codes.shape[3]
    if arriving != layer.in_channels:
        raise InputError(
            f"layer {layer.name!r} takes {layer.in_channels} channels; the input of shape {codes.shape} has "
            f"{arriving}."
        )
    if layer.kind == "dense":
        return codes.reshape(codes.shape[0], 1, arriving)
    share = layer.in_channels // layer.groups
    seen = windows(codes[..., group * share : (group + 1) * share], layer.window, layer.zero_code)
    return np.ascontiguousarray(seen).reshape(len(codes), math.prod(seen.shape[1:3]), layer.fan_in)


def windows(values: NDArray[Any], window: Window, beyond: Any) -> NDArray[Any]:
    """Windows of images: (images, rows, columns, kernel rows, kernel columns, channels)."""
    top, left, bottom, right = window.padding
    if any(window.padding):
        margins = ((0, 0), (top, bottom), (left, right), (0, 0))
        values = np.pad(values, margins, constant_values=beyond)
    seen = np.lib.stride_tricks.sliding_window_view(values, window.extent, axis=(1, 2))
    seen = seen[:, :: window.stride[0], :: window.stride[1], :, :: window.dilation[0], :: window.dilation[1]]
    in_order: NDArray[Any] = seen.transpose(0, 1, 2, 4, 5, 3)
    return in_order
