"""Errors new at each access: sensing noise and failed activation writes.

The errors are drawn exactly, at the cost of the errors rather than of the accesses: geometric steps at a
ceiling rate lead from one candidate to the next, and each candidate is kept in proportion to the true
rate of its pattern (thinning). Columns of about the same rate share a walk, so that a few noisy columns
cost no candidates in the quiet ones. Numbers are a function of their address (key, image, class, draw), never
of the order in which images are worked through.

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
    elements, starts = _classes(rates)
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
        lowest, ceiling = _rate_range(rates, alike)
        if ceiling >= LEAST_TABLED:
            _fill_table(ceiling, table, moves)
        accesses = positions * planes * rows * alike.size
        for image in range(vectors // positions):
            address = _address(key, first_image + image, number)
            chances = mix64(address)
            draw, walked = _U64(0), -1
            while walked < accesses:
                ahead = min(AHEAD, 1 + int((accesses - walked) * ceiling))
                walked, met = _walk(
                    address, draw, ceiling, table, moves, ahead, accesses, walked, walk, draws
                )
                draw += _U64(ahead)
                _unravel(walk, met, alike.size, planes * rows, places)
                for k in range(met):
                    element, access = alike[places[0, k]], places[1, k]
                    vector = _U64(image * positions) + places[2, k]
                    word, shift = element >> _U64(6), element & _U64(63)
                    here = bases[1, access] + word
                    digit = (digits[bases[0, access] + word * _U64(vectors) + vector] >> shift) & _U64(1)
                    weight = (weights[here] >> shift) & _U64(1)
                    if lowest < ceiling:
                        rate = chance_of[_U64(4) * element + _U64(2) * weight + digit]
                        if _uniform(chances, draws[k]) * ceiling > rate:
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
        address = _address(key, first_image + image, 0)
        draw = _U64(0)
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
            draw += _U64(1)
    return flips


@njit(cache=True, nogil=True, error_model="numpy")
def _classes(rates: Any) -> Any:
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
def _fill_table(rate: float, table: Any, moves: Any) -> None:
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
def _walk(
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
            step = np.log(_uniform(address, number)) / log_keep
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
def _unravel(walk: Any, count: int, size: int, operations: int, places: Any) -> None:
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
def _rate_range(rates: Any, alike: Any) -> Any:
    """Smallest and largest rate of some elements."""
    lowest, ceiling = 1.0, 0.0
    for element in alike:
        for pattern in range(4):
            lowest = min(lowest, rates[element, pattern])
            ceiling = max(ceiling, rates[element, pattern])
    return lowest, ceiling


@njit(cache=True, nogil=True, error_model="numpy")
def _is_faultless(stored: Any, zero_answers: Any, plus: Any, minus: Any) -> bool:
    """Whether all pairs answer the AND of their digits."""
    for row in range(stored.shape[0]):
        for word in range(stored.shape[1]):
            wrong = zero_answers[row, word] | minus[row, word] | (plus[row, word] ^ stored[row, word])
            if wrong != _U64(0):
                return False
    return True


@njit(cache=True, nogil=True, error_model="numpy")
def _address(key: Any, image: int, number: int) -> Any:
    return mix64(mix64(_U64(key) ^ mix64(_U64(image))) ^ _U64(number))


@njit(cache=True, nogil=True, error_model="numpy")
def _uniform(address: Any, draw: Any) -> Any:
    """Uniform number in (0, 1], 53 bits: SplitMix64 from the address."""
    word = mix64(_U64(address + draw * _STEP))
    return (np.float64(word >> _U64(11)) + 1.0) * 2.0**-53
