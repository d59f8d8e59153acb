"""Supply and drawn sizes of a sense amplifier relative to those of its file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spinpim.checks import finite, shown
from spinpim.circuit.amplifier_parts import FIXED
from spinpim.errors import InputError

if TYPE_CHECKING:
    from spinpim.circuit.cell import Cell
    from spinpim.circuit.sense_amp import SenseAmp

SUPPLY_RANGE = (0.7, 1.1)
"""Supplies that the laws were fitted to, over that of the file; below, the transistors hardly conduct."""
CANCELLED_SUPPLY_RANGE = (0.9, 1.1)
"""The same of an offset-cancelled amplifier, whose inverters need more."""
CLAMP_RANGE_K = (290.0, 310.0)
"""Temperatures at which the figures of a clamp hold: its transresistance falls to a third at 233 K."""
ROUNDING = 1e-9
"""Of a quotient of two supplies."""


def relative_supply(amplifier: SenseAmp, supply_V: float | None) -> float:
    """Supply over that of the file [1].

    Raises
    ------
    InputError
        If it is outside the range to which the laws were fitted, where they would be guesses.
    """
    if supply_V is None:
        return 1.0
    bounds = SUPPLY_RANGE if amplifier.cancellation is None else CANCELLED_SUPPLY_RANGE
    lowest, highest = (amplifier.supply_V * bound for bound in bounds)
    given = finite("supply_V", supply_V, above=0.0)
    # The ends of the range belong to it, whatever their products round to.
    if not lowest * (1.0 - ROUNDING) <= given <= highest * (1.0 + ROUNDING):
        raise InputError(
            f"Amplifier {amplifier.name}: supply_V must be from {lowest:.4g} to {highest:.4g} V, to "
            f"which its laws were fitted; instead received {given:.4g} V. Change the supply, "
            f"or choose an amplifier that was calibrated for it."
        )
    return given / amplifier.supply_V


def refuse_supply(amplifier: SenseAmp, cell: Cell) -> None:
    """Refuse an amplifier whose laws do not hold at the supply of a cell, the one supply of their column.

    Raises
    ------
    InputError
        If the laws of the amplifier do not hold there.
    """
    relative = relative_supply(amplifier, cell.supply_V)
    if amplifier.clamp is not None and abs(relative - 1.0) > ROUNDING:
        raise InputError(
            f"Amplifier {amplifier.name}: the figures of its clamp hold at {amplifier.supply_V:.4g} V alone, "
            f"but the supply of the cell {cell.name} is {cell.supply_V:.4g} V. Give both the same supply, or "
            f"choose an amplifier that senses voltage."
        )


def refuse_temperature(amplifier: SenseAmp, temperature_K: float) -> None:
    """Refuse a temperature at which the figures of a clamp do not hold.

    Raises
    ------
    InputError
        If the amplifier has a clamp and the temperature is outside its range.
    """
    low, high = CLAMP_RANGE_K
    if amplifier.clamp is not None and not low <= temperature_K <= high:
        raise InputError(
            f"Amplifier {amplifier.name}: the figures of its clamp hold from {low:g} to {high:g} K, not at "
            f"{temperature_K:.4g} K, where load and input resistance are others. Choose an amplifier that "
            "senses voltage."
        )


def width_scale(amplifier: SenseAmp, part: str) -> float:
    """What the widths of a part are multiplied by [1]."""
    return 1.0 if part in FIXED else amplifier.area_scale


def drawn_size_m(amplifier: SenseAmp, part: str) -> tuple[float, float]:
    """Drawn width, area scale included, and length of a pair or device by its name [m].

    Raises
    ------
    InputError
        If the amplifier has no such part.
    """
    parts = {one.name: (one.width_m, one.length_m) for one in amplifier.pairs}
    parts |= {one.name: (one.width_m, one.length_m) for one in amplifier.devices}
    if isinstance(part, str) and part in parts:
        width_m, length_m = parts[part]
        return width_m * width_scale(amplifier, part), length_m
    raise InputError(
        f"Amplifier {amplifier.name} has no part {shown(part)}; its parts are {', '.join(parts)}."
    )
