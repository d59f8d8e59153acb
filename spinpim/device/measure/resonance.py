"""Ferromagnetic resonance: frequency and linewidth of small motion about a state."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from spinpim.checks import state as checked_state
from spinpim.constants import GYROMAGNETIC_RATIO
from spinpim.device.dynamics.linearised import (
    constant_rows,
    easy_side,
    equilibrium,
    linear_motion,
    stationary_near,
)
from spinpim.device.mtj import Device
from spinpim.errors import InputError

Array = NDArray[np.float64]

FIELD_STEP = 1e-5
"""Change of the field, over the largest of the drive row, from which the slope of the frequency is taken."""

FLATTEST = 1e-4
"""Slope of the frequency over gamma/(2 pi) below which no field linewidth is given."""


@dataclass(frozen=True, slots=True, eq=False)
class Resonance:
    """Small motion about the equilibrium, one entry for each point of a sweep.

    Attributes
    ----------
    field_T : (..., 3) array
        Applied field, the device's own included [T].
    frequency_Hz : (...) array
        Frequency at which the response to a small alternating field lags by a quarter period [Hz].
    linewidth_Hz : (...) array
        Full width at half maximum of the absorption in frequency [Hz]; the amplitude of a free oscillation
        decays as exp(-pi linewidth t). Zero or less: spin torque feeds more than damping takes, and the state
        oscillates by itself.
    ringing_Hz : (...) array
        Frequency of the free oscillation [Hz]; 0 where it is overdamped.
    field_linewidth_T : (...) array
        Full width in the field's strength at constant frequency [T]: linewidth over the slope of the
        frequency; infinite where it does not depend on the field. Without a field, one along the equilibrium
        counts.
    equilibrium : (..., 3) array
        Unit vector about which m moves.
    """

    field_T: Array
    frequency_Hz: Array
    linewidth_Hz: Array
    ringing_Hz: Array
    field_linewidth_T: Array
    equilibrium: Array


def ferromagnetic_resonance(
    device: Device,
    *,
    state: str = "P",
    field_T: ArrayLike = (0.0, 0.0, 0.0),
    sot_current_A: ArrayLike = 0.0,
    mtj_voltage_V: ArrayLike = 0.0,
) -> Resonance:
    r"""Resonance of the free layer about a state, in any field and under constant currents.

    From the eigenvalues :math:`\lambda` of the linearised equation of motion. Without spin torques the two
    principal curvatures of the energy over M_s V at the equilibrium, k_1 and k_2, give

    .. math::

        \omega_0 = \frac{\gamma\sqrt{k_1 k_2}}{\sqrt{1+\alpha^2}}, \qquad
        \Delta\omega = \frac{\alpha\gamma\,(k_1 + k_2)}{1+\alpha^2}, \qquad
        \lambda = -\frac{\Delta\omega}{2} \pm i\sqrt{\omega_0^2 - \Delta\omega^2/4}

    which is the formula of Smit and Beljers without its polar angles. Constant currents add the damping-like
    and field-like torques of channel and junction, the Oersted field and VCMA.

    Parameters
    ----------
    device : Device
        The junction; its external field counts.
    state : str
        "P" or "AP": the side from which the equilibrium is reached. A field beyond the end of a state leads
        to the equilibrium that remains.
    field_T : (..., 3) array
        Field added to the external one [T]; an array of them makes a sweep.
    sot_current_A, mtj_voltage_V : (...) array
        Channel current [A] and junction voltage [V], constant; broadcast against the fields.

    Returns
    -------
    Resonance
        Arrays of the common shape of the three.

    Raises
    ------
    InputError
        If a number is not finite, the shapes do not fit, or there is no equilibrium under these torques.

    Notes
    -----
    Linear and at zero temperature: M_s and anisotropy are those of the device's temperature, but the thermal
    opening of the cone, which lowers the frequency by a few over Delta, is left out. The widths are those of
    Gilbert damping: no inhomogeneous broadening. Currents do not warm the junction.

    Examples
    --------
    >>> device = Device.load("perpendicular_memory_60nm")
    >>> resonance = ferromagnetic_resonance(device)
    >>> round(float(resonance.frequency_Hz) / 1e9, 2)
    5.35
    >>> round(float(resonance.linewidth_Hz / resonance.frequency_Hz) / (2 * device.damping), 3)
    1.0
    >>> ferromagnetic_resonance(device, field_T=[[0, 0, 0.1], [0, 0, 0.2]]).frequency_Hz.shape
    (2,)

    References
    ----------
    J. Smit and H. G. Beljers, Philips Res. Rep. 10, 113 (1955); C. Kittel, Phys. Rev. 73, 155 (1948),
    doi:10.1103/PhysRev.73.155.
    """
    side = easy_side(device, checked_state("state", state))
    field, current, voltage, shape = _points(field_T, sot_current_A, mtj_voltage_V)
    rows = constant_rows(device, field, current, voltage)
    m = equilibrium(device, rows, side)
    motion = linear_motion(device, rows, m)
    determinant, trace = motion.determinant_T2, motion.trace_T
    if np.any(determinant <= 0.0):
        raise InputError(
            f"Device {device.name}: the equilibrium reached from {state} has no restoring torque; keep the "
            "field and the currents away from the point at which the state vanishes."
        )
    rate = GYROMAGNETIC_RATIO / (1.0 + device.damping**2) / (2.0 * math.pi)
    linewidth = -rate * trace
    applied = field + np.array(device.external_field_T)
    slope = rate * _frequency_slope(device, rows, m, applied)
    flat = np.abs(slope) < FLATTEST * rate
    width = np.where(flat, math.inf, np.abs(linewidth) / np.where(flat, 1.0, np.abs(slope)))
    return Resonance(
        applied.reshape(*shape, 3),
        (rate * np.sqrt(determinant)).reshape(shape),
        linewidth.reshape(shape),
        (rate * np.sqrt(np.maximum(determinant - 0.25 * trace**2, 0.0))).reshape(shape),
        width.reshape(shape),
        m.reshape(*shape, 3),
    )


def _points(
    field_T: ArrayLike, sot_current_A: ArrayLike, mtj_voltage_V: ArrayLike
) -> tuple[Array, Array, Array, tuple[int, ...]]:
    """Fields (n, 3), currents (n,) and voltages (n,) of all points, and the shape of the sweep."""
    try:
        field, current, voltage = (
            np.asarray(value, dtype=np.float64) for value in (field_T, sot_current_A, mtj_voltage_V)
        )
        if field.ndim == 0 or field.shape[-1] != 3:
            raise ValueError
        shape = np.broadcast_shapes(field.shape[:-1], current.shape, voltage.shape)
    except (TypeError, ValueError):
        raise InputError(
            "ferromagnetic_resonance: field_T must be three numbers or an array (..., 3) of them in tesla, "
            "and currents and voltages numbers or arrays that broadcast against its points."
        ) from None
    if not all(np.all(np.isfinite(value)) for value in (field, current, voltage)):
        raise InputError("ferromagnetic_resonance: a field, current or voltage is not finite.")
    return (
        np.broadcast_to(field, (*shape, 3)).reshape(-1, 3),
        np.broadcast_to(current, shape).ravel(),
        np.broadcast_to(voltage, shape).ravel(),
        shape,
    )


def _frequency_slope(device: Device, rows: Array, m: Array, applied_T: Array) -> Array:
    """Change of sqrt(determinant) with the strength of the applied field [1]."""
    strength = np.linalg.norm(applied_T, axis=1)[:, None]
    direction = np.where(strength > 0.0, applied_T / np.where(strength > 0.0, strength, 1.0), m)
    step = FIELD_STEP * np.abs(rows[:, :14]).max(axis=1)
    values = []
    for sign in (1.0, -1.0):
        shifted = rows.copy()
        shifted[:, :3] += sign * step[:, None] * direction
        moved, _ = stationary_near(device, shifted, m)
        values.append(np.sqrt(np.maximum(linear_motion(device, shifted, moved).determinant_T2, 0.0)))
    slope: Array = (values[0] - values[1]) / (2.0 * step)
    return slope
