"""The astroid: field at which a state vanishes, for any direction of the field and any anisotropy."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from spinpim.checks import STATES, finite
from spinpim.device.dynamics.linearised import (
    constant_rows,
    easy_side,
    equilibrium,
    linear_motion,
    stationary_near,
)
from spinpim.device.mtj import Device
from spinpim.device.validity import AXES
from spinpim.errors import InputError

Array = NDArray[np.float64]

EITHER = "either"

STEPS_TO_LARGEST = 64
"""First steps of the field, as a share of the largest that is tried."""

GROWTH = 1.3
"""Of the step while the state is kept; the step halves where it is lost."""

PRECISION = 1e-12
"""Last step of the field over the largest that is tried."""

LONGEST_MOVE = 0.3
"""Radians that the minimum may move per step; a longer way leads to another one."""

LEAST_PROJECTION = 1e-6
"""m . easy axis at which two minima that merge in the hard plane count as merged."""


@dataclass(frozen=True, slots=True, eq=False)
class Astroid:
    """Switching field against direction.

    Attributes
    ----------
    angle_rad : (n,) array
        Angle of the field in its plane [rad].
    direction : (n, 3) array
        Unit vector of the field.
    switching_field_T : (n,) array
        Strength of the applied field at which the state vanishes [T]; infinite where it never does.
    state : (n,) array of str
        The state that vanishes.
    magnetisation : (n, 3) array
        Direction of m just before.
    """

    angle_rad: Array
    direction: Array
    switching_field_T: Array
    state: NDArray[np.str_]
    magnetisation: Array


def astroid(
    device: Device,
    angle_rad: ArrayLike,
    *,
    plane: str = "zx",
    state: str = EITHER,
    sot_current_A: float = 0.0,
    mtj_voltage_V: float = 0.0,
) -> Astroid:
    r"""Field at which a state vanishes when it grows slowly in a fixed direction, without thermal agitation.

    The equilibrium is followed in the field until it is no longer stable. For one anisotropy B_k about the
    easy axis and a field at the angle psi to it, Stoner and Wohlfarth's

    .. math::

        \left|\frac{B_\parallel}{B_k}\right|^{2/3} + \left|\frac{B_\perp}{B_k}\right|^{2/3} = 1, \qquad
        \frac{B_{sw}}{B_k} = \left(|\cos\psi|^{2/3} + |\sin\psi|^{2/3}\right)^{-3/2}

    here with every anisotropy of the device, VCMA, its external field as a bias, and under constant currents
    with their torques, where the state ends in a saddle or in growing precession.

    Parameters
    ----------
    device : Device
        The junction.
    angle_rad : (n,) array
        Angles of the applied field [rad], from the first axis of the plane to the second.
    plane : str
        Two of "x", "y", "z": "zx" measures from the film normal towards the current.
    state : str
        "P", "AP", or "either": whichever vanishes first.
    sot_current_A, mtj_voltage_V : float
        Constant channel current [A] and junction voltage [V].

    Returns
    -------
    Astroid

    Raises
    ------
    InputError
        If the plane, the state or a number is impossible, or the state is missing or unstable at zero applied
        field.

    Notes
    -----
    Zero temperature and slow; precise to 1e-6. Thermal agitation switches earlier, see ``field_loop``. A
    sudden step of the field switches earlier too. Coherent rotation: wide junctions nucleate instead.

    Examples
    --------
    >>> device = Device.load("perpendicular_memory_60nm")
    >>> found = astroid(device, [math.pi, 0.75 * math.pi, 0.5 * math.pi])
    >>> (found.switching_field_T / device.anisotropy_field_T).round(6).tolist()
    [1.0, 0.5, 1.0]
    >>> found.state[0].item()
    'P'

    References
    ----------
    E. C. Stoner and E. P. Wohlfarth, Phil. Trans. R. Soc. A 240, 599 (1948), doi:10.1098/rsta.1948.0007;
    A. Thiaville, Phys. Rev. B 61, 12221 (2000), doi:10.1103/PhysRevB.61.12221 (any anisotropy).
    """
    angle = _angles(angle_rad)
    if not (isinstance(plane, str) and len(plane) == 2 and set(plane) <= set(AXES) and plane[0] != plane[1]):
        raise InputError(f"plane must be two different axes such as 'zx'; instead received {plane!r:.60}.")
    if state not in (*STATES, EITHER):
        raise InputError(f"state must be 'P', 'AP' or 'either'; instead received {state!r:.60}.")
    finite("sot_current_A", sot_current_A)
    finite("mtj_voltage_V", mtj_voltage_V)
    direction = np.zeros((angle.size, 3))
    direction[:, AXES.index(plane[0])] = np.cos(angle)
    direction[:, AXES.index(plane[1])] = np.sin(angle)
    names = np.array(STATES if state == EITHER else (state,))
    ends = [vanishing_field_T(device, name, direction, sot_current_A, mtj_voltage_V) for name in names]
    fields, last = np.array([field for field, _ in ends]), np.array([m for _, m in ends])
    first, lane = np.argmin(fields, axis=0), np.arange(angle.size)
    return Astroid(angle, direction, fields[first, lane], names[first], last[first, lane])


def vanishing_field_T(
    device: Device, state: str, direction: Array, sot_current_A: float = 0.0, mtj_voltage_V: float = 0.0
) -> tuple[Array, Array]:
    """Fields (n,) along unit vectors (n, 3) at which one state vanishes [T], and m (n, 3) just before.

    Each field grows by steps that shrink where the state is lost: at the end they bracket the loss.

    Raises
    ------
    InputError
        If the state is missing or unstable without the field.
    """
    side = easy_side(device, state)
    constant = constant_rows(
        device, np.zeros((1, 3)), np.array([float(sot_current_A)]), np.array([float(mtj_voltage_V)])
    )
    origin = equilibrium(device, constant, side)
    rows = np.repeat(constant, len(direction), axis=0)
    m = np.repeat(origin, len(direction), axis=0)
    if not np.all(_stable(device, rows[:1], origin, side)):
        raise InputError(
            f"Device {device.name}: the {state} state does not exist in the external field "
            f"{device.external_field_T} T and these currents; the field that removes it cannot be found."
        )
    # Beyond it all anisotropies and torques are small against the field.
    largest = 4.0 * float(np.abs(constant[0, :14]).sum()) + 4.0 * max(device.stiffness_fields_T)
    field = np.zeros(len(direction))
    step = np.full(len(direction), largest / STEPS_TO_LARGEST)
    while True:
        active = np.flatnonzero((step > PRECISION * largest) & (field < largest))
        if active.size == 0:
            break
        trial = rows[active]
        trial[:, :3] += (field + step)[active, None] * direction[active]
        moved, reached = stationary_near(device, trial, m[active])
        kept = reached & (np.linalg.norm(moved - m[active], axis=1) < LONGEST_MOVE)
        kept &= _stable(device, trial, moved, side)
        field[active] += np.where(kept, step[active], 0.0)
        step[active] *= np.where(kept, GROWTH, 0.5)
        m[active] = np.where(kept[:, None], moved, m[active])
    return np.where(field < largest, field, math.inf), m


def _stable(device: Device, rows: Array, m: Array, side: Array) -> NDArray[np.bool_]:
    """Whether small motion about stationary points dies out, on the state's side of the hard plane."""
    motion = linear_motion(device, rows, m)
    values: NDArray[np.bool_] = (
        (motion.determinant_T2 > 0.0) & (motion.trace_T < 0.0) & (m @ side > LEAST_PROJECTION)
    )
    return values


def _angles(angle_rad: ArrayLike) -> Array:
    try:
        angle = np.atleast_1d(np.asarray(angle_rad, dtype=np.float64))
    except (TypeError, ValueError):
        angle = np.empty(0)
    if angle.ndim != 1 or angle.size == 0 or not np.all(np.isfinite(angle)):
        raise InputError(f"angle_rad must be a list of finite angles; instead received {angle_rad!r:.60}.")
    return angle
