"""The write pulses among which `optimise_write` searches, as points of a unit cube."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spinpim.checks import finite
from spinpim.device.mtj import Device
from spinpim.device.pulse import WriteSettings
from spinpim.errors import InputError

Array = NDArray[np.float64]

WEAKEST = 0.1
"""Least channel current over the highest."""

FURTHEST_DELAY = 0.95
"""Latest start of the assist over its end."""

FEWEST_EDGES = 4.0
"""Least time limit over one edge: rise, top and fall, with room to vary them."""

ROUNDING = 1e-12
"""Relative distance kept from the limits, so that no rounding crosses them."""


@dataclass(frozen=True, slots=True)
class WriteFamily:
    """Trapezoids of channel current with an assist in the junction, all within limits of drive and time.

    Without an assist a point holds current, width and fall; with one also its voltage, how long it outlasts
    the current's flat top, and its delay. Each number lies between 0 and 1; every point of the cube keeps the
    limits. The flat top is at least as long as an edge: no driver makes a shorter pulse than its edges.

    Attributes
    ----------
    highest_current_A, highest_voltage_V : float
        Limits of channel current [A] and junction voltage [V].
    longest_s : float
        Limit of the time from the first rise to the last fall [s].
    edge_s : float
        Rise time and fastest fall [s].
    settle_time_s : float
        Wait before the state is read [s].
    """

    highest_current_A: float
    highest_voltage_V: float
    longest_s: float
    edge_s: float
    settle_time_s: float

    @property
    def parameters(self) -> int:
        """How many numbers choose a pulse."""
        return 6 if self.highest_voltage_V > 0.0 else 3

    def settings(self, point: Array) -> WriteSettings:
        """Pulse of a point; numbers outside 0 to 1 count as the nearer of these."""
        numbers = [min(1.0, max(0.0, float(number))) for number in point]
        current, width, fall, voltage, extra, delay = (
            numbers if len(numbers) == 6 else [*numbers, 0.0, 0.0, 0.0]
        )
        room_s = self._room_s
        width_s = _between(self.edge_s, room_s - self.edge_s, width)
        fall_s = _between(self.edge_s, room_s - width_s, fall)
        extra_s = (room_s - width_s - fall_s) * extra**2 if voltage > 0.0 else 0.0
        return WriteSettings(
            sot_current_A=self.highest_current_A * WEAKEST ** (1.0 - current),
            width_s=width_s,
            rise_time_s=self.edge_s,
            fall_time_s=fall_s,
            mtj_voltage_V=self.highest_voltage_V * voltage,
            mtj_extra_time_s=max(0.0, extra_s),
            settle_time_s=self.settle_time_s,
            mtj_delay_s=FURTHEST_DELAY * delay * (width_s + extra_s) if voltage > 0.0 else 0.0,
        )

    def place(self, settings: WriteSettings) -> Array:
        """Point of a pulse, or of one near it where the family does not hold it."""
        room_s = self._room_s
        width_s = min(max(settings.width_s, self.edge_s), room_s - self.edge_s)
        fall_s = min(max(settings.fall_time_s, self.edge_s), room_s - width_s)
        spare_s = room_s - width_s - fall_s
        extra_s = min(settings.mtj_extra_time_s, spare_s)
        weakest_A = WEAKEST * self.highest_current_A
        numbers = [
            1.0
            - math.log(max(settings.sot_current_A, weakest_A) / self.highest_current_A) / math.log(WEAKEST),
            _share(self.edge_s, room_s - self.edge_s, width_s),
            _share(self.edge_s, room_s - width_s, fall_s),
            settings.mtj_voltage_V / self.highest_voltage_V if self.highest_voltage_V > 0.0 else 0.0,
            math.sqrt(extra_s / spare_s) if spare_s > 0.0 else 0.0,
            settings.mtj_delay_s / (FURTHEST_DELAY * (width_s + extra_s)),
        ]
        return np.clip(numbers[: self.parameters], 0.0, 1.0)

    @property
    def _room_s(self) -> float:
        """Time for all but the rise [s]."""
        return self.longest_s * (1.0 - ROUNDING) - self.edge_s


def write_family(
    device: Device,
    supply_voltage_V: float,
    highest_mtj_voltage_V: float,
    longest_s: float,
    highest_current_A: float | None,
    edge_s: float,
    settle_time_s: float,
) -> WriteFamily:
    """Check the limits of `optimise_write` and make the family that keeps them."""
    supply = finite("supply_voltage_V", supply_voltage_V, above=0.0)
    voltage = finite("highest_mtj_voltage_V", highest_mtj_voltage_V, 0.0, supply)
    edge, longest = finite("edge_s", edge_s, above=0.0), finite("longest_s", longest_s, above=0.0)
    if not longest > FEWEST_EDGES * edge:
        raise InputError(
            f"longest_s must exceed {FEWEST_EDGES:g} edges of {edge:.3g} s, so that a pulse has room for a "
            f"rise, a top and a fall; instead received {longest_s}."
        )
    settle = finite("settle_time_s", settle_time_s, above=0.0)
    driven = supply * (1.0 - ROUNDING) / device.channel_resistance_ohm
    if highest_current_A is not None:
        driven = min(driven, finite("highest_current_A", highest_current_A, above=0.0))
    return WriteFamily(driven, voltage, longest, edge, settle)


def _between(low: float, high: float, share: float) -> float:
    """Value at a share of the way between two, on a logarithmic scale, never beyond them."""
    top = max(low, high)
    return min(top, low * math.pow(top / low, share))


def _share(low: float, high: float, value: float) -> float:
    """Inverse of `_between`; 0 where there is no way to go."""
    return math.log(value / low) / math.log(high / low) if high > low * (1.0 + ROUNDING) else 0.0
