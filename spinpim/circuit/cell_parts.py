"""From a checked cell file to the fields of a Cell."""

from __future__ import annotations

from typing import Any

from spinpim.circuit.transistor import Transistor
from spinpim.params.cell_file import CellFile


def cell_fields(file: CellFile) -> dict[str, Any]:
    """Keyword arguments of Cell, the device apart."""
    technology, read, line = file.technology, file.read, file.bit_line

    def transistor(width_m: float, length_m: float) -> Transistor:
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

    return {
        "name": file.name,
        "title": file.title,
        "supply_V": technology.supply.si,
        "read_transistor": transistor(file.read_transistor.width.si, file.read_transistor.length.si),
        "write_transistor": transistor(file.write_transistor.width.si, file.write_transistor.length.si),
        "read_word_line_V": file.read_transistor.word_line_voltage.si,
        "assist_word_line_V": file.read_transistor.assist_word_line_voltage.si,
        "write_word_line_V": file.write_transistor.word_line_voltage.si,
        "write_supply_V": file.write_transistor.supply.si,
        "driver_resistance_ohm": file.write_transistor.driver_resistance.si,
        "read_current_per_row_A": read.current_per_row.si,
        "read_current_sigma": read.current_per_row.relative_sigma,
        "source_headroom_V": read.source_headroom.si,
        "source_noise_factor": read.source_noise_factor.si,
        "settling_residual": read.settling_residual.si,
        "access_time_s": read.access_time.si,
        "bit_line_cells": int(line.cells.si),
        "capacitance_per_cell_F": line.capacitance_per_cell.si,
        "fixed_capacitance_F": line.fixed_capacitance.si,
        "wire_resistance_per_cell_ohm": line.resistance_per_cell.si,
        "reference_column_pairs": int(file.reference.column_pairs.si),
        "reference_shared_by": int(file.reference.shared_by.si),
        "area_m2": file.layout.area.si,
        "records": file.records(),
    }
