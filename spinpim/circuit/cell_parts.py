"""What a cell shares with its parameter file: transistors, possible values, numbers by key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spinpim.checks import finite, whole
from spinpim.circuit.changes import Figure, check_kind
from spinpim.circuit.transistor import Transistor
from spinpim.device import Device
from spinpim.params.cell_file import CellFile

if TYPE_CHECKING:
    from spinpim.circuit.cell import Cell

COUNTS = ("bit_line_cells", "reference_column_pairs", "reference_shared_by")
ABOVE_ZERO = (
    "supply_V",
    "read_word_line_V",
    "assist_word_line_V",
    "write_word_line_V",
    "write_supply_V",
    "read_current_per_row_A",
    "source_headroom_V",
    "fixed_capacitance_F",
    "row_pitch_m",
    "column_pitch_m",
    "feature_size_m",
)
FROM_ZERO = (
    "driver_resistance_ohm",
    "read_current_sigma",
    "source_noise_factor",
    "access_time_s",
    "capacitance_per_cell_F",
    "write_capacitance_per_cell_F",
    "wire_resistance_per_cell_ohm",
    "gate_spacing_m",
    "active_spacing_m",
)
TECHNOLOGY_KEYS = {
    "threshold_voltage_V": "technology.threshold_voltage",
    "slope_factor": "technology.slope_factor",
    "transconductance_A_per_V2": "technology.transconductance",
    "critical_voltage_V": "technology.critical_voltage",
    "series_resistance_ohm_m": "technology.series_resistance",
    "mobility_exponent": "technology.mobility_exponent",
    "series_exponent": "technology.series_exponent",
    "matching_V_m": "technology.matching",
    "gate_capacitance_F_per_m": "technology.gate_capacitance",
}
"""Attributes that all transistors of a cell and its line take from one key."""


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
    """Refuse a cell that cannot be.

    Raises
    ------
    InputError
        For the first attribute that is impossible.
    """
    check_kind("Cell", "device", cell.device, Device, "Device.load")
    for name in ("read_transistor", "write_transistor", "reset_transistor"):
        check_kind("Cell", name, getattr(cell, name), Transistor, "cell.read_transistor.replace")
    for name in COUNTS:
        whole(name, getattr(cell, name), 1)
    for name in ABOVE_ZERO:
        finite(name, getattr(cell, name), above=0.0)
    for name in FROM_ZERO:
        finite(name, getattr(cell, name), 0.0)
    # A residual of 0 is never reached; above one half the levels are not told apart in any useful time.
    for name in ("settling_residual", "reset_residual"):
        finite(name, getattr(cell, name), 1e-15, 0.5)


def cell_figures(cell: Cell) -> dict[str, Figure]:
    """Return the numbers of a cell by the key that its file has for them.

    A key of the technology is absent when the transistors differ in it.
    """
    read, write, reset = cell.read_transistor, cell.write_transistor, cell.reset_transistor
    technology = {
        key: Figure(getattr(read, name))
        for name, key in TECHNOLOGY_KEYS.items()
        if getattr(read, name) == getattr(write, name) == getattr(reset, name)
    }
    current = cell.read_current_per_row_A
    return {
        **technology,
        "technology.supply": Figure(cell.supply_V),
        "technology.feature_size": Figure(cell.feature_size_m),
        "technology.gate_spacing": Figure(cell.gate_spacing_m),
        "technology.active_spacing": Figure(cell.active_spacing_m),
        "read_transistor.width": Figure(read.width_m),
        "read_transistor.length": Figure(read.length_m),
        "read_transistor.word_line_voltage": Figure(cell.read_word_line_V),
        "read_transistor.assist_word_line_voltage": Figure(cell.assist_word_line_V),
        "write_transistor.width": Figure(write.width_m),
        "write_transistor.length": Figure(write.length_m),
        "write_transistor.word_line_voltage": Figure(cell.write_word_line_V),
        "write_transistor.supply": Figure(cell.write_supply_V),
        "write_transistor.driver_resistance": Figure(cell.driver_resistance_ohm),
        "read.current_per_row": Figure(current, cell.read_current_sigma * current),
        "read.source_headroom": Figure(cell.source_headroom_V),
        "read.source_noise_factor": Figure(cell.source_noise_factor),
        "read.settling_residual": Figure(cell.settling_residual),
        "read.reset_width": Figure(reset.width_m),
        "read.reset_residual": Figure(cell.reset_residual),
        "read.access_time": Figure(cell.access_time_s),
        "bit_line.cells": Figure(cell.bit_line_cells),
        "bit_line.capacitance_per_cell": Figure(cell.capacitance_per_cell_F),
        "bit_line.write_capacitance_per_cell": Figure(cell.write_capacitance_per_cell_F),
        "bit_line.fixed_capacitance": Figure(cell.fixed_capacitance_F),
        "bit_line.resistance_per_cell": Figure(cell.wire_resistance_per_cell_ohm),
        "reference.column_pairs": Figure(cell.reference_column_pairs),
        "reference.shared_by": Figure(cell.reference_shared_by),
        "layout.row_pitch": Figure(cell.row_pitch_m),
        "layout.column_pitch": Figure(cell.column_pitch_m),
    }
