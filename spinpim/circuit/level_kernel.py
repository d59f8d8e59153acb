"""Kernels of a level's distribution: its slopes and curvatures in the cells' variables, and its tail.

Each cell has three standard normal variables z: ln(resistance), ln(TMR) and threshold over their standard
deviations; behind those of all cells come the drive of the line and the load of a clamp. What is sensed at
the strobe is a polynomial of the settled level. No checks, nothing raised.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numba
import numpy as np
from numpy.typing import NDArray

from spinpim.circuit.cell_kernel import (
    CONDUCTANCE_S,
    PER_RESISTANCE_A,
    PER_THRESHOLD_S,
    PER_TMR_A,
    POINT_COLUMNS,
    RESISTANCE,
    THRESHOLD,
    TMR,
    ReadPath,
    cell_point,
    line_point,
    same_cell,
)

VARIABLES = 3
"""Of each cell."""
STEP = 1e-3
"""Difference of a standard normal variable over which slopes are differenced [1]."""
STEP_V = 1e-5
"""Difference of the line voltage over which slopes are differenced [V]."""


class Column(NamedTuple):
    """What is common to the levels of a column.

    Attributes
    ----------
    path : ReadPath
        Access transistor, junction, channel.
    current_A, shunt_S : float
        Current into the line [A] and conductance beside the cells [S]: 0 for a read current, that of a clamp
        which holds the line.
    sigmas : (3,) array
        Standard deviations of ln(resistance), ln(TMR) [1] and threshold [V].
    strobe : (levels + 1, n) array
        What is sensed at the strobe as a polynomial of the settled level, see `strobed`: of 0, 1, ...
        antiparallel cells that stray, and last of an ohmic line.
    drive_bend_V : (levels,) array
        What a relative change of the read current adds at the strobe by bending the cells [V].
    current_sigma_A, scale_sigma, raised_sigma_V : float
        What one standard deviation of the drive adds to the current [A], to the scale of line and strobe [1]
        of a read current, and to the voltage at which a clamp holds the line [V].
    load_sigma, supply_V : float
        Relative spread of the load of a clamp [1], and the supply that it hangs on [V]; 0 without one.
    """

    path: ReadPath
    current_A: float
    shunt_S: float
    sigmas: NDArray[np.float64]
    strobe: NDArray[np.float64]
    drive_bend_V: NDArray[np.float64]
    current_sigma_A: float
    scale_sigma: float
    raised_sigma_V: float
    load_sigma: float
    supply_V: float


@numba.njit(cache=True, error_model="numpy")
def deviation(sigmas, normals, spread):
    """Deviation of one cell from its three standard normal variables."""
    spread[RESISTANCE] = math.exp(sigmas[RESISTANCE] * normals[RESISTANCE])
    spread[TMR] = math.exp(sigmas[TMR] * normals[TMR])
    spread[THRESHOLD] = sigmas[THRESHOLD] * normals[THRESHOLD]


@numba.njit(cache=True, error_model="numpy")
def slopes_of(sigmas, point, slopes):
    """Slopes of a cell's current against its three variables at a fixed line voltage [A]."""
    slopes[RESISTANCE] = sigmas[RESISTANCE] * point[PER_RESISTANCE_A]
    slopes[TMR] = sigmas[TMR] * point[PER_TMR_A]
    slopes[THRESHOLD] = sigmas[THRESHOLD] * point[PER_THRESHOLD_S]


@numba.njit(cache=True, error_model="numpy")
def line_level(path, states, current_A, shunt_S, sigmas, normals, slopes, guess_V=0.0):
    """Settled level [V], its slopes in the cells' variables [V], and the resistance of the line [ohm].

    A guess of the level above 0 saves steps.
    """
    spread = np.empty((states.size, VARIABLES))
    points = np.zeros((states.size, POINT_COLUMNS))
    for cell in range(states.size):
        deviation(sigmas, normals[VARIABLES * cell : VARIABLES * cell + VARIABLES], spread[cell])
    level = line_point(path, states, current_A, shunt_S, spread, points, guess_V)
    total_S = shunt_S
    for cell in range(states.size):
        total_S += points[cell, CONDUCTANCE_S]
    for cell in range(states.size):
        own = slopes[VARIABLES * cell : VARIABLES * cell + VARIABLES]
        slopes_of(sigmas, points[cell], own)
        for variable in range(VARIABLES):
            own[variable] /= -total_S
    return level, 1.0 / total_S


@numba.njit(cache=True, error_model="numpy")
def cell_curvature(path, state, level_V, sigmas, normals, curvature, mixed):
    """Second derivatives of a cell's current at a fixed line voltage, by differences of its slopes.

    Written: in its variables (3, 3) [A], mixed with the voltage (3,) [S]; returned: in the voltage [S/V].
    """
    spread, point = np.empty(VARIABLES), np.zeros(POINT_COLUMNS)
    up, down, moved = np.empty(VARIABLES), np.empty(VARIABLES), np.empty(VARIABLES)
    for variable in range(VARIABLES):
        moved[:] = normals
        moved[variable] = normals[variable] + STEP
        deviation(sigmas, moved, spread)
        cell_point(path, state, level_V, spread, point)
        slopes_of(sigmas, point, up)
        more_S = point[CONDUCTANCE_S]
        moved[variable] = normals[variable] - STEP
        deviation(sigmas, moved, spread)
        cell_point(path, state, level_V, spread, point)
        slopes_of(sigmas, point, down)
        mixed[variable] = (more_S - point[CONDUCTANCE_S]) / (2.0 * STEP)
        for other in range(VARIABLES):
            curvature[variable, other] = (up[other] - down[other]) / (2.0 * STEP)
    deviation(sigmas, normals, spread)
    cell_point(path, state, level_V + STEP_V, spread, point)
    more_S = point[CONDUCTANCE_S]
    cell_point(path, state, level_V - STEP_V, spread, point)
    return (more_S - point[CONDUCTANCE_S]) / (2.0 * STEP_V)


@numba.njit(cache=True, error_model="numpy")
def line_curvature(path, states, level_V, resistance_ohm, sigmas, normals, slopes, hessian):
    r"""Second derivatives of the settled level in the cells' variables and the current into the line [V].

    .. math:: V_{zz'} = -R \left(I_{zz'} + I_{zV} V_{z'} + I_{z'V} V_z + G_V V_z V_{z'}\right)

    ``slopes`` and ``hessian`` have the current after the cells; a current adds nothing to the cells' own.
    """
    cells = states.size
    size = cells * VARIABLES + 1
    by_cell = normals[: cells * VARIABLES].reshape((cells, VARIABLES))
    curvature = np.zeros((size, VARIABLES))
    mixed = np.zeros(size)
    bend, own = 0.0, 0.0
    for cell in range(cells):
        first, last = VARIABLES * cell, VARIABLES * cell + VARIABLES
        if cell > 0 and same_cell(states, by_cell, cell):
            curvature[first:last] = curvature[first - VARIABLES : first]
            mixed[first:last] = mixed[first - VARIABLES : first]
        else:
            own = cell_curvature(
                path,
                states[cell],
                level_V,
                sigmas,
                by_cell[cell],
                curvature[first:last],
                mixed[first:last],
            )
        bend += own
    for row in range(size):
        for column in range(size):
            total = mixed[row] * slopes[column] + mixed[column] * slopes[row]
            total += bend * slopes[row] * slopes[column]
            cell = row // VARIABLES
            if cell == column // VARIABLES and cell < cells:
                one, two = row - VARIABLES * cell, column - VARIABLES * cell
                total += 0.5 * (curvature[row, two] + curvature[column, one])
            hessian[row, column] = -resistance_ohm * total


@numba.njit(cache=True, error_model="numpy")
def strobed(strobe, level_V):
    """What is sensed of a settled level, and its first two derivatives.

    ``strobe``: centre and half width of the range, then the coefficients of the polynomial, constant first.
    """
    place = (level_V - strobe[0]) / strobe[1]
    value, first, second = 0.0, 0.0, 0.0
    for power in range(strobe.size - 1, 1, -1):
        second = second * place + 2.0 * first
        first = first * place + value
        value = value * place + strobe[power]
    return value, first / strobe[1], second / (strobe[1] * strobe[1])


@numba.njit(cache=True, error_model="numpy")
def sensed_level(column, states, normals, slopes, guess_V=0.0):
    """Sensed level [V] and its slopes in all variables [V], see `variables`; a guess of the settled one.

    Returns also the settled level [V], the resistance of the line [ohm], where the polynomial of the strobe
    is taken [V], and its value and first two derivatives there.
    """
    last = VARIABLES * states.size
    drive, load = normals[last], 1.0
    if normals.size > last + 1:
        load += column.load_sigma * normals[last + 1]
    current = column.current_A + column.current_sigma_A * drive
    scale = 1.0 + column.scale_sigma * drive
    settled, resistance = line_level(
        column.path, states, current, column.shunt_S, column.sigmas, normals, slopes, guess_V
    )
    place = (settled - column.raised_sigma_V * drive) / scale
    ones = round(np.sum(states))
    value, first, second = strobed(column.strobe[ones], place)
    bent = column.scale_sigma * column.drive_bend_V[ones]
    for variable in range(last):
        slopes[variable] *= load * first
    moved = resistance * column.current_sigma_A - column.raised_sigma_V
    slopes[last] = load * (column.scale_sigma * (value - place * first) + first * moved + bent)
    output = scale * value + bent * drive - column.supply_V
    if normals.size > last + 1:
        slopes[last + 1] = column.load_sigma * output
    return column.supply_V + load * output, settled, resistance, place, value, first, second


@numba.njit(cache=True, error_model="numpy")
def sensed_form(column, states, normals, gradient, hessian, guess_V=0.0):
    """Sensed level [V] at given variables, its gradient and Hessian in all of them, see `variables`."""
    sensed, settled, resistance, place, _, first, second = sensed_level(
        column, states, normals, gradient, guess_V
    )
    size = VARIABLES * states.size
    scale, load = 1.0 + column.scale_sigma * normals[size], 1.0
    if normals.size > size + 1:
        load += column.load_sigma * normals[size + 1]
    slopes = np.empty(size + 1)
    slopes[:size] = gradient[:size] / (load * first)
    slopes[size] = resistance * column.current_sigma_A
    hessian[:, :] = 0.0
    line_curvature(column.path, states, settled, resistance, column.sigmas, normals, slopes, hessian)
    # How the place moves: with the cells as the level does, with the drive less what it moves itself.
    slopes[size] -= column.raised_sigma_V + place * column.scale_sigma
    for row in range(size + 1):
        for other in range(size + 1):
            bent = second * slopes[row] * slopes[other] / scale
            hessian[row, other] = load * (first * hessian[row, other] + bent)
        if normals.size > size + 1:
            hessian[row, size + 1] = column.load_sigma / load * gradient[row]
            hessian[size + 1, row] = hessian[row, size + 1]
    return sensed


@numba.njit(cache=True, error_model="numpy")
def variables(column, rows):
    """How many variables a column of so many rows has: three of each cell, the drive, the load of a clamp."""
    return VARIABLES * rows + (2 if column.load_sigma > 0.0 else 1)
