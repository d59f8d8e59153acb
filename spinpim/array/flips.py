"""Errors new at each access: sensing noise and failed activation writes.

The errors are drawn exactly, at the cost of the errors rather than of the accesses: see ``walks``. Numbers
are a function of their address (key, image, class, draw), never of the order in which images are worked
through.

Kernels only: numbers and arrays in and out, no checks.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from spinpim.array.walks import (
    AHEAD,
    CLASSES,
    ENTRIES,
    LEAST_TABLED,
    fill_table,
    rate_classes,
    rate_range,
    stream_address,
    uniform,
    unravel,
    walk_on,
)
from spinpim.device.dynamics.noise import mix64

_U64 = np.uint64


@njit(cache=True, nogil=True, error_model="numpy")
def flip_reads(
    activations: Any,
    stored: Any,
    zero_answers: Any,
    plus: Any,
    minus: Any,
    outputs: Any,
    coefficients: Any,
    plane_coefficients: Any,
    rates: Any,
    positions: int,
    first_image: int,
    key: Any,
    totals: Any,
) -> int:
    """Correct totals by the accesses that noise flips; one row operation is one access of each column.

    Parameters
    ----------
    activations : array of uint64, shape (planes, words, images * positions)
        Digits as written.
    stored, zero_answers, plus, minus, outputs, coefficients
        As in ``StoredRows``.
    plane_coefficients : array of int64, shape (planes,)
        What an activation plane counts.
    rates : array of float64, shape (elements, 4)
        Flip probability per access by pattern 00, 01, 10, 11 of (weight, activation) [1].
    positions : int
        Windows per image.
    first_image : int
        Number of the first image in its set.
    key : uint64
        Address of (seed, chip, layer, group).
    totals : array of int64, shape (outputs, images * positions)
        Changed in place.

    Returns
    -------
    int
        Number of flips.
    """
    planes, words, vectors = activations.shape
    rows = stored.shape[0]
    elements, starts = rate_classes(rates)
    table, moves = np.empty(ENTRIES, np.uint64), np.empty(2 * ENTRIES, np.int64)
    walk, draws, places = (
        np.empty(AHEAD, np.int64),
        np.empty(AHEAD, np.uint64),
        np.empty((3, AHEAD), np.uint64),
    )
    faultless = _is_faultless(stored, zero_answers, plus, minus)
    bases = _bases(planes, words, vectors, outputs)
    factors = _factors(coefficients, plane_coefficients)
    # Unsigned places in flat arrays: a signed one would be compared with zero at every access.
    digits, weights, sums = activations.reshape(-1), stored.reshape(-1), totals.reshape(-1)
    lows, rises, falls, chance_of = (
        zero_answers.reshape(-1),
        plus.reshape(-1),
        minus.reshape(-1),
        rates.reshape(-1),
    )
    flips = 0
    for number in range(CLASSES):
        alike = elements[starts[number] : starts[number + 1]]
        if alike.size == 0:
            continue
        lowest, ceiling = rate_range(rates, alike)
        if ceiling >= LEAST_TABLED:
            fill_table(ceiling, table, moves)
        accesses = positions * planes * rows * alike.size
        for image in range(vectors // positions):
            address = stream_address(key, first_image + image, number)
            chances = mix64(address)
            draw, walked = _U64(0), -1
            while walked < accesses:
                ahead = min(AHEAD, 1 + int((accesses - walked) * ceiling))
                walked, met = walk_on(
                    address, draw, ceiling, table, moves, ahead, accesses, walked, walk, draws
                )
                draw += _U64(ahead)
                unravel(walk, met, alike.size, planes * rows, places)
                for k in range(met):
                    element, access = alike[places[0, k]], places[1, k]
                    vector = _U64(image * positions) + places[2, k]
                    word, shift = element >> _U64(6), element & _U64(63)
                    here = bases[1, access] + word
                    digit = (digits[bases[0, access] + word * _U64(vectors) + vector] >> shift) & _U64(1)
                    weight = (weights[here] >> shift) & _U64(1)
                    if lowest < ceiling:
                        rate = chance_of[_U64(4) * element + _U64(2) * weight + digit]
                        if uniform(chances, draws[k]) * ceiling > rate:
                            continue
                    answer = np.int64(digit & weight)
                    if not faultless:
                        change = np.int64((rises[here] >> shift) & _U64(1))
                        change -= np.int64((falls[here] >> shift) & _U64(1))
                        answer = np.int64((lows[here] >> shift) & _U64(1)) + np.int64(digit) * change
                    sums[bases[2, access] + vector] += factors[access] * (1 - 2 * answer)
                    flips += 1
    return flips


@njit(cache=True, nogil=True, error_model="numpy")
def flip_writes(
    activations: Any, elements: int, rate: float, positions: int, first_image: int, key: Any
) -> int:
    """Flip, in place, the activation digits whose write fails.

    Parameters
    ----------
    activations : array of uint64, shape (planes, words, images * positions)
        Digits to be written, changed in place.
    elements : int
        Digits per window and plane.
    rate : float
        Probability that a written digit is wrong [1].
    positions, first_image, key
        As in ``flip_reads``.

    Returns
    -------
    int
        Number of wrong digits.
    """
    planes, _, vectors = activations.shape
    if rate <= 0.0:
        return 0
    log_keep = np.log1p(-rate)
    writes = positions * planes * elements
    flips = 0
    for image in range(vectors // positions):
        address = stream_address(key, first_image + image, 0)
        draw = _U64(0)
        write: Any = -1
        while True:
            step = np.log(uniform(address, draw)) / log_keep
            if step >= writes - 1 - write:
                break
            write += 1 + np.int64(step)
            element, plane = write % elements, (write // elements) % planes
            vector = image * positions + write // (elements * planes)
            activations[plane, element >> 6, vector] ^= _U64(1) << _U64(element & 63)
            flips += 1
            draw += _U64(1)
    return flips


@njit(cache=True, nogil=True, error_model="numpy")
def _bases(planes: int, words: int, vectors: int, outputs: Any) -> Any:
    """Where the digits, the stored row and the totals of each row operation (plane, row) begin."""
    rows = outputs.size
    bases = np.empty((3, planes * rows), np.uint64)
    for plane in range(planes):
        for row in range(rows):
            operation = plane * rows + row
            bases[0, operation] = _U64(plane * words * vectors)
            bases[1, operation] = _U64(row * words)
            bases[2, operation] = _U64(outputs[row] * vectors)
    return bases


@njit(cache=True, nogil=True, error_model="numpy")
def _factors(coefficients: Any, plane_coefficients: Any) -> Any:
    """What each row operation (plane, row) counts."""
    rows = coefficients.size
    factors = np.empty(plane_coefficients.size * rows, np.int64)
    for operation in range(factors.size):
        factors[operation] = plane_coefficients[operation // rows] * coefficients[operation % rows]
    return factors


@njit(cache=True, nogil=True, error_model="numpy")
def _is_faultless(stored: Any, zero_answers: Any, plus: Any, minus: Any) -> bool:
    """Whether all pairs answer the AND of their digits."""
    for row in range(stored.shape[0]):
        for word in range(stored.shape[1]):
            wrong = zero_answers[row, word] | minus[row, word] | (plus[row, word] ^ stored[row, word])
            if wrong != _U64(0):
                return False
    return True
