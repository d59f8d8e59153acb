import math

import numpy as np
import pytest
from scipy.special import log_ndtr, ndtr

from spinpim.circuit.level_kernel import Column, sensed_form, sensed_level, variables
from spinpim.circuit.level_tail import level_score
from spinpim.circuit.read_path import CellSpread, line_voltage
from spinpim.circuit.reference import NO_MATES

SIGMAS = np.array([0.03, 0.05, 0.0141])
CURRENT_A = 13e-6


def states(rows, ones):
    return np.array([1.0] * ones + [0.0] * (rows - ones))


def column(cell, rows, mode):
    """A line whose last tenth of the level is missing at the strobe, or a held line."""
    path = cell.read_path(300.0)
    if mode == "current":
        # A clamp of 1.6 kohm that holds 0.25 V without current; its load takes 11 kohm times that off 1 V.
        held = np.array([0.2, 0.1, 1.0 - 11e3 * 0.95 * (0.25 - 0.2) / 1.6e3, 11e3 * 0.95 * 0.1 / 1.6e3])
        strobe, bends_V = np.tile(held, (rows + 2, 1)), np.zeros(rows + 1)
        return Column(
            path, 0.25 / 1.6e3, 1.0 / 1.6e3, SIGMAS, strobe, bends_V, 2e-3 / 1.6e3, 0.0, 2e-3, 0.01, 1.0
        )
    current = rows * CURRENT_A
    # Each number of ones reads a little lower than the last, as if it settled later, and bends a little more.
    ones = np.arange(rows + 2)[:, None]
    strobe = np.array([0.2, 0.1, 0.185, 0.08, -0.002, 1e-4]) - ones * np.array([0, 0, 3e-3, 2e-3, 0, 0])
    return Column(
        path, current, 0.0, SIGMAS, strobe, 4e-3 * ones[:-1, 0], 0.02 * current, 0.02, 0.0, 0.0, 0.0
    )


def drawn_level(column, antiparallel, normals):
    """Sensed level of drawn columns by the arrays' functions; normals (samples, variables)."""
    cells = normals[..., : 3 * antiparallel.size].reshape(*normals.shape[:-1], antiparallel.size, 3)
    spread = CellSpread(
        np.exp(SIGMAS[0] * cells[..., 0]), np.exp(SIGMAS[1] * cells[..., 1]), SIGMAS[2] * cells[..., 2]
    )
    drive = normals[..., 3 * antiparallel.size]
    current = column.current_A + column.current_sigma_A * drive
    settled, _ = line_voltage(column.path, antiparallel, current, spread, column.shunt_S)
    scale = 1.0 + column.scale_sigma * drive
    ones = int(antiparallel.sum())
    centre, half, *coefficients = column.strobe[ones]
    place = ((settled - column.raised_sigma_V * drive) / scale - centre) / half
    output = scale * np.polynomial.polynomial.polyval(place, coefficients)
    output += column.scale_sigma * drive * column.drive_bend_V[ones]
    if column.load_sigma == 0.0:
        return output
    return column.supply_V + (1.0 + column.load_sigma * normals[..., -1]) * (output - column.supply_V)


@pytest.mark.parametrize("mode", ["voltage", "current"])
@pytest.mark.parametrize(("rows", "ones"), [(1, 0), (1, 1), (2, 1), (3, 2)])
def test_slopes_and_curvatures_of_a_level_are_its_differences(cell, rows, ones, mode):
    this, antiparallel, step = column(cell, rows, mode), states(rows, ones), 1e-3
    size = variables(this, rows)
    normals = np.random.default_rng(rows + ones).standard_normal(size)
    gradient, hessian = np.empty(size), np.empty((size, size))
    sensed_form(this, antiparallel, normals, gradient, hessian)
    moves = step * np.eye(size)
    up, down = (drawn_level(this, antiparallel, normals + sign * moves) for sign in (1.0, -1.0))
    assert gradient == pytest.approx((up - down) / (2 * step), abs=1e-5 * np.abs(gradient).max())
    pairs = [
        [drawn_level(this, antiparallel, normals + a * moves + b * moves[:, None]) for a in (1.0, -1.0)]
        for b in (1.0, -1.0)
    ]
    differences = (pairs[0][0] - pairs[0][1] - pairs[1][0] + pairs[1][1]) / (4 * step**2)
    assert hessian == pytest.approx(differences, abs=1e-4 * np.abs(hessian).max())


@pytest.mark.parametrize("mode", ["voltage", "current"])
@pytest.mark.parametrize(("rows", "ones", "side"), [(1, 1, 1.0), (2, 1, -1.0), (2, 2, 1.0), (3, 2, 1.0)])
@pytest.mark.parametrize("depth", [2.0, 6.5])
def test_the_error_is_that_of_drawn_cells_from_one_in_forty_to_one_in_ten_billion(
    cell, rows, ones, side, depth, mode
):
    # Importance sampling about the design point; 4 standard errors of at most 0.4 % each, and 0.3 % for what
    # the quadratic form leaves out: a false alarm in 16,000 of each of the sixteen cases.
    this, antiparallel, rest = column(cell, rows, mode), states(rows, ones), 5e-3
    normals, slopes = np.zeros((2, variables(this, rows)))
    value = sensed_level(this, antiparallel, normals, slopes)[0]
    reference = value - side * depth * math.hypot(rest, np.linalg.norm(slopes))
    score, *_ = level_score(this, antiparallel, reference, side, rest, NO_MATES, normals)
    point = normals
    drawn = np.random.default_rng(17).standard_normal((40_000, point.size)) + point
    levels = drawn_level(this, antiparallel, drawn)
    weights = np.exp(-drawn @ point + 0.5 * point @ point) * ndtr(-side * (levels - reference) / rest)
    truth, error = float(np.mean(weights)), float(np.std(weights)) / math.sqrt(weights.size)
    assert error < 4e-3 * truth
    assert math.exp(float(log_ndtr(score))) == pytest.approx(truth, rel=3e-3, abs=4.0 * error)


def test_the_score_changes_with_the_margin_as_its_slope_says(cell):
    this, antiparallel, sigma = column(cell, 2, "voltage"), states(2, 1), 4e-3
    normals, step = np.zeros(variables(this, 2)), 1e-4

    def score(reference_V):
        return level_score(this, antiparallel, reference_V, -1.0, sigma, NO_MATES, normals)

    # The reference lies above the level: raising it by a step raises the margin by as much.
    difference = (score(0.22 + step)[0] - score(0.22 - step)[0]) / (2 * step)
    assert score(0.22)[1] == pytest.approx(difference, rel=5e-3)


def test_more_gaussian_spread_makes_errors_more_likely(cell):
    this = column(cell, 2, "voltage")
    normals = np.zeros(variables(this, 2))
    quiet, loud = (
        level_score(this, states(2, 1), 0.22, -1.0, sigma, NO_MATES, normals)[0] for sigma in (4e-3, 8e-3)
    )
    assert quiet < loud


def test_a_current_that_the_cells_cannot_carry_has_no_score(cell):
    this = column(cell, 2, "voltage")._replace(current_A=1e-3)
    normals = np.zeros(variables(this, 2))
    assert math.isnan(level_score(this, states(2, 2), 0.2, 1.0, 4e-3, NO_MATES, normals)[0])
