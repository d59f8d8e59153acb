"""Walks from one candidate for an error to the next, at the cost of the candidates.

Geometric steps at a ceiling rate lead from one candidate to the next, and each is kept in proportion to the
true rate of its pattern (thinning). Columns of about the same rate share a walk, so that a few noisy columns
cost no candidates in the quiet ones: one stream of draws serves all columns of a class of rates.

Kernels only: numbers and arrays in and out, no checks.

References
----------
P. A. W. Lewis and G. S. Shedler, Naval Research Logistics Quarterly 26, 403 (1979): thinning.
A. J. Walker, ACM Transactions on Mathematical Software 3, 253 (1977): tables of aliases.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from spinpim.device.dynamics.noise import mix64

_U64 = np.uint64
_STEP = np.uint64(0x9E3779B97F4A7C15)
CLASSES = 64
"""Of columns, by the power of two of their largest rate; the last takes all that are lower."""
ENTRIES = 256
"""Of the table of a walk: the steps 0 to 254, and one for all longer steps, which take several draws."""
BEYOND = ENTRIES - 1
"""Step that stands for that many accesses without an error, and no error after them."""
LEAST_TABLED = 1.0 / 256.0
"""Ceiling rate from which on the table is worth it: below, errors are few and a logarithm each is cheap."""
AHEAD = 128
"""Steps drawn together, so that the processor can draw several at once."""


@njit(cache=True, nogil=True, error_model="numpy")
def rate_classes(rates: Any) -> Any:
    """Elements sorted by the power of two of their largest rate, and where each class starts."""
    count = rates.shape[0]
    kinds = np.full(count, -1, np.int64)
    starts = np.zeros(CLASSES + 1, np.int64)
    for element in range(count):
        largest = rates[element].max()
        if largest > 0.0:
            kinds[element] = min(CLASSES - 1, int(-np.log2(largest)))
            starts[kinds[element] + 1] += 1
    for number in range(CLASSES):
        starts[number + 1] += starts[number]
    elements, filled = np.empty(starts[CLASSES], np.uint64), starts.copy()
    for element in range(count):
        if kinds[element] >= 0:
            elements[filled[kinds[element]]] = _U64(element)
            filled[kinds[element]] += 1
    return elements, starts


@njit(cache=True, nogil=True, error_model="numpy")
def fill_table(rate: float, table: Any, moves: Any) -> None:
    """Aliases of the number of accesses without an error before the next one.

    Entry k is the step k where 56 random bits are below ``table[k]``, else another. ``moves`` holds what both
    mean, first the other: twice the accesses that the walk goes on by, and one more if it meets an error.
    """
    alias = np.empty(ENTRIES, np.int64)
    weights = np.empty(ENTRIES)
    left = 1.0
    for step in range(BEYOND):
        weights[step] = ENTRIES * rate * left
        left *= 1.0 - rate
    weights[BEYOND] = ENTRIES * left
    small, large = np.empty(ENTRIES, np.int64), np.empty(ENTRIES, np.int64)
    smalls, larges = 0, 0
    for step in range(ENTRIES):
        if weights[step] < 1.0:
            small[smalls] = step
            smalls += 1
        else:
            large[larges] = step
            larges += 1
    for step in range(ENTRIES):
        table[step], alias[step] = _U64(1) << _U64(56), step
    while smalls and larges:
        smalls -= 1
        low, high = small[smalls], large[larges - 1]
        table[low] = _U64(weights[low] * 2.0**56)
        alias[low] = high
        weights[high] -= 1.0 - weights[low]
        if weights[high] < 1.0:
            larges -= 1
            small[smalls] = high
            smalls += 1
    for entry in range(ENTRIES):
        for own in range(2):
            step = entry if own else alias[entry]
            ends = int(step != BEYOND)
            moves[2 * entry + own] = 2 * (step + ends) + ends


@njit(cache=True, nogil=True, error_model="numpy")
def walk_on(
    address: Any,
    draw: Any,
    ceiling: float,
    table: Any,
    moves: Any,
    ahead: int,
    accesses: int,
    walked: Any,
    walk: Any,
    draws: Any,
) -> Any:
    """Go on by some draws: the last access passed, and how many candidates, in ``walk``, were met on the way.

    ``draws`` holds the number of the draw of each, for its second address.
    """
    met: Any = 0
    if ceiling < LEAST_TABLED:
        log_keep = np.log1p(-ceiling)
        for k in range(ahead):
            number = draw + _U64(k)
            step = np.log(uniform(address, number)) / log_keep
            if step >= accesses - 1 - walked:
                return accesses, met
            walked += 1 + np.int64(step)
            walk[met], draws[met] = walked, number
            met += 1
        return walked, met
    # Vectors of random words first; which entry they choose is one after the other anyway.
    for k in range(ahead):
        draws[k] = mix64(address + (draw + _U64(k)) * _STEP)
    here = _U64(0)
    for k in range(ahead):
        word = draws[_U64(k)]
        entry = word & _U64(ENTRIES - 1)
        # Read off a table, since no processor can foresee which of the two it will be.
        move = moves[(entry << _U64(1)) + _U64((word >> _U64(8)) < table[entry])]
        walked += move >> 1
        walk[here], draws[here] = walked, draw + _U64(k)
        here += _U64(move & 1)
    met = np.int64(here)
    while met > 0 and walk[met - 1] >= accesses:
        met -= 1
    return walked, met


@njit(cache=True, nogil=True, error_model="numpy")
def unravel(walk: Any, count: int, size: int, operations: int, places: Any) -> None:
    """Element of the class, row operation and position of accesses; the element changes fastest.

    Divisions by products with the inverse, put right by one: exact below 2^52, and vectors of them.
    """
    by_size, by_operations = 1.0 / size, 1.0 / operations
    for k in range(count):
        whole = np.int64(walk[k] * by_size)
        element = walk[k] - whole * size
        low, high = np.int64(element < 0), np.int64(element >= size)
        whole += high - low
        position = np.int64(whole * by_operations)
        operation = whole - position * operations
        under, over = np.int64(operation < 0), np.int64(operation >= operations)
        places[0, k] = _U64(element + (low - high) * size)
        places[1, k] = _U64(operation + (under - over) * operations)
        places[2, k] = _U64(position + over - under)


@njit(cache=True, nogil=True, error_model="numpy")
def rate_range(rates: Any, alike: Any) -> Any:
    """Smallest and largest rate of some elements."""
    lowest, ceiling = 1.0, 0.0
    for element in alike:
        for pattern in range(4):
            lowest = min(lowest, rates[element, pattern])
            ceiling = max(ceiling, rates[element, pattern])
    return lowest, ceiling


@njit(cache=True, nogil=True, error_model="numpy")
def stream_address(key: Any, image: int, number: int) -> Any:
    """Address of the draws of an image and a class."""
    return mix64(mix64(_U64(key) ^ mix64(_U64(image))) ^ _U64(number))


@njit(cache=True, nogil=True, error_model="numpy")
def uniform(address: Any, draw: Any) -> Any:
    """Uniform number in (0, 1], 53 bits: SplitMix64 from the address."""
    word = mix64(_U64(address + draw * _STEP))
    return (np.float64(word >> _U64(11)) + 1.0) * 2.0**-53
