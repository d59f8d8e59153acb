"""What was kept: committing a save, finding it whole, forgotten or wrong, and falling back to the one before.

Saves go to two places in turn; the newest one that is found whole is restored, else the one before it, else
the image begins anew.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit

from spinpim.array.intermittency import columns as column
from spinpim.array.intermittency import state as at
from spinpim.array.walks import stream_address, uniform

OF_RECORD, OF_DIGITS, OF_CELLS = range(3)
"""Streams of draws: is a save wrong, are digits handed on wrong, has a cell flipped."""


@njit(cache=True, nogil=True)
def commit(counters: Any, place: Any, flow: Any, bad: float) -> None:
    """What is done is kept, in a record that is wrong with a probability."""
    counters[at.SAVES] += 1
    place[at.OLDER : at.OLDER + 4] = place[at.SAVED : at.SAVED + 4]
    flow[at.OLDER_BAD] = flow[at.SAVED_BAD]
    place[at.SERIAL] += 1
    place[at.SAVED : at.SAVED_SERIAL] = place[at.IMAGE : at.IMAGE + 3]
    place[at.SAVED_SERIAL], flow[at.SAVED_BAD] = place[at.SERIAL], bad
    place[at.UNSAVED], flow[at.UNSAVED_J], flow[at.FRESH] = 0, 0.0, 0.0


@njit(cache=True, nogil=True)
def record_risk(program: Any, block: int) -> float:
    """Probability that the record of a save in a block is wrong."""
    return -math.expm1(program.table[block, column.RECORD_DIGITS] * math.log1p(-program.wrong_digit))


@njit(cache=True, nogil=True)
def kept_digits(program: Any, place: Any) -> float:
    """Digits handed on that the newest record counts on."""
    return _digits_at(program, place[at.SAVED_BLOCK], place[at.SAVED_DONE])


@njit(cache=True, nogil=True)
def has_flipped(program: Any, counters: Any, place: Any, flow: Any, seed: int) -> bool:
    """Whether any digit of what was saved has flipped since the cut."""
    digits = program.table[place[at.SAVED_BLOCK], column.RECORD_DIGITS] + kept_digits(program, place)
    risk = -math.expm1(-digits * program.loss_Hz * (flow[at.NOW] - flow[at.CUT_AT]))
    return bool(_chance(seed, OF_CELLS, int(counters[at.WAKES])) <= risk)


@njit(cache=True, nogil=True)
def is_wrong(program: Any, place: Any, flow: Any, saved: int, bad: float, seed: int) -> bool:
    """Whether a save is wrong, by its record or by the digits that it counts on; the same whenever asked."""
    if _chance(seed, OF_RECORD, place[saved + 3]) <= bad:
        return True
    fresh = _digits_at(program, place[saved + 1], place[saved + 2]) - flow[at.SOUND]
    risk = -math.expm1(max(0.0, fresh) * math.log1p(-program.wrong_digit))
    return bool(_chance(seed, OF_DIGITS, place[at.ATTEMPT]) <= risk)


@njit(cache=True, nogil=True)
def fall_back(program: Any, counters: Any, place: Any, flow: Any, seed: int, flipped: bool) -> None:
    """Take the save before the newest one, or begin the image anew, as always if a cell has flipped."""
    counters[at.SAVES_WRONG] += not flipped
    _undo(program, counters, place, 1.0)
    # One that names a place within an image was saved in the one at work.
    begun = place[at.OLDER_BLOCK] > 0 or place[at.OLDER_DONE] > 0
    if begun and not flipped and not is_wrong(program, place, flow, at.OLDER, flow[at.OLDER_BAD], seed):
        place[at.SAVED : at.SAVED + 4] = place[at.OLDER : at.OLDER + 4]
        flow[at.SAVED_BAD] = flow[at.OLDER_BAD]
    else:
        counters[at.STATES_LOST] += 1
        place[at.SAVED_BLOCK], place[at.SAVED_DONE], flow[at.SAVED_BAD] = 0, 0, 0.0
    _undo(program, counters, place, -1.0)
    # What is there is right; what is written from here on is drawn anew.
    flow[at.SOUND] = kept_digits(program, place)
    place[at.ATTEMPT] += 1


@njit(cache=True, nogil=True)
def _digits_at(program: Any, block: int, done: int) -> float:
    row = program.table[block]
    return float(row[column.DIGITS_BEFORE] + done * row[column.DIGITS])


@njit(cache=True, nogil=True)
def _undo(program: Any, counters: Any, place: Any, sign: float) -> None:
    """Count the operations up to the saved place as lost, or take them back."""
    for block in range(place[at.SAVED_BLOCK] + 1):
        whole = block < place[at.SAVED_BLOCK]
        operations = int(program.table[block, column.COUNTS]) if whole else place[at.SAVED_DONE]
        counters[at.LOST] += sign * operations
        counters[at.LOST_J] += sign * operations * program.table[block, column.ENERGY_J]


@njit(cache=True, nogil=True)
def _chance(seed: int, stream: int, number: int) -> float:
    return float(uniform(stream_address(seed, stream, 0), np.uint64(number)))
