"""Operations on stored energy: what is done, lost, saved and waited for, from one power cut to the next.

Plain numbers and arrays. Nothing is stepped in time: the store is followed by its closed form from event to
event, which are ends of pieces of the trace, of blocks of alike operations, and of the energy. The program of
an image is a list of blocks: so many operations of one energy and time, and what saving costs after so many.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from spinpim.array.intermittency.levels import level_after, time_to_fall, time_to_rise

COUNTERS = (
    "images",
    "cuts",
    "wakes",
    "operations",
    "operations_lost",
    "saves",
    "saves_cut",
    "restores",
    "operation_J",
    "lost_J",
    "save_J",
    "restore_J",
    "wake_J",
    "on_s",
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
    RESTORES,
    OPERATION_J,
    LOST_J,
    SAVE_J,
    RESTORE_J,
    WAKE_J,
    ON_S,
    OFF_S,
) = range(len(COUNTERS))

FloatArray = NDArray[np.float64]
SAME = 1e-9
"""An operation that ends within so much of itself at the moment of a cut is done; a pass of the trace that
gains less than so much of the energy gains nothing."""


@njit(cache=True, nogil=True)
def charge(edges: Any, power: Any, store: Any, start_s: float, level_J: float, limit_s: float) -> Any:
    """Wait until the store is at its upper threshold: time then and level; no longer than to the limit."""
    on_J, _, _, forgetting_s, charging, _ = store
    passes = math.floor(start_s / edges[-1])
    piece = np.searchsorted(edges, start_s - passes * edges[-1], side="right") - 1
    now, before_J, pieces = start_s, level_J, 0
    while now < limit_s:
        if piece >= power.size:
            piece, passes = 0, passes + 1
        end = passes * edges[-1] + edges[piece + 1]
        net = charging * power[piece]
        wait = time_to_rise(level_J, net, forgetting_s, on_J)
        if now + wait <= end:
            return now + wait, on_J
        level_J = level_after(level_J, net, forgetting_s, end - now)
        now, piece, pieces = end, piece + 1, pieces + 1
        if pieces == power.size:
            # A pass that gains nothing is like all that follow.
            if level_J <= before_J * (1.0 + SAME):
                return limit_s, level_J
            before_J, pieces = level_J, 0
    return limit_s, level_J


@njit(cache=True, nogil=True)
def draw(
    edges: Any, power: Any, store: Any, start_s: float, level_J: float, energy_J: float, time_s: float
) -> Any:
    """Take an energy evenly over a time: time spent, time and level then; less if the store runs out."""
    _, off_J, top_J, forgetting_s, charging, supplying = store
    if time_s <= 0.0:
        return 0.0, start_s, level_J
    load = energy_J / time_s / supplying
    passes = math.floor(start_s / edges[-1])
    within = start_s - passes * edges[-1]
    piece = np.searchsorted(edges, within, side="right") - 1
    now, left = start_s, time_s
    while left > 0.0:
        if piece >= power.size:
            piece, passes = 0, passes + 1
        end = passes * edges[-1] + edges[piece + 1]
        span = min(left, end - now)
        net = charging * power[piece] - load
        last = time_to_fall(level_J, net, forgetting_s, off_J)
        if last < span:
            return time_s - left + last, now + last, off_J
        level_J = min(top_J, level_after(level_J, net, forgetting_s, span))
        left -= span
        if left <= 1e-15 * time_s:
            break
        now, piece = end, piece + 1
    return time_s, start_s + time_s, level_J


@njit(cache=True, nogil=True)
def safe_rounds(
    edges: Any,
    power: Any,
    store: Any,
    start_s: float,
    level_J: float,
    load_J: float,
    load_s: float,
    most: int,
) -> int:
    """Rounds of operations and a save that surely end within a piece of the trace, between off and top."""
    _, off_J, top_J, forgetting_s, charging, supplying = store
    passes = math.floor(start_s / edges[-1])
    piece = np.searchsorted(edges, start_s - passes * edges[-1], side="right") - 1
    if piece >= power.size:
        return 0
    left_s = passes * edges[-1] + edges[piece + 1] - start_s
    # As if nothing came in, and as if all leaked at the level of now.
    drain_J = load_J / supplying + level_J * load_s / forgetting_s
    rounds = min(float(most), left_s / load_s - 1.0 if load_s > 0.0 else float(most))
    if drain_J > 0.0:
        rounds = min(rounds, (level_J - off_J) / drain_J - 1.0)
    gain_J = charging * power[piece] * load_s
    if gain_J > 0.0:
        rounds = min(rounds, (top_J - level_J) / gain_J - 1.0)
    return max(0, int(rounds))


@njit(cache=True, nogil=True)
def level_after_rounds(
    edges: Any,
    power: Any,
    store: Any,
    start_s: float,
    level_J: float,
    rounds: int,
    first_J: float,
    first_s: float,
    second_J: float,
    second_s: float,
) -> float:
    """Level after so many rounds of two loads, one after the other, within a piece of the trace."""
    forgetting_s, charging, supplying = store[3], store[4], store[5]
    passes = math.floor(start_s / edges[-1])
    piece = np.searchsorted(edges, start_s - passes * edges[-1], side="right") - 1
    source_W = charging * power[piece]

    # Each load maps a level to another on a line; so does a round, and so do many.
    once_J = 0.0
    if first_s > 0.0:
        once_J = level_after(once_J, source_W - first_J / first_s / supplying, forgetting_s, first_s)
    if second_s > 0.0:
        once_J = level_after(once_J, source_W - second_J / second_s / supplying, forgetting_s, second_s)
    if forgetting_s == math.inf:
        return level_J + rounds * once_J
    shrink = math.expm1(-(first_s + second_s) / forgetting_s)
    shrunk = math.expm1(-rounds * (first_s + second_s) / forgetting_s)
    return level_J + level_J * shrunk + once_J * (shrunk / shrink if shrink else rounds)


@njit(cache=True, nogil=True)
def run(
    edges: Any,
    power: Any,
    store: Any,
    counts: Any,
    energies_J: Any,
    times_s: Any,
    every: Any,
    saving_J: Any,
    saving_s: Any,
    overhead: Any,
    limit_s: float,
    limit_images: int,
) -> Any:
    """Images until a time or a number of them; see ``COUNTERS``.

    Parameters
    ----------
    edges, power : arrays
        Trace [s], [W].
    store : array, shape (6,)
        Energy at on, off and at most [J], time of forgetting [s], efficiencies of charging and supplying [1].
    counts, energies_J, times_s : arrays, shape (blocks,)
        Operations of each block; energy [J] and time [s] of one.
    every, saving_J, saving_s : arrays, shape (blocks,)
        Operations between saves, 0: none in this block; energy [J] and time [s] of a save.
    overhead : array, shape (4,)
        Energy [J] and time [s] of waking up, and of restoring what was saved.
    limit_s, limit_images : float, int
        Where to stop.
    """
    found = np.zeros(len(COUNTERS))
    wake_J, wake_s, restore_J, restore_s = overhead
    now, level = 0.0, store[1]
    block, done = 0, 0
    saved_block, saved_done = 0, 0
    unsaved_J = 0.0
    unsaved = 0
    while found[IMAGES] < limit_images:
        then, level = charge(edges, power, store, now, level, limit_s)
        found[OFF_S] += min(then, limit_s) - now
        if then >= limit_s:
            break
        now = then
        woken = now
        found[WAKES] += 1
        spent, now, level = draw(edges, power, store, now, level, wake_J, wake_s)
        found[WAKE_J] += wake_J * (spent / wake_s if wake_s > 0.0 else 1.0)
        alive = spent >= wake_s
        if alive and (saved_block or saved_done):
            spent, now, level = draw(edges, power, store, now, level, restore_J, restore_s)
            found[RESTORE_J] += restore_J * (spent / restore_s if restore_s > 0.0 else 1.0)
            alive = spent >= restore_s
            found[RESTORES] += alive
        block, done = saved_block, saved_done
        while alive and found[IMAGES] < limit_images and now < limit_s:
            step = every[block]
            left = counts[block] - done
            if step and done % step == 0 and left > 3 * step:
                load_J = step * energies_J[block] + saving_J[block]
                load_s = step * times_s[block] + saving_s[block]
                rounds = safe_rounds(edges, power, store, now, level, load_J, load_s, left // step - 1)
                if rounds > 1:
                    level = level_after_rounds(
                        edges,
                        power,
                        store,
                        now,
                        level,
                        rounds,
                        step * energies_J[block],
                        step * times_s[block],
                        saving_J[block],
                        saving_s[block],
                    )
                    now += rounds * load_s
                    done += rounds * step
                    found[OPERATIONS] += rounds * step
                    found[OPERATION_J] += rounds * step * energies_J[block]
                    found[SAVES] += rounds
                    found[SAVE_J] += rounds * saving_J[block]
                    saved_block, saved_done = block, done
                    unsaved_J, unsaved = 0.0, 0
                    continue
            many = left if step == 0 else min(left, step - done % step)
            spent, now, level = draw(
                edges, power, store, now, level, many * energies_J[block], many * times_s[block]
            )
            whole = spent >= many * times_s[block]
            made = many if whole else int(spent / times_s[block] + SAME)
            used_J = energies_J[block] * (many if whole else spent / times_s[block])
            found[OPERATIONS] += made
            found[OPERATION_J] += used_J
            unsaved_J += used_J
            unsaved += made
            if not whole:
                alive = False
                break
            done += many
            ended = done == counts[block]
            if step and (done % step == 0 or ended):
                spent, now, level = draw(edges, power, store, now, level, saving_J[block], saving_s[block])
                found[SAVE_J] += saving_J[block] * (spent / saving_s[block] if saving_s[block] > 0.0 else 1.0)
                if spent < saving_s[block]:
                    found[SAVES_CUT] += 1
                    alive = False
                    break
                found[SAVES] += 1
                saved_block, saved_done = block, done
                unsaved_J, unsaved = 0.0, 0
            if ended:
                block, done = block + 1, 0
                if saved_done == counts[saved_block] and saved_block == block - 1:
                    saved_block, saved_done = block, 0
                if block == counts.size:
                    found[IMAGES] += 1
                    block = saved_block = saved_done = 0
                    unsaved_J, unsaved = 0.0, 0
        found[ON_S] += now - woken
        if not alive:
            found[CUTS] += 1
            found[LOST] += unsaved
            found[LOST_J] += unsaved_J
            unsaved_J, unsaved = 0.0, 0
        if now >= limit_s:
            break
    return found, now
