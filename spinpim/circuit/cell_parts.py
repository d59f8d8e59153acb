"""What a cell shares with its parameter file: transistors, possible values, numbers by key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spinpim.checks import finite, instance, whole
from spinpim.circuit.changes import Figure, check_labels
from spinpim.circuit.file_ranges import CELL, in_range, settle
from spinpim.circuit.transistor import TECHNOLOGY_KEYS, Transistor
from spinpim.device import Device
from spinpim.params.cell_file import CellFile

if TYPE_CHECKING:
    from spinpim.circuit.cell import Cell

COUNTS = {
    "bit_line_cells": "bit_line.cells",
    "reference_column_pairs": "reference.column_pairs",
    "reference_shared_by": "reference.shared_by",
}
KEYS = {
    "supply_V": "technology.supply",
    "feature_size_m": "technology.feature_size",
    "gate_spacing_m": "technology.gate_spacing",
    "active_spacing_m": "technology.active_spacing",
    "read_word_line_V": "read_transistor.word_line_voltage",
    "assist_word_line_V": "read_transistor.assist_word_line_voltage",
    "write_word_line_V": "write_transistor.word_line_voltage",
    "write_supply_V": "write_transistor.supply",
    "driver_resistance_ohm": "write_transistor.driver_resistance",
    "read_current_per_row_A": "read.current_per_row",
    "source_headroom_V": "read.source_headroom",
    "source_noise_factor": "read.source_noise_factor",
    "settling_residual": "read.settling_residual",
    "reset_residual": "read.reset_residual",
    "access_time_s": "read.access_time",
    "capacitance_per_cell_F": "bit_line.capacitance_per_cell",
    "write_capacitance_per_cell_F": "bit_line.write_capacitance_per_cell",
    "fixed_capacitance_F": "bit_line.fixed_capacitance",
    "wire_resistance_per_cell_ohm": "bit_line.resistance_per_cell",
    "row_pitch_m": "layout.row_pitch",
    "column_pitch_m": "layout.column_pitch",
}
"""File key of each number that is an attribute of the cell itself."""
GATES = {
    "read_transistor": "read_word_line_V",
    "write_transistor": "write_word_line_V",
    "reset_transistor": "supply_V",
}
"""What opens each transistor."""


def transistor(file: CellFile, width_m: float, length_m: float) -> Transistor:
    """Return a transistor of the file's technology."""
    technology = file.technology
    return Transistor(
        width_m=width_m,
        length_m=length_m,
        threshold_voltage_V=technology.threshold_voltage.si,
        slope_factor=technology.slope_factor.si,
        transconductance_A_per_V2=technology.transconductance.si,
        critical_voltage_V=technology.critical_voltage.si,
        series_resistance_ohm_m=technology.series_resistance.si,
        mobility_exponent=technology.mobility_exponent.si,
        series_exponent=technology.series_exponent.si,
        matching_V_m=technology.matching.si,
        gate_capacitance_F_per_m=technology.gate_capacitance.si,
    )


def check_cell(cell: Cell) -> None:
    """Refuse a cell that no file could describe, and make plain numbers of its attributes.

    Raises
    ------
    InputError
        For the first attribute that is impossible.
    """
    instance("device of the cell", cell.device, Device, "Device.load(...)")
    for name in GATES:
        instance(f"{name} of the cell", getattr(cell, name), Transistor, f"cell.{name}.replace(...)")
    check_labels(cell)
    for name, key in COUNTS.items():
        count = whole(name, getattr(cell, name), 1)
        in_range(name, count, key, CELL[key])
        object.__setattr__(cell, name, count)
    settle(cell, KEYS, CELL)
    # Of a file it is sigma over the value, which is not larger than the value.
    sigma = finite("read_current_sigma", cell.read_current_sigma, 0.0, 1.0)
    object.__setattr__(cell, "read_current_sigma", sigma)
    for name, gate in GATES.items():
        getattr(cell, name).refuse_closed(f"{gate}, the gate of the {name}", getattr(cell, gate))


def cell_figures(cell: Cell) -> dict[str, Figure]:
    """Return the numbers of a cell by the key that its file has for them.

    A key of the technology is absent when the transistors differ in it.
    """
    read, write, reset = cell.read_transistor, cell.write_transistor, cell.reset_transistor
    shared = {
        key: Figure(getattr(read, name))
        for name, key in TECHNOLOGY_KEYS.items()
        if getattr(read, name) == getattr(write, name) == getattr(reset, name)
    }
    own = {key: Figure(getattr(cell, name)) for name, key in {**KEYS, **COUNTS}.items()}
    current = cell.read_current_per_row_A
    return {
        **shared,
        **own,
        "read.current_per_row": Figure(current, cell.read_current_sigma * current),
        "read_transistor.width": Figure(read.width_m),
        "read_transistor.length": Figure(read.length_m),
        "write_transistor.width": Figure(write.width_m),
        "write_transistor.length": Figure(write.length_m),
        "read.reset_width": Figure(reset.width_m),
    }
