"""What a cell and its amplifier put on the lines and into the strips of a sub-array."""

from __future__ import annotations

import math

from spinpim.array.periphery.process import Process
from spinpim.array.periphery.sub_array import CellLoad
from spinpim.circuit.cell import Cell
from spinpim.circuit.sense_amp import SenseAmp


def cell_load(cell: Cell, cmos: Process, temperature_K: float) -> CellLoad:
    """Gates on the word lines, drains and wire on the bit line, current of the write drivers.

    Parameters
    ----------
    cell : Cell
        The cell.
    cmos : Process
        Wires of the sub-array.
    temperature_K : float
        Temperature of the access transistor [K].
    """
    wire_F = cmos.local.capacitance_F_per_m * cell.row_pitch_m
    access = cell.read_transistor.on_resistance_ohm(cell.read_word_line_V, 0.0, temperature_K)
    return CellLoad(
        row_pitch_m=cell.row_pitch_m,
        column_pitch_m=cell.column_pitch_m,
        read_gate_F=cell.read_transistor.gate_capacitance_F,
        write_gate_F=cell.write_transistor.gate_capacitance_F,
        drain_F=max(0.0, cell.capacitance_per_cell_F - wire_F),
        low_ohm=cell.device.resistance_p_ohm + access + cell.series_resistance_ohm,
        read_word_line_V=cell.read_word_line_V,
        write_word_line_V=cell.write_word_line_V,
        write_current_A=cell.device.write.sot_current_A,
        assist_word_line_V=_assist_V(cell),
    )


def digit_write_J(cell: Cell) -> float:
    """Energy of writing a digit, mean of both directions, without the gates that the word lines charge [J].

    Raises
    ------
    InputError
        If the write path of the cell cannot carry the write current of the device.
    """
    gates_J = cell.write_transistor.gate_capacitance_F * cell.write_word_line_V**2
    gates_J += cell.read_transistor.gate_capacitance_F * _assist_V(cell) ** 2
    return cell.write_energy_supply_J() - gates_J


def write_time_s(cell: Cell) -> float:
    """Time of the pulse of a write, without the wait before reading [s]."""
    return cell.device.write_pulse("AP").duration_s - cell.device.write.settle_time_s


def closed_width_m(amplifier: SenseAmp) -> float:
    """Width through which an amplifier leaks between decisions: its tail [m]."""
    tails = (one.width_m for one in amplifier.devices if one.name == "tail")
    return amplifier.area_scale * math.fsum(tails)


def _assist_V(cell: Cell) -> float:
    """Swing of the read word line in a write [V]; 0 without an assist."""
    return cell.assist_word_line_V if cell.device.write.mtj_voltage_V else 0.0
