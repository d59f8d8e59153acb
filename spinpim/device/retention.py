"""How long a state lasts: energy barrier, escape rate under a junction voltage, retention."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from spinpim.constants import GYROMAGNETIC_RATIO
from spinpim.device.initial_state import stable_state, thermal_weight_per_T
from spinpim.device.mtj import Device
from spinpim.device.validity import AXES
from spinpim.errors import InputError

IN_PLANE_EXPONENT = 1.0
PERPENDICULAR_EXPONENT = 2.0


def energy_barrier(device: Device, state: str = "P") -> float:
    r"""Lowest barrier out of a state, external field included, over k_B T [1].

    .. math:: \frac{E}{M_s V} = -\tfrac12 \sum_i c_i m_i^2 - \mathbf{B}\cdot\mathbf{m}

    Minimum of the well, then the lower of the two passes on the great circle through the easy axis and the
    softest transverse direction (for a perpendicular junction: that of the in-plane field, which makes it
    exact; for an in-plane one exact without a field along the hard axis).

    Parameters
    ----------
    device : Device
        The junction.
    state : str
        "P" or "AP".

    Raises
    ------
    InputError
        If the field leaves no stable state.

    Examples
    --------
    >>> device = Device.load("perpendicular_memory_60nm").replace(external_field_T=(0.0, 0.0, 0.0))
    >>> bool(abs(energy_barrier(device) / device.thermal_stability - 1) < 1e-6)
    True

    References
    ----------
    E. C. Stoner and E. P. Wohlfarth, Phil. Trans. R. Soc. A 240, 599 (1948), doi:10.1098/rsta.1948.0007.
    """
    minimum, side = stable_state(device, state)
    stiffness, external = np.array(device.stiffness_tensor_T()), np.array(device.external_field_T)
    transverse = _softest_direction(device, stiffness, external)

    def energy(angle: NDArray[np.float64]) -> NDArray[np.float64]:
        m = np.multiply.outer(np.cos(angle), side) + np.multiply.outer(np.sin(angle), transverse)
        values: NDArray[np.float64] = -0.5 * (m * m) @ stiffness - m @ external
        return values

    bottom = float(-0.5 * (minimum**2) @ stiffness - minimum @ external)
    from scipy.optimize import minimize_scalar  # a tenth of a second that most imports do not need

    passes = []
    for bounds in ((0.0, math.pi), (-math.pi, 0.0)):
        grid = np.linspace(*bounds, 721)
        top = grid[int(np.argmax(energy(grid)))]
        step = grid[1] - grid[0]
        best = minimize_scalar(
            lambda angle: -energy(angle), bounds=(top - step, top + step), method="bounded"
        )
        passes.append(-float(best.fun))
    return thermal_weight_per_T(device) * (min(passes) - bottom)


def escape_rate_per_s(device: Device, state: str = "P", mtj_voltage_V: float = 0.0) -> float:
    r"""Rate at which a state is lost by thermal activation under spin-transfer torque.

    .. math::

        \Gamma = \frac{1}{\tau_D}\sqrt{\frac{\Delta}{\pi}}\,(1-h^2)(1+h)\,e^{-\Delta(1+h)^n},
        \qquad h = \pm V/V_c

    with h > 0 where the torque holds the state, n = 2 for a perpendicular junction (exact high-barrier
    form, axial symmetry) and n = 1 for an in-plane one; Delta includes the external field.

    Parameters
    ----------
    device : Device
        The junction.
    state : str
        "P" or "AP".
    mtj_voltage_V : float
        Junction voltage [V]; positive favours P.

    Returns
    -------
    float
        Rate [1/s]; at and beyond the critical voltage the inverse of the damping time, an upper bound.

    Notes
    -----
    High barrier (Delta(1+h)^n > 5) and a single domain; 2-7 % high there for |h| < 0.5. A holding torque
    is not credited beyond h = 0.

    Examples
    --------
    >>> device = Device.load("perpendicular_memory_60nm")
    >>> escape_rate_per_s(device, "P", -0.5) > escape_rate_per_s(device, "P", 0.0)
    True

    References
    ----------
    W. F. Brown, Phys. Rev. 130, 1677 (1963), doi:10.1103/PhysRev.130.1677 (h = 0);
    J. Z. Sun, Phys. Rev. B 62, 570 (2000) (in-plane exponent).
    """
    if not math.isfinite(mtj_voltage_V):
        raise InputError(f"mtj_voltage_V must be finite; instead received {mtj_voltage_V}.")
    barrier = energy_barrier(device, state)
    holding = (1.0 if state == "P" else -1.0) * mtj_voltage_V / device.stt_critical_voltage_V
    h = min(0.0, holding)
    if h <= -1.0:
        return 1.0 / device.damping_time_s
    exponent = PERPENDICULAR_EXPONENT if device.easy_axis == "z" else IN_PLANE_EXPONENT
    prefactor = attempt_rate_per_s(device, barrier) * (1.0 - h * h) * (1.0 + h)
    return min(prefactor * math.exp(-barrier * (1.0 + h) ** exponent), 1.0 / device.damping_time_s)


def attempt_rate_per_s(device: Device, barrier: float) -> float:
    r"""Prefactor of the escape rate out of one well [1/s].

    Perpendicular: :math:`\sqrt{\Delta/\pi}/\tau_D` (Brown). In-plane, intermediate to high damping:
    :math:`\omega_0/2\pi` of the well, an upper bound at low damping.
    """
    if device.easy_axis == "z":
        return math.sqrt(barrier / math.pi) / device.damping_time_s
    first, second = device.stiffness_fields_T
    return GYROMAGNETIC_RATIO * math.sqrt(first * second) / (2.0 * math.pi)


def retention_s(device: Device) -> float:
    """Mean life of the weaker of the two states without drive [s]; infinite beyond the range of a double."""
    rate = max(escape_rate_per_s(device, state) for state in ("P", "AP"))
    return 1.0 / rate if rate > 0.0 else math.inf


def _softest_direction(
    device: Device, stiffness: NDArray[np.float64], external: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Give the unit vector across the easy axis over which the barrier is lowest."""
    easy = AXES.index(device.easy_axis)
    others = [axis for axis in range(3) if axis != easy]
    field = external.copy()
    field[easy] = 0.0
    softer, harder = sorted(others, key=lambda axis: -stiffness[axis])
    isotropic = abs(stiffness[softer] - stiffness[harder]) < 1e-3 * (stiffness[easy] - stiffness[harder])
    if isotropic and np.linalg.norm(field) > 0.0:
        unit: NDArray[np.float64] = field / np.linalg.norm(field)
        return unit
    unit = np.eye(3)[softer]
    return unit
