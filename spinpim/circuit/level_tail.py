"""Kernels of an error: how often a level of a column falls on the wrong side of its reference.

The margin is expanded to second order at its design point, the most likely point of failure, in all variables
of the cells; the tail of that form together with everything Gaussian is `tail_score`.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numba
import numpy as np
from numpy.typing import NDArray

from spinpim.circuit.level_kernel import sensed_form, sensed_level
from spinpim.circuit.quadratic_tail import diagonalise, tail_score

SEARCH_STEPS = 40
NEAR_ENOUGH = 1e-6
"""Last step of the search for the design point [1]; what it misses enters to second order."""
MISFIT, MISFIT_SIGMA = 0.3, 0.5
"""How far a form about the design point may miss the nominal margin: part of that, and of the spread [1]. The
shipped columns miss it by a sixth at most; missed by a half, an error came out ten times too large."""
SHIFT = 1e-3
"""Shift of the margin, in standard deviations, over which the score is differenced."""


class Mates(NamedTuple):
    """Columns of cells that make a reference: kinds of them, each of so many columns.

    Attributes
    ----------
    columns : float
        Columns of each kind.
    weights : (kinds,) array
        Part of each column of a kind in the reference [1].
    states : (kinds, cells) array
        State of their cells.
    levels_V, slopes_V : (kinds,) array, (kinds, variables) array
        Their nominal levels and slopes of these [V].
    """

    columns: float
    weights: NDArray[np.float64]
    states: NDArray[np.float64]
    levels_V: NDArray[np.float64]
    slopes_V: NDArray[np.float64]


@numba.njit(cache=True, error_model="numpy")
def design_point(column, states, reference_V, side, rest_sigma_V, normals):
    """Most likely variables of a column at which the margin and all else together are zero.

    Returns the factor between a slope of the margin [V] and the normal variable there [1/V], NaN where the
    search does not end, as where the transistors saturate before the failure; and the settled level there
    to first order [V], 0 where it is not known.
    """
    slopes, last = np.empty(normals.size), np.zeros(normals.size)
    normals[:] = 0.0
    scale = math.nan
    share = 1.0
    before = math.inf
    settled = 0.0
    for _ in range(SEARCH_STEPS):
        value, settled, _, _, _, first, _ = sensed_level(column, states, normals, slopes, settled)
        if not math.isfinite(value):
            # Beyond what the transistors can carry: the failure lies on this side of it.
            normals[:] = 0.5 * (normals + last)
            settled = 0.0
            continue
        last[:] = normals
        steepness = rest_sigma_V * rest_sigma_V + np.sum(slopes * slopes)
        if steepness == 0.0:
            return 0.0, settled
        scale = (side * np.sum(slopes * normals) - side * (value - reference_V)) / steepness
        moved = 0.0
        for variable in range(normals.size):
            step = scale * side * slopes[variable] - normals[variable]
            normals[variable] += share * step
            settled += share * step * slopes[variable] / first
            moved = max(moved, abs(step))
        if moved < NEAR_ENOUGH:
            return scale, settled
        # Where the steps stop shrinking the margin bends strongly: go on more slowly.
        if moved > 0.7 * before:
            share *= 0.5
        before = moved
    return math.nan, 0.0


@numba.njit(cache=True, error_model="numpy")
def principal_form(column, states, normals, slopes, curvatures, guess_V=0.0):
    """Quadratic form of a level about a point, as one in variables centred on the origin.

    Written: slopes and curvatures of all variables [V] along its principal axes; returned: its constant [V].
    """
    size = normals.size
    hessian = np.empty((size, size))
    constant = sensed_form(column, states, normals, slopes, hessian, guess_V)
    for row in range(size):
        bent = 0.0
        for other in range(size):
            bent += hessian[row, other] * normals[other]
        constant += normals[row] * (0.5 * bent - slopes[row])
        slopes[row] -= bent
    diagonalise(hessian, slopes)
    for row in range(size):
        curvatures[row] = hessian[row, row]
    return constant


@numba.njit(cache=True, error_model="numpy")
def mates_form(column, mates, side, scale, slopes, curvatures):
    """Quadratic form of the reference, times a factor, about its part in a failure.

    The reference columns too are bent where the failure is likely, not where they are nominal.

    Parameters
    ----------
    column : Column
    mates : Mates
    side : float
        The factor.
    scale : float
        Factor between a slope of the margin [V] and the normal variable there [1/V].
    slopes, curvatures : (modes,) arrays
        Written [V].

    Returns
    -------
    float
        Its constant, of all columns together [V].
    """
    size = mates.slopes_V.shape[1]
    mean = 0.0
    for mate in range(mates.weights.size):
        own = slice(size * mate, size * (mate + 1))
        weight = side * mates.weights[mate]
        there = scale * weight * mates.slopes_V[mate]
        moved = principal_form(column, mates.states[mate], there, slopes[own], curvatures[own])
        slopes[own] *= weight
        curvatures[own] *= weight
        mean += mates.columns * weight * (moved - mates.levels_V[mate])
    return mean


@numba.njit(cache=True, error_model="numpy")
def margin_form(column, states, reference_V, side, sigma_V, mates, normals):
    """Quadratic form of the margin about its most likely failure, as `tail_score` wants it.

    Parameters
    ----------
    column : Column
    states : (cells,) array
        1 for an antiparallel cell.
    reference_V, side : float
        Nominal reference [V]; +1 if the right answer is above it, -1 if below.
    sigma_V : float
        Standard deviation of everything Gaussian [V].
    mates : Mates
        The columns that make the reference.
    normals : (variables,) array
        Written: the design point.

    Returns
    -------
    tuple
        Mean [V], slopes [V], curvatures [V] and multiplicities; a mean of NaN without a design point.
    """
    size, count = normals.size, mates.weights.size
    rest = sigma_V * sigma_V
    for mate in range(count):
        rest += mates.columns * (mates.weights[mate] ** 2) * np.sum(mates.slopes_V[mate] ** 2)
    scale, settled = design_point(column, states, reference_V, side, math.sqrt(rest), normals)
    modes = size * (1 + count)
    slopes, curvatures, times = np.empty(modes), np.empty(modes), np.full(modes, mates.columns)
    times[:size] = 1.0
    level = principal_form(column, states, normals, slopes[:size], curvatures[:size], settled)
    slopes[:size] *= side
    curvatures[:size] *= side
    mean = side * (level - reference_V) if math.isfinite(scale) else math.nan
    mean += mates_form(column, mates, -side, scale, slopes[size:], curvatures[size:])
    return mean, slopes, curvatures, times


@numba.njit(cache=True, error_model="numpy")
def level_score(column, states, reference_V, side, sigma_V, mates, normals):
    """Score of the error of one level, and how it changes with the margin.

    Arguments as in `margin_form`.

    Returns
    -------
    tuple of float
        Score; d score / d margin [1/V]; margin at the origin by the form [V], for `holds`.
        NaN without a design point, or if nothing spreads.
    """
    mean, slopes, curvatures, times = margin_form(column, states, reference_V, side, sigma_V, mates, normals)
    if not math.isfinite(mean):
        return math.nan, math.nan, math.nan
    whole = math.sqrt(sigma_V * sigma_V + np.sum(times * slopes * slopes))
    step = SHIFT * whole
    higher = tail_score(mean + step, sigma_V, slopes, curvatures, times)
    lower = tail_score(mean - step, sigma_V, slopes, curvatures, times)
    score = tail_score(mean, sigma_V, slopes, curvatures, times)
    return score, (higher - lower) / (2.0 * step), mean


@numba.njit(cache=True, error_model="numpy")
def holds(centre_V, margin_V, sigma_V):
    """Whether a form about the design point still knows the margin of the nominal column."""
    return abs(centre_V - margin_V) <= MISFIT * abs(margin_V) + MISFIT_SIGMA * sigma_V
