"""How long cells must hold what is kept: progress by the retention of a cell."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from spinpim.array.intermittency import Policy, Work
from spinpim.checks import finite, finite_array, instance, instances
from spinpim.errors import InputError
from spinpim.study.intermittency.break_even import on_equal_charges

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class RetentionCurve:
    """Forward progress of policies by the retention of a cell.

    Attributes
    ----------
    policies : tuple of Policy
        Policies.
    retention_s : array, shape (retentions,)
        Mean time until a cell flips by itself [s].
    off_s : float
        Time that the machine is switched off between charges [s].
    progress : array, shape (policies, retentions)
        Share of the energy in operations that were not undone [1].
    """

    policies: tuple[Policy, ...]
    retention_s: FloatArray
    off_s: float
    progress: FloatArray


def retention_curve(
    work: Work,
    policies: Sequence[Policy],
    *,
    period_J: float,
    source_W: float,
    retention_s: ArrayLike,
    seed: int = 1,
) -> RetentionCurve:
    """Progress of policies on charges of equal energy, with cells that forget sooner or later.

    Parameters
    ----------
    work : Work
        The memory, which keeps digits.
    policies : sequence of Policy
        Those compared.
    period_J, source_W : float
        Energy of a charge [J], and power of the source [W]; their ratio is the time switched off.
    retention_s : array
        Mean times until a cell flips by itself [s].
    seed : int
        Address of the draws.

    Raises
    ------
    InputError
        If the machine keeps nothing, or a number is out of range.

    Notes
    -----
    Cells of saves alone forget; weights are taken as kept safely, in cells that hold longer. The check digits
    tell a flipped digit, and the image begins anew. With N digits kept and a time
    t switched off, the state outlasts a cut with the probability exp(-N t / retention).
    """
    instance("work", work, Work, "work_of(array, network)")
    if work.keeping is None:
        raise InputError(f"{work.machine} has no cells to keep a state in.")
    kinds = instances("policies", policies, Policy, "Policy(...)")
    times = np.atleast_1d(finite_array("retention_s", retention_s, above=0.0)).ravel()
    charge_J, power_W = finite("period_J", period_J, above=0.0), finite("source_W", source_W, above=0.0)
    progress = np.zeros((len(kinds), times.size))
    for column, time_s in enumerate(times.tolist()):
        forgetful = dataclasses.replace(work, keeping=dataclasses.replace(work.keeping, loss_Hz=1.0 / time_s))
        for place, policy in enumerate(kinds):
            found = on_equal_charges(forgetful, policy, charge_J, source_W=power_W, seed=seed)
            progress[place, column] = 0.0 if found is None else found.forward_progress
    return RetentionCurve(tuple(kinds), times, charge_J / power_W, progress)
