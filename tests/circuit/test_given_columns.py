"""Errors of columns whose offset, reference and drive are given, and their mean over many columns."""

import math
import pickle

import numpy as np
import pytest
import v26_given_columns as given_columns
from scipy.optimize import brentq

from spinpim.circuit import sense
from spinpim.circuit.cell_tail import DRIVES, tabulated, tail_scores
from spinpim.circuit.level_kernel import sensed_level, variables
from spinpim.circuit.level_tail import level_score
from spinpim.circuit.reference import NO_MATES, ResistorReference, TrimmedReference
from spinpim.circuit.sensed_column import driven

OPERATIONS = [("READ", 1), ("AND", 2), ("OR", 2), ("MAJ", 3)]
AMPLIFIERS = ["amplifier", "small_amplifier", "clamp_amplifier"]
SAMPLES = 20_000


@pytest.fixture(scope="module")
def and_two(cell, amplifier):
    return sense(cell, amplifier)


def gauss(nodes, reach):
    places, weights = np.polynomial.legendre.leggauss(nodes)
    places, weights = reach * places, reach * weights
    return places, weights * np.exp(-0.5 * places**2) / math.sqrt(2.0 * math.pi)


@pytest.mark.parametrize(
    ("amplifier", "operation", "rows", "columns"),
    [
        ("strongarm_45nm", "AND", 2, [(0.0, 0.0, -5.0), (2.0, 2.0, 2.0)]),
        ("strongarm_45nm", "OR", 2, [(0.0, 0.0, 0.0), (-2.0, -2.0, -2.0)]),
        ("strongarm_minimum_45nm", "READ", 1, [(2.0, -2.0, -2.0), (-5.0, 5.0, 5.0)]),
        ("strongarm_minimum_45nm", "MAJ", 3, [(0.0, 0.0, 5.0), (0.0, -5.0, 0.0)]),
        ("current_clamp_45nm", "AND", 2, [(0.0, 5.0, 0.0), (0.0, 0.0, -5.0)]),
        ("current_clamp_45nm", "MAJ", 3, [(0.0, 0.0, 5.0), (2.0, 2.0, 2.0)]),
    ],
)
def test_the_errors_of_a_column_are_those_of_its_drawn_cells(amplifier, operation, rows, columns):
    # Four standard errors and 1 %: some thirty comparisons, false alarm 3e-3 in all; the seeds are fixed.
    compared = 0
    for number, case in enumerate(given_columns.cases(amplifier, operation, rows, columns)):
        for ours, sampled in ((case.static, case.column.static), (case.temporal, case.column.temporal)):
            if given_columns.DEEPEST < ours < given_columns.SHALLOWEST:
                truth, error = sampled(SAMPLES, number)
                assert error < 0.03 * truth
                assert ours == pytest.approx(truth, rel=given_columns.LEFT_OUT, abs=4.0 * error)
                compared += 1
    assert compared >= 3


@pytest.mark.parametrize("deviate", [-4.0, 4.0])
def test_a_reference_of_a_deviate_is_exceeded_as_often_as_the_deviate(deviate):
    truth, error = given_columns.reference_tail("strongarm_45nm", deviate, SAMPLES, seed=1)
    expected = 0.5 * math.erfc(abs(deviate) / math.sqrt(2.0))
    # Four standard errors: false alarm 6e-5.
    assert expected == pytest.approx(truth, rel=0.01, abs=4.0 * error)
    assert error < 0.03 * truth


@pytest.mark.parametrize(("operation", "rows"), OPERATIONS)
@pytest.mark.parametrize("name", AMPLIFIERS)
def test_column_errors_average_to_the_population(cell, name, operation, rows, request):
    sensing = sense(cell, request.getfixturevalue(name), operation=operation, rows=rows)
    (offsets, along), (others, across) = gauss(100, 12.0), gauss(24, 8.0)
    grid = np.stack(np.meshgrid(offsets, others, others, indexing="ij"), axis=-1).reshape(-1, 3)
    weights = np.einsum("i,j,k", along, across, across).ravel()
    found = [weights @ errors for errors in sensing.column_errors(grid)]
    for means, population in zip(found, (sensing.error_static, sensing.error_temporal), strict=True):
        for mean, (pattern, expected) in zip(means, population.items(), strict=True):
            # Errors below 1e-22 are of columns that the grid does not reach.
            if expected > 1e-22:
                assert mean == pytest.approx(expected, rel=0.01, abs=0.0), pattern


@pytest.mark.parametrize("name", AMPLIFIERS)
def test_the_means_at_given_references_are_those_of_columns_that_share_them(cell, name, request):
    law = sense(cell, request.getfixturevalue(name)).column_law
    (offsets, along), (drives, across) = gauss(100, 12.0), gauss(24, 8.0)
    references = np.array([-3.0, 0.0, 3.0])
    static, temporal = law.mean_errors(references)
    for row, reference in enumerate(references):
        grid = np.stack(np.meshgrid(offsets, [reference], drives, indexing="ij"), axis=-1).reshape(-1, 3)
        for found, errors in zip((static, temporal), law.errors(grid), strict=True):
            means = np.outer(along, across).ravel() @ errors
            assert found[row, 1:] == pytest.approx(means[1:], rel=0.01, abs=0.0)


@pytest.mark.parametrize("name", AMPLIFIERS)
def test_between_its_thresholds_a_table_is_the_score_itself(cell, name, request):
    # A score within 1e-3 is an error within 0.7 % at 1e-12.
    law = sense(cell, request.getfixturevalue(name)).column_law
    draw = np.random.default_rng(4)
    for states, noise in zip(law.states, law.noise_sigma_V, strict=True):
        columns = [driven(law.column, 8.0 * drive * law.towards_zero) for drive in DRIVES]
        tail = tabulated(columns, states, noise)
        for drive in draw.uniform(-1.0, 1.0, 5):
            column = driven(law.column, 8.0 * drive * law.towards_zero)
            normals = np.zeros(variables(column, states.size))
            for spreads in draw.uniform(-4.0, 4.0, 10):
                threshold = np.polynomial.polynomial.polyval(drive, tail.level_V)
                threshold += spreads * np.polynomial.polynomial.polyval(drive, tail.step_V)
                score, slope, _ = level_score(column, states, threshold, 1.0, noise, NO_MATES, normals)
                found = tail_scores(tail, np.array([threshold]), np.array([drive]))
                assert found[0][0] == pytest.approx(score, abs=1e-3)
                assert found[1][0] == pytest.approx(-slope, rel=5e-3)


@pytest.mark.parametrize("axis", [0, 1, 2])
@pytest.mark.parametrize("name", AMPLIFIERS)
def test_a_positive_deviate_shifts_answers_towards_zero_however_large(cell, name, axis, request):
    sensing = sense(cell, request.getfixturevalue(name))
    normals = np.zeros((801, 3))
    normals[:, axis] = np.linspace(-40.0, 40.0, 801)
    static, temporal = sensing.column_errors(normals)
    assert np.all(np.diff(static[:, 3]) >= 0.0)
    assert np.all(np.diff(static[:, :3], axis=0) <= 0.0)
    assert np.all((temporal >= 0.0) & (temporal <= 0.5))
    # The noise turns most where the cells are divided, and less the farther from there.
    divided = np.argmin(np.abs(static - 0.5), axis=0)
    for errors, middle in zip(temporal.T, divided, strict=True):
        top = int(np.argmax(errors))
        assert abs(top - middle) <= 3
        assert np.all(np.diff(errors[: top + 1]) >= 0.0)
        assert np.all(np.diff(errors[top:]) <= 0.0)


def test_a_column_whose_cells_are_divided_answers_by_chance(and_two):
    z = brentq(lambda z: float(and_two.column_errors([[z, 0.0, 0.0]])[0][0, 3]) - 0.5, 0.0, 15.0)
    _, temporal = and_two.column_errors([[z, 0.0, 0.0]])
    ratio = and_two.noise_sigma_V["11"] / and_two.level_sigma_V["11"]
    # Where the level is bent its spread is not that of the first order.
    assert temporal[0, 3] == pytest.approx(math.atan(ratio) / math.pi, rel=0.02)


def test_cells_without_spread_make_the_noise_alone_turn_an_answer(cell, device, amplifier):
    threshold_free = cell.read_transistor.replace(matching_V_m=0.0)
    exact = cell.replace(device=device.replace(records=()), read_transistor=threshold_free)
    sensing = sense(exact, amplifier)
    static, temporal = sensing.column_errors([[0.0, 0.0, 0.0], [5.0, 0.0, 0.0]])
    for place, pattern in enumerate(sensing.patterns):
        side = 1.0 if pattern == "11" else -1.0
        for row, offset in enumerate((0.0, 5.0)):
            left = sensing.margins_V[pattern] - side * offset * sensing.offset_sigma_V[pattern]
            tail = 0.5 * math.erfc(left / sensing.noise_sigma_V[pattern] / math.sqrt(2.0))
            assert static[row, place] == 0.0
            # The strobe is a polynomial within 0.2 uV of the settling.
            assert temporal[row, place] == pytest.approx(tail, rel=1e-2, abs=1e-30)


@pytest.mark.parametrize("scheme", [ResistorReference(0.01), TrimmedReference(4, 1e-3, 0.2)])
def test_other_references_shift_columns_by_what_is_left_of_their_spread(cell, amplifier, scheme):
    sensing = sense(cell, amplifier, reference=scheme)
    shift = sensing.column_law.reference_shift_V(np.array([-3.0, 2.0]))
    assert shift == pytest.approx(sensing.reference_sigma_V * np.array([-3.0, 2.0]), abs=0.0)
    static, _ = sensing.column_errors([[0.0, 0.0, 0.0], [0.0, 3.0, 0.0], [0.0, 0.0, 3.0]])
    taken_out = isinstance(scheme, TrimmedReference)
    assert np.all(static[1:] == static[0]) == taken_out


def test_a_drive_is_that_of_the_kernels_variables(cell, clamp_amplifier):
    law = sense(cell, clamp_amplifier).column_law
    normals, slopes = np.random.default_rng(3).standard_normal((2, variables(law.column, 2)))
    whole = sensed_level(law.column, law.states[1], normals, slopes)[0]
    column = driven(law.column, normals[-2:])
    own = np.append(normals[:-2], 0.0)
    assert sensed_level(column, law.states[1], own, slopes[:-1])[0] == pytest.approx(whole, rel=1e-12)


def test_a_sensing_survives_pickling_with_and_without_its_tables(and_two):
    normals = np.random.default_rng(2).standard_normal((20, 3))
    before = pickle.loads(pickle.dumps(and_two))
    expected = and_two.column_errors(normals)
    for one in (before, pickle.loads(pickle.dumps(and_two))):
        for found, errors in zip(one.column_errors(normals), expected, strict=True):
            assert np.array_equal(found, errors)


def test_a_column_does_not_depend_on_those_asked_with_it(and_two):
    normals = np.random.default_rng(9).standard_normal((50, 3))
    together = and_two.column_errors(normals)
    for row in (0, 17, 49):
        for found, all_errors in zip(and_two.column_errors(normals[row : row + 1]), together, strict=True):
            assert np.array_equal(found[0], all_errors[row])
