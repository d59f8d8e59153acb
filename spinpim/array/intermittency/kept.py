"""What a policy keeps of a work, when, and what it takes; all of it follows from the two."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from spinpim.array.intermittency.closed_form import best_interval
from spinpim.array.intermittency.keeping import CHECK_BITS, RECORD_BITS, Keeping
from spinpim.array.intermittency.kinds import KINDS, Kind
from spinpim.array.intermittency.policies import Policy
from spinpim.array.intermittency.program import FloatArray, IntArray
from spinpim.array.intermittency.work import Phase, Work
from spinpim.errors import InputError

Load = tuple[float, float]
"""Energy [J] and time [s]."""

NONE: Load = (0.0, 0.0)
FREE = Keeping(
    write_J=0.0, read_J=0.0, select_J=0.0, row_write_s=0.0, row_read_s=0.0, columns=1, write_error=0.0
)
WAITING = 0.1
"""Share of a charge that digits waiting for a warning may take to be written."""


@dataclass(frozen=True, slots=True, eq=False)
class Kept:
    """What a policy keeps of a work, and when.

    Attributes
    ----------
    work, policy : Work, Policy
        What is done, and kept.
    every : array of int64, shape (phases,)
        Operations between saves; 0: none in this phase.
    """

    work: Work
    policy: Policy
    every: IntArray

    @property
    def kind(self) -> Kind:
        """What its kind of policy keeps, and where."""
        return KINDS[self.policy.kind]

    @property
    def prices(self) -> Keeping:
        """Prices of cells; nothing costs anything where nothing is kept."""
        return self.work.keeping or FREE

    @property
    def images(self) -> int:
        """Images after which their results are kept; 0: never."""
        return {"volatile": 0, "images": self.policy.every or 1}.get(self.policy.kind, 1)

    @property
    def checks(self) -> float:
        """Check digits of rows for each digit handed on [1]."""
        by_row = self.policy.checks == "by_row" and self.kind.restored
        return CHECK_BITS / self.prices.columns if by_row else 0.0

    @property
    def record(self) -> FloatArray:
        """Digits of the record of a save in each phase [1]: place and check, and sums."""
        return np.array([_record_digits(self.kind, phase) for phase in self.work.phases])

    @property
    def rest(self) -> IntArray:
        """Operations before the save that ends each phase."""
        left = [
            (phase.operations - 1) % step + 1 if step else 0
            for phase, step in zip(self.work.phases, self.every.tolist(), strict=True)
        ]
        return np.array(left, np.int64)

    @property
    def fresh(self) -> FloatArray:
        """Digits handed on that are new in a save within each phase, on average [1]; 0 if counted apart."""
        return np.zeros(len(self.every)) if self.kind.counted else self.every * self._per_operation

    @property
    def end_fresh(self) -> FloatArray:
        """Digits that are new in the save that ends each phase [1]; the last one ends the image."""
        if self.kind.counted:
            return np.zeros(len(self.every))
        if self.policy.kind == "layers":
            return self._waiting
        found = self.rest * self._per_operation
        if self.policy.kind == "images":
            found[-1] = self.images * self._outputs[-1]
        return found

    @property
    def at_risk_bits(self) -> int:
        """Digits that a cut loses at the worst moment; none where a warning comes in time."""
        phases = self.work.phases
        sums = np.array([phase.sum_bits for phase in phases])
        if self.kind.warned:
            return 0
        if not self.kind.restored:
            image = max(phase.input_bits + phase.output_bits + phase.sum_bits for phase in phases)
            return image + (max(self.images, 1) - 1) * phases[-1].output_bits
        if self.policy.kind == "layers":
            return int(np.max(self._waiting + sums))
        # Sums that are kept at each addition are not lost.
        return int(np.max(np.ceil(self.fresh) + sums * (self.kind.sums < 2)))

    @property
    def cells(self) -> int:
        """Cells kept for saves: what is handed on with its check digits, and two records."""
        if not self.images:
            return 0
        handed_on = self._outputs.sum() if self.kind.restored else self.images * self._outputs[-1]
        return math.ceil((1.0 + self.checks) * float(handed_on) + 2.0 * float(self.record.max()))

    @property
    def snapshot_digit(self) -> Load:
        """What each waiting digit adds to a save, check digits counted as digits."""
        prices = self.prices
        return prices.save(1.0, 1.0 / prices.columns, self.policy.rewrites) if self.kind.counted else NONE

    @property
    def restore_digit(self) -> Load:
        """What each digit handed on adds to a restore, which reads it for its check."""
        read = self.kind.restored and not self.checks
        return (self.prices.read_J, self.prices.row_read_s / self.prices.columns) if read else NONE

    def save(self, fresh: float, share: float, record: float) -> Load:
        """Energy and time of a save.

        Parameters
        ----------
        fresh : float
            New digits, on average [1].
        share : float
            Share of saves that have any [1].
        record : float
            Digits of the record [1].
        """
        prices, times = self.prices, self.policy.rewrites
        digits, rows = (1.0 + self.checks) * fresh, self.fresh_rows(fresh, share)
        # Of digits that are counted, the last row has begun.
        rows += 0.5 * self.kind.counted
        if not self.kind.at_once:
            return prices.save(digits + record, rows + math.ceil(record / prices.columns), times)
        # Accumulators may keep their sums already, at the price of each operation.
        own = float(RECORD_BITS) if prices.sums_kept and not self.kind.warned else record
        energy_J, time_s = prices.save(digits, rows, times)
        return energy_J + prices.save(own, 0.0, times)[0], time_s + prices.save(0.0, 1.0, times)[1]

    def fresh_rows(self, fresh: float, share: float) -> float:
        """Rows that new digits and their check digits take in a save, on average.

        Where saves outrun sums, some have no new digits; check digits come with rows that are complete.
        """
        columns = self.prices.columns
        rows = share * math.ceil(fresh / share / columns) if share else 0.0
        complete = min(1.0, fresh / columns)
        return rows + (complete * math.ceil(fresh / complete * self.checks / columns) if complete else 0.0)

    def end_of_image(self) -> Load:
        """Energy and time of keeping results; no sums are left then."""
        if not self.images:
            return NONE
        return self.save(float(self.end_fresh[-1]), 1.0, float(self.kind.copies * RECORD_BITS))

    def through(self, phase: Phase) -> Load:
        """What an operation writes without a record: its share of the digits of a window."""
        if not self.kind.through:
            return NONE
        digits, window = phase.digits_per_operation, phase.operations_per_window
        rows = self.fresh_rows(digits * window, 1.0) / window
        return self.prices.save((1.0 + self.checks) * digits, rows, self.policy.rewrites)

    def snapshot(self, record: float) -> Load:
        """Energy and time of a save upon a warning, without the digits that are waiting."""
        return self.save(0.0, 0.0, record) if self.kind.warned else NONE

    def restore(self, record: float) -> Load:
        """Energy and time of reading two records, and with checks of rows the last row, not complete."""
        prices, rows = self.prices, 1 if self.checks else 0
        if not self.kind.restored:
            return NONE
        if self.kind.at_once:
            return (2.0 * record + rows * prices.columns) * prices.read_J, (1 + rows) * prices.row_read_s
        return prices.restore(2.0 * record + rows * prices.columns)

    @property
    def _per_operation(self) -> FloatArray:
        return np.array([phase.digits_per_operation for phase in self.work.phases])

    @property
    def _outputs(self) -> FloatArray:
        return np.array([float(phase.output_bits) for phase in self.work.phases])

    @property
    def _waiting(self) -> FloatArray:
        """Digits at the end of each layer since the one that was saved last."""
        found, waiting = [], 0.0
        for output, step in zip(self._outputs, self.every, strict=True):
            waiting += output
            found.append(waiting)
            waiting = 0.0 if step else waiting
        return np.array(found)


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
    # Prices do not depend on when saves come.
    prices = Kept(work, policy, np.zeros(len(work.phases), np.int64))
    steps = [
        min(_step(prices, place, charge_J or 0.0), phase.operations)
        for place, phase in enumerate(work.phases)
    ]
    return Kept(work, policy, np.array(steps, np.int64))


def _record_digits(kind: Kind, phase: Phase) -> float:
    return float(kind.copies * (RECORD_BITS + kind.sums * phase.sum_bits))


def _step(kept: Kept, place: int, charge_J: float) -> int:
    """Operations between saves in a phase, 0: none; more than it has: one at its end."""
    phase, number = kept.work.phases[place], kept.policy.every or 1
    match kept.policy.kind:
        case "layers":
            return 0 if (place + 1) % number else phase.operations
        case "windows":
            return number * phase.operations_per_window
        case "operations":
            return number
        case "additions":
            return 1
        case "balanced":
            return _balanced_step(kept, place, charge_J)
        case "threshold":
            return _waiting_step(kept, phase, charge_J)
    return 0


def _balanced_step(kept: Kept, place: int, charge_J: float) -> int:
    """Where saves and what a cut undoes cost least together, of what a restore leaves of a charge."""
    phase = kept.work.phases[place]
    record = _record_digits(kept.kind, phase)
    # What is handed on costs the same however often it is saved.
    save_J, _ = kept.save(0.0, 0.0, record)
    handed_on = sum(one.output_bits for one in kept.work.phases[: place + 1])
    left_J = charge_J - kept.restore(record)[0] - handed_on * kept.restore_digit[0]
    if left_J <= save_J:
        return 1
    best = best_interval(period_J=left_J, operation_J=phase.energy_J, save_J=save_J)
    return max(1, round(min(best, (left_J - save_J) / phase.energy_J)))


def _waiting_step(kept: Kept, phase: Phase, charge_J: float) -> int:
    """As many as hand on what a share of a charge writes, which a warning must leave."""
    each_J = (1.0 + kept.checks) * phase.digits_per_operation * kept.snapshot_digit[0]
    if not each_J or not charge_J:
        return phase.operations
    return max(1, int(min(WAITING * charge_J / each_J, phase.operations)))
