"""Whether the pitches of a cell hold its transistors."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from spinpim.errors import InputError

if TYPE_CHECKING:
    from spinpim.circuit.cell import Cell

ROUNDING = 1e-9
"""Of a pitch: what a quotient of lengths may be off."""


def refuse_tight_layout(cell: Cell) -> None:
    """Refuse pitches that cannot hold the transistors of a cell.

    Gates run along the word line and stand side by side along the bit line, one for the read transistor and
    one for each finger of the write transistor, all as long as the longer channel; between two columns lies
    the least space of active areas. Contacts fit between gates at their least spacing; the junction lies
    above the transistors. An estimate from three rules, not a layout.

    Raises
    ------
    InputError
        If a transistor does not fit.
    """
    pitch, room = gate_pitch_m(cell), cell.column_pitch_m - cell.active_spacing_m
    gates = math.floor(cell.row_pitch_m / pitch * (1.0 + ROUNDING))
    if gates < 2:
        raise InputError(
            f"Cell {cell.name}: a row pitch of {1e9 * cell.row_pitch_m:.4g} nm holds {gates} gates at a "
            f"pitch of {1e9 * pitch:.4g} nm, but read and write transistor need two. Raise layout.row_pitch."
        )
    read, write = cell.read_transistor.width_m, cell.write_transistor.width_m
    for name, finger_m, fingers in (("read", read, 1), ("write", write / (gates - 1), gates - 1)):
        if finger_m > room * (1.0 + ROUNDING):
            raise InputError(
                f"Cell {cell.name}: the {name} transistor as {fingers} finger{'s' * (fingers > 1)} of "
                f"{1e9 * finger_m:.4g} nm does not fit into a column pitch of "
                f"{1e9 * cell.column_pitch_m:.4g} nm, which leaves {1e9 * room:.4g} nm. "
                f"Raise layout.column_pitch, or layout.row_pitch by "
                f"{1e9 * pitch:.4g} nm for another finger, or narrow the transistor."
            )


def least_area_m2(cell: Cell) -> float:
    """Least area that holds the transistors of a cell, over the number of write fingers [m^2]."""
    read, write = cell.read_transistor.width_m, cell.write_transistor.width_m
    most = max(1, math.ceil(write / read))
    return min(
        (1 + fingers) * gate_pitch_m(cell) * (max(read, write / fingers) + cell.active_spacing_m)
        for fingers in range(1, most + 1)
    )


def gate_pitch_m(cell: Cell) -> float:
    """Least distance from gate to gate along the bit line [m]."""
    return max(cell.read_transistor.length_m, cell.write_transistor.length_m) + cell.gate_spacing_m
