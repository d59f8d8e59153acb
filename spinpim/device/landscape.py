r"""Energy landscape of the macrospin: minima, saddles, barriers.

.. math:: \frac{E}{M_s V} = e(\mathbf m) = -\tfrac12 \sum_i c_i m_i^2 - \mathbf B\cdot\mathbf m

A quadratic function plus a linear one has at most two minima on the unit sphere, and two minima are joined at
the lowest saddle: the barrier needs no path, only the stationary points.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

STARTS = 100
NEWTON_STEPS = 60
LONGEST_STEP = 0.3
"""Radians; keeps Newton's method from leaping over a stationary point."""

SAME_POINT = 1e-6


def energy(m: Array, stiffness: Array, field: Array) -> Array:
    """e(m) of unit vectors (..., 3) [T]."""
    values: Array = -0.5 * (m * m) @ stiffness - m @ field
    return values


def curvatures(m: Array, stiffness: Array, field: Array) -> tuple[Array, Array]:
    """Principal curvatures of e at one stationary point, rising [T], and the two tangents (rows)."""
    along = float(m @ (field + stiffness * m))
    tangent = np.linalg.svd(m[None, :])[2][1:]
    values, axes = np.linalg.eigh(along * np.eye(2) - (tangent * stiffness) @ tangent.T)
    return values, axes.T @ tangent


def stationary_points(stiffness: Array, field: Array) -> Array:
    """All stationary points, (points, 3); of a circle of them, several."""
    m = _spread_points(STARTS)
    for _ in range(NEWTON_STEPS):
        m, longest = _newton_step(m, stiffness, field)
        if longest < 1e-13:
            break
    downhill = field + stiffness * m
    tangential = downhill - m * np.sum(m * downhill, axis=1)[:, None]
    scale = np.ptp(stiffness) + np.linalg.norm(field)
    found = m[np.linalg.norm(tangential, axis=1) < 1e-9 * scale]
    distinct: list[Array] = []
    for point in found:
        if all(np.abs(point - other).max() > SAME_POINT for other in distinct):
            distinct.append(point)
    return np.array(distinct)


def lowest_saddle(stiffness: Array, field: Array) -> tuple[Array, float] | None:
    """Saddle of least energy [T], or None where the landscape has a single minimum.

    A direction of no curvature counts as rising: on the circle of saddles of an isotropic film every point
    is a pass.
    """
    scale = float(np.ptp(stiffness) + np.linalg.norm(field))
    best: tuple[Array, float] | None = None
    minima = 0
    for point in stationary_points(stiffness, field):
        low, high = curvatures(point, stiffness, field)[0]
        minima += low > 1e-9 * scale
        value = float(energy(point, stiffness, field))
        if low < -1e-9 * scale <= 1e-9 * scale + high and (best is None or value < best[1]):
            best = (point, value)
    return best if minima > 1 else None


def _newton_step(m: Array, stiffness: Array, field: Array) -> tuple[Array, float]:
    """One Newton step towards a stationary point from each of many unit vectors, and the longest taken."""
    downhill = field + stiffness * m
    along = np.sum(m * downhill, axis=1)
    tangential = downhill - m * along[:, None]
    # Bordered system: (c - along) step + multiplier m = -tangential, m . step = 0.
    system = np.zeros((len(m), 4, 4))
    system[:, [0, 1, 2], [0, 1, 2]] = stiffness - along[:, None]
    system[:, 3, :3] = m
    system[:, :3, 3] = m
    right = np.concatenate([-tangential, np.zeros((len(m), 1))], axis=1)
    step = np.einsum("nij,nj->ni", np.linalg.pinv(system), right)[:, :3]
    length = np.linalg.norm(step, axis=1)
    step *= np.minimum(1.0, LONGEST_STEP / np.maximum(length, 1e-300))[:, None]
    moved = m + step
    return moved / np.linalg.norm(moved, axis=1)[:, None], float(length.max())


def _spread_points(count: int) -> Array:
    """Even cover of the sphere: golden spiral, and the six axis points."""
    index = np.arange(count) + 0.5
    z = 1.0 - 2.0 * index / count
    angle = np.pi * (1.0 + 5.0**0.5) * index
    across = np.sqrt(1.0 - z * z)
    spiral = np.stack([across * np.cos(angle), across * np.sin(angle), z], axis=1)
    return np.concatenate([spiral, np.eye(3), -np.eye(3)])
