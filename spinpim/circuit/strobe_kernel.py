"""Kernels of what is sensed of a level at the strobe: how far its cells are from ohmic, and a polynomial.

The cells of a column spread, and the bend of their line with them. It is followed along the most likely
deviations that lead to a settled level: each variable in the proportion in which it moves the level.
No checks, nothing raised.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numba
import numpy as np

from spinpim.circuit.bent_modes import bent, static_response
from spinpim.circuit.cell_kernel import (
    CONDUCTANCE_S,
    CURRENT_A,
    JUNCTION_V,
    POINT_COLUMNS,
    cell_point,
    same_cell,
)
from spinpim.circuit.level_kernel import VARIABLES, deviation, line_level
from spinpim.circuit.line_modes import line_modes, unsettled

POINTS = 4
"""Of a bend, at even steps from the start to the settled level."""
LAW = 1 + 4 * POINTS
"""Numbers of a law: settled level [V]; of ln(1 + k) at each point of the bend its value, slope and curvature
along `_place` of deviations of the cells [1]; and what the drive alone changes it per volt [1/V]."""
STEP = 0.12
"""Part of the way to the settled level by which cells stray to see how the bend changes [1]."""
SATURATED = 0.5
"""Part of its conductance to which a polynomial follows a level whose transistors saturate [1]."""
DRIVE_STEP = 0.005
"""Relative change of the drive over which its effect is differenced [1]."""


class SensedLine(NamedTuple):
    """A line with its cells at the far end, and what is sensed of it.

    at_cell, near_S, near_F, wire_ohm, wire_F : see `line_modes`; load_rate : of an RC load behind [1/s], inf
    without; start_V : voltage at the cells when they begin to draw; source_A, shunt_S : the current of the
    cells at their settled voltage V is source - shunt V; sensed_V : what is sensed at the start; swing_V,
    gain : its settled swing is swing + gain V.
    """

    at_cell: bool
    near_S: float
    near_F: float
    wire_ohm: float
    wire_F: float
    load_rate: float
    start_V: float
    source_A: float
    shunt_S: float
    sensed_V: float
    swing_V: float
    gain: float


@numba.njit(cache=True, error_model="numpy")
def column_strobe(line, path, sigmas, lowest, highest, strobe, nodes, transform, found, bends_V):
    """Write what is sensed at a strobe of every level of a column and of an ohmic line; see `Column`.

    ``found`` (levels + 1, n), ``bends_V`` (levels,); the range of the polynomials is lowest to highest.
    """
    rows = bends_V.size - 1
    laws, states = np.zeros((rows + 2, LAW)), np.zeros(rows)
    nominal, slopes = np.zeros(VARIABLES * rows), np.empty(VARIABLES * rows)
    for ones in range(rows + 1):
        states[:ones] = 1.0
        settled, resistance = line_level(path, states, line.source_A, line.shunt_S, sigmas, nominal, slopes)
        bend_law(path, states, sigmas, slopes, line.start_V, settled, laws[ones])
        bends_V[ones] = drive_bend_V(line, laws[ones], strobe, resistance)
    laws[rows + 1, 0] = 1.0
    if not line.at_cell:
        highest = reached_V(laws[rows], highest)
    strobe_polynomials(line, laws, lowest, highest, strobe, nodes, transform, found)


@numba.njit(cache=True, error_model="numpy")
def bend_law(path, states, sigmas, slopes, start_V, settled_V, law):
    """Write the bend of a level and how it follows the settled voltage, for `bend_at`.

    ``slopes`` are those of the settled level in the cells' variables [V].
    """
    cells = states.size
    spread, points = np.ones((cells, VARIABLES)), np.zeros((cells, POINT_COLUMNS))
    spread[:, 2] = 0.0
    law[0] = settled_V
    here, down, up = np.empty(POINTS), np.empty(POINTS), np.empty(POINTS)
    _log_bend(path, states, spread, start_V, settled_V, points, here)
    _drive_slopes(path, states, spread, start_V, settled_V, points, here, law[1 + 3 * POINTS :])
    law[1 : 1 + POINTS] = here
    law[1 + POINTS : 1 + 3 * POINTS] = 0.0
    steepness = np.sum(slopes[: VARIABLES * cells] ** 2)
    if steepness == 0.0:
        return
    places = np.empty(2)
    for side in range(2):
        moved = (2.0 * side - 1.0) * STEP * abs(settled_V - start_V)
        for cell in range(cells):
            own = slopes[VARIABLES * cell : VARIABLES * cell + VARIABLES]
            deviation(sigmas, own * (moved / steepness), spread[cell])
        places[side] = _place(settled_V + moved, settled_V)
        _log_bend(path, states, spread, start_V, settled_V + moved, points, up if side else down)
    for point in range(POINTS):
        below = (down[point] - here[point]) / places[0]
        above = (up[point] - here[point]) / places[1]
        curvature = (above - below) / (places[1] - places[0])
        law[1 + POINTS + point] = below - curvature * places[0]
        law[1 + 2 * POINTS + point] = curvature


@numba.njit(cache=True, error_model="numpy")
def bend_at(law, settled_V):
    """Bend of a level whose cells have strayed to another settled voltage."""
    place = _place(settled_V, law[0])
    return (
        math.expm1(law[1] + place * (law[5] + place * law[9])),
        math.expm1(law[2] + place * (law[6] + place * law[10])),
        math.expm1(law[3] + place * (law[7] + place * law[11])),
        math.expm1(law[4] + place * (law[8] + place * law[12])),
    )


@numba.njit(cache=True, error_model="numpy")
def reached_V(law, highest_V):
    """Highest settled level to be followed: as given, or where the transistors saturate."""
    reached = highest_V
    least = SATURATED * math.exp(law[POINTS])
    while reached > law[0] and 1.0 + bend_at(law, reached)[3] < least:
        reached -= 0.02 * law[0]
    return reached


@numba.njit(cache=True, error_model="numpy")
def drive_bend_V(line, law, strobe, resistance_ohm):
    """What a drive changes at the strobe by bending the cells, per relative change of a current [V].

    A line that a larger current charges against the same chord scales with it; the bend follows the voltage.
    """
    moved = DRIVE_STEP * line.source_A * resistance_ohm
    here = bend_at(law, law[0])
    there = (
        here[0] + moved * (1.0 + here[0]) * law[13],
        here[1] + moved * (1.0 + here[1]) * law[14],
        here[2] + moved * (1.0 + here[2]) * law[15],
        here[3] + moved * (1.0 + here[3]) * law[16],
    )
    modes, part, static = _ohmic(line, law[0])
    more = _strobed_V(line, modes, part, static, there, law[0], strobe)
    return (more - _strobed_V(line, modes, part, static, here, law[0], strobe)) / DRIVE_STEP


@numba.njit(cache=True, error_model="numpy")
def strobe_polynomials(line, laws, low, high, strobe, nodes, transform, found):
    """Write what is sensed of a settled level, one row for each law; see `strobed`.

    Each row of ``found``: centre and half width of the range, then the coefficients, constant first.
    """
    values = np.empty((found.shape[0], nodes.size))
    centre, half = 0.5 * (low + high), 0.5 * (high - low)
    for node in range(nodes.size):
        settled = centre + half * nodes[node]
        modes, part, static = _ohmic(line, settled)
        for row in range(found.shape[0]):
            bend = bend_at(laws[row], settled)
            values[row, node] = _strobed_V(line, modes, part, static, bend, settled, strobe)
    found[:, 0] = centre
    found[:, 1] = half
    found[:, 2:] = values @ transform.T


@numba.njit(cache=True, error_model="numpy")
def level_modes(line, law):
    """Modes of a nominal level."""
    modes, part, static = _ohmic(line, law[0])
    return bent(line.at_cell, modes, part, static, bend_at(law, law[0]))


@numba.njit(cache=True, error_model="numpy")
def _ohmic(line, settled_V):
    """Modes of the chord of a settled level, the cells' part in them, and their static response."""
    cell_S = line.source_A / settled_V - line.shunt_S
    modes, part = line_modes(line.at_cell, line.near_S, line.near_F, line.wire_ohm, line.wire_F, cell_S, 1.0)
    return modes, part, static_response(line.at_cell, line.near_S, line.wire_ohm, cell_S)


@numba.njit(cache=True, error_model="numpy")
def _strobed_V(line, modes, part, static, bend, settled_V, strobe):
    followed = 1.0 - unsettled(bent(line.at_cell, modes, part, static, bend), line.load_rate, strobe)
    return line.sensed_V + (line.swing_V + line.gain * settled_V) * followed


@numba.njit(cache=True, error_model="numpy")
def _place(settled_V, law_V):
    """How far a settled level has strayed [1].

    The bend of a junction is even in its voltage, so it counts in the square; bounded far from the level,
    where nothing is known of it.
    """
    ratio = settled_V / law_V
    square = 0.5 * (ratio * ratio - 1.0)
    return square / math.sqrt(1.0 + square * square)


@numba.njit(cache=True, error_model="numpy")
def _log_bend(path, states, spread, start_V, settled_V, points, found):
    """Write ln(1 + k) of cells that settle at a voltage; ``points`` is scratch."""
    current = _drawn_A(path, states, spread, settled_V, points)
    found[POINTS - 1] = math.log(_conductance_S(points) * settled_V / current)
    before, way = settled_V, settled_V - start_V
    for point in range(POINTS - 1):
        left = 1.0 - point / (POINTS - 1.0)
        voltage = settled_V - left * way
        drawn = 0.0
        if voltage > 0.0:
            # A junction voltage in proportion is a good first guess.
            points[:, JUNCTION_V] *= voltage / before
            before = voltage
            drawn = _drawn_A(path, states, spread, voltage, points)
        found[point] = math.log((current - drawn) * settled_V / (current * left * way))


@numba.njit(cache=True, error_model="numpy")
def _drive_slopes(path, states, spread, start_V, settled_V, points, here, found):
    """Write what a volt more at the same cells adds to ln(1 + k), by a difference [1/V]."""
    moved = DRIVE_STEP * settled_V
    _log_bend(path, states, spread, start_V, settled_V + moved, points, found)
    for point in range(found.size):
        found[point] = (found[point] - here[point]) / moved


@numba.njit(cache=True, error_model="numpy")
def _drawn_A(path, states, spread, voltage_V, points):
    """Current of all cells at a voltage [A]."""
    drawn = 0.0
    for cell in range(states.size):
        if cell > 0 and same_cell(states, spread, cell):
            points[cell] = points[cell - 1]
        else:
            cell_point(path, states[cell], voltage_V, spread[cell], points[cell])
        drawn += points[cell, CURRENT_A]
    return drawn


@numba.njit(cache=True, error_model="numpy")
def _conductance_S(points):
    total = 0.0
    for cell in range(points.shape[0]):
        total += points[cell, CONDUCTANCE_S]
    return total
