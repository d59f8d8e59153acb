"""The write pulse of least supply energy that meets an error rate within limits of voltage and time."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass

import numpy as np

from spinpim.checks import finite, seed_address, state
from spinpim.device.dynamics.switching import check_kinds
from spinpim.device.energy import WriteEnergy, write_energy
from spinpim.device.failure.write_error import BOTH, write_error_rate
from spinpim.device.failure.write_family import WriteFamily, write_family
from spinpim.device.failure.write_objective import WritePoint, committor_rows, objective
from spinpim.device.failure.write_search import REFINED, Tried, best_starts, scan, searches
from spinpim.device.mtj import Device
from spinpim.device.pulse import WriteSettings
from spinpim.errors import InputError
from spinpim.estimate import Estimate

CORRECTIONS = 3
"""Times the aim is moved by what the check of the error rate found."""

CHECK_RELATIVE_ERROR = 0.05
NEAR_ENOUGH = 0.75
AIM_INSIDE = 0.9
"""The search ends where the check comes to this share of the target; the aim is set to the other."""

LARGEST_AIM = 0.9
LARGEST_IN_FRONT = 0.5
"""A pulse that fails more often writes nothing."""


@dataclass(frozen=True, slots=True, eq=False)
class WriteOptimum:
    """The best write pulse found, and the trade-offs around it.

    Attributes
    ----------
    settings : WriteSettings
        The pulse; ``device.replace(write=settings)`` makes it the device's own.
    energy : WriteEnergy
        Of the pulse, mean of the written directions.
    time_s : float
        From the first rise to the last fall [s].
    error : Estimate
        Its error rate, by an independent method; the upper end of the interval meets the target.
    front : tuple of WritePoint
        Pulses that no other tried one beats in energy, time and error together, by rising energy; only those
        that write more often than not. Their error rates are the optimiser's own.
    evaluations : int
        Pulses tried.
    """

    settings: WriteSettings
    energy: WriteEnergy
    time_s: float
    error: Estimate
    front: tuple[WritePoint, ...]
    evaluations: int


def optimise_write(
    device: Device,
    target_error_rate: float,
    *,
    seed: int,
    supply_voltage_V: float,
    highest_mtj_voltage_V: float,
    longest_s: float = 5e-9,
    highest_current_A: float | None = None,
    edge_s: float = 0.05e-9,
    settle_time_s: float = 1e-9,
    to: str = BOTH,
    executor: Executor | None = None,
) -> WriteOptimum:
    r"""Find the write pulse that takes the least energy from the supply at a given error rate.

    .. math::

        \min_{I, V, t} V_{dd} \int (|I| + |V| \bar G)\,dt \quad\text{with}\quad
        p \le p_{target},\ |I| \le I_{max},\ |V| \le V_{max},\ t \le t_{max}

    The family: a channel current with a linear rise, a flat top and a linear fall; a junction voltage towards
    the target that may begin later and end later. Amplitudes, width, fall time, delay and end are free.

    Parameters
    ----------
    device : Device
        The junction; its own write pulse is one of the starting points.
    target_error_rate : float
        Largest error rate [1], above 0 and below 0.5.
    seed : int
        Address of the randomness.
    supply_voltage_V : float
        Supply of the write drivers [V]: the energy is this voltage times the charge.
    highest_mtj_voltage_V : float
        Limit of the junction voltage [V], at most the supply; 0 for no assist.
    longest_s : float
        Limit of the time from the first rise to the last fall, edges included [s]; above four edges.
    highest_current_A : float, optional
        Limit of the channel current [A]; by default what the supply drives through the bare channel.
    edge_s : float
        Rise time of the drivers, and their fastest fall [s], > 0.
    settle_time_s : float
        Wait before the state is read [s], > 0.
    to : str
        "P", "AP" or "both": the mean of both directions.
    executor : concurrent.futures.Executor, optional
        Where pulses are tried; the result does not depend on it.

    Returns
    -------
    WriteOptimum

    Raises
    ------
    InputError
        For impossible limits, or if no pulse within them meets the error rate.

    Notes
    -----
    Pulses are judged by the committor on a coarse grid and the best is checked by
    `write_error_rate`; where the two differ, the aim is moved and the search repeated. The optimum is the
    best of three local searches, not a proof. The channel current is at least a tenth of the highest, and
    its flat top at least as long as an edge. The junction voltage has the sign that favours the written state
    all along; an opposite one during the channel pulse, which lowers the barrier by VCMA where the favourable
    one raises it, is outside the family.
    Macrospin, without the spread between junctions.

    Examples
    --------
    A search takes from half a minute to some minutes of processor time.

    >>> device = Device.load("imec_sot_62nm")
    >>> best = optimise_write(device, 1e-4, seed=1, supply_voltage_V=1.0, highest_mtj_voltage_V=0.0,
    ...     to="AP")  # doctest: +SKIP
    >>> optimise_write(device, 1e-4, seed=1, supply_voltage_V=1.0,
    ...     highest_mtj_voltage_V=1.5)  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    spinpim.errors.InputError: highest_mtj_voltage_V must be a number, finite ... at most 1; instead ...

    References
    ----------
    T. M. Ragonneau, "Model-based derivative-free optimization methods and software", 2022, arXiv:2210.12018
    (COBYQA).
    """
    target = finite("target_error_rate", target_error_rate, above=0.0)
    if target >= 0.5:
        raise InputError(f"target_error_rate must lie between 0 and 0.5; instead received {target}.")
    check_kinds(device, None)
    targets = ("P", "AP") if to == BOTH else (state("to", to),)
    family = write_family(
        device, supply_voltage_V, highest_mtj_voltage_V, longest_s, highest_current_A, edge_s, settle_time_s
    )
    shared = objective(
        device,
        targets,
        float(supply_voltage_V),
        family.settle_time_s,
        committor_rows(device),
        seed_address(seed),
    )
    tried = scan(shared, family, target, executor)
    aim = target
    checked: list[tuple[WritePoint, Estimate]] = []
    for _ in range(1 + CORRECTIONS):
        starts = best_starts(tried, aim, 2 if checked else REFINED)
        tried |= searches(shared, family, aim, starts, executor, wide=not checked)
        meeting = [point for point in tried.values() if point.error_rate <= aim]
        best = min(meeting, key=lambda point: point.energy_J, default=None)
        if best is None or any(best is point for point, _ in checked):
            break
        error = write_error_rate(
            device.replace(write=best.settings),
            seed=seed,
            to=to,
            target_relative_error=CHECK_RELATIVE_ERROR,
            executor=executor,
        )
        checked.append((best, error))
        if NEAR_ENOUGH * target <= error.high <= target:
            break
        # What the coarse committor misjudges at the optimum, it misjudges nearby.
        aim = min(LARGEST_AIM, AIM_INSIDE * target * best.error_rate / error.high)
    verified = [(point, error) for point, error in checked if error.high <= target]
    if not verified:
        raise InputError(_out_of_reach(tried, checked, target, family))
    best, error = min(verified, key=lambda pair: pair[0].energy_J)
    energy = _mean_energy(device.replace(write=best.settings), targets, shared.supply_voltage_V)
    writing = [point for point in tried.values() if point.error_rate <= LARGEST_IN_FRONT]
    return WriteOptimum(best.settings, energy, best.time_s, error, pareto_front(writing), len(tried))


def pareto_front(points: Sequence[WritePoint]) -> tuple[WritePoint, ...]:
    """Points that no other beats in energy, time and error together, by rising energy."""
    figures = np.array([(point.energy_J, point.time_s, point.error_rate) for point in points])
    kept = []
    for index, own in enumerate(figures):
        beaten = np.all(figures <= own, axis=1) & np.any(figures < own, axis=1)
        if not beaten.any():
            kept.append(points[index])
    return tuple(sorted(kept, key=lambda point: point.energy_J))


def _mean_energy(device: Device, targets: Sequence[str], supply_voltage_V: float) -> WriteEnergy:
    parts = [write_energy(device, device.write_pulse(target), supply_voltage_V) for target in targets]
    names = [field.name for field in dataclasses.fields(WriteEnergy)]
    return WriteEnergy(*(sum(getattr(part, name) for part in parts) / len(parts) for name in names))


def _out_of_reach(
    tried: Tried, checked: Sequence[tuple[WritePoint, Estimate]], target: float, family: WriteFamily
) -> str:
    """Sentence with the least error rate reached; where pulses were checked, that of the check."""
    least = min([error.value for _, error in checked] or [point.error_rate for point in tried.values()])
    return (
        f"No pulse within {family.highest_current_A:.3g} A, {family.highest_voltage_V:.3g} V and "
        f"{family.longest_s:.3g} s was found to fail less often than {target:.2g}; the least of "
        f"{len(tried)} tried is about {least:.1e}. Allow more current, voltage or time, or a field that "
        "breaks the symmetry."
    )
