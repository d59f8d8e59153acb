"""Kernels of an error: how often a level of a column falls on the wrong side of its reference.

The margin is expanded to second order at its design point, the most likely point of failure, in all variables
of the cells; the tail of that form together with everything Gaussian is `tail_score`.
"""

from __future__ import annotations

import math

import numba
import numpy as np

from spinpim.circuit.level_kernel import VARIABLES, sensed_form, sensed_level
from spinpim.circuit.quadratic_tail import diagonalise, tail_score

SEARCH_STEPS = 40
NEAR_ENOUGH = 1e-6
"""Last step of the search for the design point [1]; what it misses enters to second order."""
SHIFT = 1e-3
"""Shift of the margin, in standard deviations, over which the score is differenced."""


@numba.njit(cache=True, error_model="numpy")
def design_point(column, states, reference_V, side, rest_sigma_V, normals):
    """Most likely variables (cells, 3) of the cells at which the margin and all else together are zero.

    Returns the settled level there [V]; NaN if no such level exists.
    """
    slopes = np.empty((states.size, VARIABLES))
    normals[:, :] = 0.0
    guess = 0.0
    share = 1.0
    before = math.inf
    for _ in range(SEARCH_STEPS):
        value, settled, _, _, _ = sensed_level(column, states, normals, guess, slopes)
        if not math.isfinite(value):
            return math.nan
        guess = settled if column.transresistance_ohm == 0.0 else 0.0
        steepness, along = rest_sigma_V * rest_sigma_V, 0.0
        for cell in range(states.size):
            for variable in range(VARIABLES):
                slope = side * slopes[cell, variable]
                steepness += slope * slope
                along += slope * normals[cell, variable]
        if steepness == 0.0:
            return settled
        scale = (along - side * (value - reference_V)) / steepness
        moved = 0.0
        for cell in range(states.size):
            for variable in range(VARIABLES):
                step = scale * side * slopes[cell, variable] - normals[cell, variable]
                normals[cell, variable] += share * step
                moved = max(moved, abs(step))
        if moved < NEAR_ENOUGH:
            break
        # Where the steps stop shrinking the margin bends strongly: go on more slowly.
        if moved > 0.7 * before:
            share *= 0.5
        before = moved
    return guess


@numba.njit(cache=True, error_model="numpy")
def level_score(column, states, reference_V, side, sigmas_V, forms, normals):
    """Scores of the error of one level, and how the first changes with the margin.

    Parameters
    ----------
    column : Column
    states : (cells,) array
        1 for an antiparallel cell.
    reference_V, side : float
        Mean reference [V]; +1 if the right answer is above it, -1 if below.
    sigmas_V : (2,) array
        Standard deviation of everything Gaussian, without and with noise [V].
    forms : (3, k) array
        Slopes [V], curvatures [V] and multiplicities of what else adds to the margin, see `tail_score`.
    normals : (cells, 3) array
        Written: the design point.

    Returns
    -------
    tuple of float
        Score without noise, with noise, d score / d margin without noise [1/V]; NaN without a level.
    """
    spread = 0.0
    for k in range(forms.shape[1]):
        spread += forms[2, k] * (forms[0, k] ** 2 + 0.5 * forms[1, k] ** 2)
    rest = math.sqrt(sigmas_V[0] ** 2 + spread)
    guess = design_point(column, states, reference_V, side, rest, normals)
    size = states.size * VARIABLES
    gradient, hessian = np.empty(size), np.empty((size, size))
    value = sensed_form(
        column, states, normals, guess if column.transresistance_ohm == 0.0 else 0.0, gradient, hessian
    )
    if not math.isfinite(value):
        return math.nan, math.nan, math.nan
    # From the expansion about the design point to one about the origin, on which the variables are centred.
    mean = side * (value - reference_V)
    for row in range(size):
        here = normals[row // VARIABLES, row % VARIABLES]
        bent = 0.0
        for other in range(size):
            bent += hessian[row, other] * normals[other // VARIABLES, other % VARIABLES]
        mean += side * here * (0.5 * bent - gradient[row])
        gradient[row] -= bent
    diagonalise(hessian, gradient)
    count = forms.shape[1]
    slopes, curvatures, times = np.ones(size + count), np.ones(size + count), np.ones(size + count)
    for row in range(size):
        slopes[row], curvatures[row] = side * gradient[row], side * hessian[row, row]
    slopes[size:], curvatures[size:], times[size:] = forms[0], forms[1], forms[2]
    whole = rest
    for row in range(size):
        whole = math.hypot(whole, slopes[row])
    static = tail_score(mean, sigmas_V[0], slopes, curvatures, times)
    noisy = tail_score(mean, sigmas_V[1], slopes, curvatures, times)
    step = SHIFT * whole
    higher = tail_score(mean + step, sigmas_V[0], slopes, curvatures, times)
    lower = tail_score(mean - step, sigmas_V[0], slopes, curvatures, times)
    return static, noisy, (higher - lower) / (2.0 * step)
