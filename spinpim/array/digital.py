"""Kernels of the digital unit: pixels and sums to codes, largest codes of windows. Nothing is checked."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

_BLOCK = 64


@njit(cache=True, nogil=True)
def pixel_codes(images: Any, table: Any, codes: Any) -> None:
    """Codes of raw values, as of ``Network.encode_input``; the lock of the interpreter is left to others.

    Parameters
    ----------
    images : array of int, shape (images, height, width, channels)
        Raw values.
    table : array of uint8, shape (values, channels)
        Code of each value.
    codes : array of uint8, shape of the images
        Written.
    """
    count, height, width, channels = images.shape
    for image in range(count):
        for row in range(height):
            for column in range(width):
                for channel in range(channels):
                    codes[image, row, column, channel] = table[images[image, row, column, channel], channel]


@njit(cache=True, nogil=True, error_model="numpy")
def affine_codes(
    sums: Any, scale: Any, offset: Any, lowest: float, highest: float, mask: int, codes: Any
) -> None:
    r"""Codes of ``scale * sum + offset``, rounded to the nearest level, ties to even, and clipped.

    Parameters
    ----------
    sums : array, shape (vectors, channels)
        Whole numbers, of any type that holds them exactly.
    scale, offset : array of float64, shape (channels,)
        The line of each channel.
    lowest, highest : float
        Limits of the level.
    mask : int
        2^bits - 1; makes two's complement of negative levels.
    codes : array of uint8, shape (vectors, channels)
        Written.
    """
    for vector in range(sums.shape[0]):
        for channel in range(sums.shape[1]):
            level = np.rint(scale[channel] * sums[vector, channel] + offset[channel])
            codes[vector, channel] = np.uint8(np.int64(min(max(level, lowest), highest)) & mask)


@njit(cache=True, nogil=True, error_model="numpy")
def affine_codes_by_channel(
    totals: Any, scale: Any, offset: Any, lowest: float, highest: float, mask: int, codes: Any
) -> None:
    """Codes as from ``affine_codes`` for sums that lie channel by channel, shape (channels, vectors)."""
    channels, vectors = totals.shape
    # A block of codes stays in the cache while the channels are written side by side.
    for start in range(0, vectors, _BLOCK):
        stop = min(start + _BLOCK, vectors)
        for channel in range(channels):
            line, constant = scale[channel], offset[channel]
            for vector in range(start, stop):
                level = np.rint(line * totals[channel, vector] + constant)
                codes[vector, channel] = np.uint8(np.int64(min(max(level, lowest), highest)) & mask)


@njit(cache=True, nogil=True, error_model="numpy")
def largest_codes(
    codes: Any,
    kernel: Any,
    stride: Any,
    padding: Any,
    dilation: Any,
    turned: Any,
    pooled: Any,
) -> None:
    """Largest code of each window; what lies beyond the edge is left out.

    Parameters
    ----------
    codes : array of uint8, shape (images, height, width, channels)
        Codes.
    kernel, stride, padding, dilation : tuples
        As in ``Window``.
    turned : uint8
        Digit that is turned over for the comparison: the sign digit of two's complement, else 0.
    pooled : array of uint8, shape (images, rows, columns, channels)
        Written.
    """
    images, height, width, channels = codes.shape
    _, rows, columns, _ = pooled.shape
    for image in range(images):
        for row in range(rows):
            for column in range(columns):
                target = pooled[image, row, column]
                target[:] = 0
                for down in range(kernel[0]):
                    y = row * stride[0] - padding[0] + down * dilation[0]
                    if y < 0 or y >= height:
                        continue
                    for across in range(kernel[1]):
                        x = column * stride[1] - padding[1] + across * dilation[1]
                        if x < 0 or x >= width:
                            continue
                        source = codes[image, y, x]
                        for channel in range(channels):
                            target[channel] = max(target[channel], source[channel] ^ turned)
                for channel in range(channels):
                    target[channel] ^= turned
