"""Windows of coded images as packed bits, without ever making them element by element.

An image row is first sliced into streams of bits, one per digit: pixel by pixel, channel by channel. A window
is then a few runs of consecutive bits, one per kernel row, so that packing it moves words, not elements.
Kernels check nothing.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from spinpim.network.layers import Layer

_U64 = np.uint64


@dataclass(frozen=True, slots=True, eq=False)
class WindowPlan:
    """How the windows of one group of channels lie in the streams of an image.

    Attributes
    ----------
    pieces : array of int64, shape (pieces, 5)
        Word and shift in the packed window, row and bit in the streams, number of bits (at most 64).
    bits_per_step : int
        Distance of neighbouring windows in a stream [bit].
    rows_per_step : int
        Distance of neighbouring rows of windows [row].
    rows, columns : int
        Windows down and across.
    words : int
        Words of a packed window.
    """

    pieces: NDArray[np.int64]
    bits_per_step: int
    rows_per_step: int
    rows: int
    columns: int
    words: int


def plan_windows(layer: Layer, height: int, width: int, group: int = 0) -> WindowPlan:
    """Plan for the windows of a layer on images of that size, padded already.

    Parameters
    ----------
    layer : Layer
        Gives window, channels and groups.
    height, width : int
        Size of the image with its margin.
    group : int
        Which group of channels.
    """
    if layer.kind == "dense":
        return WindowPlan(_pieces([(0, 0, layer.in_channels)]), 0, 1, 1, 1, _words(layer.in_channels))
    share = layer.in_channels // layer.groups
    (down, across), (gap_down, gap_across) = layer.window.kernel, layer.window.dilation
    if layer.groups == 1 and gap_across == 1:
        runs = [(gap_down * row, 0, across * share) for row in range(down)]
    else:
        runs = [
            (gap_down * row, gap_across * column * layer.in_channels + group * share, share)
            for row in range(down)
            for column in range(across)
        ]
    extent, stride = layer.window.extent, layer.window.stride
    return WindowPlan(
        pieces=_pieces(runs),
        bits_per_step=stride[1] * layer.in_channels,
        rows_per_step=stride[0],
        rows=(height - extent[0]) // stride[0] + 1,
        columns=(width - extent[1]) // stride[1] + 1,
        words=_words(layer.fan_in),
    )


def padded(codes: NDArray[np.uint8], layer: Layer) -> NDArray[np.uint8]:
    """Coded images with their margin; those of a dense layer as one row of channels."""
    if layer.kind == "dense":
        return codes.reshape(len(codes), 1, 1, layer.in_channels)
    top, left, bottom, right = layer.window.padding
    if not any(layer.window.padding):
        return codes
    images, height, width, channels = codes.shape
    shape = (images, height + top + bottom, width + left + right, channels)
    result = np.full(shape, layer.zero_code, np.uint8)
    result[:, top : top + height, left : left + width] = codes
    return result


@njit(cache=True, nogil=True)
def slice_codes(codes: Any, bits: int) -> Any:
    """Streams of digits of coded images.

    Parameters
    ----------
    codes : array of uint8, shape (images, height, row)
        Codes below 2^bits, a row being width times channels.
    bits : int
        Number of digits, 1 to 8.

    Returns
    -------
    array of uint64, shape (images, height, bits, words)
        Code k of a row is bit ``k % 64`` of word ``k // 64``; one word more than needed, so that any 64 bits
        can be read from two neighbours.
    """
    images, height, length = codes.shape
    streams = np.zeros((images, height, bits, length // 64 + 2), np.uint64)
    for image in range(images):
        for row in range(height):
            for first in range(0, length, 8):
                octets = _U64(0)
                for k in range(min(8, length - first)):
                    octets |= _U64(codes[image, row, first + k]) << _U64(8 * k)
                shift = _U64(first & 63)
                for bit in range(bits):
                    # The product gathers the lowest bits of eight bytes in its top byte, in order.
                    lowest = (octets >> _U64(bit)) & _U64(0x0101010101010101)
                    digits = (lowest * _U64(0x0102040810204080)) >> _U64(56)
                    streams[image, row, bit, first >> 6] |= digits << shift
    return streams


@njit(cache=True, nogil=True)
def pack_windows(
    streams: Any, pieces: Any, bits_per_step: int, rows_per_step: int, rows: int, columns: int, packed: Any
) -> None:
    """Fill packed windows from streams.

    Parameters
    ----------
    streams : array of uint64, shape (images, height, bits, words)
        As from ``slice_codes``.
    pieces, bits_per_step, rows_per_step, rows, columns
        As in ``WindowPlan``.
    packed : array of uint64, shape (bits, words, images * rows * columns)
        Written; element k is bit ``k % 64`` of word ``k // 64``, the bits after the last element are 0.
    """
    images, _, bits, _ = streams.shape
    packed[:] = _U64(0)
    for plane in range(bits):
        for image in range(images):
            for row in range(rows):
                start = (image * rows + row) * columns
                for piece in range(pieces.shape[0]):
                    word, shift, down, bit, count = pieces[piece]
                    _add_piece(
                        packed[plane, word, start : start + columns],
                        streams[image, row * rows_per_step + down, plane],
                        bit,
                        bits_per_step,
                        _U64(shift),
                        count,
                    )


@njit(cache=True, nogil=True)
def _add_piece(target: Any, stream: Any, bit: int, step: int, shift: Any, count: int) -> None:
    """Read a run of at most 64 bits for each window of a row, and put it at its place.

    Neighbouring windows whose runs lie within 64 bits are cut out of one reading of them.
    """
    mask = ~_U64(0) >> _U64(64 - count)
    columns, share = target.shape[0], 1 + (64 - count) // max(step, 1)
    for first in range(0, columns, share):
        place = bit + first * step
        inside = _U64(place & 63)
        low = stream[place >> 6] >> inside
        # Two shifts, because one by 64 is undefined.
        seen = low | ((stream[(place >> 6) + 1] << _U64(1)) << (_U64(63) - inside))
        windows = target[first : min(first + share, columns)]
        for column in range(windows.shape[0]):
            windows[column] |= ((seen >> _U64(column * step)) & mask) << shift


def _pieces(runs: list[tuple[int, int, int]]) -> NDArray[np.int64]:
    """Runs (row, bit, count) one after the other, cut where a packed word or 64 bits end."""
    pieces, place = [], 0
    for row, bit, count in runs:
        while count:
            taken = min(count, 64 - place % 64)
            pieces.append((place // 64, place % 64, row, bit, taken))
            place, bit, count = place + taken, bit + taken, count - taken
    return np.array(pieces, np.int64)


def _words(elements: int) -> int:
    return math.ceil(elements / 64)
