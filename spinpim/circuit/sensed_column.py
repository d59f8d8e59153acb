"""What the kernels of the error rates need of a column: its cells' spread and what is sensed of them."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from spinpim.checks import column_temperature_K, instance
from spinpim.circuit.amplifier_supply import refuse_supply, refuse_temperature
from spinpim.circuit.cell import Cell
from spinpim.circuit.level_kernel import VARIABLES, Column, sensed_level, variables
from spinpim.circuit.levels import CAUSES, Level, clamped_source, relative_sigmas
from spinpim.circuit.sense_amp import SenseAmp
from spinpim.circuit.strobe_kernel import SensedLine, column_strobe
from spinpim.errors import InputError

FloatArray = NDArray[np.float64]
DEGREE = 11
"""Of the polynomial in the settled level: within 0.2 uV in the range below."""
BELOW, ABOVE = 0.6, 1.4
"""Range of the polynomial over the lowest and the highest level; cells out of it are beyond any spread."""


def sensed_column(
    cell: Cell,
    amplifier: SenseAmp,
    levels: Sequence[Level],
    strobe_s: float,
    temperature_K: float,
) -> Column:
    """Cells and line of a column as they are at the strobe.

    Parameters
    ----------
    cell, amplifier : Cell, SenseAmp
        The column.
    levels : sequence of Level
        Its levels, rising.
    strobe_s : float
        Strobe after the opening of the word line [s].
    temperature_K : float
        Temperature [K].

    Returns
    -------
    Column
        Relative spreads are log-normal: the resistance of a barrier is the exponential of its thickness, and
        no cell has a negative one.
    """
    path = cell.read_path(temperature_K)
    line = sensed_line(cell, amplifier, len(levels[0].junction_V))
    if amplifier.clamp is None:
        lowest, highest = BELOW * levels[0].cells_V, ABOVE * levels[-1].cells_V
    else:
        lowest, highest = (
            (line.source_A - part * level.line_current_A) / line.shunt_S
            for part, level in ((ABOVE, levels[0]), (BELOW, levels[-1]))
        )
    resistance, magnetoresistance = relative_sigmas(cell.device)
    sigmas = np.array([resistance, magnetoresistance, cell.read_transistor.threshold_sigma_V])
    strobe = np.empty((len(levels) + 1, DEGREE + 3))
    bends_V = np.empty(len(levels))
    column_strobe(line, path, sigmas, lowest, highest, strobe_s, NODES, TRANSFORM, strobe, bends_V)
    return Column(
        path=path,
        current_A=line.source_A,
        shunt_S=line.shunt_S,
        sigmas=sigmas,
        strobe=strobe,
        drive_bend_V=bends_V,
        **_drives(cell, amplifier, line.source_A),
    )


def sensed_line(cell: Cell, amplifier: SenseAmp, rows: int) -> SensedLine:
    """Line of a column as the kernels want it."""
    clamp = amplifier.clamp
    wire_F, wire_ohm = cell.bit_line_cells * cell.capacitance_per_cell_F, cell.bit_line_resistance_ohm
    if clamp is None:
        current = rows * cell.read_current_per_row_A
        return SensedLine(
            at_cell=False,
            near_S=0.0,
            near_F=cell.fixed_capacitance_F + amplifier.input_capacitance_F,
            wire_ohm=wire_ohm,
            wire_F=wire_F,
            load_rate=math.inf,
            start_V=0.0,
            source_A=current,
            shunt_S=0.0,
            sensed_V=0.0,
            swing_V=current * wire_ohm,
            gain=1.0,
        )
    source_A, held_S = clamped_source(cell, clamp)
    load = clamp.transresistance_ohm
    return SensedLine(
        at_cell=True,
        near_S=1.0 / clamp.input_resistance_ohm,
        near_F=cell.fixed_capacitance_F,
        wire_ohm=wire_ohm,
        wire_F=wire_F,
        load_rate=1.0 / (load * (clamp.output_capacitance_F + amplifier.input_capacitance_F)),
        start_V=clamp.line_V(0.0),
        source_A=source_A,
        shunt_S=held_S,
        sensed_V=cell.supply_V,
        swing_V=-load * source_A,
        gain=load * held_S,
    )


def driven(column: Column, drives: ArrayLike = 0.0) -> Column:
    """The same column with given drives, in standard deviations: its read current, or clamp and load.

    They are constants of what comes out and no longer spread.
    """
    drive, load = np.broadcast_to(np.asarray(drives, dtype=np.float64), 2)
    scale, raised = 1.0 + column.scale_sigma * drive, column.raised_sigma_V * drive
    load = 1.0 + column.load_sigma * load
    strobe = column.strobe * (load * scale)
    strobe[:, 0], strobe[:, 1] = raised + scale * column.strobe[:, 0], scale * column.strobe[:, 1]
    strobe[:, 2] += column.supply_V * (1.0 - load)
    # The drive bends the cells of a level; an ohmic line has none.
    strobe[:-1, 2] += load * column.scale_sigma * column.drive_bend_V * drive
    return column._replace(
        current_A=column.current_A + column.current_sigma_A * drive,
        strobe=strobe,
        current_sigma_A=0.0,
        scale_sigma=0.0,
        raised_sigma_V=0.0,
        load_sigma=0.0,
    )


def _drives(cell: Cell, amplifier: SenseAmp, current_A: float) -> dict[str, float]:
    """What a standard deviation of the drive and of the load changes in a column."""
    clamp = amplifier.clamp
    if clamp is None:
        sigma = cell.read_current_sigma
        # With the current the wire's drop and the strobe scale alike, but for the bend.
        return {
            "current_sigma_A": sigma * current_A,
            "scale_sigma": sigma,
            "raised_sigma_V": 0.0,
            "load_sigma": 0.0,
            "supply_V": 0.0,
        }
    return {
        "current_sigma_A": clamp.voltage_sigma_V * clamped_source(cell, clamp)[1],
        "scale_sigma": 0.0,
        "raised_sigma_V": clamp.voltage_sigma_V,
        "load_sigma": clamp.transresistance_sigma,
        "supply_V": cell.supply_V,
    }


def level_slopes_V(column: Column, cells: FloatArray) -> FloatArray:
    """Slopes of a nominal level in all its variables [V]."""
    slopes = np.empty(variables(column, cells.size))
    sensed_level(column, cells, np.zeros(slopes.size), slopes)
    return slopes


def level_spread_V(column: Column, cells: FloatArray) -> dict[str, float]:
    """Spread of a nominal level at the strobe by cause, the drive of the column among them [V]."""
    slopes = level_slopes_V(column, cells)
    by_cell, drives = np.split(slopes, [VARIABLES * cells.size])
    spread = np.linalg.norm(by_cell.reshape(-1, VARIABLES), axis=0).tolist()
    return {**dict(zip(CAUSES, spread, strict=True)), "drive": math.hypot(*drives.tolist())}


def _interpolation() -> tuple[FloatArray, FloatArray]:
    """Nodes of a polynomial on (-1, 1), and what makes its coefficients, constant first, of values there."""
    nodes = np.polynomial.chebyshev.chebpts1(DEGREE + 1)
    series = np.linalg.inv(np.polynomial.chebyshev.chebvander(nodes, DEGREE))
    powers = np.zeros((DEGREE + 1, DEGREE + 1))
    for order in range(DEGREE + 1):
        one = np.polynomial.chebyshev.cheb2poly(np.eye(DEGREE + 1)[order, : order + 1])
        powers[: one.size, order] = one
    return nodes, powers @ series


NODES, TRANSFORM = _interpolation()


def check_column(cell: Cell, amplifier: SenseAmp) -> None:
    """Refuse what is no column: other kinds, and an amplifier whose laws do not hold at the cell's supply.

    Raises
    ------
    InputError
        If it is none.
    """
    instance("cell", cell, Cell, "Cell.load(...)")
    instance("amplifier", amplifier, SenseAmp, "SenseAmp.load(...)")
    refuse_supply(amplifier, cell)


def checked_temperature_K(cell: Cell, amplifier: SenseAmp, temperature_K: float | None) -> float:
    """Temperature of a column, its own by default; refuses what is no column [K]."""
    check_column(cell, amplifier)
    temperature = column_temperature_K(cell.device.temperature_K if temperature_K is None else temperature_K)
    if float(cell.device.tmr(0.0, temperature)) <= 0.0:
        raise InputError(
            f"Device {cell.device.name} has no magnetoresistance at {temperature:g} K: there is nothing to "
            "sense. Raise tunnel_magnetoresistance, or check its temperature coefficient."
        )
    refuse_temperature(amplifier, temperature)
    return temperature
