"""The write pulse of least supply energy that meets an error rate within limits of voltage and time."""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.stats import qmc

from spinpim.checks import finite, seed_address, state
from spinpim.device.energy import WriteEnergy, write_energy
from spinpim.device.mtj import Device
from spinpim.device.pulse import WriteSettings
from spinpim.device.switching import check_kinds
from spinpim.device.trajectories import map_ordered
from spinpim.device.write_error import BOTH, write_error_rate
from spinpim.device.write_objective import Objective, WritePoint, objective, weigh
from spinpim.errors import InputError
from spinpim.estimate import Estimate

Array = NDArray[np.float64]

ROWS = 48
"""Polar nodes of the committor that judges a pulse; a final splitting run corrects it."""

SCANNED = 64
"""Pulses of the first look, spread evenly over the family."""

REFINED = 3
"""Best ones of the first look from which the search goes on."""

EVALUATIONS = 70
"""Pulses tried in each search."""

PARAMETERS = 6

CORRECTIONS = 3
"""Times the aim is moved by what the check of the error rate found."""

CHECK_RELATIVE_ERROR = 0.05
NEAR_ENOUGH = 0.8
AIM_INSIDE = 0.9
"""A pulse counts as optimal from one share of the target on; the aim is set to the other."""

WEAKEST = 0.1
"""Least channel current over the highest."""

FURTHEST_DELAY = 0.95
"""Latest start of the assist over its end."""


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
        Its error rate, by an independent method.
    front : tuple of WritePoint
        Pulses that no other tried one beats in energy, time and error together, by rising energy.
    evaluations : int
        Pulses tried.
    """

    settings: WriteSettings
    energy: WriteEnergy
    time_s: float
    error: Estimate
    front: tuple[WritePoint, ...]
    evaluations: int


@dataclass(frozen=True, slots=True)
class _Family:
    """Ranges of the pulses; a point of it is six numbers between 0 and 1."""

    highest_current_A: float
    highest_voltage_V: float
    longest_s: float
    edge_s: float
    settle_time_s: float

    def settings(self, x: Array) -> WriteSettings:
        current, width, fall, voltage, extra, delay = (min(1.0, max(0.0, float(part))) for part in x)
        width_s = self.edge_s * (self.longest_s / self.edge_s) ** width
        extra_s = self.longest_s * extra
        return WriteSettings(
            sot_current_A=self.highest_current_A * WEAKEST ** (1.0 - current),
            width_s=width_s,
            rise_time_s=self.edge_s,
            fall_time_s=self.edge_s * (self.longest_s / self.edge_s) ** fall,
            mtj_voltage_V=self.highest_voltage_V * voltage,
            mtj_extra_time_s=extra_s,
            settle_time_s=self.settle_time_s,
            mtj_delay_s=FURTHEST_DELAY * delay * (width_s + extra_s),
        )

    def place(self, settings: WriteSettings) -> Array:
        """Inverse of `settings`, as far as the family holds it."""
        decades = math.log(self.longest_s / self.edge_s)
        end = settings.width_s + settings.mtj_extra_time_s
        highest = self.highest_voltage_V
        return np.clip(
            [
                1.0 + math.log(settings.sot_current_A / self.highest_current_A) / -math.log(WEAKEST),
                math.log(settings.width_s / self.edge_s) / decades,
                math.log(max(settings.fall_time_s, self.edge_s) / self.edge_s) / decades,
                settings.mtj_voltage_V / highest if highest > 0.0 else 0.0,
                settings.mtj_extra_time_s / self.longest_s,
                settings.mtj_delay_s / (FURTHEST_DELAY * end),
            ],
            0.0,
            1.0,
        )


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
    """Find the write pulse that takes the least energy from the supply at a given error rate.

    The family: a channel current with a linear rise, a flat top and a linear fall; a junction voltage towards
    the target that may begin later and end later. Amplitudes, width, fall time, delay and end are free.

    Parameters
    ----------
    device : Device
        The junction; its own write pulse is one of the starting points.
    target_error_rate : float
        Largest error rate [1], between 0 and 0.5.
    seed : int
        Address of the randomness.
    supply_voltage_V : float
        Supply of the write drivers [V]: the energy is this voltage times the charge.
    highest_mtj_voltage_V : float
        Limit of the junction voltage [V], 0 for none.
    longest_s : float
        Limit of the time from the first rise to the last fall [s].
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
    Pulses are judged by the committor on a grid of 48 by 96 nodes and the best is checked by
    `write_error_rate`; where the two differ, the aim is moved and the search repeated. The optimum is the
    best of three local searches, not a proof. Macrospin, without the spread between junctions.

    Examples
    --------
    >>> device = Device.load("imec_sot_62nm")
    >>> best = optimise_write(device, 1e-4, seed=1, supply_voltage_V=1.0,
    ...     highest_mtj_voltage_V=0.0)  # doctest: +SKIP
    """
    target = finite("target_error_rate", target_error_rate, above=0.0)
    if target >= 0.5:
        raise InputError(f"target_error_rate must lie between 0 and 0.5; instead received {target}.")
    check_kinds(device, None)
    targets = ("P", "AP") if to == BOTH else (state("to", to),)
    finite("settle_time_s", settle_time_s, above=0.0)
    family = _family(
        device, supply_voltage_V, highest_mtj_voltage_V, longest_s, highest_current_A, edge_s, settle_time_s
    )
    shared = objective(device, targets, supply_voltage_V, settle_time_s, ROWS, seed_address(seed))
    tried = _scan(shared, family, device.write, executor)
    aim, verified = target, None
    for _ in range(1 + CORRECTIONS):
        starts = sorted(tried, key=lambda point: _penalised(point, aim, family))[:REFINED]
        columns = zip(*((shared, family, aim, start) for start in starts), strict=True)
        tried += itertools.chain.from_iterable(map_ordered(executor, _search, *columns))
        meeting = [point for point in tried if point.error_rate <= aim and point.time_s <= longest_s]
        if not meeting:
            raise InputError(_out_of_reach(tried, target, family))
        best = min(meeting, key=lambda point: point.energy_J)
        error = write_error_rate(
            device.replace(write=best.settings),
            seed=seed,
            to=to,
            target_relative_error=CHECK_RELATIVE_ERROR,
            executor=executor,
        )
        if error.value <= target and (verified is None or best.energy_J < verified[0].energy_J):
            verified = best, error
        if NEAR_ENOUGH * target <= error.value <= target:
            break
        # What the coarse committor misjudges at the optimum, it misjudges nearby.
        aim = AIM_INSIDE * target * best.error_rate / error.conservative
    if verified is None:
        raise InputError(_out_of_reach(tried, target, family))
    best, error = verified
    energy = _mean_energy(device.replace(write=best.settings), targets, supply_voltage_V)
    return WriteOptimum(best.settings, energy, best.time_s, error, pareto_front(tried), len(tried))


def pareto_front(points: Sequence[WritePoint]) -> tuple[WritePoint, ...]:
    """Points that no other beats in energy, time and error together, by rising energy."""
    figures = np.array([(point.energy_J, point.time_s, point.error_rate) for point in points])
    kept = []
    for index, own in enumerate(figures):
        beaten = np.all(figures <= own, axis=1) & np.any(figures < own, axis=1)
        if not beaten.any():
            kept.append(points[index])
    return tuple(sorted(kept, key=lambda point: point.energy_J))


def _family(
    device: Device,
    supply_voltage_V: float,
    highest_mtj_voltage_V: float,
    longest_s: float,
    highest_current_A: float | None,
    edge_s: float,
    settle_time_s: float,
) -> _Family:
    supply = finite("supply_voltage_V", supply_voltage_V, above=0.0)
    edge, longest = finite("edge_s", edge_s, above=0.0), finite("longest_s", longest_s, above=0.0)
    if not 4.0 * edge < longest:
        raise InputError(
            f"longest_s must exceed four edges of {edge:.3g} s, so that a pulse has room for a rise, a top "
            f"and a fall; instead received {longest_s}."
        )
    driven = supply / device.channel_resistance_ohm
    if highest_current_A is not None:
        driven = min(driven, finite("highest_current_A", highest_current_A, above=0.0))
    voltage = finite("highest_mtj_voltage_V", highest_mtj_voltage_V, 0.0, supply)
    return _Family(driven, voltage, longest, edge, settle_time_s)


def _scan(
    shared: Objective, family: _Family, own: WriteSettings, executor: Executor | None
) -> list[WritePoint]:
    """Pulses spread evenly over the family, and the device's own."""
    spread = qmc.Sobol(d=PARAMETERS, scramble=False).random(SCANNED)
    places = [family.place(own), *spread]
    settings = [family.settings(place) for place in places]
    return list(map_ordered(executor, weigh, [shared] * len(settings), settings))


def _search(shared: Objective, family: _Family, aim: float, start: WritePoint) -> list[WritePoint]:
    """Pulses tried in a local search by trust regions from one of them."""
    tried: dict[bytes, WritePoint] = {}

    def point(x: Array) -> WritePoint:
        key = np.asarray(x, dtype=np.float64).tobytes()
        if key not in tried:
            tried[key] = weigh(shared, family.settings(x))
        return tried[key]

    constraints = [
        {"type": "ineq", "fun": lambda x: _excess(aim) - _excess(point(x).error_rate)},
        {"type": "ineq", "fun": lambda x: 1.0 - point(x).time_s / family.longest_s},
    ]
    minimize(
        lambda x: math.log(point(x).energy_J),
        family.place(start.settings),
        method="COBYQA",
        bounds=[(0.0, 1.0)] * PARAMETERS,
        constraints=constraints,
        options={"maxfev": EVALUATIONS, "initial_tr_radius": 0.1, "final_tr_radius": 0.002},
    )
    return list(tried.values())


def _excess(error_rate: float) -> float:
    """Error rate on the scale of the energy: an e-fold of it costs about a tenth of an e-fold of energy."""
    return 0.1 * math.log(error_rate)


def _penalised(point: WritePoint, aim: float, family: _Family) -> float:
    late = max(0.0, point.time_s / family.longest_s - 1.0)
    return math.log(point.energy_J) + 2.0 * max(0.0, _excess(point.error_rate) - _excess(aim)) + 5.0 * late


def _mean_energy(device: Device, targets: Sequence[str], supply_voltage_V: float) -> WriteEnergy:
    parts = [write_energy(device, device.write_pulse(target), supply_voltage_V) for target in targets]
    names = [field.name for field in dataclasses.fields(WriteEnergy)]
    return WriteEnergy(*(sum(getattr(part, name) for part in parts) / len(parts) for name in names))


def _out_of_reach(tried: Sequence[WritePoint], target: float, family: _Family) -> str:
    least = min(point.error_rate for point in tried)
    return (
        f"No pulse within {family.highest_current_A:.3g} A, {family.highest_voltage_V:.3g} V and "
        f"{family.longest_s:.3g} s fails less often than {target:.2g}; the least of {len(tried)} tried is "
        f"about {least:.1e}. Allow more current, voltage or time, or a field that breaks the symmetry."
    )
