"""Operations on stored energy: what is done, lost, saved and waited for, from one power cut to the next.

Nothing is stepped in time: the store is followed by its closed form from event to event, which are ends of
pieces of the supply, of blocks of alike operations, and of the energy. Saves go to two places in turn; the
newest one that is found whole is restored, else the one before it, else the image begins anew.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from spinpim.array.intermittency.image import level_after_images, whole_image
from spinpim.array.intermittency.power import (
    charge,
    draw,
    level_after_rounds,
    rounds_in_piece,
    safe_rounds,
)
from spinpim.array.intermittency.program import (
    BLOCK_COUNTS,
    BLOCK_DIGITS,
    BLOCK_DIGITS_BEFORE,
    BLOCK_ENERGY_J,
    BLOCK_EVERY,
    BLOCK_RECORD_DIGITS,
    BLOCK_RESTORE_J,
    BLOCK_RESTORE_S,
    BLOCK_SAVE_J,
    BLOCK_SAVE_S,
    BLOCK_SNAPSHOT_J,
    BLOCK_SNAPSHOT_S,
    BLOCK_THROUGH_J,
    BLOCK_THROUGH_S,
    BLOCK_TIME_S,
    Program,
    Store,
    Supply,
    packed,
)
from spinpim.array.walks import stream_address, uniform

COUNTERS = (
    "images",
    "cuts",
    "wakes",
    "operations",
    "operations_lost",
    "saves",
    "saves_cut",
    "saves_wrong",
    "states_lost",
    "restores",
    "operation_J",
    "save_J",
    "restore_J",
    "wake_J",
    "lost_J",
    "operation_s",
    "save_s",
    "restore_s",
    "wake_s",
    "off_s",
)
"""What is counted, in this order. Energies are those that reach the memory [J]; ``lost_J`` is the part of
``operation_J`` whose operations were not saved, or not finished, before a cut."""

(
    IMAGES,
    CUTS,
    WAKES,
    OPERATIONS,
    LOST,
    SAVES,
    SAVES_CUT,
    SAVES_WRONG,
    STATES_LOST,
    RESTORES,
    OPERATION_J,
    SAVE_J,
    RESTORE_J,
    WAKE_J,
    LOST_J,
    OPERATION_S,
    SAVE_S,
    RESTORE_S,
    WAKE_S,
    OFF_S,
) = range(len(COUNTERS))

EVENT_COLUMNS = ("time_s", "level_J", "operations", "operations_lost", "images", "on")
"""Columns of the record of events: after a wake (1) or a cut (0)."""

_IMAGE, _BLOCK, _DONE, _UNSAVED, _SERIAL, _ATTEMPT, EVENTS, _ALIVE, _CHECKED = range(9)
_SAVED, _OLDER = 9, 13
"""Where a place begins: image, block, operations done, number of the save."""
_NOW, _LEVEL, _UNSAVED_J, _FRESH, _PART, _SOUND, _SAVED_BAD, _OLDER_BAD, _CUT_AT = range(9)

FloatArray = NDArray[np.float64]

_SLOT, _DIGITS, _LOSS = range(3)
"""Streams of draws: is a save wrong, are digits handed on wrong, has a cell flipped."""

SAME = 1e-9
"""An operation that ends within so much of itself at the moment of a cut is done."""

NEARLY_FULL, SAME_LEVEL = 0.99, 1e-12
"""Share of the highest level from which on rounds are compared, and by how much like levels may differ."""


class State(NamedTuple):
    """Where a run is: counters, whole numbers and real numbers, changed by `run`."""

    found: FloatArray
    place: NDArray[np.int64]
    flow: FloatArray


def new_state(store: Any) -> State:
    """Switched off, at the voltage of switching off, nothing done."""
    flow = np.zeros(9)
    flow[_LEVEL] = store.off_J
    return State(np.zeros(len(COUNTERS)), np.zeros(17, np.int64), flow)


def run(
    supply: Supply,
    store: Store,
    program: Program,
    limit_s: float,
    limit_images: int,
    seed: int,
    events: FloatArray,
    state: State,
    steps: int,
) -> bool:
    """Go on until a time, a number of images, or so many steps; whether there is more to do.

    Parameters
    ----------
    supply, store, program : Supply, Store, Program
        What drives, what holds, what is to be done.
    limit_s, limit_images : float, int
        Where to stop; what had begun is finished.
    seed : int
        Address of the draws of wrong saves and lost states.
    events : array of float64, shape (most, 6)
        Filled with the first events; see ``EVENT_COLUMNS``.
    state : State
        From `new_state`, or as an earlier call left it; see ``COUNTERS``.
    steps : int
        Wakes, and operations up to a save or a cut.
    """
    given = supply, store, packed(program), limit_s, limit_images, seed, events, state, steps
    return bool(_run(*given))


@njit(cache=True, nogil=True)
def _run(
    supply: Any,
    store: Any,
    program: Any,
    limit_s: float,
    limit_images: int,
    seed: int,
    events: Any,
    state: Any,
    steps: int,
) -> bool:
    """See `run`; ``program`` is packed."""
    found, place, flow = state
    whole = whole_image(store, program)
    while found[IMAGES] < limit_images and flow[_NOW] < limit_s:
        if not place[_ALIVE]:
            since = flow[_NOW]
            flow[_NOW], flow[_LEVEL] = charge(supply, store, since, flow[_LEVEL], limit_s)
            found[OFF_S] += min(flow[_NOW], limit_s) - since
            if flow[_NOW] >= limit_s:
                break
            found[WAKES] += 1
            _record(events, found, place, flow, 1.0)
            place[_ALIVE] = place[_CHECKED] = _wake(supply, store, program, found, place, flow, seed)
        while place[_ALIVE] and found[IMAGES] < limit_images and flow[_NOW] < limit_s and steps > 0:
            steps -= 1
            at_start = place[_BLOCK] == 0 and place[_DONE] == 0
            most = limit_images - found[IMAGES] - 1.0
            if at_start and _images(supply, store, program, whole, found, place, flow, most):
                continue
            place[_ALIVE] = _work(supply, store, program, found, place, flow)
        if not place[_ALIVE]:
            found[CUTS] += 1
            found[LOST] += place[_UNSAVED]
            found[LOST_J] += flow[_UNSAVED_J]
            place[_UNSAVED], flow[_UNSAVED_J], flow[_FRESH] = 0, 0.0, 0.0
            if place[_CHECKED]:
                flow[_CUT_AT] = flow[_NOW]
            _record(events, found, place, flow, 0.0)
        steps -= 1
        if steps <= 0:
            return bool(found[IMAGES] < limit_images and flow[_NOW] < limit_s)
    return False


@njit(cache=True, nogil=True)
def _record(events: Any, found: Any, place: Any, flow: Any, on: float) -> None:
    row = place[EVENTS]
    if row < events.shape[0]:
        events[row, 0], events[row, 1] = flow[_NOW], flow[_LEVEL]
        events[row, 2], events[row, 3] = found[OPERATIONS], found[LOST]
        events[row, 4], events[row, 5] = found[IMAGES], on
        place[EVENTS] += 1


@njit(cache=True, nogil=True)
def _take(
    supply: Any, store: Any, found: Any, flow: Any, floor_J: float, load_J: float, load_s: float, of: int
) -> float:
    """Draw a load down to a floor, on the account ``of`` which; the share that was drawn."""
    spent_s, flow[_NOW], flow[_LEVEL] = draw(supply, store, flow[_NOW], flow[_LEVEL], floor_J, load_J, load_s)
    share = 1.0 if spent_s >= load_s else spent_s / load_s
    found[of] += share * load_J
    found[of + OPERATION_S - OPERATION_J] += spent_s
    return share


@njit(cache=True, nogil=True)
def _wake(supply: Any, store: Any, program: Any, found: Any, place: Any, flow: Any, seed: int) -> bool:
    """Wake up and restore; whether the energy lasted."""
    if _take(supply, store, found, flow, store.off_J, program.wake_J, program.wake_s, WAKE_J) < 1.0:
        return False
    if program.end_every and (place[_SAVED + 1] or place[_SAVED + 2]):
        load = (
            program.table[place[_SAVED + 1], BLOCK_RESTORE_J],
            program.table[place[_SAVED + 1], BLOCK_RESTORE_S],
        )
        if _take(supply, store, found, flow, store.off_J, load[0], load[1], RESTORE_J) < 1.0:
            return False
        lost = _has_flipped(program, found, place, flow, seed)
        if lost or _is_wrong(program, place, flow, _SAVED, flow[_SAVED_BAD], seed):
            # The one before is looked at, too, before anything is given up.
            if _take(supply, store, found, flow, store.off_J, load[0], load[1], RESTORE_J) < 1.0:
                return False
            _fall_back(program, found, place, flow, seed, lost)
        found[RESTORES] += 1
    place[_IMAGE], place[_BLOCK], place[_DONE] = place[_SAVED], place[_SAVED + 1], place[_SAVED + 2]
    return True


@njit(cache=True, nogil=True)
def _digits_at(program: Any, block: int, done: int) -> float:
    return float(program.table[block, BLOCK_DIGITS_BEFORE] + done * program.table[block, BLOCK_DIGITS])


@njit(cache=True, nogil=True)
def _has_flipped(program: Any, found: Any, place: Any, flow: Any, seed: int) -> bool:
    """Whether any digit of what was saved has flipped since the cut."""
    block = place[_SAVED + 1]
    digits = program.table[block, BLOCK_RECORD_DIGITS] + _digits_at(program, block, place[_SAVED + 2])
    risk = -math.expm1(-digits * program.loss_Hz * (flow[_NOW] - flow[_CUT_AT]))
    return bool(_chance(seed, _LOSS, int(found[WAKES])) <= risk)


@njit(cache=True, nogil=True)
def _is_wrong(program: Any, place: Any, flow: Any, at: int, bad: float, seed: int) -> bool:
    """Whether a save is wrong, by its record or by the digits that it counts on; the same whenever asked."""
    if _chance(seed, _SLOT, place[at + 3]) <= bad:
        return True
    fresh = _digits_at(program, place[at + 1], place[at + 2]) - flow[_SOUND]
    risk = -math.expm1(max(0.0, fresh) * math.log1p(-program.wrong_digit))
    return bool(_chance(seed, _DIGITS, place[_ATTEMPT]) <= risk)


@njit(cache=True, nogil=True)
def _fall_back(program: Any, found: Any, place: Any, flow: Any, seed: int, lost: bool) -> None:
    """Take the save before the newest one, or begin the image anew."""
    found[SAVES_WRONG] += not lost
    _undo(program, found, place, 1.0)
    begun = place[_OLDER + 1] > 0 or place[_OLDER + 2] > 0
    whole = begun and place[_OLDER] == place[_SAVED] and not lost
    if whole and not _is_wrong(program, place, flow, _OLDER, flow[_OLDER_BAD], seed):
        place[_SAVED : _SAVED + 4] = place[_OLDER : _OLDER + 4]
        flow[_SAVED_BAD] = flow[_OLDER_BAD]
    else:
        found[STATES_LOST] += 1
        place[_SAVED + 1], place[_SAVED + 2], flow[_SAVED_BAD] = 0, 0, 0.0
        place[_OLDER : _OLDER + 4] = place[_SAVED : _SAVED + 4]
        flow[_OLDER_BAD] = 0.0
    _undo(program, found, place, -1.0)
    # What is there is right; what is written from here on is drawn anew.
    flow[_SOUND] = _digits_at(program, place[_SAVED + 1], place[_SAVED + 2])
    place[_ATTEMPT] += 1


@njit(cache=True, nogil=True)
def _undo(program: Any, found: Any, place: Any, sign: float) -> None:
    """Count the operations up to the saved place as lost, or take them back."""
    for block in range(place[_SAVED + 1] + 1):
        whole = block < place[_SAVED + 1]
        operations = int(program.table[block, BLOCK_COUNTS]) if whole else place[_SAVED + 2]
        found[LOST] += sign * operations
        found[LOST_J] += sign * operations * program.table[block, BLOCK_ENERGY_J]


@njit(cache=True, nogil=True)
def _chance(seed: int, stream: int, number: int) -> float:
    return float(uniform(stream_address(seed, stream, 0), np.uint64(number)))


@njit(cache=True, nogil=True)
def _risk(program: Any, block: int) -> float:
    """Probability that the record of a save is wrong."""
    return -math.expm1(program.table[block, BLOCK_RECORD_DIGITS] * math.log1p(-program.wrong_digit))


@njit(cache=True, nogil=True)
def _commit(found: Any, place: Any, flow: Any, bad: float) -> None:
    """What is done is kept."""
    found[SAVES] += 1
    place[_OLDER : _OLDER + 4] = place[_SAVED : _SAVED + 4]
    flow[_OLDER_BAD] = flow[_SAVED_BAD]
    place[_SERIAL] += 1
    place[_SAVED], place[_SAVED + 1], place[_SAVED + 2] = place[_IMAGE], place[_BLOCK], place[_DONE]
    place[_SAVED + 3], flow[_SAVED_BAD] = place[_SERIAL], bad
    place[_UNSAVED], flow[_UNSAVED_J], flow[_FRESH] = 0, 0.0, 0.0


@njit(cache=True, nogil=True)
def _images(
    supply: Any, store: Any, program: Any, whole: Any, found: Any, place: Any, flow: Any, most: float
) -> bool:
    """As many whole images as surely fit within a piece of the supply; whether there were any."""
    if program.end_every > 1:
        return False
    level_J, energy_J, time_s = (
        flow[_LEVEL],
        whole.operation_J + whole.save_J,
        whole.operation_s + whole.save_s,
    )
    floor_J = store.warning_J
    count = safe_rounds(supply, store, flow[_NOW], level_J, floor_J, energy_J, time_s, int(most))
    if count < 1:
        return False
    flow[_LEVEL] = level_after_images(supply, store, whole, flow[_NOW], level_J, count)
    flow[_NOW] += count * time_s
    found[OPERATIONS] += count * program.table[:, BLOCK_COUNTS].sum()
    found[OPERATION_J] += count * whole.operation_J
    found[OPERATION_S] += count * whole.operation_s
    found[SAVE_J] += count * whole.save_J
    found[SAVE_S] += count * whole.save_s
    found[SAVES] += count * whole.saves
    place[_SERIAL] += count * whole.saves
    place[_ATTEMPT] += count
    place[_IMAGE] += count
    found[IMAGES] = place[_IMAGE]
    for at in (_SAVED, _OLDER):
        place[at], place[at + 1], place[at + 2], place[at + 3] = place[_IMAGE], 0, 0, place[_SERIAL]
    flow[_SAVED_BAD] = flow[_OLDER_BAD] = flow[_SOUND] = 0.0
    return True


@njit(cache=True, nogil=True)
def _work(supply: Any, store: Any, program: Any, found: Any, place: Any, flow: Any) -> bool:
    """Operations up to the next save, that save, and what ends with them; whether the energy lasted."""
    block, done = place[_BLOCK], place[_DONE]
    step, left = int(program.table[block, BLOCK_EVERY]), int(program.table[block, BLOCK_COUNTS]) - done
    # The last save of a block is left to what ends blocks.
    many_rounds = step and done % step == 0 and left > step
    if many_rounds and _rounds(supply, store, program, found, place, flow, (left - 1) // step):
        return True
    many = left if step == 0 else min(left, step - done % step)
    floor_J = store.warning_J
    if not _operate(supply, store, program, found, place, flow, float(many), floor_J):
        return floor_J > store.off_J and _snapshot(supply, store, program, found, place, flow)
    if place[_BLOCK] == len(program.table):
        return _end_image(supply, store, program, found, place, flow)
    if step and (place[_BLOCK] != block or place[_DONE] % step == 0):
        load_J = program.table[block, BLOCK_SAVE_J] + flow[_FRESH] * program.snapshot_digit_J
        load_s = program.table[block, BLOCK_SAVE_S] + flow[_FRESH] * program.snapshot_digit_s
        if _take(supply, store, found, flow, store.off_J, load_J, load_s, SAVE_J) < 1.0:
            found[SAVES_CUT] += 1
            return False
        _commit(found, place, flow, _risk(program, block))
    return True


@njit(cache=True, nogil=True)
def _operate(
    supply: Any, store: Any, program: Any, found: Any, place: Any, flow: Any, many: float, floor_J: float
) -> bool:
    """So many operations of the block, or the rest of one; whether the level stayed above the floor."""
    block = place[_BLOCK]
    load = many * (program.table[block, BLOCK_ENERGY_J] + program.table[block, BLOCK_THROUGH_J])
    load_s = many * (program.table[block, BLOCK_TIME_S] + program.table[block, BLOCK_THROUGH_S])
    share = _take(supply, store, found, flow, floor_J, load, load_s, OPERATION_J)
    used = share * many
    written_J, written_s = (
        used * program.table[block, BLOCK_THROUGH_J],
        used * program.table[block, BLOCK_THROUGH_S],
    )
    found[OPERATION_J] -= written_J
    found[SAVE_J] += written_J
    found[OPERATION_S] -= written_s
    found[SAVE_S] += written_s
    made = math.ceil(many) if share >= 1.0 else int(used + SAME)
    found[OPERATIONS] += made
    place[_UNSAVED] += made
    flow[_UNSAVED_J] += used * program.table[block, BLOCK_ENERGY_J]
    flow[_PART] = max(0.0, used - made)
    flow[_FRESH] += made * program.table[block, BLOCK_DIGITS]
    place[_DONE] += made
    if place[_DONE] == int(program.table[block, BLOCK_COUNTS]):
        place[_BLOCK], place[_DONE] = block + 1, 0
    return share >= 1.0


@njit(cache=True, nogil=True)
def _rounds(supply: Any, store: Any, program: Any, found: Any, place: Any, flow: Any, most: int) -> bool:
    """As many rounds of operations and a save as surely fit; whether there were any.

    For policies that save now and then: nothing is written through, and there is no warning.
    """
    block = place[_BLOCK]
    step = int(program.table[block, BLOCK_EVERY])
    operation_J, operation_s = (
        step * program.table[block, BLOCK_ENERGY_J],
        step * program.table[block, BLOCK_TIME_S],
    )
    save_J, save_s = program.table[block, BLOCK_SAVE_J], program.table[block, BLOCK_SAVE_S]
    rounds = safe_rounds(
        supply, store, flow[_NOW], flow[_LEVEL], store.off_J, operation_J + save_J, operation_s + save_s, most
    )
    if rounds > 0:
        flow[_LEVEL] = level_after_rounds(
            supply, store, flow[_NOW], flow[_LEVEL], rounds, operation_J, operation_s, save_J, save_s
        )
    else:
        if flow[_LEVEL] < NEARLY_FULL * store.top_J:
            return False
        # A full store that each round leaves as it was: so do all within the piece.
        whole, then, level = draw(
            supply, store, flow[_NOW], flow[_LEVEL], store.off_J, operation_J, operation_s
        )
        saved, _, level = draw(supply, store, then, level, store.off_J, save_J, save_s)
        if whole < operation_s or saved < save_s or abs(level - flow[_LEVEL]) > SAME_LEVEL * level:
            return False
        rounds = rounds_in_piece(supply, flow[_NOW], operation_s + save_s, most)
        if rounds < 1:
            return False
    flow[_NOW] += rounds * (operation_s + save_s)
    found[OPERATIONS] += rounds * step
    found[OPERATION_J] += rounds * operation_J
    found[OPERATION_S] += rounds * operation_s
    found[SAVE_J] += rounds * save_J
    found[SAVE_S] += rounds * save_s
    # All saves but the last two are forgotten.
    if rounds > 1:
        place[_DONE] += (rounds - 1) * step
        place[_SERIAL] += rounds - 2
        found[SAVES] += rounds - 2
        _commit(found, place, flow, _risk(program, block))
    place[_DONE] += step
    _commit(found, place, flow, _risk(program, block))
    return True


@njit(cache=True, nogil=True)
def _snapshot(supply: Any, store: Any, program: Any, found: Any, place: Any, flow: Any) -> bool:
    """Upon a warning: finish the operation, save, and go to sleep; never goes on."""
    block = place[_BLOCK]
    if block < len(program.table):
        rest = 1.0 - flow[_PART]
        if not _operate(supply, store, program, found, place, flow, rest, store.off_J):
            return False
    if place[_BLOCK] == len(program.table):
        _end_image(supply, store, program, found, place, flow)
        return False
    load_J = program.table[place[_BLOCK], BLOCK_SNAPSHOT_J] + flow[_FRESH] * program.snapshot_digit_J
    load_s = program.table[place[_BLOCK], BLOCK_SNAPSHOT_S] + flow[_FRESH] * program.snapshot_digit_s
    if _take(supply, store, found, flow, store.off_J, load_J, load_s, SAVE_J) < 1.0:
        found[SAVES_CUT] += 1
        return False
    _commit(found, place, flow, _risk(program, place[_BLOCK]))
    return False


@njit(cache=True, nogil=True)
def _end_image(supply: Any, store: Any, program: Any, found: Any, place: Any, flow: Any) -> bool:
    """Hand on the result of an image, or keep it; whether the energy lasted."""
    due = place[_IMAGE] + 1 - place[_SAVED]
    if program.end_every and due >= program.end_every:
        load_J = program.end_J + flow[_FRESH] * program.snapshot_digit_J
        load_s = program.end_s + flow[_FRESH] * program.snapshot_digit_s
        if _take(supply, store, found, flow, store.off_J, load_J, load_s, SAVE_J) < 1.0:
            found[SAVES_CUT] += 1
            return False
    place[_IMAGE] += 1
    place[_BLOCK] = place[_DONE] = 0
    place[_ATTEMPT] += 1
    flow[_SOUND] = 0.0
    if program.end_every == 0:
        _commit(found, place, flow, 0.0)
        found[SAVES] -= 1
        found[IMAGES] = place[_IMAGE]
    elif due >= program.end_every:
        _commit(found, place, flow, 0.0)
        found[IMAGES] = place[_IMAGE]
    return True
