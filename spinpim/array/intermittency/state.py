"""Where a run is and what it has counted, as three arrays that the events change."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from spinpim.array.intermittency.program import FloatArray

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

TIME_OF_ENERGY = OPERATION_S - OPERATION_J
"""How far the account of a time is from that of the energy spent in it."""

IMAGE, BLOCK, DONE, UNSAVED, SERIAL, ATTEMPT, EVENTS, ALIVE, CHECKED = range(9)
"""Of the whole numbers: place at work, operations since the last save, number of that save and of the image's
beginnings, rows of events, whether power lasts, and whether what was kept has been looked at since a cut."""

SAVED, SAVED_BLOCK, SAVED_DONE, SAVED_SERIAL = range(9, 13)
OLDER, OLDER_BLOCK, OLDER_DONE, OLDER_SERIAL = range(13, 17)
"""The places that the two records name: image, block, operations done; and the number of the save."""

NOW, LEVEL, UNSAVED_J, FRESH, PART, SOUND, SAVED_BAD, OLDER_BAD, CUT_AT = range(9)
"""Of the real numbers: time [s], energy of the store [J], energy of operations since the last save [J],
digits handed on since, share of an operation that a warning met, digits handed on that are known to be right,
risk of each record, and time of the last cut [s]."""


class State(NamedTuple):
    """Where a run is: counters, whole numbers and real numbers, changed by `run`."""

    counters: FloatArray
    place: NDArray[np.int64]
    flow: FloatArray


def new_state(store: Any) -> State:
    """Switched off, at the voltage of switching off, nothing done."""
    flow = np.zeros(CUT_AT + 1)
    flow[LEVEL] = store.off_J
    return State(np.zeros(len(COUNTERS)), np.zeros(OLDER_SERIAL + 1, np.int64), flow)
