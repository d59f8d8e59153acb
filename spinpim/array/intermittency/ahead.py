"""Many operations at once: what an image takes up to each of its blocks, and where a charge surely leads.

Within a piece of the supply each load maps the level of the store to another on a line, and so do many one
after the other: whole blocks and whole images are passed in one step where neither the floor, the top nor the
end of the piece can be met on the way.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit

from spinpim.array.intermittency import columns as column
from spinpim.array.intermittency import state as at
from spinpim.array.intermittency.levels import level_after
from spinpim.array.intermittency.power import moment, repeated, safe_rounds
from spinpim.array.intermittency.restoring import record_risk

OPERATIONS, OPERATION_J, OPERATION_S, SAVE_J, SAVE_S, SAVES, DRAWN_J, KEPT, OLDER, OLDER_DONE = range(10)
"""Columns of `sums_ahead`: counts, energies [J] and times [s] from the beginning of an image to that of a
block; level of a store after it that was at 0 before, without a source [J]; the last beginning of a block up
to there that a save keeps; block and operations of the save before that one."""

MARGIN = 1e-9
"""Share of the level, and of a time, that rounding may take."""


@njit(cache=True, nogil=True)
def sums_ahead(store: Any, program: Any) -> Any:
    """Sums over the blocks of an image; a row for the beginning of each, and one for the end of the image."""
    blocks = len(program.table)
    sums = np.zeros((blocks + 1, 10))
    fresh = 0.0
    for block in range(blocks):
        row, here, then = program.table[block], sums[block], sums[block + 1]
        count, step = int(row[column.COUNTS]), int(row[column.EVERY])
        last = block == blocks - 1
        ends = program.end_every > 0 if last else step > 0
        rounds = (count - 1) // step if step else 0
        rest = count - rounds * step
        # Digits that are counted as they come are paid for by the next save.
        step_J = step * row[column.DIGITS] * program.snapshot_digit_J
        step_s = step * row[column.DIGITS] * program.snapshot_digit_s
        save_J, save_s = row[column.SAVE_J] + step_J, row[column.SAVE_S] + step_s
        fresh = rest * row[column.DIGITS] if rounds else fresh + count * row[column.DIGITS]
        end_J = (row[column.END_J] + fresh * program.snapshot_digit_J) * ends
        end_s = (row[column.END_S] + fresh * program.snapshot_digit_s) * ends
        energy_J = row[column.ENERGY_J] + row[column.THROUGH_J]
        time_s = row[column.TIME_S] + row[column.THROUGH_S]
        level_J = _after_rounds(store, here[DRAWN_J], rounds, step * energy_J, step * time_s, save_J, save_s)
        level_J = _loaded(store, level_J, rest * energy_J, rest * time_s)
        then[DRAWN_J] = _loaded(store, level_J, end_J, end_s)
        then[OPERATIONS] = here[OPERATIONS] + count
        then[OPERATION_J] = here[OPERATION_J] + count * row[column.ENERGY_J]
        then[OPERATION_S] = here[OPERATION_S] + count * row[column.TIME_S]
        then[SAVE_J] = here[SAVE_J] + rounds * save_J + count * row[column.THROUGH_J] + end_J
        then[SAVE_S] = here[SAVE_S] + rounds * save_s + count * row[column.THROUGH_S] + end_s
        then[SAVES] = here[SAVES] + rounds + ends
        then[KEPT] = block + 1 if ends else here[KEPT]
        then[OLDER], then[OLDER_DONE] = here[OLDER], here[OLDER_DONE]
        if ends:
            then[OLDER], then[OLDER_DONE] = (block, rounds * step) if rounds else (here[KEPT], 0.0)
            fresh = 0.0
    return sums


@njit(cache=True, nogil=True)
def go_ahead(supply: Any, store: Any, program: Any, sums: Any, most: int, state: Any) -> bool:
    """Pass as many images as surely fit, or else blocks; whether there were any.

    From the beginning of a block on; where several images are kept at once, not over the end of one.
    """
    counters, place, flow = state
    start, end = place[at.BLOCK], len(sums) - 1
    if program.snapshot_digit_J > 0.0 and sums[start, KEPT] != start:
        # The next save counts digits from elsewhere than the sums do.
        return False
    if start == 0 and program.end_every <= 1:
        count = _images_that_fit(supply, store, sums, flow, most)
        if count > 0:
            _move(supply, store, flow, sums[end], sums[0], count)
            _count(counters, sums[end], sums[0], count)
            _finish_images(counters, place, flow, sums[end, SAVES], count)
            return True
    block = _furthest(supply, store, sums, start, end if program.end_every <= 1 else end - 1, flow)
    if block == start:
        return False
    _move(supply, store, flow, sums[block], sums[start], 1)
    _count(counters, sums[block], sums[start], 1)
    if block == end:
        _finish_images(counters, place, flow, sums[end, SAVES] - sums[start, SAVES], 1)
    else:
        _keep(program, sums, start, block, place, flow)
    return True


@njit(cache=True, nogil=True)
def _images_that_fit(supply: Any, store: Any, sums: Any, flow: Any, most: int) -> int:
    load_J, load_s = _between(sums[-1], sums[0])
    return int(
        safe_rounds(supply, store, flow[at.NOW], flow[at.LEVEL], store.warning_J, load_J, load_s, most)
    )


@njit(cache=True, nogil=True)
def _furthest(supply: Any, store: Any, sums: Any, start: int, end: int, flow: Any) -> int:
    """The last block whose beginning is surely reached within a piece of the supply."""
    begun, piece = moment(supply, flow[at.NOW])
    end_s = min(begun + supply.edges_s[piece + 1], supply.until_s)
    left_s = (end_s - flow[at.NOW]) * (1.0 - MARGIN)
    level_J, source_W = flow[at.LEVEL], store.charging * supply.power_W[piece]
    for block in range(end, start, -1):
        load_J, load_s = _between(sums[block], sums[start])
        # As if nothing came in, and as if all leaked at the level of now.
        lowest_J = level_J * (1.0 - MARGIN - load_s / store.forgetting_s) - load_J / store.supplying
        if load_s < left_s and lowest_J > store.warning_J and level_J + source_W * load_s < store.top_J:
            return block
    return start


@njit(cache=True, nogil=True)
def _between(there: Any, here: Any) -> Any:
    """Energy [J] and time [s] from one place to another, of operations and saves."""
    load_J = there[OPERATION_J] - here[OPERATION_J] + there[SAVE_J] - here[SAVE_J]
    return load_J, there[OPERATION_S] - here[OPERATION_S] + there[SAVE_S] - here[SAVE_S]


@njit(cache=True, nogil=True)
def _move(supply: Any, store: Any, flow: Any, there: Any, here: Any, times: int) -> None:
    """Time and level after passing from one place to another, so many times."""
    _, piece = moment(supply, flow[at.NOW])
    source_W = store.charging * supply.power_W[piece]
    _, time_s = _between(there, here)
    # What arrives and what is drawn add up, since the law is linear.
    drawn_J = there[DRAWN_J] - here[DRAWN_J] - here[DRAWN_J] * math.expm1(-time_s / store.forgetting_s)
    once_J = drawn_J + level_after(0.0, source_W, store.forgetting_s, time_s)
    flow[at.LEVEL] = repeated(flow[at.LEVEL], once_J, time_s / store.forgetting_s, times)
    flow[at.NOW] += times * time_s


@njit(cache=True, nogil=True)
def _count(counters: Any, there: Any, here: Any, times: int) -> None:
    counters[at.OPERATIONS] += times * (there[OPERATIONS] - here[OPERATIONS])
    counters[at.OPERATION_J] += times * (there[OPERATION_J] - here[OPERATION_J])
    counters[at.OPERATION_S] += times * (there[OPERATION_S] - here[OPERATION_S])
    counters[at.SAVE_J] += times * (there[SAVE_J] - here[SAVE_J])
    counters[at.SAVE_S] += times * (there[SAVE_S] - here[SAVE_S])
    counters[at.SAVES] += times * (there[SAVES] - here[SAVES])


@njit(cache=True, nogil=True)
def _finish_images(counters: Any, place: Any, flow: Any, saves: float, count: int) -> None:
    """So many images have ended, and the records name none that has begun."""
    place[at.SERIAL] += count * int(saves)
    place[at.ATTEMPT] += count
    place[at.IMAGE] += count
    counters[at.IMAGES] = place[at.IMAGE]
    place[at.BLOCK] = place[at.DONE] = place[at.UNSAVED] = 0
    for saved in (at.SAVED, at.OLDER):
        place[saved : saved + 3] = place[at.IMAGE : at.IMAGE + 3]
        place[saved + 3] = place[at.SERIAL]
    flow[at.SAVED_BAD] = flow[at.OLDER_BAD] = flow[at.SOUND] = flow[at.UNSAVED_J] = flow[at.FRESH] = 0.0


@njit(cache=True, nogil=True)
def _keep(program: Any, sums: Any, start: int, block: int, place: Any, flow: Any) -> None:
    """The place is the beginning of a block further on; the last two saves on the way are what is kept."""
    there, kept = sums[block], int(sums[block, KEPT])
    saves = int(there[SAVES] - sums[start, SAVES])
    since = start
    if saves > 0:
        since = kept
        place[at.SERIAL] += saves
        if saves > 1:
            older = int(there[OLDER])
            place[at.OLDER], place[at.OLDER_BLOCK] = place[at.IMAGE], older
            place[at.OLDER_DONE], place[at.OLDER_SERIAL] = int(there[OLDER_DONE]), place[at.SERIAL] - 1
            flow[at.OLDER_BAD] = record_risk(program, older if there[OLDER_DONE] else older - 1)
        else:
            place[at.OLDER : at.OLDER + 4] = place[at.SAVED : at.SAVED + 4]
            flow[at.OLDER_BAD] = flow[at.SAVED_BAD]
        place[at.SAVED], place[at.SAVED_BLOCK], place[at.SAVED_DONE] = place[at.IMAGE], kept, 0
        place[at.SAVED_SERIAL], flow[at.SAVED_BAD] = place[at.SERIAL], record_risk(program, kept - 1)
        place[at.UNSAVED], flow[at.UNSAVED_J], flow[at.FRESH] = 0, 0.0, 0.0
    place[at.BLOCK] = block
    place[at.UNSAVED] += int(there[OPERATIONS] - sums[since, OPERATIONS])
    flow[at.UNSAVED_J] += there[OPERATION_J] - sums[since, OPERATION_J]
    flow[at.FRESH] += program.table[block, column.DIGITS_BEFORE] - program.table[since, column.DIGITS_BEFORE]


@njit(cache=True, nogil=True)
def _loaded(store: Any, level_J: float, load_J: float, load_s: float) -> Any:
    if load_s <= 0.0:
        return level_J
    return level_after(level_J, -load_J / load_s / store.supplying, store.forgetting_s, load_s)


@njit(cache=True, nogil=True)
def _after_rounds(
    store: Any, level_J: float, rounds: int, load_J: float, load_s: float, save_J: float, save_s: float
) -> Any:
    """Level after so many rounds of operations and a save."""
    if rounds == 0:
        return level_J
    once_J = _loaded(store, _loaded(store, 0.0, load_J, load_s), save_J, save_s)
    return repeated(level_J, once_J, (load_s + save_s) / store.forgetting_s, rounds)
