"""Operations on stored energy: what is done, lost, saved and waited for, from one power cut to the next.

Nothing is stepped in time: the store is followed by its closed form from event to event, which are ends of
pieces of the supply, of blocks of alike operations, and of the energy.
"""

from __future__ import annotations

from typing import Any

from numba import njit

from spinpim.array.intermittency import state as at
from spinpim.array.intermittency.ahead import go_ahead, sums_ahead
from spinpim.array.intermittency.power import charge
from spinpim.array.intermittency.program import FloatArray, Program, Store, Supply, packed
from spinpim.array.intermittency.state import State
from spinpim.array.intermittency.steps import wake, work

EVENT_COLUMNS = ("time_s", "level_J", "operations", "operations_lost", "images", "on")
"""Columns of the record of events: after a wake (1) or a cut (0)."""


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
    limited = supply._replace(until_s=limit_s)
    given = limited, store, packed(program), limit_s, limit_images, seed, events, state, steps
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
    counters, place, flow = state
    sums = sums_ahead(store, program)
    while counters[at.IMAGES] < limit_images and flow[at.NOW] < limit_s:
        if not place[at.ALIVE]:
            since = flow[at.NOW]
            flow[at.NOW], flow[at.LEVEL] = charge(supply, store, since, flow[at.LEVEL], limit_s)
            counters[at.OFF_S] += min(flow[at.NOW], limit_s) - since
            if flow[at.NOW] >= limit_s:
                break
            counters[at.WAKES] += 1
            _record(events, state, 1.0)
            place[at.ALIVE] = place[at.CHECKED] = wake(supply, store, program, state, seed)
        while place[at.ALIVE] and counters[at.IMAGES] < limit_images and flow[at.NOW] < limit_s and steps > 0:
            steps -= 1
            most = limit_images - int(counters[at.IMAGES])
            if place[at.DONE] == 0 and go_ahead(supply, store, program, sums, most, state):
                continue
            place[at.ALIVE] = work(supply, store, program, state)
        if not place[at.ALIVE]:
            _cut(events, state)
        steps -= 1
        if steps <= 0:
            return bool(counters[at.IMAGES] < limit_images and flow[at.NOW] < limit_s)
    return False


@njit(cache=True, nogil=True)
def _cut(events: Any, state: Any) -> None:
    """What was not saved is lost."""
    counters, place, flow = state
    counters[at.CUTS] += 1
    counters[at.LOST] += place[at.UNSAVED]
    counters[at.LOST_J] += flow[at.UNSAVED_J]
    place[at.UNSAVED], flow[at.UNSAVED_J], flow[at.FRESH] = 0, 0.0, 0.0
    if place[at.CHECKED]:
        flow[at.CUT_AT] = flow[at.NOW]
    _record(events, state, 0.0)


@njit(cache=True, nogil=True)
def _record(events: Any, state: Any, on: float) -> None:
    counters, place, flow = state
    row = place[at.EVENTS]
    if row < events.shape[0]:
        events[row, 0], events[row, 1] = flow[at.NOW], flow[at.LEVEL]
        events[row, 2], events[row, 3] = counters[at.OPERATIONS], counters[at.LOST]
        events[row, 4], events[row, 5] = counters[at.IMAGES], on
        place[at.EVENTS] += 1
