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

CELLS = 2000
"""Cells of constant power that a pulse is cut into, shared among the pieces between its breakpoints."""

FEWEST_CELLS = 20
"""Cells of one piece: on a ramp the power of the cells' middles is right within 1e-3 of the ramp's heat."""


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


def temperature_K(device: Device, pulse: Pulse, time_s: Array, cosine: float = 0.0) -> Array:
    """Temperature of the free layer while m . p is ``cosine``, at times of a pulse from the device's [K].

    The drive table rests on that of m . p = 0; what the direction of m adds is the kernel's warmth. The
    magnetoresistance in both is that at the device's own temperature.
    """
    warming = device.warming
    if warming is None:
        return np.full(time_s.shape, device.temperature_K)
    edge = _cell_edges(pulse)
    current, voltage, _ = pulse.sample(0.5 * (edge[:-1] + edge[1:]))
    mean, change = junction_conductances_S(device, voltage)
    in_junction = voltage**2 * (mean + change * cosine)
    in_channel = current**2 * device.channel_resistance_ohm
    targets_K = (
        warming.junction_resistance_K_per_W * in_junction,
        warming.channel_resistance_K_per_W * in_channel,
    )
    from_junction = _response(edge, targets_K[0], warming.junction_time_s, time_s)
    return (
        device.temperature_K + from_junction + _response(edge, targets_K[1], warming.channel_time_s, time_s)
    )


def warmth_factors(device: Device, voltage_V: Array, step_s: float) -> Array:
    """What a step keeps of the warmth [1] and what m . p = 1 adds to it [K], (steps, 2); see the kernel."""
    warming = device.warming
    if warming is None or warming.junction_resistance_K_per_W == 0.0 or not np.any(voltage_V):
        return np.empty((0, 2))
    keep = math.exp(-step_s / warming.junction_time_s)
    power = voltage_V**2 * junction_conductances_S(device, voltage_V)[1]
    gain = (1.0 - keep) * warming.junction_resistance_K_per_W * power
    return np.column_stack([np.full(gain.size, keep), gain])


def _cell_edges(pulse: Pulse) -> Array:
    """Edges of cells of which none crosses a breakpoint: a short pulse before a long wait keeps its heat."""
    knots = np.unique(pulse.time_s)
    cells = max(FEWEST_CELLS, CELLS // (knots.size - 1))
    within = np.linspace(0.0, 1.0, cells, endpoint=False)
    inner = knots[:-1, None] + np.diff(knots)[:, None] * within
    return np.append(inner.ravel(), knots[-1])


def _response(edge_s: Array, target_K: Array, time_constant_s: float, time_s: Array) -> Array:
    """Response of one thermal path, from zero, to a power that is constant over each cell; exact at any time.

    ``target_K`` is the stationary warming by the power of each cell.
    """
    keep = np.exp(-np.diff(edge_s) / time_constant_s)
    warming = np.zeros(edge_s.size)
    for cell in range(target_K.size):
        warming[cell + 1] = target_K[cell] + (warming[cell] - target_K[cell]) * keep[cell]
    at = np.clip(np.searchsorted(edge_s, time_s, side="right") - 1, 0, target_K.size - 1)
    response: Array = target_K[at] + (warming[at] - target_K[at]) * np.exp(
        -(time_s - edge_s[at]) / time_constant_s
    )
    return response
