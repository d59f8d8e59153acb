"""Supply and drawn sizes of a sense amplifier relative to those of its file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spinpim.checks import finite
from spinpim.circuit.amplifier_parts import FIXED

if TYPE_CHECKING:
    from spinpim.circuit.sense_amp import SenseAmp

SUPPLY_RANGE = (0.7, 1.1)
"""Supplies that the laws were fitted to, over that of the file; below, the transistors hardly conduct."""


def relative_supply(amplifier: SenseAmp, supply_V: float | None) -> float:
    """Supply over that of the file; outside the fitted range the laws would be guesses."""
    if supply_V is None:
        return 1.0
    lowest, highest = (amplifier.supply_V * bound for bound in SUPPLY_RANGE)
    return finite("supply_V", supply_V, lowest, highest) / amplifier.supply_V


def width_scale(amplifier: SenseAmp, part: str) -> float:
    """What the widths of a part are multiplied by [1]."""
    return 1.0 if part in FIXED else amplifier.area_scale
