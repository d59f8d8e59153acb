"""Flips of noise, gathered by words.

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
    uniform,
    unravel,
    walk_on,
)
from spinpim.device.dynamics.noise import mix64

_U64 = np.uint64
WORD_BITS, OPERATION_BITS = 24, 20
"""Of a listed place; what is above them is the position."""


@njit(cache=True, nogil=True, error_model="numpy")
def gather_flips(
    written: Any,
    vector: int,
    part: int,
    weights: Any,
    classes: Any,
    rates: Any,
    place_of: Any,
    count: int,
    address: Any,
    scratch: Any,
    turned: Any,
    touched: Any,
) -> Any:
    """Set the bits of the answers that noise turns, and list the words they are in; give their number."""
    elements, starts, lowests, ceilings, tables, moves = classes
    walk, draws, places = scratch
    planes, rows = written.shape[0], weights.shape[0]
    operations = planes * rows
    number: Any = 0
    for kind in range(CLASSES):
        alike = elements[starts[kind] : starts[kind + 1]]
        if alike.size == 0:
            continue
        lowest, ceiling = lowests[kind], ceilings[kind]
        stream = mix64(address ^ _U64(kind))
        chances = mix64(stream)
        accesses = part * operations * alike.size
        draw, walked = _U64(0), -1
        while walked < accesses:
            ahead = min(AHEAD, 1 + int((accesses - walked) * ceiling))
            walked, met = walk_on(
                stream, draw, ceiling, tables[kind], moves[kind], ahead, accesses, walked, walk, draws
            )
            draw += _U64(ahead)
            unravel(walk, met, alike.size, operations, places)
            for k in range(met):
                element, operation, position = alike[places[0, k]], places[1, k], places[2, k]
                word, shift = place_of[0, element], place_of[1, element]
                if lowest < ceiling:
                    weight = (weights[operation % _U64(rows), word] >> shift) & _U64(1)
                    column = written[operation // _U64(rows), element >> _U64(6), _U64(vector) + position]
                    pattern = _U64(2) * weight + ((column >> (element & _U64(63))) & _U64(1))
                    if uniform(chances, draws[k]) * ceiling > rates[element, pattern]:
                        continue
                site = (position * _U64(operations) + operation) * _U64(count) + word
                before = turned[site]
                # By arithmetic, since no processor can foresee it.
                listed = (position << _U64(OPERATION_BITS)) | operation
                touched[number] = (listed << _U64(WORD_BITS)) | word
                number += np.int64(before == _U64(0))
                turned[site] = before | (_U64(1) << shift)
    return number


@njit(cache=True, nogil=True, error_model="numpy")
def prepared_classes(rates: Any) -> Any:
    """Classes of rates with smallest and largest rate and the table of each."""
    elements, starts = rate_classes(rates)
    lowests, ceilings = np.zeros(CLASSES), np.zeros(CLASSES)
    tables, moves = np.empty((CLASSES, ENTRIES), np.uint64), np.empty((CLASSES, 2 * ENTRIES), np.int64)
    for kind in range(CLASSES):
        alike = elements[starts[kind] : starts[kind + 1]]
        if alike.size:
            lowests[kind], ceilings[kind] = rate_range(rates, alike)
            if ceilings[kind] >= LEAST_TABLED:
                fill_table(ceilings[kind], tables[kind], moves[kind])
    return elements, starts, lowests, ceilings, tables, moves
