"""Weight digits that flip during a run: when, and what their pairs answer from then on."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spinpim.array.stored import StoredRows


@dataclass(frozen=True, slots=True, eq=False)
class Losses:
    """Digits of one filter group that flip, in the order of the images.

    Attributes
    ----------
    images : array of int64, shape (losses,)
        First image that finds the digit flipped.
    rows, elements : arrays of int64, shape (losses,)
        Where; no digit comes twice.
    to_zero, to_one : arrays of bool, shape (losses,)
        What the pair then answers to the activation digits 0 and 1.
    """

    images: NDArray[np.int64]
    rows: NDArray[np.int64]
    elements: NDArray[np.int64]
    to_zero: NDArray[np.bool_]
    to_one: NDArray[np.bool_]

    def before(self, image: int) -> int:
        """How many digits have flipped when an image comes."""
        return int(np.searchsorted(self.images, image, side="right"))


_NOWHERE, _NOTHING = np.zeros(0, np.int64), np.zeros(0, np.bool_)
NO_LOSSES = Losses(_NOWHERE, _NOWHERE, _NOWHERE, _NOTHING, _NOTHING)


def flipped(group: StoredRows, losses: Losses, first: int, stop: int) -> StoredRows:
    """Rows after the losses with the numbers ``first`` to ``stop``, at the cost of these."""
    if first == stop:
        return group
    some = slice(first, stop)
    low, high = losses.to_zero[some], losses.to_one[some]
    place = losses.rows[some], losses.elements[some] >> 6
    shift = (losses.elements[some] & 63).astype(np.uint64)

    def with_bits(packed: NDArray[np.uint64], bits: NDArray[np.bool_]) -> NDArray[np.uint64]:
        changed = packed.copy()
        present = (packed[place] >> shift) & np.uint64(1)
        # Several digits may lie in one word.
        np.bitwise_xor.at(changed, place, (present ^ bits.astype(np.uint64)) << shift)
        return changed

    now = ((group.stored[place] >> shift) & np.uint64(1)) == 0
    return dataclasses.replace(
        group,
        stored=with_bits(group.stored, now),
        zero_answers=with_bits(group.zero_answers, low),
        plus=with_bits(group.plus, high & ~low),
        minus=with_bits(group.minus, low & ~high),
    )
