"""In what the kinds of policy differ, as a table."""

from __future__ import annotations

from typing import NamedTuple


class Kind(NamedTuple):
    """What a kind of policy keeps, and where.

    Attributes
    ----------
    repeated : bool
        Whether it takes a number: after so many.
    warned : bool
        Whether it saves when it is told that power will fail.
    restored : bool
        Whether what was handed on is used again after a cut.
    sums : int
        How often a record holds the sums that are not complete: 2 with sum and carry of each.
    copies : int
        Cells of each digit of a record.
    at_once : bool
        Whether the cells of a record are written together, without choosing rows of the memory.
    counted : bool
        Whether digits handed on wait for the next save, which pays for as many as there are.
    through : bool
        Whether they are written window by window, without a record.
    """

    repeated: bool = False
    warned: bool = False
    restored: bool = True
    sums: int = 0
    copies: int = 1
    at_once: bool = False
    counted: bool = False
    through: bool = False


KINDS = {
    "volatile": Kind(restored=False),
    "images": Kind(repeated=True, restored=False),
    "layers": Kind(repeated=True),
    "windows": Kind(repeated=True),
    "operations": Kind(repeated=True, sums=1),
    "balanced": Kind(sums=1),
    "additions": Kind(sums=2, at_once=True),
    "threshold": Kind(warned=True, sums=1, counted=True),
    "flip_flops": Kind(warned=True, sums=1, copies=2, at_once=True, through=True),
}
REPEATED = tuple(name for name, kind in KINDS.items() if kind.repeated)
WARNED = tuple(name for name, kind in KINDS.items() if kind.warned)
