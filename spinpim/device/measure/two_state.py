"""Two states and the rates between them: when a swept field loses a state, and what follows."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from spinpim.constants import GYROMAGNETIC_RATIO
from spinpim.device.dynamics.noise import seed_lanes, uniform
from spinpim.device.escape.retention import escape_rate_per_s
from spinpim.device.measure.astroid import vanishing_field_T
from spinpim.device.mtj import Device
from spinpim.errors import InputError

Array = NDArray[np.float64]

LOOP_CHANCE = 16
"""Stream of the random numbers of loops; see `spinpim.device.dynamics.noise`."""

NODES = 24
"""Fields at which a rate is computed; between them its logarithm is interpolated."""

SMALLEST_LOG_RATE = -200.0
"""ln of a rate [1/s] that no sweep is long enough to notice."""

HAZARD_POINTS = 8001

SUBSTEPS = 256
"""Of the master equation between two fields of a loop."""


@dataclass(frozen=True, slots=True, eq=False)
class Hazard:
    """Expected losses of one state while the field goes through its range at a constant rate.

    Attributes
    ----------
    field_T : (n,) array
        Swept field, rising [T].
    accumulated : (n,) array
        Integral of the escape rate over the time of the sweep, from the end that favours the state [1].
    """

    field_T: Array
    accumulated: Array

    def at(self, field_T: Array) -> Array:
        """Accumulated losses at fields [1]."""
        return np.interp(field_T, self.field_T, self.accumulated)

    def field_of_loss(self, survival: Array) -> Array:
        """Field at which a state goes that survives with the given chance [T]; infinite beyond the range."""
        rising = self.accumulated[-1] > self.accumulated[0]
        order = slice(None) if rising else slice(None, None, -1)
        log_losses = np.log(np.maximum(self.accumulated[order], 1e-300))
        beyond = math.inf if rising else -math.inf
        return np.interp(np.log(-np.log(survival)), log_losses, self.field_T[order], right=beyond)


def with_field(device: Device, field_T: Array) -> Device:
    """Return the device with a field added to its external one [T]."""
    total = np.array(device.external_field_T) + field_T
    return device.replace(external_field_T=(float(total[0]), float(total[1]), float(total[2])))


def escape_hazard(
    device: Device, state: str, direction: Array, *, peak_T: float, branch_s: float, mtj_voltage_V: float
) -> Hazard:
    """Losses of a state in a field along a direction, swept between the two peaks in ``branch_s``.

    Raises
    ------
    InputError
        If the peak that favours the state does not hold it.
    """
    favours = math.copysign(1.0, float(direction @ device.reference_direction)) * (1 if state == "P" else -1)
    quiet = with_field(device, favours * peak_T * direction).replace(stt_efficiency=0.0)
    lasts, _ = vanishing_field_T(quiet, state, -favours * direction[None, :], mtj_voltage_V=mtj_voltage_V)
    # Distance from the peak that favours the state; the state exists up to ``lasts``.
    reach = min(float(lasts[0]), 2.0 * peak_T)
    nodes = reach * (1.0 - np.linspace(0.0, 1.0, NODES)[1:] ** 2)
    fastest = math.log(GYROMAGNETIC_RATIO * device.stiffness_fields_T[1])
    logs = []
    for distance in nodes:
        field = favours * (peak_T - distance) * direction
        logs.append(_log_rate(with_field(device, field), state, mtj_voltage_V, fastest))
        if logs[-1] < SMALLEST_LOG_RATE:
            break
    distance = np.linspace(0.0, 2.0 * peak_T, HAZARD_POINTS)
    rate = np.exp(_interpolated(nodes[: len(logs)], np.array(logs), distance))
    rate[distance >= float(lasts[0])] = math.exp(fastest)
    steps = 0.5 * (rate[1:] + rate[:-1]) * branch_s / (HAZARD_POINTS - 1)
    accumulated = np.concatenate([[0.0], np.cumsum(steps)])
    field = favours * (peak_T - distance)
    order = slice(None, None, -1) if favours > 0 else slice(None)
    return Hazard(field[order], accumulated[order])


def occupation(
    hazards: tuple[Hazard, Hazard], falling_T: Array, chance: Array
) -> tuple[NDArray[np.bool_], Array]:
    """Follow loops through both branches of a sweep.

    Parameters
    ----------
    hazards : tuple of Hazard
        Of the state of the peak, in which every loop starts, and of the other one.
    falling_T : (points,) array
        Fields of the falling branch [T]; the rising one goes back through them.
    chance : (trials, 2 points) array
        Uniform numbers.

    Returns
    -------
    tuple
        Whether the other state is held, (trials, 2, points), and the switching fields, (trials, 2) [T]:
        those of the loop with single switches in which the state at the start of a branch is held over as
        much field.
    """
    trials, points = len(chance), falling_T.size
    first_loss = np.stack([hazard.field_of_loss(chance[:, n]) for n, hazard in enumerate(hazards)], axis=1)
    first_loss[:, 1] = np.where(np.isfinite(first_loss[:, 1]), first_loss[:, 1], math.inf)
    held = np.zeros((trials, 2, points), dtype=bool)
    switching = np.empty((trials, 2))
    other = np.zeros(trials, dtype=bool)
    for branch, fields in enumerate((falling_T, falling_T[::-1])):
        waiting = other == (branch == 1)
        never = ~waiting
        stayed = np.zeros(trials)
        held[:, branch, 0] = other
        for point in range(1, points):
            before, after = fields[point - 1], fields[point]
            lost = waiting & ((first_loss[:, branch] - after) * (after - before) <= 0.0)
            start = other
            other, waiting = other ^ lost, waiting & ~lost
            begin = np.where(lost, first_loss[:, branch], before)
            travelled, keep, arrive = _propagator(hazards, before, after)
            since = np.abs(begin - before)
            chance_of_other = np.interp(since, travelled, keep) * other + np.interp(since, travelled, arrive)
            other = np.where(
                waiting, other, chance[:, 2 + branch * (points - 1) + point - 1] < chance_of_other
            )
            held[:, branch, point] = other
            single = lost & (other != start)
            share = 0.5 * ((start == (branch == 1)).astype(float) + (other == (branch == 1)))
            stayed += np.where(single, since, share * abs(after - before))
        never |= waiting
        ended = fields[0] + np.sign(fields[-1] - fields[0]) * stayed
        switching[:, branch] = np.where(never, math.inf if branch else -math.inf, ended)
    return held, switching


def _propagator(
    hazards: tuple[Hazard, Hazard], before_T: float, after_T: float
) -> tuple[Array, Array, Array]:
    """Two-state master equation from points of an interval of the field to its end.

    Returns the distance of the points from the beginning [T], the share of the first occupation of the other
    state that is left at the end, and what the end holds of it besides.
    """
    field = np.linspace(before_T, after_T, SUBSTEPS + 1)
    out, back = (np.abs(np.diff(hazard.at(field))) for hazard in hazards)
    total = out + back
    keep = np.exp(-np.append(np.cumsum(total[::-1])[::-1], 0.0))
    gained = keep[1:] * out / np.maximum(total, 1e-300) * -np.expm1(-total)
    return np.abs(field - before_T), keep, np.append(np.cumsum(gained[::-1])[::-1], 0.0)


def uniform_numbers(seed: int, trials: int, count: int) -> Array:
    """Uniform numbers (trials, count) in (0, 1), each trial from its own address."""
    state = np.zeros((4, trials), dtype=np.uint32)
    seed_lanes(state, seed, 0, 0, LOOP_CHANCE)
    numbers = np.empty((trials, count))
    _fill(state, numbers)
    return numbers


def _fill_numbers(state: NDArray[np.uint32], numbers: Array) -> None:
    for trial in range(numbers.shape[0]):
        for place in range(numbers.shape[1]):
            numbers[trial, place] = uniform(state, trial)


_fill = njit(cache=True, error_model="numpy")(_fill_numbers)


def _log_rate(device: Device, state: str, mtj_voltage_V: float, fastest: float) -> float:
    """Logarithm of the escape rate [1/s]; the fastest where the state is about to vanish."""
    try:
        rate = escape_rate_per_s(device, state, mtj_voltage_V)
    except InputError:
        return fastest
    return min(math.log(rate), fastest) if rate > 0.0 else 2.0 * SMALLEST_LOG_RATE


def _interpolated(nodes: Array, log_rate: Array, distance: Array) -> Array:
    """Logarithm of the rate at distances; nodes fall from the end of the state."""
    if nodes.size < 4:
        return np.interp(distance, nodes[::-1], log_rate[::-1], left=-math.inf)
    from scipy.interpolate import CubicSpline  # slow to load

    values: Array = CubicSpline(nodes[::-1], log_rate[::-1])(np.minimum(distance, nodes[0]))
    values[distance < nodes[-1]] = -math.inf
    return values
