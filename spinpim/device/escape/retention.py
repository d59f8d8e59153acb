"""How long a state lasts: energy barrier, escape rate under a junction voltage, retention."""

from __future__ import annotations

import math

from spinpim.checks import finite
from spinpim.device.dynamics.initial_state import stable_state, thermal_weight_per_T
from spinpim.device.escape.escape_rates import EscapeRate, escape_rate
from spinpim.device.escape.passage_time import log_passage_time
from spinpim.device.mtj import Device

__all__ = [
    "EscapeRate",
    "energy_barrier",
    "escape_rate",
    "escape_rate_per_s",
    "log_passage_time",
    "retention_failure_probability",
    "retention_s",
]


def energy_barrier(device: Device, state: str = "P", mtj_voltage_V: float = 0.0) -> float:
    r"""Barrier out of a state, external field and VCMA included, over k_B T [1].

    From the minimum of the well to the lowest saddle of

    .. math::

        \frac{E}{M_s V} = -\tfrac12\,\mathbf m\cdot C\mathbf m
        - q\left(\tfrac12 m_z^2 - \tfrac14 m_z^4\right) - \mathbf B\cdot\mathbf m

    Parameters
    ----------
    device : Device
        The junction.
    state : str
        "P" or "AP".
    mtj_voltage_V : float
        Junction voltage of the VCMA [V]; spin-transfer torque has no energy, `escape_rate` has it.

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


def escape_rate_per_s(
    device: Device, state: str = "P", mtj_voltage_V: float = 0.0, *, method: str = "auto"
) -> float:
    """Rate at which a state is lost by thermal activation under a junction voltage.

    The value of `escape_rate`, which also tells method, accuracy and range, and takes a channel current.

    Parameters
    ----------
    device : Device
        The junction.
    state : str
        "P" or "AP".
    mtj_voltage_V : float
        Junction voltage [V]; positive favours P.
    method : str
        "auto", "closed_form", "passage" or "fokker-planck".

    Returns
    -------
    float
        Rate [1/s]; 0 where the other state does not exist.

    Raises
    ------
    InputError
        If the state does not exist in the external field, the voltage is not finite, or the method does not
        hold.

    Examples
    --------
    >>> device = Device.load("perpendicular_memory_60nm")
    >>> escape_rate_per_s(device, "P", -0.5) > escape_rate_per_s(device, "P", 0.0)
    True
    """
    return escape_rate(device, state, mtj_voltage_V=mtj_voltage_V, method=method).value_per_s


def retention_s(device: Device) -> float:
    """Mean life of the weaker of the two states without drive [s]; infinite beyond the range of a double.

    Raises
    ------
    InputError
        If the external field leaves only one state.

    Examples
    --------
    >>> device = Device.load("perpendicular_memory_60nm")
    >>> retention_s(device) > 10 * 365 * 86400
    True
    """
    rate = max(escape_rate_per_s(device, state) for state in ("P", "AP"))
    return 1.0 / rate if rate > 0.0 else math.inf


def retention_failure_probability(device: Device, time_s: float, initial_state: str | None = None) -> float:
    r"""Probability that a stored bit reads wrong after a time without drive.

    .. math:: P = \frac{\Gamma_1}{\Gamma_1 + \Gamma_2}\left(1 - e^{-(\Gamma_1 + \Gamma_2) t}\right)

    the two-state master equation, returns included: it tends to the share of the other state.

    Parameters
    ----------
    device : Device
        The junction at its temperature; with a Curie temperature the magnetisation follows it.
    time_s : float
        Storage time [s], >= 0.
    initial_state : str, optional
        "P" or "AP": the stored state; by default the one that is lost more often.

    Returns
    -------
    float
        Probability [1].

    Raises
    ------
    InputError
        If the time is negative, or a state does not exist in the external field.

    Notes
    -----
    Times long against the relaxation in a well (nanoseconds), barriers of several k_B T.

    Examples
    --------
    >>> device = Device.load("perpendicular_memory_60nm").replace(temperature_K=400.0)
    >>> year = 365.25 * 86400.0
    >>> 0.0 < retention_failure_probability(device, 10.0 * year) < 1e-3
    True
    """
    time = finite("time_s", time_s, 0.0)
    rates = {name: escape_rate_per_s(device, name) for name in ("P", "AP")}
    if initial_state is None:
        initial_state = max(rates, key=lambda name: rates[name])
    stable_state(device, initial_state)
    total = sum(rates.values())
    return 0.0 if total == 0.0 else rates[initial_state] / total * -math.expm1(-total * time)
