"""The drift operator of any drive of one device, and its exponential on a density.

The operator is linear in the drive row, so each coupling keeps one plane per column and a drive only combines
them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import jv

from spinpim.device.density.sphere_operators import DRIFT_COLUMNS, drift_operator, sphere_operators
from spinpim.device.density.sphere_propagator import GROUP, LANES, chebyshev_sum

PHASE = 128.0
"""Largest product of time and spectral radius in one exponential: longer ones need fewer terms per time, but
rounding errors grow with the decay in them."""

DECAY = 6.0
"""Largest product of time and half the decay rate of the highest degree in one exponential."""

RADIUS_MARGIN = 1.08
"""The spectrum of a truncated drift stays within its largest speed times the degree; a little room keeps its
decaying corners where the expansion is stable."""

SERIES_TOLERANCE = 1e-13


@dataclass(frozen=True, slots=True, eq=False)
class Generator:
    """The operator of every drive of one device: planes per column of the drift row.

    Attributes
    ----------
    couplings : (n, 3) int array
        (dl, dm, part) of each plane.
    columns : dict
        Column -> list of (coupling, plane at [m, l - m]).
    damping : float
        Gilbert damping [1].
    """

    couplings: NDArray[np.int64]
    columns: dict[int, list[tuple[int, NDArray[np.float64]]]]
    damping: float


def generator(rows_T: NDArray[np.float64], damping: float, degree: int) -> Generator:
    """Prepare the operator up to a degree, for the columns of these (n, 14) drift rows that are in use."""
    operators = sphere_operators(degree)
    places: dict[tuple[int, int, int], int] = {}
    columns: dict[int, list[tuple[int, NDArray[np.float64]]]] = {}
    for column in range(DRIFT_COLUMNS):
        if not np.any(rows_T[:, column]):
            continue
        stencil = drift_operator(operators, column, damping)
        columns[column] = []
        for (dl, dm), entry in stencil.entries.items():
            kept = entry[-stencil.lowest :]
            for part, values in enumerate((kept.real, kept.imag)):
                # Products of exact zeros leave rounding errors, which are no couplings.
                if np.abs(values).max() > 1e-13 * np.abs(kept).max():
                    place = places.setdefault((dl, dm, part), len(places))
                    columns[column].append((place, _from_diagonal(values)))
    return Generator(np.array(list(places), dtype=np.int64).reshape(-1, 3), columns, damping)


def apply_exponential(
    density: NDArray[np.float64],
    operator: Generator,
    row_T: NDArray[np.float64],
    duration: float,
    degree: int,
) -> int:
    """Apply exp(duration A(row)) in place; returns the number of operator applications."""
    radius, half_decay = spectrum_T(row_T, degree, operator.damping)
    parts = max(1, math.ceil(duration / longest_exponential(radius, half_decay) * (1.0 - 1e-12)))
    weights = _series(duration / parts, radius, half_decay)
    couplings, planes = _combined(operator, row_T, degree)
    for _ in range(parts):
        chebyshev_sum(density, planes, couplings, degree, -half_decay, radius, weights)
    return parts * (weights.size - 1)


def spectrum_T(row_T: NDArray[np.float64], degree: int, damping: float) -> tuple[float, float]:
    """Radius along the imaginary axis and half the largest decay of the truncated operator [T]."""
    half_decay = 0.5 * damping * float(row_T[-1]) * degree * (degree + 1)
    radius = RADIUS_MARGIN * largest_speed_T(row_T, damping) * math.sqrt(degree * (degree + 1))
    return max(radius, half_decay), half_decay


def longest_exponential(radius: float, half_decay: float) -> float:
    """Longest time of one exponential [1/T]."""
    return min(PHASE / radius, DECAY / half_decay)


def largest_speed_T(row_T: NDArray[np.float64], damping: float) -> float:
    """Largest |dm/d(gamma' t)| of a drift row over all directions [T], to about 1 %."""
    m = _DIRECTIONS
    xx, yy, zz, xy, xz, yz = row_T[3:9]
    field = row_T[:3] + m @ np.array([[xx, xy, xz], [xy, yy, yz], [xz, yz, zz]])
    field[:, 2] += row_T[9] * m[:, 2] * (1.0 - m[:, 2] ** 2)
    turning, pulling = field - damping * row_T[10:13], row_T[10:13] + damping * field
    speed = np.cross(turning, m) + pulling - m * np.sum(m * pulling, axis=1)[:, None]
    return float(np.sqrt(np.max(np.sum(speed**2, axis=1))))


def _combined(
    operator: Generator, row_T: NDArray[np.float64], degree: int
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Couplings and planes of one drive, filled up to whole groups."""
    active = [column for column in operator.columns if row_T[column] != 0.0]
    used = sorted({place for column in active for place, _ in operator.columns[column]})
    count = -(-len(used) // GROUP) * GROUP
    couplings = np.zeros((count, 3), dtype=np.int64)
    couplings[: len(used)] = operator.couplings[used]
    width = (degree // LANES + 2) * LANES
    planes = _aligned_zeros((degree + 1, count, width))
    slot = {place: number for number, place in enumerate(used)}
    for column in active:
        for place, plane in operator.columns[column]:
            planes[:, slot[place], : degree + 1] += row_T[column] * plane[: degree + 1, : degree + 1]
    return couplings, planes


def _series(duration: float, radius: float, half_decay: float) -> NDArray[np.float64]:
    """Weights of the Chebyshev terms that are not negligible anywhere in the spectrum."""
    ratio = half_decay / radius
    growth = ratio + math.hypot(ratio, 1.0)
    orders = np.arange(int(3 * duration * radius) + 80)
    bessel = jv(orders, duration * radius)
    size = np.abs(bessel) * np.exp(orders * math.log(growth) - duration * half_decay)
    count = int(np.flatnonzero(size > SERIES_TOLERANCE)[-1]) + 2
    weights: NDArray[np.float64] = 2.0 * math.exp(-duration * half_decay) * bessel[:count]
    weights[0] *= 0.5
    return weights


def _directions() -> NDArray[np.float64]:
    """Directions all over the sphere, nearly evenly spread."""
    number = np.arange(1500)
    height = 1.0 - (2.0 * number + 1.0) / number.size
    angle = number * math.pi * (3.0 - math.sqrt(5.0))
    flat = np.sqrt(1.0 - height**2)
    return np.stack([flat * np.cos(angle), flat * np.sin(angle), height], axis=1)


_DIRECTIONS = _directions()


def _from_diagonal(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Plane at [m, l - m] of one at [m, l]."""
    shifted = np.zeros_like(values)
    for order in range(values.shape[0]):
        shifted[order, : values.shape[1] - order] = values[order, order:]
    return shifted


def _aligned_zeros(shape: tuple[int, ...]) -> NDArray[np.float64]:
    """Zeros that start on a 64-byte boundary, where vector loads are fastest."""
    size = math.prod(shape)
    room = np.zeros(size + 8)
    start = (-room.ctypes.data // 8) % 8
    aligned: NDArray[np.float64] = room[start : start + size].reshape(shape)
    return aligned
