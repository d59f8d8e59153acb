"""Packed AND and popcount: the arithmetic of a sub-array on 64-bit words.

Kernels only: numbers and arrays in and out, no checks. Vectors lie side by side (the last axis), so that the
compiler turns each AND, popcount and sum into vector code whatever the length of a vector.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit, types
from numba.extending import intrinsic
from numpy.typing import NDArray

WORD_BITS = 64

_U64 = np.uint64
_BLOCK = 512


def pack_bits(planes: NDArray[Any]) -> NDArray[np.uint64]:
    """Bit planes as 64-bit words, vectors on the last axis.

    Parameters
    ----------
    planes : array of 0 and 1, shape (planes, vectors, elements)
        Digits.

    Returns
    -------
    array of uint64, shape (planes, words, vectors)
        Element k is bit ``k % 64`` of word ``k // 64``; the bits after the last element are 0.

    Examples
    --------
    >>> pack_bits(np.array([[[1, 0, 1]]])).tolist()
    [[[5]]]
    """
    count, vectors, elements = planes.shape
    words = -(-elements // WORD_BITS)
    padded = np.zeros((count, vectors, words * WORD_BITS), np.uint8)
    padded[:, :, :elements] = planes
    packed = np.packbits(padded, axis=2, bitorder="little").view("<u8").astype(np.uint64)
    return np.ascontiguousarray(packed.transpose(0, 2, 1))


@njit(cache=True, nogil=True)
def accumulate(
    activations: Any, rows: Any, outputs: Any, coefficients: Any, plane_coefficients: Any, totals: Any
) -> None:
    r"""Add the weighted popcounts of all ANDs of stored rows with activations.

    .. math:: t_{o(r), p} \mathrel{+}= \sum_m a_m c_r \,\mathrm{popcount}(x_{m,p} \wedge w_r)

    Parameters
    ----------
    activations : array of uint64, shape (planes, words, vectors)
        x, as from ``pack_bits`` or ``pack_windows``.
    rows : array of uint64, shape (rows, words)
        w, the stored rows.
    outputs : array of int64, shape (rows,)
        o, the total that a row contributes to.
    coefficients : array of int64, shape (rows,)
        c, what a row counts.
    plane_coefficients : array of int64, shape (planes,)
        a, what an activation plane counts.
    totals : array of int64, shape (outputs, vectors)
        t, changed in place.
    """
    planes, words, vectors = activations.shape
    stream = activations.reshape(-1)
    # A block of vectors stays in the first-level cache while all rows pass over it.
    for start in range(0, vectors, _BLOCK):
        stop = min(start + _BLOCK, vectors)
        for plane in range(planes):
            first = plane * words * vectors + start
            for row in range(rows.shape[0]):
                factor = plane_coefficients[plane] * coefficients[row]
                _add_row(totals[outputs[row], start:stop], stream, first, vectors, rows[row], factor)


@njit(cache=True, nogil=True)
def add_constants(totals: Any, ones: Any, constant: int, constants: Any) -> None:
    """Add to each total what the constants of the codings count.

    Parameters
    ----------
    totals : array of int64, shape (filters, vectors)
        Changed in place.
    ones : array of int64, shape (groups of channels, vectors)
        Counts of the all-ones rows, each for an equal share of the filters in turn.
    constant : int
        What a digit of them counts.
    constants : array of int64, shape (filters,)
        What each filter has besides.
    """
    filters, vectors = totals.shape
    share = filters // ones.shape[0]
    for number in range(filters):
        total, digits, known = totals[number], ones[number // share], constants[number]
        for vector in range(vectors):
            total[vector] += constant * digits[vector] + known


@njit(cache=True, nogil=True)
def _add_row(total: Any, stream: Any, first: int, stride: int, row: Any, factor: int) -> None:
    words = row.shape[0]
    word = 0
    while word + 8 <= words:
        _add_eight_words(total, stream, first + word * stride, stride, row[word : word + 8], factor)
        word += 8
    while word + 2 <= words:
        _add_two_words(total, stream, first + word * stride, stride, row[word : word + 2], factor)
        word += 2
    if word < words:
        _add_word(total, stream, first + word * stride, row[word], factor)


@njit(cache=True, nogil=True)
def _add_eight_words(total: Any, stream: Any, first: int, stride: int, row: Any, factor: int) -> None:
    n = total.shape[0]
    x0, x1, x2, x3 = _four_words(stream, first, stride, n)
    x4, x5, x6, x7 = _four_words(stream, first + 4 * stride, stride, n)
    w0, w1, w2, w3, w4, w5, w6, w7 = row[0], row[1], row[2], row[3], row[4], row[5], row[6], row[7]
    for p in range(n):
        low = popcount(x0[p] & w0) + popcount(x1[p] & w1) + popcount(x2[p] & w2) + popcount(x3[p] & w3)
        high = popcount(x4[p] & w4) + popcount(x5[p] & w5) + popcount(x6[p] & w6) + popcount(x7[p] & w7)
        total[p] += factor * np.int64(low + high)


@njit(cache=True, nogil=True)
def _four_words(stream: Any, first: int, stride: int, n: int) -> Any:
    second, third, fourth = first + stride, first + 2 * stride, first + 3 * stride
    return (
        stream[first : first + n],
        stream[second : second + n],
        stream[third : third + n],
        stream[fourth : fourth + n],
    )


@njit(cache=True, nogil=True)
def _add_two_words(total: Any, stream: Any, first: int, stride: int, row: Any, factor: int) -> None:
    n = total.shape[0]
    x0, x1 = stream[first : first + n], stream[first + stride : first + stride + n]
    w0, w1 = row[0], row[1]
    for p in range(n):
        total[p] += factor * np.int64(popcount(x0[p] & w0) + popcount(x1[p] & w1))


@njit(cache=True, nogil=True)
def _add_word(total: Any, stream: Any, first: int, word: int, factor: int) -> None:
    n = total.shape[0]
    x = stream[first : first + n]
    for p in range(n):
        total[p] += factor * np.int64(popcount(x[p] & word))


def _popcount(typing_context: Any, word: Any) -> Any:
    """Count the ones of an integer: one instruction, or a vector of them, where the processor has it."""
    if not isinstance(word, types.Integer):
        return None

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.ctpop(arguments[0])

    return word(word), generate


popcount: Any = intrinsic(_popcount)
