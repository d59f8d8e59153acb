"""The levels of a column: value, spread, noise and settling for each number of antiparallel cells."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spinpim.circuit.amplifier_parts import CurrentClamp
from spinpim.circuit.bitline import Bend, Settling, clamp_settling, line_settling
from spinpim.circuit.cell import Cell
from spinpim.circuit.noise import (
    junction_noise_A2_per_Hz,
    line_noise_sigma_V,
    series_noise_A2_per_Hz,
    thermal_noise_A2_per_Hz,
)
from spinpim.circuit.read_path import CellPoint, line_bend, line_voltage
from spinpim.circuit.sense_amp import SenseAmp
from spinpim.device import Device
from spinpim.errors import InputError

FloatArray = NDArray[np.float64]
CAUSES = ("resistance", "tunnel_magnetoresistance", "access_threshold")


@dataclass(frozen=True, slots=True)
class Level:
    """One level of a column, settled.

    Attributes
    ----------
    antiparallel : int
        How many of the cells are antiparallel (data 1).
    settling : Settling
        How it is reached.
    cell_sigma_V : dict of str to float
        Spread by cause, independent from cell to cell [V].
    drive_sigma_V : float
        Spread from column to column of what drives the cells: read-current source, or clamp and load [V].
    noise_sigma_V : float
        Noise of the sensed node at one access [V].
    junction_V, junction_current_A : tuple of float
        Voltage [V] across and current [A] through each junction.
    cells_V, line_V, line_current_A : float
        Voltage at the cells and at the near end of the bit line [V]; current drawn from the supply [A].
    """

    antiparallel: int
    settling: Settling
    cell_sigma_V: dict[str, float]
    drive_sigma_V: float
    noise_sigma_V: float
    junction_V: tuple[float, ...]
    junction_current_A: tuple[float, ...]
    cells_V: float
    line_V: float
    line_current_A: float


def levels(cell: Cell, amplifier: SenseAmp, rows: int, temperature_K: float) -> tuple[Level, ...]:
    r"""Levels of a column for 0, 1, ... ``rows`` antiparallel cells, rising.

    Voltage mode: a constant current I = rows x read_current_per_row into the cells in parallel. For linear
    resistances without access resistance

    .. math:: V(n, k) = \frac{I R_P}{(n - k) + k/(1 + t)}

    Current mode: the clamp holds the line, its current drops over the load, and the sensed node is at
    V_dd - R_t I, so that a higher resistance reads higher there too.

    Parameters
    ----------
    cell, amplifier : Cell, SenseAmp
        The column.
    rows : int
        Cells in parallel.
    temperature_K : float
        Temperature [K].

    Returns
    -------
    tuple of Level
        ``rows + 1`` levels; magnetoresistance and transistor taken at the bias of each pattern.

    Raises
    ------
    InputError
        If the current cannot be carried below the supply.
    """
    make = _voltage_level if amplifier.clamp is None else _current_level
    return tuple(make(cell, amplifier, rows, ones, temperature_K) for ones in range(rows + 1))


def relative_sigmas(device: Device) -> tuple[float, float]:
    """Relative spread of a cell's resistance (RA and area together) and of its magnetoresistance [1].

    The two diameters count as independent; a device that was not loaded from a file has no spread.
    """
    given = {record.key: record for record in device.records}

    def sigma(key: str) -> float:
        return device.relative_sigma(key) if key in given else 0.0

    if "junction.electrical_diameter" in given:
        area = 2.0 * sigma("junction.electrical_diameter")
    else:
        area = math.hypot(sigma("free_layer.diameter_x"), sigma("free_layer.diameter_y"))
    resistance = math.hypot(sigma("junction.resistance_area_product"), area)
    return resistance, sigma("junction.tunnel_magnetoresistance")


def _voltage_settling(
    cell: Cell, amplifier: SenseAmp, current_A: float, cells_V: float, bend: Bend
) -> Settling:
    """Settling of a line that a current charges, to its settled voltage at the cells."""
    return line_settling(
        current_A,
        cells_V / current_A,
        wire_F=cell.bit_line_cells * cell.capacitance_per_cell_F,
        near_F=cell.fixed_capacitance_F + amplifier.input_capacitance_F,
        wire_ohm=cell.bit_line_resistance_ohm,
        bend=bend,
    )


def _current_settling(
    cell: Cell, amplifier: SenseAmp, cells_V: float, current_A: float, bend: Bend
) -> Settling:
    """Settling of the node behind a clamp, to the settled current of the cells at their voltage."""
    clamp = amplifier.clamp
    assert clamp is not None
    node_F = clamp.output_capacitance_F + amplifier.input_capacitance_F
    return clamp_settling(
        cell.supply_V,
        -clamp.transresistance_ohm * current_A,
        cells_V / current_A,
        clamp.input_resistance_ohm,
        wire_F=cell.bit_line_cells * cell.capacitance_per_cell_F,
        near_F=cell.fixed_capacitance_F,
        wire_ohm=cell.bit_line_resistance_ohm,
        load_time_constant_s=clamp.transresistance_ohm * node_F,
        bend=bend,
    )


def clamped_source(cell: Cell, clamp: CurrentClamp) -> tuple[float, float]:
    """A clamp and the wire to the far row: a current into the cells [A], a conductance beside them [S]."""
    held_S = 1.0 / (clamp.input_resistance_ohm + cell.bit_line_resistance_ohm)
    return clamp.line_V(0.0) * held_S, held_S


def at_reference(
    cell: Cell, amplifier: SenseAmp, rows: int, threshold: int, temperature_K: float
) -> SenseAmp:
    """Amplifier as it is biased between the levels of ``threshold - 1`` and ``threshold`` ones.

    A clamp's transresistance follows the current of its reference; other amplifiers stay as they are.

    Raises
    ------
    InputError
        If the clamp does not work at this current.
    """
    clamp = amplifier.clamp
    if clamp is None:
        return amplifier
    source_A, held_S = clamped_source(cell, clamp)
    neighbours = np.stack([states(rows, ones) for ones in (threshold - 1, threshold)])
    cells_V, _ = line_voltage(cell.read_path(temperature_K), neighbours, np.full(2, source_A), shunt_S=held_S)
    between_A = source_A - held_S * float(np.mean(cells_V))
    load = clamp.transresistance_at_ohm(between_A)
    return dataclasses.replace(amplifier, clamp=dataclasses.replace(clamp, transresistance_ohm=load))


def _voltage_level(cell: Cell, amplifier: SenseAmp, rows: int, ones: int, temperature_K: float) -> Level:
    current = rows * cell.read_current_per_row_A
    solved, point = line_voltage(cell.read_path(temperature_K), states(rows, ones), current)
    cells_V = float(solved)
    # The far row: its current drops along the whole wire, in the reference columns as in the sensed one.
    line_V = cells_V + current * cell.bit_line_resistance_ohm
    ceiling = cell.supply_V - cell.source_headroom_V
    if not line_V <= ceiling:
        reached = "more than the transistors can carry" if math.isnan(line_V) else f"{line_V:.3g} V"
        raise InputError(
            f"Cell {cell.name}: with {ones} of {rows} cells antiparallel the read current of "
            f"{1e6 * current:.4g} uA asks for {reached} on the bit line, which may rise to {ceiling:.3g} V. "
            f"Lower read_current_per_row, widen the read transistor or raise its word line."
        )
    capacitance = cell.bit_line_capacitance_F + amplifier.input_capacitance_F
    conductance = float(np.sum(point.conductance_S))
    bend = line_bend(cell.read_path(temperature_K), states(rows, ones), 0.0, cells_V)
    source = thermal_noise_A2_per_Hz(
        2.0 * current / cell.source_headroom_V, temperature_K, cell.source_noise_factor
    )
    noise = float(np.sum(_cell_noise(point, temperature_K)) + source)
    return Level(
        antiparallel=ones,
        settling=_voltage_settling(cell, amplifier, current, cells_V, bend),
        cell_sigma_V=_cell_spread(cell, point, 1.0 / conductance),
        drive_sigma_V=cell.read_current_sigma * current * (1.0 / conductance + cell.bit_line_resistance_ohm),
        noise_sigma_V=line_noise_sigma_V(noise, conductance, capacitance),
        junction_V=tuple(point.junction_V.tolist()),
        junction_current_A=tuple(point.current_A.tolist()),
        cells_V=cells_V,
        line_V=line_V,
        line_current_A=current,
    )


def _current_level(cell: Cell, amplifier: SenseAmp, rows: int, ones: int, temperature_K: float) -> Level:
    clamp = amplifier.clamp
    assert clamp is not None
    source_A, held_S = clamped_source(cell, clamp)
    solved, point = line_voltage(cell.read_path(temperature_K), states(rows, ones), source_A, shunt_S=held_S)
    cells_V = float(solved)
    current, conductance = float(np.sum(point.current_A)), float(np.sum(point.conductance_S))
    drop = clamp.transresistance_ohm * current
    if not drop < cell.supply_V - cells_V:
        raise InputError(
            f"Amplifier {amplifier.name}: with {ones} of {rows} cells antiparallel {1e6 * current:.4g} uA "
            f"drop {drop:.3g} V over the load, more than the {cell.supply_V - cells_V:.3g} V between "
            f"supply and clamp. Lower clamp.transresistance or clamp.voltage."
        )
    # The cells degenerate the clamp: the line gives way, which leaves 1/(1 + G r) of a change of current.
    left = 1.0 / (1.0 + conductance / held_S)
    bend = line_bend(cell.read_path(temperature_K), states(rows, ones), clamp.line_V(0.0), cells_V)
    settling = _current_settling(cell, amplifier, cells_V, current, bend)
    noise_V2 = _clamped_noise_V2(clamp, settling, conductance / held_S, held_S, point, temperature_K)
    mismatch = math.hypot(conductance * left * clamp.voltage_sigma_V, current * clamp.transresistance_sigma)
    return Level(
        antiparallel=ones,
        settling=settling,
        cell_sigma_V=_cell_spread(cell, point, clamp.transresistance_ohm * left),
        drive_sigma_V=clamp.transresistance_ohm * mismatch,
        noise_sigma_V=math.sqrt(noise_V2),
        junction_V=tuple(point.junction_V.tolist()),
        junction_current_A=tuple(point.current_A.tolist()),
        cells_V=cells_V,
        line_V=cells_V + current * cell.bit_line_resistance_ohm,
        line_current_A=current,
    )


def _clamped_noise_V2(
    clamp: CurrentClamp,
    settling: Settling,
    degeneration: float,
    held_S: float,
    point: CellPoint,
    temperature_K: float,
) -> float:
    r"""Noise of a sensed node [V^2]: of cells and clamp through line and load, of the mirror by the load.

    .. math:: R^2\left[\frac{S_{cells}\,l^2 + S_{clamp}(a^2 + \tau/\tau_L)}{4(\tau + \tau_L)}
              + \frac{S_{mirror}}{4\tau_L}\right], \qquad l = \frac{1}{1 + G r},\ a = G r\,l

    The line, of the time constant tau, grounds the source of the clamp at high frequencies, which then passes
    its whole noise on.
    """
    left = 1.0 / (1.0 + degeneration)
    passed = degeneration * left
    load_s = settling.load_time_constant_s
    line_s = settling.mean_delay_s - load_s
    cells = float(np.sum(_cell_noise(point, temperature_K))) * left**2
    clamped = float(thermal_noise_A2_per_Hz(held_S, temperature_K)) * (passed**2 + line_s / load_s)
    mirror = float(thermal_noise_A2_per_Hz(clamp.noise_conductance_S, temperature_K))
    density = (cells + clamped) / (4.0 * (line_s + load_s)) + mirror / (4.0 * load_s)
    return clamp.transresistance_ohm**2 * density


def states(rows: int, ones: int) -> FloatArray:
    """State of every cell of a level: the antiparallel ones (1) first."""
    return np.array([1.0] * ones + [0.0] * (rows - ones))


def _cell_spread(cell: Cell, point: CellPoint, volts_per_ampere: float) -> dict[str, float]:
    """Linear propagation: the spread of each cause, summed in squares over the cells [V]."""
    resistance, magnetoresistance = relative_sigmas(cell.device)
    threshold = cell.read_transistor.threshold_sigma_V
    slopes = (point.per_resistance_A, point.per_magnetoresistance_A, point.per_threshold_S)
    return {
        cause: volts_per_ampere * sigma * float(np.linalg.norm(slope))
        for cause, sigma, slope in zip(
            CAUSES, (resistance, magnetoresistance, threshold), slopes, strict=True
        )
    }


def _cell_noise(point: CellPoint, temperature_K: float) -> FloatArray:
    junction = junction_noise_A2_per_Hz(point.current_A, point.junction_V, point.junction_S, temperature_K)
    return series_noise_A2_per_Hz(junction, point.junction_S, point.conductance_S, temperature_K)
