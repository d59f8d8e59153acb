"""What is kept of an image, and when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from spinpim.array.intermittency.kinds import KINDS, REPEATED
from spinpim.checks import choice, shown, whole
from spinpim.errors import InputError

CHECKS = ("at_restore", "by_row")
"""When digits handed on are checked: all at each restore, or row by row when an operation reads them."""

MOST = 10**9
MOST_REWRITES = 16
LONGEST_NUMBER = 10


@dataclass(frozen=True, slots=True)
class Policy:
    """What is written into cells so that it outlasts a power cut, and when.

    Attributes
    ----------
    kind : str
        "volatile": nothing; a cut loses the image. "images": results, after every so many images.
        "layers": what layers hand on, after every so many. "windows": the same after every so many windows,
        all of whose sums are complete. "operations": after every so many row operations, with the sums that
        are not complete; 1 repeats one operation after a cut, as MOUSE does. "balanced": the same after as
        many of each layer as make saves and what a cut undoes cheapest together, for the charges of the store
        (see `best_interval`). "additions": the same at each addition, sums in cells of the accumulators
        themselves, sum and carry both (a non-volatile full adder). "threshold": when the voltage falls to a
        threshold, in rows of the memory; and after each layer, and whenever a tenth of a charge would be
        needed to write what is waiting. "flip_flops": sums and place in flip-flops with two cells each, upon
        the threshold; what is handed on is written into rows window by window.
    every : int or None
        So many; for the kinds that repeat alone, 1 by default.
    rewrites : int
        How often each row of a save may be read back and its wrong digits written again, 0..16.
    checks : str
        "at_restore": the check digits of a record cover all that it counts on, which is read at each restore.
        "by_row": rows of digits handed on have check digits of their own, looked at when an operation reads
        them; a restore reads the records and the last row alone, and a save writes 32 digits more per row.

    Raises
    ------
    InputError
        If the kind is another, or ``every`` belongs to another kind.

    Notes
    -----
    A save goes to two places in turn: digits handed on first, into cells that no earlier save counts on, then
    the record (image, operation, sums, check digits) in place of the older of two. A cut at any moment leaves
    the newer record and all it counts on as they were.

    Examples
    --------
    >>> Policy("operations", every=100)
    Policy(kind='operations', every=100, rewrites=0, checks='at_restore')
    >>> Policy.parse("windows:4").every
    4
    """

    kind: str = "volatile"
    every: int | None = None
    rewrites: int = 0
    checks: str = "at_restore"

    def __post_init__(self) -> None:
        """Check what was given."""
        choice("kind", self.kind, tuple(KINDS))
        if self.kind in REPEATED:
            object.__setattr__(
                self, "every", whole("every", 1 if self.every is None else self.every, 1, MOST)
            )
        elif self.every is not None:
            raise InputError(f"every belongs to {', '.join(REPEATED)}; leave it out with {self.kind!r}.")
        whole("rewrites", self.rewrites, 0, MOST_REWRITES)
        choice("checks", self.checks, CHECKS)

    @classmethod
    def parse(cls, text: Any, rewrites: int = 0, checks: str = "at_restore") -> Policy:
        """Policy of a text such as "volatile", "layers" or "operations:100".

        Raises
        ------
        InputError
            If it is none of the kinds, or the number is none.
        """
        kind, colon, number = str(text).partition(":")
        if colon and not (number.isascii() and number.isdecimal() and len(number) <= LONGEST_NUMBER):
            raise InputError(
                f"a policy is a kind, with a number for {', '.join(REPEATED)}, such as operations:100; "
                f"instead received {shown(text)}."
            )
        return cls(kind, int(number) if colon else None, rewrites, checks)

    @property
    def is_warned(self) -> bool:
        """Whether it saves when the voltage falls to a threshold."""
        return KINDS[self.kind].warned

    def __str__(self) -> str:
        """As it is parsed."""
        return self.kind if self.every is None else f"{self.kind}:{self.every}"
