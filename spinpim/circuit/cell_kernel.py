"""Kernels of the read path: junction, access transistor and half a channel in series, cells in parallel.

From the grounded channel upwards: half the channel, the junction, the access transistor, the bit line. No
checks, no units, nothing raised: a current that the transistors cannot carry gives a line voltage of NaN.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numba

from spinpim.circuit.channel import BiasedTransistor, channel_point

NEWTON_STEPS = 60
"""Bound of the loops; both converge in some five steps, and bisections alone would in 50."""
LAST_STEP_V = 1e-8
"""A Newton step after which the next, some of its squares per volt, is below the rounding error."""
CEILING_V = 5.0
"""A line that would have to move further than any supply a file may give cannot carry the current."""

JUNCTION_V, CURRENT_A, CONDUCTANCE_S, JUNCTION_S, PER_RESISTANCE_A, PER_TMR_A, PER_THRESHOLD_S = range(7)
"""Columns of an operating point: junction voltage, current, conductance of the path and of the junction;
slopes of the current at that line voltage against ln(resistance), ln(TMR) [A] and threshold [A/V]."""
POINT_COLUMNS = 7

RESISTANCE, TMR, THRESHOLD = range(3)
"""Columns of a cell's deviation: relative resistance, relative TMR, threshold shift [V]."""


class ReadPath(NamedTuple):
    """What is common to the cells of a column: access transistor, junction and series resistance."""

    access: BiasedTransistor
    resistance_p_ohm: float
    tunnel_magnetoresistance: float
    half_bias_V: float
    series_ohm: float


@numba.njit(cache=True, error_model="numpy")
def junction_point(path, antiparallel, voltage_V, resistance, tmr):
    """Current [A], conductance dI/dV [S] and d current / d ln(TMR) [A] of a junction at a voltage.

    TMR(V) = TMR0/(1 + (V/V_h)^2) in the antiparallel state; the parallel state is ohmic.
    """
    bias = voltage_V / path.half_bias_V
    excess = antiparallel * path.tunnel_magnetoresistance * tmr / (1.0 + bias * bias)
    relative = 1.0 + excess
    conductance = 1.0 / (path.resistance_p_ohm * resistance * relative)
    current = voltage_V * conductance
    # d ln(1+TMR(V)) / d ln V = -2 b^2/(1+b^2) TMR(V)/(1+TMR(V))
    slope = 1.0 + 2.0 * bias * bias / (1.0 + bias * bias) * excess / relative
    return current, conductance * slope, -current * excess / relative


@numba.njit(cache=True, error_model="numpy")
def cell_point(path, antiparallel, line_V, spread, point):
    """Write the operating point of a cell on a line at a given voltage into seven numbers.

    The junction voltage that is there already is the first guess, if it lies below the line's.
    Newton on the balance of transistor and junction current, which falls monotonically with the junction
    voltage; a step that leaves (0, line voltage) is replaced by a bisection.
    """
    resistance, tmr, threshold_V = spread[RESISTANCE], spread[TMR], spread[THRESHOLD]
    low, high = 0.0, line_V
    voltage = point[JUNCTION_V]
    if not 0.0 < voltage < line_V:
        voltage = 0.9 * line_V
    for _ in range(NEWTON_STEPS):
        excess, slope, _, _, _ = _balance(path, antiparallel, line_V, voltage, resistance, tmr, threshold_V)
        if excess > 0.0:
            low = voltage
        else:
            high = voltage
        step = voltage - excess / slope
        if not (low <= step <= high):
            step = 0.5 * (low + high)
        moved = abs(step - voltage)
        voltage = step
        if moved < LAST_STEP_V:
            break
    _, slope, source_S, drain_S, threshold_S = _balance(
        path, antiparallel, line_V, voltage, resistance, tmr, threshold_V
    )
    current, junction_S, per_tmr = junction_point(path, antiparallel, voltage, resistance, tmr)
    feedback = -(source_S * path.series_ohm + drain_S * path.access.series_ohm + 1.0)
    # At a fixed line voltage a change of the junction current moves the junction voltage against itself.
    relief = 1.0 - junction_S * feedback / slope
    point[JUNCTION_V] = voltage
    point[CURRENT_A] = current
    point[CONDUCTANCE_S] = -junction_S * drain_S / slope
    point[JUNCTION_S] = junction_S
    point[PER_RESISTANCE_A] = -current * relief
    point[PER_TMR_A] = per_tmr * relief
    point[PER_THRESHOLD_S] = -junction_S * threshold_S / slope


@numba.njit(cache=True, error_model="numpy")
def line_point(path, antiparallel, current_A, shunt_S, spread, points, guess_V=0.0):
    """Line voltage [V] at which cells and a shunt in parallel carry a current; their points (cells, 7).

    Newton from a guess, or from below where there is none; the total current is nearly concave in the
    voltage, so that the steps do not overshoot. NaN where the transistors saturate below the current.
    """
    cells = antiparallel.size
    voltage = guess_V
    if not voltage > 0.0:
        total_S = shunt_S
        for cell in range(cells):
            relative = 1.0 + antiparallel[cell] * path.tunnel_magnetoresistance * spread[cell, TMR]
            total_S += 1.0 / (path.resistance_p_ohm * spread[cell, RESISTANCE] * relative)
        voltage = current_A / total_S
    for _ in range(NEWTON_STEPS):
        missing, slope = current_A - shunt_S * voltage, shunt_S
        for cell in range(cells):
            _line_cell(path, antiparallel, voltage, spread, points, cell)
            missing -= points[cell, CURRENT_A]
            slope += points[cell, CONDUCTANCE_S]
        if not abs(missing) < CEILING_V * slope:
            return math.nan
        step = missing / slope
        voltage += step
        if abs(step) <= LAST_STEP_V:
            break
    for cell in range(cells):
        _line_cell(path, antiparallel, voltage, spread, points, cell)
    return voltage


@numba.njit(cache=True, error_model="numpy")
def _line_cell(path, antiparallel, line_V, spread, points, cell):
    """Operating point of one cell of a line; that of its neighbour where they are alike."""
    if cell > 0 and same_cell(antiparallel, spread, cell):
        points[cell] = points[cell - 1]
    else:
        cell_point(path, antiparallel[cell], line_V, spread[cell], points[cell])


@numba.njit(cache=True, error_model="numpy")
def same_cell(antiparallel, deviations, cell):
    """Whether a cell has the state and the three deviations of the one before."""
    return (
        antiparallel[cell] == antiparallel[cell - 1]
        and deviations[cell, 0] == deviations[cell - 1, 0]
        and deviations[cell, 1] == deviations[cell - 1, 1]
        and deviations[cell, 2] == deviations[cell - 1, 2]
    )


@numba.njit(cache=True, error_model="numpy")
def _balance(path, antiparallel, line_V, junction_V, resistance, tmr, threshold_V):
    """Transistor minus junction current [A], its slope against the junction voltage, transistor's own [S]."""
    current, conductance, _ = junction_point(path, antiparallel, junction_V, resistance, tmr)
    source = junction_V + current * path.series_ohm
    drain = line_V - current * path.access.series_ohm
    carried, source_S, drain_S, threshold_S = channel_point(path.access, source, drain, threshold_V)
    feedback = source_S * path.series_ohm + drain_S * path.access.series_ohm + 1.0
    return carried - current, -source_S - conductance * feedback, source_S, drain_S, threshold_S


@numba.njit(cache=True, error_model="numpy")
def junction_points(path, antiparallel, voltage_V, spread, found):
    """`junction_point` of each of n junctions; deviations (n, 3), result (n, 3)."""
    for index in range(voltage_V.size):
        found[index, 0], found[index, 1], found[index, 2] = junction_point(
            path, antiparallel[index], voltage_V[index], spread[index, RESISTANCE], spread[index, TMR]
        )


@numba.njit(cache=True, error_model="numpy")
def cell_points(path, antiparallel, line_V, spread, points):
    """`cell_point` of each of n cells; deviations (n, 3), points (n, 7)."""
    for index in range(line_V.size):
        cell_point(path, antiparallel[index], line_V[index], spread[index], points[index])


@numba.njit(cache=True, error_model="numpy")
def line_points(path, antiparallel, current_A, shunt_S, spread, points, line_V):
    """`line_point` of each of n lines; (n, cells), (n,), one shunt, (n, cells, 3), (n, cells, 7), (n,)."""
    for index in range(current_A.size):
        line_V[index] = line_point(
            path, antiparallel[index], current_A[index], shunt_S, spread[index], points[index]
        )
