"""Kernel of a sweep: reference, strobe and errors of many designs of one column, each in some 0.1 ms.

The same steps as `sense`, fused; no checks, nothing raised: a design that cannot be sensed gives NaN.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numba
import numpy as np
from numpy.typing import NDArray

from spinpim.circuit.cell_kernel import ReadPath
from spinpim.circuit.level_kernel import VARIABLES, Column, line_level, sensed_level
from spinpim.circuit.level_tail import Mates, holds, margin_form
from spinpim.circuit.line_modes import unsettled
from spinpim.circuit.quadratic_tail import tail_score
from spinpim.circuit.strobe_kernel import (
    LAW,
    SensedLine,
    bend_law,
    drive_bend_V,
    level_modes,
    reached_V,
    strobe_polynomials,
)

STROBE_STEPS = 60
STROBE_ACCURACY = 1e-9
"""Of the strobe, in time constants."""
PLACING_STEPS = 100
PLACED_V = 1e-13
LONGEST_WAIT = 60.0

FloatArray = NDArray[np.float64]
LOWER, UPPER, LOWER_ALONE, UPPER_ALONE, REFERENCE_V, LOWER_V, UPPER_V, STROBE_S = range(8)
"""Columns of the result: scores of both neighbours of the reference, with and without the amplifier's offset;
reference and levels at the strobe; the strobe."""
RESULTS = 8


class SweptColumn(NamedTuple):
    """What the designs of a sweep share.

    path : ReadPath; wire_F, wire_ohm, near_F : line without the amplifier; residual : settling;
    threshold : ones of the upper neighbour; rows; pairs : reference columns;
    offset_V : (2, n) parts of the offset that fall and that do not fall with the area, at that of the
    amplifier, over an even grid of common modes from low_V to high_V;
    nodes, transform, below, above : interpolation of the strobe, see `sensed_column`.
    """

    path: ReadPath
    wire_F: float
    wire_ohm: float
    residual: float
    threshold: int
    rows: int
    pairs: float
    low_V: float
    high_V: float
    offset_V: FloatArray
    nodes: FloatArray
    transform: FloatArray
    below: float
    above: float


class SweptDesigns(NamedTuple):
    """What differs between the designs of a sweep, arrays of equal length.

    current_A : whole line; current_sigma : relative; resistance_ohm, magnetoresistance : of a junction;
    resistance_sigma, magnetoresistance_sigma, threshold_sigma_V : of a cell; near_F : at the near end;
    offset_scale : offset over that of the table.
    """

    current_A: FloatArray
    current_sigma: FloatArray
    resistance_ohm: FloatArray
    magnetoresistance: FloatArray
    resistance_sigma: FloatArray
    magnetoresistance_sigma: FloatArray
    threshold_sigma_V: FloatArray
    near_F: FloatArray
    offset_scale: FloatArray


@numba.njit(cache=True, error_model="numpy", nogil=True)
def sweep(shared, designs, with_offset_ignored, found):
    """Results (designs, RESULTS) of every design."""
    for index in range(designs.current_A.size):
        path = ReadPath(
            shared.path.access,
            designs.resistance_ohm[index],
            designs.magnetoresistance[index],
            shared.path.half_bias_V,
            shared.path.series_ohm,
        )
        sigmas = np.array(
            [
                designs.resistance_sigma[index],
                designs.magnetoresistance_sigma[index],
                designs.threshold_sigma_V[index],
            ]
        )
        _design(
            shared,
            path,
            sigmas,
            designs.current_A[index],
            designs.current_sigma[index],
            designs.near_F[index],
            designs.offset_scale[index],
            with_offset_ignored,
            found[index],
        )


@numba.njit(cache=True, error_model="numpy")
def _design(shared, path, sigmas, current_A, current_sigma, near_F, offset_scale, ignored, found):
    """One design; see `sensing._one_reference` for the same steps one by one."""
    found[:] = math.nan
    rows = shared.rows
    states = np.zeros((2, rows))
    size = VARIABLES * rows + 1
    slopes = np.empty((2, size))
    levels, sigmas_V, drives, nominal = np.empty(2), np.empty(2), np.empty(2), np.zeros(size)
    for side in range(2):
        states[side, : shared.threshold - 1 + side] = 1.0
    column, strobe = _column(shared, path, sigmas, states, current_A, current_sigma, near_F, slopes)
    if not strobe >= 0.0:
        return
    for side in range(2):
        levels[side] = sensed_level(column, states[side], nominal, slopes[side])[0]
        sigmas_V[side] = math.sqrt(np.sum(slopes[side, :-1] ** 2))
        drives[side] = slopes[side, -1]
    share = _equal_z(shared, levels, sigmas_V, drives, offset_scale)
    reference = levels[0] + share * (levels[1] - levels[0])
    weights = np.array([1.0 - share, share]) / shared.pairs
    mates = Mates(shared.pairs, weights, states, levels, slopes)
    normals = np.empty(size)
    for side in range(2):
        offset = _offset_V(shared, 0.5 * (reference + levels[side]), offset_scale)
        margin = abs(reference - levels[side])
        found[LOWER + side] = _score(column, states[side], reference, side, margin, offset, mates, normals)
        if ignored:
            found[LOWER_ALONE + side] = _score(
                column, states[side], reference, side, margin, 0.0, mates, normals
            )
        found[LOWER_V + side] = levels[side]
    found[REFERENCE_V], found[STROBE_S] = reference, strobe


@numba.njit(cache=True, error_model="numpy")
def _column(shared, path, sigmas, states, current_A, current_sigma, near_F, slopes):
    """Column of a design and its strobe, NaN where there is none; ``slopes`` is scratch."""
    rows, first = shared.rows, shared.threshold - 1
    line = SensedLine(
        at_cell=False,
        near_S=0.0,
        near_F=near_F,
        wire_ohm=shared.wire_ohm,
        wire_F=shared.wire_F,
        load_rate=math.inf,
        start_V=0.0,
        source_A=current_A,
        shunt_S=0.0,
        sensed_V=0.0,
        swing_V=current_A * shared.wire_ohm,
        gain=1.0,
    )
    settled, ohms, laws = np.empty(2), np.empty(2), np.empty((2, LAW))
    # Rows of levels that are not next to the reference stay empty.
    strobes, bends_V = np.zeros((rows + 2, shared.nodes.size + 2)), np.zeros(rows + 1)
    nominal, strobe = np.zeros(slopes.shape[1]), math.nan
    for side in range(2):
        settled[side], ohms[side] = line_level(
            path, states[side], current_A, 0.0, sigmas, nominal, slopes[side]
        )
    if settled[1] > settled[0]:
        for side in range(2):
            bend_law(path, states[side], sigmas, slopes[side], 0.0, settled[side], laws[side])
        strobe = _strobe_s(shared, line, laws)
        low, high = shared.below * settled[0], reached_V(laws[1], shared.above * settled[1])
        pair = strobes[first : first + 2]
        strobe_polynomials(line, laws, low, high, strobe, shared.nodes, shared.transform, pair)
        for side in range(2):
            bends_V[first + side] = drive_bend_V(line, laws[side], strobe, ohms[side])
    column = Column(
        path=path,
        current_A=current_A,
        shunt_S=0.0,
        sigmas=sigmas,
        strobe=strobes,
        drive_bend_V=bends_V,
        current_sigma_A=current_sigma * current_A,
        scale_sigma=current_sigma,
        raised_sigma_V=0.0,
        load_sigma=0.0,
        supply_V=0.0,
    )
    return column, strobe


@numba.njit(cache=True, error_model="numpy")
def _score(column, states, reference, side, margin, gaussian, mates, normals):
    """Score of the error of one neighbour of the reference, the lower (0) or the upper one (1)."""
    mean, slopes, curvatures, times = margin_form(
        column, states, reference, 2.0 * side - 1.0, gaussian, mates, normals
    )
    spread = math.sqrt(gaussian * gaussian + np.sum(times * slopes * slopes))
    if not holds(mean, margin, spread):
        return math.nan
    return tail_score(mean, gaussian, slopes, curvatures, times)


@numba.njit(cache=True, error_model="numpy")
def _strobe_s(shared, line, laws):
    """Time at which the step between both levels lacks no more than the residual: safeguarded Newton."""
    low_modes, high_modes = level_modes(line, laws[0]), level_modes(line, laws[1])
    lower, upper = laws[0, 0] + line.swing_V, laws[1, 0] + line.swing_V
    scale = 1.0 / min(low_modes[0][1], high_modes[0][1])
    low, high = 0.0, LONGEST_WAIT * scale
    allowed = shared.residual * (upper - lower)
    time = -scale * math.log(shared.residual)
    for _ in range(STROBE_STEPS):
        missing = upper * unsettled(high_modes, math.inf, time) - lower * unsettled(low_modes, math.inf, time)
        slope = lower * _rate(low_modes, time) - upper * _rate(high_modes, time)
        if missing > allowed:
            low = time
        else:
            high = time
        step = time - (missing - allowed) / slope
        if not (low <= step <= high):
            step = 0.5 * (low + high)
        moved = abs(step - time)
        time = step
        if moved < STROBE_ACCURACY * scale:
            break
    return time


@numba.njit(cache=True, error_model="numpy")
def _rate(modes, time):
    """How fast what is missing of a level falls [1/s]."""
    total = 0.0
    for share, rate in modes:
        total += share * rate * math.exp(-rate * time)
    return total


@numba.njit(cache=True, error_model="numpy")
def _equal_z(shared, levels, sigmas_V, drives, offset_scale):
    """Part of the way between the levels that is equally many standard deviations from both."""
    share = 0.5
    step = levels[1] - levels[0]
    for _ in range(PLACING_STEPS):
        low = (1.0 - share) * math.sqrt(sigmas_V[0] ** 2 + drives[0] ** 2)
        high = share * math.sqrt(sigmas_V[1] ** 2 + drives[1] ** 2)
        drive = drives[0] + share * (drives[1] - drives[0])
        own = (low * low + high * high) / shared.pairs + drive * drive
        point = levels[0] + share * step
        first = _offset_V(shared, 0.5 * (point + levels[0]), offset_scale)
        second = _offset_V(shared, 0.5 * (point + levels[1]), offset_scale)
        lower = math.sqrt(own + sigmas_V[0] ** 2 + first * first)
        upper = math.sqrt(own + sigmas_V[1] ** 2 + second * second)
        before = share
        share = lower / (lower + upper) if lower + upper > 0.0 else 0.5
        if abs(share - before) * step < PLACED_V:
            break
    return share


@numba.njit(cache=True, error_model="numpy")
def _offset_V(shared, common_mode_V, scale):
    """Offset at a common mode and an area, NaN outside of the table."""
    size = shared.offset_V.shape[1]
    place = (common_mode_V - shared.low_V) / (shared.high_V - shared.low_V) * (size - 1)
    if not 0.0 <= place <= size - 1:
        return math.nan
    return math.hypot(scale * _cubic(shared.offset_V[0], place), _cubic(shared.offset_V[1], place))


@numba.njit(cache=True, error_model="numpy")
def _cubic(table, place):
    """Cubic interpolation between the four nearest entries."""
    first = min(max(int(place) - 1, 0), table.size - 4)
    x = place - first
    return (
        -table[first] * (x - 1.0) * (x - 2.0) * (x - 3.0) / 6.0
        + table[first + 1] * x * (x - 2.0) * (x - 3.0) / 2.0
        - table[first + 2] * x * (x - 1.0) * (x - 3.0) / 2.0
        + table[first + 3] * x * (x - 1.0) * (x - 2.0) / 6.0
    )
