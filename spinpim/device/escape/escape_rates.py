"""Thermal escape of a state under constant currents: closed form, mean passage, Fokker-Planck eigenvalue."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from spinpim.checks import finite, state
from spinpim.device.density.axial_drive import is_axial
from spinpim.device.dynamics.initial_state import SMALLEST_PROJECTION, stable_state
from spinpim.device.dynamics.linearised import constant_rows
from spinpim.device.dynamics.switching import check_kinds
from spinpim.device.escape.axial_escape import axial_escape
from spinpim.device.escape.driven_well import DrivenWell, EscapeRate
from spinpim.device.escape.pass_escape import bridged_escape, langer_escape, sphere_escape
from spinpim.device.mtj import Device
from spinpim.errors import InputError

__all__ = ["EscapeRate", "escape_rate"]

METHODS = ("auto", "closed_form", "passage", "fokker-planck")


def escape_rate(
    device: Device,
    initial_state: str = "P",
    *,
    mtj_voltage_V: float = 0.0,
    sot_current_A: float = 0.0,
    method: str = "auto",
) -> EscapeRate:
    r"""Rate at which a state is lost by thermal activation under constant currents.

    ============== =========================================== ==============================================
    method         everything along z                          otherwise
    ============== =========================================== ==============================================
    closed_form    Brown's rate with the next two orders       Langer's rate times Mel'nikov's depopulation,
                   (`log_closed_form`)                         with STT :math:`e^{-\Phi}` of `crossing`
    passage        mean-first-passage integral, exact          energy diffusion bridged to Langer's rate
                   (`log_axial_passage`)                       (`crossing`)
    fokker-planck  lowest eigenvalue, exact                    slowest mode on the sphere, up to 25 k_B T
    ============== =========================================== ==============================================

    "auto" takes the passage, and the eigenvalue where the passage does not hold.

    Parameters
    ----------
    device : Device
        The junction; with thermal paths it is at its temperature plus the stationary warming in that state.
    initial_state : str
        "P" or "AP": the state that is lost.
    mtj_voltage_V : float
        Junction voltage [V]; positive favours P. VCMA and field-like torque are included.
    sot_current_A : float
        Channel current [A], that of a half-selected cell, its Oersted field and field-like torque included.
    method : str
        See the table.

    Returns
    -------
    EscapeRate
        0 where the other state does not exist.

    Raises
    ------
    InputError
        If the state does not exist, or the method does not hold for this drive: its error would exceed 1.5
        of the rate.

    Notes
    -----
    Macrospin: nucleation in wide junctions is faster. A spin-orbit torque across the easy axis has neither a
    potential nor a first-order uptake of energy, so that only the eigenvalue answers.
    Above the threshold the passage is still an inverse mean time, no longer a constant hazard.

    Examples
    --------
    >>> device = Device.load("perpendicular_memory_60nm")
    >>> rate = escape_rate(device, "P", mtj_voltage_V=-0.3)
    >>> rate.method, rate.relative_error < 1e-3
    ('passage', True)
    >>> closed = escape_rate(device, "P", mtj_voltage_V=-0.3, method="closed_form")
    >>> bool(abs(closed.value_per_s / rate.value_per_s - 1.0) < closed.relative_error)
    True

    References
    ----------
    W. F. Brown, Phys. Rev. 130, 1677 (1963), doi:10.1103/PhysRev.130.1677; W. T. Coffey, D. A. Garanin and
    D. J. McCarthy, Adv. Chem. Phys. 117, 483 (2001), doi:10.1002/9780470141762.ch5; Z. Li and S. Zhang,
    Phys. Rev. B 69, 134416 (2004), doi:10.1103/PhysRevB.69.134416 (torque).
    """
    check_kinds(device)
    name = state("initial_state", initial_state)
    if method not in METHODS:
        raise InputError(f"method must be one of {METHODS}; instead received {method!r:.60}.")
    voltage = finite("mtj_voltage_V", mtj_voltage_V)
    current = finite("sot_current_A", sot_current_A)
    device = stationary_device(device, name, voltage, current)
    _, side = stable_state(device, name, voltage)
    row = constant_rows(device, np.zeros((1, 3)), np.array([current]), np.array([voltage]))[0]
    cell = DrivenWell(device, row, side)
    _refuse_a_lost_state(cell, name)
    if device.easy_axis == "z" and is_axial(row[None, :]):
        return axial_escape(cell, "passage" if method == "auto" else method)
    if method != "auto":
        answers: dict[str, Callable[[DrivenWell], EscapeRate]] = {
            "closed_form": langer_escape,
            "passage": bridged_escape,
            "fokker-planck": sphere_escape,
        }
        return answers[method](cell)
    try:
        return bridged_escape(cell)
    except InputError as refusal:
        try:
            return sphere_escape(cell)
        except InputError as second:
            raise InputError(f"{refusal} The eigenvalue does not answer either: {second}") from second


def _refuse_a_lost_state(cell: DrivenWell, name: str) -> None:
    """The fields of the currents may leave no minimum on the side of the state: it is left at once."""
    if float(cell.landscape.minimum_near(cell.side) @ cell.side) < SMALLEST_PROJECTION:
        raise InputError(
            f"Device {cell.device.name}: the drive leaves no stable {name} state, so that there is nothing "
            "to escape from; lower the currents, or simulate the switching."
        )


def stationary_device(device: Device, state: str, mtj_voltage_V: float, sot_current_A: float) -> Device:
    r"""Device at the temperature that constant currents give it in a state, without further warming.

    .. math:: T = T_0 + R_j V^2 G(\text{state}, V) + R_c I^2 R_{ch}

    The fields follow it where the device has a Curie temperature, b_T always.

    Raises
    ------
    InputError
        If the currents warm it to its Curie temperature.
    """
    warming = device.warming
    if warming is None:
        return device
    cosine = 1.0 if state == "P" else -1.0
    conductance = 1.0 / float(device.resistance_ohm(cosine, mtj_voltage_V))
    rise = warming.junction_resistance_K_per_W * mtj_voltage_V**2 * conductance
    rise += warming.channel_resistance_K_per_W * sot_current_A**2 * device.channel_resistance_ohm
    return device.replace(temperature_K=device.temperature_K + rise, warming=None)
