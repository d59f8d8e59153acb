"""One load after the other: waking up, operations up to a save, the save, and what ends with them."""

from __future__ import annotations

import math
from typing import Any

from numba import njit

from spinpim.array.intermittency import columns as column
from spinpim.array.intermittency import state as at
from spinpim.array.intermittency.power import draw, level_after_rounds, rounds_in_piece, safe_rounds
from spinpim.array.intermittency.restoring import (
    commit,
    fall_back,
    has_flipped,
    is_wrong,
    kept_digits,
    record_risk,
)

SAME = 1e-9
"""An operation that ends within so much of itself at the moment of a cut is done."""

NEARLY_FULL, SAME_LEVEL = 0.99, 1e-12
"""Share of the highest level from which on rounds are compared, and by how much like levels may differ."""


@njit(cache=True, nogil=True)
def wake(supply: Any, store: Any, program: Any, state: Any, seed: int) -> bool:
    """Wake up and restore; whether the energy lasted."""
    counters, place, flow = state
    if _take(supply, store, counters, flow, store.off_J, program.wake_J, program.wake_s, at.WAKE_J) < 1.0:
        return False
    if program.end_every and (place[at.SAVED_BLOCK] or place[at.SAVED_DONE]):
        # Both records are read, and all digits that they count on pass the check once.
        row, digits = program.table[place[at.SAVED_BLOCK]], kept_digits(program, place)
        load_J = row[column.RESTORE_J] + digits * program.restore_digit_J
        load_s = row[column.RESTORE_S] + digits * program.restore_digit_s
        if _take(supply, store, counters, flow, store.off_J, load_J, load_s, at.RESTORE_J) < 1.0:
            return False
        flipped = has_flipped(program, counters, place, flow, seed)
        if flipped or is_wrong(program, place, flow, at.SAVED, flow[at.SAVED_BAD], seed):
            fall_back(program, counters, place, flow, seed, flipped)
        counters[at.RESTORES] += 1
    place[at.IMAGE : at.IMAGE + 3] = place[at.SAVED : at.SAVED_SERIAL]
    return True


@njit(cache=True, nogil=True)
def work(supply: Any, store: Any, program: Any, state: Any) -> bool:
    """Operations up to the next save, that save, and what ends with them; whether the energy lasted."""
    place = state.place
    block, done = place[at.BLOCK], place[at.DONE]
    row = program.table[block]
    step, left = int(row[column.EVERY]), int(row[column.COUNTS]) - done
    # The last save of a block is left to what ends blocks.
    many_rounds = step and done % step == 0 and left > step
    if many_rounds and _rounds(supply, store, program, state, (left - 1) // step):
        return True
    many = left if step == 0 else min(left, step - done % step)
    if not _operate(supply, store, program, state, float(many), store.warning_J):
        return store.warning_J > store.off_J and _snapshot(supply, store, program, state)
    if place[at.BLOCK] == len(program.table):
        return _end_image(supply, store, program, state)
    ended = place[at.BLOCK] != block
    if step and (ended or place[at.DONE] % step == 0):
        load_J, load_s = (
            (row[column.END_J], row[column.END_S]) if ended else (row[column.SAVE_J], row[column.SAVE_S])
        )
        return _save(supply, store, program, state, load_J, load_s, record_risk(program, block))
    return True


@njit(cache=True, nogil=True)
def _take(
    supply: Any, store: Any, counters: Any, flow: Any, floor_J: float, load_J: float, load_s: float, of: int
) -> float:
    """Draw a load down to a floor, on the account ``of`` which; the share that was drawn."""
    spent_s, flow[at.NOW], flow[at.LEVEL] = draw(
        supply, store, flow[at.NOW], flow[at.LEVEL], floor_J, load_J, load_s
    )
    share = 1.0 if spent_s >= load_s else spent_s / load_s
    counters[of] += share * load_J
    counters[of + at.TIME_OF_ENERGY] += spent_s
    return share


@njit(cache=True, nogil=True)
def _save(
    supply: Any, store: Any, program: Any, state: Any, load_J: float, load_s: float, bad: float
) -> bool:
    """Save at a price, and that of digits handed on that are counted; whether the energy lasted."""
    if not _pay_save(supply, store, program, state, load_J, load_s):
        return False
    commit(state.counters, state.place, state.flow, bad)
    return True


@njit(cache=True, nogil=True)
def _pay_save(supply: Any, store: Any, program: Any, state: Any, load_J: float, load_s: float) -> bool:
    counters, _, flow = state
    load_J += flow[at.FRESH] * program.snapshot_digit_J
    load_s += flow[at.FRESH] * program.snapshot_digit_s
    if _take(supply, store, counters, flow, store.off_J, load_J, load_s, at.SAVE_J) < 1.0:
        counters[at.SAVES_CUT] += 1
        return False
    return True


@njit(cache=True, nogil=True)
def _operate(supply: Any, store: Any, program: Any, state: Any, many: float, floor_J: float) -> bool:
    """So many operations of the block, or the rest of one; whether the level stayed above the floor."""
    counters, place, flow = state
    row = program.table[place[at.BLOCK]]
    load_J = many * (row[column.ENERGY_J] + row[column.THROUGH_J])
    load_s = many * (row[column.TIME_S] + row[column.THROUGH_S])
    share = _take(supply, store, counters, flow, floor_J, load_J, load_s, at.OPERATION_J)
    used = share * many
    written_J, written_s = used * row[column.THROUGH_J], used * row[column.THROUGH_S]
    counters[at.OPERATION_J] -= written_J
    counters[at.SAVE_J] += written_J
    counters[at.OPERATION_S] -= written_s
    counters[at.SAVE_S] += written_s
    made = math.ceil(many) if share >= 1.0 else int(used + SAME)
    counters[at.OPERATIONS] += made
    place[at.UNSAVED] += made
    flow[at.UNSAVED_J] += used * row[column.ENERGY_J]
    flow[at.PART] = max(0.0, used - made)
    flow[at.FRESH] += made * row[column.DIGITS]
    place[at.DONE] += made
    if place[at.DONE] == int(row[column.COUNTS]):
        place[at.BLOCK], place[at.DONE] = place[at.BLOCK] + 1, 0
    return share >= 1.0


@njit(cache=True, nogil=True)
def _rounds(supply: Any, store: Any, program: Any, state: Any, most: int) -> bool:
    """As many rounds of operations and a save as surely fit; whether there were any.

    For policies that save now and then, and write nothing through.
    """
    counters, place, flow = state
    block, row = place[at.BLOCK], program.table[place[at.BLOCK]]
    step = int(row[column.EVERY])
    operation_J, operation_s = step * row[column.ENERGY_J], step * row[column.TIME_S]
    save_J = row[column.SAVE_J] + step * row[column.DIGITS] * program.snapshot_digit_J
    save_s = row[column.SAVE_S] + step * row[column.DIGITS] * program.snapshot_digit_s
    now, level_J = flow[at.NOW], flow[at.LEVEL]
    rounds = safe_rounds(
        supply, store, now, level_J, store.warning_J, operation_J + save_J, operation_s + save_s, most
    )
    if rounds > 0:
        flow[at.LEVEL] = level_after_rounds(
            supply, store, now, level_J, rounds, operation_J, operation_s, save_J, save_s
        )
    else:
        if level_J < NEARLY_FULL * store.top_J:
            return False
        # A full store that each round leaves as it was: so do all within the piece.
        whole, then, level = draw(supply, store, now, level_J, store.warning_J, operation_J, operation_s)
        saved, _, level = draw(supply, store, then, level, store.off_J, save_J, save_s)
        if whole < operation_s or saved < save_s or abs(level - level_J) > SAME_LEVEL * level:
            return False
        rounds = rounds_in_piece(supply, now, operation_s + save_s, most)
        if rounds < 1:
            return False
    flow[at.NOW] += rounds * (operation_s + save_s)
    counters[at.OPERATIONS] += rounds * step
    counters[at.OPERATION_J] += rounds * operation_J
    counters[at.OPERATION_S] += rounds * operation_s
    counters[at.SAVE_J] += rounds * save_J
    counters[at.SAVE_S] += rounds * save_s
    # All saves but the last two are forgotten.
    if rounds > 1:
        place[at.DONE] += (rounds - 1) * step
        place[at.SERIAL] += rounds - 2
        counters[at.SAVES] += rounds - 2
        commit(counters, place, flow, record_risk(program, block))
    place[at.DONE] += step
    commit(counters, place, flow, record_risk(program, block))
    return True


@njit(cache=True, nogil=True)
def _snapshot(supply: Any, store: Any, program: Any, state: Any) -> bool:
    """Upon a warning: finish the operation, save, and go to sleep; never goes on."""
    _, place, flow = state
    rest = 1.0 - flow[at.PART]
    if place[at.BLOCK] < len(program.table) and not _operate(
        supply, store, program, state, rest, store.off_J
    ):
        return False
    block = place[at.BLOCK]
    if block == len(program.table):
        _end_image(supply, store, program, state)
    else:
        row = program.table[block]
        load_J, load_s = row[column.SNAPSHOT_J], row[column.SNAPSHOT_S]
        _save(supply, store, program, state, load_J, load_s, record_risk(program, block))
    return False


@njit(cache=True, nogil=True)
def _end_image(supply: Any, store: Any, program: Any, state: Any) -> bool:
    """Hand on the result of an image, at once or with a save that is due; whether the energy lasted."""
    counters, place, flow = state
    row = program.table[len(program.table) - 1]
    due = place[at.IMAGE] + 1 - place[at.SAVED] >= program.end_every
    if program.end_every and due:
        if not _pay_save(supply, store, program, state, row[column.END_J], row[column.END_S]):
            return False
        counters[at.SAVES] += 1
    place[at.IMAGE] += 1
    place[at.BLOCK] = place[at.DONE] = 0
    place[at.ATTEMPT] += 1
    flow[at.SOUND] = 0.0
    if due:
        # A record of results is not restored, and cannot be wrong for what follows.
        commit(counters, place, flow, 0.0)
        counters[at.SAVES] -= 1
        counters[at.IMAGES] = place[at.IMAGE]
    return True
