"""Stuck cells of activation rows: one cell for many windows.

Windows are loaded in order, as many at a time as their rows fit in; window p of an image takes the rows of
slot ``p % slots`` in every load, and digit m of it row m of the slot.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

_U64 = np.uint64


@dataclass(frozen=True, slots=True, eq=False)
class StuckRows:
    """The stuck cells of the activation rows of one filter group.

    Attributes
    ----------
    cells : array of int64, shape (cells, 4)
        Slot, plane, element and the digit held.
    slots : int
        Windows held at a time.
    """

    cells: NDArray[np.int64]
    slots: int

    def hold(self, activations: NDArray[np.uint64], positions: int) -> None:
        """Give the written digits, in place, what stuck cells hold.

        Parameters
        ----------
        activations : array of uint64, shape (planes, words, images * positions)
            Digits as written.
        positions : int
            Windows per image.
        """
        if len(self.cells):
            _hold(activations, self.cells, self.slots, positions)


@njit(cache=True, nogil=True, error_model="numpy")
def _hold(activations: Any, cells: Any, slots: int, positions: int) -> None:
    for k in range(cells.shape[0]):
        slot, plane, element, digit = cells[k]
        bit = _U64(1) << _U64(element & 63)
        column = activations[plane, element >> 6]
        for first in range(0, column.size, positions):
            for place in range(first + slot, first + positions, slots):
                column[place] = column[place] | bit if digit else column[place] & ~bit
