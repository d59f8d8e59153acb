"""Time evolution of a density on the sphere: steps, and a degree that follows the density.

A constant drive is one exponential of the drift operator per step; a changing one is two, from the mean of
the drive over the step and its first moment, exact to fourth order (commutator-free Magnus).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spinpim.constants import GYROMAGNETIC_RATIO
from spinpim.device.density.sphere_generator import (
    Generator,
    apply_exponential,
    longest_exponential,
    spectrum_T,
)
from spinpim.device.density.sphere_propagator import LANES, MARGIN

LEAST_DEGREE = 16

MONITORED = 0.9
"""The density above this share of the degree counts as its tail."""


@dataclass(frozen=True, slots=True)
class Accuracy:
    """How finely one evolution is resolved.

    Attributes
    ----------
    tail : float
        Largest share of the density in the upper tenth of the degrees [1].
    degree_limit : int
        Largest degree.
    turn_rad : float
        Largest angle by which the change of the drive within one step moves m [rad].
    """

    tail: float
    degree_limit: int
    turn_rad: float


@dataclass(frozen=True, slots=True, eq=False)
class Evolution:
    """A density at the end of a drive.

    Attributes
    ----------
    coefficients : (degrees, degrees) complex array
        a_lm at [m, l].
    degree : int
        Largest degree used on the way.
    worst_tail : float
        Largest share of the density in the upper tenth of the degrees [1].
    steps, products : int
        Accepted steps, and applications of the operator in all.
    """

    coefficients: NDArray[np.complex128]
    degree: int
    worst_tail: float
    steps: int
    products: int


def evolve(
    coefficients: NDArray[np.complex128],
    time_s: NDArray[np.float64],
    rows_T: NDArray[np.float64],
    operator: Generator,
    accuracy: Accuracy,
) -> Evolution:
    """Move a density through a piecewise linear drive.

    Parameters
    ----------
    coefficients : (degrees, degrees) complex array
        Density at ``time_s[0]``, a_lm at [m, l].
    time_s : (n,) array
        Knots [s], not decreasing; two equal times are a step.
    rows_T : (n, 14) array
        Drift rows at the knots [T].
    operator : Generator
        Prepared for ``accuracy.degree_limit`` or more.
    accuracy : Accuracy
    """
    limit = accuracy.degree_limit
    density = _padded(coefficients, limit)
    degree = _wanted_degree(density, accuracy)
    steps = products = largest = 0
    worst = 0.0
    for knots, rows in _spans(time_s * (GYROMAGNETIC_RATIO / (1.0 + operator.damping**2)), rows_T):
        now = knots[0]
        while now < knots[-1]:
            end = _step_end(knots, rows, now, degree, operator.damping, accuracy.turn_rad)
            before = density.copy()
            for row, duration in _exponents(knots, rows, now, end):
                products += apply_exponential(density, operator, row, duration, degree)
            tail = _tails(density)[math.ceil(MONITORED * degree)]
            if tail > accuracy.tail and degree < limit:
                density = before
                degree = min(limit, math.ceil(1.2 * degree))
                continue
            now, steps = end, steps + 1
            worst, largest = max(worst, tail), max(largest, degree)
            degree = _wanted_degree(density, accuracy)
            density[:, :, MARGIN + degree + 1 :] = 0.0
    return Evolution(_unpadded(density, limit), largest, float(worst), steps, products)


def _spans(
    times: NDArray[np.float64], rows_T: NDArray[np.float64]
) -> list[tuple[NDArray[np.float64], NDArray[np.float64]]]:
    """The drive between its steps."""
    cuts = np.flatnonzero(np.diff(times) <= 0.0) + 1
    return [
        pair for pair in zip(np.split(times, cuts), np.split(rows_T, cuts), strict=True) if pair[0].size > 1
    ]


def _step_end(
    knots: NDArray[np.float64],
    rows_T: NDArray[np.float64],
    now: float,
    degree: int,
    damping: float,
    turn_rad: float,
) -> float:
    """End of the next step: as long as one exponential allows, shorter while the drive changes fast."""
    radius, half_decay = spectrum_T(_row_at(knots, rows_T, now), degree, damping)
    length = longest_exponential(radius, half_decay)
    while True:
        end = min(now + length, knots[-1])
        inside = knots[(knots > now + 0.4 * length) & (knots <= end)]
        if inside.size:
            end = inside[-1]
        values = _values(knots, rows_T, now, end)[1]
        change = np.abs(values - values[0])[:, :-1].sum(axis=1).max()
        if change * (end - now) <= turn_rad or end - now < 1e-9 * (knots[-1] - knots[0]):
            return float(end)
        length = 0.7 * (end - now)


def _exponents(
    knots: NDArray[np.float64], rows_T: NDArray[np.float64], now: float, end: float
) -> list[tuple[NDArray[np.float64], float]]:
    """Constant drives, with their durations, whose exponentials in turn make the step.

    With B0 the integral of the drive and B1 that of (t - middle)/h times it: exp(B0/2 - 2 B1), then
    exp(B0/2 + 2 B1). Blanes and Moan, Appl. Numer. Math. 56, 1519 (2006).
    """
    times, values = _values(knots, rows_T, now, end)
    if np.all(values == values[0]):
        return [(values[0], end - now)]
    length, middle = end - now, 0.5 * (now + end)
    widths = np.diff(times)[:, None]
    low, high = values[:-1], values[1:]
    early, late = (times[:-1] - middle)[:, None], (times[1:] - middle)[:, None]
    mean = np.sum(widths * (low + high), axis=0) / (2.0 * length)
    moment = np.sum(widths * (early * low + late * high + (early + late) * (low + high)), axis=0)
    moment /= 6.0 * length**2
    return [(mean - 4.0 * moment, 0.5 * length), (mean + 4.0 * moment, 0.5 * length)]


def _row_at(knots: NDArray[np.float64], rows_T: NDArray[np.float64], now: float) -> NDArray[np.float64]:
    """The drive at one time."""
    place = int(np.clip(np.searchsorted(knots, now, side="right") - 1, 0, knots.size - 2))
    share = (now - knots[place]) / (knots[place + 1] - knots[place])
    row: NDArray[np.float64] = rows_T[place] + share * (rows_T[place + 1] - rows_T[place])
    return row


def _values(
    knots: NDArray[np.float64], rows_T: NDArray[np.float64], now: float, end: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The drive at both ends of a step and at the knots between."""
    inside = (knots > now) & (knots < end)
    times = np.concatenate([[now], knots[inside], [end]])
    ends = _row_at(knots, rows_T, now), _row_at(knots, rows_T, end)
    return times, np.concatenate([ends[0][None], rows_T[inside], ends[1][None]])


def _wanted_degree(density: NDArray[np.float64], accuracy: Accuracy) -> int:
    """Degree with room for the density to sharpen during the next step."""
    sharp = int(np.flatnonzero(np.append(_tails(density), 0.0) <= 0.1 * accuracy.tail)[0])
    wanted = math.ceil(1.04 * sharp / MONITORED) + 4
    return max(min(LEAST_DEGREE, accuracy.degree_limit), min(wanted, accuracy.degree_limit))


def _tails(density: NDArray[np.float64]) -> NDArray[np.float64]:
    """Bound on half the absolute mass of the part of a density at and above each degree [1].

    Half of the integral of |f| is at most sqrt(pi) times the root of the sum of |a_lm|^2.
    """
    inner = density[:2, MARGIN:, MARGIN:]
    power = np.sum(inner[:, 0] ** 2, axis=0) + 2.0 * np.sum(inner[:, 1:] ** 2, axis=(0, 1))
    return np.sqrt(math.pi * np.cumsum(power[::-1])[::-1])


def _padded(coefficients: NDArray[np.complex128], limit: int) -> NDArray[np.float64]:
    """A density in the form of the kernel."""
    count = min(limit + 1, coefficients.shape[1])
    width = -(-(limit + 1 + 2 * MARGIN + 2 * LANES) // LANES) * LANES
    density = np.zeros((3, limit + 1 + 2 * MARGIN, width))
    inner = density[:, MARGIN : MARGIN + count, MARGIN : MARGIN + count]
    inner[0], inner[1] = coefficients[:count, :count].real, coefficients[:count, :count].imag
    inner[2] = -inner[1]
    return density


def _unpadded(density: NDArray[np.float64], limit: int) -> NDArray[np.complex128]:
    """Back from the form of the kernel."""
    inner = slice(MARGIN, MARGIN + limit + 1)
    return np.asarray(density[0, inner, inner] + 1j * density[1, inner, inner])
