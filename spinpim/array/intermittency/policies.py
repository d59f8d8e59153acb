"""What is kept of an image, when, and what that costs in writes of the memory's own cells."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from spinpim.array.intermittency.work import Phase
from spinpim.array.model import ArrayModel
from spinpim.checks import choice, whole
from spinpim.errors import InputError

KINDS = ("volatile", "layers", "operations", "sums", "additions")

MARKER_BITS = 64
"""Place in the program, number of the generation and check bits, written last and in two copies in turn: a
save that is cut leaves the one before it valid."""

MOST_OPERATIONS = 10**9

FloatArray = NDArray[np.float64]


class Saving(NamedTuple):
    """For each phase: operations between saves (0: none), energy [J], time [s] of one; and of a restore."""

    every: NDArray[np.int64]
    energy_J: FloatArray
    time_s: FloatArray
    restore_J: float
    restore_s: float


@dataclass(frozen=True, slots=True)
class Policy:
    """When the state of an image is written into cells.

    Attributes
    ----------
    kind : str
        "volatile": never; a cut loses the image. "layers": after each layer, what it hands on. "operations":
        after every ``every`` row operations, with the partial sums. "sums": whenever a sum of all digits is
        complete. "additions": at each addition, by accumulators that keep sum and carry in their own cells.
    every : int
        Row operations between saves, of the kind "operations" alone.

    Raises
    ------
    InputError
        If the kind is another, or ``every`` belongs to another kind.

    Examples
    --------
    >>> Policy("operations", every=100)
    Policy(kind='operations', every=100)
    """

    kind: str = "volatile"
    every: int = 0

    def __post_init__(self) -> None:
        """Check what was given."""
        choice("kind", self.kind, KINDS)
        if self.kind == "operations":
            whole("every", self.every, 1, MOST_OPERATIONS)
        elif self.every:
            raise InputError(f"every belongs to the kind operations; leave it out with {self.kind!r}.")

    def saving(self, phases: tuple[Phase, ...], array: ArrayModel) -> Saving:
        """Saves of each phase at the prices of the array.

        A save writes what is new since the last one, and a marker; digits of a row are written at once, rows
        one after the other in one sub-array. Accumulators that keep their sums write all of them at once.
        A restore reads back what the fullest phase needs.
        """
        prices = array.prices()
        every = np.array([self._every(phase) for phase in phases], np.int64)
        bits = np.array([self._bits(phase, int(step)) for phase, step in zip(phases, every, strict=True)])
        rows = np.ceil(bits / array.columns)
        own = np.array([2.0 * phase.sum_bits if self.kind == "additions" else 0.0 for phase in phases])
        fullest = max(phase.value_bits + phase.sum_bits + MARKER_BITS for phase in phases)
        reads = math.ceil(fullest / array.columns)
        return Saving(
            every=every,
            energy_J=(bits + own) * prices.write_energy_J + rows * prices.row_write_select_J,
            time_s=rows * prices.row_write_s,
            restore_J=fullest * prices.sense_energy_J,
            restore_s=reads * prices.row_cycle_s,
        )

    def at_risk_bits(self, phases: tuple[Phase, ...]) -> int:
        """Digits that a cut loses at the worst moment [1]."""
        return max(self._at_risk(phase) for phase in phases)

    def _at_risk(self, phase: Phase) -> int:
        if self.kind == "volatile":
            return phase.sum_bits + phase.value_bits
        step = self._every(phase)
        new = math.ceil(phase.handed_on_bits * step / phase.operations)
        return new if self.kind == "additions" else new + phase.sum_bits

    def _every(self, phase: Phase) -> int:
        steps = {
            "volatile": 0,
            "layers": phase.operations,
            "operations": min(self.every, phase.operations),
            "sums": min(phase.operations_per_sum, phase.operations),
            "additions": 1,
        }
        return steps[self.kind]

    def _bits(self, phase: Phase, step: int) -> float:
        """Digits of a save in rows of the memory."""
        if step == 0:
            return 0.0
        new = phase.handed_on_bits * step / phase.operations
        unfinished = phase.sum_bits if self.kind == "operations" and step % phase.operations_per_sum else 0
        return new + unfinished + MARKER_BITS
