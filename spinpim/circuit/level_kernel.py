"""Kernels of a level's distribution: its slopes and curvatures in the cells' variables, and its tail.

Each cell has three standard normal variables z: ln(resistance), ln(TMR) and threshold over their standard
deviations. What is sensed at the strobe is a polynomial of the settled level. No checks, nothing raised.
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
    strobe : array
        What is sensed at the strobe as a polynomial of the settled level, see `strobed`.
    """

    path: ReadPath
    current_A: float
    shunt_S: float
    sigmas: NDArray[np.float64]
    strobe: NDArray[np.float64]


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
def line_level(path, states, current_A, shunt_S, sigmas, normals, slopes):
    """Settled level [V] at given variables (cells, 3), its slopes (cells, 3) [V] and its resistance [ohm]."""
    spread = np.empty((states.size, VARIABLES))
    points = np.zeros((states.size, POINT_COLUMNS))
    for cell in range(states.size):
        deviation(sigmas, normals[cell], spread[cell])
    level = line_point(path, states, current_A, shunt_S, spread, points)
    total_S = shunt_S
    for cell in range(states.size):
        total_S += points[cell, CONDUCTANCE_S]
    for cell in range(states.size):
        slopes_of(sigmas, points[cell], slopes[cell])
        for variable in range(VARIABLES):
            slopes[cell, variable] /= -total_S
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
    r"""Second derivatives of the settled level in all variables, (3 cells, 3 cells) [V].

    .. math:: V_{zz'} = -R \left(I_{zz'} + I_{zV} V_{z'} + I_{z'V} V_z + G_V V_z V_{z'}\right)
    """
    cells = states.size
    curvature = np.empty((cells, VARIABLES, VARIABLES))
    mixed = np.empty((cells, VARIABLES))
    bend, own = 0.0, 0.0
    for cell in range(cells):
        if cell > 0 and same_cell(states, normals, cell):
            curvature[cell], mixed[cell] = curvature[cell - 1], mixed[cell - 1]
        else:
            own = cell_curvature(
                path, states[cell], level_V, sigmas, normals[cell], curvature[cell], mixed[cell]
            )
        bend += own
    for row in range(cells * VARIABLES):
        one, first = row // VARIABLES, row % VARIABLES
        for column in range(cells * VARIABLES):
            two, second = column // VARIABLES, column % VARIABLES
            total = mixed[one, first] * slopes[two, second] + mixed[two, second] * slopes[one, first]
            total += bend * slopes[one, first] * slopes[two, second]
            if one == two:
                total += 0.5 * (curvature[one, first, second] + curvature[one, second, first])
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
def sensed_level(column, states, normals, slopes):
    """Sensed level and its slopes (cells, 3) [V].

    Returns also the settled level [V], the resistance of the line [ohm], and the first two derivatives of
    what is sensed against what has settled.
    """
    settled, resistance = line_level(
        column.path, states, column.current_A, column.shunt_S, column.sigmas, normals, slopes
    )
    value, first, second = strobed(column.strobe, settled)
    for cell in range(states.size):
        for variable in range(VARIABLES):
            slopes[cell, variable] *= first
    return value, settled, resistance, first, second


@numba.njit(cache=True, error_model="numpy")
def sensed_form(column, states, normals, gradient, hessian):
    """Sensed level [V] at given variables, its gradient (3 cells,) and Hessian (3 cells, 3 cells)."""
    slopes = np.empty((states.size, VARIABLES))
    value, settled, resistance, first, second = sensed_level(column, states, normals, slopes)
    slopes /= first
    line_curvature(column.path, states, settled, resistance, column.sigmas, normals, slopes, hessian)
    for row in range(gradient.size):
        along = slopes[row // VARIABLES, row % VARIABLES]
        gradient[row] = first * along
        for other in range(gradient.size):
            hessian[row, other] = (
                first * hessian[row, other] + second * along * slopes[other // VARIABLES, other % VARIABLES]
            )
    return value
