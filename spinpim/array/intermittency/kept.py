"""What each kind of policy keeps, when, and in which cells; it follows from the policy and the work."""

from __future__ import annotations

import math
from functools import cached_property

import numpy as np

from spinpim.array.intermittency.closed_form import best_interval
from spinpim.array.intermittency.keeping import CHECK_BITS, RECORD_BITS, Keeping
from spinpim.array.intermittency.policies import Policy
from spinpim.array.intermittency.program import FloatArray, IntArray
from spinpim.array.intermittency.work import Phase, Work
from spinpim.errors import InputError

Load = tuple[float, float]
"""Energy [J] and time [s]."""

NONE: Load = (0.0, 0.0)
WAITING = 0.1
"""Share of a charge that what waits for a warning may take to be written."""
FREE = Keeping(0.0, 0.0, 0.0, 0.0, 0.0, 1, 0.0)


class Kept:
    """Nothing is kept; and what the other kinds have in common.

    Attributes
    ----------
    every, rest : array of int64, shape (phases,)
        Operations between saves, 0: none in this phase; operations before the save that ends it.
    record : array, shape (phases,)
        Digits of the record of a save [1].
    fresh, end_fresh : array, shape (phases,)
        Digits handed on that are new in a save within a phase, on average, and in the one that ends it [1].
    checks : float
        Check digits of rows for each digit handed on [1].
    at_risk_bits : int
        Digits that a cut loses at the worst moment; none where a warning comes in time.
    cells : int
        Cells kept for saves: what is handed on, and two records.
    """

    sums = 0
    """How often a record holds the sums that are not complete."""
    images = 0
    """Images after which their results are kept; 0: never."""
    is_restored = False
    """Whether what was handed on is used again after a cut."""
    snapshot_digit: Load = NONE
    restore_digit: Load = NONE
    cells = 0

    def __init__(self, work: Work, policy: Policy, charge_J: float) -> None:
        """Take note of what is done, and of the energy of a charge [J]."""
        self.work, self.charge_J = work, charge_J
        self.prices = work.keeping or FREE
        self.number, self.times = policy.every or 1, policy.rewrites
        self.by_row = policy.checks == "by_row" and self.is_restored
        self.checks = CHECK_BITS / self.prices.columns if self.by_row else 0.0

    @property
    def record(self) -> FloatArray:
        """Digits of a record: place, check, sums."""
        return np.array([float(RECORD_BITS + self.sums * phase.sum_bits) for phase in self.work.phases])

    @cached_property
    def every(self) -> IntArray:
        """Operations between saves."""
        return np.array([self.step(*one) for one in enumerate(self.work.phases, start=1)], np.int64)

    @property
    def rest(self) -> IntArray:
        """Operations since the last full step."""
        left = [
            (phase.operations - 1) % step + 1 if step else 0
            for phase, step in zip(self.work.phases, self.every.tolist(), strict=True)
        ]
        return np.array(left, np.int64)

    @property
    def fresh(self) -> FloatArray:
        """New digits of a save within a phase."""
        return self.every * self._per_operation

    @property
    def end_fresh(self) -> FloatArray:
        """New digits of the save that ends a phase."""
        return np.zeros(len(self.work.phases))

    @property
    def at_risk_bits(self) -> int:
        """All of an image, and the results of those before it."""
        phases = self.work.phases
        image = max(phase.input_bits + phase.output_bits + phase.sum_bits for phase in phases)
        return image + (self.number - 1) * phases[-1].output_bits

    def step(self, place: int, phase: Phase) -> int:
        """Operations between saves in a phase, of which places are counted from 1; 0: none."""
        return 0

    def save(self, fresh: float, share: float, record: float) -> Load:
        """Energy and time of a save in rows of the memory, of which a share has new digits at all."""
        columns = self.prices.columns
        rows = self.fresh_rows(fresh, share) + math.ceil(record / columns)
        return self.prices.save((1.0 + self.checks) * fresh + record, rows, self.times)

    def fresh_rows(self, fresh: float, share: float) -> float:
        """Rows that new digits and their check digits take in a save, on average.

        Where saves outrun sums, some have no new digits; check digits come with rows that are complete.
        """
        columns = self.prices.columns
        rows = share * math.ceil(fresh / share / columns) if share else 0.0
        complete = min(1.0, fresh / columns)
        return rows + (complete * math.ceil(fresh / complete * self.checks / columns) if complete else 0.0)

    def end_of_image(self) -> Load:
        """Energy and time of keeping results; those of nothing."""
        return NONE

    def through(self, phase: Phase) -> Load:
        """What an operation writes at once, without a record."""
        return NONE

    def snapshot(self, record: float) -> Load:
        """Energy and time of the record of a save upon a warning."""
        return NONE

    def restore(self, record: float) -> Load:
        """Energy and time of having back two records."""
        return NONE

    @property
    def _per_operation(self) -> FloatArray:
        return np.array([phase.digits_per_operation for phase in self.work.phases])

    @property
    def _outputs(self) -> FloatArray:
        return np.array([float(phase.output_bits) for phase in self.work.phases])


class Images(Kept):
    """Results, after every so many images."""

    @property
    def images(self) -> int:  # type: ignore[override]
        """As many as the policy says."""
        return self.number

    @property
    def cells(self) -> int:  # type: ignore[override]
        """Results and records."""
        return int(self.images * self._outputs[-1] + 2 * self.record.max())

    def end_of_image(self) -> Load:
        """Energy and time of keeping results."""
        fresh = float(self.end_fresh[-1])
        return self.save(fresh, 1.0, float(RECORD_BITS))

    @property
    def end_fresh(self) -> FloatArray:
        """All results."""
        found = np.zeros(len(self.work.phases))
        found[-1] = self.images * self._outputs[-1]
        return found


class Windows(Images):
    """What is handed on, after every so many windows."""

    images = 1
    is_restored = True

    @property
    def cells(self) -> int:  # type: ignore[override]
        """All that is handed on, and records."""
        handed_on = float(self._outputs.sum())
        return math.ceil((1.0 + self.checks) * handed_on + 2.0 * float(self.record.max()))

    @property
    def restore_digit(self) -> Load:  # type: ignore[override]
        """What is handed on is read for its check, unless rows are checked when they are used."""
        return NONE if self.by_row else (self.prices.read_J, self.prices.row_read_s / self.prices.columns)

    @property
    def end_fresh(self) -> FloatArray:
        """Those of the operations since the last full step."""
        return self.rest * self._per_operation

    @property
    def at_risk_bits(self) -> int:
        """What is handed on between saves, and sums."""
        sums = [self._sums_at_risk * phase.sum_bits for phase in self.work.phases]
        return int(np.max(np.ceil(self.fresh) + sums))

    _sums_at_risk = 1

    def step(self, place: int, phase: Phase) -> int:
        """So many windows."""
        return min(self.number * phase.operations_per_window, phase.operations)

    def restore(self, record: float) -> Load:
        """Rows of two records, and the last row of what was handed on, which may not be complete."""
        return self.prices.restore(2.0 * record + self.by_row * self.prices.columns)


class Layers(Windows):
    """What is handed on, after every so many layers."""

    def step(self, place: int, phase: Phase) -> int:
        """The whole of a layer that is due."""
        return 0 if place % self.number else phase.operations

    @property
    def end_fresh(self) -> FloatArray:
        """Digits at the end of each layer since the one that was saved last."""
        found, waiting = [], 0.0
        for output, step in zip(self._outputs, self.every, strict=True):
            waiting += output
            found.append(waiting)
            waiting = 0.0 if step else waiting
        return np.array(found)

    @property
    def at_risk_bits(self) -> int:
        """What waits, and sums."""
        return int(np.max(self.end_fresh + [phase.sum_bits for phase in self.work.phases]))


class Operations(Windows):
    """What is handed on and sums, after every so many operations."""

    sums = 1

    def step(self, place: int, phase: Phase) -> int:
        """So many operations."""
        return min(self.number, phase.operations)


class Balanced(Operations):
    """The same, where saves and what a cut undoes cost least together."""

    def step(self, place: int, phase: Phase) -> int:
        """The best interval for what a restore leaves of a charge; what is handed on costs the same then."""
        record = float(RECORD_BITS + self.sums * phase.sum_bits)
        save_J, _ = self.save(0.0, 0.0, record)
        handed_on = float(self._outputs[:place].sum())
        left_J = self.charge_J - self.restore(record)[0] - handed_on * self.restore_digit[0]
        if left_J <= save_J:
            return 1
        best = best_interval(period_J=left_J, operation_J=phase.energy_J, save_J=save_J)
        most = (left_J - save_J) / phase.energy_J
        return min(max(1, round(min(best, most))), phase.operations)


class Additions(Operations):
    """Sum and carry of each addition, in cells of the accumulators, all written at once."""

    sums = 2
    _sums_at_risk = 0

    def save(self, fresh: float, share: float, record: float) -> Load:
        """No row is chosen for the record, whose cells may be paid for by the operation already."""
        own = float(RECORD_BITS) if self.prices.sums_kept else record
        rows = self.fresh_rows(fresh, share)
        fresh_J, fresh_s = self.prices.save((1.0 + self.checks) * fresh, rows, self.times)
        return self.prices.save(own, 0.0, self.times)[0] + fresh_J, self._at_once_s + fresh_s

    def restore(self, record: float) -> Load:
        """All cells of two records at once, and the last row of what was handed on."""
        digits, rows = 2.0 * record + self.by_row * self.prices.columns, 1 + self.by_row
        return digits * self.prices.read_J, rows * self.prices.row_read_s

    @property
    def _at_once_s(self) -> float:
        return self.prices.save(0.0, 1.0, self.times)[1]


class Threshold(Operations):
    """Upon a warning, in rows; after each layer, and when much is waiting, which the warning must leave."""

    at_risk_bits = 0

    def step(self, place: int, phase: Phase) -> int:
        """As many operations as hand on what a share of a charge writes."""
        each_J = (1.0 + self.checks) * phase.digits_per_operation * self.snapshot_digit[0]
        if not each_J or not self.charge_J:
            return phase.operations
        return min(max(1, int(WAITING * self.charge_J / each_J)), phase.operations)

    @property
    def snapshot_digit(self) -> Load:  # type: ignore[override]
        """Digits handed on are counted as they come."""
        return self.prices.save(1.0, 1.0 / self.prices.columns, self.times)

    @property
    def fresh(self) -> FloatArray:
        """Counted."""
        return np.zeros(len(self.work.phases))

    end_fresh = fresh

    def save(self, fresh: float, share: float, record: float) -> Load:
        """Rows of a record, and half a row more for the digits that are counted, whose last row is begun."""
        rows = math.ceil(record / self.prices.columns) + 0.5
        return self.prices.save(record, rows, self.times)

    def snapshot(self, record: float) -> Load:
        """As every save."""
        return self.save(0.0, 0.0, record)


class FlipFlops(Additions):
    """Sums and place upon a warning, in two cells each; what is handed on is written into rows at once."""

    at_risk_bits = 0

    @property
    def record(self) -> FloatArray:
        """Two cells for each digit."""
        return np.array([2.0 * (RECORD_BITS + phase.sum_bits) for phase in self.work.phases])

    def step(self, place: int, phase: Phase) -> int:
        """Never without a warning."""
        return 0

    def through(self, phase: Phase) -> Load:
        """Digits handed on, window by window."""
        digits = phase.digits_per_operation
        rows = self.fresh_rows(digits * phase.operations_per_window, 1.0) / phase.operations_per_window
        return self.prices.save((1.0 + self.checks) * digits, rows, self.times)

    def snapshot(self, record: float) -> Load:
        """All cells at once."""
        return self.prices.save(record, 0.0, self.times)[0], self._at_once_s

    def end_of_image(self) -> Load:
        """A place and its check."""
        return self.snapshot(2.0 * RECORD_BITS)


OF_KIND: dict[str, type[Kept]] = {
    "volatile": Kept,
    "images": Images,
    "layers": Layers,
    "windows": Windows,
    "operations": Operations,
    "balanced": Balanced,
    "additions": Additions,
    "threshold": Threshold,
    "flip_flops": FlipFlops,
}


def kept_by(work: Work, policy: Policy, charge_J: float | None = None) -> Kept:
    """What a policy keeps of the work, and when.

    Parameters
    ----------
    work, policy : Work, Policy
        What is done, and kept.
    charge_J : float or None
        Energy of a charge, for policies that save by it [J]; needed by the balanced one.

    Raises
    ------
    InputError
        If the machine keeps nothing and the policy does, or a charge is needed and not given.
    """
    if work.keeping is None and policy.kind != "volatile":
        raise InputError(f"{work.machine} has no cells to keep a state in; its policy is volatile.")
    if policy.kind == "balanced" and not charge_J:
        raise InputError("a balanced policy needs the energy of a charge; give charge_J.")
    return OF_KIND[policy.kind](work, policy, charge_J or 0.0)
