"""Energy of a write: in the channel, in the junction, and drawn from the supply."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spinpim.device.mtj import Device
from spinpim.device.pulse import Pulse
from spinpim.errors import InputError

QUADRATURE_POINTS = 2001


@dataclass(frozen=True, slots=True)
class WriteEnergy:
    """Energy of one pulse [J].

    Attributes
    ----------
    channel_J : float
        Dissipated in the heavy metal, I^2 R.
    junction_J : float
        Dissipated in the junction, V^2/R.
    supply_J : float
        Drawn from the supply: everything that the currents take at the supply voltage.
    """

    channel_J: float
    junction_J: float
    supply_J: float


def write_energy(device: Device, pulse: Pulse, supply_voltage_V: float) -> WriteEnergy:
    r"""Energy of a pulse, with the junction at the mean conductance of its two states.

    .. math::

        E_{ch} = \int I^2 R_{ch}\,dt, \quad E_{mtj} = \int V^2 \bar G\,dt, \quad
        E_{supply} = V_{dd} \int (|I| + |V| \bar G)\,dt

    Parameters
    ----------
    device, pulse : Device, Pulse
        The junction and what is applied to it.
    supply_voltage_V : float
        Supply of the write drivers [V]; at least the largest drop over channel and over junction.

    Returns
    -------
    WriteEnergy

    Raises
    ------
    InputError
        If the supply cannot drive the pulse.

    Examples
    --------
    >>> device = Device.load("perpendicular_memory_60nm")
    >>> energy = write_energy(device, device.write_pulse("AP"), supply_voltage_V=1.0)
    >>> energy.supply_J > energy.channel_J + energy.junction_J > 0
    True
    """
    needed = max(
        float(np.abs(pulse.sot_current_A).max()) * device.channel_resistance_ohm,
        float(np.abs(pulse.mtj_voltage_V).max()),
    )
    if not supply_voltage_V >= needed:
        raise InputError(
            f"A supply of {supply_voltage_V} V cannot drive this pulse: channel or junction alone drop "
            f"{needed:.3g} V. Raise the supply, or lower the current or the channel resistance."
        )
    grid = np.union1d(np.linspace(0.0, pulse.duration_s, QUADRATURE_POINTS), pulse.time_s)
    current, voltage, _ = pulse.sample(grid)
    conductance = 1.0 / device.resistance_ohm(0.0, voltage)
    channel = _integral(current**2 * device.channel_resistance_ohm, grid)
    junction = _integral(voltage**2 * conductance, grid)
    supply = supply_voltage_V * _integral(np.abs(current) + np.abs(voltage) * conductance, grid)
    return WriteEnergy(channel, junction, supply)


def _integral(values: NDArray[np.float64], grid: NDArray[np.float64]) -> float:
    return float(np.trapezoid(values, grid))
