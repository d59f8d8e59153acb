"""When keeping sums at each addition pays: energy between two cuts against energy of a write."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from spinpim.array.intermittency import (
    Intermittent,
    Policy,
    Storage,
    StoreTooSmallError,
    Trace,
    Work,
    intermittent,
)
from spinpim.array.intermittency.kept import kept_by
from spinpim.array.intermittency.saving import program_of, reserve
from spinpim.array.intermittency.simulate import LONGEST_S
from spinpim.checks import choice, finite_array, instance, instances
from spinpim.errors import InputError

FloatArray = NDArray[np.float64]

ON_V, OFF_V = 2.0, 1.0
CUTS, MOST_CUTS = 200, 200_000
"""Progress is taken over whole images, with so many cuts at least; over so many where none is complete."""
WHOLE_IMAGES, SLOWEST = 2, 0.05
"""Fewest images, and the progress below which they are not waited for."""
SPREAD = tuple(np.logspace(-0.12, 0.12, 5).tolist())
"""Equal charges cut an image at the same places again and again; progress is the mean over some of them."""
SOURCE_SHARE = 1e-3
"""Power of the source over that of the working machine: nearly all energy comes from the store."""

PERIODIC = ("volatile", "windows:1", "operations:1", "balanced", "additions")


@dataclass(frozen=True, slots=True, eq=False)
class BreakEven:
    """Forward progress of policies by the energy between cuts and by the energy of a write.

    Attributes
    ----------
    policies : tuple of str
        Policies.
    period_J : array, shape (periods,)
        Energy between two cuts [J].
    write_J : array, shape (writes,)
        Energy of writing a digit for keeping it [J].
    progress : array, shape (policies, periods, writes)
        Share of the energy in operations that were not undone [1]; 0 where the policy cannot work.
    """

    policies: tuple[str, ...]
    period_J: FloatArray
    write_J: FloatArray
    progress: FloatArray

    def leads(self, policy: str, *, among: Sequence[str] | None = None) -> FloatArray:
        """Progress over that of the best of the others, shape (periods, writes); 0 where it makes none.

        Raises
        ------
        InputError
            If a policy is not among those computed, or there is no other.
        """
        choice("policy", policy, self.policies)
        named = self.policies if among is None else instances("among", among, str, "the policies")
        others = [choice("among", one, self.policies) for one in named if one != policy]
        if not others:
            raise InputError(f"among names no other policy than {policy!r}; give one to compare with.")
        own = self.progress[self.policies.index(policy)]
        best = np.max([self.progress[self.policies.index(one)] for one in others], axis=0)
        return np.where(own > 0.0, own / np.maximum(best, 1e-12), 0.0)

    def write_at_break_even_J(self, policy: str, *, among: Sequence[str] | None = None) -> FloatArray:
        """Energy of a write below which a policy makes most progress, for each period [J].

        Between the computed ones by the logarithm, next to one of 0 in proportion; 0 where it is beaten at
        all, infinite where at none.
        """
        ratio = self.leads(policy, among=among)
        found = np.empty(len(self.period_J))
        for place, row in enumerate(ratio):
            ahead = row >= 1.0
            if not ahead[0]:
                found[place] = 0.0
            elif ahead.all():
                found[place] = np.inf
            else:
                last = int(np.argmin(ahead)) - 1
                share = (row[last] - 1.0) / (row[last] - row[last + 1])
                low, high = self.write_J[last : last + 2]
                found[place] = low * (high / low) ** share if low else share * high
        return found


def break_even(
    work: Work,
    period_J: ArrayLike,
    write_factors: ArrayLike,
    *,
    policies: Sequence[str] = PERIODIC,
    checks: str = "at_restore",
) -> BreakEven:
    """Progress of policies on charges of equal energy, with writes for keeping made cheaper and dearer.

    Parameters
    ----------
    work : Work
        The memory, which keeps digits.
    period_J : array
        Energy between two cuts, rising [J].
    write_factors : array
        By which the energy of a write for keeping is multiplied, rising; operations take what they take.
    policies : sequence of str
        As parsed by `Policy`.
    checks : str
        When digits handed on are checked; see `Policy`.

    Raises
    ------
    InputError
        If the machine keeps nothing, or a number is out of range.

    Notes
    -----
    Writes do not fail here and are not read back, and nothing is forgotten: their cost is all that differs.
    """
    instance("work", work, Work, "work_of(array, network)")
    if work.keeping is None:
        raise InputError(f"{work.machine} has no cells to keep a state in.")
    periods = np.atleast_1d(finite_array("period_J", period_J, above=0.0)).ravel()
    factors = np.atleast_1d(finite_array("write_factors", write_factors, 0.0)).ravel()
    for axis, values in (("period_J", periods), ("write_factors", factors)):
        if np.any(np.diff(values) <= 0.0):
            raise InputError(f"{axis} must rise; sort the numbers and take each once.")
    names = instances("policies", policies, str, "the names of policies")
    kinds = [Policy.parse(name, checks=checks) for name in names]
    progress = np.zeros((len(kinds), periods.size, factors.size))
    for column, factor in enumerate(factors):
        keeping = dataclasses.replace(
            work.keeping, write_J=factor * work.keeping.write_J, write_error=0.0, loss_Hz=0.0
        )
        changed = dataclasses.replace(work, keeping=keeping)
        for row, period in enumerate(periods):
            for place, policy in enumerate(kinds):
                progress[place, row, column] = progress_of(changed, policy, float(period))
    return BreakEven(tuple(names), periods, factors * work.keeping.write_J, progress)


def progress_of(work: Work, policy: Policy, period_J: float) -> float:
    """Forward progress on charges of equal energy [1]; 0 where one does not reach from save to save."""
    charges = [factor * period_J for factor in SPREAD]
    found = [
        None if needed_J(work, policy, charge) > charge else on_equal_charges(work, policy, charge)
        for charge in charges
    ]
    return float(np.mean([0.0 if one is None else one.forward_progress for one in found]))


def needed_J(work: Work, policy: Policy, period_J: float) -> float:
    """Energy that a charge must have for any progress [J].

    Warned: a restore, an operation and the costliest save. Without saves on the way: the images that are kept
    at once. Else the most, over all saves, of a restore, the operations since the save before, and the save.
    """
    program = program_of(kept_by(work, policy, period_J))
    operation_J = program.energy_J + program.through_J
    # The place that is gone back to may lie at the end of its block.
    checked = program.digits_before + program.counts * program.digits
    restore_J = program.restore_J + checked * program.restore_digit_J
    if policy.is_warned:
        return float((operation_J + restore_J).max()) + reserve(program)[0]
    if not program.every.any():
        return max(1, program.end_every) * work.image_J + float(program.end_J[-1])
    most_J = stretch_J = 0.0
    last = len(program.every) - 1
    for number, every in enumerate(program.every):
        save_J = program.save_J[number] if every else 0.0
        end_J = program.end_J[number] if every or number == last else 0.0
        stretch_J += (every or program.counts[number]) * operation_J[number]
        most_J = max(most_J, restore_J[number] + stretch_J + max(save_J, end_J))
        stretch_J = 0.0 if every else stretch_J
    return most_J


def on_equal_charges(
    work: Work, policy: Policy, period_J: float, *, source_W: float | None = None, seed: int = 1
) -> Intermittent | None:
    """What a policy makes of charges of equal energy, over whole images; None if it cannot start."""
    storage = Storage(2.0 * period_J / (ON_V**2 - OFF_V**2), on_V=ON_V, off_V=OFF_V)
    power_W = SOURCE_SHARE * work.mean_power_W if source_W is None else source_W
    cycle_s = period_J / power_W
    images = max(WHOLE_IMAGES, math.ceil(CUTS * period_J / work.image_J))
    cuts = min(MOST_CUTS, images * work.image_J / period_J / SLOWEST)
    steady = Trace("steady", np.array([0.0, cycle_s]), np.array([power_W]))
    try:
        return intermittent(
            work,
            steady,
            storage,
            policy,
            duration_s=min(1.01 * cuts * cycle_s, LONGEST_S),
            images=images,
            seed=seed,
        )
    except StoreTooSmallError:
        return None
