"""The write pulse that a cell really gets: channel current and junction assist, towards P and towards AP."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import brentq

from spinpim.checks import finite, instance, state
from spinpim.circuit.write_path import DeliveredCurrent, WritePath, path_current, path_width_m
from spinpim.device import Pulse

if TYPE_CHECKING:
    from spinpim.circuit.cell import Cell


def write_path(cell: Cell, temperature_K: float | None = None) -> WritePath:
    """Write path of a cell at a temperature [K]; the device's own by default."""
    _refuse_other_kinds(cell)
    temperature = cell.device.temperature_K if temperature_K is None else temperature_K
    return WritePath(
        transistor=cell.write_transistor,
        gate_V=cell.write_word_line_V,
        supply_V=cell.write_supply_V,
        channel_ohm=cell.device.channel_resistance_ohm,
        driver_ohm=cell.driver_resistance_ohm,
        temperature_K=temperature,
    )


def delivered_current(cell: Cell, to: str, temperature_K: float | None = None) -> DeliveredCurrent:
    """Channel current at full drive in the direction that writes a state, with its spread.

    The direction is that of ``cell.device.write_pulse(to)``; a positive channel current leaves through the
    write transistor, a negative one makes it a source follower.

    Parameters
    ----------
    cell : Cell
        The cell.
    to : str
        "P" or "AP".
    temperature_K : float, optional
        Temperature of the transistor [K]; the device's own by default.

    Returns
    -------
    DeliveredCurrent

    Raises
    ------
    InputError
        If ``to`` is neither state, or the word line does not open the write transistor.

    Examples
    --------
    >>> from spinpim.circuit.cell import Cell
    >>> from spinpim.device import Device
    >>> cell = Cell.load("2t1r_45nm", device=Device.load("perpendicular_memory_60nm"))
    >>> one, other = delivered_current(cell, "P"), delivered_current(cell, "AP")
    >>> one.follower, other.follower, abs(one.current_A) < abs(other.current_A)
    (True, False, True)
    """
    path = write_path(cell, temperature_K)
    return path_current(path, follower=_follower(cell, state("to", to)))


def delivered_current_A(cell: Cell, to: str, temperature_K: float | None = None) -> float:
    """Signed channel current at full drive towards a state [A]; see `delivered_current`."""
    return delivered_current(cell, to, temperature_K).current_A


def write_width_m(cell: Cell, current_A: float, temperature_K: float | None = None) -> float:
    """Narrowest write transistor that delivers a current in both directions [m].

    Raises
    ------
    InputError
        If no width does.

    Examples
    --------
    >>> from spinpim.circuit.cell import Cell
    >>> from spinpim.device import Device
    >>> cell = Cell.load("2t1r_45nm", device=Device.load("perpendicular_memory_60nm"))
    >>> write_width_m(cell, 330e-6) < cell.write_transistor.width_m
    True
    """
    path = write_path(cell, temperature_K)
    return max(path_width_m(path, current_A, follower=follower) for follower in (False, True))


def delivered_assist_V(
    cell: Cell, to: str, sot_current_A: float = 0.0, temperature_K: float | None = None
) -> float:
    r"""Largest junction voltage that the read path applies while the channel carries a current, signed.

    Towards AP the bit line is at the write supply and the read transistor, its gate at the assist word line,
    is a source follower on top of the junction, which starts parallel; towards P the bit line is at ground
    and the channel drives the junction, which starts antiparallel:

    .. math::

        \frac{V}{R_P} = I_T\bigl(V_A,\, V_{ch} + V + I R_s,\, V_{dd}\bigr), \qquad
        \frac{V}{R_{AP}(V)} = I_T\bigl(V_A,\, 0,\, V_{ch} - V - I R_s\bigr)

    Parameters
    ----------
    cell : Cell
        The cell.
    to : str
        "P" or "AP".
    sot_current_A : float
        Channel current meanwhile, size [A]. The channel is then at its potential below the junction, V_ch;
        without a current it is at ground towards AP and at the write supply towards P.
    temperature_K : float, optional
        Temperature of the transistors [K]; the device's own by default.

    Returns
    -------
    float
        Junction voltage [V], positive towards P.

    Raises
    ------
    InputError
        If ``to`` is neither state, or the path cannot carry the current.

    Notes
    -----
    The junction current is neglected in the channel's potential: some 5 % of the channel current.

    Examples
    --------
    >>> from spinpim.circuit.cell import Cell
    >>> from spinpim.device import Device
    >>> cell = Cell.load("2t1r_45nm", device=Device.load("perpendicular_memory_60nm"))
    >>> delivered_assist_V(cell, "AP") < delivered_assist_V(cell, "AP", 3e-4) < 0
    True
    """
    target = state("to", to)
    current = finite("sot_current_A", sot_current_A, 0.0)
    temperature = write_path(cell, temperature_K).temperature_K
    read, gate, series = cell.read_transistor, cell.assist_word_line_V, cell.series_resistance_ohm
    channel = channel_potential_V(cell, target, current, temperature)
    if target == "P" and current == 0.0:
        channel = cell.write_supply_V

    def spare(voltage_V: float) -> float:
        if target == "AP":
            through = voltage_V / cell.device.resistance_p_ohm
            source, drain = channel + voltage_V + through * series, cell.write_supply_V
        else:
            through = voltage_V / float(cell.device.resistance_ohm(-1.0, voltage_V, temperature))
            source, drain = 0.0, channel - voltage_V - through * series
        return (read.current_A(gate, source, drain, temperature) if drain > source else 0.0) - through

    most = cell.write_supply_V - channel if target == "AP" else channel
    if most <= 0.0:
        return 0.0
    found = float(brentq(spare, 0.0, most, xtol=1e-9))
    return found if target == "P" else -found


def channel_potential_V(cell: Cell, to: str, current_A: float, temperature_K: float | None = None) -> float:
    """Potential of the channel below the junction while it carries a current [V].

    Half the drop of the channel, with that of the driver or of driver and transistor below it; a driver that
    is asked for less than full drive is taken to lower the upper rail.

    Raises
    ------
    InputError
        If the path cannot carry the current.
    """
    path = write_path(cell, temperature_K)
    current = finite("current_A", current_A, 0.0, abs(delivered_current_A(cell, to, temperature_K)) + 1e-12)
    below = current * (path.lower_ohm + 0.5 * path.channel_ohm)
    if current == 0.0 or _follower(cell, to):
        return below
    source = current * path.lower_ohm

    def spare(drop_V: float) -> float:
        carried = path.transistor.current_A(path.gate_V, source, source + drop_V, path.temperature_K)
        return carried - current

    most = path.supply_V - current * (path.driver_ohm + path.channel_ohm)
    # At full drive the transistor takes all that is left, but for rounding.
    return below + (most if spare(most) <= 0.0 else float(brentq(spare, 0.0, most, xtol=1e-9)))


def delivered_pulse(cell: Cell, to: str, temperature_K: float | None = None) -> Pulse:
    """Write pulse of the device, limited to what the paths of the cell deliver.

    Parameters
    ----------
    cell : Cell
        The cell.
    to : str
        "P" or "AP".
    temperature_K : float, optional
        Temperature of the transistors [K]; the device's own by default.

    Returns
    -------
    Pulse
        ``cell.device.write_pulse(to)`` with its current cut off at `delivered_current_A` and its junction
        voltage at `delivered_assist_V` for the current of that instant. The two directions differ: for
        ``write_error_rate(cell.device, delivered_pulse(cell, to), to=to, ...)``.

    Raises
    ------
    InputError
        If ``to`` is neither state, or the word line does not open the write transistor.

    Examples
    --------
    >>> from spinpim.circuit.cell import Cell
    >>> from spinpim.device import Device
    >>> cell = Cell.load("2t1r_45nm", device=Device.load("perpendicular_memory_60nm"))
    >>> pulse = delivered_pulse(cell, "AP")
    >>> bool(abs(pulse.mtj_voltage_V).max() <= abs(cell.device.write_pulse("AP").mtj_voltage_V).max())
    True
    """
    _refuse_other_kinds(cell)
    asked = cell.device.write_pulse(state("to", to))
    limit = abs(delivered_current_A(cell, to, temperature_K))
    current = np.clip(asked.sot_current_A, -limit, limit)
    voltage = asked.mtj_voltage_V.copy()
    for index, flowing in enumerate(np.abs(current)):
        if voltage[index] != 0.0:
            most = abs(delivered_assist_V(cell, to, float(flowing), temperature_K))
            voltage[index] = np.clip(voltage[index], -most, most)
    return dataclasses.replace(asked, sot_current_A=current, mtj_voltage_V=voltage)


def _refuse_other_kinds(cell: Cell) -> None:
    from spinpim.circuit.cell import Cell  # which delivers with this module

    instance("cell", cell, Cell, "Cell.load(...)")


def _follower(cell: Cell, to: str) -> bool:
    """Whether the current that writes a state enters through the write transistor."""
    return bool(np.min(cell.device.write_pulse(to).sot_current_A) < 0.0)
