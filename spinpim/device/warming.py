"""Self-heating: how warm the free layer gets from the currents through junction and channel."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from spinpim.checks import finite
from spinpim.device.pulse import Pulse

if TYPE_CHECKING:
    from spinpim.device.mtj import Device

Array = NDArray[np.float64]

GRID_POINTS = 4001


@dataclass(frozen=True, slots=True)
class Warming:
    r"""Two first-order thermal paths into the free layer, one of each current.

    .. math::

        T = T_0 + \theta_j + \theta_c, \qquad \tau_j \dot\theta_j = R_j V^2 G(\mathbf m, V) - \theta_j, \qquad
        \tau_c \dot\theta_c = R_c I^2 R_{ch} - \theta_c

    Attributes
    ----------
    junction_resistance_K_per_W, channel_resistance_K_per_W : float
        Stationary temperature of the free layer per power in the junction and in the channel [K/W].
    junction_time_s, channel_time_s : float
        Thermal time constants [s].
    """

    junction_resistance_K_per_W: float
    junction_time_s: float
    channel_resistance_K_per_W: float
    channel_time_s: float

    def __post_init__(self) -> None:
        """Refuse paths that no junction can have."""
        finite("Warming: junction_resistance_K_per_W", self.junction_resistance_K_per_W, 0.0)
        finite("Warming: channel_resistance_K_per_W", self.channel_resistance_K_per_W, 0.0)
        finite("Warming: junction_time_s", self.junction_time_s, above=0.0)
        finite("Warming: channel_time_s", self.channel_time_s, above=0.0)


def junction_conductances_S(device: Device, voltage_V: Array) -> tuple[Array, Array]:
    """Conductance at m . p = 0 and its change per unit of m . p, at voltages [S]."""
    p, ap = device.resistance_ohm(1.0, voltage_V), device.resistance_ohm(-1.0, voltage_V)
    return 0.5 * (1.0 / p + 1.0 / ap), 0.5 * (1.0 / p - 1.0 / ap)


def temperature_K(device: Device, pulse: Pulse, time_s: Array) -> Array:
    """Temperature of the free layer while m . p = 0, at times of a pulse that starts at the device's [K].

    What the direction of m adds is the kernel's warmth; the magnetoresistance in both is that at the
    device's own temperature.
    """
    warming = device.warming
    if warming is None:
        return np.full(time_s.shape, device.temperature_K)
    grid = np.linspace(0.0, pulse.duration_s, GRID_POINTS)
    step = grid[1]
    current, voltage, _ = pulse.sample(0.5 * (grid[:-1] + grid[1:]))
    in_junction = voltage**2 * junction_conductances_S(device, voltage)[0]
    in_channel = current**2 * device.channel_resistance_ohm
    rise = _filtered(in_junction, warming.junction_resistance_K_per_W, warming.junction_time_s, step)
    rise += _filtered(in_channel, warming.channel_resistance_K_per_W, warming.channel_time_s, step)
    return device.temperature_K + np.interp(time_s, grid, rise)


def warmth_factors(device: Device, voltage_V: Array, step_s: float) -> Array:
    """What a step keeps of the warmth [1] and what m . p = 1 adds to it [K], (steps, 2); see the kernel."""
    warming = device.warming
    if warming is None or warming.junction_resistance_K_per_W == 0.0 or not np.any(voltage_V):
        return np.empty((0, 2))
    keep = math.exp(-step_s / warming.junction_time_s)
    power = voltage_V**2 * junction_conductances_S(device, voltage_V)[1]
    gain = (1.0 - keep) * warming.junction_resistance_K_per_W * power
    return np.column_stack([np.full(gain.size, keep), gain])


def _filtered(power_W: Array, resistance_K_per_W: float, time_constant_s: float, step_s: float) -> Array:
    """Response of one thermal path to a power that is constant over each step, from zero."""
    # Loaded where it is used: scipy.signal takes a third of a second.
    from scipy.signal import lfilter

    keep = math.exp(-step_s / time_constant_s)
    response = lfilter([(1.0 - keep) * resistance_K_per_W], [1.0, -keep], power_W)
    return np.concatenate([[0.0], response])
