r"""Energy landscape of the macrospin: minima, saddles, barriers.

.. math::

    \frac{E}{M_s V} = e(\mathbf m) = -\tfrac12\,\mathbf m\cdot C\mathbf m
    - q\left(\tfrac12 m_z^2 - \tfrac14 m_z^4\right) - \mathbf B\cdot\mathbf m

Without second order (q = 0) a quadratic function plus a linear one has at most two minima on the unit
sphere, and two minima are joined at the lowest saddle: the barrier needs no path, only the stationary points.
A second order that is small against the first leaves it so; a large one of opposite sign makes the easy axis
a cone, whose circle of minima only a field or a shape breaks up.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

STARTS = 100
NEWTON_STEPS = 60
LONGEST_STEP = 0.3
"""Radians; keeps Newton's method from leaping over a stationary point."""

SAME_POINT = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class Landscape:
    """Energy of a direction of m, over M_s V [T].

    Attributes
    ----------
    stiffness_T : (3, 3) array
        Symmetric tensor C of the field C m [T].
    second_order_T : float
        q of the field q m_z (1 - m_z^2) along z [T].
    field_T : (3,) array
        External field B [T].
    """

    stiffness_T: Array
    second_order_T: float
    field_T: Array

    @property
    def scale_T(self) -> float:
        """Size of the fields, for tolerances [T]."""
        spread = float(np.ptp(np.linalg.eigvalsh(self.stiffness_T)))
        return spread + abs(self.second_order_T) + float(np.linalg.norm(self.field_T))

    def energy_T(self, m: Array) -> Array:
        """e(m) of unit vectors (..., 3) [T]."""
        square = m[..., 2] ** 2
        quadratic = 0.5 * np.einsum("...i,ij,...j->...", m, self.stiffness_T, m)
        values: Array = -quadratic - self.second_order_T * (0.5 - 0.25 * square) * square - m @ self.field_T
        return values

    def field_at_T(self, m: Array) -> Array:
        """Field -de/dm at unit vectors (..., 3) [T]."""
        values: Array = m @ self.stiffness_T + self.field_T
        values[..., 2] += self.second_order_T * m[..., 2] * (1.0 - m[..., 2] ** 2)
        return values

    def hessian_T(self, m: Array) -> Array:
        """-(second derivative of e) in space, (..., 3, 3) [T]."""
        values = np.broadcast_to(self.stiffness_T, (*m.shape, 3)).copy()
        values[..., 2, 2] += self.second_order_T * (1.0 - 3.0 * m[..., 2] ** 2)
        return values

    def curvatures_T(self, m: Array) -> tuple[Array, Array]:
        """Principal curvatures of e at one stationary point, rising [T], and the two tangents (rows)."""
        tangent = np.linalg.svd(m[None, :])[2][1:]
        along = float(m @ self.field_at_T(m))
        values, axes = np.linalg.eigh(along * np.eye(2) - tangent @ self.hessian_T(m) @ tangent.T)
        return values, axes.T @ tangent

    def stationary_points(self) -> Array:
        """All stationary points, (points, 3); of a circle of them, several."""
        m = _spread_points(STARTS)
        for _ in range(NEWTON_STEPS):
            m, longest = self._newton_step(m)
            if longest < 1e-13:
                break
        downhill = self.field_at_T(m)
        tangential = downhill - m * np.sum(m * downhill, axis=1)[:, None]
        found = m[np.linalg.norm(tangential, axis=1) < 1e-9 * self.scale_T]
        distinct: list[Array] = []
        for point in found:
            if all(np.abs(point - other).max() > SAME_POINT for other in distinct):
                distinct.append(point)
        return np.array(distinct)

    def lowest_saddle(self) -> tuple[Array, float] | None:
        """Saddle of least energy [T], or None where the landscape has a single minimum.

        A direction of no curvature counts as rising: on the circle of saddles of an isotropic film every
        point is a pass.
        """
        flat = 1e-9 * self.scale_T
        best: tuple[Array, float] | None = None
        minima = 0
        for point in self.stationary_points():
            low, high = self.curvatures_T(point)[0]
            minima += low > flat
            value = float(self.energy_T(point))
            if low < -flat <= flat + high and (best is None or value < best[1]):
                best = (point, value)
        return best if minima > 1 else None

    def minimum_near(self, side: Array) -> Array:
        """Descend from a unit vector to the minimum of its valley."""
        # The shift makes every step a contraction towards the minimum.
        shift = self.scale_T + abs(self.second_order_T)
        lowest = float(np.linalg.eigvalsh(self.stiffness_T)[0])
        m = side.copy()
        for _ in range(20_000):
            target = self.field_at_T(m) - lowest * m + shift * m
            updated = target / np.linalg.norm(target)
            if np.abs(updated - m).max() < 1e-14:
                break
            m = updated
        return m

    def _newton_step(self, m: Array) -> tuple[Array, float]:
        """One Newton step towards a stationary point from each of many unit vectors; the longest taken."""
        downhill = self.field_at_T(m)
        along = np.sum(m * downhill, axis=1)
        tangential = downhill - m * along[:, None]
        # Bordered system: (hessian - along) step + multiplier m = -tangential, m . step = 0.
        system = np.zeros((len(m), 4, 4))
        system[:, :3, :3] = self.hessian_T(m) - along[:, None, None] * np.eye(3)
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
