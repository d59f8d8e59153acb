"""The store from event to event: waiting until it is full enough, taking energy, many alike loads at once.

Plain numbers. A moment lies in a piece of the supply; within it the closed forms of ``levels`` hold.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit

from spinpim.array.intermittency.levels import level_after, time_to_fall, time_to_rise


@njit(cache=True, nogil=True)
def moment(supply: Any, now_s: float) -> Any:
    """Time at which the present pass began, and the piece of a moment."""
    edges_s, pieces = supply.edges_s, supply.power_W.size
    begun = math.floor(now_s / edges_s[-1]) * edges_s[-1]
    within = max(0.0, now_s - begun)
    # Recorded traces have pieces of one length.
    piece = min(int(within / edges_s[-1] * pieces), pieces - 1)
    if within < edges_s[piece] or within >= edges_s[piece + 1]:
        piece = np.searchsorted(edges_s, within, side="right") - 1
    if piece >= pieces:
        return begun + edges_s[-1], 0
    return begun, piece


@njit(cache=True, nogil=True)
def charge(supply: Any, store: Any, start_s: float, level_J: float, limit_s: float) -> Any:
    """Wait until the store is at its upper threshold: time then and level; no longer than to the limit."""
    begun, piece = moment(supply, start_s)
    # The first piece may be a rest of one: passes are compared from its end on.
    now, before_J, pieces, arrived_J = start_s, -math.inf, supply.power_W.size - 1, 0.0
    while now < limit_s:
        if piece >= supply.power_W.size:
            begun, piece = begun + supply.edges_s[-1], 0
        end = begun + supply.edges_s[piece + 1]
        net = store.charging * supply.power_W[piece]
        wait = time_to_rise(level_J, net, store.forgetting_s, store.on_J)
        if now + wait <= end:
            return now + wait, max(level_J, store.on_J)
        level_J = level_after(level_J, net, store.forgetting_s, end - now)
        arrived_J += net * (end - now)
        now, piece, pieces = end, piece + 1, pieces + 1
        if pieces == supply.power_W.size:
            if _never(supply, store, before_J, level_J, arrived_J):
                return limit_s, level_J
            passes = _passes_below(supply, store, before_J, level_J, arrived_J, limit_s - now)
            if passes > 0:
                level_J = _level_after_passes(supply, store, before_J, level_J, passes)
                begun, now = begun + passes * supply.edges_s[-1], now + passes * supply.edges_s[-1]
            before_J, pieces, arrived_J = level_J, 0, 0.0
    return limit_s, level_J


@njit(cache=True, nogil=True)
def _never(supply: Any, store: Any, before_J: float, level_J: float, arriving_J: float) -> bool:
    """Whether passes like the last one never lead to the upper threshold: no gain, or all end below."""
    if level_J <= before_J:
        return True
    if before_J == -math.inf or store.forgetting_s == math.inf:
        return False
    lost = -math.expm1(-supply.edges_s[-1] / store.forgetting_s)
    return bool(before_J + (level_J - before_J) / lost + arriving_J < store.on_J)


@njit(cache=True, nogil=True)
def _passes_below(
    supply: Any, store: Any, before_J: float, level_J: float, arriving_J: float, left_s: float
) -> int:
    """Passes that surely end below the upper threshold: none gains more than the last one did."""
    if before_J == -math.inf:
        return 0
    room = (store.on_J - arriving_J - level_J) / (level_J - before_J)
    return max(0, int(min(room, left_s / supply.edges_s[-1])) - 1)


@njit(cache=True, nogil=True)
def _level_after_passes(supply: Any, store: Any, before_J: float, level_J: float, passes: int) -> float:
    """Level after so many passes like the last one, each of which maps a level to another on a line."""
    if store.forgetting_s == math.inf:
        return level_J + passes * (level_J - before_J)
    lost = -math.expm1(-supply.edges_s[-1] / store.forgetting_s)
    rest_J = before_J + (level_J - before_J) / lost
    return rest_J + (level_J - rest_J) * math.exp(-passes * supply.edges_s[-1] / store.forgetting_s)


@njit(cache=True, nogil=True)
def draw(
    supply: Any, store: Any, start_s: float, level_J: float, floor_J: float, energy_J: float, time_s: float
) -> Any:
    """Take an energy evenly over a time, or until the level meets the floor: time spent, time, level."""
    if time_s <= 0.0:
        return 0.0, start_s, level_J
    load = energy_J / time_s / store.supplying
    begun, piece = moment(supply, start_s)
    now, left = start_s, time_s
    while left > 0.0:
        if piece >= supply.power_W.size:
            begun, piece = begun + supply.edges_s[-1], 0
        end = begun + supply.edges_s[piece + 1]
        span = min(left, end - now)
        net = store.charging * supply.power_W[piece] - load
        last = time_to_fall(level_J, net, store.forgetting_s, floor_J)
        if last < span:
            return time_s - left + last, now + last, min(level_J, floor_J)
        level_J = min(store.top_J, level_after(level_J, net, store.forgetting_s, span))
        left -= span
        if left <= 1e-15 * time_s:
            break
        now, piece = end, piece + 1
    return time_s, start_s + time_s, level_J


@njit(cache=True, nogil=True)
def rounds_in_piece(supply: Any, start_s: float, load_s: float, most: int) -> int:
    """Rounds that end within a piece of the supply and in time, one kept back."""
    begun, piece = moment(supply, start_s)
    left_s = min(begun + supply.edges_s[piece + 1], supply.until_s) - start_s
    return max(0, int(min(float(most), left_s / load_s - 1.0 if load_s > 0.0 else float(most))))


@njit(cache=True, nogil=True)
def safe_rounds(
    supply: Any,
    store: Any,
    start_s: float,
    level_J: float,
    floor_J: float,
    load_J: float,
    load_s: float,
    most: int,
) -> int:
    """Rounds of a load that surely end within a piece of the supply, between a floor and the top."""
    _, piece = moment(supply, start_s)
    # As if nothing came in, and as if all leaked at the level of now.
    drain_J = load_J / store.supplying + level_J * load_s / store.forgetting_s
    rounds = float(rounds_in_piece(supply, start_s, load_s, most))
    if drain_J > 0.0:
        rounds = min(rounds, (level_J - floor_J) / drain_J - 1.0)
    gain_J = store.charging * supply.power_W[piece] * load_s
    if gain_J > 0.0:
        rounds = min(rounds, (store.top_J - level_J) / gain_J - 1.0)
    return max(0, int(rounds))


@njit(cache=True, nogil=True)
def level_after_rounds(
    supply: Any,
    store: Any,
    start_s: float,
    level_J: float,
    rounds: int,
    first_J: float,
    first_s: float,
    second_J: float,
    second_s: float,
) -> Any:
    """Level after so many rounds of two loads, one after the other, within a piece of the supply."""
    _, piece = moment(supply, start_s)
    source_W = store.charging * supply.power_W[piece]

    # Each load maps a level to another on a line; so does a round, and so do many.
    once_J = 0.0
    if first_s > 0.0:
        once_J = level_after(
            once_J, source_W - first_J / first_s / store.supplying, store.forgetting_s, first_s
        )
    if second_s > 0.0:
        once_J = level_after(
            once_J, source_W - second_J / second_s / store.supplying, store.forgetting_s, second_s
        )
    return repeated(level_J, once_J, (first_s + second_s) / store.forgetting_s, rounds)


@njit(cache=True, nogil=True)
def repeated(level_J: float, once_J: float, forgotten: float, times: int) -> float:
    """Level after the same load again and again: ``once_J`` is what one makes of 0; time over forgetting."""
    shrink, shrunk = math.expm1(-forgotten), math.expm1(-times * forgotten)
    return level_J + level_J * shrunk + once_J * (shrunk / shrink if shrink else times)
