"""Errors new at each access: sensing noise and failed activation writes.

The errors are drawn exactly, at the cost of the errors rather than of the accesses: geometric steps at the
largest rate lead from one candidate to the next, and each candidate is kept in proportion to the true
rate of its pattern (thinning). Numbers are a function of their address (key, image, element), never of
the order in which images are worked through.

Kernels only: numbers and arrays in and out, no checks.

References
----------
P. A. W. Lewis and G. S. Shedler, Naval Research Logistics Quarterly 26, 403 (1979): thinning.
L. Devroye, Non-Uniform Random Variate Generation (Springer, 1986), section X.2: geometric variates.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from spinpim.device.dynamics.noise import mix64

_U64 = np.uint64
_STEP = np.uint64(0x9E3779B97F4A7C15)


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
    planes, _, vectors = activations.shape
    rows = stored.shape[0]
    accesses = positions * planes * rows
    flips = 0
    for element in range(rates.shape[0]):
        largest = rates[element].max()
        if largest <= 0.0:
            continue
        log_keep = np.log1p(-largest)
        word, shift = element >> 6, _U64(element & 63)
        for image in range(vectors // positions):
            address = _address(key, first_image + image, element)
            draw = 0
            access: Any = -1
            while True:
                step = np.log(_uniform(address, draw)) / log_keep
                if step >= accesses - 1 - access:
                    break
                access += np.int64(step) + 1
                row, plane = access % rows, (access // rows) % planes
                vector = image * positions + access // (rows * planes)
                digit = (activations[plane, word, vector] >> shift) & _U64(1)
                weight = (stored[row, word] >> shift) & _U64(1)
                pattern = np.int64(2) * np.int64(weight) + np.int64(digit)
                if _uniform(address, draw + 1) * largest <= rates[element, pattern]:
                    answer = np.int64((zero_answers[row, word] >> shift) & _U64(1))
                    if digit:
                        answer += np.int64((plus[row, word] >> shift) & _U64(1))
                        answer -= np.int64((minus[row, word] >> shift) & _U64(1))
                    factor = coefficients[row] * plane_coefficients[plane]
                    totals[outputs[row], vector] += factor * (1 - 2 * answer)
                    flips += 1
                draw += 2
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
        address = _address(key, first_image + image, 0)
        draw = 0
        write: Any = -1
        while True:
            step = np.log(_uniform(address, draw)) / log_keep
            if step >= writes - 1 - write:
                break
            write += 1 + np.int64(step)
            element, plane = write % elements, (write // elements) % planes
            vector = image * positions + write // (elements * planes)
            activations[plane, element >> 6, vector] ^= _U64(1) << _U64(element & 63)
            flips += 1
            draw += 1
    return flips


@njit(cache=True, nogil=True, error_model="numpy")
def _address(key: Any, image: int, element: int) -> Any:
    return mix64(mix64(_U64(key) ^ mix64(_U64(image))) ^ _U64(element))


@njit(cache=True, nogil=True, error_model="numpy")
def _uniform(address: Any, draw: int) -> Any:
    """Uniform number in (0, 1], 53 bits: SplitMix64 from the address."""
    word = mix64(_U64(address + _U64(draw) * _STEP))
    return (np.float64(word >> _U64(11)) + 1.0) * 2.0**-53
