"""How long a state lasts: energy barrier, escape rate under a junction voltage, retention."""

from __future__ import annotations

import math

import numpy as np

from spinpim.checks import finite
from spinpim.constants import GYROMAGNETIC_RATIO
from spinpim.device.initial_state import stable_state, thermal_weight_per_T
from spinpim.device.mtj import Device
from spinpim.device.thresholds import antidamping_critical_field

PASSAGE_POINTS = 8001
FAR_WELL = -0.99
"""m . easy axis, on the other side, at which a state counts as lost in the mean-first-passage integral."""


def energy_barrier(device: Device, state: str = "P", mtj_voltage_V: float = 0.0) -> float:
    r"""Barrier out of a state, external field and VCMA included, over k_B T [1].

    From the minimum of the well to the lowest saddle of

    .. math:: \frac{E}{M_s V} = -\tfrac12 \sum_i c_i m_i^2 - \mathbf B\cdot\mathbf m

    Parameters
    ----------
    device : Device
        The junction.
    state : str
        "P" or "AP".
    mtj_voltage_V : float
        Junction voltage of the VCMA [V]; spin-transfer torque has no energy, `escape_rate_per_s` has it.

    Returns
    -------
    float
        Barrier [1]; infinite where the other state does not exist.

    Raises
    ------
    InputError
        If the field leaves no such state.

    Notes
    -----
    Coherent rotation: nucleation in junctions wider than a few domain walls has a lower barrier.

    Examples
    --------
    >>> device = Device.load("perpendicular_memory_60nm")
    >>> bool(abs(energy_barrier(device) / device.thermal_stability - 1) < 1e-6)
    True

    References
    ----------
    E. C. Stoner and E. P. Wohlfarth, Phil. Trans. R. Soc. A 240, 599 (1948), doi:10.1098/rsta.1948.0007.
    """
    minimum, _ = stable_state(device, state, mtj_voltage_V)
    landscape = device.landscape(mtj_voltage_V)
    saddle = landscape.lowest_saddle()
    if saddle is None:
        return math.inf
    return thermal_weight_per_T(device) * (saddle[1] - float(landscape.energy_T(minimum)))


def escape_rate_per_s(device: Device, state: str = "P", mtj_voltage_V: float = 0.0) -> float:
    r"""Rate at which a state is lost by thermal activation under a junction voltage.

    Perpendicular junction: inverse of the mean first passage from the well to the other one,

    .. math::

        T = \tau_D \int_{z_1}^{1} \frac{2\Delta\,dz}{1-z^2}\,e^{-u(z)} \int_z^1 e^{u(y)}\,dy, \qquad
        u = \Delta (z^2 + 2 h z), \quad h = \frac{B_z}{B_k} \pm \frac{V}{V_c}

    exact at any drive for axial symmetry (spin-transfer torque acts as a field B_STT/alpha along z); a field
    in the plane multiplies it by the exponential of the barrier that it takes away. In-plane junction:

    .. math:: \Gamma = \frac{\omega_0}{\pi}\,e^{-\Delta\,\max(0,\,1 \pm V/V_c)}

    two equal passes and the attempt frequency of the well, an upper bound at low damping. Both with the
    anisotropy that VCMA leaves at this voltage.

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
        Rate [1/s]. A torque that holds the state is not credited: its voltage counts through VCMA alone.

    Raises
    ------
    InputError
        If the state does not exist in the external field, or the voltage is not finite.

    Examples
    --------
    >>> device = Device.load("perpendicular_memory_60nm")
    >>> escape_rate_per_s(device, "P", -0.5) > escape_rate_per_s(device, "P", 0.0)
    True

    References
    ----------
    W. F. Brown, Phys. Rev. 130, 1677 (1963), doi:10.1103/PhysRev.130.1677;
    J. Z. Sun, Phys. Rev. B 62, 570 (2000), doi:10.1103/PhysRevB.62.570 (in-plane exponent).
    """
    finite("mtj_voltage_V", mtj_voltage_V)
    barrier = energy_barrier(device, state, mtj_voltage_V)
    if math.isinf(barrier):
        return 0.0
    direction = 1.0 if state == "P" else -1.0
    first, second = device.stiffness_at_T(mtj_voltage_V)
    threshold_T = antidamping_critical_field(device.damping, first, second)
    torque = min(0.0, direction * mtj_voltage_V * device.stt_field_T_per_V / threshold_T)
    if device.easy_axis != "z":
        attempt = GYROMAGNETIC_RATIO * math.sqrt(first * second) / math.pi
        return attempt * math.exp(-barrier * max(0.0, 1.0 + torque))
    stability = 0.5 * thermal_weight_per_T(device) * first
    axial = direction * device.external_field_T[2] / first
    # What the in-plane field takes from the barrier, beyond the axial one that the passage holds.
    lowered = max(0.0, stability * max(0.0, 1.0 + axial) ** 2 - barrier)
    relaxation_s = (1.0 + device.damping**2) / (device.damping * GYROMAGNETIC_RATIO * first)
    log_rate = -log_passage_time(stability, axial + torque) - math.log(relaxation_s) + lowered
    return math.exp(min(log_rate, math.log(_fastest_per_s(device))))


def log_passage_time(stability: float, field: float) -> float:
    r"""Natural logarithm of the mean first passage between the wells, in units of tau_D.

    Parameters
    ----------
    stability : float
        Delta [1], > 0.
    field : float
        h, axial field over B_k [1], negative against the state.

    Returns
    -------
    float
        ln(T/tau_D), start at the pole of the well.

    Examples
    --------
    >>> import math
    >>> rate = math.exp(-log_passage_time(20.0, 0.0))
    >>> bool(abs(rate / 4.9291e-9 - 1.0) < 1e-3)
    True
    """
    # Points crowded at the pole, where the inner integral starts, and evenly spaced elsewhere.
    z = 1.0 - (1.0 - FAR_WELL) * np.linspace(0.0, 1.0, PASSAGE_POINTS) ** 2
    exponent = stability * (z * z + 2.0 * field * z)
    step = np.log(-np.diff(z))
    pairs = np.logaddexp(exponent[:-1], exponent[1:]) + step - math.log(2.0)
    inner = np.concatenate([[-math.inf], np.logaddexp.accumulate(pairs)])
    with np.errstate(divide="ignore", invalid="ignore"):
        outer = math.log(2.0 * stability) - np.log1p(-z) - np.log1p(z) - exponent + inner
    # At the pole the inner integral vanishes as (1 - z): the integrand is 2 Delta / (1 + z) = Delta.
    outer[0] = math.log(stability)
    total = np.logaddexp(outer[:-1], outer[1:]) + step - math.log(2.0)
    return float(np.logaddexp.reduce(total))


def retention_s(device: Device) -> float:
    """Mean life of the weaker of the two states without drive [s]; infinite beyond the range of a double.

    Raises
    ------
    InputError
        If the external field leaves only one state.
    """
    rate = max(escape_rate_per_s(device, state) for state in ("P", "AP"))
    return 1.0 / rate if rate > 0.0 else math.inf


def _fastest_per_s(device: Device) -> float:
    """Precession in the largest stiffness field: no escape is faster [1/s]."""
    return GYROMAGNETIC_RATIO * device.stiffness_fields_T[1]
