"""What a write does to the cells that it does not select: those in its row and those in its columns."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from spinpim.checks import STATES, choice, finite, state
from spinpim.circuit.write_delivery import write_path
from spinpim.circuit.write_kernel import series_current
from spinpim.device import Device, escape_rate

if TYPE_CHECKING:
    from spinpim.circuit.cell import Cell

NEGLIGIBLE = 0.01
"""Change of the barrier, in k_B T, below which a torque across the easy axis is left out of the rate."""


@dataclass(frozen=True, slots=True)
class HalfSelect:
    """What one half-selected cell sees during a write, and what it risks.

    Attributes
    ----------
    sot_current_A, mtj_voltage_V : float
        Channel current, size [A]; junction voltage, positive towards P [V].
    duration_s : float
        How long they are taken to last [s].
    rate_per_s, rest_rate_per_s : dict of str to float
        Escape rate of each state under them, and at rest: the floor [1/s].
    """

    sot_current_A: float
    mtj_voltage_V: float
    duration_s: float
    rate_per_s: dict[str, float]
    rest_rate_per_s: dict[str, float]

    @property
    def flip_probability(self) -> float:
        """Probability that one write flips the cell, worse of the two states [1]."""
        return self.flip_probability_after(1)

    @property
    def rest_probability(self) -> float:
        """Probability that it flips in the same time without the write [1]."""
        return -math.expm1(-max(self.rest_rate_per_s.values()) * self.duration_s)

    def flip_probability_after(self, writes: float) -> float:
        """Probability that the cell has flipped after a number of writes beside it, worse state [1]."""
        count = finite("writes", writes, 0.0)
        return -math.expm1(-max(self.rate_per_s.values()) * self.duration_s * count)


def column_half_select(cell: Cell, to: str, temperature_K: float | None = None) -> HalfSelect:
    """A cell in the column of a written one: its word lines are at ground, the lines at full drive.

    The write transistor leaks with the whole write supply across channel and transistor. Where the pulse has
    an assist, the read transistor leaks with the whole write supply across junction and transistor.

    Parameters
    ----------
    cell : Cell
        The cell.
    to : str
        State that the selected cell is written to, "P" or "AP".
    temperature_K : float, optional
        Temperature [K]; the device's own by default.

    Returns
    -------
    HalfSelect

    Raises
    ------
    InputError
        If ``to`` is neither state, or the device layer has no escape rate for what the cell sees.

    Notes
    -----
    Sub-threshold current of the EKV law, which was fitted to conducting transistors: no drain-induced barrier
    lowering, no gate-induced leakage, so that a real one may leak ten times as much. The currents are taken
    to last as long as the pulse.

    Examples
    --------
    >>> from spinpim.circuit.cell import Cell
    >>> from spinpim.device import Device
    >>> cell = Cell.load("2t1r_45nm", device=Device.load("perpendicular_memory_60nm"))
    >>> seen = column_half_select(cell, "AP")
    >>> seen.sot_current_A < 1e-8, abs(seen.mtj_voltage_V) < 1e-4
    (True, True)
    """
    target = state("to", to)
    path = write_path(cell, temperature_K)
    pulse = cell.device.write_pulse(target)
    shut = path.transistor.biased(0.0, path.temperature_K)
    # At the lower rail the source has no drop to speak of, in either direction.
    current = series_current(shut, 0.0, path.channel_ohm + path.driver_ohm, path.supply_V, 0.0)[0]
    voltage = 0.0
    if abs(pulse.mtj_voltage_V).max() > 0.0:
        read = cell.read_transistor.biased(0.0, path.temperature_K)
        junction_ohm = cell.device.resistance_ap_ohm
        leak = series_current(read, 0.0, junction_ohm + cell.series_resistance_ohm, path.supply_V, 0.0)[0]
        voltage = leak * junction_ohm * (1.0 if target == "P" else -1.0)
    return _seen(cell, float(current), float(voltage), target, path.temperature_K)


def row_half_select(
    cell: Cell,
    to: str,
    *,
    lines: str = "held",
    coupling: float = 0.1,
    temperature_K: float | None = None,
) -> HalfSelect:
    r"""A cell in the row of a written one: its word lines are on, its column is not written.

    With "held" lines both write lines and the bit line of the column are at ground through their drivers:
    nothing drives the cell. With "idle" lines they float, and one takes a share of its neighbour's swing,
    which then runs through the channel:

    .. math:: I = \frac{\kappa V_{dd}}{R_{ch} + R_{drv} + R_{on}}

    Parameters
    ----------
    cell : Cell
        The cell.
    to : str
        State that the selected cell is written to, "P" or "AP".
    lines : str
        "held" or "idle": the discipline of the lines of columns that are not written.
    coupling : float
        Share of a neighbour's swing that an idle line takes [1], 0..1; a tenth is assumed.
    temperature_K : float, optional
        Temperature [K]; the device's own by default.

    Returns
    -------
    HalfSelect

    Raises
    ------
    InputError
        If an argument is out of range, or the device layer has no escape rate for that current: hold the
        lines, or judge the pulse by ``write_error_rate``.

    Notes
    -----
    The current of an idle line is taken to last as long as the pulse, though the line empties within its time
    constant: an upper bound. A line that was left at the supply would drive nearly a write current: lines
    must be at ground before a word line opens.

    Examples
    --------
    >>> from spinpim.circuit.cell import Cell
    >>> from spinpim.device import Device
    >>> cell = Cell.load("2t1r_45nm", device=Device.load("perpendicular_memory_60nm"))
    >>> held = row_half_select(cell, "AP")
    >>> held.flip_probability == held.rest_probability
    True
    """
    target = state("to", to)
    share = finite("coupling", coupling, 0.0, 1.0)
    choice("lines", lines, ("held", "idle"))
    path = write_path(cell, temperature_K)
    current = 0.0
    if lines == "idle" and share > 0.0:
        open_ohm = path.transistor.on_resistance_ohm(path.gate_V, 0.0, path.temperature_K)
        current = share * path.supply_V / (path.channel_ohm + path.driver_ohm + open_ohm)
    return _seen(cell, current, 0.0, target, path.temperature_K)


def _seen(cell: Cell, current_A: float, voltage_V: float, to: str, temperature_K: float) -> HalfSelect:
    device = cell.device
    if temperature_K != device.temperature_K:
        device = device.replace(temperature_K=temperature_K)
    pulse = device.write_pulse(to)
    # The way that the current runs belongs to the selected cell; a state is judged by the worse one.
    rates, rest = {}, {}
    for name in STATES:
        rest[name] = escape_rate(device, name).value_per_s
        driven = [_rate_per_s(device, name, sign * current_A, voltage_V) for sign in (-1.0, 1.0)]
        # The floor holds whatever the driven rate is uncertain by.
        rates[name] = max(rest[name], *driven) if current_A or voltage_V else rest[name]
    duration = pulse.duration_s - device.write.settle_time_s
    return HalfSelect(current_A, voltage_V, duration, rates, rest)


def _rate_per_s(device: Device, name: str, current_A: float, voltage_V: float) -> float:
    """Escape rate; a torque across the easy axis is left out where it cannot matter.

    Such a torque changes the barrier in second order of its ratio to the damping torque.
    """
    torque_T = abs(device.sot_field_T_per_A * current_A)
    ratio = torque_T / (device.damping * device.anisotropy_field_T)
    if current_A and device.easy_axis == "z" and ratio**2 * device.thermal_stability < NEGLIGIBLE:
        current_A = 0.0
    return escape_rate(device, name, mtj_voltage_V=voltage_V, sot_current_A=current_A).value_per_s
