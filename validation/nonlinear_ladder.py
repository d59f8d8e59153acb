"""A bit line as a ladder with cells of their whole characteristic, by a stiff integrator: a second method."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.integrate import solve_ivp
from scipy.interpolate import CubicSpline

from spinpim.circuit import Cell, SenseAmp
from spinpim.circuit.levels import states
from spinpim.circuit.read_path import CellSpread, ReadPath, cells_at

Array = NDArray[np.float64]
NOMINAL = CellSpread(*(np.full(1, one) for one in (1.0, 1.0, 0.0)))


def cells_current(
    path: ReadPath, antiparallel: Array, spread: CellSpread = NOMINAL, highest_V: float = 0.7
) -> CubicSpline:
    """Current of cells in parallel as a function of the voltage at them."""
    volts = np.linspace(0.0, highest_V, 281)
    each = CellSpread(*(one[None, :] for one in spread))
    drawn_A = np.sum(cells_at(path, antiparallel[None, :], volts[1:, None], each).current_A, axis=1)
    return CubicSpline(volts, np.append(0.0, drawn_A))


def ladder_V(
    times: Sequence[float] | Array,
    drawn_A: CubicSpline,
    *,
    wire_F: float,
    near_F: float,
    wire_ohm: float,
    position: float = 1.0,
    segments: int = 60,
    **source: float,
) -> Array:
    """Near end at times after a current switches on, or behind a load after cells of a held line open.

    ``source``: current_A; or held_S and held_V, and load_s of what is read.
    """
    count = segments + 1 if wire_ohm > 0.0 else 1
    node = round(position * (count - 1))
    conductance = np.zeros((count, count))
    for first in range(count - 1):
        link = np.array([[1.0, -1.0], [-1.0, 1.0]]) * segments / wire_ohm
        conductance[first : first + 2, first : first + 2] += link
    capacitance = np.full(count, wire_F / max(count - 1, 1))
    if count > 1:
        capacitance[[0, -1]] *= 0.5
    capacitance[0] += near_F
    held_S, held_V = source.get("held_S", 0.0), source.get("held_V", 0.0)
    conductance[0, 0] += held_S
    into = np.zeros(count)
    into[0] = source.get("current_A", 0.0) + held_S * held_V
    load_rate = 1.0 / source["load_s"] if "load_s" in source else 1.0

    def slope(_: float, state: Array) -> Array:
        line = into - conductance @ state[:-1]
        line[node] -= drawn_A(state[node])
        return np.append(line / capacitance, load_rate * (state[0] - state[-1]))

    def slopes(_: float, state: Array) -> Array:
        found = np.zeros((count + 1, count + 1))
        found[:-1, :-1] = -conductance
        found[node, node] -= drawn_A(state[node], 1)
        found[:-1, :-1] /= capacitance[:, None]
        found[-1, 0], found[-1, -1] = load_rate, -load_rate
        return found

    solved = solve_ivp(
        slope,
        (0.0, max(times)),
        np.full(count + 1, held_V),
        "Radau",
        jac=slopes,
        t_eval=times,
        rtol=1e-8,
        atol=1e-11,
    )
    found: Array = solved.y[-1 if "load_s" in source else 0]
    return found


def column_V(
    cell: Cell,
    amplifier: SenseAmp,
    rows: int,
    ones: int,
    temperature_K: float,
    time_s: float,
    spread: CellSpread | None = None,
    drive: float = 1.0,
    segments: int = 40,
) -> float:
    """What is sensed of a column at one time; relative spread of its cells and of its drive."""
    deviations = CellSpread(np.ones(rows), np.ones(rows), np.zeros(rows)) if spread is None else spread
    drawn_A = cells_current(cell.read_path(temperature_K), states(rows, ones), deviations)
    line = {
        "wire_F": cell.bit_line_cells * cell.capacitance_per_cell_F,
        "near_F": cell.fixed_capacitance_F,
        "wire_ohm": cell.bit_line_resistance_ohm,
        "segments": segments,
    }
    clamp = amplifier.clamp
    if clamp is None:
        line["near_F"] += amplifier.input_capacitance_F
        current_A = rows * cell.read_current_per_row_A * drive
        return float(ladder_V([0.5 * time_s, time_s], drawn_A, **line, current_A=current_A)[-1])
    held_S, held_V = 1.0 / clamp.input_resistance_ohm, clamp.line_V(0.0) + (drive - 1.0) * clamp.voltage_V
    node_F = clamp.output_capacitance_F + amplifier.input_capacitance_F
    behind_V = ladder_V(
        [0.5 * time_s, time_s],
        drawn_A,
        **line,
        held_S=held_S,
        held_V=held_V,
        load_s=clamp.transresistance_ohm * node_F,
    )[-1]
    return float(cell.supply_V - clamp.transresistance_ohm * held_S * (held_V - behind_V))
