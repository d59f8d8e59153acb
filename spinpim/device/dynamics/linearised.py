r"""Stationary points of the macrospin under constant drive, and its linear motion about them.

.. math::

    \frac{d\mathbf m}{d(\gamma' t)} = \mathbf F(\mathbf m)
    = -\big(\mathbf m\times\mathbf B' + \alpha\,\mathbf m\times(\mathbf m\times\mathbf B')\big), \qquad
    \gamma' = \frac{\gamma}{1+\alpha^2}

with every field and torque of a drive row (`spinpim.device.dynamics.drive.drive_rows`). The motion is
linearised in the tangent plane of the unit sphere, so that no direction is special: there are no polar angles
and no poles. All functions take many drives at once, one per row.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spinpim.device.dynamics.drive import drive_rows
from spinpim.device.mtj import Device
from spinpim.device.pulse import Pulse
from spinpim.device.validity import AXES
from spinpim.errors import InputError

Array = NDArray[np.float64]

NEWTON_STEPS = 40
LONGEST_STEP = 0.1
"""Radians per Newton step."""

RESIDUAL = 1e-12
"""Size of F over that of the fields at which a point counts as stationary."""

RAMP_STEPS = 16
"""Fractions of the spin torques through which a stationary point is followed."""

LONGEST_MOVE = 0.5
"""Radians that a stationary point may move in one of them; a longer way leads to another state."""

DESCENT_STEPS = 20_000
DESCENT_END = 1e-12
"""Change of m per step at which the descent has arrived."""

OFF_AXIS = np.array([1e-3, 0.7e-3, 1.1e-3])
"""Tilt of the start of a descent, which would rest on a maximum that is met exactly."""


@dataclass(frozen=True, slots=True, eq=False)
class LinearMotion:
    """The motion about directions of m, in one tangent plane for each.

    Attributes
    ----------
    slope_T : (n, 2) array
        F along the two tangents [T].
    jacobian_T : (n, 2, 2) array
        Change of F with m, both in the tangents [T].
    tangents : (n, 2, 3) array
        The tangents; right-handed with m.
    """

    slope_T: Array
    jacobian_T: Array
    tangents: Array

    @property
    def trace_T(self) -> Array:
        """Trace of the Jacobian [T]: -alpha (k_1 + k_2) without spin torques."""
        values: Array = self.jacobian_T[:, 0, 0] + self.jacobian_T[:, 1, 1]
        return values

    @property
    def determinant_T2(self) -> Array:
        """Determinant of the Jacobian [T^2]: (1 + alpha^2) k_1 k_2 without spin torques."""
        j = self.jacobian_T
        values: Array = j[:, 0, 0] * j[:, 1, 1] - j[:, 0, 1] * j[:, 1, 0]
        return values


def constant_rows(device: Device, field_T: Array, sot_current_A: Array, mtj_voltage_V: Array) -> Array:
    """Drive rows (n, 15) of constant fields (n, 3), channel currents (n,) and junction voltages (n,) [T].

    At the device's own temperature: nothing has warmed up.
    """
    rows = [
        drive_rows(
            device,
            Pulse.points([0.0, 1e-12], sot_current_A=current, mtj_voltage_V=voltage, field_T=field),
            np.zeros(1),
        )
        for field, current, voltage in zip(field_T, sot_current_A, mtj_voltage_V, strict=True)
    ]
    return np.concatenate(rows)


def linear_motion(device: Device, rows: Array, m: Array) -> LinearMotion:
    """Linearise the motion about unit vectors (n, 3), each under its own drive row (n, 15)."""
    field, gradient = _field_and_gradient(device, rows, m)
    along = np.sum(m * field, axis=1)
    damping = device.damping
    slope = -_cross(m, field) + damping * (field - m * along[:, None])
    precession = _cross_matrix(field) - _cross_matrix(m) @ gradient
    jacobian = precession + damping * (gradient - along[:, None, None] * np.eye(3))
    tangents = _tangents(m)
    return LinearMotion(
        np.einsum("nij,nj->ni", tangents, slope),
        tangents @ jacobian @ np.swapaxes(tangents, 1, 2),
        tangents,
    )


def stationary_near(device: Device, rows: Array, start: Array) -> tuple[Array, NDArray[np.bool_]]:
    """Stationary points (n, 3) by Newton's method from unit vectors (n, 3), and which were reached."""
    scale = np.abs(rows[:, :14]).max(axis=1)
    m = start.copy()
    for _ in range(NEWTON_STEPS):
        motion = linear_motion(device, rows, m)
        small = np.abs(motion.slope_T).max(axis=1) <= RESIDUAL * scale
        if small.all():
            break
        j, slope = motion.jacobian_T, motion.slope_T
        determinant = motion.determinant_T2
        determinant = np.where(determinant == 0.0, 1e-30, determinant)
        first = (j[:, 0, 1] * slope[:, 1] - j[:, 1, 1] * slope[:, 0]) / determinant
        second = (j[:, 1, 0] * slope[:, 0] - j[:, 0, 0] * slope[:, 1]) / determinant
        step = np.stack([first, second], axis=1)
        length = np.linalg.norm(step, axis=1)
        step *= np.minimum(1.0, LONGEST_STEP / np.maximum(length, 1e-300))[:, None]
        moved = m + np.einsum("ni,nij->nj", step, motion.tangents)
        m = moved / np.linalg.norm(moved, axis=1)[:, None]
    motion = linear_motion(device, rows, m)
    return m, np.abs(motion.slope_T).max(axis=1) <= RESIDUAL * scale


def equilibrium(device: Device, rows: Array, side: Array) -> Array:
    """Directions (n, 3) in which m rests under drive rows (n, 15), reached from one unit vector.

    First the energy minimum in the valley of ``side``, then the stationary point into which it turns while
    the spin torques grow from zero.

    Raises
    ------
    InputError
        If the spin torques leave no such point.
    """
    m = valley_floor(rows, side)
    torque = np.zeros(rows.shape[1])
    torque[10:14] = 1.0
    fractions = np.linspace(0.0, 1.0, RAMP_STEPS + 1) if np.any(rows[:, 10:14]) else np.ones(1)
    for fraction in fractions:
        followed, reached = stationary_near(device, rows * (1.0 - (1.0 - fraction) * torque), m)
        near = np.linalg.norm(followed - m, axis=1) < LONGEST_MOVE
        if not np.all(reached & near):
            raise InputError(
                f"Device {device.name}: the spin torques leave no direction in which m can rest; lower the "
                "current or the voltage below the switching threshold."
            )
        m = followed
    return m


def valley_floor(rows: Array, side: Array) -> Array:
    """Energy minima (n, 3) under drive rows (n, 15), in the valleys in which one unit vector lies.

    The contraction of `Landscape.minimum_near` for many fields at once, from a start slightly off the vector.
    """
    stiffness = _stiffness(rows)
    eigenvalues = np.linalg.eigvalsh(stiffness)
    second = np.abs(rows[:, 9])
    shift = np.ptp(eigenvalues, axis=1) + 2.0 * second + np.linalg.norm(rows[:, :3], axis=1)
    shift -= eigenvalues[:, 0]
    operator = stiffness + shift[:, None, None] * np.eye(3)
    start = side + OFF_AXIS
    m = np.repeat(start[None, :] / np.linalg.norm(start), len(rows), axis=0)
    active = np.arange(len(rows))
    for _ in range(DESCENT_STEPS):
        here = m[active]
        target = rows[active, :3] + np.einsum("nij,nj->ni", operator[active], here)
        target[:, 2] += rows[active, 9] * here[:, 2] * (1.0 - here[:, 2] ** 2)
        m[active] = target / np.linalg.norm(target, axis=1)[:, None]
        active = active[np.abs(m[active] - here).max(axis=1) > DESCENT_END]
        if active.size == 0:
            break
    return m


def easy_side(device: Device, state: str) -> Array:
    """Unit vector of a state, "P" or "AP", along the easy axis."""
    side = np.zeros(3)
    side[AXES.index(device.easy_axis)] = 1.0 if state == "P" else -1.0
    return side


def _field_and_gradient(device: Device, rows: Array, m: Array) -> tuple[Array, Array]:
    """B' of the kernel (n, 3) [T] and its derivative in space (n, 3, 3) [T]."""
    reference = np.array(device.reference_direction)
    chi = device.stt_asymmetry
    stiffness = _stiffness(rows)
    denominator = 1.0 + chi * (m @ reference)
    spins = rows[:, 10:13] + (rows[:, 13] / denominator)[:, None] * reference
    field = rows[:, :3] + np.einsum("nij,nj->ni", stiffness, m) + _cross(m, spins)
    field[:, 2] += rows[:, 9] * m[:, 2] * (1.0 - m[:, 2] ** 2)
    gradient = stiffness - _cross_matrix(spins)
    gradient[:, 2, 2] += rows[:, 9] * (1.0 - 3.0 * m[:, 2] ** 2)
    fading = -chi * rows[:, 13] / denominator**2
    across = _cross(m, np.broadcast_to(reference, m.shape))
    gradient += fading[:, None, None] * across[:, :, None] * reference
    return field, gradient


def _stiffness(rows: Array) -> Array:
    """Tensors C (n, 3, 3) of drive rows [T]."""
    tensors: Array = rows[:, [[3, 6, 7], [6, 4, 8], [7, 8, 5]]]
    return tensors


def _cross(first: Array, second: Array) -> Array:
    """Products (n, 3) of vectors (n, 3); numpy's own spends its time on the shapes."""
    ax, ay, az = first.T
    bx, by, bz = second.T
    return np.stack([ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx], axis=1)


def _cross_matrix(vector: Array) -> Array:
    """Matrices (n, 3, 3) of the products v x for vectors (n, 3)."""
    x, y, z = vector.T
    zero = np.zeros_like(x)
    return np.stack([zero, -z, y, z, zero, -x, -y, x, zero], axis=1).reshape(-1, 3, 3)


def _tangents(m: Array) -> Array:
    """Two tangents (n, 2, 3) of unit vectors (n, 3)."""
    far = np.eye(3)[np.argmin(np.abs(m), axis=1)]
    first = _cross(far, m)
    first /= np.linalg.norm(first, axis=1)[:, None]
    return np.stack([first, _cross(m, first)], axis=1)
