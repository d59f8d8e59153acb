"""Which policy makes most of a harvested joule, by mean power, how often power fails, and capacitor."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from spinpim.array.intermittency import Policy, Storage, StoreTooSmallError, Work, intermittent, on_off
from spinpim.array.intermittency.simulate import LONGEST_S
from spinpim.checks import finite_array, instance, instances

FloatArray = NDArray[np.float64]

CYCLES, FEWEST = 20, 4
"""So many times power comes and goes, and the store can be filled, in a run; fewer where these are many."""
MOST_CHARGES = 30_000
MOST_FAILURES = 2_000
"""After so many the supply begins anew."""
SAME = 1e-3
"""Policies that differ by less share a place; the one named first has it."""


@dataclass(frozen=True, slots=True, eq=False)
class PolicyMap:
    """Work that was not undone, per harvested joule.

    Attributes
    ----------
    policies : tuple of Policy
        Those compared.
    mean_power_W : array, shape (powers,)
        Mean power of the source [W].
    failure_rate_Hz : array, shape (rates,)
        How often its power fails on average [1/s]; it is off half of the time, at random.
    capacitance_F : array, shape (capacitors,)
        Capacitors [F].
    kept : array, shape (policies, powers, rates, capacitors)
        Energy of operations that were not undone over the harvested energy [1]; 0 where no image is complete.
    """

    policies: tuple[Policy, ...]
    mean_power_W: FloatArray
    failure_rate_Hz: FloatArray
    capacitance_F: FloatArray
    kept: FloatArray

    @property
    def best(self) -> NDArray[np.int64]:
        """Place of the best policy, -1 where none did anything; shape (powers, rates, capacitors)."""
        most = self.kept.max(axis=0)
        first: NDArray[np.int64] = np.argmax(self.kept >= (1.0 - SAME) * most, axis=0)
        return np.where(most > 0.0, first, -1)


def policy_map(
    work: Work,
    policies: Sequence[Policy],
    *,
    mean_power_W: ArrayLike,
    failure_rate_Hz: ArrayLike,
    capacitance_F: ArrayLike,
    storage: Storage,
    seed: int = 1,
    progress: Callable[[str], None] = lambda stage: None,
) -> PolicyMap:
    """Run policies under power that comes and goes at random, half of the time each.

    Parameters
    ----------
    work : Work
        The memory.
    policies : sequence of Policy
        Those compared; of equals, the first is named best.
    mean_power_W, failure_rate_Hz, capacitance_F : arrays
        Axes of the map.
    storage : Storage
        Voltages, leakage and converters; its capacitance is replaced.
    seed : int
        Address of the draws.
    progress : callable
        Told what comes next.

    Raises
    ------
    InputError
        If an argument is of another kind or out of range.
    """
    instance("work", work, Work, "work_of(array, network)")
    instance("storage", storage, Storage, "Storage(...)")
    kinds = instances("policies", policies, Policy, "Policy(...)")
    powers = np.atleast_1d(finite_array("mean_power_W", mean_power_W, above=0.0)).ravel()
    rates = np.atleast_1d(finite_array("failure_rate_Hz", failure_rate_Hz, above=0.0)).ravel()
    capacitors = np.atleast_1d(finite_array("capacitance_F", capacitance_F, above=0.0)).ravel()
    kept = np.zeros((len(kinds), powers.size, rates.size, capacitors.size))
    for i, power_W in enumerate(powers.tolist()):
        progress(f"map at {power_W:.3g} W")
        for j, rate_Hz in enumerate(rates.tolist()):
            for k, capacitance in enumerate(capacitors.tolist()):
                store = dataclasses.replace(storage, capacitance_F=capacitance)
                duration_s = _duration_s(store, power_W, rate_Hz)
                half_s = 0.5 / rate_Hz
                supply = on_off(
                    2.0 * power_W,
                    mean_on_s=half_s,
                    mean_off_s=half_s,
                    duration_s=min(duration_s, MOST_FAILURES / rate_Hz),
                    seed=seed,
                )
                for place, policy in enumerate(kinds):
                    try:
                        found = intermittent(work, supply, store, policy, duration_s=duration_s, seed=seed)
                    except StoreTooSmallError:
                        continue
                    # Who never completes an image may keep its beginning for ever, and does nothing.
                    if found.images:
                        kept[place, i, j, k] = (found.operation_J - found.lost_J) / found.harvested_J
    return PolicyMap(tuple(kinds), powers, rates, capacitors, kept)


def _duration_s(store: Storage, power_W: float, rate_Hz: float) -> float:
    """So long that power fails and the store is filled often enough, and not too often."""
    source_W = store.charging_efficiency * power_W
    cycle_s = max(1.0 / rate_Hz, store.energy_J(store.on_V) / source_W)
    enough_s = max(MOST_CHARGES * store.burst_J / source_W, FEWEST * cycle_s)
    return min(LONGEST_S, CYCLES * cycle_s, enough_s)
