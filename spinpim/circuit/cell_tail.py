"""How often a level lies below a threshold: its normal score, tabulated over threshold and drive.

The score is a smooth function of the threshold, all but linear in spreads of the level: a cubic through its
values and slopes at every second of them is within 1e-3. Beyond the last of them it goes on as a line.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numba
import numpy as np
from numpy.typing import NDArray

from spinpim.circuit.level_kernel import Column, sensed_level, variables
from spinpim.circuit.level_tail import Mates, holds, level_score, mates_form
from spinpim.circuit.quadratic_tail import tail_score
from spinpim.circuit.reference import NO_MATES

FloatArray = NDArray[np.float64]
STEP = 2.0
"""Between thresholds of a table, in first-order spreads of the level."""
PLACES = 13
"""Thresholds of a table, the middle one at the nominal level."""
DRIVES = np.polynomial.chebyshev.chebpts1(5)
"""Drives of a table, over their reach: the level is nearly linear in them."""
STEEPEST = 3.0
"""Slope, over the mean one beside it, up to which a cubic is monotone (Fritsch and Carlson, 1980)."""
REFERENCE_REACH = 10.0
"""Standard deviations of a reference that are tabulated."""
UNEVEN = 0.7
"""How far what a step adds may be off: from one deviate in a reference, from the slope before in a level."""


class LevelTail(NamedTuple):
    """Table of one level; polynomials in the drive over its reach, constant first.

    Attributes
    ----------
    level_V, step_V : (orders,) arrays
        Nominal level, and distance of neighbouring thresholds [V].
    scores, slopes : (orders, places) arrays
        Score at the thresholds, and its change from one to the next.
    """

    level_V: FloatArray
    step_V: FloatArray
    scores: FloatArray
    slopes: FloatArray


def tabulated(columns: Sequence[Column], states: FloatArray, sigma_V: float) -> LevelTail:
    """Table of a level with a Gaussian spread added to it, the same column driven as `DRIVES` say, or one."""
    nodes = DRIVES if len(columns) > 1 else np.zeros(1)
    levels, steps = np.empty((2, nodes.size))
    scores, slopes = np.empty((2, nodes.size, PLACES))
    for number, column in enumerate(columns):
        normals = np.zeros(variables(column, states.size))
        own = np.empty_like(normals)
        levels[number] = sensed_level(column, states, normals, own)[0]
        steps[number] = STEP * math.hypot(sigma_V, float(np.linalg.norm(own)))
        _march(
            column,
            states,
            sigma_V,
            levels[number],
            steps[number],
            NO_MATES,
            normals,
            scores[number],
            slopes[number],
        )
    orders = np.linalg.inv(np.polynomial.polynomial.polyvander(nodes, nodes.size - 1))
    return LevelTail(orders @ levels, orders @ steps, orders @ scores, orders @ slopes)


def tail_scores(tail: LevelTail, threshold_V: FloatArray, drive: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Score of the level to lie below thresholds [V] at drives (-1..1), and its slope [1/V].

    Both arguments in the same shape.
    """
    found = np.empty((2, *threshold_V.shape))
    _interpolate(tail, threshold_V.ravel(), drive.ravel(), found.reshape(2, -1))
    return found[0], found[1]


def reference_quantiles(column: Column, mates: Mates, sigma_V: float) -> tuple[FloatArray, FloatArray]:
    """Normal scores of references, rising, and how far these lie above the nominal one [V].

    ``sigma_V`` is their spread to first order.
    """
    raised_V = sigma_V * np.arange(-REFERENCE_REACH, REFERENCE_REACH + 1.0)
    scores = np.array([_reference_score(column, mates, one) for one in raised_V])
    # Far out a quadratic form may have no tail left: it ends where a step no longer counts as about one.
    steps = np.diff(scores)
    even = (steps > 1.0 - UNEVEN) & (steps < 1.0 + UNEVEN)
    middle = scores.size // 2
    below = int(np.argmin(np.append(even[:middle][::-1], False)))
    above = int(np.argmin(np.append(even[middle:], False)))
    known = slice(middle - below, middle + above + 1)
    return scores[known], raised_V[known]


@numba.njit(cache=True, error_model="numpy")
def _march(column, states, sigma_V, level_V, step_V, mates, normals, scores, slopes):
    """Scores outwards from the nominal level, and their slopes per step.

    Where the transistors saturate, or the form no longer knows the nominal level, the last slope goes on.
    No slope is so steep that the cubic beside it would turn.
    """
    middle = scores.size // 2
    for way in (1, -1):
        known = True
        for away in range(middle + 1):
            place, moved = middle + way * away, way * away * step_V
            if known:
                score, slope, centre = level_score(
                    column, states, level_V + moved, 1.0, sigma_V, mates, normals
                )
                known = slope < 0.0 and holds(centre, -moved, -1.0 / slope)
                if away > 0:
                    gained = way * (score - scores[place - way])
                    known = known and abs(gained - slopes[place - way]) < UNEVEN * slopes[place - way]
            if known:
                scores[place], slopes[place] = score, -slope * step_V
            elif away > 0:
                slopes[place] = slopes[place - way]
                scores[place] = scores[place - way] + way * slopes[place]
            else:
                scores[place], slopes[place] = 0.0, STEP
    for place in range(scores.size - 1):
        steepest = STEEPEST * (scores[place + 1] - scores[place])
        slopes[place] = min(slopes[place], steepest)
        slopes[place + 1] = min(slopes[place + 1], steepest)


@numba.njit(cache=True, error_model="numpy")
def _interpolate(tail, threshold_V, drive, found):
    last = tail.scores.shape[1] - 1
    for point in range(threshold_V.size):
        step_V = _polynomial(tail.step_V, drive[point])
        place = (threshold_V[point] - _polynomial(tail.level_V, drive[point])) / step_V + 0.5 * last
        first = int(min(max(math.floor(place), 0.0), last - 1.0))
        x = place - first
        low, high = (
            _polynomial(tail.scores[:, first], drive[point]),
            _polynomial(tail.scores[:, first + 1], drive[point]),
        )
        low_slope, high_slope = (
            _polynomial(tail.slopes[:, first], drive[point]),
            _polynomial(tail.slopes[:, first + 1], drive[point]),
        )
        if x <= 0.0:
            score, slope = low + x * low_slope, low_slope
        elif x >= 1.0:
            score, slope = high + (x - 1.0) * high_slope, high_slope
        else:
            # Cubic by both values and slopes: what the line between lacks is bent twice.
            line = high - low
            bend = low_slope - line, high_slope - line
            score = low + x * (line + (1.0 - x) * ((1.0 - x) * bend[0] - x * bend[1]))
            slope = line + (1.0 - x) * (1.0 - 3.0 * x) * bend[0] - x * (2.0 - 3.0 * x) * bend[1]
        found[0, point], found[1, point] = score, slope / step_V


@numba.njit(cache=True, error_model="numpy")
def _polynomial(coefficients, x):
    value = 0.0
    for order in range(coefficients.size - 1, -1, -1):
        value = value * x + coefficients[order]
    return value


@numba.njit(cache=True, error_model="numpy")
def _reference_score(column, mates, raised_V):
    """Score of a reference to lie less than so much above the nominal one."""
    variance = 0.0
    for mate in range(mates.weights.size):
        variance += mates.columns * mates.weights[mate] ** 2 * np.sum(mates.slopes_V[mate] ** 2)
    modes = mates.slopes_V.size
    slopes, curvatures = np.empty(modes), np.empty(modes)
    mean = mates_form(column, mates, 1.0, raised_V / variance, slopes, curvatures)
    return tail_score(mean - raised_V, 0.0, slopes, curvatures, np.full(modes, mates.columns))
